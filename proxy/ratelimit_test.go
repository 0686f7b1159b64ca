package proxy

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/metrics"
	"scimedge/tenancy"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestBucket(t *testing.T) {
	for _, tc := range []struct {
		name      string
		perSecond int
		every     time.Duration // between requests
		requests  int
		passed    int
	}{
		{"no limit", 0, 0, 100_000, 100_000},
		{"a burst of two seconds' worth", 25, 0, 1000, 50},
		{"its rate for ten minutes", 25, 40 * time.Millisecond, 15_000, 15_000},
		{"25 a second under a generous limit", 200, 40 * time.Millisecond, 15_000, 15_000},
		{"twice its rate: the burst, then every other", 25, 20 * time.Millisecond, 1000, 50 + 499},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, passed, now := newBucket(tc.perSecond), 0, start
			for range tc.requests {
				if take(l, now) == 0 {
					passed++
				}
				now = now.Add(tc.every)
			}
			require.InDelta(t, tc.passed, passed, 1)
		})
	}
}

// Whoever waits as long as Retry-After says is let in, and the wait is not
// padded: a whole second less would have been too early.
func TestRetryAfterIsTheWait(t *testing.T) {
	for _, perMinute := range []int{1, 7, 10, 59, 60, 61, 300, 1500} {
		g := guesses{perMinute: perMinute}
		a, now := netip.MustParseAddr("192.0.2.1"), start
		for round := range 20 {
			var wait time.Duration
			for wait == 0 {
				wait = g.failed(a, false, now)
			}
			seconds := wholeSeconds(wait)
			require.GreaterOrEqual(t, seconds, 1)
			if early := time.Duration(seconds-1) * time.Second; early > 0 {
				require.Positive(t, g.failed(a, false, now.Add(early)))
			}
			now = now.Add(time.Duration(seconds) * time.Second)
			require.Zero(t, g.failed(a, false, now), "%d a minute, round %d", perMinute, round)
		}
	}
	for d, want := range map[time.Duration]int{1: 1, time.Second: 1, time.Second + 1: 2, 0: 1, 90 * time.Second: 90} {
		require.Equal(t, want, wholeSeconds(d))
	}
}

func TestBucketsAreExactSideBySide(t *testing.T) {
	l, g := newBucket(500), guesses{perMinute: 1000}
	a := netip.MustParseAddr("192.0.2.1")
	var passed, failed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if take(l, start) == 0 {
					passed.Add(1)
				}
				if g.failed(a, true, start) == 0 {
					failed.Add(1)
				}
				g.mayAsk(a, start)
			}
		})
	}
	wg.Wait()
	require.Equal(t, []int64{1000, 1000}, []int64{passed.Load(), failed.Load()})
}

func TestTenantsShareNoBucket(t *testing.T) {
	var b buckets
	require.Nil(t, b.of("acme", 0))
	require.Same(t, b.of("acme", 25), b.of("acme", 25))
	require.NotSame(t, b.of("acme", 25), b.of("globex", 25))
}

// Failures with and without a look-up, and what is left for new tokens.
func TestGuesses(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	g := guesses{perMinute: 300}
	for range 300 {
		require.Zero(t, g.failed(a, false, start))
	}
	require.Positive(t, g.failed(a, false, start))
	require.Zero(t, g.failed(b, false, start), "another source")
	require.Zero(t, g.mayAsk(a, start), "dead tokens leave the store to new ones")
	for range 300 {
		require.Zero(t, g.mayAsk(a, start))
		require.Positive(t, g.failed(a, true, start))
	}
	require.Positive(t, g.mayAsk(a, start), "made-up tokens do not")
	require.Zero(t, g.mayAsk(b, start))
	require.Zero(t, g.mayAsk(a, start.Add(200*time.Millisecond)))
	require.Zero(t, g.failed(a, false, start.Add(200*time.Millisecond)), "five a second")
	require.Positive(t, g.failed(a, false, start.Add(200*time.Millisecond)))
}

