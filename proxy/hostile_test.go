package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
)

// alive proves that the process and the tenant survived.
func alive(t *testing.T, s *proxytest.Stack) {
	t.Helper()
	s.Get(t, "/Users").Status(200)
}

func TestHosts(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	get := func(head string) *proxytest.Response {
		return s.Raw(t, head+"\nAuthorization: Bearer "+s.Token+"\nConnection: close\n\n")
	}
	path := "/scim/v2/Users/" + id
	for host, base := range map[string]string{
		"acme.test": "http://acme.test", "ACME.Test": "http://acme.test", "acme.test.": "http://acme.test.",
		"acme.test:8080": "http://acme.test:8080", "Acme.test.:80": "http://acme.test.:80",
	} {
		get("GET "+path+" HTTP/1.1\nHost: "+host).Status(200).Has("meta.location", base+"/scim/v2/Users/"+id)
	}
	get("GET http://acme.test" + path + " HTTP/1.1\nHost: acme.test").Status(200)
	get("GET http://ACME.test.:8080" + path + " HTTP/1.1\nHost: acme.test").Status(200)
	get("GET " + path + " HTTP/1.0\nHost: acme.test").Status(200)

	for _, head := range []string{
		"GET http://evil.test" + path + " HTTP/1.1\nHost: acme.test",
		"GET http://acme.test@evil.test" + path + " HTTP/1.1\nHost: acme.test",
		"GET http://acme.test" + path + " HTTP/1.1\nHost: globex.test",
		"GET " + path + " HTTP/1.1\nHost: acme.test@evil.test",
		"GET " + path + " HTTP/1.1\nHost: acme..test",
		"GET " + path + " HTTP/1.1\nHost: acme_x.test",
		"GET " + path + " HTTP/1.1\nHost: acme.test:0x50",
		"GET " + path + " HTTP/1.1\nHost: " + strings.Repeat("a.", 130) + "test",
		"GET " + path + " HTTP/1.1\nHost: acme.test\nHost: globex.test",
		"GET " + path + " HTTP/1.1\nHost: acme.test\nHost: acme.test",
		"GET " + path + " HTTP/1.1\nHost:",
		"GET " + path + " HTTP/1.1\nX-Nothing: here",
		"GET " + path + " HTTP/1.0\nX-Nothing: here",
		"GET ftp://acme.test" + path + " HTTP/1.1\nHost: acme.test",
	} {
		r := get(head)
		require.NotNil(t, r, head)
		r.Error(400, "")
	}
	get("GET "+path+" HTTP/1.1\nHost: nowhere.test").Error(404, "", "not configured here")
	get("GET /api/v1/session HTTP/1.1\nHost: nowhere.test").Status(404).HasHeader("Content-Type", "application/problem+json").Contains("not configured here")
	get("GET "+path+" HTTP/1.1\nHost: globex.test").Error(401, "")
	get("GET "+path+" HTTP/1.1\nHost: acme.test\nX-Forwarded-Host: globex.test").Status(200).Has("meta.location", "http://acme.test"+path)
	for i := range 50 {
		get(fmt.Sprintf("GET %s HTTP/1.1\nHost: h%d.test", path, i)).Status(404)
	}
	require.NotContains(t, s.MetricsText(), "h7.test")
	require.Contains(t, s.MetricsText(), `scimedge_auth_failures_total{reason="tenant_unknown",tenant="unknown"`)
	alive(t, s)
}

func TestTrustedProxy(t *testing.T) {
	s := proxytest.New(t, proxytest.WithDeps(func(d *proxy.Deps) { d.TrustedProxies = loopbackNets() }))
	get := func(headers string) *proxytest.Response {
		return s.Raw(t, "GET /scim/v2/ServiceProviderConfig HTTP/1.1\nConnection: close\n"+headers+"\n\n")
	}
	get("Host: edge.internal\nX-Forwarded-Host: acme.test").Status(200).Has("meta.location", "https://acme.test/scim/v2/ServiceProviderConfig")
	get("Host: acme.test\nX-Forwarded-Proto: http").Status(200).Has("meta.location", "http://acme.test/scim/v2/ServiceProviderConfig")
	get("Host: acme.test\nX-Forwarded-Host: first.test, globex.test").Status(200).Has("meta.location", "https://globex.test/scim/v2/ServiceProviderConfig")
	get("Host: acme.test\nX-Forwarded-Host: nowhere.test").Status(404)
	get("Host: acme.test\nX-Forwarded-Host: a@b").Status(400)
	get("Host: acme.test\nX-Forwarded-For: 1.2.3.4, 198.51.100.7, 127.0.0.1").Status(200)
	all := s.Observations()
	require.Equal(t, "198.51.100.7", all[len(all)-1].Remote.String())
}

