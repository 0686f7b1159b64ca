package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSIGTERMLetsRequestsFinish stops the server while half of a request has
// arrived. No new connection is taken, the half request is answered when its
// other half comes, and the process ends with 0.
func TestSIGTERMLetsRequestsFinish(t *testing.T) {
	c := newCrasher(t, 1)
	p := c.start()
	// Large enough that the handler is at work before all of it has come.
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],` + strings.Repeat(" ", 32<<10) + `"userName":"c0-r0-n1"}`
	half := len(body) / 2

	conn, err := net.Dial("tcp", p.edge)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = fmt.Fprintf(conn, "POST /scim/v2/Users HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s",
		c.token, len(body), body[:half])
	require.NoError(t, err)
	eventually(t, func() bool {
		return strings.Contains(httpGet(t, p.admin, "/metrics"), "\nscimedge_requests_in_flight 1\n")
	})

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	eventually(t, func() bool {
		extra, err := net.Dial("tcp", p.edge)
		if err == nil {
			_ = extra.Close()
		}
		return err != nil
	})
	require.Contains(t, httpGet(t, p.admin, "/readyz"), "not ready", "monitoring sees that it is going")

	_, err = io.WriteString(conn, body[half:])
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, 201, resp.StatusCode)
	require.NoError(t, p.wait())

	p = c.start()
	found := c.get("/Users")
	total, err := found.Int("totalResults")
	require.NoError(t, err)
	require.Equal(t, 1, total)
	require.NoError(t, p.stop())
}

// eventually polls until cond holds.
func eventually(t *testing.T, cond func() bool) {
	t.Helper()
	require.Eventually(t, cond, patience, 5*time.Millisecond)
}

func httpGet(t *testing.T, addr, path string) string {
	t.Helper()
	resp, err := http.Get("http://" + addr + path)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}
