package conformance

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed matrix.tsv
var matrixText string

//go:embed idp.tsv
var idpText string

//go:embed declined.tsv
var declinedText string

// Requirement is one row of the matrix.
type Requirement struct {
	ID     string // such as CRT-04 or PATCH-A10
	Source string // document and section
	Level  string // MUST, SHOULD, MAY, SPEC, ADVISE, or FIELD for what identity providers do
	Text   string
}

// Section is the part of the id before the dash, such as CRT.
func (r Requirement) Section() string {
	s, _, _ := strings.Cut(r.ID, "-")
	return s
}

// Matrix returns all requirements in the order of their documents.
func Matrix() ([]Requirement, error) {
	var out []Requirement
	seen := map[string]bool{}
	for _, text := range []string{matrixText, idpText} {
		for i, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
			f := strings.Split(line, "\t")
			if len(f) != 4 || seen[f[0]] {
				return nil, fmt.Errorf("conformance: line %d (%.40q): want four columns and an id not used before", i+2, line)
			}
			seen[f[0]] = true
			out = append(out, Requirement{f[0], f[1], f[2], f[3]})
		}
	}
	return out, nil
}

// Declined returns why requirements are deliberately not met, by id. Each is one
// of the matrix.
func Declined() (map[string]string, error) {
	rows, err := Matrix()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.ID] = true
	}
	out := map[string]string{}
	for i, line := range strings.Split(strings.TrimSpace(declinedText), "\n")[1:] {
		id, reason, ok := strings.Cut(line, "\t")
		if !ok || reason == "" || !known[id] || out[id] != "" {
			return nil, fmt.Errorf("conformance: declined line %d (%.40q): want the id of a requirement, once, and a reason", i+2, line)
		}
		out[id] = reason
	}
	return out, nil
}

// idPattern finds ids in test names, where go test turns spaces into _ and
// function names cannot hold a dash.
var idPattern = regexp.MustCompile(`(?:^|[^A-Za-z0-9])(?:Test)?(HTTP|AUTH|SCH|RES|CRT|GET|LIST|FLT|SRT|PAG|CUR|PRJ|SRCH|PUT|PATCH|DEL|BULK|ETAG|ME|DISC|ERR|TEN|SEC|EVT|ASYNC|OPS|EXT|idp)[-_]?(A?\d{1,2})(?:[^0-9]|$)`)

// IDs lists the requirements a test name claims, each once.
func IDs(test string) []string {
	var out []string
	seen := map[string]bool{}
	for rest := test; ; {
		m := idPattern.FindStringSubmatchIndex(rest)
		if m == nil {
			return out
		}
		section, number := rest[m[2]:m[3]], rest[m[4]:m[5]]
		if len(strings.TrimPrefix(number, "A")) == 1 && section != "idp" {
			number = strings.Replace(number, number[len(number)-1:], "0"+number[len(number)-1:], 1)
		}
		if id := section + "-" + number; !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
		rest = rest[m[5]:]
	}
}
