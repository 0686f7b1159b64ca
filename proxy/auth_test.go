package proxy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
	"scimedge/tenancy"
)

const challenge = `Bearer realm="scim"`

// The four failures of step 4 of the guide, and what tells them apart.
func TestTheFourFailures(t *testing.T) {
	now := time.Now()
	s := proxytest.New(t, proxytest.WithDeps(func(d *proxy.Deps) { d.Clock = func() time.Time { return now } }))
	revoked := s.WithToken(t, tenancy.NewToken{Name: "revoked"})
	revoked.Get(t, "/Users").Status(200)
	revoked.Revoke(t)
	expired := s.WithToken(t, tenancy.NewToken{Name: "short", ExpiresIn: time.Hour})
	expired.Get(t, "/Users").Status(200)
	now = now.Add(time.Hour)

	s.Get(t, "/Users", proxytest.Host("wrong.test")).Error(404, "", "not configured here")
	s.Get(t, "/Users", proxytest.Header("Authorization", s.Token)).Error(401, "", "Bearer prefix").
		HasHeader("WWW-Authenticate", challenge+`, error="invalid_request", error_description="The Authorization header lacks the Bearer prefix."`)
	s.Get(t, "/Users", proxytest.NoToken()).Error(401, "", "no Authorization header", "Authorization: Bearer <token>").HasHeader("WWW-Authenticate", challenge)

	var answers []string
	for _, c := range []struct {
		reason string
		call   *proxytest.Response
	}{
		{"revoked", revoked.Get(t, "/Users")},
		{"expired", expired.Get(t, "/Users")},
		{"malformed", s.Get(t, "/Users", proxytest.Bearer("scim_nonsense"))},
		{"malformed", s.Get(t, "/Users", proxytest.Header("Authorization", "Bearer"))},
		{"unknown", s.Get(t, "/Users", proxytest.Bearer(unknownToken(t)))},
		{"wrong_environment", s.Get(t, "/Users", proxytest.Bearer(s.Staging.Token))},
		{"wrong_tenant", s.Get(t, "/Users", proxytest.Bearer(s.Globex.Token))},
	} {
		c.call.Error(401, "").HasHeader("WWW-Authenticate", challenge+`, error="invalid_token", error_description="The token is not valid for this host."`)
		answers = append(answers, c.call.Body)
		require.Equal(t, answers[0], c.call.Body, c.reason)
		require.GreaterOrEqual(t, s.Metric("scimedge_auth_failures_total", `reason="`+c.reason+`"`, `tenant="acme"`), 1.0, c.reason)
	}
	require.Equal(t, 1.0, s.Metric("scimedge_auth_failures_total", `reason="wrong_environment"`, `token_tenant="acme-staging"`, s.Staging.Prefix))
	require.Equal(t, 1.0, s.Metric("scimedge_auth_failures_total", `reason="wrong_tenant"`, `token_tenant="globex"`, s.Globex.Prefix))
	require.Equal(t, 1.0, s.Metric("scimedge_auth_failures_total", `reason="revoked"`, revoked.Prefix))
	require.Equal(t, 2.0, s.Metric("scimedge_auth_failures_total", `reason="malformed"`, `token=""`))
	require.NotContains(t, s.MetricsText(), "wrong.test")
	require.NotContains(t, s.Log.String(), s.Token)
}

