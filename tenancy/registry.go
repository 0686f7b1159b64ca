package tenancy

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
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
	Leniencies        []string         // the names SetSettings takes; default: none
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
	cursorKey [32]byte // set by Open, only read afterwards
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
	if err := r.loadCursorKey(ctx); err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	if err := r.resumeDeletions(ctx); err != nil {
		return nil, fmt.Errorf("resuming the deletion of a tenant: %w", err)
	}
	return r, r.loadTenants(ctx)
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
			return fmt.Errorf("the store has tenancy format %d and this program knows up to %d; start the newer release that wrote it, or put back a copy of the data folder", row.Format, currentFormat)
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
