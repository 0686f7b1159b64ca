package metrics

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

func scrape(t *testing.T, s *Set) string {
	t.Helper()
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	s.Handler().ServeHTTP(rec, req)
	body, err := io.ReadAll(rec.Result().Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, rec.Code, string(body))
	return string(body)
}

func sources() Sources {
	day := time.Unix(1_700_000_000, 0)
	return Sources{
		Tokens: func(yield func(Token)) {
			yield(Token{Tenant: "acme", Environment: "production", IDP: "okta", Prefix: "aaaaaaaa", Name: "okta\n\x1b[31mprod\xff", State: "active", Created: day, LastUsed: day, Expires: day})
			yield(Token{Tenant: "acme", Environment: "production", IDP: "okta", Prefix: "bbbbbbbb", Name: "never used", State: "active"})
		},
		Tenants: func(yield func(Tenant)) { yield(Tenant{"acme", 3, 1, 2, 5}) },
		Caches:  func(yield func(Cache)) { yield(Cache{Kind: "positive", Hits: 9, Misses: 1, Entries: 1}) },
		Stores:  func(yield func(Store)) { yield(Store{"boltkv", 4096}) },
	}
}

func busy(s *Set) {
	b := s.Bind("acme", "production", "okta", "aaaaaaaa")
	b.Request(OpUserGet, 200)
	b.Request(OpUserGet, 418)
	b.Event(MemberAdded, 3)
	b.Noop("User")
	b.Quirk("boolean_string")
	b.RateLimited()
	s.Anonymous("acme").Request(OpDiscovery, 200)
	s.AuthFailure("acme", "", "", "missing")
	s.Begin()
	s.End(OpUserGet, time.Millisecond, 10, 20)
	s.Commits("boltkv")(time.Millisecond, 4, 20)
	s.Panicked()
	s.LogDropped()
}

// The names and labels that dashboards rely on.
func TestContract(t *testing.T) {
	s := New(Options{Version: "1", Commit: "c", StoreFormat: "1", Sources: sources()})
	busy(s)
	body := scrape(t, s)
	for _, want := range []string{
		`scimedge_client_requests_total{environment="production",idp="okta",tenant="acme",token="aaaaaaaa"} 2`,
		`scimedge_requests_total{code="200",op="user.get",tenant="acme",token="aaaaaaaa"} 1`,
		`scimedge_requests_total{code="418",op="user.get",tenant="acme",token="aaaaaaaa"} 1`,
		`scimedge_requests_total{code="200",op="discovery",tenant="acme",token=""} 1`,
		`scimedge_request_duration_seconds_count{op="user.get"} 1`,
		`scimedge_auth_failures_total{reason="missing",tenant="acme",token="",token_tenant=""} 1`,
		`scimedge_token_info{environment="production",idp="okta",state="active",tenant="acme",token="aaaaaaaa",token_name="okta\n` + "\x1b[31mprod\uFFFD" + `"} 1`,
		`scimedge_token_last_used_timestamp_seconds{tenant="acme",token="aaaaaaaa"} 1.7e+09`,
		`scimedge_token_expiry_timestamp_seconds{tenant="acme",token="aaaaaaaa"} 1.7e+09`,
		`scimedge_provisioning_events_total{event="group.member_added",tenant="acme",token="aaaaaaaa"} 3`,
		`scimedge_users{state="active",tenant="acme"} 3`,
		`scimedge_users{state="inactive",tenant="acme"} 1`,
		`scimedge_groups{tenant="acme"} 2`,
		`scimedge_quirk_normalised_total{kind="boolean_string",tenant="acme",token="aaaaaaaa"} 1`,
		`scimedge_requests_in_flight 0`,
		`scimedge_token_cache_hits_total{kind="positive"} 9`,
		`scimedge_kv_commit_duration_seconds_count{engine="boltkv"} 1`,
		`scimedge_kv_size_bytes{engine="boltkv"} 4096`,
		`scimedge_build_info{`,
		"# EOF",
	} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, `token_last_used_timestamp_seconds{tenant="acme",token="bbbbbbbb"}`)
}

