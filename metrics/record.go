package metrics

import "time"

// Begin counts a request in; the returned work is undone by End.
func (s *Set) Begin() { s.inFlight.Inc() }

// End counts a request out and records what it cost.
func (s *Set) End(op Op, took time.Duration, bodyIn, bodyOut int) {
	s.inFlight.Dec()
	i := &s.byOp[op]
	i.duration.Observe(took.Seconds())
	i.responseBytes.Observe(float64(bodyOut))
	if bodyIn > 0 {
		i.requestBytes.Observe(float64(bodyIn))
	}
}

// AuthFailure counts a refused request. tenant is the host's, or UnknownTenant;
// tokenTenant and token name the token only when it exists (expired, revoked, of
// another tenant), so that what a stranger sends never becomes a series.
func (s *Set) AuthFailure(tenant, tokenTenant, token, reason string) {
	if token != "" {
		s.mu.Lock()
		_, known := s.tokens[tokenKey{tokenTenant, token}]
		if !known && len(s.tokens) >= s.max {
			token = Other
		} else if !known {
			// Revoked tokens count against the cap too, or refusals could outgrow it.
			s.tokens[tokenKey{tokenTenant, token}] = s.newBound(tokenTenant, token)
		}
		s.mu.Unlock()
		if token == Other {
			s.overflow.Inc()
		}
	}
	s.authFailures.WithLabelValues(clean(tenant), clean(tokenTenant), clean(token), reason).Inc()
}

// Panicked counts a handler panic.
func (s *Set) Panicked() { s.panics.Inc() }

// LogDropped counts a request log entry nobody took in time.
func (s *Set) LogDropped() { s.logDropped.Inc() }

// Commits returns the function an engine calls after each durable commit: how
// long it took, and how many transactions and operations shared it.
func (s *Set) Commits(engine string) func(took time.Duration, transactions, ops int) {
	commit, batch := s.commit.WithLabelValues(engine), s.batch.WithLabelValues(engine)
	return func(took time.Duration, transactions, _ int) {
		commit.Observe(took.Seconds())
		batch.Observe(float64(transactions))
	}
}
