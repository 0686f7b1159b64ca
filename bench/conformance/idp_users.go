package conformance

import "net/http"

const (
	entra  = "Microsoft Entra"
	okta   = "Okta"
	others = "other providers"
)

func idpUsers() []check {
	return []check{
		{"IDP-01", Field, entra, "The connection test finds nothing, and that is a success", "Answer 200, totalResults 0 and Resources [].", "filter",
			func(p *probe) {
				p.find("/Users", `userName eq "9d6f6ff5-7b4b-4f2e-9a5f-0c6d9b5e2f11"`).has("totalResults", 0).typed(scimJSON)
			}},
		{"IDP-02", Field, entra, "Operations are called Add, Replace and Remove", "Compare op without regard to letter case.", "patch User.title?",
			func(p *probe) {
				u := p.user(nil)
				p.patched(u, op("Add", "title", "Engineer")).has("title", "Engineer")
				p.patched(u, op("Replace", "title", "Boss")).has("title", "Boss")
				p.patched(u, op("Remove", "title", nil)).lacks("title")
			}},
		{"IDP-03.patch", Field, entra, `active comes as "False"`, `Read "True" and "False" as booleans.`, "patch User.active",
			func(p *probe) {
				u := p.user(fields{"active": true})
				p.patched(u, op("Replace", "active", "False")).has("active", false)
				p.patched(u, op("Replace", "active", "True")).has("active", true)
			}},
		{"IDP-03.create", Field, entra, `active comes as "True" in a create`, `Read "True" and "False" as booleans, and answer with booleans.`, "User.active",
			func(p *probe) {
				a := p.post("/Users", p.userBody(fields{"active": "True"})).is(http.StatusCreated)
				v, _ := a.body.Get("active")
				p.want(v == true, "active is true, without quotes", string(encode(v)))
			}},
		{"IDP-04.make", Field, entra, "An address is set through its type, though there is none", "Make the element from the filter: type work, and the value.", "patch User.emails?",
			func(p *probe) {
				address := p.prefix + "-entra@example.com"
				p.patched(p.user(fields{"emails": nil}), op("Replace", `emails[type eq "work"].value`, address)).
					elements("emails", "value", address).has("emails/0/type", "work")
			}},
		{"IDP-04.add", Field, entra, "Add through a type does not double the address", "Set the value of the element that is there.", "patch User.emails",
			func(p *probe) {
				address := p.prefix + "-entra-new@example.com"
				u := p.user(fields{"emails": []any{mail("work", p.prefix+"-entra-old@example.com")}})
				p.patched(u, op("Add", `emails[type eq "work"].value`, address)).elements("emails", "value", address)
			}},
		{"IDP-05", Field, entra, `A role is set through primary eq "True"`, `Compare "True" with the boolean, and make the element.`, "patch User.roles",
			func(p *probe) {
				p.patched(p.user(nil), op("Add", `roles[primary eq "True"].value`, "Member")).has("roles/0/value", "Member").has("roles/0/primary", true)
			}},
		{"IDP-06.create", Field, entra, "A manager comes as plain text in a create", "Read the text as the manager's id.", "enterprise",
			func(p *probe) {
				boss := p.user(nil)
				u := p.newUser(fields{enterpriseURN: fields{"manager": boss.id}})
				p.again(u).has(enterpriseURN+"/manager/value", boss.id)
			}},
		{"IDP-06.patch", Field, entra, "A manager comes as plain text in a PATCH", "Read the text as the manager's id.", "patch enterprise",
			func(p *probe) {
				boss := p.user(nil)
				p.patched(p.user(nil), op("Add", enterpriseURN+":manager", boss.id)).has(enterpriseURN+"/manager/value", boss.id)
			}},
		{"IDP-07", Field, entra, "Names in a value are paths", "Read name.givenName and URN:attribute in the value of an operation without a path as paths.", "patch enterprise User.name.givenName User.name.familyName",
			func(p *probe) {
				u := p.user(fields{"name": fields{"givenName": "Augusta", "familyName": "Lovelace"}})
				p.patched(u, op("replace", "", fields{"name.givenName": "Ada", enterpriseURN + ":employeeNumber": "701984"})).
					has("name/givenName", "Ada").has("name/familyName", "Lovelace").has(enterpriseURN+"/employeeNumber", "701984")
			}},
		{"IDP-11", Field, entra, "A manager is looked up by id and manager", "Compare manager with the value of the manager.", "filter enterprise",
			func(p *probe) {
				boss := p.user(nil)
				u := p.user(fields{enterpriseURN: fields{"manager": fields{"value": boss.id}}})
				p.find("/Users", `id eq "`+u.id+`" and manager eq "`+boss.id+`"`, "attributes=id").elements("Resources", "id", u.id)
			}},
		{"IDP-13", Field, entra, "A user switched off is still found", "Keep users with active false in lists: deprovisioning is not deletion.", "patch filter User.active",
			func(p *probe) {
				u := p.user(nil)
				p.patched(u, op("Replace", "active", false)).has("active", false)
				p.find("/Users", `userName eq "`+u.name()+`"`).elements("Resources", "id", u.id)
			}},
		{"IDP-16", Field, entra, "Attributes may be null in a create", "Read null as \"no value\".", "User.phoneNumbers? User.addresses? User.roles?",
			func(p *probe) {
				b := p.userBody(nil)
				text := string(encode(b))
				p.post("/Users", []byte(text[:len(text)-1]+`,"phoneNumbers":null,"addresses":null,"roles":[]}`)).is(http.StatusCreated)
			}},
		{"IDP-42", Field, entra, "An address is found by type and value, joined by a dot", `Read emails[type eq "work"].value eq "x" as one value path.`, "filter User.emails",
			func(p *probe) {
				address := p.prefix + "-dot@example.com"
				u := p.user(fields{"emails": []any{mail("work", address)}})
				p.find("/Users", `emails[type eq "work"].value eq "`+address+`"`).elements("Resources", "id", u.id)
			}},
		{"IDP-17", Field, okta, "The connection test pages by two", "Answer with numbers in startIndex, itemsPerPage and totalResults.", "",
			func(p *probe) {
				a := p.get("/Users?startIndex=1&count=2").is(http.StatusOK)
				a.integer("totalResults")
				a.integer("startIndex")
				a.integer("itemsPerPage")
			}},
		{"IDP-18", Field, okta, "A create holds groups, a password and a locale", "Ignore groups, never return the password.", "",
			func(p *probe) {
				p.post("/Users", p.userBody(fields{"groups": []any{}, "password": "1mz050nq", "locale": "en-US", "active": true})).is(http.StatusCreated).lacks("password")
			}},
		{"IDP-19", Field, okta, "A profile is updated by GET and PUT of the same", "Accept in a PUT what GET returned, meta and groups included.", "User.title",
			func(p *probe) {
				u := p.user(nil)
				body := fields(p.again(u).body)
				if p.stopped() {
					return
				}
				body["title"] = "Boss"
				p.put(u.path, body).is(http.StatusOK).has("title", "Boss")
			}},
		{"IDP-20", Field, okta, "A user is switched off by replace without a path", "Read each name in the value as an attribute to replace.", "patch User.active",
			func(p *probe) {
				u := p.user(fields{"active": true})
				p.patched(u, op("replace", "", fields{"active": false})).has("active", false).has("userName", u.name())
			}},
		{"IDP-24", Field, okta, "A bad Authorization header gets a SCIM error with a detail", "Answer 401 with status as text and a detail.", "",
			func(p *probe) { p.authorized("non-token").is(http.StatusUnauthorized).isError().present("detail") }},
		{"IDP-31", Field, others, "An address is found by emails eq", "Read a list without a part named as its value.", "filter User.emails",
			func(p *probe) {
				address := p.prefix + "-ping@example.com"
				u := p.user(fields{"emails": []any{mail("work", address)}})
				p.find("/Users", `emails eq "`+address+`"`).elements("Resources", "id", u.id)
			}},
		{"IDP-33", Field, others, "A user is switched off by add without a path", "Treat add of a single value as replace.", "patch User.active",
			func(p *probe) {
				p.patched(p.user(fields{"active": true}), op("add", "", fields{"active": false})).has("active", false)
			}},
		{"IDP-30", Field, others, "A look-up gives startIndex and no count", "Choose a page size where none is given.", "filter",
			func(p *probe) {
				u := p.user(nil)
				p.find("/Users", `userName eq "`+u.name()+`"`, "startIndex=1").elements("Resources", "id", u.id)
			}},
		{"IDP-36", Field, others, "An address is set through primary eq true", "Read true as a boolean in a path's filter.", "patch User.emails",
			func(p *probe) {
				u := p.user(fields{"emails": []any{fields{"type": "work", "value": p.prefix + "-k1@example.com", "primary": true}}})
				p.patched(u, op("replace", `emails[primary eq true].value`, p.prefix+"-k2@example.com")).elements("emails", "value", p.prefix+"-k2@example.com")
			}},
	}
}
