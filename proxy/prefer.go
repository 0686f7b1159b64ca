package proxy

import "bytes"

// preference is what a client would like a write to answer with (RFC 7240,
// section 4.2); the server's own choice when it does not say.
type preference uint8

const (
	preferDefault preference = iota
	preferMinimal
	preferRepresentation
)

// prefer reads the Prefer headers; the first return preference wins.
func (r *request) prefer() preference {
	for _, line := range r.ctx.Request.Header.PeekAll("Prefer") {
		for len(line) > 0 {
			var p []byte
			p, line, _ = bytes.Cut(line, []byte(","))
			p, _, _ = bytes.Cut(p, []byte(";"))
			name, value, _ := bytes.Cut(p, []byte("="))
			if !foldEqual(bytes.TrimSpace(name), "return") {
				continue
			}
			switch value = bytes.Trim(bytes.TrimSpace(value), `"`); {
			case foldEqual(value, "minimal"):
				return preferMinimal
			case foldEqual(value, "representation"):
				return preferRepresentation
			}
		}
	}
	return preferDefault
}
