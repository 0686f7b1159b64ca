package kv_test

import (
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

// The merged view, savepoints and scans under writes are tested through every
// engine by kvtest; here is what engines alone see.

type baseReader struct {
	err  error
	keys []string
}

func (b baseReader) Seq() kv.Seq                { return 6 }
func (b baseReader) Get([]byte) ([]byte, error) { return nil, b.err }

func (b baseReader) Scan(r kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for _, k := range b.keys {
			if k >= string(r.Lo) && (len(r.Hi) == 0 || k < string(r.Hi)) && !yield(kv.Entry{Key: []byte(k), Value: []byte{}}, nil) {
				return
			}
		}
		if b.err != nil {
			yield(kv.Entry{}, b.err)
		}
	}
}

func TestOverlayWrites(t *testing.T) {
	o := kv.NewOverlay(baseReader{keys: []string{"a", "b"}}, kv.OverlayOptions{Seq: 7, Spare: 4})
	require.True(t, o.Empty())
	require.EqualValues(t, 7, o.Seq())
	require.NoError(t, o.Put([]byte("z"), []byte("1")))
	m := o.Savepoint()
	require.NoError(t, o.Put([]byte("c"), []byte("22")))
	require.NoError(t, o.Put([]byte("c"), []byte("333")))
	require.NoError(t, o.DeleteRange(nil, []byte("c")))
	require.Equal(t, []int{4, 8}, []int{o.Ops(), o.Bytes()})
	o.Finish()
	require.ErrorIs(t, o.Put([]byte("y"), nil), kv.ErrReadOnly)
	require.ErrorIs(t, o.Rollback(m), kv.ErrReadOnly)
	var got []string
	for w := range o.Writes() {
		require.GreaterOrEqual(t, cap(w.Value)-len(w.Value), 4, "spare room")
		got = append(got, fmt.Sprintf("%s=%s %v", w.Key, w.Value, w.Delete))
	}
	require.Equal(t, []string{"a= true", "b= true", "c=333 false", "z=1 false"}, got)
}

func TestOverlayPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken base")
	o := kv.NewOverlay(baseReader{broken, []string{"a"}}, kv.OverlayOptions{})
	_, err := o.Get([]byte("x"))
	require.Equal(t, broken, err)
	require.NoError(t, o.Put([]byte("b"), nil))
	var last error
	n := 0
	for _, err := range o.Scan(kv.Range{}) {
		last, n = err, n+1
	}
	require.Equal(t, broken, last)
	require.Equal(t, 2, n, "the error ends the sequence, own writes or not")
	require.Equal(t, broken, o.DeleteRange(nil, nil))
	require.Equal(t, 1, o.Ops(), "a DeleteRange that failed removes nothing")
}

func TestOverlayPool(t *testing.T) {
	var pool kv.OverlayPool
	first := pool.New(baseReader{}, kv.OverlayOptions{Seq: 1})
	require.NoError(t, first.Put([]byte("k"), []byte("v")))
	pool.Release(first)
	require.True(t, first.Empty())
	require.Zero(t, first.Ops())
	require.ErrorIs(t, first.Put([]byte("k"), nil), kv.ErrReadOnly, "a kept Writer reaches nothing")
	for range first.Writes() {
		t.Fatal("nothing to apply")
	}
	second := pool.New(baseReader{}, kv.OverlayOptions{Seq: 2})
	require.True(t, second.Empty())
	v, err := second.Get([]byte("k"))
	require.NoError(t, err)
	require.Nil(t, v)
	require.ErrorIs(t, second.Rollback(1), kv.ErrMark)
}

// A whole small transaction, memory reused, costs next to nothing.
func BenchmarkOverlay(b *testing.B) {
	var pool kv.OverlayPool
	doc := make([]byte, 1400)
	key := []byte("x-some-index-key-0")
	b.ReportAllocs()
	for b.Loop() {
		o := pool.New(baseReader{}, kv.OverlayOptions{Limits: kv.Limits{MaxOps: 100, MaxBytes: 1 << 20}, Spare: 4})
		for i := range 5 {
			key[len(key)-1] = byte(i)
			if err := o.Put(key, doc[:1400*(i&1)]); err != nil {
				b.Fatal(err)
			}
		}
		for range o.Writes() {
		}
		pool.Release(o)
	}
}
