package engine

import (
	"container/list"
	"context"
	"iter"
	"sync"

	"scimedge/kv"
)

// Heads is the newest Seq of each partition, in memory, for Watch. Partitions are
// kept in the order of their latest move, so that a watcher that wakes up looks
// only at what moved since, however many partitions there are. The zero value is
// ready for use.
type Heads struct {
	mu     sync.Mutex
	byName map[kv.Partition]*list.Element
	moves  list.List // of *head, latest move at the back
	clock  uint64    // counts moves
	wake   chan struct{}
	closed bool
}

type head struct {
	kv.Head
	born, moved uint64 // clock at creation and at the latest move
}

// Set records that a partition's commit became visible. Calls for one partition
// come in the order of its commits.
func (h *Heads) Set(p kv.Partition, seq kv.Seq) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock++
	e := h.byName[p]
	if e == nil {
		if h.byName == nil {
			h.byName = make(map[kv.Partition]*list.Element)
		}
		e = h.moves.PushBack(&head{Head: kv.Head{Partition: p}, born: h.clock})
		h.byName[p] = e
	}
	hd := e.Value.(*head)
	hd.Seq, hd.moved = seq, h.clock
	h.moves.MoveToBack(e)
	h.notify()
}

// Drop forgets a partition; one that is written again starts anew.
func (h *Heads) Drop(p kv.Partition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.byName[p]; e != nil {
		h.moves.Remove(e)
		delete(h.byName, p)
	}
}

// Get returns the head of p, 0 when there is none.
func (h *Heads) Get(p kv.Partition) kv.Seq {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.byName[p]; e != nil {
		return e.Value.(*head).Seq
	}
	return 0
}

// Close ends all watchers.
func (h *Heads) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.notify()
}

func (h *Heads) notify() {
	if h.wake != nil {
		close(h.wake)
		h.wake = nil
	}
}

// Watch implements kv.Store.Watch. No lock is held while a head is yielded.
func (h *Heads) Watch(ctx context.Context, after map[kv.Partition]kv.Seq) iter.Seq2[kv.Head, error] {
	return func(yield func(kv.Head, error) bool) {
		var seen, start uint64
		for first := true; ; first = false {
			if err := ctx.Err(); err != nil {
				yield(kv.Head{}, err)
				return
			}
			h.mu.Lock()
			if h.closed {
				h.mu.Unlock()
				yield(kv.Head{}, kv.ErrClosed)
				return
			}
			if first {
				start = h.clock
			}
			var moved []kv.Head
			for e := h.moves.Back(); e != nil && e.Value.(*head).moved > seen; e = e.Prev() {
				hd := e.Value.(*head)
				// A partition born while watching is new, even if an earlier one
				// of that name had come further.
				if hd.born > start || hd.Seq > after[hd.Partition] {
					moved = append(moved, hd.Head)
				}
			}
			seen = h.clock
			var wake chan struct{}
			if len(moved) == 0 {
				if h.wake == nil {
					h.wake = make(chan struct{})
				}
				wake = h.wake
			}
			h.mu.Unlock()
			if wake != nil {
				select {
				case <-wake:
				case <-ctx.Done():
				}
				continue
			}
			for i := len(moved) - 1; i >= 0; i-- { // oldest move first
				if !yield(moved[i], nil) {
					return
				}
			}
		}
	}
}
