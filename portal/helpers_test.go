package portal

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"scimedge/directory"
	"scimedge/internal/directories"
	"scimedge/internal/httpx"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/tenancy"
)

const (
	adminEmail = "ada@acme.test"   // may configure sign-on
	plainEmail = "grace@acme.test" // may not
	password   = "correct horse battery staple"
)

var cli = tenancy.Actor{Kind: "cli", Name: "test"}

// house is the portal on an in-memory listener, with the part of the edge that
// finds the tenant played by the test.
type house struct {
	t        *testing.T
	api      *API
	registry *tenancy.Registry
	client   *fasthttp.Client
	secure   atomic.Bool
	remote   atomic.Pointer[netip.Addr]
	offset   atomic.Int64 // how far the clock was turned
	log      syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newHouse(t *testing.T, wrap func(kv.Store) kv.Store) *house {
	t.Helper()
	h := &house{t: t}
	h.secure.Store(true)
	h.from("203.0.113.7")
	var store kv.Store = memkv.New(memkv.Options{})
	if wrap != nil {
		store = wrap(store)
	}
	var err error
	h.registry, err = tenancy.Open(t.Context(), store, tenancy.Options{
		Clock: func() time.Time { return time.Now().Add(time.Duration(h.offset.Load())) },
	})
	require.NoError(t, err)
	for _, name := range []string{"acme", "globex"} {
		_, err := h.registry.CreateTenant(t.Context(), tenancy.NewTenant{Name: name, Hosts: []string{name + ".test"}}, cli)
		require.NoError(t, err)
	}
	h.account("acme", adminEmail, tenancy.PermissionSSO)
	h.account("acme", plainEmail)
	h.account("globex", "admin@globex.test", tenancy.PermissionSSO)

	dirs, err := directories.New(store, directory.Options{})
	require.NoError(t, err)
	h.api = New(Deps{Registry: h.registry, Schemas: dirs, Logger: slog.New(slog.NewJSONHandler(&h.log, nil))})
	ln := fasthttputil.NewInmemoryListener()
	server := &fasthttp.Server{NoDefaultServerHeader: true, Handler: func(ctx *fasthttp.RequestCtx) {
		tenant, _ := h.registry.Resolve(string(ctx.Host()))
		scheme := "http://"
		if h.secure.Load() {
			scheme = "https://"
		}
		id := httpx.NewRequestID(ctx.Request.Header.Peek(httpx.HeaderRequestID))
		h.api.Handle(ctx, &httpx.Scope{
			RequestID: id.String(), Tenant: tenant, Start: time.Now(),
			Remote: *h.remote.Load(), BaseURL: scheme + string(ctx.Host()), Secure: h.secure.Load(),
		})
	}}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = ln.Close() })
	h.client = &fasthttp.Client{Dial: func(string) (net.Conn, error) { return ln.Dial() }}
	return h
}

func (h *house) from(addr string) {
	a := netip.MustParseAddr(addr)
	h.remote.Store(&a)
}

func (h *house) account(tenant, email string, permissions ...string) {
	_, err := h.registry.CreateAccount(h.t.Context(), tenant, email, permissions, password, cli)
	require.NoError(h.t, err)
}

// request is one call; headers are "Name: value".
type request struct {
	method, path, host, body string
	cookie                   string
	headers                  []string
}

type response struct {
	status int
	body   string
	header *fasthttp.ResponseHeader
}

func (h *house) do(r request) response {
	h.t.Helper()
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	if r.host == "" {
		r.host = "acme.test"
	}
	req.SetRequestURI("http://" + r.host + r.path)
	req.Header.SetMethod(r.method)
	if r.body != "" {
		req.SetBodyString(r.body)
		req.Header.SetContentType(httpx.TypeJSON)
	}
	if r.cookie != "" {
		req.Header.Set("Cookie", r.cookie)
	}
	for _, line := range r.headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	require.NoError(h.t, h.client.Do(req, res))
	return response{res.StatusCode(), string(res.Body()), &res.Header}
}

// signIn returns the cookie of a new session as a browser would send it back.
func (h *house) signIn(host, email string) string {
	h.t.Helper()
	res := h.do(request{method: "POST", path: pathSession, host: host, body: `{"email":"` + email + `","password":"` + password + `"}`})
	require.Equal(h.t, 204, res.status, res.body)
	cookie, _, _ := strings.Cut(string(res.header.Peek("Set-Cookie")), ";")
	return cookie
}

func decode[T any](t *testing.T, body string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body), &v), body)
	return v
}

// requireProblem checks that an error has the whole form of one.
func requireProblem(t *testing.T, status int, res response) httpx.Problem {
	t.Helper()
	require.Equal(t, status, res.status, res.body)
	require.Equal(t, httpx.TypeProblem, string(res.header.ContentType()))
	require.Equal(t, "no-store", string(res.header.Peek("Cache-Control")))
	p := decode[httpx.Problem](t, res.body)
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Detail)
	require.Equal(t, string(res.header.Peek(httpx.HeaderRequestID)), p.RequestID)
	return p
}
