package conformance_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
	"scimedge/proxy"
	"scimedge/tenancy"
)

func TestTEN_Hosts(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	t.Run("TEN-01 the host decides", func(t *testing.T) {
		s.Globex.CreateUser(t, "hank")
		s.Get(t, "/Users").Has("totalResults", 1).Has("Resources.0.userName", "ada")
		s.Globex.Get(t, "/Users").Has("totalResults", 1).Has("Resources.0.userName", "hank")
		s.Staging.Get(t, "/Users").Has("totalResults", 0)
	})
	t.Run("TEN-02 token and host must agree", func(t *testing.T) {
		unknown, _, err := tenancy.NewTokenText(strings.NewReader(strings.Repeat("x", 200)))
		require.NoError(t, err)
		want := s.Get(t, "/Users", proxytest.Bearer(unknown)).Error(401, "")
		for _, token := range []string{s.Globex.Token, s.Staging.Token} {
			got := s.Get(t, "/Users", proxytest.Bearer(token)).Error(401, "")
			require.Equal(t, want.Body, got.Body)
			require.Equal(t, want.Headers.Get("WWW-Authenticate"), got.Headers.Get("WWW-Authenticate"))
		}
		require.Equal(t, 1.0, s.Metric("scimedge_auth_failures_total", `reason="wrong_tenant"`, `tenant="acme"`, `token_tenant="globex"`))
		require.Equal(t, 1.0, s.Metric("scimedge_auth_failures_total", `reason="wrong_environment"`, `tenant="acme"`, `token_tenant="acme-staging"`))
	})
	t.Run("TEN-05 one person in two tenants", func(t *testing.T) {
		a := s.Post(t, "/Users", proxytest.User("both", "externalId", "x")).Status(201)
		b := s.Globex.Post(t, "/Users", proxytest.User("both", "externalId", "x")).Status(201)
		require.NotEqual(t, a.ID(), b.ID())
		s.Globex.Get(t, "/Users/"+a.ID()).Error(404, "")
		s.Get(t, "/Users/"+b.ID()).Error(404, "")
	})
	t.Run("TEN-A01 an unknown host", func(t *testing.T) {
		for _, host := range []string{"nowhere.test", "acme.test.evil.example", "xacme.test", "127.0.0.1", "localhost"} {
			for _, path := range []string{"/Users", "/Users/" + ada, "/ServiceProviderConfig", "/Nope"} {
				s.Get(t, path, proxytest.Host(host)).Error(404, "", "not configured here").Lacks("acme", "globex", ".test", "tenant")
			}
		}
	})
	t.Run("TEN-A01 one host in many spellings", func(t *testing.T) {
		for _, host := range []string{"acme.test", "ACME.test", "Acme.Test:8080", "acme.test.", "ACME.TEST.:443", "acme.test:80"} {
			s.Get(t, "/Users/"+ada, proxytest.Host(host)).Status(200).Has("userName", "ada")
		}
		for _, host := range []string{"acme..test", "acme.test:99999", "acme.test:x", "acme test", "acme.test,globex.test", ".acme.test", "ac\u212ame.test", strings.Repeat("a", 300)} {
			require.GreaterOrEqual(t, s.Raw(t, "GET /scim/v2/Users/"+ada+" HTTP/1.1\nHost: "+host+"\nAuthorization: Bearer "+s.Token+"\n\n").Code, 400, host)
		}
	})
	t.Run("TEN-A01 one host in a request", func(t *testing.T) {
		token := "Authorization: Bearer " + s.Token + "\n\n"
		for _, raw := range []string{
			"GET /scim/v2/Users HTTP/1.1\nHost: acme.test\nHost: globex.test\n" + token,
			"GET /scim/v2/Users HTTP/1.1\n" + token, "GET /scim/v2/Users HTTP/1.1\nHost:\n" + token,
			"GET http://globex.test/scim/v2/Users HTTP/1.1\nHost: acme.test\n" + token,
			"GET http://acme.test/scim/v2/Users HTTP/1.1\nHost: globex.test\n" + token,
		} {
			s.Raw(t, raw).Error(400, "")
		}
		s.Raw(t, "GET http://acme.test/scim/v2/Users/"+ada+" HTTP/1.1\nHost: acme.test\n"+token).Status(200).Has("userName", "ada")
	})
}

