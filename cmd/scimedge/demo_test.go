package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDemoCurlLinesWorkAsPrinted pastes every printed line into a shell.
func TestDemoCurlLinesWorkAsPrinted(t *testing.T) {
	p, err := startProcess(t.TempDir(), os.Environ(), "demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--users", "5")
	require.NoError(t, err)
	t.Cleanup(p.kill)
	var lines []string
	for line := range strings.Lines(p.stdout.String()) {
		if strings.HasPrefix(line, "curl ") {
			lines = append(lines, line)
		}
	}
	for i, want := range []string{
		`schemas:core:2.0:ServiceProviderConfig`, `"totalResults":5`, `"totalResults":1`, `"members"`, ``, `"state":"active"`,
	} {
		require.Greater(t, len(lines), i, "%s", p.stdout)
		out, err := exec.Command("sh", "-c", lines[i]).CombinedOutput()
		require.NoError(t, err, "%s%s", lines[i], out)
		require.Contains(t, string(out), want, lines[i])
		require.NotContains(t, string(out), `"status"`, lines[i])
	}
	require.Len(t, lines, 6)

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGINT))
	require.NoError(t, p.wait())
}
