package portal

import (
	"time"

	"github.com/valyala/fasthttp"
)

// The cookie of a session. The __Host- form is accepted by browsers only over
// TLS, for exactly this host and for all its paths, so that no neighbour can set
// or read it. Without TLS, which is for loopback only, it has another name.
const (
	cookieSecure = "__Host-scimedge"
	cookiePlain  = "scimedge_session"
)

func cookieName(c *call) string {
	if c.scope.Secure {
		return cookieSecure
	}
	return cookiePlain
}

func readCookie(c *call) string { return string(c.http.Request.Header.Cookie(cookieName(c))) }

func setCookie(c *call, value string, expires time.Time) {
	var k fasthttp.Cookie
	k.SetKey(cookieName(c))
	k.SetValue(value)
	k.SetPath("/")
	k.SetHTTPOnly(true)
	k.SetSecure(c.scope.Secure)
	k.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	k.SetExpire(expires)
	c.http.Response.Header.SetCookie(&k)
}
