package conformance_test

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
)

// still is a stack whose clock stands until a test moves it.
func still(t *testing.T, l proxy.Limits) (*proxytest.Stack, *handClock) {
	t.Helper()
	c := newHandClock()
	return proxytest.New(t, proxytest.WithLimits(l), c.option()), c
}

// Whoever is told to come back is told when, in whole seconds, and never at once.
func TestOPSA03_RetryAfter(t *testing.T) {
	whole := regexp.MustCompile(`^[1-9][0-9]{0,4}$`)
	told := func(t *testing.T, r *proxytest.Response, status int) {
		t.Helper()
		r.Status(status)
		require.Len(t, r.Headers.Values("Retry-After"), 1)
		require.Regexp(t, whole, r.Headers.Get("Retry-After"))
	}
	t.Run("OPS-A03 errors", func(t *testing.T) {
		_, sites := errorSites(t)
		seen := 0
		for _, e := range sites {
			r := e.call(t)
			if later := r.Headers.Get("Retry-After"); later != "" {
				seen++
				told(t, r, e.status)
			}
			if e.status == 503 || e.status == 507 {
				told(t, r, e.status)
			}
		}
		require.GreaterOrEqual(t, seen, 3)
	})
	t.Run("OPS-A03 a paused tenant", func(t *testing.T) {
		s := proxytest.New(t)
		s.SetPaused(t, true)
		told(t, s.Post(t, "/Users", proxytest.User("ada")), 503)
	})
	t.Run("OPS-A03 rates", func(t *testing.T) {
		for _, l := range []proxy.Limits{{RatePerToken: 25}, {RatePerTenant: 1000}} {
			s, clock := still(t, l)
			for range 2 * (l.RatePerToken + l.RatePerTenant) {
				s.Get(t, "/Users?count=0").Status(200)
			}
			told(t, s.Get(t, "/Users"), 429)
			clock.advance(-5 * time.Second) // a clock that was set back
			told(t, s.Get(t, "/Users"), 429)
		}
	})
	t.Run("OPS-A03 guesses", func(t *testing.T) {
		s, _ := still(t, proxy.Limits{FailedAuthPerSource: 10})
		for range 10 {
			s.Get(t, "/Users", proxytest.Bearer("scim_guess")).Status(401)
		}
		told(t, s.Get(t, "/Users", proxytest.Bearer("scim_guess")), 429)
	})
	t.Run("OPS-A03 sign-ins", func(t *testing.T) {
		s := proxytest.New(t)
		for range 100 {
			r := s.Post(t, "/api/v1/session", `{"email":"ada@acme.test","password":"wrong"}`, proxytest.Header("Content-Type", "application/json"))
			if r.Code == 429 {
				told(t, r, 429)
				return
			}
			r.Status(401)
		}
		t.Error("a hundred wrong passwords, and none answered 429")
	})
	t.Run("OPS-A03 connections", func(t *testing.T) {
		s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{ConnectionsPerIP: 1}))
		first := s.Dial(t)
		defer func() { _ = first.Close() }()
		greet(t, first)
		told(t, s.Raw(t, "GET /scim/v2/Users HTTP/1.1\nHost: acme.test\n\n"), 429)
	})
	t.Run("OPS-A03 too many bodies", func(t *testing.T) {
		s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BodyBytes: 64 << 10, LargeBodyBytes: 64 << 10, BodyBytesInFlight: 8 << 10}))
		told(t, s.Post(t, "/Users", proxytest.User("ada", "title", strings.Repeat("x", 32<<10))), 503)
	})
}

// greet makes sure that the server has taken a connection in.
func greet(t *testing.T, c net.Conn) {
	t.Helper()
	_, err := fmt.Fprintf(c, "GET /scim/v2/Schemas HTTP/1.1\r\nHost: acme.test\r\n\r\n")
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)
}

// rateList reads a header of draft-ietf-httpapi-ratelimit-headers: a list of
// strings with integer parameters (RFC 9651, sections 3.1 and 3.3).
func rateList(t *testing.T, header string, params ...string) map[string][]int {
	t.Helper()
	item := regexp.MustCompile(`^"([a-z]+)"` + strings.Repeat(`;([a-z]+)=(0|[1-9][0-9]{0,14})`, len(params)) + `$`)
	out := map[string][]int{}
	for one := range strings.SplitSeq(header, ", ") {
		m := item.FindStringSubmatch(one)
		require.NotNil(t, m, header)
		for i, p := range params {
			require.Equal(t, p, m[2+2*i], header)
			n, err := strconv.Atoi(m[3+2*i])
			require.NoError(t, err)
			out[m[1]] = append(out[m[1]], n)
		}
	}
	return out
}

