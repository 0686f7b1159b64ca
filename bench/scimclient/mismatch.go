package scimclient

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Mismatch is an answer that is not what the client must have: the error that
// names the request, what was expected and what came.
type Mismatch struct {
	Step   string // what the client was doing, such as "okta: create user"
	Method string
	Path   string
	Sent   []byte
	Want   string
	Status int
	Got    []byte
}

func (m *Mismatch) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s %s", m.Step, m.Method, m.Path)
	if len(m.Sent) > 0 {
		fmt.Fprintf(&b, "\n  sent: %s", clip(m.Sent))
	}
	fmt.Fprintf(&b, "\n  want: %s\n  got:  status %d", m.Want, m.Status)
	if len(m.Got) > 0 {
		fmt.Fprintf(&b, ", %s", clip(m.Got))
	}
	return b.String()
}

// clip keeps an error readable: a group push can be megabytes.
func clip(b []byte) string {
	const most = 1200
	s := strings.ToValidUTF8(string(b), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (%d bytes)", s[:cut], len(b))
}
