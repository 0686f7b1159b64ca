package conformance

import (
	"net/http"
	"strings"
)

// madeUp is a token nobody issued.
const madeUp = "conformance-made-up-token-0000000000000000"

func authentication() []check {
	const bearer = "RFC 6750 §3"
	return []check{
		{"AUTH-01", Must, "RFC 9110 §11.6.1", "Without a token the answer is 401 with a challenge",
			"Answer 401 and name the scheme in WWW-Authenticate, such as Bearer realm=\"scim\".", "",
			func(p *probe) {
				a := p.authorized("")
				a.is(http.StatusUnauthorized)
				p.want(a.header.Get("WWW-Authenticate") != "", "a WWW-Authenticate header", "none")
			}},
		{"AUTH-02", Must, bearer, "The Bearer challenge has a parameter",
			"Add realm=\"...\" or another parameter: a challenge of the bare word Bearer is not allowed.", "",
			func(p *probe) {
				challenge := p.authorized("").is(http.StatusUnauthorized).header.Get("WWW-Authenticate")
				scheme, rest, _ := strings.Cut(challenge, " ")
				p.want(challenge != "", "a WWW-Authenticate header", "none")
				p.want(!strings.EqualFold(scheme, "Bearer") || strings.Contains(rest, "="), "Bearer with at least one parameter", challenge)
			}},
		{"AUTH-03", Should, "RFC 6750 §3.1", "Without a token the challenge has no error code",
			"Leave error= out when no credentials were sent at all: there is nothing wrong with them.", "",
			func(p *probe) {
				challenge := p.authorized("").is(http.StatusUnauthorized).header.Get("WWW-Authenticate")
				p.want(!strings.Contains(challenge, "error="), "no error code", challenge)
			}},
		{"AUTH-04", Should, "RFC 6750 §3.1", "An unknown token is called invalid_token",
			"Answer 401 with error=\"invalid_token\" to a token that is unknown, expired or revoked.", "",
			func(p *probe) {
				a := p.authorized("Bearer " + madeUp)
				a.is(http.StatusUnauthorized)
				challenge := a.header.Get("WWW-Authenticate")
				p.want(strings.Contains(challenge, "invalid_token"), `error="invalid_token"`, challenge)
			}},
		{"AUTH-09.read", Must, "RFC 7644 §2", "An unknown token reads nothing",
			"Check the token before anything is read.", "",
			func(p *probe) {
				a := p.authorized("Bearer " + madeUp)
				p.want(a.status == http.StatusUnauthorized || a.status == http.StatusForbidden, "status 401", a)
			}},
		{"AUTH-09.write", Must, "RFC 7644 §2", "An unknown token writes nothing",
			"Check the token before anything is written.", "",
			func(p *probe) {
				a := p.send(request{method: http.MethodPost, path: "/Users", body: p.userBody(nil), header: http.Header{"Authorization": {"Bearer " + madeUp}}})
				p.want(a.status == http.StatusUnauthorized || a.status == http.StatusForbidden, "status 401", a)
			}},
		{"AUTH-09.item", Must, "RFC 7644 §2", "An unknown token learns nothing about a resource",
			"Check the token before the resource is looked up, for one that exists and one that does not.", "",
			func(p *probe) {
				u := p.user(nil)
				h := http.Header{"Authorization": {"Bearer " + madeUp}}
				a := p.send(request{method: http.MethodGet, path: u.path, header: h})
				b := p.send(request{method: http.MethodGet, path: "/Users/conformance-nobody", header: h})
				p.want(a.status == http.StatusUnauthorized || a.status == http.StatusForbidden, "status 401", a)
				p.want(a.status == b.status, "the same status for a user who exists and one who does not", b)
			}},
		{"AUTH-07.case", Must, "RFC 9110 §11.1", "The word Bearer is read in any letter case",
			"Compare the scheme of the Authorization header without regard to letter case.", "",
			func(p *probe) {
				p.authorized("bearer " + p.opts.Token).is(http.StatusOK)
				p.authorized("BEARER " + p.opts.Token).is(http.StatusOK)
			}},
		{"AUTH-07.scheme", Must, "RFC 6750 §2.1", "A token without the word Bearer is refused",
			"Refuse an Authorization header that holds no scheme, and say so in the detail.", "",
			func(p *probe) {
				a := p.authorized(madeUp)
				p.want(a.status == http.StatusUnauthorized || a.status == http.StatusBadRequest, "status 401", a)
				p.prefer(a.status == http.StatusUnauthorized, "status 401", a)
			}},
		{"AUTH-13", Should, "RFC 7644 §2", "A made-up password is refused",
			"Refuse Basic credentials, or check them.", "",
			func(p *probe) { p.authorized("Basic Y29uZm9ybWFuY2U6bm9uZQ==").is(http.StatusUnauthorized) }},
		{"AUTH-16.missing", Must, "RFC 7644 §3.12", "The answer to a missing token is a SCIM error",
			"Write the SCIM error body in the authentication layer, too: gateways often answer with HTML.", "",
			func(p *probe) { p.authorized("").isError() }},
		{"AUTH-16.unknown", Must, "RFC 7644 §3.12", "The answer to an unknown token is a SCIM error",
			"Write the SCIM error body in the authentication layer, too: gateways often answer with HTML.", "",
			func(p *probe) { p.authorized("Bearer " + madeUp).isError() }},
	}
}

// authorized reads a page of users with this Authorization header; "" sends none.
func (p *probe) authorized(value string) *answer {
	h := http.Header{"Authorization": nil}
	if value != "" {
		h["Authorization"] = []string{value}
	}
	return p.send(request{method: http.MethodGet, path: "/Users?count=1", header: h})
}
