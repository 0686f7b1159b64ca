package proxy

import (
	"math/rand/v2"

	"scimedge/internal/httpx"
)

// requestID names a request in its answer, the log and the change log. A client
// may bring its own, as long as it is short and plain; else it is random, in the
// form of httpx.NewRequestID. It is an array, so that a request that is only
// read and not logged allocates nothing for it.
type requestID struct {
	text [64]byte
	n    uint8
}

func newRequestID(brought []byte) (id requestID) {
	if httpx.ValidRequestID(brought) { // at most 64 bytes
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

func (id *requestID) bytes() []byte  { return id.text[:id.n] }
func (id *requestID) String() string { return string(id.text[:id.n]) }