// What HTTP parsers disagree about is refused, as a SCIM error.
func TestSmuggling(t *testing.T) {
	s := proxytest.New(t)
	auth := "Host: acme.test\r\nAuthorization: Bearer " + s.Token + "\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct {
		status int
		text   string
	}{
		"length then chunked": {400, "POST /scim/v2/Users HTTP/1.1\r\n" + auth + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		"chunked then length": {400, "POST /scim/v2/Users HTTP/1.1\r\n" + auth + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"},
		"two lengths":         {400, "POST /scim/v2/Users HTTP/1.1\r\n" + auth + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"},
		"negative length":     {400, "POST /scim/v2/Users HTTP/1.1\r\n" + auth + "Content-Length: -2\r\n\r\n{}"},
		"two encodings":       {400, "POST /scim/v2/Users HTTP/1.1\r\n" + auth + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		"folded header":       {400, "GET /scim/v2/Users HTTP/1.1\r\n" + auth + "X-Folded: a\r\n b\r\n\r\n"},
		"space before colon":  {400, "GET /scim/v2/Users HTTP/1.1\r\n" + auth + "X-Space : a\r\n\r\n"},
		"no version":          {400, "GET /scim/v2/Users\r\n" + auth + "\r\n"},
		"HTTP/2.0":            {505, "GET /scim/v2/Users HTTP/2.0\r\n" + auth + "\r\n"},
		"HTTP/0.9":            {505, "GET /scim/v2/Users HTTP/0.9\r\n" + auth + "\r\n"},
		"no protocol":         {505, "GET /scim/v2/Users SPDY/3\r\n" + auth + "\r\n"},
		"huge header":         {431, "GET /scim/v2/Users HTTP/1.1\r\n" + auth + "X-Huge: " + strings.Repeat("a", 20<<10) + "\r\n\r\n"},
		"huge target":         {431, "GET /scim/v2/Users?x=" + strings.Repeat("a", 20<<10) + " HTTP/1.1\r\n" + auth + "\r\n"},
		"nul in header":       {400, "GET /scim/v2/Users HTTP/1.1\r\n" + auth + "X-Nul: a\x00b\r\n\r\n"},
		"bare CR in header":   {400, "GET /scim/v2/Users HTTP/1.1\r\n" + auth + "X-CR: a\rb\r\n\r\n"},
		"space in target":     {505, "GET /scim/v2/Us ers HTTP/1.1\r\n" + auth + "\r\n"},
		"control in target":   {400, "GET /scim/v2/Us\x01ers HTTP/1.1\r\n" + auth + "\r\n"},
		"UTF-8 in target":     {400, "GET /scim/v2/Üsers HTTP/1.1\r\n" + auth + "\r\n"},
		"fragment":            {400, "GET /scim/v2/Users#x HTTP/1.1\r\n" + auth + "\r\n"},
		"asterisk":            {400, "GET * HTTP/1.1\r\n" + auth + "\r\n"},
		"connect":             {400, "CONNECT evil.test:443 HTTP/1.1\r\n" + auth + "\r\n"},
		"garbage":             {400, "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"},
		"bad chunk":           {400, "POST /scim/v2/Users HTTP/1.1\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"},
		"two authorizations":  {400, "GET /scim/v2/Users HTTP/1.1\r\n" + auth + "Authorization: Bearer x\r\n\r\n"},
		"encoded slash":       {400, "GET /scim/v2/..%2Fapi HTTP/1.1\r\n" + auth + "\r\n"},
		"up and over":         {400, "GET /scim/v2/../../api/v1/scim/tokens HTTP/1.1\r\n" + auth + "\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.RawBytes(t, c.text)
			require.NotNil(t, r)
			r.Status(c.status).HasHeader("X-Request-Id", "*")
			if name != "connect" { // not below /scim, as far as anyone can tell
				r.Has("status", strconv.Itoa(c.status)).Has("schemas.0", "urn:ietf:params:scim:api:messages:2.0:Error")
			}
			alive(t, s)
		})
	}
	require.NotContains(t, s.Log.String(), s.Token)
}

func TestCRLFInValues(t *testing.T) {
	s := proxytest.New(t)
	s.Get(t, "/Users/x%0d%0aSet-Cookie:a=b").Status(400).HasHeader("Set-Cookie", "")
	r := s.Post(t, "/Users", proxytest.User("a\r\nX-Evil: 1")).Status(201).HasHeader("X-Evil", "")
	s.Get(t, "/Users/"+r.ID()).Status(200)
	s.Get(t, "/Users?attributes=%0d%0aX-Evil:1").Status(200).HasHeader("X-Evil", "")
	require.NotContains(t, s.Log.String(), "X-Evil")
}

func TestBodies(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	for name, body := range map[string]string{
		"empty": "", "bracket": "[", "array": "[]", "text": `"x"`, "cut": `{"userName":"b`, "trailing": `{"userName":"b"} x`,
		"duplicate": `{"userName":"b","username":"c"}`, "bad UTF-8": "{\"userName\":\"\xff\"}", "BOM": "\ufeff{}",
		"nul": "{\"userName\":\"\x00\"}", "huge number": `{"userName":1e400}`, "lone surrogate": `{"userName":"\ud800"}`,
		"deep": strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), "deep arrays": strings.Repeat("[", 500_000),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 400, s.Post(t, "/Users", body).Code)
			require.Equal(t, 400, s.Put(t, "/Users/"+id, body).Code)
			require.Equal(t, 400, s.Patch(t, "/Users/"+id, body).Code)
		})
	}
	s.Get(t, "/Users").Status(200).Has("totalResults", 1)
	s.Filter(t, "/Users", strings.Repeat(`userName eq "x" or `, 200)+`userName eq "x"`).Error(400, "invalidFilter")
	s.Filter(t, "/Users", strings.Repeat("(", 3000)).Error(400, "invalidFilter")
	alive(t, s)
}

