package conformance

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrRemote is returned for a target that is not this machine, unless
// Options.AllowRemote is set: a run writes, and that is aimed elsewhere only on
// purpose.
var ErrRemote = errors.New("conformance: the target is not this machine")

// ErrUnknownCheck is returned, wrapped, for a name in Options.Only that selects
// nothing.
var ErrUnknownCheck = errors.New("no check is called so")

// Options say what to check. URL and Token are required.
type Options struct {
	URL   string // SCIM base URL, such as http://127.0.0.1:8080/scim/v2
	Host  string // sent as Host header in place of the URL's
	Token string
	// Only selects checks by section (PATCH), requirement (PATCH-16) or id
	// (FLT-01.eq), in any letter case. None selects all.
	Only        []string
	AllowRemote bool
	// Timeout bounds one request. The default is 30 s.
	Timeout time.Duration
	// Progress is called when a check ended.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Done, Total int
	Section     string // its title
	Last        Check  // the check that ended
}

// selected is the sections with the checks that only names. A name that selects
// nothing is an error.
func selected(only []string) ([]section, error) {
	all := sections()
	if len(only) == 0 {
		return all, nil
	}
	used := make([]bool, len(only))
	var out []section
	for _, s := range all {
		var kept []check
		for _, c := range s.checks {
			keep := false
			for i, name := range only {
				if c.named(name) {
					used[i], keep = true, true
				}
			}
			if keep {
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 {
			s.checks = kept
			out = append(out, s)
		}
	}
	for i, name := range only {
		if !used[i] {
			return nil, fmt.Errorf("conformance: %w: %q; name a section (%s), or an id such as PATCH-16 from a report", ErrUnknownCheck, name, sectionKeys(all))
		}
	}
	return out, nil
}

func sectionKeys(all []section) string {
	var keys []string
	for _, s := range all {
		keys = append(keys, s.key)
	}
	return strings.Join(keys, ", ")
}
