package tenancy

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"scimedge/kv"
)

// usage is when a token was last used, in Unix milliseconds. It outlives the
// principals of the cache, so that an eviction loses nothing.
type usage struct {
	tenant, token string
	last          atomic.Int64
	flushed       int64 // guarded by usages.flush
}

func (u *usage) touch(ms int64) {
	for {
		old := u.last.Load()
		if ms <= old || u.last.CompareAndSwap(old, ms) {
			return
		}
	}
}

// usages holds the usage of every token presented since the start.
type usages struct {
	mu      sync.Mutex
	byToken map[string]*usage
	flush   sync.Mutex // one flush at a time
}

func (us *usages) of(tenant, token string) *usage {
	us.mu.Lock()
	defer us.mu.Unlock()
	u := us.byToken[token]
	if u == nil {
		u = &usage{tenant: tenant, token: token}
		us.byToken[token] = u
	}
	return u
}

func (us *usages) lastUsed(token string) int64 {
	us.mu.Lock()
	defer us.mu.Unlock()
	if u := us.byToken[token]; u != nil {
		return u.last.Load()
	}
	return 0
}

func (us *usages) forgetTenant(id string) {
	us.mu.Lock()
	defer us.mu.Unlock()
	for token, u := range us.byToken {
		if u.tenant == id {
			delete(us.byToken, token)
		}
	}
}

// FlushLastUsed writes the last-used times that changed since the last flush:
// one transaction, or as many as the store's limits ask for. It is meant to be
// called every few seconds and once before stopping; a crash loses what was
// used since the last call, and nothing else.
func (r *Registry) FlushLastUsed(ctx context.Context) error {
	us := &r.usage
	us.flush.Lock()
	defer us.flush.Unlock()
	type write struct {
		u  *usage
		ms int64
	}
	var due []write
	us.mu.Lock()
	for _, u := range us.byToken {
		if ms := u.last.Load(); ms > u.flushed {
			due = append(due, write{u, ms})
		}
	}
	us.mu.Unlock()

	for len(due) > 0 {
		chunk := due[:min(len(due), r.chunk())]
		due = due[len(chunk):]
		_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
			for _, d := range chunk {
				// A token whose tenant was deleted meanwhile must not leave a row behind.
				row, err := w.Get(idKey(rowToken, d.u.tenant, d.u.token))
				if err != nil {
					return err
				}
				if row == nil {
					continue
				}
				if err := w.Put(idKey(rowLastUsed, d.u.tenant, d.u.token), kv.Key(nil).Uint64(uint64(d.ms))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, d := range chunk {
			d.u.flushed = d.ms
		}
	}
	return nil
}

// readLastUsed merges what the store knows with what is in memory.
func (r *Registry) readLastUsed(rd kv.Reader, tenant, token string) (time.Time, error) {
	v, err := rd.Get(idKey(rowLastUsed, tenant, token))
	if err != nil {
		return time.Time{}, err
	}
	stored, _, _ := kv.CutUint64(v)
	ms := max(int64(stored), r.usage.lastUsed(token))
	if ms == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(ms).UTC(), nil
}
