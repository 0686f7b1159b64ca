package conformance_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// site is one way to an error.
type site struct {
	name     string
	status   int
	scimType string
	call     func(t *testing.T) *proxytest.Response
}

// errorSites is a stack and ways to every status and scimType it knows.
func errorSites(t *testing.T) (*proxytest.Stack, []site) {
	t.Helper()
	store := &spy{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { _ = store.Close() })
	s := proxytest.New(t, proxytest.WithStore(store), proxytest.WithDirectory(directory.Options{ScanBudget: 5}),
		proxytest.WithLimits(proxy.Limits{BodyBytes: 32 << 10, LargeBodyBytes: 64 << 10, ReadTimeout: time.Second}))
	ids := s.CreateUsers(t, "u", 7)
	ada, group := ids[0], s.CreateGroup(t, "g", ids[0])
	picky := s.AddTenant(tenancy.NewTenant{Name: "picky", Hosts: []string{"picky.test"}})
	picky.SetSwitch(t, tenancy.SwitchRefuseSensitiveFilters, true)
	picky.SetSwitch(t, tenancy.SwitchRequireIfMatch, true)
	picked := picky.CreateUser(t, "ada")
	reader := s.WithToken(t, tenancy.NewToken{Name: "reader", Scopes: []string{tenancy.ScopeRead}})
	patch := func(ops ...proxytest.M) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) *proxytest.Response { return s.Patch(t, "/Users/"+ada, proxytest.Ops(ops...)) }
	}
	get := func(path string, opts ...proxytest.Opt) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) *proxytest.Response { return s.Get(t, path, opts...) }
	}
	do := func(method, path string, body any, opts ...proxytest.Opt) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) *proxytest.Response { return s.Do(t, method, path, body, opts...) }
	}
	failing := func(err func() error, call func(*testing.T) *proxytest.Response) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) (r *proxytest.Response) {
			store.failing(err, func() { r = call(t) })
			return r
		}
	}
	is := func(err error) func() error { return func() error { return err } }
	raw := func(text string) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) *proxytest.Response {
			return s.RawBytes(t, strings.NewReplacer("TOKEN", s.Token, "\n", "\r\n").Replace(text))
		}
	}
	big := strings.Repeat("x", 40<<10)
	return s, []site{
		{"ERR-04 a filter", 400, "invalidFilter", get("/Users?filter=userName+zz+%22a%22")},
		{"ERR-04 an operator its type does not have", 400, "invalidFilter", get("/Users?filter=active+gt+true")},
		{"ERR-04 a filter in a PATCH path", 400, "invalidFilter", patch(proxytest.Op("replace", `emails[type zz "w"].value`, "x"))},
		{"ERR-05 a scan beyond its budget", 400, "tooMany", get("/Users?filter=title+pr")},
		{"ERR-06 on POST", 409, "uniqueness", do("POST", "/Users", proxytest.User("u0002"))},
		{"ERR-06 on PUT", 409, "uniqueness", do("PUT", "/Users/"+ada, proxytest.User("u0002"))},
		{"ERR-06 on PATCH", 409, "uniqueness", patch(proxytest.Op("replace", "userName", "u0002"))},
		{"ERR-07 on PATCH", 400, "mutability", patch(proxytest.Op("replace", "id", "x"))},
		{"ERR-07 on PATCH of an immutable part", 400, "mutability", do("PATCH", "/Groups/"+group, proxytest.Ops(proxytest.Op("replace", `members[value eq "`+ada+`"].value`, "x")))},
		{"ERR-08 on POST", 400, "invalidSyntax", do("POST", "/Users", "{")},
		{"ERR-08 on PUT", 400, "invalidSyntax", do("PUT", "/Users/"+ada, "[]")},
		{"ERR-08 on PATCH", 400, "invalidSyntax", do("PATCH", "/Users/"+ada, `{"schemas":["`+proxytest.PatchSchema+`"]}`)},
		{"ERR-08 another message", 400, "invalidSyntax", do("POST", "/Users", `{"schemas":["`+proxytest.GroupSchema+`"],"userName":"x"}`)},
		{"ERR-09 a broken path", 400, "invalidPath", patch(proxytest.Op("replace", "emails[", "x"))},
		{"ERR-10 no element", 400, "noTarget", patch(proxytest.Op("replace", `emails[value sw "none"].type`, "x"))},
		{"ERR-10 remove without a path", 400, "noTarget", patch(proxytest.Op("remove", ""))},
		{"ERR-11 a wrong type", 400, "invalidValue", do("POST", "/Users", proxytest.User("x", "active", 7))},
		{"ERR-11 a missing value", 400, "invalidValue", do("POST", "/Groups", `{"schemas":["`+proxytest.GroupSchema+`"]}`)},
		{"ERR-11 a parameter", 400, "invalidValue", get("/Users?count=x")},
		{"ERR-12 another version", 400, "invalidVers", get("/scim/v9/Users")},
		{"ERR-13 personal data in a URL", 403, "sensitive", func(t *testing.T) *proxytest.Response { return picky.Filter(t, "/Users", `userName eq "ada"`) }},
		{"ERR-02 no condition", 428, "", func(t *testing.T) *proxytest.Response { return picky.Delete(t, "/Users/"+picked) }},
		{"ERR-02 a path that is not canonical", 400, "", get("/Users/%2e%2e/Groups")},
		{"ERR-14 no token", 401, "", get("/Users", proxytest.NoToken())},
		{"ERR-14 no right", 403, "", func(t *testing.T) *proxytest.Response { return reader.Delete(t, "/Users/"+ada) }},
		{"ERR-14 a filter on discovery", 403, "", get("/Schemas?filter=id+pr")},
		{"ERR-14 no resource", 404, "", get("/Users/" + randomID)},
		{"ERR-02 no route", 404, "", get("/Nope")},
		{"ERR-02 no route that deep", 404, "", get("/Users/" + ada + "/emails/0")},
		{"ERR-02 no tenant", 404, "", get("/Users", proxytest.Host("nowhere.test"))},
		{"ERR-02 no method", 405, "", do("DELETE", "/Users", nil)},
		{"ERR-02 a body that does not come", 408, "", raw("POST /scim/v2/Users HTTP/1.1\nHost: acme.test\nAuthorization: Bearer TOKEN\nContent-Length: 100\n\n{")},
		{"ERR-14 a stale version", 412, "", do("DELETE", "/Users/"+ada, nil, proxytest.Header("If-Match", `W/"0"`))},
		{"ERR-14 a body too large", 413, "", do("POST", "/Users", proxytest.User("x", "title", big))},
		{"ERR-02 a chunked body too large", 413, "", raw("POST /scim/v2/Users HTTP/1.1\nHost: acme.test\nAuthorization: Bearer TOKEN\nTransfer-Encoding: chunked\n\na000\n" + big + "\n0\n\n")},
		{"ERR-02 another media type", 415, "", do("POST", "/Users", proxytest.User("x"), proxytest.Header("Content-Type", "text/plain"))},
		{"ERR-02 a header too large", 431, "", get("/Users", proxytest.Header("X-Large", strings.Repeat("x", 20<<10)))},
		{"ERR-02 no HTTP", 400, "", raw("GET /scim/v2/Users\n\n")},
		{"ERR-14 a failing read", 500, "", failing(is(errors.New("disk on fire at /secret/place")), get("/Users/"+ada))},
		{"ERR-14 a failing write", 500, "", failing(is(errors.New("disk on fire at /secret/place")), do("POST", "/Users", proxytest.User("x")))},
		{"ERR-02 a panic", 500, "", failing(func() error { panic("secret in a panic") }, get("/Users"))},
		{"ERR-02 an unknown outcome", 500, "", failing(is(kv.ErrUnknownOutcome), do("POST", "/Users", proxytest.User("x")))},
		{"ERR-14 not offered", 501, "", do("POST", "/Me", "{}")},
		{"ERR-02 an unknown method", 501, "", do("BREW", "/Users", nil)},
		{"ERR-A02 a lost race", 503, "", failing(is(kv.ErrConflict), do("POST", "/Users", proxytest.User("x")))},
		{"ERR-A02 a stopped store", 503, "", failing(is(kv.ErrStopped), do("POST", "/Users", proxytest.User("x")))},
		{"ERR-A02 a full disk", 507, "", failing(is(fmt.Errorf("put: %w", kv.ErrNoSpace)), do("POST", "/Users", proxytest.User("x")))},
		{"ERR-02 another protocol version", 505, "", raw("GET /scim/v2/Users HTTP/3.0\nHost: acme.test\n\n")},
	}
}

