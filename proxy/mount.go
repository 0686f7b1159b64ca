package proxy

import (
	"scimedge/scimcore"
)

// serveAPI hands a request to the portal. Its body is read already, within the
// limits of the edge.
func (r *request) serveAPI() error {
	if r.edge.API == nil {
		return scimcore.Errorf(404, scimcore.NoType, "There is nothing here.")
	}
	r.handOver()
	r.edge.API.ServeEdge(r.ctx, Caller{
		Tenant: r.tenant, RequestID: r.id.String(), Remote: r.remote, BaseURL: r.site.origin, Secure: r.secure,
	})
	return nil
}

// serveUpstream hands a request to the application behind the edge.
func (r *request) serveUpstream() error {
	if r.edge.Upstream == nil {
		return scimcore.Errorf(404, scimcore.NoType, "There is nothing here.")
	}
	r.handOver()
	r.edge.Upstream(r.ctx)
	return nil
}

// handOver puts the body where PostBody finds it without touching the stream.
func (r *request) handOver() { r.ctx.Request.SetBodyRaw(r.body) }
