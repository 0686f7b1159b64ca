package conformance

import (
	"net/http"
	"strings"
)

func replace() []check {
	const where = "RFC 7644 §3.5.1"
	return []check{
		{"PUT-01", Must, "RFC 7644 §3.5", "A user can be replaced",
			"Support PUT on users.", "User.displayName",
			func(p *probe) {
				u := p.user(fields{"displayName": "Before"})
				p.put(u.path, u.with(fields{"displayName": "After"})).is(http.StatusOK)
				p.again(u).has("displayName", "After").has("userName", u.name())
			}},
		{"PUT-01.group", Must, "RFC 7644 §3.5", "A group can be replaced with its members",
			"Make the members of a PUT the members of the group.", "groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				g := p.group(a)
				p.put(g.path, g.with(fields{"members": []any{b.member()}})).is(http.StatusOK)
				p.again(g).elements("members", "value", b.id)
			}},
		{"PUT-02", Must, where, "PUT does not create",
			"Answer 404 to a PUT on an unknown id.", "",
			func(p *probe) { p.put("/Users/conformance-nobody", p.userBody(nil)).is(http.StatusNotFound) }},
		{"PUT-03", Must, where, "Lists are replaced, not merged",
			"Store the list that was sent; the old elements go.", "User.emails",
			func(p *probe) {
				u := p.user(fields{"emails": []any{mail("work", p.prefix+"-old@example.com")}})
				p.put(u.path, u.with(fields{"emails": []any{mail("home", p.prefix+"-new@example.com")}})).is(http.StatusOK)
				p.again(u).elements("emails", "value", p.prefix+"-new@example.com")
			}},
		{"PUT-04", Must, where, "Read-only attributes in the body are ignored",
			"Ignore id, meta and groups: the URL says which resource is meant.", "",
			func(p *probe) {
				u := p.user(nil)
				p.put(u.path, u.with(fields{"id": "another", "meta": fields{"created": "1970-01-01T00:00:00Z"}, "groups": []any{}})).is(http.StatusOK)
				p.again(u).has("id", u.id).has("meta/created", u.body.Text("meta/created"))
			}},
		{"PUT-07", May, where, "What a PUT leaves out is cleared",
			"Clear attributes that are not in the body.", "User.title?",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer"})
				p.put(u.path, u.with(fields{"title": nil})).is(http.StatusOK)
				p.again(u).lacks("title")
			}},
		{"PUT-08", Must, where, "null and [] clear",
			"Treat null and an empty list as \"no value\" (RFC 7643 section 2.5).", "User.title? User.phoneNumbers?",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer", "phoneNumbers": []any{fields{"type": "work", "value": "+1 202-555-0100"}}})
				text := strings.TrimSuffix(string(encode(u.with(fields{"title": nil, "phoneNumbers": nil}))), "}")
				p.put(u.path, []byte(text+`,"title":null,"phoneNumbers":[]}`)).is(http.StatusOK)
				p.again(u).lacks("title", "phoneNumbers")
			}},
		{"PUT-09", Must, where, "A PUT without a required attribute is refused",
			"Answer 400 invalidValue when userName is missing, and change nothing.", "",
			func(p *probe) {
				u := p.user(nil)
				p.put(u.path, u.with(fields{"userName": nil})).refused(http.StatusBadRequest, "invalidValue")
				p.again(u).has("userName", u.name())
			}},
		{"PUT-10", Must, where, "The answer to a PUT is the whole resource",
			"Answer 200 with the resource, id and meta included.", "",
			func(p *probe) {
				u := p.user(nil)
				p.put(u.path, u.sent).is(http.StatusOK).has("id", u.id).present("meta/lastModified", "userName").listsSchema(userURN)
			}},
		{"PUT-11", Must, "RFC 7644 §3.12", "A PUT to a taken userName is refused with 409",
			"Check uniqueness on every write, and change nothing.", "",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.put(b.path, b.with(fields{"userName": a.name()})).refused(http.StatusConflict, "uniqueness")
				p.again(b).has("userName", b.name())
			}},
		{"PUT-A01", Must, "RFC 7643 §7", "A user may keep its userName in another letter case",
			"Leave the resource itself out when uniqueness is checked.", "",
			func(p *probe) {
				u := p.user(nil)
				p.put(u.path, u.with(fields{"userName": strings.ToUpper(u.name())})).is(http.StatusOK)
			}},
		{"PUT-A03", May, where, "A PUT that changes nothing leaves lastModified alone",
			"Compare before storing.", "",
			func(p *probe) {
				u := p.user(nil)
				first := p.again(u).body.Text("meta/lastModified")
				p.put(u.path, u.sent).is(http.StatusOK)
				p.again(u).has("meta/lastModified", first)
			}},
	}
}

