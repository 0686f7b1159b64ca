package portal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

func TestSignInAndOut(t *testing.T) {
	h := newHouse(t, nil)
	res := h.do(request{method: "POST", path: pathSession, body: `{"email":"ADA@acme.test","password":"` + password + `"}`})
	require.Equal(t, 204, res.status)
	require.Empty(t, res.body)
	require.Equal(t, "no-store", string(res.header.Peek("Cache-Control")))
	var k fasthttp.Cookie
	require.NoError(t, k.ParseBytes(res.header.Peek("Set-Cookie")))
	require.Equal(t, cookieSecure, string(k.Key()))
	require.Equal(t, []any{true, true, "/", "", fasthttp.CookieSameSiteLaxMode},
		[]any{k.HTTPOnly(), k.Secure(), string(k.Path()), string(k.Domain()), k.SameSite()})
	require.WithinDuration(t, time.Now().Add(12*time.Hour), k.Expire(), time.Minute)
	cookie := cookieSecure + "=" + string(k.Value())

	res = h.do(request{method: "GET", path: pathSession, cookie: cookie})
	require.Equal(t, 200, res.status)
	me := decode[signedIn](t, res.body)
	require.Equal(t, []any{adminEmail, []string{"sso:configure"}, "acme", "production"}, []any{me.Email, me.Permissions, me.Tenant, me.Environment})
	require.NotContains(t, res.body, string(k.Value()))
	res = h.do(request{method: "HEAD", path: pathSession, cookie: cookie})
	require.Equal(t, 200, res.status)

	res = h.do(request{method: "DELETE", path: pathSession, cookie: cookie})
	require.Equal(t, 204, res.status)
	require.NoError(t, k.ParseBytes(res.header.Peek("Set-Cookie")))
	require.Empty(t, k.Value())
	require.True(t, k.Expire().Before(time.Now()))
	requireProblem(t, 401, h.do(request{method: "GET", path: pathSession, cookie: cookie}))
	require.Equal(t, 204, h.do(request{method: "DELETE", path: pathSession, cookie: cookie}).status, "twice is fine")
}

func TestSessionsEndByThemselves(t *testing.T) {
	h := newHouse(t, nil)
	cookie := h.signIn("acme.test", adminEmail)
	h.offset.Store(int64(12*time.Hour - time.Minute))
	require.Equal(t, 200, h.do(request{method: "GET", path: pathSession, cookie: cookie}).status)
	h.offset.Store(int64(12 * time.Hour))
	requireProblem(t, 401, h.do(request{method: "GET", path: pathSession, cookie: cookie}))
}

func TestPlainHTTPIsForLoopback(t *testing.T) {
	h := newHouse(t, nil)
	h.secure.Store(false)
	p := requireProblem(t, 403, h.do(request{method: "POST", path: pathSession, body: `{"email":"` + adminEmail + `","password":"` + password + `"}`}))
	require.Contains(t, p.Detail, "HTTPS")
	for _, addr := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"} {
		h.from(addr)
		cookie := h.signIn("acme.test", adminEmail)
		require.Contains(t, cookie, cookiePlain+"=")
		require.Equal(t, 200, h.do(request{method: "GET", path: pathSession, cookie: cookie}).status)
	}
}

func TestBadSignIns(t *testing.T) {
	h := newHouse(t, nil)
	in := func(body string, headers ...string) response {
		return h.do(request{method: "POST", path: pathSession, body: body, headers: headers})
	}
	for body, field := range map[string]string{
		`{}`: "email", `{"email":"a@b"}`: "password", `{"password":"x"}`: "email", `{"email":1}`: "email", `{"user":"x"}`: "user", `[]`: "",
		`{"email":"a@b","email":"c@d"}`: "email", `{"email":`: "", `{} {}`: "",
	} {
		require.Equal(t, field, requireProblem(t, 400, in(body)).Field, body)
	}
	requireProblem(t, 415, in(`{}`, "Content-Encoding: gzip"))
	requireProblem(t, 413, in(`{"email":"`+string(make([]byte, 20<<10))+`"}`))

	wrong := requireProblem(t, 401, in(`{"email":"`+adminEmail+`","password":"wrong password"}`))
	unknown := requireProblem(t, 401, in(`{"email":"nobody@acme.test","password":"wrong password"}`))
	other := requireProblem(t, 401, in(`{"email":"admin@globex.test","password":"`+password+`"}`))
	require.Equal(t, wrong.Detail, unknown.Detail)
	require.Equal(t, wrong.Detail, other.Detail)
	require.NotContains(t, h.log.String(), "wrong password")
}

func TestTheSixthFailureIsTooMany(t *testing.T) {
	h := newHouse(t, nil)
	for range 5 {
		requireProblem(t, 401, h.do(request{method: "POST", path: pathSession, body: `{"email":"` + adminEmail + `","password":"wrong password"}`}))
	}
	res := h.do(request{method: "POST", path: pathSession, body: `{"email":"` + adminEmail + `","password":"` + password + `"}`})
	requireProblem(t, 429, res)
	require.Equal(t, "60", string(res.header.Peek("Retry-After")))
	h.signIn("acme.test", plainEmail) // others are not held up
	h.offset.Store(int64(time.Minute))
	h.signIn("acme.test", adminEmail)
}

func TestChangesAskedForByOtherSitesAreRefused(t *testing.T) {
	h := newHouse(t, nil)
	cookie := h.signIn("acme.test", adminEmail)
	for _, c := range []struct {
		headers []string
		refused bool
	}{
		{nil, false},
		{[]string{"Origin: https://acme.test"}, false}, {[]string{"Origin: https://ACME.test:443"}, false},
		{[]string{"Sec-Fetch-Site: same-origin"}, false}, {[]string{"Sec-Fetch-Site: none"}, false},
		{[]string{"Origin: https://acme.test", "Sec-Fetch-Site: same-origin"}, false},
		{[]string{"Sec-Fetch-Site: cross-site"}, true}, {[]string{"Sec-Fetch-Site: same-site"}, true}, {[]string{"Sec-Fetch-Site: x"}, true},
		{[]string{"Origin: https://evil.test"}, true}, {[]string{"Origin: null"}, true}, {[]string{"Origin: http://acme.test"}, true},
		{[]string{"Origin: https://acme.test:8443"}, true}, {[]string{"Origin: https://globex.test"}, true}, {[]string{"Origin: "}, true},
		{[]string{"Origin: https://acme.test.evil.test"}, true}, {[]string{"Origin: https://acme.test", "Sec-Fetch-Site: cross-site"}, true},
		{[]string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"}, true},
	} {
		for _, r := range h.api.Routes() {
			if r.Path == pathSession && r.Method == "DELETE" {
				continue
			}
			res := h.do(request{method: r.Method, path: r.Path, cookie: cookie, headers: c.headers, body: body(r.Method, `{}`)})
			if c.refused && r.Method != "GET" {
				requireProblem(t, 403, res)
				continue
			}
			require.NotEqual(t, 403, res.status, "%s %s %v", r.Method, r.Path, c.headers)
		}
	}
}
