package memkv

import (
	"bytes"
	"context"

	"scimedge/kv"
)

// retryBudget is how often fn runs at most before ErrConflict.
const retryBudget = 5

// Update implements kv.Store. fn runs in the caller's goroutine, so a panic or a
// runtime.Goexit in it unwinds there by itself, with the overlay forgotten.
func (s *Store) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if err := begin(ctx, p, &s.gate); err != nil {
		return 0, err
	}
	defer s.gate.Leave()
	part := s.partition(p)
	if err := part.lock(ctx); err != nil {
		return 0, err
	}
	defer part.unlock()

	n := s.updates.Add(1)
	discard := 0
	if s.opts.Hostile {
		discard = 1 + int(n%3)/2 // two runs, every third time three
	}
	lose := s.opts.ConflictEvery > 0 && n%uint64(s.opts.ConflictEvery) == 0
	if lose {
		discard = retryBudget
	}
	for range discard {
		_, _ = s.attempt(ctx, p, part, fn, false)
	}
	if lose {
		return 0, kv.ErrConflict
	}
	return s.attempt(ctx, p, part, fn, true)
}

// attempt runs fn once on the newest state and, if asked, commits what it wrote.
func (s *Store) attempt(ctx context.Context, p kv.Partition, part *partition, fn func(kv.Writer) error, commit bool) (kv.Seq, error) {
	base := s.snapshot(part)
	seq := base.seq
	o := s.overlays.New(base, kv.OverlayOptions{Seq: seq + 1, Limits: s.Limits()})
	defer s.overlays.Release(o)
	err := s.run(o, fn)
	base.finish()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	if !commit || o.Empty() {
		return seq, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := part.tree.Copy()
	for w := range o.Writes() {
		if w.Delete {
			next.Delete(row{key: w.Key})
		} else {
			next.Set(row{key: bytes.Clone(w.Key), value: append([]byte{}, w.Value...)})
		}
	}
	part.tree, part.seq = next, seq+1
	s.heads.Set(p, seq+1)
	return seq + 1, nil
}

func (s *Store) run(o *kv.Overlay, fn func(kv.Writer) error) error {
	defer o.Finish()
	if !s.opts.Hostile {
		return fn(o)
	}
	h := &hostileWriter{hostile: hostile{Reader: o}, w: o}
	defer h.poison()
	return fn(h)
}
