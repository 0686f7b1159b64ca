package proxy

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
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

// maxPageBytes ends a page before its count is reached, as the standard allows
// (RFC 7644, section 3.4.2.4): a page of large groups would not fit into memory.
const maxPageBytes = 8 << 20

// list answers a query on one endpoint. The page is rendered into memory inside
// the read transaction and sent after it, so that no slow client holds one open.
func (r *request) list() error {
	if err := r.parseQuery(); err != nil {
		return err
	}
	show, err := r.projection()
	if err != nil {
		return err
	}
	q := directory.Query{Base: r.site.base, StartIndex: r.params.startIndex, Count: r.edge.Limits.PageSize}
	if r.params.hasCount {
		q.Count = min(r.params.count, r.edge.Limits.MaxPageSize)
	}
	if r.params.hasFilter {
		if q.Filter, err = scimcore.ParseFilter(r.typ, r.params.filter, r.dir.Dialect(), &r.notes); err != nil {
			return err
		}
		if err := r.refuseSensitive(q.Filter.Personal()); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(r.edge.life, r.edge.Limits.RequestTimeout)
	defer cancel()
	var page scimcore.ListWriter
	page.Reset(r.out)
	total, err := r.dir.List(ctx, r.typ, q, func(res *scimcore.Resource) error {
		if err := page.Add(res, r.site.base, show); err != nil {
			return err
		}
		if page.Len() > maxPageBytes {
			return directory.ErrEnough
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	r.out = page.Finish(scimcore.ListCounts{Total: total, StartIndex: q.StartIndex})
	r.respond(200, r.accept)
	return nil
}

// notBuilt answers for what the standard has and this server does not.
func (r *request) notBuilt() error {
	return scimcore.Errorf(501, scimcore.NoType, "This server does not offer that. ServiceProviderConfig says what it offers.")
}
