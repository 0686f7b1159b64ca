package proxy

import (
	"context"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/scimcore"
)

// maxPageBytes ends a page before its count is reached, as the standard allows
// (RFC 7644, section 3.4.2.4): a page of large groups would not fit into memory.
const maxPageBytes = 8 << 20

// list answers a query by GET on one endpoint.
func (r *request) list() error { return r.byQuery(r.one) }

// listAll answers a query by GET at the base URL (RFC 7644, section 3.4.2.1).
func (r *request) listAll() error { return r.byQuery(r.all) }

// search answers POST to the .search of one endpoint (RFC 7644, section 3.4.3).
func (r *request) search() error { return r.byBody(r.one) }

// searchAll answers POST to the .search of the base URL.
func (r *request) searchAll() error { return r.byBody(r.all) }

func (r *request) byQuery(types func() []*scimcore.Type) error {
	if err := r.parseQuery(); err != nil {
		return err
	}
	d, shows, err := r.compile(types())
	if err != nil {
		return err
	}
	return r.answerQuery(d, shows)
}

// byBody goes by the body alone; what stands in the query string is ignored
// (SRCH-A01).
func (r *request) byBody(types func() []*scimcore.Type) (err error) {
	if r.params, err = scimcore.ParseSearch(r.body, r.dir.Dialect(), &r.notes); err != nil {
		return err
	}
	d, shows, err := r.compile(types())
	if err != nil {
		return err
	}
	return r.answerQuery(d, shows)
}

func (r *request) one() []*scimcore.Type { return []*scimcore.Type{r.typ} }

// all are the types the token may read.
func (r *request) all() []*scimcore.Type {
	var out []*scimcore.Type
	for _, t := range r.dir.Catalog().Types() {
		if r.principal.Allows(false, t.Endpoint) {
			out = append(out, t)
		}
	}
	return out
}

// answerQuery answers with one page. It is rendered into memory inside the read
// transaction and sent after it, so that no slow client holds one open.
func (r *request) answerQuery(d directory.Query, shows map[*scimcore.Type]*scimcore.Projection) error {
	p := pager{r: r, query: &d}
	if err := p.begin(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.edge.life, r.edge.Limits.RequestTimeout)
	defer cancel()
	var page scimcore.ListWriter
	page.Reset(r.out)
	found, err := r.dir.List(ctx, d, func(res *scimcore.Resource) error {
		if err := page.Add(res, r.site.base, shows[res.Type]); err != nil {
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
	counts, err := p.end(&found)
	if err != nil {
		return err
	}
	r.ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	r.out = page.Finish(counts)
	r.respond(200, r.accept)
	return nil
}

// compile reads the parameters against each of the types.
func (r *request) compile(types []*scimcore.Type) (d directory.Query, shows map[*scimcore.Type]*scimcore.Projection, err error) {
	if len(types) == 0 {
		return d, nil, errScope()
	}
	p := &r.params
	d = directory.Query{Base: r.site.base, StartIndex: p.StartIndex, Count: r.edge.Limits.PageSize}
	if p.HasCount {
		d.Count = min(p.Count, r.edge.Limits.MaxPageSize)
	}
	for _, t := range types {
		s := directory.Source{Type: t}
		if p.HasFilter {
			if s.Filter, err = scimcore.ParseFilterAmong(t, types, p.Filter, r.dir.Dialect(), &r.notes); err != nil {
				return d, nil, err
			}
			if err := r.refuseSensitive(s.Filter.Personal()); err != nil {
				return d, nil, err
			}
		}
		if s.Order, err = scimcore.ParseOrder(t, types, p.SortBy, p.SortOrder); err != nil {
			return d, nil, err
		}
		d.Sources = append(d.Sources, s)
		show, err := r.projectionOf(t)
		if err != nil {
			return d, nil, err
		}
		if show != nil && shows == nil {
			shows = map[*scimcore.Type]*scimcore.Projection{}
		}
		if show != nil {
			shows[t] = show
		}
	}
	return d, shows, nil
}
