package proxy

import (
	"bytes"

	"scimedge/scimcore"
)

// parseQuery decodes the query string, once, with both "+" and %20 as a space.
// Parameters that SCIM does not define are ignored (HTTP-15).
func (r *request) parseQuery() error {
	q := &r.params
	*q = scimcore.NewSearch()
	for rest := r.target.query; len(rest) > 0; {
		var part []byte
		part, rest, _ = bytes.Cut(rest, []byte("&"))
		name, raw, _ := bytes.Cut(part, []byte("="))
		if !q.Known(name) {
			continue
		}
		value, ok := unescapeQuery(raw)
		if !ok {
			return scimcore.Bad(scimcore.InvalidValue, "The query parameter %s is not percent-encoded correctly.", name)
		}
		if err := q.Set(name, value); err != nil {
			return err
		}
	}
	return q.Check()
}

// unescapeQuery decodes one value; false if a percent sign is not followed by
// two hexadecimal digits.
func unescapeQuery(raw []byte) (string, bool) {
	if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
		return string(raw), true
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			b, ok := unhexPair(raw[i+1:])
			if !ok {
				return "", false
			}
			out = append(out, b)
			i += 2
		default:
			out = append(out, raw[i])
		}
	}
	return view(out), true
}

// projection is what the request wants to see of a resource; nil for the default.
func (r *request) projection() (*scimcore.Projection, error) { return r.projectionOf(r.typ) }

// projectionOf is what the request wants to see of resources of type t.
func (r *request) projectionOf(t *scimcore.Type) (*scimcore.Projection, error) {
	if r.params.Attributes == "" && r.params.Excluded == "" {
		return nil, nil
	}
	show, err := scimcore.ParseProjection(t, r.params.Attributes, r.params.Excluded, r.dir.Dialect(), &r.notes)
	if err != nil {
		return nil, err
	}
	return show, r.refuseSensitive(show.Personal())
}
