package conformance_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
	"scimedge/tenancy"
)

// tokenStates is a token of each kind that must not be accepted at Acme's host.
func tokenStates(t *testing.T, s *proxytest.Stack, clock *handClock) map[string]string {
	t.Helper()
	revoked := s.WithToken(t, tenancy.NewToken{Name: "revoked"})
	revoked.Get(t, "/Users").Status(200)
	revoked.Revoke(t)
	expired := s.WithToken(t, tenancy.NewToken{Name: "short", ExpiresIn: time.Hour})
	expired.Get(t, "/Users").Status(200)
	clock.advance(time.Hour)
	never, _, err := tenancy.NewTokenText(strings.NewReader(strings.Repeat("never issued ", 20)))
	require.NoError(t, err)
	return map[string]string{
		"revoked": revoked.Token, "expired": expired.Token, "never issued": never,
		"malformed": "scim_nonsense", "cut off": s.Token[:len(s.Token)-1], "edited": s.Token[:20] + "0" + s.Token[21:] + "0", "not ours": "abc.def-_~+/==",
		"of a sibling": s.Staging.Token, "of a stranger": s.Globex.Token,
	}
}

func TestAUTH_Challenges(t *testing.T) {
	clock := newHandClock()
	s := proxytest.New(t, clock.option())
	s.CreateUser(t, "ada")
	bearer := regexp.MustCompile(`^Bearer realm="[^"]+"`)
	t.Run("AUTH-01 AUTH-02 AUTH-03 AUTH-16 no credentials", func(t *testing.T) {
		for _, path := range []string{"/Users", "/Groups", "/Users/" + randomID, "/Me", ""} {
			r := s.Get(t, path, proxytest.NoToken()).Error(401, "", "Authorization: Bearer <token>").HasHeader("Content-Type", "application/scim+json").Has("status", "401")
			require.Regexp(t, bearer, r.Headers.Get("WWW-Authenticate"))
			require.NotContains(t, r.Headers.Get("WWW-Authenticate"), "error")
		}
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Users", proxytest.User("never"), proxytest.NoToken()).Error(401, "")
	})
	t.Run("AUTH-04 AUTH-16 tokens that do not count", func(t *testing.T) {
		var bodies []string
		for name, token := range tokenStates(t, s, clock) {
			r := s.Get(t, "/Users", proxytest.Bearer(token)).Error(401, "")
			require.Regexp(t, bearer, r.Headers.Get("WWW-Authenticate"), name)
			require.Contains(t, r.Headers.Get("WWW-Authenticate"), `error="invalid_token"`, name)
			bodies = append(bodies, r.Body+r.Headers.Get("WWW-Authenticate"))
			require.Equal(t, bodies[0], bodies[len(bodies)-1], "%s: all these get one answer", name)
			require.NotContains(t, r.Body, token)
		}
		s.Get(t, "/Users").Status(200)
	})
	t.Run("AUTH-05 AUTH-16 a token without the right", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		reader := s.WithToken(t, tenancy.NewToken{Name: "reader", Scopes: []string{tenancy.ScopeRead}})
		reader.Get(t, "/Users").Status(200).Has("totalResults", 1)
		r := reader.Post(t, "/Users", proxytest.User("never")).Error(403, "", "scopes").Has("status", "403").HasHeader("Content-Type", "application/scim+json")
		require.Regexp(t, bearer, r.Headers.Get("WWW-Authenticate"))
		require.Contains(t, r.Headers.Get("WWW-Authenticate"), `error="insufficient_scope"`)
		users := s.WithToken(t, tenancy.NewToken{Name: "users", Scopes: []string{tenancy.ScopeUsers}})
		users.Get(t, "/Users").Status(200)
		users.Post(t, "/Groups", proxytest.Group("never")).Error(403, "")
		users.Get(t, "/Groups").Error(403, "")
	})
	t.Run("AUTH-06 ambiguous credentials", func(t *testing.T) {
		for _, r := range []*proxytest.Response{
			s.Get(t, "/Users", proxytest.AddHeader("Authorization", "Bearer "+s.Token)),
			s.Get(t, "/Users", proxytest.AddHeader("Authorization", "Basic YTpi")),
			s.Get(t, "/Users?access_token="+s.Token),
		} {
			r.Error(400, "", "one Authorization header")
			require.Contains(t, r.Headers.Get("WWW-Authenticate"), `error="invalid_request"`)
		}
	})
}

