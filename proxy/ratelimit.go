package proxy

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"scimedge/metrics"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// caller is what the edge keeps with a cached principal, so that a request of a
// known token costs no look-up and no lock but those of the buckets themselves.
type caller struct {
	bound  *metrics.Bound
	token  *rate.Limiter // nil: no limit
	tenant *rate.Limiter // shared by the tenant's tokens; nil: no limit
	policy string        // RateLimit-Policy; empty when it is not sent
}

func (e *Edge) newCaller(p *tenancy.Principal) *caller {
	c := &caller{
		bound:  e.Metrics.Bind(p.Tenant.Name, string(p.Token.Environment), p.Token.IdP, p.Token.Prefix),
		token:  newBucket(e.Limits.RatePerToken),
		tenant: e.buckets.of(p.Tenant.ID, e.Limits.RatePerTenant),
	}
	if e.Limits.RateHeaders {
		c.policy = c.ratePolicy()
	}
	return c
}

// newBucket allows so many requests a second, and two seconds' worth at once,
// since identity providers send in batches.
func newBucket(perSecond int) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), 2*perSecond)
}

// buckets are those of the tenants. They outlive principals, or changing one
// token would fill up the bucket of all; there are as many as tenants.
type buckets struct{ byTenant sync.Map }

func (b *buckets) of(tenantID string, perSecond int) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	if l, ok := b.byTenant.Load(tenantID); ok {
		return l.(*rate.Limiter)
	}
	l, _ := b.byTenant.LoadOrStore(tenantID, newBucket(perSecond))
	return l.(*rate.Limiter)
}

// checkRate holds the caller to its rates.
func (r *request) checkRate() error {
	c := r.caller
	if c == nil {
		return nil
	}
	err := r.takeRate(c)
	if c.policy != "" {
		r.tellRate(c)
	}
	return err
}

// takeRate takes the request from the caller's buckets. The token's comes first:
// what one token sends too much is not taken from the other tokens of its tenant.
func (r *request) takeRate(c *caller) error {
	if wait := take(c.token, r.began); wait > 0 {
		return r.tooFast(c, wait, "This token sends more requests than it may in a second. Wait as long as Retry-After says.")
	}
	if wait := take(c.tenant, r.began); wait > 0 {
		return r.tooFast(c, wait, "The tokens of this tenant together send more requests than they may in a second. Wait as long as Retry-After says.")
	}
	return nil
}

// charge takes what a bulk request costs beyond one request. It was let in, so it
// is done whole, and the caller waits for it afterwards: the buckets go into debt.
func (r *request) charge(n int) {
	for _, l := range [...]*rate.Limiter{r.caller.token, r.caller.tenant} {
		if l == nil {
			continue
		}
		for left := n; left > 0; left -= l.Burst() {
			l.ReserveN(r.began, min(left, l.Burst()))
		}
	}
	if r.caller.policy != "" {
		r.tellRate(r.caller)
	}
}

func (r *request) tooFast(c *caller, wait time.Duration, detail string) error {
	c.bound.RateLimited()
	r.reason = rateLimited
	return r.tooMany(wait, detail)
}

// rateLimited is the reason of requests refused for their number alone.
const rateLimited = "rate_limited"

func (r *request) tooMany(wait time.Duration, detail string) error {
	r.retryAfter(wholeSeconds(wait))
	return scimcore.Errorf(429, scimcore.NoType, "%s", detail)
}

// take takes one from the bucket, or says how long until there is one.
func take(l *rate.Limiter, now time.Time) time.Duration {
	if l == nil || l.AllowN(now, 1) {
		return 0
	}
	return max(untilOne(l, now), 1) // it may have filled since, or time gone back
}

func untilOne(l *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - l.TokensAt(now)
	return max(time.Duration(missing/float64(l.Limit())*float64(time.Second)), 0)
}

// wholeSeconds rounds up, as whoever comes back early is refused again.
func wholeSeconds(d time.Duration) int {
	return max(int((d+time.Second-1)/time.Second), 1)
}
