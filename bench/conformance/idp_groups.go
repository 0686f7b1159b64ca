package conformance

func idpGroups() []check {
	return []check{
		{"IDP-08", Field, entra, "Members are removed by a list of values", "Remove just the members in value. Taken literally the request would empty the group.", "patch groups",
			func(p *probe) {
				a, b, c := p.user(nil), p.user(nil), p.user(nil)
				refs := []any{fields{"$ref": nil, "value": a.id}, fields{"$ref": nil, "value": c.id}}
				p.patched(p.group(a, b, c), op("Remove", "members", refs)).elements("members", "value", b.id)
			}},
		{"IDP-08.add", Field, entra, "Members are added with $ref null", "Read $ref null as \"not given\".", "patch groups",
			func(p *probe) {
				a := p.user(nil)
				p.patched(p.group(), op("Add", "members", []any{fields{"$ref": nil, "value": a.id}})).elements("members", "value", a.id)
			}},
		{"IDP-09", Field, okta, "A member is removed through a filter", "Remove the member the filter names.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a, b), op("remove", `members[value eq "`+a.id+`"]`, nil)).elements("members", "value", b.id)
			}},
		{"IDP-10", Field, entra, "Groups are looked up without their members", "Support excludedAttributes=members with a filter.", "filter groups",
			func(p *probe) {
				g := p.group(p.user(nil))
				p.find("/Groups", `displayName eq "`+g.body.Text("displayName")+`"`, "excludedAttributes=members").elements("Resources", "id", g.id).lacks("Resources/0/members")
			}},
		{"IDP-11.members", Field, entra, "A membership is looked up by id and members", "Compare members with the value of each member.", "filter groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.group(u)
				p.find("/Groups", `id eq "`+g.id+`" and members eq "`+u.id+`"`, "attributes=id").elements("Resources", "id", g.id)
			}},
		{"IDP-15", Field, entra, "A group is created with a schema nobody knows", "Ignore schema URNs that are not known.", "groups",
			func(p *probe) {
				b := p.groupBody(fields{"schemas": []any{groupURN, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"}, "externalId": p.prefix + "-entra"})
				p.again(p.create("/Groups", b)).has("displayName", b["displayName"])
			}},
		{"IDP-21", Field, okta, "A rename repeats the group's id", "Ignore the id when it is the group's own.", "patch groups",
			func(p *probe) {
				g := p.group()
				p.patched(g, op("replace", "", fields{"id": g.id, "displayName": p.prefix + "-okta"})).has("displayName", p.prefix+"-okta")
			}},
		{"IDP-22.push", Field, okta, "A push replaces all members", "Make the value the members of the group.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a), op("replace", "members", []any{fields{"value": b.id, "display": b.name()}})).elements("members", "value", b.id)
			}},
		{"IDP-22.empty", Field, okta, "A push of no members empties the group", "Read [] as \"no members\".", "patch groups",
			func(p *probe) {
				p.patched(p.group(p.user(nil)), op("replace", "members", []any{})).lacks("members")
			}},
		{"IDP-22.both", Field, okta, "One PATCH removes and adds members", "Apply all operations, or none.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a), op("remove", `members[value eq "`+a.id+`"]`, nil), op("add", "members", []any{b.member()})).elements("members", "value", b.id)
			}},
		{"IDP-35", Field, others, "A group is renamed and filled in one PATCH", "Apply all operations.", "patch groups",
			func(p *probe) {
				a := p.user(nil)
				p.patched(p.group(), op("replace", "displayName", p.prefix+"-k"), op("replace", "members", []any{a.member()})).
					has("displayName", p.prefix+"-k").elements("members", "value", a.id)
			}},
		{"IDP-39", Field, others, "Members are added one operation each", "Apply all operations.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(), op("add", "members", []any{a.member()}), op("add", "members", []any{b.member()})).elements("members", "value", a.id, b.id)
			}},
		{"IDP-41", Field, others, "A PUT without members empties the group", "Replace the group as a whole.", "groups",
			func(p *probe) {
				g := p.group(p.user(nil))
				p.put(g.path, g.with(fields{"members": nil})).is(200)
				p.again(g).lacks("members")
			}},
	}
}
