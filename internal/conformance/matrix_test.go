package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMatrixIsWhole(t *testing.T) {
	rows, err := Matrix()
	require.NoError(t, err)
	levels := map[string]int{}
	for _, r := range rows {
		require.Equal(t, []string{r.ID}, IDs("TestX/"+r.ID+"_something"), "an id that its own test name does not yield")
		require.NotEmpty(t, r.Text, r.ID)
		levels[r.Level]++
	}
	require.Equal(t, 327+168+42, len(rows))
	require.Equal(t, 42, levels["FIELD"])
}

func TestDeclined(t *testing.T) {
	declined, err := Declined()
	require.NoError(t, err)
	require.NotEmpty(t, declined)
	rows, err := Matrix()
	require.NoError(t, err)
	for _, r := range rows {
		if declined[r.ID] != "" && r.Level == "MUST" {
			require.Contains(t, []string{"EVT", "ASYNC", "OPS", "EXT"}, r.Section(), "%s: only optional features may leave a MUST unmet", r.ID)
		}
	}
}

func TestIDs(t *testing.T) {
	for name, want := range map[string][]string{
		"TestCRT04_Duplicate":                  {"CRT-04"},
		"TestPATCHA10_RemoveByValue":           {"PATCH-A10"},
		"TestPatch/PATCH-46_no_target":         {"PATCH-46"},
		"TestLists/PAG-01,_PAG-A02_start":      {"PAG-01", "PAG-A02"},
		"TestIdp/idp-8_remove":                 {"idp-8"},
		"TestFLTA11_Members":                   {"FLT-A11"},
		"TestK1":                               nil,
		"TestSomethingElse/with_2_parts":       nil,
		"TestReq/HTTP-01":                      {"HTTP-01"},
		"TestFLT04_Precedence/FLT-04_or_again": {"FLT-04"},
	} {
		require.Equal(t, want, IDs(name), name)
	}
}
