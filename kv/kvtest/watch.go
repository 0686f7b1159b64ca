package kvtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

func testWatch(f *fixture) {
	f.put("a=1")
	f.put("a=2")
	_, err := f.tryUpdate("quiet", func(w kv.Writer) error { return putAll(w, "a=1") })
	require.NoError(f, err)
	const total = 60
	var wg sync.WaitGroup
	defer wg.Wait() // also when the test fails, or the writer would outlive it
	wg.Go(func() {
		for range total - 2 {
			if _, err := retry(f.s, f.Context(), f.p, func(w kv.Writer) error { return putAll(w, "a=n") }); err != nil {
				f.Error(err)
				return
			}
		}
		_, err := retry(f.s, f.Context(), "late", func(w kv.Writer) error { return putAll(w, "a=1") })
		if err != nil {
			f.Error(err)
		}
	})
	last, late := kv.Seq(1), false
	for h, err := range f.s.Watch(f.Context(), map[kv.Partition]kv.Seq{f.p: 1, "quiet": 1}) {
		require.NoError(f, err)
		switch h.Partition {
		case f.p:
			require.Greater(f, h.Seq, last, "heads of a partition come in order")
			last = h.Seq
			// What a head announces can be read.
			f.view(func(r kv.Reader) error {
				require.GreaterOrEqual(f, r.Seq(), h.Seq)
				return nil
			})
		case "late":
			late = true
		default:
			f.Fatalf("partition %q did not move past its cursor", h.Partition)
		}
		if last == total && late {
			break
		}
	}
}

func testWatchEnds(f *fixture) {
	ctx, cancel := context.WithCancel(f.Context())
	done := make(chan error, 1)
	f.put("a=1")
	go func() {
		var last error
		for h, err := range f.s.Watch(ctx, nil) {
			if last = err; err == nil && h.Seq == 1 {
				cancel()
			}
		}
		done <- last
	}()
	if err := <-done; err != nil {
		require.ErrorIs(f, err, context.Canceled)
	}
	// Close ends a watch too.
	woke := make(chan struct{})
	go func() {
		defer close(woke)
		for range f.s.Watch(f.Context(), nil) {
		}
	}()
	require.NoError(f, f.s.Close())
	<-woke
}

func testPartitions(f *fixture) {
	list := func(ctx context.Context) (out []kv.Partition, err error) {
		for p, err := range f.s.Partitions(ctx) {
			if err != nil {
				return out, err
			}
			out = append(out, p)
		}
		return out, nil
	}
	got, err := list(f.Context())
	require.NoError(f, err)
	require.Empty(f, got)
	f.view(func(kv.Reader) error { return nil })
	var want []kv.Partition
	for i := range 300 { // more than one piece, whatever a piece is
		want = append(want, kv.Partition(fmt.Sprintf("t%04d", i)))
	}
	want = append([]kv.Partition{kv.System}, want...)
	for _, p := range want {
		_, err := f.tryUpdate(p, func(w kv.Writer) error { return putAll(w, "a=1") })
		require.NoError(f, err)
	}
	got, err = list(f.Context())
	require.NoError(f, err)
	require.Equal(f, want, got)
	for p, err := range f.s.Partitions(f.Context()) { // writing meanwhile is fine
		require.NoError(f, err)
		_, err := f.tryUpdate(p, func(w kv.Writer) error { return putAll(w, "b=1") })
		require.NoError(f, err)
		if p > "t0003" {
			break
		}
	}
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	_, err = list(ctx)
	require.ErrorIs(f, err, context.Canceled)
}

func testDrop(f *fixture) {
	require.NoError(f, f.s.DropPartition(f.Context(), f.p), "dropping a missing partition is no error")
	_, err := f.tryUpdate("kept", func(w kv.Writer) error { return putAll(w, "a=1") })
	require.NoError(f, err)
	for round := range 3 {
		for i := range 10 {
			f.update(func(w kv.Writer) error {
				for n := range 90 {
					if err := w.Put(fmt.Appendf(nil, "k%d-%d", i, n), []byte("value")); err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.Len(f, f.content(f.p), 900, round)
		require.NoError(f, f.s.DropPartition(f.Context(), f.p))
		require.Empty(f, f.content(f.p))
		f.view(func(r kv.Reader) error {
			require.Zero(f, r.Seq())
			return nil
		})
		var names []kv.Partition
		for p, err := range f.s.Partitions(f.Context()) {
			require.NoError(f, err)
			names = append(names, p)
		}
		require.Equal(f, []kv.Partition{"kept"}, names)
	}
	require.EqualValues(f, 1, f.put("new=1"), "a dropped partition starts anew")
	require.Equal(f, []string{"new=1"}, f.content(f.p))
	require.Equal(f, []string{"a=1"}, f.content("kept"))
	for h, err := range f.s.Watch(f.Context(), map[kv.Partition]kv.Seq{"kept": 1}) {
		require.NoError(f, err)
		require.Equal(f, kv.Head{Partition: f.p, Seq: 1}, h)
		break
	}
}

// Readers see a partition whole or gone, never in between.
func testDropConcurrent(f *fixture) {
	const rows = 50
	f.parallel(3, func(g int) error {
		for range 30 {
			var err error
			switch g {
			case 0:
				_, err = retry(f.s, f.Context(), f.p, func(w kv.Writer) error {
					for i := range rows {
						if err := w.Put(fmt.Appendf(nil, "%03d", i), nil); err != nil {
							return err
						}
					}
					return nil
				})
			case 1:
				err = f.s.DropPartition(f.Context(), f.p)
			case 2:
				err = f.s.View(f.Context(), f.p, func(r kv.Reader) error {
					got, err := list(r, keys(kv.Range{}))
					if err == nil && len(got) != 0 && len(got) != rows {
						err = fmt.Errorf("half a drop: %d rows", len(got))
					}
					if err == nil && (len(got) == 0) != (r.Seq() == 0) {
						err = fmt.Errorf("%d rows at Seq %d", len(got), r.Seq())
					}
					return err
				})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
