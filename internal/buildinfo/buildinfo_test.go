package buildinfo

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrom(t *testing.T) {
	settings := func(kv ...string) *debug.BuildInfo {
		b := &debug.BuildInfo{}
		for i := 0; i < len(kv); i += 2 {
			b.Settings = append(b.Settings, debug.BuildSetting{Key: kv[i], Value: kv[i+1]})
		}
		return b
	}
	for name, tc := range map[string]struct {
		stamped, commitStamp string
		recorded             *debug.BuildInfo
		version, commit      string
	}{
		"nothing known": {"", "", nil, "dev", "unknown"},
		"stamped":       {"v1.2.3", "", settings(), "v1.2.3", "unknown"},
		"clean tree":    {"v1", "", settings("vcs.revision", "abc", "vcs.modified", "false"), "v1", "abc"},
		"edited tree":   {"v1", "", settings("vcs.revision", "abc", "vcs.modified", "true"), "v1", "abc+dirty"},
		"both stamped":  {"v1", "def", settings("vcs.revision", "abc"), "v1", "def"},
	} {
		t.Run(name, func(t *testing.T) {
			got := from(tc.stamped, tc.commitStamp, tc.recorded)
			require.Equal(t, tc.version, got.Version)
			require.Equal(t, tc.commit, got.Commit)
			require.True(t, strings.HasPrefix(got.Go, "go"))
		})
	}
}
