package proxy

import (
	"bytes"
	"fmt"
	"runtime/debug"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
)

// step is one station of the pipeline: it lets a request go on, or refuses it
// with the error to answer with.
type step struct {
	name string
	run  func(*request) error
}

// pipeline is the order in which a request is judged. Each step relies on those
// before it: nothing is routed that is not canonical, no token is looked at
// before the tenant is known, and of a body no more than the first few KiB that
// come with the header are read before the token is accepted.
func pipeline() []step {
	return []step{
		{"message", (*request).checkMessage},
		{"target", (*request).checkTarget},
		{"host", (*request).findTenant},
		{"route", (*request).findRoute},
		{"token", (*request).authenticate},
		{"rate", (*request).checkRate},
		{"alias", (*request).resolveMe},
		{"scope", (*request).authorize},
		{"offer", (*request).checkOffered},
		{"body", (*request).takeBody},
		{"handler", (*request).act},
	}
}

// handle runs the pipeline. fasthttp recovers no panic of a handler, and one
// would end the process: it is caught here, whichever step it came from.
func (e *Edge) handle(ctx *fasthttp.RequestCtx) {
	e.Metrics.Begin()
	r := e.begin(ctx)
	defer e.finish(r)
	defer r.recovered()
	for i := range e.steps {
		if err := e.steps[i].run(r); err != nil {
			r.fail(err)
			return
		}
	}
}

// recovered answers a panic with 500 and closes the connection. The stack goes
// to the log, where it may show code but no header or body.
func (r *request) recovered() {
	v := recover()
	if v == nil {
		return
	}
	r.edge.Metrics.Panicked()
	r.edge.Logger.Error("panic in a handler", "request_id", r.reqID.String(), "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
	r.ctx.Response.Reset()
	r.ctx.SetConnectionClose()
	r.reason = "panic"
	r.fail(fmt.Errorf("panic: %T", v))
}

// checkMessage refuses what fasthttp lets pass and RFC 9112 does not.
func (r *request) checkMessage() error {
	h := &r.ctx.Request.Header
	r.scim = scimPath(h.RequestURI())
	if p := h.Protocol(); string(p) != "HTTP/1.1" && string(p) != "HTTP/1.0" {
		r.ctx.SetConnectionClose()
		return scimcore.Errorf(505, scimcore.NoType, "This server speaks HTTP/1.1 and HTTP/1.0.")
	}
	if !knownMethod(h.Method()) {
		return scimcore.Errorf(501, scimcore.NoType, "The request's method is not known here.")
	}
	raw := h.RawHeaders()
	if folded(raw) {
		r.hangUp()
		return scimcore.Bad(scimcore.NoType, "A header is folded over several lines, which HTTP/1.1 no longer allows.")
	}
	if hasHeader(raw, "transfer-encoding") {
		switch {
		case hasHeader(raw, "content-length"):
			r.hangUp()
			return scimcore.Bad(scimcore.NoType, "The request has both Content-Length and Transfer-Encoding.")
		case h.ContentLength() != chunked:
			r.hangUp()
			return scimcore.Errorf(501, scimcore.NoType, "The request has a Transfer-Encoding other than chunked, the only one read here.")
		}
	}
	return nil
}

// chunked is what fasthttp calls the length of a chunked body.
const chunked = -1

func knownMethod(m []byte) bool {
	switch string(m) {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}

// folded reports whether a header line goes on in the next one.
func folded(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\n')
		if i < 0 || i+1 == len(raw) {
			return false
		}
		if raw = raw[i+1:]; raw[0] == ' ' || raw[0] == '\t' {
			return true
		}
	}
}

// hasHeader looks a header up in the raw block, since fasthttp forgets the
// Content-Length of a chunked request.
func hasHeader(raw []byte, lower string) bool {
	for len(raw) > 0 {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && foldEqual(bytes.TrimSpace(name), lower) {
			return true
		}
	}
	return false
}

// scimPath reports whether a raw target is below /scim, so that even a request
// refused before routing is answered in the right form.
func scimPath(uri []byte) bool {
	if len(uri) > 0 && uri[0] != '/' {
		if _, rest, ok := bytes.Cut(uri, []byte("://")); ok {
			uri = rest[max(bytes.IndexByte(rest, '/'), 0):]
		}
	}
	const root = "/scim"
	if len(uri) < len(root) || !foldEqual(uri[:len(root)], root) {
		return false
	}
	return len(uri) == len(root) || uri[len(root)] == '/' || uri[len(root)] == '?'
}

func (r *request) checkTarget() error {
	t, err := cutTarget(r.ctx.Request.Header.RequestURI())
	if err != nil {
		r.reason = "path"
		return err
	}
	r.target = t
	return nil
}

// apiBodyBytes bounds the bodies of the portal's calls.
const apiBodyBytes = 64 << 10

// takeBody reads the body for the actions that want one; the others leave it
// unread, and fasthttp drops it.
func (r *request) takeBody() error {
	switch a := r.action; {
	case a.body == noBody:
		r.abandonBody()
		return nil
	case a.body == apiBody:
		return r.readBody(apiBodyBytes)
	case a.body == scimBody:
		h := &r.ctx.Request.Header
		if err := checkContentType(h.ContentType(), h.Peek(fasthttp.HeaderContentEncoding)); err != nil {
			return err
		}
	}
	large := r.typ != nil && r.typ.Name == "Group" || r.action.verb == verbBulk
	return r.readBody(r.edge.bodyLimit(large))
}

func (r *request) act() error { return r.action.run(r) }
