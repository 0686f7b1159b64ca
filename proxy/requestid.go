package proxy

import "math/rand/v2"

// requestID names a request in its answer, the log and the change log. A client
// may bring its own, as long as it is short and plain; else it is random. It is
// an array, so that a request without a log entry allocates nothing for it.
type requestID struct {
	text [64]byte
	n    uint8
}

func newRequestID(brought []byte) (id requestID) {
	if n := len(brought); n >= 8 && n <= len(id.text) && plain(brought) {
		id.n = uint8(copy(id.text[:], brought))
		return id
	}
	const digits = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32
	hi, lo := rand.Uint64(), rand.Uint64()
	for i := range 24 {
		id.text[i] = digits[hi&31]
		hi = hi>>5 | lo<<59
		lo >>= 5
	}
	id.n = 24
	return id
}

// plain keeps foreign ids out of log lines and headers unless they are harmless.
func plain(b []byte) bool {
	for _, c := range b {
		if c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-' || c == '_' || c == '.' {
			continue
		}
		return false
	}
	return true
}

func (id *requestID) bytes() []byte  { return id.text[:id.n] }
func (id *requestID) String() string { return string(id.text[:id.n]) }
