package kv

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
)

// ErrMark is returned by Rollback for a mark that was never set, or that an
// earlier Rollback to an older mark forgot.
var ErrMark = errors.New("kv: rollback to a mark that is not set")

// Overlay is the [Writer] every engine runs transactions on: an ordered layer of
// writes in memory over a base [Reader]. The base is only read, so a transaction
// that fails is dropped by forgetting its overlay, and a transaction that wins is
// applied by walking [Overlay.Writes].
//
// Limits count what would be applied: one operation and the key's and value's
// bytes for each distinct key, however often it was written. The Put or Delete
// that goes over them returns [ErrTooLarge] and leaves no trace of itself; the
// writes before it stand. A Delete of a missing key still counts, for finding out
// would cost a read; a DeleteRange counts the keys it found.
//
// An Overlay belongs to the goroutine that runs the transaction.
type Overlay struct {
	base   Reader
	seq    Seq
	limits Limits
	spare  int
	b      *buffers // nil once released
	over   bool     // fn returned; only Writes still works
	bytes  int
	marks  []mark
	marked Mark
}

var _ Writer = (*Overlay)(nil)

type mark struct {
	id   Mark
	size int // entries there were
}

// OverlayOptions is what an engine decides about an [Overlay].
type OverlayOptions struct {
	Seq    Seq    // the number this transaction takes if it commits
	Limits Limits // a zero field means no limit
	// Spare is the room left behind each value, so that an engine can append a
	// trailer, such as a checksum, without copying the value.
	Spare int
}

// NewOverlay returns an empty overlay on base.
func NewOverlay(base Reader, opts OverlayOptions) *Overlay {
	return newOverlay(base, opts, newBuffers())
}

func newOverlay(base Reader, opts OverlayOptions, b *buffers) *Overlay {
	return &Overlay{base: base, seq: opts.Seq, limits: opts.Limits, spare: opts.Spare, b: b}
}

// Seq is the number this transaction takes if it commits.
func (o *Overlay) Seq() Seq { return o.seq }

// Get returns this transaction's own write of key, else the base's value.
func (o *Overlay) Get(key []byte) ([]byte, error) {
	if o.over {
		return nil, ErrReadOnly
	}
	if i := o.b.find(key); i != none {
		e := &o.b.entries[i]
		if e.deleted {
			return nil, nil
		}
		return e.value[:len(e.value):len(e.value)], nil
	}
	return o.base.Get(key)
}

// Put stores a copy of v under a copy of k.
func (o *Overlay) Put(k, v []byte) error {
	switch {
	case o.over:
		return ErrReadOnly
	case len(k) == 0:
		return fmt.Errorf("%w: the key is empty", ErrTooLarge)
	case len(k) > MaxKeyLen:
		return fmt.Errorf("%w: key of %d bytes, at most %d", ErrTooLarge, len(k), MaxKeyLen)
	case len(v) > MaxValueLen:
		return fmt.Errorf("%w: value of %d bytes, at most %d", ErrTooLarge, len(v), MaxValueLen)
	}
	return o.write(k, v, false)
}

// Delete removes k. A key outside the bounds (K10) cannot exist, so that removing
// it is no error, as for any missing key.
func (o *Overlay) Delete(k []byte) error {
	if o.over {
		return ErrReadOnly
	}
	if len(k) == 0 || len(k) > MaxKeyLen {
		return nil
	}
	return o.write(k, nil, true)
}

// DeleteRange removes lo <= key < hi; an empty bound is open, as in [Range]. It
// removes all of them or, when that would exceed the limits, none.
func (o *Overlay) DeleteRange(lo, hi []byte) error {
	if o.over {
		return ErrReadOnly
	}
	size := len(o.b.entries)
	for e, err := range o.Scan(Range{Lo: lo, Hi: hi, KeysOnly: true}) {
		if err == nil {
			err = o.write(e.Key, nil, true)
		}
		if err != nil {
			o.truncate(size)
			return err
		}
	}
	return nil
}