func TestERR_EverySite(t *testing.T) {
	s, sites := errorSites(t)
	known := map[string]bool{"": true, "invalidFilter": true, "tooMany": true, "uniqueness": true, "mutability": true, "invalidSyntax": true, "invalidPath": true, "noTarget": true,
		"invalidValue": true, "invalidVers": true, "sensitive": true, "invalidCursor": true, "expiredCursor": true, "invalidCount": true}
	types := map[string]bool{}
	for _, e := range sites {
		t.Run(fmt.Sprintf("%s HTTP-10 ERR-01 ERR-02 ERR-03 ERR-A01 %d", e.name, e.status), func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			r := e.call(t)
			require.NotNil(t, r, "the connection was closed without an answer")
			r.Error(e.status, e.scimType).HasHeader("Content-Type", "application/scim+json").HasHeader("X-Request-Id", "*").HasNot("Resources")
			status, _ := r.At("status")
			require.Equal(t, fmt.Sprint(e.status), status, "a string")
			require.True(t, known[r.Str("scimType")], r.Str("scimType"))
			types[r.Str("scimType")] = true
			r.Lacks("goroutine", ".go:", "secret", "panic", "kv:", s.Token, s.TokenID, "globex", "staging")
			if e.status == 503 || e.status == 507 {
				require.Regexp(t, `^[1-9]\d*$`, r.Headers.Get("Retry-After"))
			}
			s.Get(t, "/Users?count=1").Status(200) // the process is alive and well
		})
	}
	require.Len(t, types, len(known)-3, "all types but the ones of cursors: %v", types)
}

