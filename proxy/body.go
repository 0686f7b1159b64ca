package proxy

import (
	"errors"
	"io"
	"net"
	"sync/atomic"

	"scimedge/scimcore"
)

// Bodies are streamed: fasthttp reads at most 8 KiB before the handler runs, so
// the rest is read here, after authentication, into memory taken from a budget
// that all requests share. (Left to itself fasthttp allocates the whole
// Content-Length of a stranger up front, and PostBody of a chunked stream
// ignores the limit; nothing here calls it before readBody has run.)

// budget is the bytes of request bodies that may be held at the same time.
type budget struct {
	free int64
	used atomic.Int64
}

func (b *budget) take(n int64) bool {
	if b.used.Add(n) > b.free {
		b.used.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// tenantShare is the part of the budget that one tenant may hold, as a divisor:
// whoever sends slowly on many connections keeps out nobody but itself.
const tenantShare = 2

// shareOf is the budget of one tenant.
func (e *Edge) shareOf(tenantID string) *budget {
	if b, ok := e.shares.Load(tenantID); ok {
		return b.(*budget)
	}
	// Never less than one body of the largest kind takes.
	free := max(e.Limits.BodyBytesInFlight/tenantShare, int64(e.Limits.LargeBodyBytes)+1)
	b, _ := e.shares.LoadOrStore(tenantID, &budget{free: free})
	return b.(*budget)
}

// firstRead is how much is allocated for a body before any of it is seen; it
// doubles as the bytes arrive, so that a slow sender holds no more than twice
// what it has sent.
const firstRead = 16 << 10

// readBody reads the whole body into r.body, or refuses it.
func (r *request) readBody(limit int) error {
	n := r.ctx.Request.Header.ContentLength()
	if n > limit {
		return r.refuseBody(limit)
	}
	stream := r.ctx.RequestBodyStream()
	if stream == nil || n == 0 {
		r.body = r.body[:0]
		return nil
	}
	most := limit + 1 // one more than allowed tells too long from just long enough
	if n > 0 {
		most = n + 1
	}
	size := min(most, firstRead)
	if !r.hold(size) {
		return r.shed()
	}
	buf := r.body[:0]
	if cap(buf) < size {
		buf = make([]byte, 0, size)
	}
	for {
		if len(buf) == cap(buf) {
			size = min(most, 2*cap(buf))
			if !r.hold(size - cap(buf)) {
				return r.shed()
			}
			grown := make([]byte, len(buf), size)
			copy(grown, buf)
			buf = grown
		}
		got, err := stream.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+got]
		if len(buf) > limit {
			return r.refuseBody(limit)
		}
		switch {
		case err == io.EOF && n >= 0 && len(buf) < n:
			return r.brokenBody(io.ErrUnexpectedEOF)
		case err == io.EOF:
			r.body = buf
			return nil
		case err != nil:
			return r.brokenBody(err)
		}
	}
}

// hold takes n bytes from the tenant's share and from the budget of all until
// the request ends.
func (r *request) hold(n int) bool {
	if r.share == nil {
		r.share = r.edge.shareOf(r.tenant.ID)
	}
	if !r.share.take(int64(n)) {
		return false
	}
	if !r.edge.budget.take(int64(n)) {
		r.share.give(int64(n))
		return false
	}
	r.held += int64(n)
	return true
}

// letGo gives back what the request holds.
func (r *request) letGo() {
	if r.held > 0 {
		r.share.give(r.held)
		r.edge.budget.give(r.held)
	}
}

func (r *request) refuseBody(limit int) error {
	r.hangUp()
	return scimcore.Errorf(413, scimcore.NoType, "The body is larger than the %d bytes allowed here. Send the change in several requests.", limit)
}

// shed answers 503 while too many bytes are in flight; the client comes back.
func (r *request) shed() error {
	r.hangUp()
	r.retryAfter(1)
	r.reason = "body_budget"
	return scimcore.Errorf(503, scimcore.NoType, "The server is receiving too much at once. Try again in a second.")
}

func (r *request) brokenBody(err error) error {
	r.hangUp()
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return scimcore.Errorf(408, scimcore.NoType, "The body did not arrive in time.")
	}
	return scimcore.Bad(scimcore.InvalidSyntax, "The body is incomplete or wrongly chunked.")
}

// smallRest is how much of an unread body is worth reading to keep a connection.
const smallRest = 64 << 10

// abandonBody is for answers given without reading the body.
func (r *request) abandonBody() {
	if n := r.ctx.Request.Header.ContentLength(); r.held == 0 && (n > smallRest || n == -1) {
		r.hangUp()
	}
}

// hangUp closes the connection after the answer, since the rest of the body is
// still on its way, and lingers so that the client gets to read the answer.
func (r *request) hangUp() {
	r.ctx.SetConnectionClose()
	linger(r.ctx.Conn())
}
