package httpx

import "math/rand/v2"

// HeaderRequestID carries the request id both ways.
const HeaderRequestID = "X-Request-Id"

const (
	requestIDLen    = 24 // 120 bits in base 32
	minRequestIDLen = 8
	maxRequestIDLen = 64
)

// RequestID names a request in its answer, the log and the change log. It is an
// array, so that a request that is only read and not logged allocates nothing
// for it.
type RequestID struct {
	text [maxRequestIDLen]byte
	n    uint8
}

// NewRequestID takes over the id a client brought when it is harmless in a log
// line and in a header, and makes a random one otherwise. It protects nothing, so
// that the cheap generator does.
func NewRequestID(brought []byte) (id RequestID) {
	if ValidRequestID(brought) {
		id.n = uint8(copy(id.text[:], brought))
		return id
	}
	const digits = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32
	var bits uint64
	for i := range requestIDLen {
		if i%12 == 0 { // 12 digits of 5 bits to a number of 64
			bits = rand.Uint64()
		}
		id.text[i] = digits[bits&31]
		bits >>= 5
	}
	id.n = requestIDLen
	return id
}

// Bytes is the id without a copy, valid as long as id.
func (id *RequestID) Bytes() []byte { return id.text[:id.n] }

// String is the id as a string of its own.
func (id *RequestID) String() string { return string(id.text[:id.n]) }

// ValidRequestID reports whether b consists of 8 to 64 letters, digits, dots,
// hyphens and underscores.
func ValidRequestID(b []byte) bool {
	if len(b) < minRequestIDLen || len(b) > maxRequestIDLen {
		return false
	}
	for _, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
