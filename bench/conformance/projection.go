package conformance

import "net/http"

func projection() []check {
	const (
		where = "RFC 7644 §3.9"
		list  = "RFC 7644 §3.4.2.5"
		cure  = "Return what is named and what is always returned (id, schemas), nothing else."
		less  = "Leave out what excludedAttributes names, but never id and schemas."
	)
	rich := func(p *probe) *resource {
		return p.user(fields{"displayName": "Ada", "title": "Engineer", "name": fields{"givenName": "Ada", "familyName": "Lovelace"}, "emails": []any{mail("work", p.prefix+"-prj@example.com")}})
	}
	const needs = "User.displayName User.title User.emails User.name.givenName User.name.familyName "
	return []check{
		{"PRJ-01.attributes", Must, list, "A list returns the attributes that are named", cure, "filter " + needs,
			func(p *probe) {
				u := rich(p)
				p.find("/Users", `id eq "`+u.id+`"`, "attributes=displayName").has("Resources/0/displayName", "Ada").
					present("Resources/0/id", "Resources/0/schemas").lacks("Resources/0/title", "Resources/0/emails", "Resources/0/userName")
			}},
		{"PRJ-01.excluded", Must, list, "A list leaves out the attributes that are excluded", less, "filter " + needs,
			func(p *probe) {
				u := rich(p)
				p.find("/Users", `id eq "`+u.id+`"`, "excludedAttributes=title,emails").has("Resources/0/displayName", "Ada").
					present("Resources/0/id", "Resources/0/userName").lacks("Resources/0/title", "Resources/0/emails")
			}},
		{"PRJ-02.get", Must, where, "GET returns the attributes that are named", cure, needs,
			func(p *probe) {
				u := rich(p)
				p.get(u.path+"?attributes=title").is(http.StatusOK).has("title", "Engineer").has("id", u.id).lacks("displayName", "emails", "userName")
			}},
		{"PRJ-02.exclude", Must, where, "GET leaves out the attributes that are excluded", less, needs,
			func(p *probe) {
				u := rich(p)
				p.get(u.path+"?excludedAttributes=title,emails").is(http.StatusOK).has("displayName", "Ada").has("id", u.id).lacks("title", "emails")
			}},
		{"PRJ-02.post", Must, where, "POST returns the attributes that are named", cure, needs,
			func(p *probe) {
				a := p.send(request{method: http.MethodPost, path: "/Users?attributes=title", body: p.userBody(fields{"title": "Engineer", "displayName": "Ada"})})
				a.is(http.StatusCreated).has("title", "Engineer").present("id").lacks("displayName")
			}},
		{"PRJ-02.put", Must, where, "PUT returns the attributes that are named", cure, needs,
			func(p *probe) {
				u := rich(p)
				p.put(u.path+"?attributes=title", u.sent).is(http.StatusOK).has("title", "Engineer").has("id", u.id).lacks("displayName", "emails")
			}},
		{"PRJ-02.patch", Must, "RFC 7644 §3.5.2", "PATCH with attributes answers 200 with those", "Answer 200 with the attributes that are named, even where PATCH usually answers 204.", "patch " + needs,
			func(p *probe) {
				u := rich(p)
				p.patch(u.path+"?attributes=title", op("replace", "title", "Boss")).is(http.StatusOK).has("title", "Boss").has("id", u.id).lacks("displayName", "emails")
			}},
		{"PRJ-03", May, where, "attributes and excludedAttributes together are refused",
			"Answer 400 invalidValue: the two exclude each other.", "",
			func(p *probe) {
				p.get(p.user(nil).path+"?attributes=title&excludedAttributes=emails").refused(http.StatusBadRequest, "invalidValue")
			}},
		{"PRJ-04", Must, where, "id and schemas come whatever is named", cure, "",
			func(p *probe) {
				u := p.user(nil)
				p.get(u.path+"?attributes=userName").is(http.StatusOK).has("id", u.id).has("userName", u.name()).listsSchema(userURN).lacks("name", "emails")
			}},
		{"PRJ-05", Must, where, "id and schemas cannot be excluded", less, "",
			func(p *probe) {
				u := p.user(nil)
				p.get(u.path+"?excludedAttributes=id,schemas,userName").is(http.StatusOK).has("id", u.id).listsSchema(userURN)
			}},
		{"PRJ-06.urn", Must, "RFC 7644 §3.10", "A name may carry its schema's URN", cure, needs,
			func(p *probe) {
				p.get(rich(p).path+"?attributes="+userURN+":title").is(http.StatusOK).has("title", "Engineer").lacks("displayName")
			}},
		{"PRJ-06.case", Must, "RFC 7644 §3.10", "A name is read in any letter case", cure, needs,
			func(p *probe) {
				p.get(rich(p).path+"?attributes=TITLE").is(http.StatusOK).has("title", "Engineer").lacks("displayName")
			}},
		{"PRJ-06.extension", Must, "RFC 7644 §3.10", "An attribute of an extension is named by URN", cure, "enterprise",
			func(p *probe) {
				u := p.user(fields{enterpriseURN: fields{"department": "Sales", "costCenter": "A"}})
				p.get(u.path+"?attributes="+enterpriseURN+":department").is(http.StatusOK).
					has(enterpriseURN+"/department", "Sales").lacks(enterpriseURN+"/costCenter", "userName")
			}},
		{"PRJ-07.sub", Must, where, "A part of a complex attribute may be named", cure, needs,
			func(p *probe) {
				p.get(rich(p).path+"?attributes=name.givenName").is(http.StatusOK).has("name/givenName", "Ada").lacks("name/familyName", "title")
			}},
		{"PRJ-07.list", Must, where, "A part of each element of a list may be named", cure, needs,
			func(p *probe) {
				p.get(rich(p).path+"?attributes=emails.value").is(http.StatusOK).has("emails/0/value", p.prefix+"-prj@example.com").lacks("emails/0/type")
			}},
		{"PRJ-07.exclude", Must, where, "A part of a complex attribute may be excluded", less, needs,
			func(p *probe) {
				p.get(rich(p).path+"?excludedAttributes=name.givenName").is(http.StatusOK).has("name/familyName", "Lovelace").lacks("name/givenName")
			}},
		{"PRJ-A02", Should, where, "Unknown names are ignored", "Ignore names that no schema has.", needs,
			func(p *probe) {
				p.get(rich(p).path+"?attributes=conformanceNothing,title").is(http.StatusOK).has("title", "Engineer")
			}},
		{"PRJ-A03", Must, list, "A group can be read without its members", less, "groups",
			func(p *probe) {
				g := p.group(p.user(nil))
				p.get(g.path+"?excludedAttributes=members").is(http.StatusOK).has("id", g.id).present("displayName").lacks("members")
			}},
		{"PRJ-A03.list", Must, list, "Groups can be listed without their members", less, "groups filter",
			func(p *probe) {
				g := p.group(p.user(nil))
				a := p.find("/Groups", `displayName eq "`+g.body.Text("displayName")+`"`, "excludedAttributes=members").has("Resources/0/id", g.id)
				a.lacks("Resources/0/members")
			}},
	}
}
