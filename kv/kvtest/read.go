package kvtest

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

func testGetScan(f *fixture) {
	f.view(func(r kv.Reader) error {
		v, err := r.Get([]byte("a"))
		require.NoError(f, err)
		require.Nil(f, v, "a partition nobody wrote to is empty")
		require.Zero(f, r.Seq())
		return nil
	})
	f.put("b=2", "a=1", "c=", "ab=12")
	f.view(func(r kv.Reader) error {
		v, err := r.Get([]byte("ab"))
		require.NoError(f, err)
		require.Equal(f, "12", string(v))
		v, err = r.Get([]byte("c"))
		require.NoError(f, err)
		require.NotNil(f, v, "an existing empty value is not nil")
		require.Empty(f, v)
		for _, absent := range []string{"", "A", "aa", "abc", "zzz"} {
			v, err = r.Get([]byte(absent))
			require.NoError(f, err)
			require.Nil(f, v, absent)
		}
		v, err = r.Get(make([]byte, kv.MaxKeyLen+1))
		require.NoError(f, err, "a key that cannot exist is a missing key")
		require.Nil(f, v)
		for _, tc := range scanCases {
			got, err := list(r, tc.r)
			require.NoError(f, err)
			require.Equal(f, tc.want, got, fmt.Sprintf("%+v", tc.r))
			back := slices.Clone(tc.want)
			slices.Reverse(back)
			got, err = list(r, reverse(tc.r))
			require.NoError(f, err)
			require.Equal(f, back, got, fmt.Sprintf("%+v", reverse(tc.r)))
		}
		return nil
	})
}

// scanCases are over a=1 ab=12 b=2 c=.
var scanCases = []struct {
	r    kv.Range
	want []string
}{
	{kv.Range{}, []string{"a=1", "ab=12", "b=2", "c="}},
	{keys(kv.Range{}), []string{"a", "ab", "b", "c"}},
	{rng("a", "b"), []string{"a=1", "ab=12"}},
	{rng("a\x00", "b\x00"), []string{"ab=12", "b=2"}},
	{rng("ab", ""), []string{"ab=12", "b=2", "c="}},
	{rng("", "ab"), []string{"a=1"}},
	{rng("b", "b"), nil},
	{rng("c", "a"), nil},
	{rng("d", ""), nil},
	{rng("d", "e"), nil},
	{rng("", "a"), nil},
	{keys(kv.Prefix([]byte("a"))), []string{"a", "ab"}},
}

func testOwnWrites(f *fixture) {
	f.put("a=1", "c=3", "e=5", "g=7")
	f.update(func(w kv.Writer) error {
		require.NoError(f, putAll(w, "b=two", "c=three", "h=8"))
		require.NoError(f, w.Delete([]byte("e")))
		require.NoError(f, w.Delete([]byte("absent")))
		want := []string{"a=1", "b=two", "c=three", "g=7", "h=8"}
		got, err := list(w, kv.Range{})
		require.NoError(f, err)
		require.Equal(f, want, got)
		slices.Reverse(want)
		got, err = list(w, kv.Range{Reverse: true})
		require.NoError(f, err)
		require.Equal(f, want, got)
		got, err = list(w, keys(rng("b", "g")))
		require.NoError(f, err)
		require.Equal(f, []string{"b", "c"}, got)
		got, err = list(w, keys(reverse(rng("b", "h"))))
		require.NoError(f, err)
		require.Equal(f, []string{"g", "c", "b"}, got)
		v, err := w.Get([]byte("e"))
		require.NoError(f, err)
		require.Nil(f, v)
		require.NoError(f, putAll(w, "e=again"))
		v, err = w.Get([]byte("e"))
		require.NoError(f, err)
		require.Equal(f, "again", string(v))
		for e, err := range w.Scan(kv.Range{}) { // stopping early is fine
			require.NoError(f, err)
			require.Equal(f, "a", string(e.Key))
			break
		}
		return nil
	})
	require.Equal(f, []string{"a=1", "b=two", "c=three", "e=again", "g=7", "h=8"}, f.content(f.p))
}

