package conformance

import "net/http"

func patchReplace() []check {
	two := func(p *probe) *resource {
		return p.user(fields{"emails": []any{mail("work", p.prefix+"-w@example.com"), mail("home", p.prefix+"-h@example.com")}})
	}
	return []check{
		{"PATCH-40", Must, setting, "replace without a path replaces what the value names", "Replace each attribute of the value; leave the others alone.", "patch User.title User.displayName",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer", "displayName": "Ada"})
				p.patched(u, op("replace", "", fields{"title": "Boss"})).has("title", "Boss").has("displayName", "Ada").has("userName", u.name())
			}},
		{"PATCH-41.single", Must, setting, "replace sets a single value", "Replace the value.", "patch User.title",
			func(p *probe) {
				p.patched(p.user(fields{"title": "Engineer"}), op("replace", "title", "Boss")).has("title", "Boss")
			}},
		{"PATCH-41.boolean", Must, setting, "replace switches a user off and on", "Set active.", "patch User.active",
			func(p *probe) {
				u := p.user(fields{"active": true})
				p.patched(u, op("replace", "active", false)).has("active", false)
				p.patched(u, op("replace", "active", true)).has("active", true)
			}},
		{"PATCH-41.list", Must, setting, "replace sets a list as a whole", "The list becomes the value; the old elements go.", "patch User.emails",
			func(p *probe) {
				p.patched(two(p), op("replace", "emails", []any{mail("other", p.prefix+"-o@example.com")})).elements("emails", "type", "other")
			}},
		{"PATCH-41.members", Must, setting, "replace sets the members as a whole", "The members become the value; the old ones go.", "patch groups",
			func(p *probe) {
				a, b, c := p.user(nil), p.user(nil), p.user(nil)
				p.patched(p.group(a), op("replace", "members", []any{b.member(), c.member()})).elements("members", "value", b.id, c.id)
			}},
		{"PATCH-42", Must, setting, "replace of what is not there adds it", "Treat it as add.", "patch User.nickName?",
			func(p *probe) { p.patched(p.user(nil), op("replace", "nickName", "Zo")).has("nickName", "Zo") }},
		{"PATCH-43", Must, setting, "replace of a complex attribute keeps the parts it does not name",
			"Replace the parts the value names, and leave the others.", "patch User.name.givenName User.name.familyName",
			func(p *probe) {
				u := p.user(fields{"name": fields{"givenName": "Augusta", "familyName": "Lovelace"}})
				p.patched(u, op("replace", "name", fields{"givenName": "Ada"})).has("name/givenName", "Ada").has("name/familyName", "Lovelace")
			}},
		{"PATCH-43.sub", Must, setting, "replace sets a part of a complex attribute", "Set that part only.", "patch User.name.givenName User.name.familyName",
			func(p *probe) {
				u := p.user(fields{"name": fields{"givenName": "Augusta", "familyName": "Lovelace"}})
				p.patched(u, op("replace", "name.givenName", "Ada")).has("name/givenName", "Ada").has("name/familyName", "Lovelace")
			}},
		{"PATCH-44", Must, setting, "replace with a filter replaces the elements it selects", "Replace each matching element as a whole; its old parts go.", "patch User.emails.display",
			func(p *probe) {
				first := mail("work", p.prefix+"-w@example.com")
				first["display"] = "W"
				u := p.user(fields{"emails": []any{first, mail("home", p.prefix+"-h@example.com")}})
				p.patched(u, op("replace", `emails[type eq "work"]`, mail("work", p.prefix+"-new@example.com"))).
					elements("emails", "value", p.prefix+"-new@example.com", p.prefix+"-h@example.com").lacks("emails/type=work/display")
			}},
		{"PATCH-45", Must, setting, "replace with a filter sets a part of the elements it selects", "Set the part in every matching element; leave the rest.", "patch User.emails",
			func(p *probe) {
				p.patched(two(p), op("replace", `emails[type eq "work"].value`, p.prefix+"-new@example.com")).
					has("emails/type=work/value", p.prefix+"-new@example.com").has("emails/type=home/value", p.prefix+"-h@example.com")
			}},
		{"PATCH-45.all", Must, setting, "replace sets a part of all elements a filter selects", "Set the part in every matching element, not just the first.", "patch User.emails.display",
			func(p *probe) {
				u := p.user(fields{"emails": []any{mail("work", p.prefix+"-1@example.com"), mail("work", p.prefix+"-2@example.com")}})
				p.patched(u, op("replace", `emails[type eq "work"].display`, "W")).has("emails/0/display", "W").has("emails/1/display", "W")
			}},
		{"PATCH-46.filter", Must, setting, "replace of elements that are not there is refused with noTarget",
			"Answer 400 with scimType noTarget when the filter selects nothing, and change nothing.", "patch User.emails",
			func(p *probe) {
				u := two(p)
				p.patch(u.path, op("replace", `emails[type eq "work" and value co "nowhere"].display`, "X")).refusedWith(http.StatusBadRequest, "noTarget")
				p.again(u).elements("emails", "type", "work", "home")
			}},
		{"PATCH-46.silent", Must, setting, "replace through a filter that selects nothing is not silently dropped",
			"Answer 400 noTarget, or make the element as Entra wants it (type from the filter). Never answer success and do nothing.", "patch User.emails?",
			func(p *probe) {
				u := p.user(nil)
				a := p.patch(u.path, op("replace", `emails[type eq "work"].value`, p.prefix+"-made@example.com"))
				if a.status == http.StatusBadRequest {
					a.refusedWith(http.StatusBadRequest, "noTarget")
					return
				}
				a.is(http.StatusOK, http.StatusNoContent)
				p.again(u).has("emails/type=work/value", p.prefix+"-made@example.com")
			}},
		{"PATCH-47", Must, "RFC 7643 §2.5", "replace by null or [] unassigns", "Read null and [] as \"no value\".", "patch User.title? User.emails?",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer", "emails": []any{mail("work", p.prefix+"-w@example.com")}})
				p.send(request{method: http.MethodPatch, path: u.path, body: []byte(`{"schemas":["` + messages + `PatchOp"],"Operations":[{"op":"replace","path":"title","value":null},{"op":"replace","path":"emails","value":[]}]}`)}).
					is(http.StatusOK, http.StatusNoContent)
				p.again(u).lacks("title", "emails")
			}},
		{"PATCH-44.extension", Must, setting, "replace sets an extension's attribute", "Set that attribute; leave the others.", "patch enterprise",
			func(p *probe) {
				u := p.user(fields{enterpriseURN: fields{"department": "Sales", "costCenter": "A"}})
				p.patched(u, op("replace", enterpriseURN+":department", "Finance")).has(enterpriseURN+"/department", "Finance").has(enterpriseURN+"/costCenter", "A")
			}},
	}
}
