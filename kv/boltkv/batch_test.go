package boltkv

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"scimedge/kv"
)

// holdCommitter keeps the committer busy with one writer until release is called,
// so that those started meanwhile share the next commit.
func holdCommitter(t *testing.T, s *Store) (release func()) {
	t.Helper()
	waitSwept(s) // the housekeeper queues up too
	in, out, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := s.Update(context.Background(), "holder", func(kv.Writer) error {
			close(in)
			<-out
			return nil
		})
		done <- err
	}()
	<-in
	return func() {
		close(out)
		require.NoError(t, <-done)
	}
}

func waitQueued(s *Store, n int) {
	for len(s.queue) < n {
		time.Sleep(100 * time.Microsecond)
	}
}

// Writers of one batch see each other's writes in order, a failing or panicking
// one leaves nothing, and all share one commit.
func TestBatchSharesOneCommit(t *testing.T) {
	var commits, transactions, ops int
	opts := testOptions
	opts.OnCommit = func(d time.Duration, n, o int) { commits++; transactions += n; ops += o }
	opts.BatchTime = time.Minute
	s := openTest(t, filepath.Join(t.TempDir(), "store.db"), opts)
	release := holdCommitter(t, s)
	const writers = 20
	var wg sync.WaitGroup
	var saw []int
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("%v", p)
				}
			}()
			_, errs[i] = s.Update(t.Context(), "p", func(w kv.Writer) error {
				n := 0
				for _, err := range w.Scan(kv.Range{}) {
					if err != nil {
						return err
					}
					n++
				}
				saw = append(saw, n) // safe: the committer lets one run at a time
				if err := w.Put(fmt.Appendf(nil, "k%d", i), nil); err != nil {
					return err
				}
				switch i {
				case 3:
					return errors.New("refused")
				case 4:
					panic("boom")
				}
				return nil
			})
		})
		waitQueued(s, i+1)
	}
	release()
	wg.Wait()
	require.Equal(t, []int{0, 1, 2, 3, 3, 3, 4}, saw[:7])
	for i, err := range errs {
		switch i {
		case 3:
			require.EqualError(t, err, "refused")
		case 4:
			require.EqualError(t, err, "boom")
		default:
			require.NoError(t, err)
		}
	}
	require.NoError(t, s.Close())
	require.Equal(t, []int{1, writers - 2, writers - 2}, []int{commits, transactions, ops})
}

func TestQueueIsBounded(t *testing.T) {
	opts := testOptions
	opts.QueueLength = 2
	s := openTest(t, filepath.Join(t.TempDir(), "store.db"), opts)
	release := holdCommitter(t, s)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { _, _ = s.Update(t.Context(), "p", func(w kv.Writer) error { return w.Put([]byte("k"), nil) }) })
	}
	waitQueued(s, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error)
	go func() {
		_, err := s.Update(ctx, "p", func(w kv.Writer) error { return errors.New("must not run") })
		cancelled <- err
	}()
	cancel()
	require.ErrorIs(t, <-cancelled, context.Canceled)
	release()
	wg.Wait()
}

// A record damaged on the disk fails those who read it, and nobody else.
func TestCorruptRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openTest(t, path, testOptions)
	fill(t, s, 0, 10)
	require.NoError(t, s.submitAdmin(t.Context(), func(tx *bbolt.Tx) error {
		k, _ := sampleRow(3)
		b := tx.Bucket(bucketName("p"))
		v := append([]byte(nil), b.Get(k)...)
		v[5] ^= 1
		return b.Put(k, v)
	}, nil))
	k, _ := sampleRow(3)
	for _, call := range []func(kv.Reader) error{
		func(r kv.Reader) error { _, err := r.Get(k); return err },
		func(r kv.Reader) error {
			for _, err := range r.Scan(kv.Range{Reverse: true}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		err := s.View(t.Context(), "p", call)
		require.ErrorIs(t, err, kv.ErrCorrupt)
		require.ErrorContains(t, err, fmt.Sprintf("%x", k))
		require.ErrorContains(t, err, `"p"`)
		_, err = s.Update(t.Context(), "p", func(w kv.Writer) error { return call(w) })
		require.ErrorIs(t, err, kv.ErrCorrupt)
	}
	fill(t, s, 3, 4) // writing it anew heals it
	require.Equal(t, 10, count(t, s, "p"))
}

func count(t *testing.T, s *Store, p kv.Partition) (n int) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), p, func(r kv.Reader) error {
		for _, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	}))
	return n
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, filepath.Join(dir, "store.db"), testOptions)
	fill(t, s, 0, 100)
	var wg sync.WaitGroup
	wg.Go(func() { fill(t, s, 100, 300) })
	copied := filepath.Join(dir, "copy.db")
	require.NoError(t, s.Backup(t.Context(), copied))
	wg.Wait()
	require.Error(t, s.Backup(t.Context(), copied), "does not replace")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Backup(ctx, filepath.Join(dir, "none.db")), context.Canceled)
	left, err := filepath.Glob(filepath.Join(dir, "*.part-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	info, err := os.Stat(copied)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	restored := openTest(t, copied, testOptions)
	n := count(t, restored, "p")
	require.GreaterOrEqual(t, n, 100)
	require.NoError(t, restored.View(t.Context(), "p", func(r kv.Reader) error {
		require.EqualValues(t, n, r.Seq(), "one moment, not several")
		return nil
	}))
	st, err := s.Stats()
	require.NoError(t, err)
	require.Positive(t, st.Bytes)
	require.Equal(t, os.Getpagesize(), st.PageSize)
}

// A dropped partition is gone at once; its rows are removed in chunks, and a
// start goes on where a crash stopped that.
func TestDropIsResumed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openTest(t, path, testOptions)
	write := func() {
		_, err := s.Update(t.Context(), "p", func(w kv.Writer) error {
			for i := range 3*sweepChunk + 10 {
				if err := w.Put(fmt.Appendf(nil, "%06d", i), []byte("value")); err != nil {
					return err
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
	for range 2 { // dropped, made again, dropped again
		write()
		require.NoError(t, s.DropPartition(t.Context(), "p"))
		require.Zero(t, count(t, s, "p"))
	}
	waitSwept(s)
	requireNoTrash(t, s)
	// As a crash leaves it: in the trash, with nobody sweeping.
	write()
	require.NoError(t, s.submitAdmin(t.Context(), func(tx *bbolt.Tx) error {
		bin, err := tx.Bucket(trashBucket).CreateBucket(binary.BigEndian.AppendUint64(nil, 99))
		if err != nil {
			return err
		}
		return tx.MoveBucket(bucketName("p"), nil, bin)
	}, nil))
	require.NoError(t, s.Close())
	s = openTest(t, path, testOptions)
	waitSwept(s)
	requireNoTrash(t, s)
	require.Zero(t, count(t, s, "p"))
}

func waitSwept(s *Store) {
	for s.sweeping.Load() {
		time.Sleep(time.Millisecond)
	}
}

func requireNoTrash(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.db.View(func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket(trashBucket).Cursor().First()
		require.Nil(t, k)
		return nil
	}))
}

func TestNewerFormatRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openTest(t, path, testOptions)
	require.NoError(t, s.submitAdmin(t.Context(), func(tx *bbolt.Tx) error {
		return tx.Bucket(metaBucket).Put(formatKey, binary.BigEndian.AppendUint64(nil, formatVersion+1))
	}, nil))
	require.NoError(t, s.Close())
	_, err := Open(path, testOptions)
	require.ErrorIs(t, err, ErrNewerFormat)
}
