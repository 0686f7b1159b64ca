package proxy

import (
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
)

// render writes the resource into r.out and what tells about it into the header.
func (r *request) render(res *scimcore.Resource, show *scimcore.Projection) (err error) {
	r.out, err = scimcore.AppendResource(r.out[:0], res, r.site.base, show)
	r.tag(res)
	return err
}

// tag sets the headers of an answer about a resource: its version, its date,
// its place, and that nobody in between may keep it (it is personal data) without asking.
func (r *request) tag(res *scimcore.Resource) {
	h := &r.ctx.Response.Header
	var buf [256]byte
	h.SetBytesV(fasthttp.HeaderETag, res.AppendTag(buf[:0]))
	h.SetBytesV(fasthttp.HeaderLastModified, fasthttp.AppendHTTPDate(buf[:0], time.UnixMilli(res.Modified)))
	h.SetBytesV("Content-Location", r.site.location(buf[:0], res.Type.Endpoint, res.ID))
	h.Set(fasthttp.HeaderCacheControl, "private, no-cache")
}
