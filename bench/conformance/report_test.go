package conformance

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/bench/people"
)

func sampleReport() *Report {
	rep := &Report{
		Target: "http://scim.test/v2", StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Offered: []string{"patch"}, Missing: []string{"bulk"},
		LeftBehind: []string{"/Users/7"},
		Sections: []Section{
			{Key: "PATCH", Title: "Patch", Checks: []Check{
				{ID: "PATCH-15", Level: Must, Ref: "RFC 7644 §3.5.2", Title: "In order", Status: Passed, Cure: "Keep the order."},
				{
					ID: "PATCH-16", Level: Must, Ref: "RFC 7644 §3.5.2", Title: "All or nothing", Status: Failed, Cure: "Apply to a copy.",
					Expected: "title is Engineer", Got: "Boss", Exchanges: []Exchange{
						{Method: "POST", Path: "/Users", Sent: `{"a":1}`, Status: 201, Got: `{"id":"7"}`},
						{Method: "PATCH", Path: "/Users/7", Headers: []string{`If-Match: W/"1"`}, Sent: "{}", Status: 400, Got: "<no>"},
						{Method: "GET", Path: "/Users/7"},
					},
				},
				{ID: "PATCH-33", Level: Should, Ref: "RFC 7644 §3.5.2.2", Title: "Gone", Status: Warned, Cure: "Remove it.", Expected: "no title", Got: "Boss"},
				{ID: "PATCH-34", Level: May, Ref: "RFC 7644 §3.5.2.2", Title: "Nice", Status: Noted, Cure: "Do it.", Expected: "x", Got: "y"},
				{ID: "PATCH-35", Level: Must, Ref: "RFC 7644 §3.5.2.2", Title: "Groups", Status: Blocked, Cure: "Do it.", Expected: "status 201", Got: "status 403"},
			}},
			{Key: "BULK", Title: "Bulk", Checks: []Check{{ID: "BULK-02", Level: Must, Title: "Message", Status: NotOffered, Got: "no bulk"}}},
		},
	}
	for _, s := range rep.Sections {
		for _, c := range s.Checks {
			rep.Counts.add(c.Status)
		}
	}
	rep.Verdict, rep.Requests, rep.Seconds = rep.Counts.String(), 9, 1.25
	return rep
}

func TestText(t *testing.T) {
	var plain, colour strings.Builder
	require.NoError(t, sampleReport().WriteText(&plain, false))
	require.NoError(t, sampleReport().WriteText(&colour, true))
	require.Equal(t, `SCIM 2.0 conformance of http://scim.test/v2
  offered      patch
  not offered  bulk

PATCH  Patch ......................................... 1 of 5
         FAILED  PATCH-16  All or nothing
         warning PATCH-33  Gone
         info    PATCH-34  Nice
         BLOCKED PATCH-35  Groups
BULK   Bulk .......................................... not offered

What did not pass

FAILED  PATCH-16  All or nothing
  where      RFC 7644 §3.5.2, MUST
  expected   title is Engineer
  got        Boss
  what to do Apply to a copy.
    POST /Users
    > {"a":1}
    < 201 {"id":"7"}
    PATCH /Users/7
    > If-Match: W/"1"
    > {}
    < 400 <no>
    GET /Users/7
    < no answer

BLOCKED PATCH-35  Groups
  where      RFC 7644 §3.5.2.2, MUST
  why        the check could not get to its question: what it needs could not be made, or the server refused the query as too large (try a tenant with less in it)
  expected   status 201
  got        status 403

warning PATCH-33  Gone
  where      RFC 7644 §3.5.2.2, SHOULD
  expected   no title
  got        Boss
  what to do Remove it.

These could not be removed again, please do it: /Users/7

6 checks: 1 passed, 1 failed, 1 warning, 1 blocked, 1 for information, 1 not offered  (9 requests, 1.2 s)
`, plain.String())
	require.Contains(t, colour.String(), "\x1b[1;31mFAILED \x1b[0m")
	bare := colour.String()
	for _, code := range []string{"1", "2", "32", "1;31", "33", "36", "1;35", "0"} {
		bare = strings.ReplaceAll(bare, "\x1b["+code+"m", "")
	}
	require.Equal(t, plain.String(), bare)
}

func TestJUnit(t *testing.T) {
	var b strings.Builder
	require.NoError(t, sampleReport().WriteJUnit(&b))
	var got junitSuites
	require.NoError(t, xml.Unmarshal([]byte(b.String()), &got), b.String())
	require.Equal(t, []int{6, 1, 1, 1}, []int{got.Tests, got.Failures, got.Errors, got.Skipped})
	require.Len(t, got.Suites, 2)
	patch := got.Suites[0]
	require.Equal(t, []int{5, 1, 1, 0}, []int{patch.Tests, patch.Failures, patch.Errors, patch.Skipped})
	require.Equal(t, "2026-01-02T03:04:05", patch.Timestamp)
	require.Equal(t, "PATCH-16 All or nothing", patch.Cases[1].Name)
	require.Equal(t, "MUST", patch.Cases[1].Failure.Type)
	require.Contains(t, patch.Cases[1].Failure.Text, "what to do Apply to a copy.")
	require.Contains(t, patch.Cases[2].Out.Text, "no title")
	require.NotNil(t, patch.Cases[4].Error)
	require.Equal(t, "no bulk", got.Suites[1].Cases[0].Skipped.Message)
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(sampleReport())
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(b, &got))
	require.Equal(t, map[string]any{"total": 6.0, "passed": 1.0, "failed": 1.0, "warnings": 1.0, "information": 1.0, "not_offered": 1.0, "blocked": 1.0}, got["counts"])
	require.Equal(t, []any{"/Users/7"}, got["left_behind"])
}

// TestTheTokenIsInNoReport, should a server echo it.
func TestTheTokenIsInNoReport(t *testing.T) {
	r := &runner{opts: Options{Token: "scim_secret"}, people: people.New(1, "")}
	require.Equal(t, "your token (the token) is unknown", r.text([]byte("your token scim_secret is unknown")))
	require.Equal(t, "a  [2Jb  ü", r.text([]byte("a\n\x1b[2Jb\u009b ü")), "a server does not steer the reader's terminal")
	require.Equal(t, []string{"Authorization: bearer (the token)", "no Accept"}, r.headersSent(map[string][]string{"Authorization": {"bearer scim_secret"}, "Accept": nil}))
}

func TestClip(t *testing.T) {
	require.Equal(t, "abc", clip("abc", 3))
	require.Equal(t, "ab...", clip("abü", 3))
	require.Equal(t, "ab...", clip("abüü", 3))
}
