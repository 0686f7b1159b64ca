package conformance

import (
	"fmt"
	"strings"
	"time"
)

// Report is the outcome of a run, and its JSON form.
type Report struct {
	Target    string    `json:"target"`
	Host      string    `json:"host,omitempty"`
	StartedAt time.Time `json:"started_at"`
	Seconds   float64   `json:"seconds"`
	Requests  int64     `json:"requests"`
	Offered   []string  `json:"offered"`
	Missing   []string  `json:"not_offered"`
	Counts    Counts    `json:"counts"`
	Verdict   string    `json:"verdict"`
	// LeftBehind is what could not be removed, as paths below the base URL.
	LeftBehind []string  `json:"left_behind"`
	Sections   []Section `json:"sections"`
}

// Section is the checks about one part of the protocol.
type Section struct {
	Key    string  `json:"key"`
	Title  string  `json:"title"`
	Checks []Check `json:"checks"`
}

// Check is one question and its answer. Expected, Got and Exchanges are there when
// it did not pass.
type Check struct {
	ID        string     `json:"id"`
	Level     Level      `json:"level"`
	Ref       string     `json:"ref"`
	Title     string     `json:"title"`
	Status    Status     `json:"status"`
	Expected  string     `json:"expected,omitempty"`
	Got       string     `json:"got,omitempty"`
	Cure      string     `json:"cure"`
	Seconds   float64    `json:"seconds"`
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// Counts is how many checks ended in each way.
type Counts struct {
	Total       int `json:"total"`
	Passed      int `json:"passed"`
	Failed      int `json:"failed"`
	Warnings    int `json:"warnings"`
	Information int `json:"information"`
	NotOffered  int `json:"not_offered"`
	Blocked     int `json:"blocked"`
}

// OK reports whether no MUST failed and every check got to its question.
func (c Counts) OK() bool { return c.Failed == 0 && c.Blocked == 0 }

func (c *Counts) add(s Status) {
	c.Total++
	switch s {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Warned:
		c.Warnings++
	case Noted:
		c.Information++
	case NotOffered:
		c.NotOffered++
	case Blocked:
		c.Blocked++
	}
}

// String is the verdict, such as "152 checks: 140 passed, 2 failed, 3 warnings, 7
// not offered".
func (c Counts) String() string {
	parts := []string{fmt.Sprintf("%d passed", c.Passed), fmt.Sprintf("%d failed", c.Failed), count(c.Warnings, "warning")}
	for _, more := range []struct {
		n    int
		what string
	}{{c.Blocked, "blocked"}, {c.Information, "for information"}, {c.NotOffered, "not offered"}} {
		if more.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", more.n, more.what))
		}
	}
	return count(c.Total, "check") + ": " + strings.Join(parts, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (r *runner) report(start time.Time) *Report {
	rep := &Report{Target: r.opts.URL, Host: r.opts.Host, StartedAt: start.UTC().Truncate(time.Second), LeftBehind: []string{}}
	rep.Offered, rep.Missing = r.offer.summary()
	return rep
}

func (rep *Report) finish(r *runner, took time.Duration) {
	rep.Seconds, rep.Requests = took.Seconds(), r.client.Requests()
	rep.LeftBehind = append(rep.LeftBehind, r.left...)
	for _, s := range rep.Sections {
		for _, c := range s.Checks {
			rep.Counts.add(c.Status)
		}
	}
	rep.Verdict = rep.Counts.String()
}

// judge fills in how the check ended.
func (c *Check) judge(p *probe) {
	c.Status = Passed
	worst := p.problem
	switch {
	case worst != nil && worst.blocked:
		c.Status = Blocked
	case worst != nil:
		c.Status = c.Level.failing(false)
	case len(p.soft) > 0:
		worst = &p.soft[0]
		c.Status = c.Level.failing(true)
	default:
		return
	}
	c.Expected, c.Got = clean(worst.expected), clean(p.text([]byte(worst.got)))
	if worst.at >= 0 && worst.at < len(p.talk) {
		c.Exchanges = p.talk[:worst.at+1]
	}
}