func TestAUTH_Forms(t *testing.T) {
	s := proxytest.New(t)
	t.Run("AUTH-07 the Authorization header", func(t *testing.T) {
		for _, ok := range []string{"Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer      "} {
			s.Get(t, "/Users", proxytest.Header("Authorization", ok+s.Token)).Status(200)
		}
		for _, bad := range []string{"Bearer " + s.Token + " x", "Bearer " + s.Token[:10] + " " + s.Token[10:], "Bearer", "Bearer \"" + s.Token + "\"", "Bearer " + s.Token + ",x"} {
			r := s.Get(t, "/Users", proxytest.Header("Authorization", bad)).Error(401, "")
			require.Contains(t, r.Headers.Get("WWW-Authenticate"), `error="invalid_token"`, bad)
		}
		for _, bare := range []string{s.Token, "Bearer" + s.Token, "Token " + s.Token} {
			s.Get(t, "/Users", proxytest.Header("Authorization", bare)).Error(401, "", "Bearer prefix")
		}
	})
	t.Run("AUTH-08 no token in the query", func(t *testing.T) {
		s.Get(t, "/Users?access_token="+s.Token, proxytest.NoToken()).Error(401, "").Lacks(s.Token)
		s.Get(t, "/Users?count=1&ACCESS_TOKEN="+s.Token, proxytest.NoToken()).Error(401, "").Lacks(s.Token)
		s.Post(t, "/Users?access_token="+s.Token, proxytest.User("never"), proxytest.NoToken()).Error(401, "")
		require.NotContains(t, s.Log.String(), s.Token)
		require.NotContains(t, s.MetricsText(), s.Token)
	})
	t.Run("AUTH-13 Basic is not offered", func(t *testing.T) {
		for _, cred := range []string{"admin:admin", ":" + s.Token, s.Token + ":", "x:" + s.Token} {
			r := s.Get(t, "/Users", proxytest.Header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(cred)))).Error(401, "")
			require.Len(t, r.Headers.Values("WWW-Authenticate"), 1)
			require.NotContains(t, r.Headers.Get("WWW-Authenticate"), "Basic")
		}
	})
	t.Run("AUTH-14 the schemes can be read without a token", func(t *testing.T) {
		s.Get(t, "/ServiceProviderConfig", proxytest.NoToken()).Status(200).Has("authenticationSchemes.0.type", "oauthbearertoken")
	})
	t.Run("AUTH-15 a JWT is no token of ours", func(t *testing.T) {
		part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		claims := part(`{"iss":"http://acme.test","aud":"http://acme.test/scim/v2","sub":"okta","exp":4102444800,"scope":"scim"}`)
		for _, header := range []string{`{"alg":"none"}`, `{"alg":"HS256","typ":"JWT"}`, `{"alg":"RS256","jku":"http://evil.example"}`} {
			for _, signature := range []string{"", part("signature")} {
				s.Get(t, "/Users", proxytest.Bearer(part(header)+"."+claims+"."+signature)).Error(401, "")
			}
		}
	})
}

func TestAUTH_Policy(t *testing.T) {
	clock := newHandClock()
	store := &spy{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { _ = store.Close() })
	s := proxytest.New(t, clock.option(), proxytest.WithStore(store))
	ada := s.CreateUser(t, "ada")
	t.Run("AUTH-09 no directory is touched for a token without a policy", func(t *testing.T) {
		bad := tokenStates(t, s, clock)
		before := store.used.Load()
		for name, token := range bad {
			s.Get(t, "/Users/"+ada, proxytest.Bearer(token)).Error(401, "")
			s.Delete(t, "/Users/"+ada, proxytest.Bearer(token)).Error(401, "")
			s.Post(t, "/Users", proxytest.User("never"), proxytest.Bearer(token)).Error(401, "")
			require.Equal(t, before, store.used.Load(), name)
		}
		s.Get(t, "/Users/"+ada).Status(200)
		require.Greater(t, store.used.Load(), before, "the spy sees what is used")
	})
	t.Run("AUTH-12 a token ends", func(t *testing.T) {
		short := s.WithToken(t, tenancy.NewToken{Name: "one hour", ExpiresIn: time.Hour})
		clock.advance(time.Hour - time.Millisecond)
		short.Get(t, "/Users").Status(200)
		clock.advance(time.Millisecond)
		short.Get(t, "/Users").Error(401, "")
		standard := s.WithToken(t, tenancy.NewToken{Name: "standard"})
		clock.advance(365*24*time.Hour - time.Millisecond)
		standard.Get(t, "/Users").Status(200)
		clock.advance(time.Millisecond)
		standard.Get(t, "/Users").Error(401, "")
	})
	t.Run("AUTH-A01 revocation wins over the cache", func(t *testing.T) {
		for range 10 {
			pilot := s.WithToken(t, tenancy.NewToken{Name: "pilot"})
			for range 3 {
				pilot.Get(t, "/Users").Status(200)
			}
			pilot.Revoke(t)
			pilot.Get(t, "/Users").Error(401, "")
			pilot.Post(t, "/Users", proxytest.User("never")).Error(401, "")
		}
	})
	t.Run("AUTH-17 token, action and resource count together", func(t *testing.T) {
		fresh := s.Globex.WithToken(t, tenancy.NewToken{Name: "fresh"})
		fresh.Get(t, "/Users/"+ada).Error(404, "") // Acme's id at Globex's host
		fresh.Delete(t, "/Users/"+ada).Error(404, "")
		fresh.Get(t, "/Users/"+ada, proxytest.Host(s.Host)).Error(401, "") // Globex's token at Acme's
		s.WithToken(t, tenancy.NewToken{Name: "mine"}).Get(t, "/Users/"+ada).Status(200).Has("userName", "ada")
	})
	t.Run("AUTH-A02 the store holds no secret", func(t *testing.T) {
		token := s.WithToken(t, tenancy.NewToken{Name: "planted"})
		token.Get(t, "/Users").Status(200)
		secret := strings.TrimPrefix(token.Token, "scim_"+token.Prefix+"_")
		rows := 0
		for k, v := range allRows(t, store) {
			rows++
			require.NotContains(t, k+v, secret[:20])
		}
		require.Greater(t, rows, 10)
	})
}
