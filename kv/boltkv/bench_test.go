package boltkv

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"scimedge/kv"
	"scimedge/kv/kvtest"
)

func openBench(b *testing.B, onCommit func(transactions int)) *Store {
	opts := Options{ReserveBytes: -1}
	if onCommit != nil {
		opts.OnCommit = func(_ time.Duration, transactions, _ int) { onCommit(transactions) }
	}
	s, err := Open(filepath.Join(b.TempDir(), "store.db"), opts)
	require.NoError(b, err)
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func BenchmarkStore(b *testing.B) {
	kvtest.Benchmark(b, func(b *testing.B) kv.Store { return openBench(b, nil) })
}

// A fifth of the transactions fails; their neighbours must not pay for it.
func BenchmarkFailing(b *testing.B) {
	for _, writers := range []int{32, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			var commits, transactions atomic.Int64
			s := openBench(b, func(n int) { commits.Add(1); transactions.Add(int64(n)) })
			refused := errors.New("refused")
			kvtest.Writers(b, writers, func(n uint64) error {
				_, err := s.Update(b.Context(), "tenant", func(w kv.Writer) error {
					if n%5 == 0 {
						return refused
					}
					return kvtest.WriteUser(w, n)
				})
				if errors.Is(err, refused) {
					err = nil
				}
				return err
			})
			b.ReportMetric(float64(transactions.Load())/float64(max(commits.Load(), 1)), "tx/commit")
		})
	}
}

// What the committer is for: each transaction with a commit of its own, and
// bbolt's own way of sharing one.
func BenchmarkPlainBolt(b *testing.B) {
	for name, call := range map[string]func(*bbolt.DB) func(func(*bbolt.Tx) error) error{
		"Update": func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Update },
		"Batch":  func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Batch },
	} {
		for _, writers := range []int{1, 32, 64} {
			b.Run(fmt.Sprintf("%s/writers=%d", name, writers), func(b *testing.B) {
				db, err := bbolt.Open(filepath.Join(b.TempDir(), "plain.db"), 0o600, &bbolt.Options{InitialMmapSize: 8 << 30})
				require.NoError(b, err)
				defer func() { _ = db.Close() }()
				update := call(db)
				require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
					_, err := tx.CreateBucket([]byte("p/tenant"))
					return err
				}))
				kvtest.Writers(b, writers, func(n uint64) error {
					return update(func(tx *bbolt.Tx) error { return kvtest.WriteUser(tx.Bucket([]byte("p/tenant")), n) })
				})
			})
		}
	}
}