func TestLint(t *testing.T) {
	s := New(Options{Sources: sources()})
	busy(s)
	problems, err := testutil.GatherAndLint(s.registry)
	require.NoError(t, err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestTokenSeriesAreCapped(t *testing.T) {
	s := New(Options{MaxTokenSeries: 10})
	for i := range 100 {
		s.Bind("acme", "production", "okta", fmt.Sprintf("t%03d", i)).Request(OpUserGet, 200)
		s.AuthFailure("acme", "acme", fmt.Sprintf("r%03d", i), "revoked")
	}
	body := scrape(t, s)
	own := strings.Count(body, `tenant="acme",token="t`)/2 + strings.Count(body, `tenant="acme",token="r`) // accepted ones have two series
	require.Equal(t, 10, own)
	require.Contains(t, body, `scimedge_auth_failures_total{reason="revoked",tenant="acme",token="other",token_tenant="acme"}`)
	require.Contains(t, body, `scimedge_client_requests_total{environment="production",idp="other",tenant="acme",token="other"}`)
	require.NotContains(t, body, "scimedge_metrics_overflow_total 0")
}

func TestForget(t *testing.T) {
	s := New(Options{})
	b := s.Bind("acme", "production", "okta", "aaaaaaaa")
	b.Request(OpUserGet, 200)
	b.Event(UserCreated, 1)
	s.AuthFailure("acme", "acme", "aaaaaaaa", "revoked")
	s.Bind("acme", "production", "okta", "bbbbbbbb").Request(OpUserGet, 200)
	s.Forget("acme", "aaaaaaaa")
	b.Request(OpUserList, 200) // one that was under way
	b.Quirk("boolean_string")
	body := scrape(t, s)
	require.NotContains(t, body, "aaaaaaaa")
	require.Contains(t, body, "bbbbbbbb")
	s.ForgetTenant("acme")
	require.NotContains(t, scrape(t, s), "acme")
}

func TestBindIsShared(t *testing.T) {
	s := New(Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				b := s.Bind("acme", "production", "okta", "aaaaaaaa")
				b.Request(OpUserPatch, 200)
				b.Event(UserUpdated, 1)
			}
		})
	}
	wg.Wait()
	body := scrape(t, s)
	require.Contains(t, body, `op="user.patch",tenant="acme",token="aaaaaaaa"} 8000`)
	require.Contains(t, body, `event="user.updated",tenant="acme",token="aaaaaaaa"} 8000`)
}

func TestLabels(t *testing.T) {
	seen := map[string]bool{}
	for op := range opCount {
		require.NotEmpty(t, op.String())
		require.False(t, seen[op.String()])
		seen[op.String()] = true
	}
	for e := range eventCount {
		require.NotEmpty(t, e.String())
	}
	require.Equal(t, "404", codeText(404))
	require.Equal(t, "000", codeText(99999))
	require.True(t, OpUserPatch.Write())
	require.False(t, OpSearch.Write())
}

func BenchmarkBoundRequest(b *testing.B) {
	c := New(Options{}).Bind("acme", "production", "okta", "aaaaaaaa")
	b.ReportAllocs()
	for b.Loop() {
		c.Request(OpUserGet, 200)
	}
}

func BenchmarkLookup(b *testing.B) {
	s := New(Options{})
	b.ReportAllocs()
	for b.Loop() {
		s.requests.WithLabelValues("acme", "aaaaaaaa", "user.get", "200").Inc()
	}
}

func BenchmarkEnd(b *testing.B) {
	s := New(Options{})
	b.ReportAllocs()
	for b.Loop() {
		s.Begin()
		s.End(OpUserGet, time.Millisecond, 0, 700)
	}
}
