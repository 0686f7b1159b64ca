package proxy

import (
	"hash/crc32"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
)

// discovery holds the documents of one site, rendered once (DISC-A03) and again
// when the tenant's schema has changed. They say what this edge does because they
// are made from the settings it runs on.
type discovery struct {
	of                     *scimcore.Catalog
	config, types, schemas document
}

type document struct {
	body []byte
	tag  string
}

func newDocument(body []byte) document {
	return document{body, `W/"` + strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 36) + `"`}
}

// Features is what the server offers to a tenant that switched nothing off.
func (e *Edge) Features() scimcore.Features {
	return scimcore.Features{
		Patch: true, Bulk: !e.Limits.BulkOff, Filter: true, Sort: true, ETag: true,
		MaxOperations:   e.Limits.BulkOperations,
		MaxPayloadSize:  int64(e.Limits.LargeBodyBytes),
		MaxResults:      e.Limits.MaxPageSize,
		Cursor:          true,
		CursorTimeout:   int(e.Limits.CursorLife / time.Second),
		Index:           true,
		DefaultMethod:   "index",
		DefaultPageSize: e.Limits.PageSize,
		MaxPageSize:     e.Limits.MaxPageSize,
	}
}

func (r *request) documents() *discovery {
	s, cat := r.site, r.dir.Catalog()
	if made := s.discovery.Load(); made != nil && made.of == cat {
		return made
	}
	made := &discovery{
		of:      cat,
		config:  newDocument(cat.AppendConfig(nil, s.base, r.edge.featuresOf(r.tenant, r.dir.Dialect()))),
		types:   newDocument(cat.AppendResourceTypes(nil, s.base)),
		schemas: newDocument(cat.AppendSchemas(nil, s.base)),
	}
	s.discovery.Store(made)
	return made
}

func (r *request) serviceProviderConfig() error { return r.document(&r.documents().config) }
func (r *request) resourceTypes() error         { return r.document(&r.documents().types) }
func (r *request) schemas() error               { return r.document(&r.documents().schemas) }

func (r *request) resourceType() error {
	body, ok := r.dir.Catalog().AppendResourceType(nil, r.site.base, r.pathID())
	return r.single(body, ok, "resource type")
}

func (r *request) schema() error {
	body, ok := r.dir.Catalog().AppendSchema(nil, r.site.base, r.pathID())
	return r.single(body, ok, "schema")
}

func (r *request) single(body []byte, ok bool, what string) error {
	if !ok {
		return scimcore.Errorf(404, scimcore.NoType, "There is no such %s. The list of all is one level up.", what)
	}
	d := newDocument(body)
	return r.document(&d)
}

// document answers with a discovery document: the same for everyone, so it may
// be kept for a while. Parameters are ignored (DISC-09) but for a filter, which
// must not look as if it had been applied (DISC-08).
func (r *request) document(d *document) error {
	if hasParam(r.target.query, "filter") {
		return scimcore.Errorf(403, scimcore.NoType, "Discovery endpoints cannot be filtered. Leave the filter out.")
	}
	h := &r.ctx.Response.Header
	h.Set(fasthttp.HeaderETag, d.tag)
	h.Set(fasthttp.HeaderCacheControl, "public, max-age=60")
	h.Set(fasthttp.HeaderVary, "Accept, Host")
	if list := r.ctx.Request.Header.Peek(fasthttp.HeaderIfNoneMatch); list != nil && holdsTag(list, d.tag, opaque) {
		r.ctx.SetStatusCode(fasthttp.StatusNotModified)
		r.ctx.Response.SkipBody = true
		return nil
	}
	r.out = append(r.out[:0], d.body...)
	r.respond(200, r.accept)
	return nil
}
