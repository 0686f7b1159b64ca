package proxy

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"scimedge/tenancy"
)

// guesses slow down whoever tries tokens (SEC-03): each source may fail so many
// times a minute, then its failures are answered 429. Only failures come here. A
// good token that is remembered never does, however much its neighbours behind
// the same address fail.
//
// A token that only the store knows is the reason for a second bucket: failures
// that took a look-up. A client that goes on sending one dead token needs none
// and leaves that bucket full, so a new token from the same address gets in; one
// that makes tokens up empties it and is then refused before the store is asked.
type guesses struct {
	perMinute int

	mu    sync.Mutex
	seen  map[netip.Addr]*list.Element
	order list.List // of *source, the latest first
}

type source struct {
	addr     netip.Addr
	failures *rate.Limiter
	lookUps  *rate.Limiter
}

// maxSources bounds the memory, to some megabytes. Whoever has more addresses
// than that to guess from is forgotten now and then.
const maxSources = 10_000

// mayAsk returns how long a source has to wait before the store is asked for a
// token of its. It takes nothing: a good token costs its source nothing. Requests
// side by side can slip through; a source has no more than its connections.
func (g *guesses) mayAsk(a netip.Addr, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.seen[a]
	if !ok {
		return 0
	}
	g.order.MoveToFront(e)
	return untilOne(e.Value.(*source).lookUps, now)
}

// failed counts a failure, and returns how long to wait when it was one too
// many. asked says that it took a look-up in the store.
func (g *guesses) failed(a netip.Addr, asked bool, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(a)
	if asked {
		s.lookUps.AllowN(now, 1)
	}
	return take(s.failures, now)
}

func (g *guesses) of(a netip.Addr) *source {
	if e, ok := g.seen[a]; ok {
		g.order.MoveToFront(e)
		return e.Value.(*source)
	}
	if last := g.order.Back(); g.order.Len() >= maxSources {
		delete(g.seen, g.order.Remove(last).(*source).addr)
	}
	if g.seen == nil {
		g.seen = map[netip.Addr]*list.Element{}
	}
	s := &source{addr: a, failures: g.bucket(), lookUps: g.bucket()}
	g.seen[a] = g.order.PushFront(s)
	return s
}

// bucket refills over the minute, so that being refused lasts no longer than the
// guessing does.
func (g *guesses) bucket() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(g.perMinute)/60, g.perMinute)
}

// source is whom failures are counted against. IPv6 goes by network, as whoever
// has one address has 2^64. A trusted proxy that does not say for whom it
// speaks, speaks for everybody, and is left alone.
func (r *request) source() (a netip.Addr, known bool) {
	a = r.remote
	if !a.IsValid() || r.edge.trusts(a) {
		return a, false
	}
	if a.Is6() {
		network, _ := a.Prefix(64) // 64 always fits
		a = network.Addr()
	}
	return a, true
}

// mayAskStore refuses to look a token up for a source that makes them up.
func (r *request) mayAskStore() error {
	a, known := r.source()
	if !known {
		return nil
	}
	wait := r.edge.guesses.mayAsk(a, r.began)
	if wait == 0 {
		return nil
	}
	r.reason = rateLimited
	return r.guessedTooOften(wait)
}

// guessed counts a failed authentication and returns the refusal when the source
// has had too many. No credential at all is no guess, nor is our own trouble.
func (r *request) guessed(reason tenancy.Reason, asked bool) error {
	switch reason {
	case tenancy.ReasonMissing, tenancy.ReasonMissingScheme, tenancy.ReasonUnavailable:
		return nil
	}
	a, known := r.source()
	if !known {
		return nil
	}
	if wait := r.edge.guesses.failed(a, asked, r.began); wait > 0 {
		return r.guessedTooOften(wait)
	}
	return nil
}

func (r *request) guessedTooOften(wait time.Duration) error {
	r.edge.Metrics.Anonymous(r.tenant.Name).RateLimited()
	return r.tooMany(wait, "Too many requests with tokens that are not valid came from this address. Wait as long as Retry-After says; tokens in use go on working.")
}
