package portal

import (
	"strings"

	"github.com/valyala/fasthttp"
)

// checkOrigin refuses a change that another site's page asked a browser for.
// Browsers say where a request comes from in Sec-Fetch-Site and Origin; programs
// say neither and carry no cookie they were not given, so they pass.
//
// same-site is refused, too: a neighbour under the same domain, another tenant's
// host among them, is a stranger here.
func checkOrigin(c *call) error {
	h := &c.http.Request.Header
	for _, site := range h.PeekAll("Sec-Fetch-Site") {
		if s := string(site); s != "same-origin" && s != "none" {
			return errForeignOrigin()
		}
	}
	for _, origin := range h.PeekAll(fasthttp.HeaderOrigin) {
		if c.scope.BaseURL == "" || canonicalOrigin(string(origin)) != canonicalOrigin(c.scope.BaseURL) {
			return errForeignOrigin()
		}
	}
	return nil
}

func errForeignOrigin() error {
	return fail(fasthttp.StatusForbidden, "this change was asked for by a page of another site; use the pages of this host")
}

// canonicalOrigin drops the port that the scheme implies, as browsers do.
func canonicalOrigin(s string) string {
	s = strings.ToLower(s)
	switch {
	case strings.HasPrefix(s, "https://"):
		return strings.TrimSuffix(s, ":443")
	case strings.HasPrefix(s, "http://"):
		return strings.TrimSuffix(s, ":80")
	}
	return s
}