func TestBodyLimits(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BodyBytes: 100 << 10, LargeBodyBytes: 2 << 20}))
	group := s.CreateGroup(t, "g")
	large := `{"schemas":["` + proxytest.GroupSchema + `"],"displayName":"g","x":"` + strings.Repeat("a", 1<<20) + `"}`
	s.Put(t, "/Groups/"+group, large).Status(200)
	// The answer comes before the body is through, which net/http's client takes
	// for an answer or for an error, as it happens.
	announced := func(path string, n int) *proxytest.Response {
		return s.RawBytes(t, fmt.Sprintf("POST /scim/v2%s HTTP/1.1\r\nHost: acme.test\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", path, s.Token, n, strings.Repeat("a", n)))
	}
	announced("/Users", 1<<20).Error(413, "")
	announced("/Users", 10<<20).Error(413, "")
	announced("/Groups", 10<<20).Error(413, "")
	s.Do(t, "DELETE", "/Groups/"+group, strings.Repeat("x", 1<<20)).Status(204)

	// Chunked, so that only counting tells.
	chunked := func(n int) *proxytest.Response {
		return s.RawBytes(t, fmt.Sprintf("POST /scim/v2/Users HTTP/1.1\r\nHost: acme.test\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
			s.Token, n, strings.Repeat(" ", n-19)+`{"userName":"chunk"}`[:19]))
	}
	chunked(200<<10).Error(413, "")
	chunked(5<<20).Error(413, "")
	chunked(90<<10).Error(400, "invalidSyntax")

	// Nobody without a token gets a body read.
	s.Post(t, "/Users", large, proxytest.NoToken()).Error(401, "")
	s.Post(t, "/Users", large, proxytest.Bearer("x")).Error(401, "")
	alive(t, s)
}

