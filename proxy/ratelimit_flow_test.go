package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// handClock stands still until it is moved.
type handClock struct{ at atomic.Int64 }

func (c *handClock) now() time.Time       { return time.Unix(1_800_000_000, c.at.Load()) }
func (c *handClock) move(d time.Duration) { c.at.Add(int64(d)) }

func limited(t *testing.T, l proxy.Limits, more ...func(*proxy.Deps)) (*proxytest.Stack, *handClock) {
	t.Helper()
	c := &handClock{}
	opts := []proxytest.Option{proxytest.WithLimits(l), proxytest.WithDeps(func(d *proxy.Deps) { d.Clock = c.now })}
	for _, m := range more {
		opts = append(opts, proxytest.WithDeps(m))
	}
	return proxytest.New(t, opts...), c
}

func pass(t *testing.T, x *proxytest.Tenant, n int) {
	t.Helper()
	for range n {
		x.Get(t, "/Users?count=0").Status(200)
	}
}

func slowed(t *testing.T, r *proxytest.Response) {
	t.Helper()
	r.Error(429, "", "Retry-After").HasHeader("Retry-After", "1")
}

func TestOPSA01_RateOfAToken(t *testing.T) {
	s, clock := limited(t, proxy.Limits{RatePerToken: 25})
	other := s.WithToken(t, tenancy.NewToken{Name: "other"})
	pass(t, s.Tenant, 50)
	slowed(t, s.Get(t, "/Users"))
	slowed(t, s.Post(t, "/Users", proxytest.User("ada")))
	slowed(t, s.Get(t, "/Me"))
	require.Equal(t, "rate_limited", s.LastReason(429))
	s.Get(t, "/ServiceProviderConfig").Status(200) // no token is looked at there
	pass(t, other, 50)
	pass(t, s.Globex, 50)
	require.Equal(t, 3.0, s.Metric("scimedge_rate_limited_total"))
	require.Equal(t, 3.0, s.Metric("scimedge_rate_limited_total", `tenant="acme"`, `token="`+s.Prefix+`"`))

	clock.move(time.Second)
	s.CreateUser(t, "ada") // what was refused had not been made
	pass(t, s.Tenant, 24)
	slowed(t, s.Get(t, "/Users"))
	clock.move(40 * time.Millisecond)
	pass(t, s.Tenant, 1)
}

func TestOPSA01_RateOfATenant(t *testing.T) {
	s, clock := limited(t, proxy.Limits{RatePerTenant: 25})
	other := s.WithToken(t, tenancy.NewToken{Name: "other"})
	pass(t, s.Tenant, 30)
	pass(t, other, 20)
	for _, x := range []*proxytest.Tenant{s.Tenant, other} {
		slowed(t, x.Get(t, "/Users"))
	}
	require.Equal(t, 1.0, s.Metric("scimedge_rate_limited_total", `token="`+other.Prefix+`"`))
	pass(t, s.Globex, 50) // nobody else notices
	pass(t, s.Staging, 50)
	s.SetPaused(t, true) // which makes principals anew, but no bucket
	s.SetPaused(t, false)
	slowed(t, s.WithToken(t, tenancy.NewToken{Name: "a new one"}).Get(t, "/Users"))
	clock.move(time.Second)
	pass(t, other, 25)
	slowed(t, s.Get(t, "/Users"))
}

// What one token is refused is not charged to its tenant.
func TestOneTokenDoesNotStarveAnother(t *testing.T) {
	s, _ := limited(t, proxy.Limits{RatePerToken: 25, RatePerTenant: 50})
	other := s.WithToken(t, tenancy.NewToken{Name: "other"})
	pass(t, s.Tenant, 50)
	for range 200 {
		slowed(t, s.Get(t, "/Users"))
	}
	pass(t, other, 50)
}

func TestOPSA02_25ASecondAlwaysPass(t *testing.T) {
	for _, l := range []proxy.Limits{{}, {RatePerToken: 25, RatePerTenant: 25}} {
		s, clock := limited(t, l)
		for range 500 {
			pass(t, s.Tenant, 1)
			clock.move(40 * time.Millisecond)
		}
	}
}

// An identity provider keeps its connection over a 429, with a body and without.
func TestTheConnectionIsKept(t *testing.T) {
	s, clock := limited(t, proxy.Limits{RatePerToken: 1, FailedAuthPerSource: 1})
	pass(t, s.Tenant, 2)
	s.Get(t, "/Users", proxytest.Bearer("scim_guess")).Error(401, "")
	conn := s.Dial(t)
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	send := func(token, method, body string) int {
		_, err := fmt.Fprintf(conn, "%s /scim/v2/Users HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s", method, s.Host, token, len(body), body)
		require.NoError(t, err)
		resp, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.False(t, resp.Close)
		return resp.StatusCode
	}
	require.Equal(t, 429, send(s.Token, "GET", ""))
	require.Equal(t, 429, send(s.Token, "POST", `{"schemas":["`+proxytest.UserSchema+`"],"userName":"ada"}`))
	require.Equal(t, 429, send("scim_guess", "GET", ""))
	clock.move(time.Second)
	require.Equal(t, 200, send(s.Token, "GET", ""))
}