func TestHTTP10_Labels(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "g", id)
	for name, r := range map[string]*proxytest.Response{
		"200 GET": s.Get(t, "/Users/"+id), "200 list": s.Get(t, "/Groups"), "201": s.Post(t, "/Users", proxytest.User("bob")),
		"200 PUT": s.Put(t, "/Users/"+id, proxytest.User("ada")), "200 PATCH": s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("add", "title", "T"))),
		"200 PATCH of a group": s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "externalId", "T")), proxytest.Header("Prefer", "return=representation")),
		"200 discovery":        s.Get(t, "/Schemas"),
	} {
		t.Run("HTTP-10 "+name, func(t *testing.T) {
			require.Less(t, r.Code, 300)
			r.HasHeader("Content-Type", "application/scim+json").HasHeader("X-Content-Type-Options", "nosniff")
		})
	}
}

func TestERRA03_NoBodies(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	t.Run("ERR-A03 304", func(t *testing.T) {
		tag := s.Get(t, "/Users/"+id).ETag()
		s.Get(t, "/Users/"+id, proxytest.Header("If-None-Match", tag)).Status(304).Empty().HasHeader("ETag", tag)
	})
	t.Run("ERR-A03 HEAD", func(t *testing.T) {
		for path, status := range map[string]int{"/Users/" + randomID: 404, "/Nope": 404, "/Users?filter=zz": 400, "/Schemas?filter=x": 403} {
			want := s.Get(t, path).Error(status, map[int]string{400: "invalidFilter"}[status])
			s.Head(t, path).Status(status).Empty().HasHeader("Content-Type", want.Headers.Get("Content-Type"))
		}
		s.Head(t, "/Users", proxytest.NoToken()).Status(401).Empty().HasHeader("WWW-Authenticate", "*")
	})
}

// What a detail says, for the person who configures the identity provider.
func TestERRA01_Details(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	const value = "planted-value"
	for name, row := range map[string]struct {
		r       *proxytest.Response
		details []string
	}{
		"a type":     {s.Post(t, "/Users", proxytest.User("x", "active", value)), []string{"active", "true or false"}},
		"an element": {s.Post(t, "/Users", proxytest.User("x", "emails", []any{proxytest.M{"value": []string{value}}})), []string{"emails[0].value", "string"}},
		"uniqueness": {s.Post(t, "/Users", proxytest.User("ada", "title", value)), []string{"userName", "filter"}},
		"a PATCH":    {s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("add", "title", "x"), proxytest.Op("replace", "name", value))), []string{"operation 2", "replace name", "object"}},
		"a password": {s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "password", value), proxytest.Op("replace", "id", "x"))), []string{"operation 2", "id"}},
	} {
		t.Run("ERR-A01 "+name, func(t *testing.T) {
			require.GreaterOrEqual(t, row.r.Code, 400)
			row.r.Lacks(value)
			for _, d := range row.details {
				require.Contains(t, row.r.Str("detail"), d)
			}
		})
	}
	s.Get(t, "/Users/"+id).HasNot("title")
}
