package portal

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/tenancy"
)

// TestAuthorizationMatrix tries every kind of caller on every route of the table
// (S2). A route added without a row in want fails here.
func TestAuthorizationMatrix(t *testing.T) {
	h := newHouse(t, nil)
	_, bearer, err := h.registry.CreateToken(t.Context(), "acme", tenancy.NewToken{Name: "okta-prod"}, cli)
	require.NoError(t, err)
	victim, _, err := h.registry.CreateToken(t.Context(), "acme", tenancy.NewToken{Name: "victim"}, cli)
	require.NoError(t, err)
	h.offset.Store(int64(-24 * time.Hour)) // this one has ended by now
	expired := h.signIn("acme.test", adminEmail)
	h.offset.Store(0)
	foreign := h.signIn("globex.test", "admin@globex.test")
	admin := h.signIn("acme.test", adminEmail)
	_, adminID, _ := strings.Cut(admin, "=")
	var forged string
	if forged = admin[:len(admin)-1] + "A"; forged == admin {
		forged = admin[:len(admin)-1] + "B"
	}

	const admitted = 0 // whatever the handler says: the caller reached it
	type caller struct {
		name    string
		cookie  string
		headers []string
		class   int
	}
	const (
		nobody = iota
		signedIn
		permitted
	)
	callers := []caller{
		{"nobody", "", nil, nobody},
		{"another tenant's admin", foreign, nil, nobody},
		{"expired session", expired, nil, nobody},
		{"a SCIM token as bearer", "", []string{"Authorization: Bearer " + bearer}, nobody},
		{"a SCIM token as cookie", cookieSecure + "=" + bearer, nil, nobody},
		{"a session id as bearer", "", []string{"Authorization: Bearer " + adminID}, nobody},
		{"a session under the other cookie's name", cookiePlain + "=" + adminID, nil, nobody},
		{"a forged session", forged, nil, nobody},
		{"an empty session", cookieSecure + "=", nil, nobody},
		{"no permission", h.signIn("acme.test", plainEmail), nil, signedIn},
		{"right permission", admin, nil, permitted},
	}
	want := map[string][3]int{ // by class of caller
		"POST /api/v1/session":                 {admitted, admitted, admitted},
		"DELETE /api/v1/session":               {admitted, admitted, admitted},
		"GET /api/v1/session":                  {401, admitted, admitted},
		"GET /api/v1/scim/tokens":              {401, 403, admitted},
		"POST /api/v1/scim/tokens":             {401, 403, admitted},
		"DELETE /api/v1/scim/tokens/{tokenID}": {401, 403, admitted},
		"GET /api/v1/scim/schema":              {401, 403, admitted},
		"PUT /api/v1/scim/schema":              {401, 403, admitted},
	}
	routes := h.api.Routes()
	require.Len(t, routes, len(want))
	for _, c := range callers {
		for _, r := range routes {
			name := r.Method + " " + r.Path
			expect, ok := want[name]
			require.True(t, ok, "%s is not in the matrix", name)
			if name == "DELETE /api/v1/session" && c.class != nobody {
				continue // would end the session that later rows need; TestSignOut has it
			}
			res := h.do(request{
				method: r.Method, path: strings.Replace(r.Path, "{tokenID}", "0123456789abcdef", 1),
				body: body(r.Method, `{}`), cookie: c.cookie, headers: c.headers,
			})
			where := c.name + " at " + name
			if status := expect[c.class]; status != admitted {
				requireProblem(t, status, res)
				require.Equal(t, status == 401, len(res.header.Peek("WWW-Authenticate")) > 0, where)
				continue
			}
			require.NotContains(t, []int{401, 403, 405, 500}, res.status, "%s: %s", where, res.body)
		}
	}
	// Nobody who was refused changed anything, and a stranger's host hides the token.
	stolen := h.do(request{method: "DELETE", path: pathTokens + "/" + victim.ID, host: "globex.test", cookie: foreign})
	requireProblem(t, 404, stolen)
	require.NotContains(t, stolen.body, "victim")
	tokens, err := h.registry.Tokens(t.Context(), "acme")
	require.NoError(t, err)
	require.Len(t, tokens, 2)
	for _, token := range tokens {
		require.Equal(t, tenancy.StateActive, token.State)
	}
}

func body(method, text string) string {
	if method == "POST" || method == "PUT" {
		return text
	}
	return ""
}

func TestWhatIsNotInTheTable(t *testing.T) {
	h := newHouse(t, nil)
	admin := h.signIn("acme.test", adminEmail)
	for _, path := range []string{
		"/api/v1", "/api/v1/", "/api/v1/session/", "/api/v1/session/x", "/api/v1/scim", "/api/v1/scim/tokens/", "/api/v1/scim/tokens/a/b",
		"/api/v1/Session", "/api/v2/session", "/", "/api/v1/scim/tokensx",
	} {
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
			requireProblem(t, 404, h.do(request{method: method, path: path, cookie: admin, body: body(method, `{}`)}))
		}
	}
	for path, allow := range map[string]string{
		pathSession: "DELETE, GET, HEAD, OPTIONS, POST", pathTokens: "GET, HEAD, OPTIONS, POST", pathTokens + "/x": "DELETE, OPTIONS",
		pathSchema: "GET, HEAD, OPTIONS, PUT",
	} {
		for _, method := range []string{"PUT", "PATCH", "TRACE", "BREW"} {
			if strings.Contains(allow, method) {
				continue
			}
			res := h.do(request{method: method, path: path, cookie: admin})
			requireProblem(t, 405, res)
			require.Equal(t, allow, string(res.header.Peek("Allow")))
		}
		res := h.do(request{method: "OPTIONS", path: path})
		require.Equal(t, 204, res.status)
		require.Equal(t, allow, string(res.header.Peek("Allow")))
	}
	p := requireProblem(t, 404, h.do(request{method: "GET", path: pathSession, host: "unknown.test", cookie: admin}))
	require.Equal(t, "this host is not configured here", p.Detail)
}