func remove() []check {
	const where = "RFC 7644 §3.6"
	gone := func(ask func(p *probe, u *resource) *answer) func(*probe) {
		return func(p *probe) {
			u := p.user(nil)
			p.setUp(func() { p.del(u.path).is(http.StatusNoContent, http.StatusOK) })
			ask(p, u).is(http.StatusNotFound)
		}
	}
	const cure = "Answer 404 to every request for a resource that was deleted."
	return []check{
		{"DEL-01", Must, where, "A delete is answered with 204 and no body",
			"Answer 204 No Content.", "",
			func(p *probe) {
				a := p.del(p.user(nil).path).is(http.StatusNoContent)
				p.want(len(a.raw) == 0, "no body", string(a.raw))
			}},
		{"DEL-01.group", Must, where, "A group can be deleted, and its members stay",
			"Delete the group, not the users in it.", "groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.group(u)
				p.del(g.path).is(http.StatusNoContent)
				p.get(g.path).is(http.StatusNotFound)
				p.again(u)
			}},
		{"DEL-02.get", Must, where, "A deleted user cannot be read", cure, "",
			gone(func(p *probe, u *resource) *answer { return p.get(u.path) })},
		{"DEL-02.delete", Must, where, "A deleted user cannot be deleted again", cure, "",
			gone(func(p *probe, u *resource) *answer { return p.del(u.path) })},
		{"DEL-02.put", Must, where, "A deleted user cannot be replaced", cure, "",
			gone(func(p *probe, u *resource) *answer { return p.put(u.path, u.sent) })},
		{"DEL-02.patch", Must, where, "A deleted user cannot be patched", cure, "patch",
			gone(func(p *probe, u *resource) *answer { return p.patch(u.path, op("replace", "active", false)) })},
		{"DEL-02.unknown", Must, where, "A user who never was cannot be deleted",
			"Answer 404 to a DELETE on an unknown id.", "",
			func(p *probe) { p.del("/Users/conformance-nobody").is(http.StatusNotFound) }},
		{"DEL-03", Must, where, "A deleted user is in no list",
			"Leave deleted resources out of queries.", "filter",
			func(p *probe) {
				u := p.user(nil)
				p.setUp(func() { p.del(u.path).is(http.StatusNoContent, http.StatusOK) })
				p.find("/Users", `userName eq "`+u.name()+`"`).has("totalResults", 0)
			}},
		{"DEL-05", Should, where, "The userName of a deleted user is free again",
			"Leave deleted resources out of uniqueness checks.", "",
			func(p *probe) {
				u := p.user(nil)
				p.setUp(func() { p.del(u.path).is(http.StatusNoContent, http.StatusOK) })
				a := p.post("/Users", u.sent).is(http.StatusCreated)
				p.want(a.body.Text("id") != u.id, "another id than the deleted user had", a.body.Text("id"))
			}},
		{"DEL-03.members", Should, "RFC 7643 §4.2", "A deleted user is in no group any more",
			"Take memberships away with the user.", "groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				g := p.group(a, b)
				p.setUp(func() { p.del(a.path).is(http.StatusNoContent, http.StatusOK) })
				p.again(g).elements("members", "value", b.id)
			}},
	}
}
