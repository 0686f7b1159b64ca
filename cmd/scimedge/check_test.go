package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/boltkv"
)

// TestCheckEndsWithOneOnAFinding puts a row into a directory that belongs to
// nothing. Check finds it, repair mends it, and the next check is content.
func TestCheckEndsWithOneOnAFinding(t *testing.T) {
	dir := t.TempDir()
	run := func(wantCode int, args ...string) string {
		cmd := exec.Command("scimedge", append([]string{"--data-dir", dir}, args...)...)
		out, _ := cmd.CombinedOutput()
		require.Equal(t, wantCode, cmd.ProcessState.ExitCode(), "%v: %s", args, out)
		return string(out)
	}
	run(0, "tenant", "create", "acme", "--host", "acme.localhost")
	store, err := boltkv.Open(filepath.Join(dir, "store.db"), boltkv.Options{})
	require.NoError(t, err)
	for p, err := range store.Partitions(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, kv.System, p, "the tenant is still empty")
	}
	var tenant kv.Partition
	require.NoError(t, store.View(t.Context(), kv.System, func(r kv.Reader) error {
		for e, err := range r.Scan(kv.Prefix([]byte{'t'})) {
			require.NoError(t, err)
			tenant = kv.Partition(e.Key[1:])
		}
		return nil
	}))
	_, err = store.Update(t.Context(), tenant, func(w kv.Writer) error {
		return w.Put(kv.Key(nil).Byte('x').Text("User").Text("externalid").Text("1").Raw(make([]byte, 16)), nil)
	})
	require.NoError(t, err)
	require.NoError(t, store.Close())

	require.Contains(t, run(1, "check"), "1 FINDING ")
	require.Contains(t, run(1, "check", "--repair"), "1 repaired")
	require.Contains(t, run(0, "check"), "1 tenant and the system checked, 0 findings")
}