func TestTENA02_Forwarded(t *testing.T) {
	forged := []proxytest.Opt{proxytest.Header("X-Forwarded-Host", "globex.test"), proxytest.Header("X-Forwarded-Proto", "https"), proxytest.Header("X-Forwarded-For", "203.0.113.9"), proxytest.Header("Forwarded", "host=globex.test;proto=https")}
	t.Run("TEN-A02 nobody is believed by default", func(t *testing.T) {
		s := proxytest.New(t)
		ada := s.CreateUser(t, "ada")
		group := s.CreateGroup(t, "g", ada)
		for _, path := range []string{"/Users/" + ada, "/Groups/" + group, "/Users", "/ServiceProviderConfig", "/Schemas"} {
			require.Equal(t, s.Get(t, path).Body, s.Get(t, path, forged...).Status(200).Lacks("globex", "https://globex").Body)
		}
		made := s.Post(t, "/Users", proxytest.User("bob"), forged...).Status(201)
		require.Equal(t, s.BaseURL()+"/Users/"+made.ID(), made.Location())
		s.Get(t, "/Users", append(forged, proxytest.Bearer(s.Globex.Token))...).Error(401, "")
	})
	t.Run("TEN-A02 a configured proxy is", func(t *testing.T) {
		s := proxytest.New(t, proxytest.WithDeps(func(d *proxy.Deps) { d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }))
		through := []proxytest.Opt{proxytest.Host("internal:8080"), proxytest.Header("X-Forwarded-Host", "acme.test"), proxytest.Header("X-Forwarded-Proto", "https")}
		made := s.Post(t, "/Users", proxytest.User("ada"), through...).Status(201)
		want := "https://acme.test/scim/v2/Users/" + made.ID()
		require.Equal(t, want, made.Location())
		made.Has("meta.location", want)
		s.Get(t, "/Users/"+made.ID(), through...).Status(200).Has("meta.location", want).HasHeader("Content-Location", want)
		s.Get(t, "/ServiceProviderConfig", through...).Has("meta.location", "https://acme.test/scim/v2/ServiceProviderConfig")
	})
}

