package tenancy

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"scimedge/kv"
)

// Options of a Registry. The zero value is usable.
type Options struct {
	Clock             func() time.Time // default: time.Now
	Rand              io.Reader        // default: crypto/rand
	NeverExpires      bool             // whether tokens without expiry may be made
	TokenCacheSize    int              // default: 10,000
	NegativeCacheSize int              // default and most: 10,000
	NegativeTTL       time.Duration    // default and most: 5 seconds
	SessionTTL        time.Duration    // default: 12 hours
	PasswordHashers   int              // concurrent password hashes of 19 MiB each; default: 2
	Logger            *slog.Logger     // default: none
}

func (o Options) withDefaults() Options {
	const most = 10_000
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.TokenCacheSize <= 0 {
		o.TokenCacheSize = most
	}
	if o.NegativeCacheSize <= 0 || o.NegativeCacheSize > most {
		o.NegativeCacheSize = most
	}
	if o.NegativeTTL <= 0 || o.NegativeTTL > 5*time.Second {
		o.NegativeTTL = 5 * time.Second
	}
	if o.SessionTTL <= 0 {
		o.SessionTTL = 12 * time.Hour
	}
	if o.PasswordHashers <= 0 {
		o.PasswordHashers = 2
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Registry is the whole of tenancy over one store. It is safe for concurrent use.
type Registry struct {
	store kv.Store
	opts  Options

	tenants  atomic.Pointer[tenantMap]
	reloadMu sync.Mutex // orders replacements of the map

	cache     *tokenCache
	usage     usages
	passwords *passwordHasher
	attempts  *attemptLimiter
}

// tenantMap is every tenant at one moment. It is replaced, never changed.
type tenantMap struct {
	byHost, byName, byID map[string]*Tenant
	ordered              []*Tenant // by name
}

// Open reads the tenants and goes on with deletions that a crash interrupted.
// It refuses rows of a newer format.
func Open(ctx context.Context, store kv.Store, opts Options) (*Registry, error) {
	opts = opts.withDefaults()
	cache, err := newTokenCache(opts.TokenCacheSize, opts.NegativeCacheSize, opts.NegativeTTL)
	if err != nil {
		return nil, fmt.Errorf("token cache: %w", err)
	}
	attempts, err := newAttemptLimiter()
	if err != nil {
		return nil, fmt.Errorf("attempt limiter: %w", err)
	}
	r := &Registry{
		store: store, opts: opts, cache: cache, attempts: attempts,
		usage:     usages{byToken: map[string]*usage{}},
		passwords: newPasswordHasher(opts.PasswordHashers, opts.Rand),
	}
	if err := r.checkFormat(ctx); err != nil {
		return nil, err
	}
	if err := r.resumeDeletions(ctx); err != nil {
		return nil, fmt.Errorf("resuming the deletion of a tenant: %w", err)
	}
	return r, r.reload(ctx)
}

func (r *Registry) checkFormat(ctx context.Context) error {
	_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		row, err := getRow[formatRow](w, key(rowFormat))
		switch {
		case err != nil:
			return err
		case row == nil:
			return putRow(w, key(rowFormat), formatRow{Format: currentFormat})
		case row.Format > currentFormat:
			return fmt.Errorf("the store has tenancy format %d and this program knows up to %d; start the newer release that wrote it, or restore a backup", row.Format, currentFormat)
		}
		return nil
	})
	return err
}

// now is the moment as it is stored. It is taken outside of transactions, since
// their functions may run more than once.
func (r *Registry) now() time.Time { return storedTime(r.opts.Clock()) }

// chunk is how many operations one transaction of staged work may hold.
func (r *Registry) chunk() int { return max(1, min(r.store.Limits().MaxOps, 1000)*3/4) }

// reload replaces the map by what the store holds. Called after a commit, it
// makes the change visible to the request path before the caller is answered.
func (r *Registry) reload(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // the change is committed: it has to show
	r.reloadMu.Lock()
	defer r.reloadMu.Unlock()
	var m *tenantMap
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		m = &tenantMap{byHost: map[string]*Tenant{}, byName: map[string]*Tenant{}, byID: map[string]*Tenant{}}
		for e, err := range rd.Scan(kv.Prefix(key(rowTenant))) {
			if err != nil {
				return err
			}
			t, err := decodeRow[Tenant](e.Key, e.Value)
			if err != nil {
				return err
			}
			m.byName[t.Name], m.byID[t.ID] = t, t
			m.ordered = append(m.ordered, t)
			for _, h := range t.Hosts {
				m.byHost[h] = t
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading tenants: %w", err)
	}
	slices.SortFunc(m.ordered, func(a, b *Tenant) int { return cmp.Compare(a.Name, b.Name) })
	r.tenants.Store(m)
	return nil
}

// Resolve returns the tenant of a canonical host (see CanonicalHost). It reads
// memory only and is meant for every request.
func (r *Registry) Resolve(host string) (*Tenant, bool) {
	t, ok := r.tenants.Load().byHost[host]
	return t, ok
}

// Tenants lists all tenants by name.
func (r *Registry) Tenants(context.Context) ([]Tenant, error) {
	m := r.tenants.Load()
	out := make([]Tenant, len(m.ordered))
	for i, t := range m.ordered {
		out[i] = t.clone()
	}
	return out, nil
}

// TenantByName returns the tenant of that name, or ErrNotFound.
func (r *Registry) TenantByName(_ context.Context, name string) (Tenant, error) {
	t, err := r.find(name)
	if err != nil {
		return Tenant{}, err
	}
	return t.clone(), nil
}

// find resolves a name or an id. The two cannot be confused: no name looks like
// an id.
func (r *Registry) find(nameOrID string) (*Tenant, error) {
	m := r.tenants.Load()
	if t, ok := m.byName[nameOrID]; ok {
		return t, nil
	}
	if t, ok := m.byID[nameOrID]; ok {
		return t, nil
	}
	return nil, notFound("there is no tenant %q; `tenant list` shows those there are", clip(nameOrID))
}
