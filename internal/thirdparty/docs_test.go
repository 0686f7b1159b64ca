package thirdparty

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPageShowsWhatRuns holds the rows of the reference page against the suites
// and their pinned versions, in order and with none left over.
func TestPageShowsWhatRuns(t *testing.T) {
	var want []string
	for _, s := range suites() {
		want = append(want, row(s.name, "`"+s.drives+"`", s.version(t)))
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "reference", "third-party-suites.md"))
	require.NoError(t, err)
	have := regexp.MustCompile(`(?m)^\| [^|]*[^|-].*\|$`).FindAllString(string(page), -1)
	var shown []string
	for _, line := range have {
		if suite, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |"); suite != "suite" {
			shown = append(shown, withoutLast(line))
		}
	}
	require.Equal(t, want, shown, "docs/reference/third-party-suites.md has to hold these rows:\n%s", strings.Join(want, "\n"))
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }

// withoutLast drops the last cell of a row, which is free text.
func withoutLast(line string) string {
	cells := strings.Split(strings.Trim(line, "| "), " | ")
	return row(cells[:len(cells)-1]...)
}

// version is the one that the suite's file pins.
func (s suite) version(t *testing.T) string {
	t.Helper()
	pins, err := os.ReadFile(s.pin)
	require.NoError(t, err)
	of := regexp.MustCompile(regexp.QuoteMeta(s.drives) + `(?:==|": "|</artifactId>\s*<version>)([0-9.]+)`).FindSubmatch(pins)
	require.NotNil(t, of, "%s names no version of %s", s.pin, s.drives)
	return string(of[1])
}
