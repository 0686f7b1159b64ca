package portal

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/directory"
	"scimedge/internal/httpx"
	"scimedge/tenancy"
)

const (
	maxBody = 16 << 10         // of a request; the largest legitimate one is a token with its networks
	timeout = 15 * time.Second // of a request; covers waiting for a password hash
)

// Deps are what the portal stands on. Registry and Schemas are required.
type Deps struct {
	Registry *tenancy.Registry
	Schemas  Schemas
	Logger   *slog.Logger // default: none
}

// Schemas reads and changes what tenants declare.
type Schemas interface {
	Schema(ctx context.Context, t *tenancy.Tenant) (*directory.Schema, error)
	// SetSchema is [directory.Directory.SetSchema], in force from the next request on.
	SetSchema(ctx context.Context, t *tenancy.Tenant, w directory.SchemaWrite) (directory.SchemaChange, error)
}

// API answers the requests under /api/v1. It is safe for concurrent use.
type API struct {
	registry *tenancy.Registry
	schemas  Schemas
	log      *slog.Logger
	routes   []route
}

// New makes the API.
func New(d Deps) *API {
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{registry: d.Registry, schemas: d.Schemas, log: d.Logger}
	a.routes = a.table()
	return a
}

// call is one request on its way through the API.
type call struct {
	context.Context
	http    *fasthttp.RequestCtx
	scope   *httpx.Scope
	session *tenancy.Session // nil unless the route asks for one
	param   string           // what stands for {...} in the path
}

// Handle answers a request for a path under /api/v1. The edge has refused paths
// that are not canonical and has recovered panics around it.
func (a *API) Handle(http *fasthttp.RequestCtx, scope *httpx.Scope) {
	h := &http.Response.Header
	h.Set(fasthttp.HeaderCacheControl, "no-store")
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	if scope.RequestID != "" {
		h.Set(httpx.HeaderRequestID, scope.RequestID)
	}
	// Not the request's own context: that one ends with the server, in the middle of a write.
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c := &call{Context: ctx, http: http, scope: scope}
	if err := a.serve(c); err != nil {
		httpx.WriteProblem(http, scope, a.problem(c, err))
	}
}

// serve decides in a fixed order: host, route, method, origin, session,
// permission; only then does the handler see the request.
func (a *API) serve(c *call) error {
	if c.scope.Tenant == nil {
		return fail(fasthttp.StatusNotFound, "this host is not configured here")
	}
	r, err := a.find(c)
	if err != nil || r == nil {
		return err
	}
	if r.Method != fasthttp.MethodGet {
		if err := checkOrigin(c); err != nil {
			return err
		}
	}
	if r.SignedIn {
		if err := a.authorize(c, r.Permission); err != nil {
			return err
		}
	}
	return r.handle(c)
}

// authorize finds out who is signed in. Only the session cookie counts: a token
// of an identity provider opens nothing here.
func (a *API) authorize(c *call, permission string) error {
	id := readCookie(c)
	if id == "" {
		return errNotSignedIn(c)
	}
	s, err := a.registry.SessionByID(c, c.scope.Tenant, id)
	switch {
	case errors.Is(err, tenancy.ErrNotFound):
		return errNotSignedIn(c)
	case err != nil:
		return err
	case permission != "" && !s.Allows(permission):
		return fail(fasthttp.StatusForbidden, "your account lacks the permission "+permission+"; ask an administrator of this tenant for it")
	}
	c.session = &s
	return nil
}

func errNotSignedIn(c *call) error {
	c.http.Response.Header.Set(fasthttp.HeaderWWWAuthenticate, `Session realm="scimedge"`)
	return fail(fasthttp.StatusUnauthorized, "you are not signed in, or your session has ended; sign in with POST "+pathSession)
}
