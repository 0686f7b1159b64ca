package memkv

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"scimedge/kv"
	"scimedge/kv/internal/engine"
)

// Options choose the mode of a [Store].
type Options struct {
	// Hostile does all that the contract allows and no polite engine does:
	// every fn runs at least twice, with the writes of all but the last run
	// thrown away (K3); slices handed out are overwritten after each run, and a
	// panic names a caller that wrote into one (K5).
	Hostile bool
	// Limited allows 100 operations and 1 MiB a transaction, as a distributed
	// engine would.
	Limited bool
	// ConflictEvery makes every n-th Update fail with kv.ErrConflict, with its
	// fn run as often as the retry budget allows and nothing written (K7).
	// 0 is never.
	ConflictEvery int
}

var (
	generous = kv.Limits{MaxOps: 50_000, MaxBytes: 32 << 20}
	limited  = kv.Limits{MaxOps: 100, MaxBytes: 1 << 20}
)

// Store is a kv.Store in memory. Writers of a partition queue up, readers have
// copy-on-write snapshots and wait for nobody.
type Store struct {
	opts     Options
	gate     engine.Gate
	heads    engine.Heads
	overlays kv.OverlayPool
	updates  atomic.Uint64

	mu    sync.Mutex
	parts map[kv.Partition]*partition
}

var _ kv.Store = (*Store)(nil)

type partition struct {
	writer chan struct{} // holds one token while a transaction may write; a channel, so that waiting can be cancelled
	// Guarded by Store.mu. A tree is never changed once it is here: commits
	// put a changed copy in its place.
	tree *tree
	seq  kv.Seq
}

type tree = btree.BTreeG[row]

type row struct{ key, value []byte }

func newTree() *tree {
	return btree.NewBTreeGOptions(func(a, b row) bool { return bytes.Compare(a.key, b.key) < 0 },
		btree.Options{NoLocks: true})
}

// New returns an empty store.
func New(opts Options) *Store {
	return &Store{opts: opts, parts: make(map[kv.Partition]*partition)}
}

// partition returns p's state, made on demand: a partition exists for callers
// once its seq is not 0.
func (s *Store) partition(p kv.Partition) *partition {
	s.mu.Lock()
	defer s.mu.Unlock()
	part := s.parts[p]
	if part == nil {
		part = &partition{writer: make(chan struct{}, 1), tree: newTree()}
		s.parts[p] = part
	}
	return part
}

func (s *Store) snapshot(part *partition) *reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &reader{tree: part.tree, seq: part.seq}
}

// View implements kv.Store.
func (s *Store) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	if err := begin(ctx, p, &s.gate); err != nil {
		return err
	}
	defer s.gate.Leave()
	part := s.partition(p)
	r := s.snapshot(part)
	defer r.finish()
	if !s.opts.Hostile {
		return fn(r)
	}
	h := &hostile{Reader: r}
	defer h.poison()
	return fn(h)
}

func begin(ctx context.Context, p kv.Partition, g *engine.Gate) error {
	if err := engine.CheckPartition(p); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return g.Enter()
}

// Watch implements kv.Store.
func (s *Store) Watch(ctx context.Context, after map[kv.Partition]kv.Seq) iter.Seq2[kv.Head, error] {
	return s.heads.Watch(ctx, after)
}

// Partitions implements kv.Store.
func (s *Store) Partitions(ctx context.Context) iter.Seq2[kv.Partition, error] {
	return func(yield func(kv.Partition, error) bool) {
		if err := s.gate.Enter(); err != nil {
			yield("", err)
			return
		}
		var names []kv.Partition
		s.mu.Lock()
		for p, part := range s.parts {
			if part.seq > 0 {
				names = append(names, p)
			}
		}
		s.mu.Unlock()
		s.gate.Leave()
		slices.Sort(names)
		for _, p := range names {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// DropPartition implements kv.Store.
func (s *Store) DropPartition(ctx context.Context, p kv.Partition) error {
	if err := begin(ctx, p, &s.gate); err != nil {
		return err
	}
	defer s.gate.Leave()
	part := s.partition(p)
	if err := part.lock(ctx); err != nil {
		return err
	}
	defer part.unlock()
	s.mu.Lock()
	part.tree, part.seq = newTree(), 0
	s.mu.Unlock()
	s.heads.Drop(p)
	return nil
}

// Limits implements kv.Store.
func (s *Store) Limits() kv.Limits {
	if s.opts.Limited {
		return limited
	}
	return generous
}

// Close implements kv.Store.
func (s *Store) Close() error {
	s.heads.Close()
	s.gate.Close()
	return nil
}

func (part *partition) lock(ctx context.Context) error {
	select {
	case part.writer <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (part *partition) unlock() { <-part.writer }
