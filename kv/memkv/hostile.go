package memkv

import (
	"fmt"
	"hash/maphash"
	"iter"

	"scimedge/kv"
)

// poisonByte fills slices whose transaction is over.
const poisonByte = 0xDB

// hostile hands out copies, and overwrites them when fn returned: a caller that
// kept a slice beyond its transaction then reads nonsense in a unit test, not a
// neighbour's data in production. It also finds callers that wrote into one.
type hostile struct {
	kv.Reader
	seed   maphash.Seed
	handed []handout
}

type handout struct {
	slice []byte
	sum   uint64
}

func (h *hostile) copy(b []byte) []byte {
	if b == nil {
		return nil
	}
	if h.handed == nil {
		h.seed = maphash.MakeSeed()
	}
	c := append(make([]byte, 0, len(b)), b...)
	h.handed = append(h.handed, handout{c, maphash.Bytes(h.seed, c)})
	return c
}

func (h *hostile) poison() {
	for _, o := range h.handed {
		if maphash.Bytes(h.seed, o.slice) != o.sum {
			panic(fmt.Sprintf("memkv: K5 broken: the transaction wrote into a slice handed out to it; it now holds %q", o.slice))
		}
	}
	for _, o := range h.handed {
		for i := range o.slice {
			o.slice[i] = poisonByte
		}
	}
	h.handed = nil
}

func (h *hostile) Get(key []byte) ([]byte, error) {
	v, err := h.Reader.Get(key)
	return h.copy(v), err
}

func (h *hostile) Scan(r kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range h.Reader.Scan(r) {
			if !yield(kv.Entry{Key: h.copy(e.Key), Value: h.copy(e.Value)}, err) {
				return
			}
		}
	}
}

// hostileWriter is hostile over an overlay.
type hostileWriter struct {
	hostile
	w *kv.Overlay
}

func (h *hostileWriter) Put(k, v []byte) error           { return h.w.Put(k, v) }
func (h *hostileWriter) Delete(k []byte) error           { return h.w.Delete(k) }
func (h *hostileWriter) DeleteRange(lo, hi []byte) error { return h.w.DeleteRange(lo, hi) }
func (h *hostileWriter) Savepoint() kv.Mark              { return h.w.Savepoint() }
func (h *hostileWriter) Rollback(m kv.Mark) error        { return h.w.Rollback(m) }
