package thirdparty

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ledger holds the rows that concern one run of a suite, by the check's name.
type ledger map[string]*Deviation

func ledgerOf(rows []Deviation, suite, profile string) ledger {
	l := ledger{}
	for _, d := range rows {
		if d.Suite == suite && (d.Profile == profile || d.Profile == "both") {
			l[d.Check] = &d
		}
	}
	return l
}

// settle says what is wrong with an outcome, "" when nothing is, and strikes its
// row out.
func (l ledger) settle(o outcome) string {
	row := l[o.check]
	delete(l, o.check)
	switch {
	case !o.ok && row == nil:
		return o.detail
	case o.ok && row != nil:
		return "it passes, deviations.tsv explains why it does not: take the row out (" + row.Reason + ")"
	}
	return ""
}

func TestLedgerNoticesWhatIsNotExplained(t *testing.T) {
	rows := []Deviation{{Suite: "a", Profile: "both", Check: "x"}, {Suite: "a", Profile: "strict", Check: "y"}, {Suite: "b", Profile: "both", Check: "z"}}
	for name, tc := range map[string]struct {
		outcome outcome
		wrong   bool
	}{
		"passes":                           {outcome{check: "y", ok: true}, false},
		"fails":                            {outcome{check: "y", detail: "409"}, true},
		"fails, explained":                 {outcome{check: "x", detail: "409"}, false},
		"passes, explained":                {outcome{check: "x", ok: true}, true},
		"fails, explained for another run": {outcome{check: "z", detail: "409"}, true},
	} {
		l := ledgerOf(rows, "a", "lenient")
		require.Len(t, l, 1)
		require.Equal(t, tc.wrong, l.settle(tc.outcome) != "", name)
		require.Equal(t, tc.outcome.check != "x", l["x"] != nil, name)
	}
}

func TestDeviationsAreWhole(t *testing.T) {
	for _, bad := range []string{"head\na\tboth\tx\treason", "head\na\tboth\tx\treason\tsomewhere"} {
		_, err := deviations(bad)
		require.Error(t, err)
	}
}

func TestParseNoticesASuiteThatEndedEarly(t *testing.T) {
	out, err := parse("check\tone\tok\t\ncheck\ttwo\tfailed\twhy\ndone\t2\n")
	require.NoError(t, err)
	require.Equal(t, []outcome{{"one", true, ""}, {"two", false, "why"}}, out)
	for _, bad := range []string{"", "done\t0\n", "check\tone\tok\t\n", "check\tone\tok\t\ndone\t2\n", "hello\n", "check\tone\tperhaps\t\ndone\t1\n", "check\tone\tok\t\ndone\t1\ncheck\ttwo\tok\t\n"} {
		_, err := parse(bad)
		require.Error(t, err, "%q", bad)
	}
}
