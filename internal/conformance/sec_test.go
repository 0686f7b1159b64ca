package conformance_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
	"scimedge/kv/boltkv"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// logged starts a second edge over the stack's rooms, one that writes the
// default request log, and returns what calls it and the log.
func logged(t *testing.T, s *proxytest.Stack, changes ...func(*proxy.Deps)) (call func(method, path, token, body string) int, log *proxytest.Log) {
	t.Helper()
	log = &proxytest.Log{}
	deps := s.Edge.Deps
	deps.Observer = nil
	deps.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, change := range changes {
		change(&deps)
	}
	edge, err := proxy.New(deps)
	require.NoError(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ln) }()
	client := &http.Client{}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		require.NoError(t, edge.Shutdown(context.Background()))
		require.NoError(t, <-served)
	})
	return func(method, path, token, body string) int {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+ln.Addr().String()+"/scim/v2"+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Host = s.Host
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/scim+json")
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}, log
}

func TestSEC_Logs(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "somebody")
	call, log := logged(t, s)
	const planted = "Planted-Person"
	user := body(`{$U,"name":{"givenName":"`+planted+`"},"emails":[{"value":"`+planted+`@x.example"}],"password":"`+planted+`","unheard":"`+planted+`"}`, planted)
	patch := `{"schemas":["` + proxytest.PatchSchema + `"],"Operations":[{"op":"replace","path":"%s","value":"` + planted + `"}]}`
	require.Equal(t, 201, call("POST", "/Users", s.Token, user))
	require.Equal(t, 409, call("POST", "/Users", s.Token, user))
	require.Equal(t, 400, call("POST", "/Users", s.Token, body(`{$U,"active":"`+planted+`"}`, planted)))
	require.Equal(t, 400, call("POST", "/Users", s.Token, `{"userName":"`+planted))
	require.Equal(t, 200, call("PATCH", "/Users/"+id, s.Token, fmt.Sprintf(patch, "title")))
	require.Equal(t, 400, call("PATCH", "/Users/"+id, s.Token, fmt.Sprintf(patch, "emails["+planted)))
	require.Equal(t, 200, call("GET", "/Users?filter="+url.QueryEscape(`userName eq "`+planted+`"`), s.Token, ""))
	require.Equal(t, 400, call("GET", "/Users?filter="+url.QueryEscape(`userName zz "`+planted+`"`), s.Token, ""))
	require.Equal(t, 404, call("GET", "/Users/"+planted, s.Token, ""))
	require.Equal(t, 404, call("GET", "/"+planted+"/x", s.Token, ""))
	require.Equal(t, 400, call("GET", "/Users?access_token="+planted, "scim_"+planted, ""))
	require.Equal(t, 401, call("GET", "/Users", "scim_"+planted, ""))
	require.Equal(t, 401, call("GET", "/Users", s.Globex.Token, ""))
	text := log.String() + s.Log.String()
	t.Run("SEC-01 no values of attributes", func(t *testing.T) {
		require.Contains(t, text, `"code":201`, "writes are logged")
		require.Contains(t, text, `"code":409`)
		require.NotContains(t, strings.ToLower(text), strings.ToLower(planted))
		require.NotContains(t, strings.ToLower(s.MetricsText()), strings.ToLower(planted))
	})
	t.Run("SEC-A01 no queries", func(t *testing.T) {
		require.NotContains(t, text, "userName eq")
		require.NotContains(t, text, "filter=userName")
		require.NotContains(t, text, "access_token")
	})
	t.Run("SEC-A05 of a token, only the prefix", func(t *testing.T) {
		require.Contains(t, text, s.Prefix)
		for _, x := range []*proxytest.Tenant{s.Acme, s.Globex} {
			secret := strings.TrimPrefix(x.Token, "scim_"+x.Prefix+"_")
			for _, where := range []string{text, s.MetricsText(), fmt.Sprint(s.Observations()), fmt.Sprint(changesOf(t, s.Tenant))} {
				require.NotContains(t, where, secret[:10])
			}
		}
	})
}

