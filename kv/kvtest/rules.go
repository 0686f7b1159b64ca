package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

func testSeq(f *fixture) {
	for want := kv.Seq(1); want <= 5; want++ {
		var inside kv.Seq
		got := f.update(func(w kv.Writer) error {
			inside = w.Seq()
			return putAll(w, "a=1")
		})
		require.Equal(f, want, got)
		require.Equal(f, want, inside, "Seq in Update is the number it takes")
		f.view(func(r kv.Reader) error {
			require.Equal(f, want, r.Seq())
			return nil
		})
	}
	other, err := f.tryUpdate("other", func(w kv.Writer) error { return putAll(w, "a=1") })
	require.NoError(f, err)
	require.EqualValues(f, 1, other, "each partition counts for itself")
}

func testNothingWritten(f *fixture) {
	nothing := map[string]func(kv.Writer) error{
		"no write":         func(kv.Writer) error { return nil },
		"only reads":       func(w kv.Writer) error { _, err := list(w, kv.Range{}); return err },
		"all rolled back":  func(w kv.Writer) error { m := w.Savepoint(); _ = putAll(w, "x=1"); return w.Rollback(m) },
		"empty range":      func(w kv.Writer) error { return w.DeleteRange([]byte("x"), nil) },
		"write refused":    func(w kv.Writer) error { _ = w.Put(nil, nil); return nil },
		"impossible key":   func(w kv.Writer) error { return w.Delete(nil) },
		"savepoint, reset": func(w kv.Writer) error { return w.Rollback(w.Savepoint()) },
	}
	for name, fn := range nothing {
		require.Zero(f, f.update(fn), name)
	}
	for p, err := range f.s.Partitions(f.Context()) {
		f.Fatalf("partition %q (%v) exists though nothing was written", p, err)
	}
	f.put("a=1")
	for name, fn := range nothing {
		require.EqualValues(f, 1, f.update(fn), name)
	}
	require.EqualValues(f, 2, f.put("a=1"), "writing an equal value is a write")
}

func testTooLarge(f *fixture) {
	lim := f.s.Limits()
	require.Positive(f, lim.MaxOps)
	require.Positive(f, lim.MaxBytes)
	f.put("a=1")
	at := 0
	fill := func(stopAt int) func(kv.Writer) error {
		return func(w kv.Writer) error {
			for at = range stopAt {
				if err := w.Put(fmt.Appendf(nil, "k%08d", at), nil); err != nil {
					return err
				}
			}
			return nil
		}
	}
	_, err := f.tryUpdate(f.p, fill(lim.MaxOps+1))
	require.ErrorIs(f, err, kv.ErrTooLarge)
	require.Equal(f, lim.MaxOps, at, "refused at the Put that goes over the limit")
	require.Equal(f, []string{"a=1"}, f.content(f.p), "nothing was written")

	big := make([]byte, min(kv.MaxValueLen, lim.MaxBytes))
	_, err = f.tryUpdate(f.p, func(w kv.Writer) error {
		for i := 0; i <= lim.MaxBytes/len(big); i++ {
			if err := w.Put(fmt.Appendf(nil, "k%08d", i), big); err != nil {
				return err
			}
		}
		return nil
	})
	require.ErrorIs(f, err, kv.ErrTooLarge)

	// What counts is the outcome: overwriting one key and rolling back are free.
	f.update(func(w kv.Writer) error {
		m := w.Savepoint()
		for range 2 {
			require.NoError(f, fill(lim.MaxOps)(w))
			require.ErrorIs(f, w.Put([]byte("one too many"), nil), kv.ErrTooLarge)
			require.NoError(f, w.Put([]byte("k00000000"), []byte("again")))
			require.NoError(f, w.Rollback(m))
		}
		return putAll(w, "b=1")
	})
	require.Equal(f, []string{"a=1", "b=1"}, f.content(f.p))
}

