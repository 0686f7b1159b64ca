package conformance

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// shownExchanges and shownBody bound what the text says about one failure; the JSON
// form has all of it.
const (
	shownExchanges = 4
	shownBody      = 600 // of the last request and answer
	shownBefore    = 160 // of those before it
)

// paint wraps words in the escape codes of a terminal, or leaves them alone.
type paint bool

func (p paint) in(code, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) status(s Status, text string) string {
	code := map[Status]string{Passed: "32", Failed: "1;31", Warned: "33", Noted: "36", NotOffered: "2", Blocked: "1;35"}[s]
	return p.in(code, text)
}

// WriteText writes the report for people: a line per section, then everything that
// did not pass in detail, and the verdict last, where a terminal stands.
func (rep *Report) WriteText(w io.Writer, colour bool) error {
	t := &textReport{Report: rep, paint: paint(colour)}
	t.head()
	for _, s := range rep.Sections {
		t.section(s)
	}
	t.details()
	t.end()
	_, err := io.WriteString(w, t.b.String())
	return err
}

type textReport struct {
	*Report
	paint
	b strings.Builder
}

func (t *textReport) line(format string, args ...any) { fmt.Fprintf(&t.b, format+"\n", args...) }

func (t *textReport) head() {
	t.line("%s", t.in("1", "SCIM 2.0 conformance of "+t.Target))
	if t.Host != "" {
		t.line("  Host         %s", t.Host)
	}
	t.line("  offered      %s", listed(t.Offered))
	t.line("  not offered  %s", listed(t.Missing))
	t.line("")
}

// section is its counts, and the names of what did not pass.
func (t *textReport) section(s Section) {
	var n Counts
	for _, c := range s.Checks {
		n.add(c.Status)
	}
	asked := n.Total - n.NotOffered
	state, words := Passed, fmt.Sprintf("%d of %d", n.Passed, asked)
	switch {
	case n.Failed > 0:
		state = Failed
	case n.Blocked > 0:
		state = Blocked
	case n.Warnings > 0:
		state = Warned
	case asked == 0:
		state, words = NotOffered, "not offered"
	}
	dots := strings.Repeat(".", max(2, 46-len(s.Title)))
	more := ""
	if n.NotOffered > 0 && asked > 0 {
		more = t.in("2", fmt.Sprintf("  (%d not offered)", n.NotOffered))
	}
	t.line("%-6s %s %s %s%s", s.Key, s.Title, t.in("2", dots), t.status(state, words), more)
	for _, c := range s.Checks {
		if c.Status != Passed && c.Status != NotOffered {
			t.line("         %s %s  %s", t.status(c.Status, c.Status.label()), c.ID, c.Title)
		}
	}
}

// label is the status as a report marks it, all of one width.
func (s Status) label() string {
	words := map[Status]string{Failed: "FAILED", Warned: "warning", Noted: "info", Blocked: "BLOCKED"}
	return fmt.Sprintf("%-7s", words[s])
}

// details tells what happened, the worst first.
func (t *textReport) details() {
	var bad []Check
	for _, s := range t.Sections {
		for _, c := range s.Checks {
			if c.Status == Failed || c.Status == Blocked || c.Status == Warned {
				bad = append(bad, c)
			}
		}
	}
	rank := map[Status]int{Failed: 0, Blocked: 1, Warned: 2}
	slices.SortStableFunc(bad, func(a, b Check) int { return cmp.Compare(rank[a.Status], rank[b.Status]) })
	for i, c := range bad {
		if i == 0 {
			t.line("\n%s", t.in("1", "What did not pass"))
		}
		t.detail(c)
	}
}

func (t *textReport) detail(c Check) {
	t.line("\n%s %s  %s", t.status(c.Status, c.Status.label()), t.in("1", c.ID), t.in("1", c.Title))
	t.line("  where      %s, %s", c.Ref, c.Level)
	if c.Status == Blocked {
		t.line("  why        the check could not get to its question: what it needs could not be made, or the server refused the query as too large (try a tenant with less in it)")
	}
	t.line("  expected   %s", c.Expected)
	t.line("  got        %s", clip(c.Got, shownBody))
	if c.Status != Blocked {
		t.line("  what to do %s", c.Cure)
	}
	talk := c.Exchanges
	if skipped := len(talk) - shownExchanges; skipped > 0 {
		t.line("  %s", t.in("2", fmt.Sprintf("(%s before; --json has them)", count(skipped, "more request"))))
		talk = talk[skipped:]
	}
	for i, x := range talk {
		most := shownBefore
		if i == len(talk)-1 {
			most = shownBody
		}
		t.exchange(x, most)
	}
}

func (t *textReport) exchange(x Exchange, most int) {
	t.line("    %s", t.in("1", x.Method+" "+clip(x.Path, most)))
	for _, h := range x.Headers {
		t.line("    %s %s", t.in("2", ">"), h)
	}
	if x.Sent != "" {
		t.line("    %s %s", t.in("2", ">"), clip(x.Sent, most))
	}
	if x.Status == 0 {
		t.line("    %s no answer", t.in("2", "<"))
		return
	}
	t.line("    %s %s", t.in("2", "<"), strings.TrimRight(fmt.Sprintf("%d %s", x.Status, clip(strings.TrimSpace(x.Got), most)), " "))
}

func (t *textReport) end() {
	if len(t.LeftBehind) > 0 {
		t.line("\nThese could not be removed again, please do it: %s", strings.Join(t.LeftBehind, " "))
	}
	state := Passed
	switch {
	case t.Counts.Failed > 0:
		state = Failed
	case t.Counts.Blocked > 0:
		state = Blocked
	case t.Counts.Warnings > 0:
		state = Warned
	}
	t.line("\n%s  (%s, %.1f s)", t.status(state, t.Verdict), count(int(t.Requests), "request"), t.Seconds)
}