func TestSEC_Bounds(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BodyBytes: 64 << 10, LargeBodyBytes: 128 << 10}))
	id := s.CreateUser(t, "ada")
	refused := func(name string, status int, scimType string, call func(t *testing.T) *proxytest.Response) {
		t.Run("SEC-02 "+name, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			r := call(t)
			require.NotNil(t, r)
			r.Error(status, scimType)
			s.Get(t, "/Users?count=1").Status(200)
		})
	}
	filter := func(f string) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) *proxytest.Response { return s.Filter(t, "/Users", f) }
	}
	post := func(text string) func(*testing.T) *proxytest.Response {
		return func(t *testing.T) *proxytest.Response { return s.Post(t, "/Users", body(text, "bounded")) }
	}
	refused("a body", 413, "", post(`{$U,"title":"`+strings.Repeat("x", 65<<10)+`"}`))
	refused("a group's body", 413, "", func(t *testing.T) *proxytest.Response {
		return s.Post(t, "/Groups", body(`{$G,"externalId":"`+strings.Repeat("x", 129<<10)+`"}`, "bounded"))
	})
	refused("depth", 400, "invalidSyntax", post(`{$U,"unheard":`+strings.Repeat("[", 10_000)+`}`))
	refused("a member's id", 400, "invalidValue", func(t *testing.T) *proxytest.Response {
		return s.Post(t, "/Groups", proxytest.Group("bounded", strings.Repeat("x", 10_000)))
	})
	refused("a filter's length", 400, "invalidFilter", filter(`userName eq "`+strings.Repeat("x", 5000)+`"`))
	refused("a filter's depth", 400, "invalidFilter", filter(strings.Repeat("(", 1000)+"title pr"+strings.Repeat(")", 1000)))
	refused("a filter's clauses", 400, "invalidFilter", filter(strings.Repeat("title pr or ", 200)+"title pr"))
	refused("a PATCH's operations", 400, "invalidValue", func(t *testing.T) *proxytest.Response {
		return s.Patch(t, "/Users/"+id, `{"schemas":["`+proxytest.PatchSchema+`"],"Operations":[`+strings.Repeat(`{"op":"add","path":"title","value":"x"},`, 1000)+`{"op":"add","path":"title","value":"x"}]}`)
	})
	refused("a PATCH's path", 400, "invalidPath", func(t *testing.T) *proxytest.Response {
		return s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", strings.Repeat("x", 2000), "y")))
	})
	refused("a header", 431, "", func(t *testing.T) *proxytest.Response {
		return s.Get(t, "/Users", proxytest.Header("X-Large", strings.Repeat("x", 20<<10)))
	})
	refused("a request line", 431, "", func(t *testing.T) *proxytest.Response {
		return s.Get(t, "/Users?x="+strings.Repeat("x", 20<<10))
	})
	refused("a page number", 400, "invalidValue", func(t *testing.T) *proxytest.Response { return s.Get(t, "/Users?startIndex=99999999999999999999") })
	// What fits the body's limit and is too much to be stored at once.
	large := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BodyBytes: 4 << 20}))
	t.Run("SEC-02 a string or an array too large to be stored", func(t *testing.T) {
		defer untouched(t, large.Tenant)()
		large.Post(t, "/Users", body(`{$U,"title":"`+strings.Repeat("x", 1<<20)+`"}`, "bounded")).Error(413, "")
		large.Post(t, "/Users", body(`{$U,"emails":[`+manyEmails(20_000)+`]}`, "bounded")).Error(413, "")
	})
}

