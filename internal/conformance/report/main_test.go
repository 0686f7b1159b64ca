package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/conformance"
	"scimedge/internal/thirdparty"
)

// output is what a test run prints in which every requirement has one outcome;
// "" leaves it without a test.
func output(t *testing.T, outcome func(conformance.Requirement) string) string {
	t.Helper()
	rows, err := conformance.Matrix()
	require.NoError(t, err)
	var b strings.Builder
	for _, r := range rows {
		if o := outcome(r); o != "" {
			fmt.Fprintf(&b, `{"Action":%q,"Package":"scimedge/x","Test":"TestAll/%s_holds"}`+"\n", o, r.ID)
		}
	}
	file := filepath.Join(t.TempDir(), "test.json")
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o600))
	return file
}

func TestReport(t *testing.T) {
	declined, err := conformance.Declined()
	require.NoError(t, err)
	whole := func(r conformance.Requirement) string {
		if declined[r.ID] != "" {
			return ""
		}
		return "pass"
	}
	table := filepath.Join(t.TempDir(), "table.md")
	require.NoError(t, run(true, table, output(t, whole)))
	text, err := os.ReadFile(table)
	require.NoError(t, err)
	require.Contains(t, string(text), "| CRT-04 | MUST | ")
	require.Contains(t, string(text), "| proven | `x.TestAll/CRT-04_holds` |")
	require.Contains(t, string(text), "0 failing, 0 open")
	deviations, err := thirdparty.Deviations()
	require.NoError(t, err)
	require.NotEmpty(t, deviations)
	for _, d := range deviations {
		require.Contains(t, string(text), "| "+d.Suite+" | "+d.Profile+" | `"+d.Check+"` | "+d.Reason+" | "+d.Reference+" |\n")
	}
	require.NoError(t, run(false, table, output(t, whole)))

	for name, change := range map[string]struct{ id, outcome, says string }{
		"a requirement without a test":       {"CRT-04", "", "CRT-04: no test carries this id"},
		"a test that fails":                  {"CRT-04", "fail", "CRT-04: its test failed"},
		"a declined requirement that is met": {"SCH-36", "pass", "SCH-36: declined, and proven"},
	} {
		t.Run(name, func(t *testing.T) {
			file := output(t, func(r conformance.Requirement) string {
				if r.ID == change.id {
					return change.outcome
				}
				return whole(r)
			})
			require.ErrorContains(t, run(true, filepath.Join(t.TempDir(), "t.md"), file), change.says)
			require.Error(t, run(false, table, file))
		})
	}
	t.Run("no test at all", func(t *testing.T) {
		require.ErrorContains(t, run(true, table, output(t, func(conformance.Requirement) string { return "" })), "no test ran")
	})
}
