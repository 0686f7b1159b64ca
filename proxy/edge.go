package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/internal/httpx"
	"scimedge/metrics"
	"scimedge/tenancy"
)

// Deps are the rooms behind the edge and its settings. Registry, Directories and
// Metrics are required.
type Deps struct {
	Registry *tenancy.Registry
	// Directories gives the directory of a tenant. It is called for every
	// request, so it should answer from memory, and must be safe for concurrent use.
	Directories func(*tenancy.Tenant) (*directory.Directory, error)
	Metrics     *metrics.Set

	API      API                     // /api/v1 and /portal; nil answers 404
	Upstream fasthttp.RequestHandler // every path that is not ours; nil answers 404

	Limits         Limits
	TrustedProxies []netip.Prefix // whose X-Forwarded-For, -Host and -Proto are believed
	// TLS makes Serve speak TLS on the listeners it is given.
	TLS *tls.Config
	// Scheme is what clients see before the host in locations, when it is not
	// what reaches the edge: "https" behind a balancer that says nothing.
	Scheme   string
	Observer Observer // nil logs writes and errors to Logger
	Logger   *slog.Logger
	Clock    func() time.Time
}

// API serves the paths of the portal. The scope holds the tenant that the Host
// names; who is signed in is for the API to find out.
type API interface {
	Handle(ctx *fasthttp.RequestCtx, scope *httpx.Scope)
}

// Edge is the HTTP server in front of the directories.
type Edge struct {
	Deps
	server *fasthttp.Server
	routes *routes
	sites  sites
	budget budget
	shares sync.Map // of budget by tenant id

	mu        sync.Mutex
	listeners []net.Listener
	stopped   bool
	buckets   buckets
	guesses   guesses
	steps     []step
	pool      sync.Pool // of *request
	cursors   cursors
	walks     walks

	// life ends when a drain ran out of time, and with it what is still under way.
	life context.Context
	kill context.CancelFunc
}

// New puts an edge together. It does no I/O.
func New(d Deps) (*Edge, error) {
	if d.Registry == nil || d.Directories == nil || d.Metrics == nil {
		return nil, errors.New("proxy: Registry, Directories and Metrics are required")
	}
	d.Limits = d.Limits.withDefaults()
	if d.Clock == nil {
		d.Clock = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Observer == nil {
		d.Observer = logObserver{d.Logger}
	}
	e := &Edge{Deps: d, routes: newRoutes(d.Limits.BulkOff), budget: budget{free: d.Limits.BodyBytesInFlight}, guesses: guesses{perMinute: d.Limits.FailedAuthPerSource}}
	var err error
	if e.cursors, err = newCursors(d.Registry.CursorKey(), e.Limits.CursorLife); err != nil {
		return nil, err
	}
	if e.walks, err = newWalks(); err != nil {
		return nil, err
	}
	e.pool.New = func() any { return new(request) }
	e.life, e.kill = context.WithCancel(context.Background())
	e.steps = pipeline()
	e.server = e.newServer()
	return e, nil
}

// Handler answers one request: what the server calls, and what benchmarks may
// call with a context of their own.
func (e *Edge) Handler(ctx *fasthttp.RequestCtx) { e.handle(ctx) }