func manyEmails(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"value":"mail-number-%d@bounded.example","type":"work"}`, i)
	}
	return strings.Join(all, ",")
}

// Guessing tokens is hopeless (AUTH-11); it still must not be free.
func TestSEC03_GuessingIsSlowedDown(t *testing.T) {
	s := proxytest.New(t)
	t.Run("SEC-03 a thousand bad tokens", func(t *testing.T) {
		for range 1000 {
			if r := s.Get(t, "/Users", proxytest.Bearer("scim_guess")); r.Code == 429 {
				r.Error(429, "").HasHeader("Retry-After", "*")
				return
			}
		}
		t.Error("a thousand bad tokens from one source, and none answered 429")
	})
}

func TestSEC_Answers(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "g", ada)
	t.Run("SEC-04 no userinfo in URIs", func(t *testing.T) {
		uri := regexp.MustCompile(`https?://[^"]+`)
		for _, host := range []string{"user:pw@acme.test", "acme.test@evil.test", "user@acme.test:80"} {
			s.Raw(t, "GET /scim/v2/Users/"+ada+" HTTP/1.1\nHost: "+host+"\nAuthorization: Bearer "+s.Token+"\n\n").Error(400, "")
			s.Raw(t, "GET http://"+host+"/scim/v2/Users/"+ada+" HTTP/1.1\nHost: acme.test\nAuthorization: Bearer "+s.Token+"\n\n").Error(400, "")
		}
		for _, path := range append(discoveryPaths(), "/Users/"+ada, "/Groups/"+group, "/Users", "/Groups", "/Users/"+randomID) {
			r := s.Get(t, path)
			for _, found := range append(uri.FindAllString(r.Body, -1), r.Location(), r.Headers.Get("Content-Location")) {
				u, err := url.Parse(found)
				require.NoError(t, err)
				require.Nil(t, u.User, found)
				require.NotContains(t, found, "@")
			}
		}
	})
	t.Run("SEC-A04 caches", func(t *testing.T) {
		for _, r := range []*proxytest.Response{
			s.Get(t, "/Users/"+ada), s.Get(t, "/Groups/"+group), s.Get(t, "/Users"), s.Filter(t, "/Users", `userName eq "ada"`), s.Post(t, "/Users", proxytest.User("bob")),
			s.Put(t, "/Users/"+ada, proxytest.User("ada")), s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("add", "title", "T"))), s.Get(t, "/Users/"+randomID), s.Get(t, "/Users", proxytest.NoToken()),
		} {
			require.Regexp(t, `no-store|private, no-cache`, r.Headers.Get("Cache-Control"), "%d %s", r.Code, r.Body)
		}
	})
	t.Run("SEC-A06 changes are attributable", func(t *testing.T) {
		other := s.WithToken(t, tenancy.NewToken{Name: "other", IdP: "entra"})
		made := other.Post(t, "/Users", proxytest.User("eve"), proxytest.Header("X-Request-Id", "request-number-one")).Status(201)
		c := lastChange(t, s.Tenant)
		require.Equal(t, []any{other.Prefix, "request-number-one", made.ID(), "User", directory.Created}, []any{c.Token, c.RequestID, c.ID, c.Type, c.Op})
		s.Patch(t, "/Users/"+made.ID(), proxytest.Ops(proxytest.Op("replace", "title", "T"))).Status(200)
		c = lastChange(t, s.Tenant)
		require.Equal(t, []any{s.Prefix, made.ID(), directory.Updated, "title"}, []any{c.Token, c.ID, c.Op, c.Attributes[0].Name})
		s.Delete(t, "/Users/"+made.ID()).Status(204)
		require.Equal(t, directory.Deleted, lastChange(t, s.Tenant).Op)
		before := len(changesOf(t, s.Tenant))
		other.Post(t, "/Users", proxytest.User("ada")).Error(409, "uniqueness")
		require.Len(t, changesOf(t, s.Tenant), before, "what failed is no change")
	})
}

func TestSECA03_StoreFile(t *testing.T) {
	t.Run("SEC-A03 for its owner only", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "data")
		store, err := boltkv.Open(filepath.Join(mkdir(t, folder), "store.db"), boltkv.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { _ = store.Close() })
		s := proxytest.New(t, proxytest.WithStore(store))
		s.CreateUser(t, "ada")
		files, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, f := range files {
			info, err := f.Info()
			require.NoError(t, err)
			require.Zero(t, info.Mode().Perm()&0o077, "%s has mode %v", f.Name(), info.Mode())
		}
	})
}

func mkdir(t *testing.T, path string) string {
	t.Helper()
	require.NoError(t, os.Mkdir(path, 0o755))
	return path
}