func TestBodyBudget(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BodyBytesInFlight: 64 << 10, LargeBodyBytes: 30 << 10, ReadTimeout: 2 * time.Second}))
	slow := s.Dial(t)
	defer func() { _ = slow.Close() }()
	_, err := fmt.Fprintf(slow, "POST /scim/v2/Users HTTP/1.1\r\nHost: acme.test\r\nAuthorization: Bearer %s\r\nContent-Length: 60000\r\n\r\n%s", s.Token, strings.Repeat(" ", 30_000))
	require.NoError(t, err)

	require.Eventually(t, func() bool { return s.Metric("scimedge_requests_in_flight") == 1 }, time.Second, time.Millisecond)

	body := strings.Repeat(" ", 20_000) + `{"userName":"ada"}`
	require.Eventually(t, func() bool {
		r := s.Post(t, "/Users", body)
		return r.Code == 503 && r.Headers.Get("Retry-After") == "1"
	}, time.Second, 5*time.Millisecond)
	require.Equal(t, "body_budget", s.LastReason(503))
	alive(t, s)
	s.Globex.Post(t, "/Users", strings.Repeat(" ", 10_000)+`{"schemas":["`+proxytest.UserSchema+`"],"userName":"ada"}`).Status(201) // has a share of its own

	// The slow sender is timed out with an answer, and its share given back.
	resp, err := http.ReadResponse(bufio.NewReader(slow), nil)
	require.NoError(t, err)
	require.Equal(t, 408, resp.StatusCode)
	_ = resp.Body.Close()
	s.Post(t, "/Users", strings.Repeat(" ", 20_000)+`{"schemas":["`+proxytest.UserSchema+`"],"userName":"bob"}`).Status(201)

	// So is the share of one that hangs up in the middle, again and again.
	for range 20 {
		c := s.Dial(t)
		_, _ = fmt.Fprintf(c, "POST /scim/v2/Users HTTP/1.1\r\nHost: acme.test\r\nAuthorization: Bearer %s\r\nContent-Length: 60000\r\n\r\n%s", s.Token, strings.Repeat(" ", 30_000))
		_ = c.Close()
	}
	require.Eventually(t, func() bool {
		return s.Patch(t, "/Users/"+s.Filter(t, "/Users", `userName eq "bob"`).Str("Resources.0.id"), strings.Repeat(" ", 25_000)+`{"schemas":["`+proxytest.PatchSchema+`"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`).Code == 200
	}, time.Second, 10*time.Millisecond)
}

// A slow header is cut off by the read timeout, with an answer.
func TestSlowHeader(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{ReadTimeout: 200 * time.Millisecond}))
	c := s.Dial(t)
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "GET /scim/v2/Users HTTP/1.1\r\nHost: ac")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	require.Equal(t, 408, resp.StatusCode)
	_ = resp.Body.Close()
}

func TestConnectionsAreCounted(t *testing.T) {
	for status, limits := range map[int]proxy.Limits{429: {ConnectionsPerIP: 3}, 503: {Connections: 3}} {
		s := proxytest.New(t, proxytest.WithLimits(limits))
		var held []net.Conn
		for range 3 {
			c := s.Dial(t)
			held = append(held, c)
			_, _ = io.WriteString(c, "GET /scim/v2/Schemas HTTP/1.1\r\nHost: acme.test\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode)
		}
		s.RawBytes(t, "").Error(status, "").HasHeader("Retry-After", "1").HasHeader("X-Request-Id", "*")
		for _, c := range held {
			_ = c.Close()
		}
		require.Eventually(t, func() bool {
			r := s.Raw(t, "GET /scim/v2/Schemas HTTP/1.1\nHost: acme.test\nConnection: close\n\n")
			return r != nil && r.Code == 200
		}, time.Second, 5*time.Millisecond)
	}
}

// What one small message may hold back: nothing (found by review).
func TestAnonymousBodiesHoldNothing(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{BodyBytesInFlight: 256 << 10, LargeBodyBytes: 60 << 10, ReadTimeout: 2 * time.Second}))
	for _, path := range []string{"/nothing", "/api/v1/session", "/scim/v2/Users", "/portal/x"} {
		for range 40 {
			c := s.Dial(t)
			defer func() { _ = c.Close() }()
			_, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: acme.test\r\nContent-Length: 60000\r\n\r\nx", path)
			require.NoError(t, err)
		}
	}
	s.Globex.CreateUser(t, "ada")
}

func TestTransferEncodings(t *testing.T) {
	s := proxytest.New(t)
	for _, te := range []string{"identity", "gzip", "chunked, gzip"} {
		c := s.Dial(t)
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, err := fmt.Fprintf(c, "POST /scim/v2/Users HTTP/1.1\r\nHost: acme.test\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: %s\r\n\r\nGET /scim/v2/ServiceProviderConfig HTTP/1.1\r\nHost: acme.test\r\n\r\n", s.Token, te)
		require.NoError(t, err)
		answers, err := io.ReadAll(c) // until the server closes
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(answers), "HTTP/1.1 "), "the body of %s was taken for a request: %s", te, answers)
		require.Regexp(t, "^HTTP/1.1 (400|501) ", string(answers))
	}
	alive(t, s)
}

// Who shows no credential is not asked for a body.
func TestExpectContinue(t *testing.T) {
	s := proxytest.New(t)
	ask := func(auth string) *proxytest.Response {
		return s.Raw(t, "POST /scim/v2/Users HTTP/1.1\nHost: acme.test\n"+auth+"Content-Length: 40\nExpect: 100-continue\n\n")
	}
	ask("").Status(417)
	ask("Authorization: Bearer " + s.Token + "\n").Status(100)
}
