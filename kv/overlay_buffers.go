package kv

import (
	"bytes"
	"sync"

	"github.com/tidwall/btree"
)

// buffers is the memory of an overlay: every write appends an entry, and a tree
// of entry numbers keeps the newest of each key in order. Numbers instead of keys
// keep the tree's nodes small, and the chain of prev numbers makes the list of
// entries its own undo log.
type buffers struct {
	entries []entry // entries[probe] holds the key being looked up
	tree    *btree.BTreeG[int32]
	arena   arena
	version uint64 // grows with every write and undo, so that scans notice
}

type entry struct {
	key, value []byte
	prev       int32 // the entry this one replaced, or none
	deleted    bool
}

// probe is the entry that look-ups borrow; being never in the tree, its number
// serves as "none" too.
const (
	probe int32 = 0
	none        = probe
)

func newBuffers() *buffers {
	b := &buffers{entries: make([]entry, 1, 16)}
	b.tree = btree.NewBTreeGOptions(func(x, y int32) bool {
		return bytes.Compare(b.entries[x].key, b.entries[y].key) < 0
	}, btree.Options{NoLocks: true, Degree: 16})
	return b
}

func (b *buffers) find(key []byte) int32 {
	if b.tree.Len() == 0 {
		return none
	}
	b.entries[probe].key = key
	i, _ := b.tree.Get(probe)
	b.entries[probe].key = nil
	return i
}

func (b *buffers) ascend(from []byte, fn func(int32) bool) {
	b.entries[probe].key = from
	b.tree.Ascend(probe, fn)
	b.entries[probe].key = nil
}

func (b *buffers) descend(from []byte, fn func(int32) bool) {
	b.entries[probe].key = from
	b.tree.Descend(probe, fn)
	b.entries[probe].key = nil
}

// record appends a write and returns the number of the entry it replaces.
func (b *buffers) record(k, v []byte, deleted bool, spare int) int32 {
	i := int32(len(b.entries))
	mem := b.arena.alloc(len(k) + len(v) + spare)
	n := copy(mem, k)
	m := n + copy(mem[n:], v)
	b.entries = append(b.entries, entry{key: mem[:n:n], value: mem[n:m], deleted: deleted})
	prev, _ := b.tree.Set(i)
	b.entries[i].prev = prev
	b.version++
	return prev
}

// undo takes the newest write back; prev is the entry it had replaced, or nil.
func (b *buffers) undo() (e entry, prev *entry) {
	last := len(b.entries) - 1
	e = b.entries[last]
	if e.prev != none {
		b.tree.Set(e.prev)
		prev = &b.entries[e.prev]
	} else {
		b.tree.Delete(int32(last))
	}
	b.entries[last] = entry{}
	b.entries = b.entries[:last]
	b.version++
	return e, prev
}

// reset empties b for its next use, and reports whether it is worth keeping:
// one huge transaction shall not pin its memory for ever.
func (b *buffers) reset() bool {
	const maxEntries = 4096
	if cap(b.entries) > maxEntries {
		return false
	}
	clear(b.entries)
	b.entries = b.entries[:1]
	b.tree.Clear()
	b.arena.reset()
	return true
}

// arena hands out memory from chunks, one allocation for many keys and values.
// Chunks are never moved, so slices stay valid until reset.
type arena struct {
	chunk []byte
	next  int // size of the next chunk
}

const (
	firstChunk = 4 << 10
	lastChunk  = 64 << 10
)

func (a *arena) alloc(n int) []byte {
	if n > cap(a.chunk)-len(a.chunk) {
		if n >= lastChunk/2 {
			return make([]byte, n) // its own chunk; the current one stays in use
		}
		a.next = min(max(2*a.next, firstChunk), lastChunk)
		for a.next < n {
			a.next *= 2
		}
		a.chunk = make([]byte, 0, a.next)
	}
	at := len(a.chunk)
	a.chunk = a.chunk[:at+n]
	return a.chunk[at : at+n : at+n]
}

func (a *arena) reset() { a.chunk = a.chunk[:0] }

// OverlayPool reuses the memory of overlays, so that a small transaction costs
// few allocations. The zero value is ready for use.
type OverlayPool struct{ pool sync.Pool }

// New returns an empty overlay on base.
func (p *OverlayPool) New(base Reader, opts OverlayOptions) *Overlay {
	b, ok := p.pool.Get().(*buffers)
	if !ok {
		b = newBuffers()
	}
	return newOverlay(base, opts, b)
}

// Release ends o and takes its memory back. A caller that kept its Writer gets
// ErrReadOnly from it from now on, never another transaction's memory; slices it
// kept against K5 may change under it.
func (p *OverlayPool) Release(o *Overlay) {
	b := o.b
	o.over, o.b, o.base, o.marks = true, nil, nil, nil
	if b != nil && b.reset() {
		p.pool.Put(b)
	}
}