// Each way to fail counts, and none keeps a good token from the same address out.
func TestSEC03_FailuresBySource(t *testing.T) {
	unknown := unknownToken(t)
	for name, bad := range map[string]func(*proxytest.Stack) string{
		"malformed":         func(*proxytest.Stack) string { return "scim_guess" },
		"unknown":           func(*proxytest.Stack) string { return unknown },
		"wrong_tenant":      func(s *proxytest.Stack) string { return s.Globex.Token },
		"wrong_environment": func(s *proxytest.Stack) string { return s.Staging.Token },
		"expired": func(s *proxytest.Stack) string {
			return s.WithToken(t, tenancy.NewToken{Name: "e", ExpiresIn: time.Hour}).Token
		},
		"revoked": func(s *proxytest.Stack) string {
			x := s.WithToken(t, tenancy.NewToken{Name: "r"})
			x.Revoke(t)
			return x.Token
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := limited(t, proxy.Limits{FailedAuthPerSource: 60})
			token := proxytest.Bearer(bad(s))
			clock.move(time.Hour)
			for range 60 {
				s.Get(t, "/Users", token).Error(401, "")
			}
			for range 10 {
				slowed(t, s.Get(t, "/Users", token))
			}
			require.Equal(t, 10.0, s.Metric("scimedge_rate_limited_total", `tenant="acme"`, `token=""`))
			require.Equal(t, 70.0, s.Metric("scimedge_auth_failures_total", `reason="`+name+`"`), "each is still counted for what it was")
			require.Equal(t, name, s.LastReason(429))
			pass(t, s.Tenant, 100) // never seen before, so the store is asked for it
			pass(t, s.WithToken(t, tenancy.NewToken{Name: "new"}), 1)
			s.Get(t, "/Users", proxytest.NoToken()).Error(401, "")
			clock.move(time.Second)
			s.Get(t, "/Users", token).Error(401, "")
			slowed(t, s.Get(t, "/Users", token))
		})
	}
}

// Tokens of the right form that nobody has cost a look-up each: so many a minute
// and no more, while a token that is remembered goes on working.
func TestSEC03_MadeUpTokensDoNotReachTheStore(t *testing.T) {
	s, clock := limited(t, proxy.Limits{FailedAuthPerSource: 60})
	pass(t, s.Tenant, 1)
	before := s.Registry.CacheStats().Misses
	random := rand.NewChaCha8([32]byte{1})
	guess := func() *proxytest.Response {
		text, _, err := tenancy.NewTokenText(random)
		require.NoError(t, err)
		return s.Get(t, "/Users", proxytest.Bearer(text))
	}
	for range 60 {
		guess().Error(401, "")
	}
	for range 100 {
		slowed(t, guess())
	}
	require.Equal(t, uint64(60), s.Registry.CacheStats().Misses-before)
	require.Equal(t, "rate_limited", s.LastReason(429))
	pass(t, s.Tenant, 1)
	clock.move(time.Minute)
	for range 60 {
		guess().Error(401, "")
	}
	slowed(t, guess())
	require.Equal(t, uint64(120), s.Registry.CacheStats().Misses-before)
}

// Behind a proxy the client it names is counted, and a proxy that names none is
// left alone, as its failures are everybody's.
func TestSEC03_SourcesBehindAProxy(t *testing.T) {
	s, _ := limited(t, proxy.Limits{FailedAuthPerSource: 20}, func(d *proxy.Deps) {
		d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	from := func(client string) int {
		return s.Get(t, "/Users", proxytest.Bearer("scim_guess"), proxytest.Header("X-Forwarded-For", client)).Code
	}
	for range 100 {
		require.Equal(t, 401, from(""))
		require.Equal(t, 401, from("not an address"))
		require.Equal(t, 401, from("127.0.0.9"))
	}
	for i := range 20 {
		require.Equal(t, 401, from("198.51.100.7"))
		require.Equal(t, 401, from(fmt.Sprintf("2001:db8:1:2::%d", i)))
	}
	require.Equal(t, 429, from("198.51.100.7"))
	require.Equal(t, 429, from("203.0.113.1, 198.51.100.7"), "only the proxy's own word counts")
	require.Equal(t, 429, from("2001:db8:1:2::ffff"))
	require.Equal(t, 401, from("2001:db8:1:3::1"))
	require.Equal(t, 401, from("198.51.100.8"))
	s.Get(t, "/Users", proxytest.Header("X-Forwarded-For", "198.51.100.7")).Status(200)
}

// unreadable is a store that cannot be read for a while.
type unreadable struct {
	kv.Store
	now atomic.Bool
}

func (f *unreadable) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	if f.now.Load() {
		return kv.ErrClosed
	}
	return f.Store.View(ctx, p, fn)
}

// A store in trouble is our fault and no guess.
func TestSEC03_TroubleIsNoGuess(t *testing.T) {
	store := &unreadable{Store: memkv.New(memkv.Options{})}
	s := proxytest.New(t, proxytest.WithStore(store), proxytest.WithLimits(proxy.Limits{FailedAuthPerSource: 20}))
	store.now.Store(true)
	for range 50 {
		s.Get(t, "/Users").Error(503, "")
	}
	store.now.Store(false)
	pass(t, s.Tenant, 1)
}

// BenchmarkGetUser with both limits on.
func BenchmarkGetUserRated(b *testing.B) {
	s := silent(b, proxytest.WithBolt(), proxytest.WithLimits(proxy.Limits{RatePerToken: 1_000_000, RatePerTenant: 1_000_000}))
	benchmark(b, newFixture(s, "GET", "/Users/"+s.CreateUser(b, "ada"), nil), 200)
}