// TEN-03: each route, with the token of one tenant at another's host, and with
// another's ids at one's own.
func TestTEN03_CrossTenant(t *testing.T) {
	s := proxytest.New(t)
	const marker = "globex-only"
	hank := s.Globex.CreateUser(t, marker+"-hank", "externalId", marker)
	staff := s.Globex.CreateGroup(t, marker+"-staff", hank)
	ada := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "g", ada)
	// A bulk answers with the path that the operation was given, as a location.
	asked := strings.NewReplacer(s.BaseURL()+"/Users/"+hank, s.BaseURL()+"/Users/"+randomID, s.BaseURL()+"/Groups/"+staff, s.BaseURL()+"/Groups/"+randomID)
	same := func(t *testing.T, foreign, random *proxytest.Response) {
		t.Helper()
		require.Equal(t, random.Code, foreign.Code)
		require.Equal(t, random.Body, asked.Replace(foreign.Body))
		require.NotContains(t, foreign.Body, marker)
	}
	patch := proxytest.Ops(proxytest.Op("replace", "displayName", "taken over"))
	calls := map[string]func(endpoint, id string) *proxytest.Response{
		"GET":    func(e, id string) *proxytest.Response { return s.Get(t, e+"/"+id) },
		"HEAD":   func(e, id string) *proxytest.Response { return s.Head(t, e+"/"+id) },
		"PUT":    func(e, id string) *proxytest.Response { return s.Put(t, e+"/"+id, body(`{$U}`, "x")) },
		"PATCH":  func(e, id string) *proxytest.Response { return s.Patch(t, e+"/"+id, patch) },
		"DELETE": func(e, id string) *proxytest.Response { return s.Delete(t, e+"/"+id) },
		"GET If-None-Match *": func(e, id string) *proxytest.Response {
			return s.Get(t, e+"/"+id, proxytest.Header("If-None-Match", "*"))
		},
		"DELETE If-Match *": func(e, id string) *proxytest.Response {
			return s.Delete(t, e+"/"+id, proxytest.Header("If-Match", "*"))
		},
		"filter id":       func(e, id string) *proxytest.Response { return s.Filter(t, e, `id eq "`+id+`"`) },
		"filter members":  func(_, id string) *proxytest.Response { return s.Filter(t, "/Groups", `members.value eq "`+id+`"`) },
		"filter groups":   func(_, id string) *proxytest.Response { return s.Filter(t, "/Users", `groups.value eq "`+id+`"`) },
		"filter manager":  func(_, id string) *proxytest.Response { return s.Filter(t, "/Users", `manager.value eq "`+id+`"`) },
		"discovery by id": func(_, id string) *proxytest.Response { return s.Get(t, "/Schemas/"+id) },
		"the other's .search": func(_, id string) *proxytest.Response {
			return s.Post(t, "/.search", `{"filter":"id eq \"`+id+`\""}`)
		},
		"a bulk": func(e, id string) *proxytest.Response {
			return s.Post(t, "/Bulk", `{"Operations":[{"method":"DELETE","path":"`+e+"/"+id+`"}]}`)
		},
	}
	for name, call := range calls {
		t.Run("TEN-03 foreign ids, "+name, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			defer untouched(t, s.Globex)()
			same(t, call("/Users", hank), call("/Users", randomID))
			same(t, call("/Groups", staff), call("/Groups", randomID))
		})
	}
	t.Run("TEN-03 a foreign id as a member stays a dangling one", func(t *testing.T) {
		for _, op := range []proxytest.M{proxytest.Op("add", "members", proxytest.Members(hank)), proxytest.Op("add", "members", []proxytest.M{{"$ref": s.Globex.BaseURL() + "/Users/" + hank}})} {
			s.Patch(t, "/Groups/"+group, proxytest.Ops(op)).Status(204)
		}
		require.Equal(t, []string{hank}, lastChange(t, s.Tenant).Unresolved)
		s.Get(t, "/Groups/"+group).Lacks(marker, `"type":"Group"`, "globex")
		s.Globex.Get(t, "/Users/"+hank).Has("groups.0.value", staff).Len("groups", 1)
		s.Globex.Filter(t, "/Groups", `members.value eq "`+hank+`"`).Has("totalResults", 1)
	})
	t.Run("TEN-03 foreign tokens on every route", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, path := range []string{"", "/Users", "/Users/" + ada, "/Groups", "/Groups/" + group, "/Me", "/Bulk", "/.search", "/Users/.search", "/Groups/.search", "/scim/Users"} {
			for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
				for _, token := range []string{s.Globex.Token, s.Staging.Token} {
					r := s.Do(t, m, path, patch, proxytest.Bearer(token))
					require.Contains(t, []int{401, 405}, r.Code, "%s %s", m, path)
					r.Lacks("ada", marker)
				}
			}
		}
	})
}

func TestTENA03_DeletedTenant(t *testing.T) {
	store := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = store.Close() })
	s := proxytest.New(t, proxytest.WithStore(store))
	const marker = "marker-of-globex"
	s.Globex.CreateGroup(t, marker, s.Globex.CreateUser(t, marker))
	s.CreateUser(t, "ada")
	id := ""
	if tenant, ok := s.Registry.Resolve(s.Globex.Host); ok {
		id = tenant.ID
	}
	require.NoError(t, s.Registry.DeleteTenant(context.Background(), "globex", tenancy.Actor{Kind: "system", Name: "test"}))
	t.Run("TEN-A03 nothing answers", func(t *testing.T) {
		s.Globex.Get(t, "/Users").Error(404, "", "not configured here")
		s.Globex.Get(t, "/ServiceProviderConfig").Error(404, "", "not configured here")
		s.Get(t, "/Users", proxytest.Bearer(s.Globex.Token)).Error(401, "")
		s.Get(t, "/Users").Has("totalResults", 1)
	})
	t.Run("TEN-A03 nothing is stored", func(t *testing.T) {
		require.NotEmpty(t, id)
		for k, v := range allRows(t, store) {
			require.NotContains(t, k+v, marker)
			require.NotContains(t, k+v, s.Globex.Prefix)
			require.False(t, strings.HasPrefix(k, id+"/"), "a row of the partition is left: %q", k)
		}
	})
	t.Run("TEN-A03 the name can be used again", func(t *testing.T) {
		again := s.AddTenant(tenancy.NewTenant{Name: "globex", Hosts: []string{"globex.test"}})
		again.Get(t, "/Users").Has("totalResults", 0)
		again.Get(t, "/Users", proxytest.Bearer(s.Globex.Token)).Error(401, "")
	})
}
