package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure,omitempty"`
	Error   *junitProblem `xml:"error,omitempty"`
	Skipped *junitProblem `xml:"skipped,omitempty"`
	Out     *junitText    `xml:"system-out,omitempty"`
}

type junitText struct {
	Text string `xml:",chardata"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML, a suite per section. A failed MUST is
// a failure, a blocked check an error, and what is not offered is skipped; warnings
// pass, with their text as output, so that a CI job ends as the run did.
func (rep *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{
		Name: "SCIM conformance of " + rep.Target, Tests: rep.Counts.Total, Failures: rep.Counts.Failed, Errors: rep.Counts.Blocked,
		Skipped: rep.Counts.NotOffered, Time: seconds(rep.Seconds),
	}
	for _, s := range rep.Sections {
		var n Counts
		took := 0.0
		suite := junitSuite{Name: s.Title, Timestamp: rep.StartedAt.Format("2006-01-02T15:04:05")}
		for _, c := range s.Checks {
			n.add(c.Status)
			took += c.Seconds
			suite.Cases = append(suite.Cases, c.junit(s))
		}
		suite.Tests, suite.Failures, suite.Errors, suite.Skipped, suite.Time = n.Total, n.Failed, n.Blocked, n.NotOffered, seconds(took)
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (c Check) junit(s Section) junitCase {
	out := junitCase{Class: "scim." + s.Key, Name: c.ID + " " + c.Title, Time: seconds(c.Seconds)}
	problem := &junitProblem{Message: "expected " + c.Expected + ", got " + clip(c.Got, shownBody), Type: string(c.Level)}
	switch c.Status {
	case Failed:
		problem.Text = c.plain()
		out.Failure = problem
	case Blocked:
		problem.Text = c.plain()
		out.Error = problem
	case NotOffered:
		out.Skipped = &junitProblem{Message: c.Got}
	case Warned, Noted:
		out.Out = &junitText{c.plain()}
	}
	return out
}

// plain is the detail of one check without colours.
func (c Check) plain() string {
	t := &textReport{Report: &Report{}}
	t.detail(c)
	return t.b.String()
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
