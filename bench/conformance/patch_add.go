package conformance

import (
	"net/http"
	"slices"
)

func patchAdd() []check {
	work := func(p *probe, who string) fields { return mail("work", p.prefix+"-"+who+"@example.com") }
	return []check{
		{"PATCH-24", Must, adding, "add without a value is refused", "Answer 400 invalidValue.", "patch",
			func(p *probe) {
				p.patch(p.user(nil).path, op("add", "title", nil)).refused(http.StatusBadRequest, "invalidValue")
			}},
		{"PATCH-25", Must, adding, "add without a path merges the value into the resource",
			"Add each attribute of the value; leave the others alone.", "patch User.title User.nickName User.emails",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer", "emails": []any{work(p, "one")}})
				p.patched(u, op("add", "", fields{"nickName": "Zo", "emails": []any{mail("home", p.prefix+"-two@example.com")}})).
					has("nickName", "Zo").has("title", "Engineer").elements("emails", "value", p.prefix+"-one@example.com", p.prefix+"-two@example.com")
			}},
		{"PATCH-26", Must, adding, "add makes an attribute that is not there", "Create the attribute.", "patch User.title",
			func(p *probe) { p.patched(p.user(nil), op("add", "title", "Boss")).has("title", "Boss") }},
		{"PATCH-27", Must, adding, "add replaces a single value", "Replace the value of an attribute that can have only one.", "patch User.title",
			func(p *probe) {
				p.patched(p.user(fields{"title": "Engineer"}), op("add", "title", "Boss")).has("title", "Boss")
			}},
		{"PATCH-28", Must, adding, "add to a complex attribute keeps its other parts", "Merge the parts given into those there are.", "patch User.name.givenName User.name.familyName",
			func(p *probe) {
				u := p.user(fields{"name": fields{"familyName": "Lovelace"}})
				p.patched(u, op("add", "name", fields{"givenName": "Ada"})).has("name/givenName", "Ada").has("name/familyName", "Lovelace")
			}},
		{"PATCH-28.sub", Must, adding, "add sets a part of a complex attribute", "Create the complex attribute where it is missing.", "patch User.name.givenName",
			func(p *probe) {
				p.patched(p.user(nil), op("add", "name.givenName", "Ada")).has("name/givenName", "Ada")
			}},
		{"PATCH-29", Must, adding, "add appends to a list", "Append; do not replace the list.", "patch User.emails",
			func(p *probe) {
				u := p.user(fields{"emails": []any{work(p, "one")}})
				p.patched(u, op("add", "emails", []any{mail("home", p.prefix+"-two@example.com")})).
					elements("emails", "value", p.prefix+"-one@example.com", p.prefix+"-two@example.com")
			}},
		{"PATCH-29.member", Must, adding, "add appends members", "Append; do not replace the members.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a), op("add", "members", []any{b.member()})).elements("members", "value", a.id, b.id)
			}},
		{"PATCH-A08", Should, adding, "add takes a single element, too", "Read an object where a list belongs as a list of one.", "patch User.emails?",
			func(p *probe) {
				p.patched(p.user(nil), op("add", "emails", work(p, "one"))).elements("emails", "value", p.prefix+"-one@example.com")
			}},
		{"PATCH-30", Should, adding, "add of a member that is there changes nothing", "Compare members by value; keep each once.", "patch groups",
			func(p *probe) {
				a := p.user(nil)
				p.patched(p.group(a), op("add", "members", []any{a.member()})).elements("members", "value", a.id)
			}},
		{"PATCH-30.element", Should, adding, "add of an element that is there changes nothing", "Keep equal elements of a list once.", "patch User.emails",
			func(p *probe) {
				u := p.user(fields{"emails": []any{work(p, "one")}})
				p.patched(u, op("add", "emails", []any{work(p, "one")})).elements("emails", "value", p.prefix+"-one@example.com")
			}},
		{"PATCH-31", Must, adding, "add of what is there leaves lastModified alone",
			"Compare before storing: a value that is already there does not change the modify timestamp.", "patch User.title",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer"})
				first := p.again(u).body.Text("meta/lastModified")
				p.patched(u, op("add", "title", "Engineer")).has("meta/lastModified", first).keeps(u)
			}},
		{"PATCH-31.member", Must, adding, "add of a member that is there leaves lastModified alone",
			"Compare before storing: a member that is already there does not change the modify timestamp.", "patch groups",
			func(p *probe) {
				a := p.user(nil)
				g := p.group(a)
				first := p.again(g).body.Text("meta/lastModified")
				p.patched(g, op("add", "members", []any{a.member()})).has("meta/lastModified", first).keeps(g)
			}},
		{"PATCH-13", Must, patching, "An extension's attribute brings its URN into schemas", "Add the URN to schemas by itself.", "patch enterprise",
			func(p *probe) {
				p.patched(p.user(nil), op("add", enterpriseURN+":employeeNumber", "701984")).listsSchema(enterpriseURN).has(enterpriseURN+"/employeeNumber", "701984")
			}},
		{"PATCH-13.object", Must, patching, "An extension can be added as a whole", "Read the URN as a name in the value of an operation without a path.", "patch enterprise",
			func(p *probe) {
				p.patched(p.user(nil), op("add", "", fields{enterpriseURN: fields{"department": "Sales"}})).has(enterpriseURN+"/department", "Sales").listsSchema(enterpriseURN)
			}},
		{"PATCH-18", Must, patching, "A new primary element takes the place of the old",
			"Set primary to false on the other elements.", "patch User.emails",
			func(p *probe) {
				first := work(p, "one")
				first["primary"] = true
				u := p.user(fields{"emails": []any{first}})
				second := mail("home", p.prefix+"-two@example.com")
				second["primary"] = true
				a := p.patched(u, op("add", "emails", []any{second})).has("emails/type=home/primary", true)
				p.want(a.body.Text("emails/type=work/primary") != "true", "the work address is not primary any more", a.body["emails"])
			}},
		{"PATCH-A14", Should, patching, "One operation may add fifty members", "Set no low limit on the values of an operation.", "patch groups",
			func(p *probe) {
				// Fifty references to five users: the size matters, not the people.
				var ids []string
				var refs []any
				for range 5 {
					u := p.user(nil)
					ids = append(ids, u.id)
					for range 10 {
						refs = append(refs, u.member())
					}
				}
				got := texts(p.patched(p.group(), op("add", "members", refs)).body.List("members"), "value")
				slices.Sort(got)
				slices.Sort(ids)
				p.want(slices.Equal(slices.Compact(got), ids), "the five users", listed(got))
			}},
	}
}
