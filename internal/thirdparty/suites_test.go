package thirdparty

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var root = filepath.Join("..", "..")

// suite is one program that drives the server. It is called with the base URL
// and a token, in the root folder.
type suite struct {
	name    string
	drives  string // the package, as its registry names it
	pin     string // the file that names its version
	command []string
}

func suites() []suite {
	python := func(program string) []string {
		return []string{".cache/thirdparty/python/bin/python", "-B", "internal/thirdparty/python/" + program}
	}
	// The programs are short: a compiler that starts quickly is worth more than one that optimises.
	java := func(client string) []string {
		return []string{"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
			"-cp", ".cache/thirdparty/classes/" + client + ":.cache/thirdparty/jars/" + client + "/*", "Suite"}
	}
	return []suite{
		{"scim2-tester", "scim2-tester", "python/requirements.txt", python("tester.py")},
		{"scim2-client", "scim2-client", "python/requirements.txt", python("client.py")},
		{"scim2-models", "scim2-models", "python/requirements.txt", python("patches.py")},
		{"unboundid", "scim2-sdk-client", "java/unboundid/pom.xml", java("unboundid")},
		{"captaingoldfish", "scim-sdk-client", "java/captaingoldfish/pom.xml", java("captaingoldfish")},
		{"scimmy", "scimmy", "node/package.json", []string{"node", "internal/thirdparty/node/patches.mjs"}},
	}
}

// TestSuites runs every suite against a tenant of either profile. Each run has
// a server of its own.
func TestSuites(t *testing.T) {
	dependOnSources(t)
	prepare := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", "thirdparty"))
	out, err := prepare.CombinedOutput()
	require.NoError(t, err, "%s", out)
	rows, err := Deviations()
	require.NoError(t, err)
	bin := binaryOf(t)
	known := map[string]bool{}
	for _, s := range suites() {
		known[s.name] = true
		for _, profile := range []string{"lenient", "strict"} {
			t.Run(s.name+" "+profile, func(t *testing.T) {
				explained := ledgerOf(rows, s.name, profile)
				for _, o := range s.run(t, serve(t, bin, profile)) {
					t.Run(o.check, func(t *testing.T) {
						if wrong := explained.settle(o); wrong != "" {
							t.Error(wrong)
						}
					})
				}
				for check := range explained {
					t.Errorf("deviations.tsv explains %q, a check that did not run", check)
				}
			})
		}
	}
	for _, row := range rows {
		require.True(t, known[row.Suite], "deviations.tsv names the suite %q", row.Suite)
	}
}

// dependOnSources looks at every file of the tree, so that go test takes no result
// from its cache after one changed: it does not see what the programs here read.
func dependOnSources(t *testing.T) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // another test's, gone meanwhile
		case err != nil:
			return err
		case e.IsDir() && strings.HasPrefix(e.Name(), ".") && path != root:
			return filepath.SkipDir
		}
		_, _ = os.Stat(path)
		return nil
	}))
}

func (s suite) run(t *testing.T, on server) []outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.command[0], append(s.command[1:], on.base, on.token)...)
	cmd.Dir = root
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s%s", out, &errs)
	outcomes, err := parse(string(out))
	require.NoError(t, err, "%s%s", out, &errs)
	return outcomes
}
