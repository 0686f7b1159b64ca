package conformance

import (
	"net/http"
	"slices"
)

func errorBodies() []check {
	const where = "RFC 7644 §3.12"
	const cure = "Answer {\"schemas\":[\"" + messages + "Error\"],\"status\":\"404\",\"detail\":...}: status is text, not a number."
	return []check{
		{"ERR-01.404", Must, where, "The error for an unknown resource is a SCIM error", cure, "",
			func(p *probe) { p.get("/Users/conformance-nobody").is(http.StatusNotFound).isError() }},
		{"ERR-01.400", Must, where, "The error for a broken body is a SCIM error", cure, "",
			func(p *probe) { p.post("/Users", []byte(`{`)).is(http.StatusBadRequest).isError() }},
		{"ERR-01.409", Must, where, "The error for a taken userName is a SCIM error", cure, "",
			func(p *probe) {
				u := p.user(nil)
				p.post("/Users", u.sent).is(http.StatusConflict).isError()
			}},
		{"ERR-01.filter", Must, where, "The error for a broken filter is a SCIM error", cure, "filter",
			func(p *probe) {
				p.get("/Users?filter=userName%20eq").is(http.StatusBadRequest).isError()
			}},
		{"ERR-02.route", Must, where, "The error for an unknown endpoint is a SCIM error",
			"Write the SCIM error body in the router, too.", "",
			func(p *probe) { p.get("/ConformanceNowhere").is(http.StatusNotFound).isError() }},
		{"ERR-02.method", Must, where, "The error for a method that is not there is a SCIM error",
			"Write the SCIM error body in the router, too.", "",
			func(p *probe) { p.del("/Users").rejectedOrUnknown(http.StatusMethodNotAllowed).isError() }},
		{"ERR-03", Must, where, "A scimType is one the standard knows",
			"Use the words of RFC 7644 table 9 only, spelled as there.", "",
			func(p *probe) {
				u := p.user(nil)
				for _, a := range []*answer{
					p.post("/Users", u.sent), p.post("/Users", []byte(`[]`)), p.post("/Users", fields{"schemas": []any{userURN}}),
					p.get("/Users?filter=userName%20zz%201"), p.get("/Users?startIndex=x"), p.patch(u.path), p.patch(u.path, op("remove", "", nil)),
				} {
					known := []string{"", "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue", "invalidVers", "sensitive"}
					p.want(slices.Contains(known, a.body.Text("scimType")), "a scimType of table 9", a.body.Text("scimType"))
				}
			}},
		{"ERR-A01", Should, where, "An error says in words what is wrong",
			"Fill detail: an administrator reads it in the log of the identity provider.", "",
			func(p *probe) {
				p.get("/Users/conformance-nobody").present("detail")
				p.post("/Users", []byte(`{`)).present("detail")
			}},
		{"ERR-14", Should, where, "A broken request is the client's error, not the server's",
			"Answer 4xx to anything a client can send; 500 makes it try again.", "",
			func(p *probe) {
				for _, body := range []string{`{"schemas":"x","userName":{}}`, `{"schemas":[1,null],"userName":[]}`, "{\"userName\":\"\\ud800\"}", `{"schemas":["` + userURN + `"],"userName":"x","emails":"x"}`} {
					a := p.post("/Users", []byte(body))
					p.want(a.status < 500, "status 400", a)
				}
			}},
	}
}
