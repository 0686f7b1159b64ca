package metrics

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Bound is the counters of one token (or of a tenant's anonymous requests),
// resolved once. Counting costs an array index and an atomic add; a child comes
// into being when it is first needed, so a token that only reads has no series
// for writes.
type Bound struct {
	set           *Set
	tenant, token string
	client        prometheus.Counter // nil for anonymous requests

	ops    [opCount]atomic.Pointer[codeCounters]
	events [eventCount]atomic.Pointer[child]

	mu   sync.Mutex // orders the making of children against Forget
	gone bool
}

type (
	codeCounters [codeCount]atomic.Pointer[child]
	child        struct{ prometheus.Counter }
)

// Bind returns the counters of a token, the same ones for the same token. Past
// the cap tokens share those of token="other" in their tenant.
func (s *Set) Bind(tenant, environment, idp, token string) *Bound {
	key := tokenKey{tenant, token}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.tokens[key]; b != nil {
		if b.client == nil {
			// So far it was only seen refused.
			b.bindClient(environment, idp)
		}
		return b
	}
	if len(s.tokens) >= s.max {
		s.overflow.Inc()
		return s.sharedBound(tenant, environment, idp, Other)
	}
	b := s.newBound(tenant, token)
	b.bindClient(environment, idp)
	s.tokens[key] = b
	return b
}

// Anonymous returns the counters of requests nobody was authenticated for.
// tenant must come from the configuration, or be UnknownTenant.
func (s *Set) Anonymous(tenant string) *Bound {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sharedBound(tenant, "", "", "")
}

func (s *Set) sharedBound(tenant, environment, idp, token string) *Bound {
	key := tokenKey{tenant, token}
	b := s.shared[key]
	if b == nil {
		b = s.newBound(tenant, token)
		if token != "" {
			b.bindClient(environment, Other)
		}
		s.shared[key] = b
	}
	return b
}

func (s *Set) newBound(tenant, token string) *Bound {
	return &Bound{set: s, tenant: clean(tenant), token: clean(token)}
}

func (b *Bound) bindClient(environment, idp string) {
	b.client = b.set.clients.WithLabelValues(b.tenant, clean(environment), clean(idp), b.token)
}

// Request counts one answered request.
func (b *Bound) Request(op Op, code int) {
	if b.client != nil {
		b.client.Inc()
	}
	i := codeIndex(code)
	if i < 0 {
		b.rare(b.set.requests, op.String(), codeText(code))
		return
	}
	codes := b.ops[op].Load()
	if codes == nil {
		b.ops[op].CompareAndSwap(nil, new(codeCounters))
		codes = b.ops[op].Load()
	}
	c := codes[i].Load()
	if c == nil {
		c = b.make(&codes[i], b.set.requests, op.String(), codeText(code))
	}
	c.Inc()
}

// BulkOperation counts one operation of a bulk request by the status it got.
func (b *Bound) BulkOperation(op Op, code int) {
	b.rare(b.set.bulkOps, op.String(), codeText(code))
}

// Event counts n changes of one kind.
func (b *Bound) Event(e Event, n int) {
	c := b.events[e].Load()
	if c == nil {
		c = b.make(&b.events[e], b.set.events, e.String())
	}
	c.Add(float64(n))
}

// Noop counts a write that changed nothing; resource is a type's name.
func (b *Bound) Noop(resource string) { b.rare(b.set.noops, resource) }

// Quirk counts the use of a leniency; kind comes from a closed set.
func (b *Bound) Quirk(kind string) { b.rare(b.set.quirks, kind) }

// RateLimited counts a refusal for too high a rate.
func (b *Bound) RateLimited() { b.rare(b.set.rateLimited) }

// make resolves a child and keeps it in slot.
func (b *Bound) make(slot *atomic.Pointer[child], vec *prometheus.CounterVec, labels ...string) *child {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := slot.Load(); c != nil {
		return c
	}
	c := &child{b.resolve(vec, labels)}
	slot.Store(c)
	return c
}

func (b *Bound) rare(vec *prometheus.CounterVec, labels ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resolve(vec, labels).Inc()
}

// resolve is called with mu held. A forgotten token must not come back as a
// series because one last request was under way: it counts into thin air.
func (b *Bound) resolve(vec *prometheus.CounterVec, labels []string) prometheus.Counter {
	if b.gone {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "forgotten"})
	}
	return vec.WithLabelValues(append([]string{b.tenant, b.token}, labels...)...)
}

// Forget removes all series of a token, for when it is revoked and the time its
// history is kept has passed.
func (s *Set) Forget(tenant, token string) {
	s.forget(prometheus.Labels{"tenant": clean(tenant), "token": clean(token)}, func(k tokenKey) bool {
		return k == tokenKey{tenant, token}
	})
	s.authFailures.DeletePartialMatch(prometheus.Labels{"token_tenant": clean(tenant), "token": clean(token)})
}

// ForgetTenant removes all series of a tenant that was deleted.
func (s *Set) ForgetTenant(tenant string) {
	s.forget(prometheus.Labels{"tenant": clean(tenant)}, func(k tokenKey) bool { return k.tenant == tenant })
	s.authFailures.DeletePartialMatch(prometheus.Labels{"token_tenant": clean(tenant)})
}

func (s *Set) forget(labels prometheus.Labels, match func(tokenKey) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bounds := range []map[tokenKey]*Bound{s.tokens, s.shared} {
		for k, b := range bounds {
			if !match(k) {
				continue
			}
			b.mu.Lock()
			b.gone = true
			b.mu.Unlock()
			delete(bounds, k)
		}
	}
	for _, v := range []*prometheus.CounterVec{s.requests, s.bulkOps, s.clients, s.authFailures, s.rateLimited, s.events, s.noops, s.quirks} {
		v.DeletePartialMatch(labels)
	}
}
