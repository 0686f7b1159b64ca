package boltkv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

// TestNoSpace fills a real, small volume: writes are refused, reads and the
// system partition go on, and writing resumes once there is space.
func TestNoSpace(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skip("needs root to mount a small volume:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	path := filepath.Join(dir, "store.db")
	ballast := filepath.Join(dir, "ballast")
	require.NoError(t, os.WriteFile(ballast, make([]byte, 8<<20), 0o600))
	s, err := Open(path, Options{InitialMmapSize: 64 << 20, ReserveBytes: 2 << 20})
	require.NoError(t, err)
	defer func() {
		require.NoError(t, s.Close())
		checkPages(t, path)
	}()
	acked := 0
	put := func(p kv.Partition, n int) error {
		_, err := s.Update(t.Context(), p, func(w kv.Writer) error {
			return w.Put(fmt.Appendf(nil, "k%06d", n), make([]byte, 50_000))
		})
		return err
	}
	for err = nil; err == nil; acked++ {
		err = put("tenant", acked)
		require.Less(t, acked, 1000)
	}
	acked--
	require.ErrorIs(t, err, kv.ErrNoSpace)
	require.ErrorIs(t, put("tenant", 9000), kv.ErrNoSpace, "refused without a try")
	require.NoError(t, s.Failed())
	for n := range 5 {
		require.NoError(t, put(kv.System, n), "the reserve is the system's")
	}
	require.Equal(t, acked, count(t, s, "tenant"))

	require.NoError(t, os.Remove(ballast))
	for err = put("tenant", 9001); errors.Is(err, kv.ErrNoSpace); {
		err = put("tenant", 9001)
	}
	require.NoError(t, err, "writing resumes by itself")
	require.Equal(t, acked+1, count(t, s, "tenant"))
	require.FileExists(t, path+".reserve")
}
