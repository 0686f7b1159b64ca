package conformance

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Exchange is one request of a check with its answer. The token is in none.
type Exchange struct {
	Method        string   `json:"method"`
	Path          string   `json:"path"`
	Headers       []string `json:"headers,omitempty"` // those that are not the usual ones
	Sent          string   `json:"sent,omitempty"`
	Status        int      `json:"status"` // 0 when no answer came
	AnswerHeaders []string `json:"answer_headers,omitempty"`
	Got           string   `json:"got,omitempty"`
}

// maxText is how much of a body is kept.
const maxText = 4000

// text is a body for the report: without the token, should a server echo it, and
// bounded.
func (r *runner) text(body []byte) string {
	s := strings.ToValidUTF8(string(body), "\uFFFD")
	if r.opts.Token != "" {
		s = strings.ReplaceAll(s, r.opts.Token, "(the token)")
	}
	return clip(clean(s), maxText)
}

// clean takes out what would steer the terminal a report is read at.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// clip cuts s between characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "..."
}

// headersSent names what a check sent in its header.
func (r *runner) headersSent(h http.Header) []string {
	var out []string
	for name, values := range h {
		if len(values) == 0 {
			out = append(out, "no "+http.CanonicalHeaderKey(name))
			continue
		}
		out = append(out, http.CanonicalHeaderKey(name)+": "+r.text([]byte(strings.Join(values, ", "))))
	}
	slices.Sort(out)
	return out
}

// headersOf is what of an answer's header a SCIM client looks at.
func headersOf(h http.Header) []string {
	var out []string
	for _, name := range []string{"Allow", "Content-Location", "Content-Type", "Etag", "Location", "Retry-After", "Www-Authenticate"} {
		for _, v := range h.Values(name) {
			out = append(out, name+": "+clip(clean(v), 300))
		}
	}
	return out
}
