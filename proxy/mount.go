package proxy

import "scimedge/internal/httpx"

// serveAPI hands a request to the portal. Its body is read already, within the
// limits of the edge.
func (r *request) serveAPI() error {
	r.handOver()
	r.edge.API.Handle(r.ctx, r.scope())
	return nil
}

// serveUpstream hands a request to the application behind the edge.
func (r *request) serveUpstream() error {
	r.handOver()
	r.edge.Upstream(r.ctx)
	return nil
}

// handOver puts the body where PostBody finds it without touching the stream.
func (r *request) handOver() { r.ctx.Request.SetBodyRaw(r.body) }

// scope is what those behind the edge may know about a request.
func (r *request) scope() *httpx.Scope {
	s := &httpx.Scope{RequestID: r.reqID.String(), Tenant: r.tenant, Start: r.began, Remote: r.remote, Secure: r.secure}
	if r.site != nil {
		s.BaseURL = r.site.origin
	}
	return s
}
