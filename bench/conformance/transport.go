package conformance

import (
	"net/http"
	"net/url"
	"strings"
)

const (
	scimJSON  = "application/scim+json"
	plainJSON = "application/json"
)

func transport() []check {
	const (
		media = "RFC 7644 §3.8"
		verbs = "RFC 9110 §15.5.6"
	)
	return []check{
		{"HTTP-06.utf8", Must, media, "Text outside ASCII comes back as it was sent",
			"Read and write UTF-8 all the way, the database included.", "User.displayName",
			func(p *probe) {
				const name = "Zoë Świątek 山田 🙂"
				u := p.newUser(fields{"displayName": name})
				p.again(u).has("displayName", name)
			}},
		{"HTTP-06.escapes", Must, "RFC 8259 §7", "Escaped characters mean the same as plain ones",
			"Use a JSON parser that decodes \\u escapes and surrogate pairs.", "User.displayName",
			func(p *probe) {
				u := p.user(nil)
				body := strings.Replace(string(encode(u.with(fields{"displayName": "@"}))), `"@"`, `"Zo\u00eb \ud83d\ude42"`, 1)
				p.put(u.path, []byte(body)).is(http.StatusOK)
				p.again(u).has("displayName", "Zoë 🙂")
			}},
		{"HTTP-07", Must, media, "Accept: application/scim+json is honoured",
			"Answer with Content-Type application/scim+json.", "",
			func(p *probe) { p.accepting(scimJSON).typed(scimJSON) }},
		{"HTTP-08", Should, media, "Accept: application/json is honoured",
			"Answer, with either type; do not answer 406.", "",
			func(p *probe) {
				a := p.accepting(plainJSON).is(http.StatusOK)
				got := a.header.Get("Content-Type")
				p.want(strings.HasPrefix(got, plainJSON) || strings.HasPrefix(got, scimJSON), "a JSON type", got)
			}},
		{"HTTP-09", Should, media, "Without Accept the answer is application/scim+json",
			"Make application/scim+json the default type.", "",
			func(p *probe) {
				p.send(request{method: http.MethodGet, path: "/Users?count=1", header: http.Header{"Accept": nil}}).typed(scimJSON)
			}},
		{"HTTP-10.created", Should, "RFC 7644 §3.1", "A created resource is labelled application/scim+json",
			"Set Content-Type on answers to writes, too.", "",
			func(p *probe) { p.post("/Users", p.userBody(nil)).is(http.StatusCreated).typed(scimJSON) }},
		{"HTTP-10.error", Should, "RFC 7644 §3.1", "An error is labelled application/scim+json",
			"Set Content-Type on errors, too: some clients do not read a body without it.", "",
			func(p *probe) { p.get("/Users/conformance-nobody").typed(scimJSON) }},
		{"HTTP-A01.json", Must, media, "A body may be labelled application/json",
			"Accept application/json like application/scim+json; many clients send it.", "",
			func(p *probe) { p.labelled(plainJSON).is(http.StatusCreated) }},
		{"HTTP-A01.charset", Must, media, "A body may be labelled with charset=utf-8",
			"Compare the media type without its parameters.", "",
			func(p *probe) { p.labelled(scimJSON + "; charset=utf-8").is(http.StatusCreated) }},
		{"HTTP-A01.other", Should, "RFC 9110 §15.5.16", "A body of another type is refused with 415",
			"Refuse what is not JSON by its label.", "",
			func(p *probe) { p.labelled("text/xml").rejected(http.StatusUnsupportedMediaType) }},
		{"HTTP-A03.collection", Must, verbs, "PUT on a collection is answered 405 with Allow",
			"Name the methods of the endpoint in Allow whenever the status is 405.", "",
			func(p *probe) { p.put("/Users", p.userBody(nil)).notAllowed() }},
		{"HTTP-A03.item", Must, verbs, "POST on a resource is answered 405 with Allow",
			"Name the methods of the endpoint in Allow whenever the status is 405.", "",
			func(p *probe) { p.post(p.user(nil).path, p.userBody(nil)).notAllowed() }},
		{"HTTP-A04.space", Should, "RFC 7644 §3.4.2.2", "A space in a filter may be %20 or +",
			"Decode query strings as forms are: + is a space, %2B a plus.", "filter",
			func(p *probe) {
				u := p.user(nil)
				filter := url.QueryEscape(`userName eq "` + u.name() + `"`)
				p.get("/Users?filter="+filter).has("totalResults", 1)
				p.get("/Users?filter="+strings.ReplaceAll(filter, "+", "%20")).has("totalResults", 1)
			}},
		{"HTTP-A04.plus", Must, "RFC 3986 §2.4", "An encoded plus sign stays a plus sign",
			"Decode a query once, not twice: %2B must not end as a space.", "filter User.title",
			func(p *probe) {
				title := p.prefix + " a+b & c"
				p.user(fields{"title": title})
				p.find("/Users", `title eq "`+title+`"`).has("totalResults", 1)
			}},
		{"HTTP-15", Should, "RFC 7644 §3.4.2", "Unknown query parameters are ignored",
			"Ignore parameters that are not known; Entra sends ?aadOptscim062020.", "",
			func(p *probe) { p.get("/Users?count=1&aadOptscim062020").is(http.StatusOK) }},
		{"HTTP-16.broken", Should, "RFC 7644 §3.12", "A body that is not JSON is refused with 400",
			"Answer 400 invalidSyntax to what cannot be parsed.", "",
			func(p *probe) {
				p.post("/Users", []byte(`{"schemas":[`)).refused(http.StatusBadRequest, "invalidSyntax")
			}},
		{"HTTP-16.array", Should, "RFC 7644 §3.12", "A body that is no object is refused with 400",
			"Answer 400 invalidSyntax to a JSON array or text.", "",
			func(p *probe) {
				p.post("/Users", []byte(`[]`)).refused(http.StatusBadRequest, "invalidSyntax")
				p.post("/Users", []byte(`"user"`)).refused(http.StatusBadRequest, "invalidSyntax")
			}},
		{"HTTP-16.empty", Should, "RFC 7644 §3.12", "An empty body is refused with 400",
			"Answer 400 invalidSyntax to a create without a body.", "",
			func(p *probe) { p.post("/Users", []byte{}).refused(http.StatusBadRequest, "invalidSyntax") }},
		{"HTTP-17", Must, "RFC 8259 §4", "The order of members does not matter",
			"Do not expect schemas to come first.", "",
			func(p *probe) {
				b := p.userBody(nil)
				text := strings.TrimSuffix(string(encode(lay(b, fields{"schemas": nil}))), "}") + `,"schemas":["` + userURN + `"]}`
				p.post("/Users", []byte(text)).is(http.StatusCreated)
			}},
		{"HTTP-A06", May, "RFC 9110 §9.3.2", "HEAD answers like GET, without a body",
			"Support HEAD where GET is supported.", "",
			func(p *probe) {
				a := p.send(request{method: http.MethodHead, path: p.user(nil).path}).is(http.StatusOK)
				p.want(len(a.raw) == 0, "no body", string(a.raw))
			}},
	}
}

// accepting reads a page of users with this Accept header.
func (p *probe) accepting(accept string) *answer {
	return p.send(request{method: http.MethodGet, path: "/Users?count=1", header: http.Header{"Accept": {accept}}})
}

// labelled creates a user from a body of this Content-Type.
func (p *probe) labelled(contentType string) *answer {
	return p.send(request{method: http.MethodPost, path: "/Users", body: p.userBody(nil), header: http.Header{"Content-Type": {contentType}}})
}

// typed wants this media type, whatever its parameters.
func (a *answer) typed(want string) *answer {
	got, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	a.p.want(strings.EqualFold(strings.TrimSpace(got), want), "Content-Type "+want, got)
	return a
}

// notAllowed wants a refusal, best 405, and Allow with that.
func (a *answer) notAllowed() *answer {
	a.rejectedOrUnknown(http.StatusMethodNotAllowed)
	if a.status == http.StatusMethodNotAllowed {
		a.p.want(a.header.Get("Allow") != "", "an Allow header", "none")
	}
	return a
}
