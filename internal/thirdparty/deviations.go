package thirdparty

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed deviations.tsv
var deviationsText string

// Deviation explains a check of somebody else's suite that does not pass.
type Deviation struct {
	Suite     string
	Profile   string // lenient, strict or both
	Check     string
	Reason    string
	Reference string // the section that decides it, as a Markdown link
}

// Deviations are the rows of deviations.tsv, in its order.
func Deviations() ([]Deviation, error) { return deviations(deviationsText) }

func deviations(text string) ([]Deviation, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var out []Deviation
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 5 || !strings.Contains(f[4], "](https://www.rfc-editor.org/rfc/rfc") {
			return nil, fmt.Errorf("deviations.tsv, line %d: want five columns, the last a link to a section of an RFC", i+2)
		}
		out = append(out, Deviation{f[0], f[1], f[2], f[3], f[4]})
	}
	return out, nil
}
