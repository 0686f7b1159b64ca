package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sources are asked at scrape time. Each may be nil. They must be safe for
// concurrent use and should answer from memory or by point look-ups.
type Sources struct {
	Tokens  func(yield func(Token))
	Tenants func(yield func(Tenant))
	Caches  func(yield func(Cache))
	Stores  func(yield func(Store))
}

// Token describes one token without its secret.
type Token struct {
	Tenant, Environment, IDP string
	Prefix, Name, State      string
	// Zero times are left out: never used, never expires.
	Created, LastUsed, Expires time.Time
}

// Tenant is the size of one directory.
type Tenant struct {
	Name                                  string
	Active, Inactive, Groups, Memberships int
}

// Cache is the standing of one token cache; Kind is positive or negative.
type Cache struct {
	Kind                    string
	Hits, Misses, Evictions uint64
	Entries                 int
}

// Store is the size of one store.
type Store struct {
	Engine    string
	SizeBytes int64
}

// sampled turns Sources into metrics whenever the registry gathers.
type sampled struct {
	src Sources
	set *Set

	once  sync.Once
	descs sampledDescs
}

type sampledDescs struct {
	tokenInfo, tokenUsed, tokenExpiry, tokenCreated *prometheus.Desc
	users, groups, memberships                      *prometheus.Desc
	hits, misses, evictions, entries                *prometheus.Desc
	storeSize                                       *prometheus.Desc
}

func (c *sampled) names() *sampledDescs {
	c.once.Do(func() {
		desc := func(name, help string, labels ...string) *prometheus.Desc {
			return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
		}
		c.descs = sampledDescs{
			tokenInfo:    desc("token_info", "Always 1; the labels describe a token.", "tenant", "token", "token_name", "environment", "idp", "state"),
			tokenUsed:    desc("token_last_used_timestamp_seconds", "When the token was last accepted.", "tenant", "token"),
			tokenExpiry:  desc("token_expiry_timestamp_seconds", "When the token expires.", "tenant", "token"),
			tokenCreated: desc("token_created_timestamp_seconds", "When the token was issued.", "tenant", "token"),
			users:        desc("users", "Users in the directory.", "tenant", "state"),
			groups:       desc("groups", "Groups in the directory.", "tenant"),
			memberships:  desc("group_memberships", "Memberships in the directory.", "tenant"),
			hits:         desc("token_cache_hits_total", "Token look-ups answered from memory.", "kind"),
			misses:       desc("token_cache_misses_total", "Token look-ups that went to the store.", "kind"),
			evictions:    desc("token_cache_evictions_total", "Cached tokens dropped for want of room.", "kind"),
			entries:      desc("token_cache_entries", "Tokens in memory.", "kind"),
			storeSize:    desc("kv_size_bytes", "Size of the store on disk.", "engine"),
		}
	})
	return &c.descs
}

// Describe implements prometheus.Collector.
func (c *sampled) Describe(out chan<- *prometheus.Desc) {
	d := c.names()
	for _, desc := range []*prometheus.Desc{
		d.tokenInfo, d.tokenUsed, d.tokenExpiry, d.tokenCreated, d.users, d.groups, d.memberships,
		d.hits, d.misses, d.evictions, d.entries, d.storeSize,
	} {
		out <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *sampled) Collect(out chan<- prometheus.Metric) {
	d := c.names()
	send := func(desc *prometheus.Desc, typ prometheus.ValueType, v float64, labels ...string) {
		for i := range labels {
			labels[i] = clean(labels[i])
		}
		m, err := prometheus.NewConstMetric(desc, typ, v, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(desc, err)
		}
		out <- m
	}
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		send(desc, prometheus.GaugeValue, v, labels...)
	}
	if c.src.Tokens != nil {
		c.tokens(gauge)
	}
	if c.src.Tenants != nil {
		c.src.Tenants(func(t Tenant) {
			gauge(d.users, float64(t.Active), t.Name, "active")
			gauge(d.users, float64(t.Inactive), t.Name, "inactive")
			gauge(d.groups, float64(t.Groups), t.Name)
			gauge(d.memberships, float64(t.Memberships), t.Name)
		})
	}
	if c.src.Caches != nil {
		c.src.Caches(func(k Cache) {
			send(d.hits, prometheus.CounterValue, float64(k.Hits), k.Kind)
			send(d.misses, prometheus.CounterValue, float64(k.Misses), k.Kind)
			send(d.evictions, prometheus.CounterValue, float64(k.Evictions), k.Kind)
			gauge(d.entries, float64(k.Entries), k.Kind)
		})
	}
	if c.src.Stores != nil {
		c.src.Stores(func(s Store) { gauge(d.storeSize, float64(s.SizeBytes), s.Engine) })
	}
}

// tokens keeps to the same cap as the counters: the tokens beyond it would only
// describe series that do not exist.
func (c *sampled) tokens(gauge func(*prometheus.Desc, float64, ...string)) {
	d, sent := c.names(), 0
	when := func(desc *prometheus.Desc, at time.Time, t Token) {
		if !at.IsZero() {
			gauge(desc, float64(at.UnixMilli())/1000, t.Tenant, t.Prefix)
		}
	}
	c.src.Tokens(func(t Token) {
		if sent++; sent > c.set.max {
			return
		}
		gauge(d.tokenInfo, 1, t.Tenant, t.Prefix, t.Name, t.Environment, t.IDP, t.State)
		when(d.tokenUsed, t.LastUsed, t)
		when(d.tokenExpiry, t.Expires, t)
		when(d.tokenCreated, t.Created, t)
	})
}
