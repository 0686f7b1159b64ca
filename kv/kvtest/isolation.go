package kvtest

import (
	"errors"
	"runtime"
	"strconv"
	"sync"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

// parallel runs fn in n goroutines and fails the test on their first error.
func (f *fixture) parallel(n int, fn func(g int) error) {
	f.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for g := range n {
		wg.Go(func() { errs[g] = fn(g) })
	}
	wg.Wait()
	require.NoError(f, errors.Join(errs...))
}

func number(b []byte) int { n, _ := strconv.Atoi(string(b)); return n }

func text(n int) []byte { return strconv.AppendInt(nil, int64(n), 10) }

// Between its reads and its writes, each fn here lets others run: an engine that
// does not keep them out then shows it, however fast it is.
func add(w kv.Writer, key string, d int) error {
	v, err := w.Get([]byte(key))
	runtime.Gosched()
	if err != nil {
		return err
	}
	return w.Put([]byte(key), text(number(v)+d))
}

func testCounters(f *fixture) {
	const goroutines, rounds = 8, 40
	var mu sync.Mutex
	seqs := make(map[kv.Seq]bool)
	f.parallel(goroutines, func(g int) error {
		for n := range rounds {
			fail := n%5 == 4 // a neighbour that fails must not take others along
			seq, err := retry(f.s, f.Context(), f.p, func(w kv.Writer) error {
				if err := add(w, "all", 1); err != nil {
					return err
				}
				if fail {
					return errStop
				}
				return add(w, "g"+strconv.Itoa(g), 1)
			})
			if fail {
				if !errors.Is(err, errStop) {
					return errors.New("want fn's error")
				}
				continue
			}
			if err != nil {
				return err
			}
			mu.Lock()
			twice := seqs[seq]
			seqs[seq] = true
			mu.Unlock()
			if twice {
				return errors.New("two commits with one Seq")
			}
		}
		return nil
	})
	const want = goroutines * rounds * 4 / 5
	f.view(func(r kv.Reader) error {
		require.Equal(f, want, number(must(f, r, "all")), "lost updates")
		require.EqualValues(f, want, r.Seq())
		require.Len(f, seqs, want)
		for g := range goroutines {
			require.Equal(f, rounds*4/5, number(must(f, r, "g"+strconv.Itoa(g))))
		}
		return nil
	})
}

// Two accounts may not both be empty; each writer checks both and empties one.
func testWriteSkew(f *fixture) {
	for range 30 {
		f.put("x=1", "y=1")
		f.parallel(2, func(g int) error {
			_, err := retry(f.s, f.Context(), f.p, func(w kv.Writer) error {
				sum := 0
				for e, err := range w.Scan(kv.Range{}) {
					if err != nil {
						return err
					}
					sum += number(e.Value)
				}
				runtime.Gosched()
				if sum < 2 {
					return nil
				}
				return w.Put([]byte{"xy"[g]}, text(0))
			})
			return err
		})
		f.view(func(r kv.Reader) error {
			require.Equal(f, 1, number(must(f, r, "x"))+number(must(f, r, "y")), "write skew")
			return nil
		})
	}
}

// At most one row may exist under a prefix: each writer inserts a key of its own
// if it sees none, so that only a phantom lets two in.
func testPhantom(f *fixture) {
	for range 30 {
		f.parallel(4, func(g int) error {
			_, err := retry(f.s, f.Context(), f.p, func(w kv.Writer) error {
				rows, err := list(w, kv.Prefix([]byte("row/")))
				runtime.Gosched()
				if err != nil || len(rows) > 0 {
					return err
				}
				return w.Put(append([]byte("row/"), text(g)...), nil)
			})
			return err
		})
		require.Len(f, f.content(f.p), 1, "phantom")
		f.update(func(w kv.Writer) error { return w.DeleteRange(nil, nil) })
	}
}
