package httpx

import "math/rand/v2"

// HeaderRequestID carries the request id both ways.
const HeaderRequestID = "X-Request-Id"

const (
	requestIDLen    = 24 // 120 bits in base 32
	minRequestIDLen = 8
	maxRequestIDLen = 64
)

// RequestID returns the id a client brought when it is harmless in a log line
// and in a header, and a new one otherwise.
func RequestID(inbound []byte) string {
	if ValidRequestID(inbound) {
		return string(inbound)
	}
	return NewRequestID()
}

// NewRequestID returns a random id. It names a request and protects nothing, so
// that the cheap generator does.
func NewRequestID() string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	var b [requestIDLen]byte
	var bits uint64
	for i := range b {
		if i%12 == 0 { // 12 digits of 5 bits to a number of 64
			bits = rand.Uint64()
		}
		b[i] = digits[bits&31]
		bits >>= 5
	}
	return string(b[:])
}

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
