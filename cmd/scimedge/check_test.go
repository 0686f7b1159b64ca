package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/boltkv"
)

// inFolder runs a command on a data folder without a server.
func inFolder(t *testing.T, dir string, wantCode int, args ...string) string {
	t.Helper()
	cmd := exec.Command("scimedge", append([]string{"--data-dir", dir}, args...)...)
	out, _ := cmd.CombinedOutput()
	require.Equal(t, wantCode, cmd.ProcessState.ExitCode(), "%v: %s", args, out)
	return string(out)
}

// putRow writes a row into the directory of the only tenant of a data folder.
func putRow(t *testing.T, dir string, k, v []byte) {
	t.Helper()
	store, err := boltkv.Open(filepath.Join(dir, "store.db"), boltkv.Options{})
	require.NoError(t, err)
	var tenant kv.Partition
	require.NoError(t, store.View(t.Context(), kv.System, func(r kv.Reader) error {
		for e, err := range r.Scan(kv.Prefix([]byte{'t'})) {
			require.NoError(t, err)
			tenant = kv.Partition(e.Key[1:])
		}
		return nil
	}))
	_, err = store.Update(t.Context(), tenant, func(w kv.Writer) error { return w.Put(k, v) })
	require.NoError(t, err)
	require.NoError(t, store.Close())
}

// TestServeRefusesNewerFormat: a tenant's part of the store that a newer program
// wrote is not served, not changed, and named.
func TestServeRefusesNewerFormat(t *testing.T) {
	dir := t.TempDir()
	const refusal = "tenant acme: directory: the store has format 99, this program knows up to 2; start the newer program that wrote it"
	inFolder(t, dir, 0, "tenant", "create", "acme", "--host", "acme.localhost")
	file := filepath.Join(dir, "schema.json")
	require.NoError(t, os.WriteFile(file, []byte(`{}`), 0o600))
	putRow(t, dir, []byte("!"), []byte(`{"format":99}`))
	conf := filepath.Join(dir, "scimedge.yaml")
	require.NoError(t, os.WriteFile(conf, []byte("version: 1\nlisten: 127.0.0.1:0\nadmin:\n  listen: 127.0.0.1:0\n"), 0o600))
	require.Contains(t, inFolder(t, dir, 1, "serve", "--config", conf), refusal)
	require.Contains(t, inFolder(t, dir, 1, "schema", "load", "--tenant", "acme", file), refusal)
	require.Contains(t, inFolder(t, dir, 1, "check", "--repair"), refusal)
}

// TestCheckEndsWithOneOnAFinding puts a row into a directory that belongs to
// nothing. Check finds it, repair mends it, and the next check is content.
func TestCheckEndsWithOneOnAFinding(t *testing.T) {
	dir := t.TempDir()
	run := func(wantCode int, args ...string) string { return inFolder(t, dir, wantCode, args...) }
	run(0, "tenant", "create", "acme", "--host", "acme.localhost")
	putRow(t, dir, kv.Key(nil).Byte('x').Text("User").Text("externalid").Text("1").Raw(make([]byte, 16)), nil)

	require.Contains(t, run(1, "check"), "1 FINDING ")
	require.Contains(t, run(1, "check", "--repair"), "1 repaired")
	require.Contains(t, run(0, "check"), "1 tenant and the system checked, 0 findings")
}
