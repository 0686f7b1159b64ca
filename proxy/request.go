package proxy

import (
	"fmt"
	"net/netip"
	"runtime/debug"
	"time"
	"unsafe"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/internal/httpx"
	"scimedge/metrics"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// request is one request on its way through the pipeline. It is pooled: nothing
// may keep it, or what it points to, after finish.
type request struct {
	edge  *Edge
	ctx   *fasthttp.RequestCtx
	reqID httpx.RequestID
	began time.Time

	target target
	scim   bool // errors are SCIM messages, else problem details
	remote netip.Addr
	secure bool
	accept string // media type of SCIM answers

	tenant    *tenancy.Tenant
	site      *site
	dir       *directory.Directory
	principal *tenancy.Principal
	caller    *caller
	bound     *metrics.Bound

	routed       []byte // the shape of the path, as the router sees it
	endpoint     []byte // its endpoint segment, in lower case
	id           []byte // its id segment, decoded
	action       *action
	typ          *scimcore.Type
	op           metrics.Op
	reason       string // why it was refused, for metrics and the log
	refusedToken tenancy.Refusal
	failed       error // what fail made a 5xx of
	change       *directory.Change
	noop         bool                 // a write that changed nothing
	wrote        *scimcore.Projection // what the answer to a write shows, when that is not the usual
	seq          uint64               // of the last change of a bulk request, which counts its changes itself

	params scimcore.Search
	cond   conditions // of a read
	notes  scimcore.Notes
	body   []byte  // valid until the request ends
	share  *budget // the tenant's part of the body budget
	held   int64   // taken from it and from the edge's
	out    []byte  // the answer being written
}

// keptBytes is the largest buffer worth keeping: with every connection, as it
// holds the body of its last answer, and in the pool of requests.
const keptBytes = 16 << 10

func (e *Edge) begin(ctx *fasthttp.RequestCtx) *request {
	r := e.pool.Get().(*request)
	*r = request{
		edge: e, ctx: ctx, began: e.Clock(), accept: typeSCIM,
		body: r.body[:0], out: r.out[:0], routed: r.routed[:0], endpoint: r.endpoint[:0], id: r.id[:0], notes: r.notes[:0],
	}
	r.reqID = httpx.NewRequestID(ctx.Request.Header.Peek("X-Request-Id"))
	r.remote = addrOf(ctx.RemoteAddr())
	return r
}

// finish sends the numbers off and gives everything back. An observer is foreign
// code that runs after the answer is made; its panic must not end the process.
func (e *Edge) finish(r *request) {
	defer func() {
		if v := recover(); v != nil {
			e.Metrics.Panicked()
			e.Logger.Error("panic in an observer", "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	r.letGo()
	h := &r.ctx.Response.Header
	h.SetBytesV("X-Request-Id", r.reqID.Bytes())
	h.Set("X-Content-Type-Options", "nosniff")
	took := e.Clock().Sub(r.began)
	status := r.ctx.Response.StatusCode()
	r.count(status, took)
	e.Observer.Observe(r.observation(status, took))
	if cap(r.body) > keptBytes {
		r.body = nil
	}
	if cap(r.out) > keptBytes {
		r.out = nil
	}
	e.pool.Put(r)
}

// pathID is the id in the path as a string of its own.
func (r *request) pathID() string { return string(r.id) }

// respond sends r.out as the body. A usual buffer is swapped with the one the
// connection holds; a large one is handed over, so that no connection keeps it.
func (r *request) respond(status int, contentType string) {
	resp := &r.ctx.Response
	resp.SetStatusCode(status)
	resp.Header.SetContentType(contentType)
	if len(r.out) > keptBytes {
		resp.SetBodyRaw(r.out)
		r.out = nil
		return
	}
	r.out = resp.SwapBody(r.out)[:0]
}

func (r *request) retryAfter(seconds int) {
	r.ctx.Response.Header.Set("Retry-After", itoa(seconds))
}

// view is b as a string without a copy. It must not outlive b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func itoa(n int) string {
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = '0' + byte(n%10)
		if n /= 10; n <= 0 {
			return string(b[i:])
		}
	}
}

// cause says who is behind a write, for the change log.
func (r *request) cause() directory.Cause {
	return directory.Cause{Token: r.principal.Token.Prefix, RequestID: r.reqID.String(), Notes: r.notes}
}

// host is the canonical host for the log; a site is never reused, so it may be kept.
func (r *request) host() string {
	if r.site == nil {
		return ""
	}
	return r.site.host
}
