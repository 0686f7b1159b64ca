package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/bench/scimclient"
	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
	"scimedge/kv/boltkv"
)

// TestFailedCommitTurnsReadyzRed takes the disk away under a running server:
// the next commit fails, after which no write is acknowledged any more, reads go
// on, /readyz is red within a second and /livez stays green.
func TestFailedCommitTurnsReadyzRed(t *testing.T) {
	cfg := configs.Default()
	cfg.DataDir, cfg.Listen, cfg.Admin.Listen = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0"
	s, err := startServer(t.Context(), cfg, boltkv.Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	stopped := false
	t.Cleanup(func() {
		if !stopped {
			_ = s.stop()
		}
	})
	_, err = s.ops.TenantCreate(t.Context(), admin.TenantSpec{Name: "acme", Hosts: []string{"acme.localhost"}})
	require.NoError(t, err)
	token, err := s.ops.TokenCreate(t.Context(), admin.TokenSpec{Tenant: "acme", Name: "t"})
	require.NoError(t, err)
	client, err := scimclient.New(scimclient.Options{BaseURL: "http://" + s.edgeAddr + "/scim/v2", Host: "acme.localhost", Token: token.Token})
	require.NoError(t, err)
	defer client.Close()
	create := func(n int) int {
		res, err := client.Do(t.Context(), "POST", "/Users", fmt.Appendf(nil, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d"}`, n))
		require.NoError(t, err)
		return res.Status
	}
	require.Equal(t, 201, create(1))
	require.Equal(t, http.StatusOK, statusOf(t, s.adminAddr, "/readyz"))

	takeDiskAway(t, storePath(cfg))
	for n := range 5 {
		require.GreaterOrEqual(t, create(2+n), 500)
	}
	require.Equal(t, http.StatusServiceUnavailable, statusOf(t, s.adminAddr, "/readyz"))
	require.Contains(t, httpGet(t, s.adminAddr, "/readyz"), "[-] store:")
	require.Equal(t, http.StatusOK, statusOf(t, s.adminAddr, "/livez"))
	res, err := client.Do(t.Context(), "GET", "/Users", nil)
	require.NoError(t, err)
	require.Equal(t, 200, res.Status)
	require.Contains(t, string(res.Body), `"u1"`)
	client.Close()
	stopped = true
	_ = s.stop() // must come to an end; that the store is not closed cleanly is expected
}

// takeDiskAway puts a file that cannot be written in the place of the store's
// descriptor, which is what a disk gone bad looks like to a commit.
func takeDiskAway(t *testing.T, path string) {
	fds, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	full, err := os.Open("/dev/null") // for reading only
	require.NoError(t, err)
	defer full.Close()
	found := 0
	for _, e := range fds {
		var fd int
		_, err := fmt.Sscan(e.Name(), &fd)
		require.NoError(t, err)
		if target, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name())); err == nil && target == path {
			require.NoError(t, syscall.Dup3(int(full.Fd()), fd, syscall.O_CLOEXEC))
			found++
		}
	}
	require.Equal(t, 1, found, "descriptors of %s", path)
}

func statusOf(t *testing.T, addr, path string) int {
	t.Helper()
	resp, err := http.Get("http://" + addr + path)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
