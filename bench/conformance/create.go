package conformance

import (
	"net/http"
	"strings"
)

func create() []check {
	const where = "RFC 7644 §3.3"
	return []check{
		{"CRT-01", Must, where, "Read-only attributes in the body are ignored",
			"Ignore id, meta and groups on create: clients send back what they once read.", "",
			func(p *probe) {
				body := p.userBody(fields{"id": "chosen-by-client", "groups": []any{fields{"value": "none"}}, "meta": fields{"resourceType": "Robot", "created": "1970-01-01T00:00:00Z"}})
				a := p.post("/Users", body).is(http.StatusCreated)
				p.want(a.body.Text("id") != "chosen-by-client", "an id of the server's own", a.body.Text("id"))
				p.want(!strings.HasPrefix(a.body.Text("meta/created"), "1970"), "meta.created of the server's own", a.body.Text("meta/created"))
				a.lacks("groups")
			}},
		{"CRT-02.status", Must, where, "A create is answered with 201",
			"Answer 201 Created, not 200.", "",
			func(p *probe) { p.post("/Users", p.userBody(nil)).is(http.StatusCreated) }},
		{"CRT-02.location", Must, where, "A create says where the resource is",
			"Send a Location header with the resource's absolute URI.", "",
			func(p *probe) {
				a := p.post("/Users", p.userBody(nil)).is(http.StatusCreated)
				location := a.header.Get("Location")
				p.want(strings.HasSuffix(location, "/Users/"+a.body.Text("id")), "Location ending in /Users/"+a.body.Text("id"), location)
				p.want(strings.Contains(location, "://"), "an absolute URI", location)
			}},
		{"CRT-02.meta", Must, where, "Location and meta.location are the same",
			"Put the URI of the Location header into meta.location, too.", "",
			func(p *probe) {
				a := p.post("/Users", p.userBody(nil)).is(http.StatusCreated)
				a.has("meta/location", a.header.Get("Location"))
			}},
		{"CRT-03", Should, where, "The answer to a create is the whole resource",
			"Return the representation, with id, meta and all that was stored.", "User.displayName",
			func(p *probe) {
				p.post("/Users", p.userBody(fields{"displayName": "Ada"})).is(http.StatusCreated).
					present("id", "userName", "meta/location").listsSchema(userURN).has("displayName", "Ada")
			}},
		{"CRT-04", Must, where, "A taken userName is refused with 409 uniqueness",
			"Answer 409 with scimType uniqueness, and create nothing.", "",
			func(p *probe) {
				u := p.user(nil)
				p.post("/Users", p.userBody(fields{"userName": u.name()})).refusedWith(http.StatusConflict, "uniqueness")
			}},
		{"CRT-A02", Should, where, "After a 409 the user can be found by userName",
			"Make a user findable as soon as its userName is taken: clients retry after a timeout.", "filter",
			func(p *probe) {
				u := p.user(nil)
				p.post("/Users", u.sent).is(http.StatusConflict)
				p.find("/Users", `userName eq "`+u.name()+`"`).has("Resources/0/id", u.id)
			}},
		{"CRT-09", Must, "RFC 7644 §3.12", "A group sent to /Users is refused",
			"Answer 400 when schemas does not name the endpoint's own schema.", "",
			func(p *probe) {
				p.post("/Users", p.userBody(fields{"schemas": []any{groupURN}})).is(http.StatusBadRequest)
			}},
		{"CRT-06", May, where, "null and [] are taken for \"not given\"",
			"Accept null and empty lists: they mean that there is no value.", "User.nickName? User.photos?",
			func(p *probe) {
				text := strings.TrimSuffix(string(encode(p.userBody(nil))), "}")
				p.post("/Users", []byte(text+`,"nickName":null,"photos":[]}`)).is(http.StatusCreated).lacks("nickName", "photos")
			}},
	}
}

func read() []check {
	const where = "RFC 7644 §3.4.1"
	return []check{
		{"GET-01.same", Must, where, "What was created can be read",
			"Answer GET with the stored resource.", "",
			func(p *probe) {
				u := p.user(nil)
				p.again(u).has("id", u.id).has("userName", u.name()).listsSchema(userURN)
			}},
		{"GET-01.group", Must, where, "A group can be read",
			"Answer GET with the stored group.", "groups",
			func(p *probe) {
				g := p.group()
				p.again(g).has("id", g.id).has("displayName", g.sent["displayName"]).listsSchema(groupURN)
			}},
		{"GET-02", Should, "RFC 7644 §3.12", "An unknown id is not found",
			"Answer 404 with a SCIM error.", "",
			func(p *probe) { p.get("/Users/conformance-nobody").is(http.StatusNotFound).isError() }},
		{"GET-02.kind", Should, "RFC 7644 §3.2", "A user is not found among the groups",
			"Look an id up within the endpoint's own type.", "groups",
			func(p *probe) { p.get("/Groups/" + p.user(nil).id).is(http.StatusNotFound) }},
		{"GET-03", Must, "RFC 7643 §3.1", "Letter case of an id matters",
			"Compare ids exactly.", "",
			func(p *probe) {
				u := p.user(nil)
				other := strings.ToUpper(u.id)
				if other == u.id {
					other = strings.ToLower(u.id)
				}
				if other != u.id { // an id of digits has no case
					p.get("/Users/" + other).is(http.StatusNotFound)
				}
			}},
		{"GET-01.location", Must, "RFC 7643 §7", "The location of a resource does not move",
			"Return the same meta.location as at creation.", "",
			func(p *probe) {
				u := p.user(nil)
				p.again(u).has("meta/location", u.body.Text("meta/location"))
			}},
		{"GET-A01", May, "RFC 7643 §3.1", "Content-Location names the resource",
			"Send Content-Location with the value of meta.location.", "",
			func(p *probe) {
				a := p.again(p.user(nil))
				p.want(a.header.Get("Content-Location") == a.body.Text("meta/location"), "Content-Location "+a.body.Text("meta/location"), a.header.Get("Content-Location"))
			}},
	}
}
