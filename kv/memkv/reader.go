package memkv

import (
	"bytes"
	"iter"

	"scimedge/kv"
)

// reader is one snapshot. The tree under it never changes.
type reader struct {
	tree *tree // nil once the transaction is over
	seq  kv.Seq
}

func (r *reader) finish()     { r.tree = nil }
func (r *reader) Seq() kv.Seq { return r.seq }

func (r *reader) Get(key []byte) ([]byte, error) {
	if r.tree == nil {
		return nil, kv.ErrReadOnly
	}
	found, _ := r.tree.Get(row{key: key})
	return found.value[:len(found.value):len(found.value)], nil
}

func (r *reader) Scan(rg kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		if r.tree == nil {
			yield(kv.Entry{}, kv.ErrReadOnly)
			return
		}
		visit := func(found row) bool {
			if r.tree == nil {
				yield(kv.Entry{}, kv.ErrReadOnly)
				return false
			}
			if rg.Reverse && bytes.Compare(found.key, rg.Lo) < 0 {
				return false
			}
			if len(rg.Hi) > 0 && bytes.Compare(found.key, rg.Hi) >= 0 {
				return rg.Reverse // at most once: the bound is exclusive
			}
			e := kv.Entry{Key: found.key[:len(found.key):len(found.key)]}
			if !rg.KeysOnly {
				e.Value = found.value[:len(found.value):len(found.value)]
			}
			return yield(e, nil)
		}
		switch {
		case !rg.Reverse:
			r.tree.Ascend(row{key: rg.Lo}, visit)
		case len(rg.Hi) > 0:
			r.tree.Descend(row{key: rg.Hi}, visit)
		default:
			r.tree.Reverse(visit)
		}
	}
}