func TestOPSA04_RateLimitHeaders(t *testing.T) {
	read := func(t *testing.T, r *proxytest.Response) (policy, left map[string][]int) {
		t.Helper()
		return rateList(t, r.Headers.Get("RateLimit-Policy"), "q", "w"), rateList(t, r.Headers.Get("RateLimit"), "r", "t")
	}
	t.Run("OPS-A04 what is left", func(t *testing.T) {
		s, clock := still(t, proxy.Limits{RatePerToken: 25, RatePerTenant: 100, RateHeaders: true})
		policy, left := read(t, s.Get(t, "/Users").Status(200))
		require.Equal(t, map[string][]int{"token": {50, 2}, "tenant": {200, 2}}, policy)
		require.Equal(t, map[string][]int{"token": {49, 1}, "tenant": {199, 1}}, left)
		for range 49 {
			s.Get(t, "/Users?count=0").Status(200)
		}
		_, left = read(t, s.Get(t, "/Users").Status(429))
		require.Equal(t, map[string][]int{"token": {0, 2}, "tenant": {150, 1}}, left)
		clock.advance(time.Second)
		_, left = read(t, s.Get(t, "/Users/"+randomID).Status(404))
		require.Equal(t, map[string][]int{"token": {24, 2}, "tenant": {199, 1}}, left)
	})
	t.Run("OPS-A04 one bucket only", func(t *testing.T) {
		s, _ := still(t, proxy.Limits{RatePerTenant: 40, RateHeaders: true})
		policy, left := read(t, s.Post(t, "/Users", proxytest.User("ada")).Status(201))
		require.Equal(t, map[string][]int{"tenant": {80, 2}}, policy)
		require.Equal(t, map[string][]int{"tenant": {79, 1}}, left)
	})
	t.Run("OPS-A04 BULK-A10 after a bulk request", func(t *testing.T) {
		s, _ := still(t, proxy.Limits{RatePerToken: 25, RatePerTenant: 100, RateHeaders: true})
		var ops []proxytest.M
		for range 120 {
			ops = append(ops, bulkOp("DELETE", "/Users/"+randomID, "", nil))
		}
		_, left := read(t, s.Post(t, "/Bulk", bulkOf(ops...)).Status(200))
		require.Equal(t, map[string][]int{"token": {0, 5}, "tenant": {80, 2}}, left, "120 at 25 a second take 4.8 s to come back")
		_, left = read(t, s.Get(t, "/Users").Status(429))
		require.Equal(t, map[string][]int{"token": {0, 5}, "tenant": {80, 2}}, left)
	})
	t.Run("OPS-A04 not where there is nothing to tell", func(t *testing.T) {
		none := func(r *proxytest.Response) {
			require.Empty(t, r.Headers.Values("RateLimit"))
			require.Empty(t, r.Headers.Values("RateLimit-Policy"))
		}
		for _, l := range []proxy.Limits{{RatePerToken: 25}, {RateHeaders: true}} {
			s, _ := still(t, l)
			none(s.Get(t, "/Users").Status(200))
		}
		s, _ := still(t, proxy.Limits{RatePerToken: 25, RateHeaders: true})
		none(s.Get(t, "/ServiceProviderConfig").Status(200))
		none(s.Get(t, "/Users", proxytest.NoToken()).Status(401))
	})
}

func TestOPSA05_FormsOfErrors(t *testing.T) {
	t.Run("OPS-A05 SCIM", func(t *testing.T) {
		_, sites := errorSites(t)
		for _, e := range sites {
			r := e.call(t)
			require.Equal(t, "application/scim+json", r.Headers.Get("Content-Type"), e.name)
		}
		s := proxytest.New(t)
		for _, path := range []string{"/Nope", "/scim", "/scim/v1/Users", "/SCIM/v2/Users"} {
			for _, accept := range []string{"application/problem+json", "application/json", "*/*", "text/html"} {
				r := s.Get(t, path, proxytest.NoToken(), proxytest.Header("Accept", accept))
				require.GreaterOrEqual(t, r.Code, 400, path)
				require.NotContains(t, r.Headers.Get("Content-Type"), "problem")
				r.Has("schemas.0", "urn:ietf:params:scim:api:messages:2.0:Error")
			}
		}
	})
	t.Run("OPS-A05 the portal's API", func(t *testing.T) {
		s := proxytest.New(t)
		json := proxytest.Header("Content-Type", "application/json")
		for status, r := range map[int]*proxytest.Response{
			400: s.Post(t, "/api/v1/session", `{"email":7}`, json),
			401: s.Get(t, "/api/v1/scim/tokens"),
			404: s.Get(t, "/api/v1/nope", json),
			405: s.Do(t, "PATCH", "/api/v1/session", nil),
			413: s.Post(t, "/api/v1/session", strings.Repeat(" ", 65<<10), json),
			415: s.Post(t, "/api/v1/session", `{}`, proxytest.Header("Content-Type", "text/plain")),
		} {
			r.Status(status).HasHeader("Content-Type", "application/problem+json").Has("status", status).Contains(`"title":`).HasNot("schemas")
		}
		r := s.Get(t, "/api/v1/session", proxytest.Host("nowhere.test")).Status(404)
		r.HasHeader("Content-Type", "application/problem+json").HasNot("schemas")
	})
}

// Asynchronous answers are not offered: a client that would like one gets the
// normal answer, and is not told that its preference was met.
func TestASYNCA01_NormalAnswers(t *testing.T) {
	s := proxytest.New(t)
	async := proxytest.Header("Prefer", "respond-async, wait=5")
	normal := func(t *testing.T, r *proxytest.Response, status int) *proxytest.Response {
		t.Helper()
		r.Status(status)
		require.Empty(t, r.Headers.Values("Preference-Applied"))
		require.Empty(t, r.Headers.Values("Set-Txn"))
		return r
	}
	t.Run("ASYNC-A01 every write", func(t *testing.T) {
		made := normal(t, s.Post(t, "/Users", proxytest.User("ada"), async), 201).Has("userName", "ada")
		path := "/Users/" + made.ID()
		normal(t, s.Put(t, path, proxytest.User("ada", "title", "T"), async), 200).Has("title", "T")
		normal(t, s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"U"}`), async), 200).Has("title", "U")
		s.Get(t, path).Has("title", "U")
		normal(t, s.Delete(t, path, async), 204).Empty()
		s.Get(t, path).Error(404, "")
	})
	t.Run("ASYNC-A01 beside a preference that is met", func(t *testing.T) {
		r := s.Post(t, "/Users", proxytest.User("bob"), proxytest.Header("Prefer", "respond-async, return=minimal")).Status(201).Empty()
		r.HasHeader("Preference-Applied", "return=minimal")
	})
}
