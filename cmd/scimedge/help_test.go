package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// TestEveryCommandShowsAnExample walks the grammar, so that no new command can
// come without one.
func TestEveryCommandShowsAnExample(t *testing.T) {
	parser, err := kong.New(&cli{})
	require.NoError(t, err)
	leaves := parser.Model.Leaves(true)
	require.NotEmpty(t, leaves)
	for _, leaf := range leaves {
		path := strings.Fields(leaf.FullPath())[1:]
		out, err := exec.Command("scimedge", append(path, "--help")...).CombinedOutput()
		require.NoError(t, err, "%v", path)
		require.Contains(t, string(out), "Example:", "%v", path)
		require.Contains(t, string(out), "scimedge "+strings.Join(path, " "), "%v: the example runs another command", path)
	}
}
