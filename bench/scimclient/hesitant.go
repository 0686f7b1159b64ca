package scimclient

import (
	"context"
	"io"
	"time"
)

// firstPart is how much of a hesitant body is sent at once.
const firstPart = 64 << 10

// hesitant is a body of which the first part is sent at once, and the rest only
// when no answer has come for a while. A server may refuse a message by its declared
// length and hang up; a client that is still writing then never sees the answer.
type hesitant struct {
	ctx   context.Context // ends with the answer
	body  []byte
	pause time.Duration
	sent  int
}

func (h *hesitant) Read(p []byte) (int, error) {
	rest := h.body[h.sent:]
	switch {
	case len(rest) == 0:
		return 0, io.EOF
	case h.sent < firstPart:
		rest = rest[:min(len(rest), firstPart-h.sent)]
	case h.pause > 0:
		select {
		case <-time.After(h.pause):
			h.pause = 0
		case <-h.ctx.Done():
			return 0, h.ctx.Err()
		}
	}
	n := copy(p, rest)
	h.sent += n
	return n, nil
}
