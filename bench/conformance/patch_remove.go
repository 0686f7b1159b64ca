package conformance

import "net/http"

func patchRemove() []check {
	two := func(p *probe) *resource {
		return p.user(fields{"emails": []any{mail("work", p.prefix+"-w@example.com"), mail("home", p.prefix+"-h@example.com")}})
	}
	return []check{
		{"PATCH-32", Must, removing, "remove without a path is refused with noTarget",
			"Answer 400 with scimType noTarget.", "patch",
			func(p *probe) {
				p.patch(p.user(nil).path, op("remove", "", nil)).refusedWith(http.StatusBadRequest, "noTarget")
			}},
		{"PATCH-33", Must, removing, "remove takes a single value away", "Unassign the attribute.", "patch User.title?",
			func(p *probe) {
				p.patched(p.user(fields{"title": "Engineer"}), op("remove", "title", nil)).lacks("title")
			}},
		{"PATCH-33.sub", Must, removing, "remove takes a part of a complex attribute away", "Unassign that part only.", "patch User.name.givenName User.name.familyName",
			func(p *probe) {
				u := p.user(fields{"name": fields{"givenName": "Ada", "familyName": "Lovelace"}})
				p.patched(u, op("remove", "name.givenName", nil)).lacks("name/givenName").has("name/familyName", "Lovelace")
			}},
		{"PATCH-33.extension", Must, removing, "remove takes an extension's attribute away", "Unassign that attribute only.", "patch enterprise",
			func(p *probe) {
				u := p.user(fields{enterpriseURN: fields{"department": "Sales", "costCenter": "A"}})
				p.patched(u, op("remove", enterpriseURN+":department", nil)).lacks(enterpriseURN+"/department").has(enterpriseURN+"/costCenter", "A")
			}},
		{"PATCH-34.list", Must, removing, "remove without a filter empties a list", "Remove all elements.", "patch User.emails?",
			func(p *probe) { p.patched(two(p), op("remove", "emails", nil)).lacks("emails") }},
		{"PATCH-34.members", Must, removing, "remove of members without a filter empties the group", "Remove all members.", "patch groups",
			func(p *probe) {
				p.patched(p.group(p.user(nil), p.user(nil)), op("remove", "members", nil)).lacks("members")
			}},
		{"PATCH-35.element", Must, removing, "remove with a filter takes what it selects", "Remove the elements the filter matches, and no others.", "patch User.emails",
			func(p *probe) {
				p.patched(two(p), op("remove", `emails[type eq "home"]`, nil)).elements("emails", "type", "work")
			}},
		{"PATCH-35.member", Must, removing, "remove with a filter takes one member", "Remove the member the filter matches, and no others.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a, b), op("remove", `members[value eq "`+a.id+`"]`, nil)).elements("members", "value", b.id)
			}},
		{"PATCH-35.members", Must, removing, "One PATCH may remove several members", "Apply all operations.", "patch groups",
			func(p *probe) {
				a, b, c := p.user(nil), p.user(nil), p.user(nil)
				p.patched(p.group(a, b, c), op("remove", `members[value eq "`+a.id+`"]`, nil), op("remove", `members[value eq "`+c.id+`"]`, nil)).
					elements("members", "value", b.id)
			}},
		{"PATCH-36", Must, removing, "remove takes a part of the elements a filter selects", "Unassign the part in every element the filter matches.", "patch User.emails.display",
			func(p *probe) {
				first, second := mail("work", p.prefix+"-w@example.com"), mail("home", p.prefix+"-h@example.com")
				first["display"], second["display"] = "W", "H"
				u := p.user(fields{"emails": []any{first, second}})
				p.patched(u, op("remove", `emails[type eq "work"].display`, nil)).
					lacks("emails/type=work/display").has("emails/type=work/value", first["value"]).has("emails/type=home/display", "H")
			}},
		{"PATCH-37", Must, removing, "When the last element goes, the attribute goes", "Unassign the attribute with its last element: pr no longer finds it.", "patch filter User.emails?",
			func(p *probe) {
				u := p.user(fields{"emails": []any{mail("work", p.prefix+"-only@example.com")}})
				p.patched(u, op("remove", `emails[type eq "work"]`, nil)).lacks("emails")
				p.find("/Users", `userName eq "`+u.name()+`" and emails pr`).has("totalResults", 0)
			}},
		{"PATCH-38", Must, removing, "A required attribute cannot be removed",
			"Answer 400 (mutability), and change nothing.", "patch",
			func(p *probe) {
				u := p.user(nil)
				p.patch(u.path, op("remove", "userName", nil)).refused(http.StatusBadRequest, "mutability")
				p.again(u).has("userName", u.name())
			}},
		{"PATCH-38.group", Must, removing, "A group's displayName cannot be removed",
			"Answer 400 (mutability), and change nothing.", "patch groups",
			func(p *probe) {
				g := p.group()
				p.patch(g.path, op("remove", "displayName", nil)).refused(http.StatusBadRequest, "mutability")
				p.again(g).present("displayName")
			}},
		{"PATCH-39", Should, removing, "remove of a member who is not there succeeds", "Answer as if the member had been removed; clients repeat themselves.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a), op("remove", `members[value eq "`+b.id+`"]`, nil)).elements("members", "value", a.id)
			}},
		{"PATCH-A05", Should, patching, "Without values an extension is not named in schemas", "Take the URN out of schemas with the last value.", "patch enterprise",
			func(p *probe) {
				u := p.user(fields{enterpriseURN: fields{"department": "Sales"}})
				a := p.patched(u, op("remove", enterpriseURN+":department", nil)).lacks(enterpriseURN)
				p.want(!a.names(enterpriseURN), "schemas without the extension", a.body["schemas"])
			}},
		{"PATCH-A03", Should, "RFC 7644 §3.10", "An extension can be removed as a whole", "Read a path that is only an extension's URN as the whole extension.", "patch enterprise",
			func(p *probe) {
				u := p.user(fields{enterpriseURN: fields{"department": "Sales", "costCenter": "A"}})
				p.patched(u, op("remove", enterpriseURN, nil)).lacks(enterpriseURN)
			}},
	}
}
