package main

import (
	"strconv"

	"scimedge/directory"
	"scimedge/internal/buildinfo"
	"scimedge/metrics"
)

// storeFormat is the layout of a tenant's rows that this build writes.
const storeFormat = directory.Format

func (s *server) metricOptions() metrics.Options {
	build := buildinfo.Get()
	return metrics.Options{
		MaxTokenSeries: s.cfg.Metrics.MaxTokenSeries,
		Version:        build.Version, Commit: build.Commit, StoreFormat: strconv.Itoa(storeFormat),
		Sources: metrics.Sources{Tenants: s.eachTenant, Tokens: s.eachToken, Caches: s.eachCache, Stores: s.eachStore},
	}
}

// eachTenant counts by a few point look-ups a tenant, whatever its size. A tenant
// that cannot be read is left out: a gap in a graph says more than a zero.
func (s *server) eachTenant(yield func(metrics.Tenant)) {
	tenants, err := s.registry.Tenants(s.life)
	if err != nil {
		return
	}
	for _, t := range tenants {
		dir, err := s.dirs.Of(&t)
		if err != nil {
			continue
		}
		c, err := dir.Counts(s.life)
		if err != nil {
			continue
		}
		yield(metrics.Tenant{
			Name: t.Name, Active: c.ActiveUsers, Inactive: c.Users - c.ActiveUsers, Groups: c.Groups, Memberships: c.Memberships,
		})
	}
}

func (s *server) eachToken(yield func(metrics.Token)) {
	tenants, err := s.registry.Tenants(s.life)
	if err != nil {
		return
	}
	for _, t := range tenants {
		tokens, err := s.registry.Tokens(s.life, t.ID)
		if err != nil {
			continue
		}
		for _, k := range tokens {
			yield(metrics.Token{
				Tenant: t.Name, Environment: k.Environment, IDP: k.IdP, Prefix: k.Prefix, Name: k.Name,
				State: string(k.State), Created: k.CreatedAt, LastUsed: k.LastUsedAt, Expires: k.ExpiresAt,
			})
		}
	}
}

func (s *server) eachCache(yield func(metrics.Cache)) {
	c := s.registry.CacheStats()
	yield(metrics.Cache{Kind: "positive", Hits: c.Hits, Misses: c.Misses, Evictions: c.Evictions, Entries: c.Entries})
	yield(metrics.Cache{Kind: "negative", Hits: c.NegativeHits, Entries: c.NegativeEntries})
}

func (s *server) eachStore(yield func(metrics.Store)) {
	if st, err := s.store.Stats(); err == nil {
		yield(metrics.Store{Engine: "boltkv", SizeBytes: st.Bytes})
	}
}
