package thirdparty

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds every wait of these tests; nothing should come near it.
const patience = time.Minute

// binaryOf is the server to run: SCIMEDGE_BIN, or one built for this test.
func binaryOf(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("SCIMEDGE_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "scimedge")
	build := exec.Command("go", "build", "-o", bin, "scimedge/cmd/scimedge")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return bin
}

// server is a running `scimedge serve` with one tenant, whose host is localhost:
// a name every client resolves without help.
type server struct {
	base, token string
}

// serve starts one. When the test ends the server has to stop with exit code 0,
// and its store to be consistent.
func serve(t *testing.T, bin, profile string) server {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(bin, append([]string{"--data-dir", dir}, args...)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		require.NoError(t, err, "%v: %s", args, &errs)
		return strings.TrimSpace(string(out))
	}
	run("tenant", "create", "acme", "--host", "localhost")
	run("tenant", "set", "acme", "--profile", profile)
	token := run("token", "create", "--tenant", "acme", "--name", "suite")
	edge := start(t, bin, dir)
	t.Cleanup(func() { run("check") }) // after the server has stopped
	_, port, found := strings.Cut(edge, "127.0.0.1:")
	require.True(t, found, "the edge listens at %s", edge)
	return server{base: "http://localhost:" + port + "/scim/v2", token: token}
}

// start runs the server until the test ends, and returns the edge's URL.
func start(t *testing.T, bin, dir string) string {
	t.Helper()
	cmd := exec.Command(bin, "serve", "--data-dir", dir)
	cmd.Env = append(os.Environ(), "SCIMEDGE_LISTEN=127.0.0.1:0", "SCIMEDGE_ADMIN_LISTEN=127.0.0.1:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	deadline := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	var edge string
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
		if f := strings.Fields(lines.Text()); len(f) > 1 && f[0] == "edge" {
			edge = f[1]
		}
	}
	deadline.Stop()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		deadline := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		deadline.Stop()
		if err != nil {
			t.Errorf("the server did not stop as it should: %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", &log)
		}
	})
	require.NotEmpty(t, edge, "the server did not start")
	return edge
}

// outcome is what a suite says of one check.
type outcome struct {
	check  string
	ok     bool
	detail string
}

// parse reads the lines a suite prints; see python/report.py and java/Checks.java.
func parse(output string) ([]outcome, error) {
	var out []outcome
	done := ""
	for line := range strings.Lines(output) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case done != "":
			return nil, fmt.Errorf("a line after the last: %q", line)
		case len(f) == 4 && f[0] == "check" && (f[2] == "ok" || f[2] == "failed"):
			out = append(out, outcome{f[1], f[2] == "ok", f[3]})
		case len(f) == 2 && f[0] == "done":
			done = f[1]
		default:
			return nil, fmt.Errorf("not a line of a suite: %q", line)
		}
	}
	if done != fmt.Sprint(len(out)) || len(out) == 0 {
		return nil, fmt.Errorf("%d checks, and the suite says it did %q", len(out), done)
	}
	return out, nil
}
