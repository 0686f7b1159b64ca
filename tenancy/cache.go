package tenancy

import (
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// tokenCache remembers tokens by prefix, and for a short time prefixes that
// stand for no token. A token that was changed must not be remembered as it was:
// invalidation happens after the commit and before the caller is answered, and a
// look-up in the store that began before it may not fill the cache after it. The
// epoch tells the two apart.
type tokenCache struct {
	positive *lru.Cache[Prefix, *cachedToken]
	negative *lru.Cache[Prefix, int64] // until when, Unix nanoseconds
	ttl      time.Duration

	mu    sync.Mutex // held while filling and invalidating, never on a hit
	epoch uint64

	hits, misses, negativeHits, evictions atomic.Uint64
}

// cachedToken keeps the hash apart from the principal, which is handed out.
type cachedToken struct {
	hash      [32]byte
	principal *Principal
}

func newTokenCache(size, negativeSize int, ttl time.Duration) (*tokenCache, error) {
	c := &tokenCache{ttl: ttl}
	var err error
	c.positive, err = lru.New[Prefix, *cachedToken](size)
	if err != nil {
		return nil, err
	}
	c.negative, err = lru.New[Prefix, int64](negativeSize)
	return c, err
}

// get returns the remembered token. known with a nil token means that the prefix
// is known to stand for none.
func (c *tokenCache) get(p Prefix, now time.Time) (t *cachedToken, known bool) {
	if t, known = c.positive.Get(p); known {
		c.hits.Add(1)
		return t, true
	}
	if until, ok := c.negative.Get(p); ok && now.UnixNano() < until {
		c.negativeHits.Add(1)
		return nil, true
	}
	return nil, false
}

func (c *tokenCache) currentEpoch() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.epoch
}

// fill remembers what a look-up begun in epoch found, and returns what the
// request should go on with: when another request was faster, its result, so
// that all requests of a token share one principal.
func (c *tokenCache) fill(epoch uint64, p Prefix, t *cachedToken, now time.Time) *cachedToken {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.epoch {
		return t
	}
	if t == nil {
		c.negative.Add(p, now.Add(c.ttl).UnixNano())
		return nil
	}
	if first, ok := c.positive.Peek(p); ok {
		return first
	}
	if c.positive.Add(p, t) {
		c.evictions.Add(1)
	}
	return t
}

// forget drops one prefix from both caches.
func (c *tokenCache) forget(p Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.positive.Remove(p)
	c.negative.Remove(p)
}

// forgetTenant drops all tokens of a tenant.
func (c *tokenCache) forgetTenant(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, p := range c.positive.Keys() {
		if t, ok := c.positive.Peek(p); ok && t.principal.Tenant.ID == id {
			c.positive.Remove(p)
		}
	}
}

// CacheStats counts what the token caches did since the registry was opened.
type CacheStats struct {
	Hits, NegativeHits, Misses, Evictions uint64
	Entries, NegativeEntries              int
}

// CacheStats returns the counts of the token caches.
func (r *Registry) CacheStats() CacheStats {
	c := r.cache
	return CacheStats{
		Hits: c.hits.Load(), NegativeHits: c.negativeHits.Load(), Misses: c.misses.Load(), Evictions: c.evictions.Load(),
		Entries: c.positive.Len(), NegativeEntries: c.negative.Len(),
	}
}
