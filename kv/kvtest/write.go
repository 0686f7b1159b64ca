package kvtest

import (
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

var errStop = errors.New("fn gives up")

func testRerun(f *fixture) {
	f.put("n=")
	for range 6 { // hostile modes differ from call to call
		f.update(func(w kv.Writer) error {
			return w.Put([]byte("n"), append([]byte("x"), must(f, w, "n")...))
		})
	}
	require.Equal(f, []string{"n=xxxxxx"}, f.content(f.p), "thrown away runs must leave nothing")
}

func testFailedFn(f *fixture) {
	seq := f.put("a=1")
	got, err := f.tryUpdate(f.p, func(w kv.Writer) error {
		require.NoError(f, putAll(w, "a=2", "b=2"))
		require.NoError(f, w.DeleteRange(nil, nil))
		return errStop
	})
	require.Equal(f, errStop, err, "fn's error comes back unchanged")
	require.Zero(f, got)
	require.Equal(f, []string{"a=1"}, f.content(f.p))
	require.Equal(f, seq+1, f.put("a=3"), "a failed fn uses no number")
	require.Equal(f, errStop, f.s.View(f.Context(), f.p, func(kv.Reader) error { return errStop }))
}

func testPanic(f *fixture) {
	f.put("a=1")
	raised := func(fn func()) (v any) {
		defer func() { v = recover() }()
		fn()
		return nil
	}
	got := raised(func() {
		_, _ = f.tryUpdate(f.p, func(w kv.Writer) error {
			_ = putAll(w, "a=2")
			panic("boom 17")
		})
	})
	require.Contains(f, fmt.Sprint(got), "boom 17")
	got = raised(func() {
		_ = f.s.View(f.Context(), f.p, func(r kv.Reader) error {
			for range r.Scan(kv.Range{}) {
				panic("boom 18")
			}
			return nil
		})
	})
	require.Contains(f, fmt.Sprint(got), "boom 18")
	require.Equal(f, []string{"a=1"}, f.content(f.p))
	f.put("a=3") // the store goes on
	require.Equal(f, []string{"a=3"}, f.content(f.p))
}

// A test's FailNow inside fn ends the goroutine; the store must survive it.
func testGoexit(f *fixture) {
	f.put("a=1")
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = f.tryUpdate(f.p, func(w kv.Writer) error {
			_ = putAll(w, "a=2")
			runtime.Goexit()
			return nil
		})
	})
	wg.Wait()
	wg.Go(func() {
		_ = f.s.View(f.Context(), f.p, func(kv.Reader) error { runtime.Goexit(); return nil })
	})
	wg.Wait()
	f.put("b=1")
	require.Equal(f, []string{"a=1", "b=1"}, f.content(f.p))
}

