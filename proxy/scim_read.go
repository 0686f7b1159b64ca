package proxy

import (
	"errors"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
)

// errNotModified ends a read that the client's copy makes needless.
var errNotModified = errors.New("not modified")

// get answers GET and HEAD of one resource: it is rendered inside the read
// transaction, out of the stored bytes.
func (r *request) get() error {
	if err := r.parseQuery(); err != nil {
		return err
	}
	show, err := r.projection()
	if err != nil {
		return err
	}
	r.cond = r.conditions()
	err = r.dir.Get(r.edge.life, r.typ, view(r.id), func(res *scimcore.Resource) error {
		// Rendered first: the tag speaks of what the answer would show.
		if err := r.render(res, show); err != nil {
			return err
		}
		if !r.cond.any() {
			return nil
		}
		return r.cond.forRead(res, datesAll(r.typ, show))
	})
	switch {
	case err == errNotModified:
		r.ctx.SetStatusCode(fasthttp.StatusNotModified)
		r.ctx.Response.SkipBody = true
		return nil
	case err != nil:
		return err
	}
	r.respond(200, r.accept)
	return nil
}

// notBuilt answers for what the standard has and this server does not.
func (r *request) notBuilt() error {
	return scimcore.Errorf(501, scimcore.NoType, "This server does not offer that. ServiceProviderConfig says what it offers.")
}