// write records a put or a delete, and takes it back if it exceeds the limits:
// checking afterwards costs one look-up in the tree instead of two.
func (o *Overlay) write(k, v []byte, deleted bool) error {
	prev := o.b.record(k, v, deleted, o.spare)
	o.bytes += len(k) + len(v)
	if prev != none {
		p := &o.b.entries[prev]
		o.bytes -= len(p.key) + len(p.value)
	}
	if ops := o.b.tree.Len(); o.limits.MaxOps > 0 && ops > o.limits.MaxOps {
		o.truncate(len(o.b.entries) - 1)
		return fmt.Errorf("%w: more than %d operations in one transaction", ErrTooLarge, o.limits.MaxOps)
	}
	if o.limits.MaxBytes > 0 && o.bytes > o.limits.MaxBytes {
		o.truncate(len(o.b.entries) - 1)
		return fmt.Errorf("%w: more than %d bytes in one transaction", ErrTooLarge, o.limits.MaxBytes)
	}
	return nil
}

// truncate undoes every write after the first size entries, newest first.
func (o *Overlay) truncate(size int) {
	for len(o.b.entries) > size {
		e, prev := o.b.undo()
		o.bytes -= len(e.key) + len(e.value)
		if prev != nil {
			o.bytes += len(prev.key) + len(prev.value)
		}
	}
}

// Savepoint marks the writes so far. It costs a few bytes: the list of writes is
// itself the undo log.
func (o *Overlay) Savepoint() Mark {
	if o.over {
		return 0 // never a valid mark
	}
	o.marked++
	o.marks = append(o.marks, mark{o.marked, len(o.b.entries)})
	return o.marked
}

// Rollback undoes the writes made since m, which stays usable; younger marks are
// forgotten. Slices handed out before stay valid (K5).
func (o *Overlay) Rollback(m Mark) error {
	if o.over {
		return ErrReadOnly
	}
	for i := len(o.marks) - 1; i >= 0 && o.marks[i].id >= m; i-- {
		if o.marks[i].id == m {
			o.truncate(o.marks[i].size)
			o.marks = o.marks[:i+1]
			return nil
		}
	}
	return ErrMark
}

// Empty reports whether there is nothing to commit (K6): no write was made, or
// all were rolled back. Deleting a missing key and putting an equal value are
// writes; a DeleteRange that found nothing is not.
func (o *Overlay) Empty() bool { return o.b == nil || o.b.tree.Len() == 0 }

// Ops and Bytes are what counts against the limits.
func (o *Overlay) Ops() int {
	if o.b == nil {
		return 0
	}
	return o.b.tree.Len()
}

// Bytes is the sum of the keys and values to be applied.
func (o *Overlay) Bytes() int { return o.bytes }

// Finish ends the transaction: from now on the methods of Writer return
// ErrReadOnly, so that a Writer that fn let escape cannot add to what the engine
// is applying. Writes, Empty, Ops and Bytes go on working.
func (o *Overlay) Finish() { o.over = true }

// Write is one key's final state, to be applied by an engine. Behind Value there
// is room for OverlayOptions.Spare more bytes.
type Write struct {
	Key, Value []byte
	Delete     bool
}

// Writes yields the final puts and deletes in key order. The slices live until
// the overlay is given back to its pool.
func (o *Overlay) Writes() iter.Seq[Write] {
	return func(yield func(Write) bool) {
		if o.b == nil {
			return
		}
		o.b.tree.Scan(func(i int32) bool {
			e := &o.b.entries[i]
			return yield(Write{e.key, e.value, e.deleted})
		})
	}
}

// compare orders a and b along the direction of a scan.
func compare(a, b []byte, reverse bool) int {
	if reverse {
		return bytes.Compare(b, a)
	}
	return bytes.Compare(a, b)
}
