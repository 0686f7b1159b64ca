package memkv_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"scimedge/kv"
	"scimedge/kv/kvtest"
	"scimedge/kv/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for _, o := range []memkv.Options{{}, {Hostile: true}, {Limited: true}, {Hostile: true, Limited: true, ConflictEvery: 7}} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			kvtest.Run(t, func(*testing.T) kv.Store { return memkv.New(o) })
		})
	}
}

func TestHostilePoisonsSlices(t *testing.T) {
	s := memkv.New(memkv.Options{Hostile: true})
	var kept [][]byte
	runs := 0
	_, err := s.Update(t.Context(), "p", func(w kv.Writer) error {
		runs++
		require.NoError(t, w.Put([]byte("k"), []byte("v")))
		v, err := w.Get([]byte("k"))
		kept = append(kept, v)
		return err
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, runs, 2)
	require.NoError(t, s.View(t.Context(), "p", func(r kv.Reader) error {
		for e, err := range r.Scan(kv.Range{}) {
			require.NoError(t, err)
			kept = append(kept, e.Key, e.Value)
		}
		return nil
	}))
	for _, b := range kept {
		require.Equal(t, []byte{0xDB}, b)
	}
	require.Panics(t, func() {
		_ = s.View(t.Context(), "p", func(r kv.Reader) error {
			v, err := r.Get([]byte("k"))
			v[0] = 'x'
			return err
		})
	}, "writing into a slice is found")
}

func TestConflictEvery(t *testing.T) {
	s := memkv.New(memkv.Options{ConflictEvery: 2})
	put := func(w kv.Writer) error { return w.Put([]byte("k"), nil) }
	for n := range 6 {
		_, err := s.Update(t.Context(), "p", put)
		if n%2 == 1 {
			require.ErrorIs(t, err, kv.ErrConflict)
		} else {
			require.NoError(t, err)
		}
	}
	require.NoError(t, s.View(t.Context(), "p", func(r kv.Reader) error {
		require.EqualValues(t, 3, r.Seq())
		return nil
	}))
}
