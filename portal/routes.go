package portal

import (
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"scimedge/tenancy"
)

const (
	pathSession = "/api/v1/session"
	pathTokens  = "/api/v1/scim/tokens"
	pathSchema  = "/api/v1/scim/schema"
)

// Route is one way into the portal.
type Route struct {
	Method     string
	Path       string // {name} stands for one segment
	SignedIn   bool   // needs a session of the tenant
	Permission string // needs this permission, too
}

type route struct {
	Route
	handle func(*call) error
}

// table is every route there is. DELETE of the session is open to all, so that
// signing out always works and always clears the cookie.
func (a *API) table() []route {
	return []route{
		{Route{fasthttp.MethodPost, pathSession, false, ""}, a.signIn},
		{Route{fasthttp.MethodDelete, pathSession, false, ""}, a.signOut},
		{Route{fasthttp.MethodGet, pathSession, true, ""}, a.whoAmI},
		{Route{fasthttp.MethodGet, pathTokens, true, tenancy.PermissionSSO}, a.listTokens},
		{Route{fasthttp.MethodPost, pathTokens, true, tenancy.PermissionSSO}, a.createToken},
		{Route{fasthttp.MethodDelete, pathTokens + "/{tokenID}", true, tenancy.PermissionSSO}, a.revokeToken},
		{Route{fasthttp.MethodGet, pathSchema, true, tenancy.PermissionSSO}, a.showSchema},
		{Route{fasthttp.MethodPut, pathSchema, true, tenancy.PermissionSSO}, a.setSchema},
	}
}

// Routes lists the routes, for documents and for tests that try every caller on
// every one of them.
func (a *API) Routes() []Route {
	out := make([]Route, len(a.routes))
	for i, r := range a.routes {
		out[i] = r.Route
	}
	return out
}

// find returns the route of the request, or nil when the request is answered
// already. HEAD is served as GET, the server leaves the body out.
func (a *API) find(c *call) (*route, error) {
	method, path := string(c.http.Method()), string(c.http.Path())
	if method == fasthttp.MethodHead {
		method = fasthttp.MethodGet
	}
	var allow []string
	for i := range a.routes {
		r := &a.routes[i]
		param, ok := match(r.Path, path)
		if !ok {
			continue
		}
		if r.Method == method {
			c.param = param
			return r, nil
		}
		allow = append(allow, r.Method)
	}
	if allow == nil {
		return nil, fail(fasthttp.StatusNotFound, "there is nothing at this path")
	}
	if slices.Contains(allow, fasthttp.MethodGet) {
		allow = append(allow, fasthttp.MethodHead)
	}
	allow = append(allow, fasthttp.MethodOptions)
	slices.Sort(allow)
	list := strings.Join(allow, ", ")
	c.http.Response.Header.Set(fasthttp.HeaderAllow, list)
	if method == fasthttp.MethodOptions {
		c.http.SetStatusCode(fasthttp.StatusNoContent)
		return nil, nil
	}
	return nil, fail(fasthttp.StatusMethodNotAllowed, "this path takes "+list)
}

// match compares a path with a pattern that has at most one {...}, at its end.
func match(pattern, path string) (param string, ok bool) {
	fixed, _, has := strings.Cut(pattern, "{")
	if !has {
		return "", path == pattern
	}
	param, ok = strings.CutPrefix(path, fixed)
	return param, ok && param != "" && !strings.Contains(param, "/")
}
