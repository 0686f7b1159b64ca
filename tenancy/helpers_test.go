package tenancy

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/memkv"
)

// clock is a clock the tests turn by hand.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// world is a registry over a store with two organizations; acme has two tenants.
type world struct {
	*Registry
	t     *testing.T
	ctx   context.Context
	store kv.Store
	clock *clock
}

var (
	tester  = Actor{Kind: "cli", Name: "test"}
	home    = netip.MustParseAddr("203.0.113.7")
	atHosts = map[string]string{"acme": "acme.test", "acme-staging": "staging.acme.test", "globex": "globex.test"}
)

// everyMode runs a test on a polite, a hostile and a small store.
func everyMode(t *testing.T, test func(t *testing.T, w *world)) {
	for name, opts := range map[string]memkv.Options{
		"default": {}, "hostile": {Hostile: true}, "limited": {Limited: true},
	} {
		t.Run(name, func(t *testing.T) { test(t, newWorld(t, memkv.New(opts), Options{})) })
	}
}

func newWorld(t *testing.T, store kv.Store, opts Options) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), store: store, clock: newClock()}
	if opts.Clock == nil {
		opts.Clock = w.clock.now
	}
	var err error
	w.Registry, err = Open(w.ctx, store, opts)
	require.NoError(t, err)
	for _, n := range []NewTenant{
		{Name: "acme", Hosts: []string{"acme.test"}},
		{Name: "acme-staging", Organization: "acme", Environment: "staging", Hosts: []string{"staging.acme.test"}},
		{Name: "globex", Hosts: []string{"globex.test", "scim.globex.test"}},
	} {
		_, err := w.CreateTenant(w.ctx, n, tester)
		require.NoError(t, err)
	}
	return w
}

func (w *world) at(name string) *Tenant {
	w.t.Helper()
	tenant, ok := w.Resolve(atHosts[name])
	require.True(w.t, ok, name)
	return tenant
}

func (w *world) token(tenant string, n NewToken) (Token, string) {
	w.t.Helper()
	if n.Name == "" {
		n.Name = "okta-prod"
	}
	token, text, err := w.CreateToken(w.ctx, tenant, n, tester)
	require.NoError(w.t, err)
	return token, text
}

// auth presents a token at a tenant's host and returns why it was refused.
func (w *world) auth(tenant *Tenant, text string) Reason {
	p, refusal := w.Authenticate(w.ctx, tenant, []byte(text), home, w.clock.now())
	require.NoError(w.t, refusal.Err)
	require.Equal(w.t, p == nil, refusal.Reason != ReasonNone)
	return refusal.Reason
}

// rows lists the keys of the system partition.
func rows(t *testing.T, store kv.Store) (keys []string, values []string) {
	t.Helper()
	require.NoError(t, store.View(t.Context(), kv.System, func(rd kv.Reader) error {
		keys, values = nil, nil
		for e, err := range rd.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			keys, values = append(keys, string(e.Key)), append(values, string(e.Value))
		}
		return nil
	}))
	return keys, values
}