// A scan sees, at each step, the transaction as it is then.
func testWriteWhileScanning(f *fixture) {
	f.put("b=1", "d=1", "f=1", "h=1")
	scan := func(w kv.Writer, rg kv.Range, at map[string]func() error) (seen []string) {
		for e, err := range w.Scan(rg) {
			require.NoError(f, err)
			seen = append(seen, string(e.Key))
			if do := at[string(e.Key)]; do != nil {
				require.NoError(f, do())
			}
			require.Less(f, len(seen), 100)
		}
		return seen
	}
	f.update(func(w kv.Writer) error {
		m := w.Savepoint()
		seen := scan(w, kv.Range{}, map[string]func() error{
			"b": func() error { return putAll(w, "a=behind", "b=itself", "e=ahead") },
			"d": func() error { return w.Delete([]byte("d")) },
			"e": func() error { return w.Delete([]byte("f")) },
			"h": func() error { return putAll(w, "i=ahead of the end") },
		})
		require.Equal(f, []string{"b", "d", "e", "h", "i"}, seen)
		require.NoError(f, w.Rollback(m))
		seen = scan(w, kv.Range{Reverse: true}, map[string]func() error{
			"h": func() error { return putAll(w, "i=behind", "g=ahead") },
			"g": func() error { return w.DeleteRange([]byte("c"), []byte("g")) },
			"b": func() error { return w.Rollback(m) },
		})
		require.Equal(f, []string{"h", "g", "b"}, seen)
		for e, err := range w.Scan(kv.Range{}) {
			require.NoError(f, err)
			require.NoError(f, w.Put(e.Key, []byte("2")))
		}
		return nil
	})
	require.Equal(f, []string{"b=2", "d=2", "f=2", "h=2"}, f.content(f.p))
}

func testSnapshot(f *fixture) {
	f.put("a=1", "b=1")
	f.view(func(r kv.Reader) error {
		// Another goroutine writes while this snapshot is open.
		done := make(chan error)
		go func() {
			_, err := retry(f.s, f.Context(), f.p, func(w kv.Writer) error {
				if err := w.Delete([]byte("b")); err != nil {
					return err
				}
				return putAll(w, "a=2", "c=2")
			})
			done <- err
		}()
		require.NoError(f, <-done)
		got, err := list(r, kv.Range{})
		require.NoError(f, err)
		if string(must(f, r, "a")) == "2" {
			// fn ran again (K3), after the write of its first run.
			require.Equal(f, []string{"a=2", "c=2"}, got)
			return nil
		}
		require.Equal(f, []string{"a=1", "b=1"}, got)
		require.EqualValues(f, 1, r.Seq())
		return nil
	})
	require.Equal(f, []string{"a=2", "c=2"}, f.content(f.p))
}

func must(f *fixture, r kv.Reader, key string) []byte {
	f.Helper()
	v, err := r.Get([]byte(key))
	require.NoError(f, err)
	return v
}

func testPartitionsApart(f *fixture) {
	names := []kv.Partition{"a", "a/b", "ab", kv.System, "p/a"}
	for _, p := range names {
		_, err := f.tryUpdate(p, func(w kv.Writer) error { return putAll(w, "k="+string(p)) })
		require.NoError(f, err)
	}
	for _, p := range names {
		require.Equal(f, []string{"k=" + string(p)}, f.content(p))
	}
	require.Empty(f, f.content("b"))
}

func testCopies(f *fixture) {
	f.update(func(w kv.Writer) error {
		k, v := []byte("key"), []byte("value")
		require.NoError(f, w.Put(k, v))
		copy(k, "xxx")
		copy(v, "yyyyy")
		require.NoError(f, putAll(w, "kez=next"))
		got := must(f, w, "key")
		require.Equal(f, "value", string(got))
		_ = append(got, "overrun"...) // must not reach a neighbour
		require.Equal(f, "next", string(must(f, w, "kez")))
		return nil
	})
	f.view(func(r kv.Reader) error {
		_ = append(must(f, r, "key"), "overrun"...)
		for e, err := range r.Scan(kv.Range{}) {
			require.NoError(f, err)
			_ = append(e.Key, 0xFF)
			_ = append(e.Value, 0xFF)
		}
		return nil
	})
	require.Equal(f, []string{"key=value", "kez=next"}, f.content(f.p))
	// Slices stay valid until fn returns, whatever is written meanwhile.
	_, err := f.tryUpdate(f.p, func(w kv.Writer) error {
		before := must(f, w, "key")
		m := w.Savepoint()
		require.NoError(f, putAll(w, "key=other"))
		own := must(f, w, "key")
		require.NoError(f, w.Rollback(m))
		require.NoError(f, w.Put([]byte("key"), bytes.Repeat([]byte("z"), 9000)))
		require.Equal(f, "value", string(before))
		require.Equal(f, "other", string(own))
		return errStop
	})
	require.Equal(f, errStop, err)
}