// Readers see all rows of a transaction with one tag, or none.
func testNeverHalf(f *fixture) {
	const rows = 20
	write := func(tag int) func(kv.Writer) error {
		return func(w kv.Writer) error {
			for i := range rows {
				if err := w.Put(fmt.Appendf(nil, "row%02d", i), fmt.Append(nil, tag)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	f.update(write(0))
	var wg, writers sync.WaitGroup
	errs := make(chan error, 100)
	var written atomic.Bool
	for g := range 2 {
		writers.Go(func() {
			for n := range 50 {
				if _, err := retry(f.s, f.Context(), f.p, write(g*1000+n)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for n := 0; n < 100 || !written.Load(); n++ { // as long as there is something to see
				err := f.s.View(f.Context(), f.p, func(r kv.Reader) error { return sameTag(r, rows) })
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	writers.Wait()
	written.Store(true)
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(f, err)
	}
}

func sameTag(r kv.Reader, rows int) error {
	n, tag := 0, ""
	for e, err := range r.Scan(kv.Range{}) {
		if err != nil {
			return err
		}
		if n > 0 && tag != string(e.Value) {
			return fmt.Errorf("half a transaction: tags %s and %s in one snapshot", tag, e.Value)
		}
		tag = string(e.Value)
		n++
	}
	if n != rows {
		return fmt.Errorf("%d rows, want %d", n, rows)
	}
	return nil
}

// A Reader or Writer kept beyond its fn must not reach anything.
func testOver(f *fixture) {
	f.put("a=1", "b=1")
	var w kv.Writer
	var r kv.Reader
	var seq iter.Seq2[kv.Entry, error]
	var mark kv.Mark
	f.update(func(got kv.Writer) error {
		w, mark = got, got.Savepoint()
		return putAll(w, "a=2")
	})
	f.view(func(got kv.Reader) error {
		r, seq = got, got.Scan(kv.Range{})
		return nil
	})
	require.ErrorIs(f, w.Put([]byte("a"), nil), kv.ErrReadOnly)
	require.ErrorIs(f, w.Delete([]byte("a")), kv.ErrReadOnly)
	require.ErrorIs(f, w.DeleteRange(nil, nil), kv.ErrReadOnly)
	require.ErrorIs(f, w.Rollback(mark), kv.ErrReadOnly)
	w.Savepoint() // has no error to return, and must not crash
	for _, r := range []kv.Reader{w, r} {
		_, err := r.Get([]byte("a"))
		require.ErrorIs(f, err, kv.ErrReadOnly)
		_, err = list(r, kv.Range{})
		require.ErrorIs(f, err, kv.ErrReadOnly)
	}
	for _, err := range seq {
		require.ErrorIs(f, err, kv.ErrReadOnly)
	}
	require.Equal(f, []string{"a=2", "b=1"}, f.content(f.p))
}

func testDeleteRange(f *fixture) {
	f.put("a=1", "b=1", "c=1", "d=1", "e=1")
	f.update(func(w kv.Writer) error {
		require.NoError(f, putAll(w, "bb=own", "cc=own"))
		require.NoError(f, w.DeleteRange([]byte("b"), []byte("d")))
		got, err := list(w, keys(kv.Range{}))
		require.NoError(f, err)
		require.Equal(f, []string{"a", "d", "e"}, got)
		require.NoError(f, putAll(w, "c=back"))
		return w.DeleteRange([]byte("e"), nil)
	})
	require.Equal(f, []string{"a=1", "c=back", "d=1"}, f.content(f.p))
	f.update(func(w kv.Writer) error { return w.DeleteRange(nil, []byte("d")) })
	require.Equal(f, []string{"d=1"}, f.content(f.p))
	f.update(func(w kv.Writer) error { return w.DeleteRange(nil, nil) })
	require.Empty(f, f.content(f.p))
}

func testSavepoint(f *fixture) {
	f.put("a=1", "b=1", "z=1")
	f.update(func(w kv.Writer) error {
		expect := func(want ...string) {
			got, err := list(w, kv.Range{})
			require.NoError(f, err)
			require.Equal(f, want, got)
		}
		empty := w.Savepoint()
		require.NoError(f, putAll(w, "a=2", "c=2"))
		one := w.Savepoint()
		require.NoError(f, putAll(w, "a=3", "d=3"))
		require.NoError(f, w.Delete([]byte("b")))
		require.NoError(f, w.DeleteRange([]byte("c"), nil))
		expect("a=3")
		two := w.Savepoint()
		require.NoError(f, putAll(w, "c=4"))
		expect("a=3", "c=4")
		require.NoError(f, w.Rollback(two))
		expect("a=3")
		require.NoError(f, w.Rollback(one))
		expect("a=2", "b=1", "c=2", "z=1")
		require.Error(f, w.Rollback(two), "a younger mark is forgotten")
		require.NoError(f, putAll(w, "a=5", "x=5", "y=5", "w=5"))
		require.Error(f, w.Rollback(two), "and stays forgotten")
		require.NoError(f, w.Rollback(one), "a mark stays usable")
		expect("a=2", "b=1", "c=2", "z=1")
		require.NoError(f, w.Rollback(empty))
		expect("a=1", "b=1", "z=1")
		require.Error(f, w.Rollback(one))
		require.Error(f, w.Rollback(0), "no mark is 0")
		return putAll(w, "b=6")
	})
	require.Equal(f, []string{"a=1", "b=6", "z=1"}, f.content(f.p))
}
