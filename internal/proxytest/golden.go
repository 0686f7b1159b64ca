package proxytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Golden plays a transcript against the tenant and expects the answers that are
// written in it. A transcript is a file of exchanges:
//
//	### what happens
//	> PATCH /Users/<id1>
//	> Authorization: none
//	{"schemas": [...]}
//
//	< 200
//	< Content-Type: application/scim+json
//	{ ... }
//
// Ids, times and request ids vary and are written as <id1>, <time> and
// <request-id>; an id that appeared can be used in later requests. With
// UPDATE_GOLDEN=1 in the environment the answers are written anew, for review.
func (x *Tenant) Golden(t testing.TB, path string) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := &transcript{ids: map[string]string{}}
	var out strings.Builder
	for _, block := range strings.Split("\n"+string(want), "\n### ")[1:] {
		g.play(t, x, block, &out)
	}
	got := out.String()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(want) {
		t.Errorf("%s: the answers differ from the transcript (UPDATE_GOLDEN=1 rewrites it)\n%s", path, firstDifference(string(want), got))
	}
}

type transcript struct {
	ids map[string]string // both ways
	n   int
}

// play sends the request of one block and writes the block with its answer.
func (g *transcript) play(t testing.TB, x *Tenant, block string, out *strings.Builder) {
	t.Helper()
	title, rest, _ := strings.Cut(block, "\n")
	var head, body []string
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "<") && (len(line) == 1 || line[1] == ' ') {
			break
		}
		if h, ok := strings.CutPrefix(line, "> "); ok {
			head = append(head, h)
		} else if strings.TrimSpace(line) != "" {
			body = append(body, line)
		}
	}
	if len(head) == 0 {
		t.Fatalf("transcript: %q has no request", title)
	}
	method, path, _ := strings.Cut(g.real(head[0]), " ")
	var opts []Opt
	for _, h := range head[1:] {
		name, value, _ := strings.Cut(g.real(h), ": ")
		switch {
		case value == "none":
			value = ""
			fallthrough
		default:
			opts = append(opts, Header(name, value))
		case http.CanonicalHeaderKey(name) == "Host":
			opts = append(opts, Host(value))
		}
	}
	var content any
	if len(body) > 0 {
		content = g.real(strings.Join(body, "\n"))
	}
	r := x.Do(t, method, path, content, opts...)

	fmt.Fprintf(out, "### %s\n", title)
	for _, h := range head {
		fmt.Fprintf(out, "> %s\n", h)
	}
	for _, b := range body {
		fmt.Fprintln(out, b)
	}
	fmt.Fprintf(out, "\n< %d\n", r.Code)
	for _, name := range []string{"Content-Type", "ETag", "Location", "Content-Location", "Allow", "WWW-Authenticate", "Retry-After", "Cache-Control", "Preference-Applied", "Content-Length"} {
		v := r.Headers.Get(name)
		if v == "" || name == "Content-Length" && (r.Body != "" || v == "0") {
			continue
		}
		fmt.Fprintf(out, "< %s: %s\n", name, g.masked(v))
	}
	if r.Body != "" {
		fmt.Fprintln(out, g.masked(pretty(r.Body)))
	}
	fmt.Fprintln(out)
}

// masked replaces what varies; real puts ids back.
func (g *transcript) masked(s string) string {
	s = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllStringFunc(s, func(id string) string {
		if g.ids[id] == "" {
			g.n++
			name := fmt.Sprintf("<id%d>", g.n)
			g.ids[id], g.ids[name] = name, id
		}
		return g.ids[id]
	})
	s = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`).ReplaceAllString(s, "<time>")
	return regexp.MustCompile(`\b[0-9a-hjkmnp-tv-z]{24}\b`).ReplaceAllString(s, "<request-id>")
}

func (g *transcript) real(s string) string {
	return regexp.MustCompile(`<id\d+>`).ReplaceAllStringFunc(s, func(name string) string {
		if id := g.ids[name]; id != "" {
			return id
		}
		return name
	})
}

// pretty indents JSON, since a transcript is read by people.
func pretty(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant: %s\ngot:  %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(g), len(w))
}
