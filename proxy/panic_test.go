package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"scimedge/internal/httpx"
	"scimedge/internal/proxytest"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/proxy"
)

func loopbackNets() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// badAPI panics, or answers.
type badAPI struct{}

func (badAPI) Handle(ctx *fasthttp.RequestCtx, scope *httpx.Scope) {
	if string(ctx.Path()) == "/api/v1/panic" {
		panic("secret in a panic")
	}
	httpx.WriteJSON(ctx, 200, map[string]string{"tenant": scope.Tenant.Name, "base": scope.BaseURL, "body": string(ctx.PostBody()), "id": scope.RequestID})
}

func TestPanicIsAnswered(t *testing.T) {
	s := proxytest.New(t, proxytest.WithAPI(badAPI{}))
	r := s.Get(t, "/api/v1/panic").Status(500).HasHeader("Content-Type", "application/problem+json").HasHeader("X-Request-Id", "*").Lacks("secret")
	require.Contains(t, s.Log.String(), r.Headers.Get("X-Request-Id"))
	require.NotContains(t, s.Log.String(), "secret in a panic")
	require.Equal(t, 1.0, s.Metric("scimedge_panics_total"))
	require.Zero(t, s.Metric("scimedge_requests_in_flight"))
	alive(t, s)
}

func TestHandingOverToThePortal(t *testing.T) {
	s := proxytest.New(t, proxytest.WithAPI(badAPI{}))
	r := s.Post(t, "/api/v1/echo", "hello", proxytest.NoToken()).Status(200).Has("tenant", "acme").Has("base", "http://acme.test").Has("body", "hello")
	r.HasHeader("X-Request-Id", r.Str("id"))
	s.Post(t, "/portal/echo", bytes.Repeat([]byte("x"), 50_000), proxytest.NoToken()).Status(200)
	s.Post(t, "/api/v1/echo", bytes.Repeat([]byte("x"), 2<<20), proxytest.NoToken()).Status(413).HasHeader("Content-Type", "application/problem+json")
	s.Raw(t, "GET /other HTTP/1.1\nHost: acme.test\nConnection: close\n\n").Status(404).HasHeader("Content-Type", "application/problem+json")
}

func TestUpstreamGetsTheRest(t *testing.T) {
	s := proxytest.New(t, proxytest.WithDeps(func(d *proxy.Deps) {
		d.Upstream = func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("app " + string(ctx.Path())) }
	}))
	s.Raw(t, "GET /other HTTP/1.1\nHost: acme.test\nConnection: close\n\n").Status(200).Contains("app /other")
	s.Raw(t, "GET /other HTTP/1.1\nHost: nowhere.test\nConnection: close\n\n").Status(404)
	s.Get(t, "/scim/v2/Nope").Error(404, "")
}

// failing is a store whose writes fail in a chosen way.
type failing struct {
	kv.Store
	err error
}

func (f *failing) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if f.err != nil && p != kv.System {
		return 0, f.err
	}
	return f.Store.Update(ctx, p, fn)
}

func TestStoreTrouble(t *testing.T) {
	store := &failing{Store: memkv.New(memkv.Options{})}
	s := proxytest.New(t, proxytest.WithStore(store))
	s.CreateUser(t, "ada")
	for _, c := range []struct {
		err    error
		status int
		retry  string
		detail string
	}{
		{kv.ErrConflict, 503, "1", ""},
		{kv.ErrStopped, 503, "60", ""},
		{kv.ErrUnknownOutcome, 500, "", "outcome is unknown"},
		{kv.ErrNoSpace, 507, "60", "disk space"},
		{kv.ErrTooLarge, 413, "", ""},
		{errors.New("secret path /var/lib"), 500, "", "request id"},
	} {
		store.err = c.err
		r := s.Post(t, "/Users", proxytest.User("bob")).Error(c.status, "", c.detail).HasHeader("Retry-After", c.retry).Lacks("secret", "kv:")
		if c.status == 500 {
			require.NotEmpty(t, r.Headers.Get("X-Request-Id"))
		}
		s.Get(t, "/Users").Status(200).Has("totalResults", 1)
	}
	store.err = nil
	s.CreateUser(t, "bob")
}
