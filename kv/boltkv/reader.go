package boltkv

import (
	"bytes"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"scimedge/kv"
)

// reader reads one partition within a bbolt transaction.
type reader struct {
	bucket *bbolt.Bucket // nil when the partition does not exist
	p      kv.Partition
	seed   uint32
	seq    kv.Seq
	over   bool // fn returned: the memory under bucket may be gone

	// reusable says that nothing writes to the bucket, so that cursors may be
	// kept: one for look-ups, and one for scans, which is lent to one at a time.
	reusable bool
	broken   bool // bbolt panicked
	look     *bbolt.Cursor
	scan     *bbolt.Cursor

	touched byte
}

func (r *reader) Seq() kv.Seq { return r.seq }

func (r *reader) Get(key []byte) (v []byte, err error) {
	if r.over {
		return nil, kv.ErrReadOnly
	}
	if r.bucket == nil {
		return nil, nil
	}
	defer r.rescue(key, &err)
	if v = r.get(key); v == nil {
		return nil, nil
	}
	return unseal(r.p, r.seed, key, v)
}

// get is Bucket.Get, with a kept cursor where that is safe.
func (r *reader) get(key []byte) []byte {
	if !r.reusable {
		return r.bucket.Get(key)
	}
	if r.look == nil {
		r.look = r.bucket.Cursor()
	}
	if k, v := r.look.Seek(key); bytes.Equal(k, key) {
		return v
	}
	return nil
}

// lend returns a cursor for one scan; giveBack takes it for the next.
func (r *reader) lend() *bbolt.Cursor {
	if c := r.scan; c != nil {
		r.scan = nil
		return c
	}
	return r.bucket.Cursor()
}

func (r *reader) giveBack(c *bbolt.Cursor) {
	if c != nil && r.reusable && !r.over {
		r.scan = c
	}
}

func (r *reader) Scan(rg kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		if r.bucket == nil && !r.over {
			return
		}
		var c *bbolt.Cursor
		defer func() { r.giveBack(c) }()
		for {
			e, err := r.step(&c, rg)
			if err != nil {
				yield(kv.Entry{}, err)
				return
			}
			if e.Key == nil || !yield(e, nil) {
				return
			}
		}
	}
}

// step moves c, made by the first step, and returns the entry there, or none at
// the end. It is apart from Scan so that rescue guards bbolt and not the loop's body.
func (r *reader) step(c **bbolt.Cursor, rg kv.Range) (e kv.Entry, err error) {
	if r.over {
		return e, kv.ErrReadOnly
	}
	var k, v []byte
	defer r.rescue(nil, &err)
	switch {
	case *c != nil && rg.Reverse:
		k, v = (*c).Prev()
	case *c != nil:
		k, v = (*c).Next()
	default:
		*c = r.lend()
		k, v = first(*c, rg)
	}
	if k == nil {
		return e, nil
	}
	if rg.Reverse && bytes.Compare(k, rg.Lo) < 0 ||
		!rg.Reverse && len(rg.Hi) > 0 && bytes.Compare(k, rg.Hi) >= 0 {
		return e, nil
	}
	if len(k) == 0 || len(k) > kv.MaxKeyLen {
		return e, corrupt(r.p, nil)
	}
	r.touched = k[len(k)-1] // a key outside of the file faults here, not in the caller
	e.Key = k[:len(k):len(k)]
	if !rg.KeysOnly {
		e.Value, err = unseal(r.p, r.seed, k, v)
	}
	return e, err
}

func first(c *bbolt.Cursor, rg kv.Range) (k, v []byte) {
	if !rg.Reverse {
		if len(rg.Lo) == 0 {
			return c.First()
		}
		return c.Seek(rg.Lo)
	}
	if len(rg.Hi) > 0 {
		if k, _ := c.Seek(rg.Hi); k != nil {
			return c.Prev() // the upper bound is exclusive
		}
	}
	return c.Last()
}

// rescue turns a panic of bbolt into an error. bbolt asserts what its pages hold,
// and they carry no checksum; a damaged page shall fail the requests that touch
// it and not the process. With debug.SetPanicOnFault, which every goroutine that
// reads has set, this covers a mapped page that the disk cannot deliver as well.
// It must be deferred itself: recover works in the deferred function only.
func (r *reader) rescue(key []byte, err *error) {
	if p := recover(); p != nil {
		r.broken = true
		*err = fmt.Errorf("%w: bbolt: %v", corrupt(r.p, key), p)
	}
}
