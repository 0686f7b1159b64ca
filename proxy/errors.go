package proxy

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"scimedge/internal/httpx"
	"scimedge/kv"
	"scimedge/scimcore"
)

// storeAnswers says what a client is told about an error of the store. Trouble
// that passes is 503 with Retry-After, so that identity providers come back
// instead of giving a person up (ERR-A02).
func storeAnswers() []storeAnswer {
	return []storeAnswer{
		{kv.ErrConflict, 503, 1, "conflict", "Too many writes met on the same data. Try again in a second."},
		{kv.ErrUnknownOutcome, 500, 0, "outcome_unknown", "Storing the change failed and its outcome is unknown: it may or may not have been made. Read the resource before trying again."},
		{kv.ErrStopped, 503, 60, "store_stopped", "The server takes no writes until its operator has looked after the store. Nothing was changed."},
		{kv.ErrNoSpace, 507, 60, "no_space", "The server is out of disk space and takes no writes. Nothing was changed."},
		{kv.ErrTooLarge, 413, 0, "too_large", "The resource would be larger than the 512 KiB one may have, its members not counted. Send less in it."},
		{kv.ErrClosed, 503, 1, "closing", "The server is stopping. Try again in a second."},
		{context.DeadlineExceeded, 503, 1, "timeout", "The request took too long and was given up."},
		{context.Canceled, 503, 1, "closing", "The server is stopping. Try again in a second."},
	}
}

type storeAnswer struct {
	is         error
	status     int
	retryAfter int
	reason     string
	detail     string
}

// fail answers with an error.
func (r *request) fail(err error) {
	e, retryAfter := r.explain(err)
	if retryAfter > 0 {
		r.retryAfter(retryAfter)
	}
	r.abandonBody()
	resp := &r.ctx.Response
	resp.SkipBody = false
	if e.Status != 412 { // where the tag says what the client has missed
		resp.Header.Del(fasthttp.HeaderETag)
		resp.Header.Del(fasthttp.HeaderLastModified)
	}
	resp.Header.Del(fasthttp.HeaderLocation)
	resp.Header.Del("Content-Location")
	resp.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	if r.scim {
		r.out = scimcore.AppendError(r.out[:0], e)
		r.respond(e.Status, r.accept)
		return
	}
	httpx.WriteProblem(r.ctx, r.scope(), httpx.NewProblem(e.Status, e.Detail))
}

// explain is the only place where an error becomes a status code: that of the
// answer, or of one operation of a bulk request. An error meant for clients is
// passed on; one of the store is looked up; any other is 500, and what it says goes
// to the log alone. retryAfter is in seconds, 0 for never.
func (r *request) explain(err error) (e *scimcore.Error, retryAfter int) {
	if errors.As(err, &e) {
		return e, 0
	}
	r.failed = err
	for _, a := range storeAnswers() {
		if errors.Is(err, a.is) {
			r.reason = a.reason
			return &scimcore.Error{Status: a.status, Detail: a.detail}, a.retryAfter
		}
	}
	if r.reason == "" {
		r.reason = "internal"
	}
	return scimcore.Errorf(500, scimcore.NoType, "The server failed. Its log says why, under request id %s.", r.reqID.String()), 0
}
