package boltkv

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

// TestSnapshotsAreNeverStale has readers look again and again while a writer
// counts up and the file outgrows its mapping: whoever begins to read after an
// acknowledgement sees what was acknowledged, and nobody waits for an idle
// reader.
func TestSnapshotsAreNeverStale(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{InitialMmapSize: 1 << 16})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	ctx := context.Background()
	const p kv.Partition = "t"
	pad := make([]byte, 64<<10) // 200 of them outgrow the first mapping many times
	var acked, reads atomic.Uint64
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				atLeast := acked.Load()
				err := s.View(ctx, p, func(r kv.Reader) error {
					v, err := r.Get([]byte("n"))
					if err != nil {
						return err
					}
					n := uint64(0)
					if v != nil {
						n = binary.BigEndian.Uint64(v)
					}
					if n < atLeast || uint64(r.Seq()) < atLeast {
						return errors.New("an acknowledged write is missing")
					}
					for e, err := range r.Scan(kv.Range{KeysOnly: true}) {
						if err != nil || len(e.Key) == 0 {
							return errors.New("scan failed")
						}
					}
					return nil
				})
				if err != nil {
					t.Errorf("after %d: %v", atLeast, err)
					return
				}
				reads.Add(1)
			}
		})
	}
	for i := uint64(1); i <= 200; i++ {
		_, err := s.Update(ctx, p, func(w kv.Writer) error {
			if err := w.Put(kv.Key("pad").Uint64(i), pad); err != nil {
				return err
			}
			return w.Put([]byte("n"), binary.BigEndian.AppendUint64(nil, i))
		})
		require.NoError(t, err)
		acked.Store(i)
	}
	close(done)
	wg.Wait()
	require.NotZero(t, reads.Load())
	require.LessOrEqual(t, len(s.snapshots.idle), maxIdleSnapshots)
}

// TestSnapshotsAreUsedAgain: reads between two commits share a transaction.
func TestSnapshotsAreUsedAgain(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{InitialMmapSize: 1 << 20})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	ctx := context.Background()
	_, err = s.Update(ctx, "t", func(w kv.Writer) error { return w.Put([]byte("k"), []byte("v")) })
	require.NoError(t, err)
	began := s.db.Stats().TxN
	for range 100 {
		require.NoError(t, s.View(ctx, "t", func(r kv.Reader) error {
			v, err := r.Get([]byte("k"))
			require.Equal(t, "v", string(v))
			return err
		}))
	}
	require.Equal(t, 1, s.db.Stats().TxN-began)
	// A View within a View needs a snapshot of its own.
	require.NoError(t, s.View(ctx, "t", func(outer kv.Reader) error {
		return s.View(ctx, "t", func(inner kv.Reader) error {
			require.NotSame(t, outer, inner)
			return nil
		})
	}))
}