func TestGuessesRememberABoundedNumberOfSources(t *testing.T) {
	g := guesses{perMinute: 10}
	addr := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for range 11 {
		g.failed(addr(0), false, start)
	}
	for i := 1; i < 3*maxSources; i++ {
		g.failed(addr(i), false, start)
		require.Zero(t, g.mayAsk(addr(0), start)) // asking keeps it among the latest
		require.LessOrEqual(t, len(g.seen), maxSources)
	}
	require.Equal(t, maxSources, len(g.seen))
	require.Equal(t, maxSources, g.order.Len())
	require.Positive(t, g.failed(addr(0), false, start), "the busy are remembered")
	require.NotContains(t, g.seen, addr(1), "the oldest are forgotten")
	g.mayAsk(addr(1), start)
	require.NotContains(t, g.seen, addr(1), "only failures take a place")
}

func TestSources(t *testing.T) {
	e := &Edge{}
	e.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for remote, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "2001:db8:1:2::9": "2001:db8:1:2::", "2001:db8:1:3::9": "2001:db8:1:3::",
		"10.1.2.3": "", // a proxy that did not say for whom
	} {
		a, known := (&request{edge: e, remote: netip.MustParseAddr(remote)}).source()
		require.Equal(t, want != "", known, remote)
		if known {
			require.Equal(t, want, a.String())
		}
	}
	_, known := (&request{edge: e}).source()
	require.False(t, known, "not TCP")
}

func TestNoCredentialIsNoGuess(t *testing.T) {
	tenant := &tenancy.Tenant{Name: "acme"}
	for reason, counts := range map[tenancy.Reason]bool{
		tenancy.ReasonMissing: false, tenancy.ReasonMissingScheme: false, tenancy.ReasonUnavailable: false,
		tenancy.ReasonMalformed: true, tenancy.ReasonUnknown: true, tenancy.ReasonExpired: true, tenancy.ReasonRevoked: true,
		tenancy.ReasonWrongTenant: true, tenancy.ReasonWrongEnvironment: true, tenancy.ReasonNetwork: true,
	} {
		e := &Edge{guesses: guesses{perMinute: 10}}
		e.Metrics = metrics.New(metrics.Options{})
		r := &request{edge: e, tenant: tenant, remote: netip.MustParseAddr("192.0.2.1"), began: start}
		require.NoError(t, r.guessed(reason, false))
		require.Equal(t, counts, len(e.guesses.seen) == 1, reason)
	}
}

func rated() *request {
	return &request{began: start, caller: &caller{token: newBucket(1_000_000), tenant: newBucket(1_000_000)}}
}

func TestCheckRateDoesNotAllocate(t *testing.T) {
	r := rated()
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if r.checkRate() != nil {
			t.Fatal("over the rate")
		}
	}))
}

// What a request within its rates pays, for both buckets.
func BenchmarkCheckRate(b *testing.B) {
	r := rated()
	b.ReportAllocs()
	for b.Loop() {
		r.began = r.began.Add(time.Microsecond)
		if r.checkRate() != nil {
			b.Fatal("over the rate")
		}
	}
}

func BenchmarkCheckRateOff(b *testing.B) {
	r := &request{began: start, caller: &caller{}}
	b.ReportAllocs()
	for b.Loop() {
		if r.checkRate() != nil {
			b.Fatal("over the rate")
		}
	}
}

func BenchmarkCheckRateSideBySide(b *testing.B) {
	shared := rated()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := &request{began: start, caller: shared.caller}
		for pb.Next() {
			r.began = r.began.Add(time.Microsecond)
			_ = take(r.caller.token, r.began)
		}
	})
}

func BenchmarkFailedFromManySources(b *testing.B) {
	g := guesses{perMinute: 300}
	addrs := make([]netip.Addr, 2*maxSources)
	for i := range addrs {
		addrs[i] = netip.MustParseAddr(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.failed(addrs[i%len(addrs)], true, start)
	}
}