func testDeleteRangeLimit(f *fixture) {
	lim := f.s.Limits()
	for i := range 2 {
		f.update(func(w kv.Writer) error {
			for n := range lim.MaxOps {
				if err := w.Put(fmt.Appendf(nil, "k%d-%08d", i, n), nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
	f.update(func(w kv.Writer) error {
		require.ErrorIs(f, w.DeleteRange([]byte("k"), []byte("l")), kv.ErrTooLarge)
		v := must(f, w, "k0-00000000")
		require.NotNil(f, v, "a refused DeleteRange removes nothing")
		return w.DeleteRange([]byte("k0"), []byte("k1"))
	})
	f.view(func(r kv.Reader) error {
		got, err := list(r, keys(kv.Range{}))
		require.NoError(f, err)
		require.Len(f, got, lim.MaxOps)
		return nil
	})
}

func (su *suite) testDurable(f *fixture) {
	if su.reopen == nil {
		f.Skip("the engine is not durable")
	}
	f.put("a=1", "empty=", "gone=1")
	f.update(func(w kv.Writer) error { return w.Delete([]byte("gone")) })
	_, err := f.tryUpdate("dropped", func(w kv.Writer) error { return putAll(w, "x=1") })
	require.NoError(f, err)
	require.NoError(f, f.s.DropPartition(f.Context(), "dropped"))
	f.s = su.reopen(f.T, f.s)
	f.Cleanup(func() { _ = f.s.Close() })
	require.Equal(f, []string{"a=1", "empty="}, f.content(f.p))
	require.Empty(f, f.content("dropped"))
	require.EqualValues(f, 3, f.put("b=1"), "Seq goes on where it was")
}

func testCancelledBefore(f *fixture) {
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	_, err := f.s.Update(ctx, f.p, func(w kv.Writer) error { return putAll(w, "a=1") })
	require.ErrorIs(f, err, context.Canceled)
	require.ErrorIs(f, f.s.View(ctx, f.p, func(kv.Reader) error { return nil }), context.Canceled)
	require.ErrorIs(f, f.s.DropPartition(ctx, f.p), context.Canceled)
	require.Empty(f, f.content(f.p))
}

func testCancelledWithin(f *fixture) {
	f.put("a=1")
	ctx, cancel := context.WithCancel(f.Context())
	_, err := f.s.Update(ctx, f.p, func(w kv.Writer) error {
		defer cancel()
		return putAll(w, "a=2", "b=2")
	})
	require.Error(f, err)
	if !errors.Is(err, kv.ErrConflict) {
		require.ErrorIs(f, err, context.Canceled)
	}
	require.Equal(f, []string{"a=1"}, f.content(f.p))
	require.EqualValues(f, 2, f.put("a=3"))
}

// One writer holds the partition, another gives up waiting. Engines that let
// both run may commit the second; then it must be there.
func testCancelledQueued(f *fixture) {
	entered, release := make(chan struct{}, 10), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := retry(f.s, f.Context(), f.p, func(w kv.Writer) error {
			entered <- struct{}{}
			<-release
			return putAll(w, "first=1")
		})
		first <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(f.Context())
	second := make(chan error, 1)
	go func() {
		_, err := f.s.Update(ctx, f.p, func(w kv.Writer) error { return putAll(w, "second=1") })
		second <- err
	}()
	cancel()
	err := <-second
	close(release)
	require.NoError(f, <-first)
	want := []string{"first=1"}
	if err == nil {
		want = append(want, "second=1")
	}
	require.Equal(f, want, f.content(f.p))
}

func testBounds(f *fixture) {
	longest := bytes.Repeat([]byte("k"), kv.MaxKeyLen)
	largest := bytes.Repeat([]byte("v"), kv.MaxValueLen)
	f.update(func(w kv.Writer) error {
		require.ErrorIs(f, w.Put(nil, nil), kv.ErrTooLarge)
		require.ErrorIs(f, w.Put(append(longest, 'k'), nil), kv.ErrTooLarge)
		require.ErrorIs(f, w.Put([]byte("a"), append(largest, 'v')), kv.ErrTooLarge)
		require.NoError(f, w.Delete(nil), "a key that cannot exist is missing")
		require.NoError(f, w.Delete(append(longest, 'k')))
		require.NoError(f, w.Put([]byte{0}, nil))
		require.NoError(f, w.Put([]byte{0xFF}, nil))
		return w.Put(longest, largest)
	})
	f.view(func(r kv.Reader) error {
		v, err := r.Get(longest)
		require.NoError(f, err)
		require.True(f, bytes.Equal(largest, v))
		got, err := list(r, keys(kv.Range{}))
		require.NoError(f, err)
		require.Equal(f, []string{"\x00", string(longest), "\xff"}, got)
		return nil
	})
	for _, p := range []kv.Partition{"", kv.Partition(make([]byte, 300))} {
		_, err := f.s.Update(f.Context(), p, func(kv.Writer) error { return nil })
		require.Error(f, err, "a partition has a name, of at most 255 bytes")
		require.Error(f, f.s.View(f.Context(), p, func(kv.Reader) error { return nil }))
		require.Error(f, f.s.DropPartition(f.Context(), p))
	}
}

func testClose(f *fixture) {
	f.put("a=1")
	in, release, done := make(chan struct{}, 10), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- f.s.View(f.Context(), f.p, func(r kv.Reader) error {
			in <- struct{}{}
			<-release
			_, err := list(r, kv.Range{})
			return err
		})
	}()
	<-in
	closed := make(chan error, 1)
	go func() { closed <- f.s.Close() }()
	close(release)
	require.NoError(f, <-done, "Close waits for running transactions")
	require.NoError(f, <-closed)
	require.NoError(f, f.s.Close(), "a second Close does nothing")
	_, err := f.s.Update(f.Context(), f.p, func(kv.Writer) error { return nil })
	require.ErrorIs(f, err, kv.ErrClosed)
	require.ErrorIs(f, f.s.View(f.Context(), f.p, func(kv.Reader) error { return nil }), kv.ErrClosed)
	require.ErrorIs(f, f.s.DropPartition(f.Context(), f.p), kv.ErrClosed)
	for _, err := range f.s.Partitions(f.Context()) {
		require.ErrorIs(f, err, kv.ErrClosed)
	}
	for _, err := range f.s.Watch(f.Context(), nil) {
		require.ErrorIs(f, err, kv.ErrClosed)
	}
}
