package boltkv

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"scimedge/kv"
	"scimedge/kv/kvtest"
)

func TestMain(m *testing.M) {
	childMain() // crash and fail-stop tests re-execute this binary
	goleak.VerifyTestMain(m)
}

var testOptions = Options{InitialMmapSize: 64 << 20, ReserveBytes: -1}

// openTest opens a store that is closed and checked page by page at the end.
func openTest(t testing.TB, path string, opts Options) *Store {
	t.Helper()
	s, err := Open(path, opts)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = s.Close()
		checkPages(t, path)
	})
	return s
}

// checkPages is bbolt's own consistency check, on a closed file.
func checkPages(t testing.TB, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Error(err)
		}
		return nil
	}))
}

func TestConformance(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Store {
		return openTest(t, filepath.Join(t.TempDir(), "store.db"), testOptions)
	}, kvtest.Reopen(func(t *testing.T, s kv.Store) kv.Store {
		require.NoError(t, s.Close())
		again, err := Open(s.(*Store).path, testOptions)
		require.NoError(t, err)
		return again
	}))
}
