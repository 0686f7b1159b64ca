package directory

import (
	"iter"

	"scimedge/kv"
)

// txn is one run of a transaction that writes resources: what the writes in it
// share. It is made anew whenever the store runs the transaction again.
type txn struct {
	kv.Writer
	now     int64 // unix milliseconds
	changes int   // logged so far
	cost    int   // rows read and written so far, a KiB of value counting as one more
	// What deletes leave behind to be cleared away after the commit. Jobs for it
	// are in the store, should that not come to pass.
	burials []ref
	purges  []membership
}

func newTxn(w kv.Writer, now int64) *txn { return &txn{Writer: w, now: now} }

func (t *txn) spend(value []byte) { t.cost += 1 + len(value)>>10 }

// Get, Put, Delete and Scan are those of the store, with their cost.
func (t *txn) Get(k []byte) ([]byte, error) {
	v, err := t.Writer.Get(k)
	t.spend(v)
	return v, err
}

func (t *txn) Put(k, v []byte) error {
	t.spend(v)
	return t.Writer.Put(k, v)
}

func (t *txn) Delete(k []byte) error {
	t.spend(nil)
	return t.Writer.Delete(k)
}

func (t *txn) Scan(r kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range t.Writer.Scan(r) {
			t.spend(e.Value)
			if !yield(e, err) {
				return
			}
		}
	}
}

// log writes c to the change log as the next change of the transaction. Where the
// values before and after do not fit into one row together, it says which
// attributes changed, and not how.
func (t *txn) log(c *Change) error {
	c.Seq, c.Index = t.Seq(), t.changes
	t.changes++
	row := c.encode()
	if len(row) > kv.MaxValueLen {
		for i := range c.Attributes {
			c.Attributes[i].Before, c.Attributes[i].After = nil, nil
		}
		row = c.encode()
	}
	return t.Put(changeKey(c.Seq, c.Index), row)
}

// point is a place in a transaction to which it can return.
type point struct {
	mark                     kv.Mark
	changes, burials, purges int
}

func (t *txn) point() point {
	return point{t.Savepoint(), t.changes, len(t.burials), len(t.purges)}
}

// undo takes back everything since p, but for what it has cost.
func (t *txn) undo(p point) error {
	t.changes, t.burials, t.purges = p.changes, t.burials[:p.burials], t.purges[:p.purges]
	return t.Rollback(p.mark)
}