// unknownToken has the right form and checksum and was never issued.
func unknownToken(t *testing.T) string {
	t.Helper()
	text, _, err := tenancy.NewTokenText(zeros{})
	require.NoError(t, err)
	return text
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAuthorizationForms(t *testing.T) {
	s := proxytest.New(t)
	for _, scheme := range []string{"bearer ", "BEARER ", "Bearer   "} {
		s.Get(t, "/Users", proxytest.Header("Authorization", scheme+s.Token)).Status(200)
	}
	s.Get(t, "/Users", proxytest.Header("Authorization", "Basic YTpi")).Error(401, "")
	s.Get(t, "/Users", proxytest.Header("Authorization", "non-token")).Error(401, "")
	s.Get(t, "/Users", proxytest.Bearer(s.Token+" x")).Error(401, "")
	s.Get(t, "/Users", proxytest.AddHeader("Authorization", "Bearer "+s.Token)).Error(400, "").
		HasHeader("WWW-Authenticate", challenge+`, error="invalid_request", error_description="The request carries more than one credential."`)
	s.Get(t, "/Users?access_token="+s.Token).Error(400, "")
	s.Get(t, "/Users?access_token="+s.Token, proxytest.NoToken()).Error(401, "")
	require.NotContains(t, s.Log.String(), s.Token)
	for _, o := range s.Observations() {
		require.NotContains(t, o.Host+o.Reason+o.RequestID+o.Method, s.Token)
	}
}

func TestScopes(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "g")
	insufficient := challenge + `, error="insufficient_scope"`
	reader := s.WithToken(t, tenancy.NewToken{Name: "reader", Scopes: []string{tenancy.ScopeRead}})
	users := s.WithToken(t, tenancy.NewToken{Name: "users", Scopes: []string{tenancy.ScopeUsers}})

	reader.Get(t, "/Users/"+id).Status(200)
	reader.Get(t, "/Groups").Status(200)
	reader.Post(t, "/Users", proxytest.User("bob")).Error(403, "").HasHeader("WWW-Authenticate", insufficient)
	reader.Delete(t, "/Users/"+id).Error(403, "")
	users.Post(t, "/Users", proxytest.User("bob")).Status(201)
	users.Get(t, "/Groups/"+group).Error(403, "").HasHeader("WWW-Authenticate", insufficient)
	users.Get(t, "/groups").Error(403, "")
	require.Equal(t, "scope", s.LastReason(403))

	elsewhere := s.WithToken(t, tenancy.NewToken{Name: "office", AllowCIDRs: []string{"203.0.113.0/24"}})
	elsewhere.Get(t, "/Users").Error(401, "")
	require.Equal(t, "network", s.LastReason(401))
}

func TestPausedTenant(t *testing.T) {
	s := proxytest.New(t)
	grace := s.CreateUser(t, "grace")
	s.SetPaused(t, true)
	s.Get(t, "/Users/"+grace).Status(200)
	s.Delete(t, "/Users/"+grace).Error(503, "", "paused")
	s.Post(t, "/Users", proxytest.User("ada")).Error(503, "").HasHeader("Retry-After", "60")
	require.Equal(t, "tenant_paused", s.LastReason(503))
	s.Globex.CreateUser(t, "ada")
	s.SetPaused(t, false)
	s.CreateUser(t, "ada")
}

// A revoked token is refused from the next request on.
func TestRevocationIsImmediate(t *testing.T) {
	s := proxytest.New(t)
	for range 20 {
		pilot := s.WithToken(t, tenancy.NewToken{Name: "pilot"})
		pilot.Get(t, "/Users").Status(200)
		pilot.Revoke(t)
		pilot.Get(t, "/Users").Status(401)
	}
}

// Every route with every caller: default deny.
func TestRoutesByCaller(t *testing.T) {
	s := proxytest.New(t)
	id, group := s.CreateUser(t, "ada"), s.CreateGroup(t, "g")
	open := []string{"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/" + proxytest.UserSchema}
	closed := []string{"", "/Users", "/Users/" + id, "/Groups", "/Groups/" + group, "/Me", "/Bulk", "/.search", "/Users/.search", "/Groups/.search"}
	for _, path := range open {
		for _, opt := range []proxytest.Opt{proxytest.NoToken(), proxytest.Bearer("x"), proxytest.Bearer(s.Globex.Token)} {
			s.Get(t, path, opt).Status(200)
		}
	}
	for _, path := range closed {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
			for _, opt := range []proxytest.Opt{proxytest.NoToken(), proxytest.Bearer("x"), proxytest.Bearer(s.Globex.Token), proxytest.Bearer(s.Staging.Token)} {
				got := s.Do(t, method, path, nil, opt)
				require.Contains(t, []int{401, 405}, got.Code, "%s %s", method, path)
			}
		}
	}
	s.Get(t, "/Users/"+id).Status(200)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		s.Do(t, method, "/Me", nil).Error(501, "")
	}
	s.Post(t, "/Bulk", "{}").Error(400, "invalidSyntax")
	s.Post(t, "/.search", "{}").Error(400, "invalidSyntax")
	s.Post(t, "/Users/.search", "{}").Error(400, "invalidSyntax")
	s.Get(t, "/Users/.search").Error(405, "").HasHeader("Allow", "OPTIONS, POST")
	s.Post(t, "/Schemas/.search", "{}").Error(404, "")
}
