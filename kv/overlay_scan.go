package kv

import (
	"bytes"
	"iter"
)

// Scan yields the merged view of the base and this transaction's own writes.
//
// Writes made while a Scan is being iterated are allowed and are seen live: each
// step yields the next key, beyond the last one yielded, of the transaction as it
// is at that moment. A key put ahead of the scan comes up, one deleted ahead does
// not, and what happens behind it is not visited again. So deleting the entry
// under hand is safe, and a loop that keeps putting keys ahead of itself ends
// only at the limits.
func (o *Overlay) Scan(r Range) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if o.over {
			yield(Entry{}, ErrReadOnly)
			return
		}
		c := cursor{o: o, r: r, version: o.b.version - 1}
		for e, err := range o.base.Scan(r) {
			if err == nil && o.over {
				err = ErrReadOnly // a sequence kept beyond its transaction
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			shadowed := false
			for !shadowed {
				i := c.peek()
				if i == none {
					break
				}
				d := compare(o.b.entries[i].key, e.Key, r.Reverse)
				if d > 0 {
					break
				}
				shadowed = d == 0
				if !c.emit(i, yield) {
					return
				}
			}
			if shadowed {
				continue
			}
			c.last = e.Key
			if !yield(e, nil) {
				return
			}
		}
		for i := c.peek(); i != none; i = c.peek() {
			if !c.emit(i, yield) {
				return
			}
		}
	}
}

// cursor walks the overlay's own entries within a range. It keeps a key, not a
// place in the tree, and looks its place up again after a write, so that writes
// cannot break it.
type cursor struct {
	o       *Overlay
	r       Range
	last    []byte // the last key visited, nil at the start
	next    int32  // the entry ahead, as of version
	version uint64
}

// peek returns the next own entry beyond last, or none.
func (c *cursor) peek() int32 {
	b := c.o.b
	if c.o.over {
		return none
	}
	if c.version == b.version {
		return c.next
	}
	c.version = b.version
	c.next = none
	if b.tree.Len() == 0 {
		return none
	}
	accept := func(i int32) bool {
		if c.last != nil && bytes.Equal(b.entries[i].key, c.last) {
			return true
		}
		c.next = i
		return false
	}
	switch {
	case !c.r.Reverse:
		from := c.last
		if from == nil {
			from = c.r.Lo
		}
		b.ascend(from, accept)
		if c.next != none && len(c.r.Hi) > 0 && bytes.Compare(b.entries[c.next].key, c.r.Hi) >= 0 {
			c.next = none
		}
	case c.last == nil && len(c.r.Hi) == 0:
		b.tree.Reverse(accept)
		c.checkLo()
	default:
		below := c.last
		if below == nil {
			below = c.r.Hi
		}
		b.descend(below, func(i int32) bool {
			if bytes.Equal(b.entries[i].key, below) {
				return true // the upper bound is exclusive
			}
			return accept(i)
		})
		c.checkLo()
	}
	return c.next
}

func (c *cursor) checkLo() {
	if c.next != none && bytes.Compare(c.o.b.entries[c.next].key, c.r.Lo) < 0 {
		c.next = none
	}
}

// emit moves past entry i and yields it, unless it is a delete.
func (c *cursor) emit(i int32, yield func(Entry, error) bool) bool {
	e := c.o.b.entries[i]
	c.last = e.key
	c.version-- // look up the next one
	if e.deleted {
		return true
	}
	out := Entry{Key: e.key[:len(e.key):len(e.key)]}
	if !c.r.KeysOnly {
		out.Value = e.value[:len(e.value):len(e.value)]
	}
	return yield(out, nil)
}
