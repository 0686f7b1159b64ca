package conformance

import (
	"net/http"
	"strings"
)

func resources() []check {
	const (
		user       = "RFC 7643 §4.1"
		group      = "RFC 7643 §4.2"
		enterprise = "RFC 7643 §4.3"
	)
	return []check{
		{"RES-01", Must, user, "userName is unique in any letter case",
			"Compare userName without regard to letter case: Bob and bob are one.", "",
			func(p *probe) {
				u := p.user(nil)
				p.post("/Users", p.userBody(fields{"userName": strings.ToUpper(u.name())})).refused(http.StatusConflict, "uniqueness")
			}},
		{"RES-01.kept", Should, user, "userName comes back in the letter case it was sent in",
			"Fold letter case for comparing, not for storing.", "",
			func(p *probe) {
				name := strings.ToUpper(p.prefix[:1]) + p.prefix[1:] + "-Mixed@example.com"
				p.again(p.newUser(fields{"userName": name})).has("userName", name)
			}},
		{"RES-A01", Must, user, "A user switched off can still be read",
			"Keep users with active false readable: deprovisioning is not deletion.", "User.active",
			func(p *probe) {
				u := p.newUser(fields{"active": false})
				p.again(u).has("active", false)
			}},
		{"RES-08", Must, user, "A user's groups are not written through the user",
			"Ignore groups in a PUT; membership changes through the group.", "groups User.groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.group()
				p.put(u.path, u.with(fields{"groups": []any{fields{"value": g.id}}})).is(http.StatusOK)
				p.again(g).lacks("members")
			}},
		{"RES-09", Should, user, "A user shows the groups it is in",
			"Compute groups, with the group's id as value.", "groups User.groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.group(u)
				p.again(u).elements("groups", "value", g.id)
			}},
		{"RES-13", Must, group, "A group without displayName is refused",
			"Answer 400 invalidValue: displayName is required (verified erratum 5368).", "groups",
			func(p *probe) {
				p.post("/Groups", p.groupBody(fields{"displayName": nil})).refused(http.StatusBadRequest, "invalidValue")
			}},
		{"RES-15.create", Must, group, "A group is created with its members",
			"Store the members of the body.", "groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				g := p.create("/Groups", p.groupBody(fields{"members": []any{a.member(), b.member()}}))
				p.again(g).elements("members", "value", a.id, b.id)
			}},
		{"RES-15.ref", Should, group, "Members say what they are and where",
			"Fill in $ref, and type where the schema has it.", "groups",
			func(p *probe) {
				u := p.user(nil)
				a := p.again(p.group(u))
				p.want(strings.HasSuffix(a.body.Text("members/0/$ref"), u.path), "$ref ending in "+u.path, a.body.Text("members/0/$ref"))
				p.prefer(a.body.Text("members/0/type") == "User", "type User", a.body.Text("members/0/type"))
			}},
		{"RES-15.empty", Must, group, "A group may have no members",
			"Allow empty groups: members come later.", "groups",
			func(p *probe) { p.again(p.create("/Groups", p.groupBody(nil))).lacks("members") }},
		{"RES-15.twice", Should, group, "A member sent twice is there once",
			"Compare members by value.", "groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.create("/Groups", p.groupBody(fields{"members": []any{u.member(), u.member()}}))
				p.again(g).elements("members", "value", u.id)
			}},
		{"RES-16", May, group, "A group may be a member of a group",
			"Support nested groups, or refuse them with 400 invalidValue.", "groups",
			func(p *probe) {
				inner := p.group()
				a := p.post("/Groups", p.groupBody(fields{"members": []any{inner.member()}})).is(http.StatusCreated)
				a.has("members/0/value", inner.id)
			}},
		{"RES-15.externalId", Must, "RFC 7643 §3.1", "A group keeps its externalId",
			"Store externalId on groups, too; Entra matches by it.", "groups",
			func(p *probe) {
				r := p.create("/Groups", p.groupBody(fields{"externalId": p.prefix + "-Group"}))
				p.again(r).has("externalId", p.prefix+"-Group")
			}},
		{"RES-17.round", Must, enterprise, "The enterprise extension comes back under its URN",
			"Keep extension attributes in an object named by the URN.", "enterprise",
			func(p *probe) {
				u := p.newUser(fields{enterpriseURN: fields{"department": "Sales", "employeeNumber": p.prefix}})
				p.again(u).has(enterpriseURN+"/department", "Sales").has(enterpriseURN+"/employeeNumber", p.prefix).listsSchema(enterpriseURN)
			}},
		{"RES-17.manager", Must, enterprise, "A manager refers to a user by id",
			"Store manager.value.", "enterprise",
			func(p *probe) {
				boss := p.user(nil)
				u := p.newUser(fields{enterpriseURN: fields{"manager": fields{"value": boss.id}}})
				p.again(u).has(enterpriseURN+"/manager/value", boss.id)
			}},
		{"RES-17.none", Should, "RFC 7643 §3", "A user without the extension does not name it",
			"List in schemas only the extensions that have values.", "enterprise",
			func(p *probe) {
				a := p.again(p.user(nil))
				if _, has := a.body.Get(enterpriseURN); !has {
					p.want(!a.names(enterpriseURN), "schemas without the extension", a.body["schemas"])
				}
			}},
		{"RES-17.put", Must, enterprise, "A PUT replaces the extension, too",
			"Apply the extension object of the body.", "enterprise",
			func(p *probe) {
				u := p.user(fields{enterpriseURN: fields{"department": "Sales", "costCenter": "A"}})
				p.put(u.path, u.with(fields{enterpriseURN: fields{"department": "Finance"}})).is(http.StatusOK)
				p.again(u).has(enterpriseURN+"/department", "Finance")
			}},
		{"RES-17.case", Should, "RFC 7644 §3.10", "The extension's URN is read in any letter case",
			"Compare schema URIs without regard to letter case.", "enterprise",
			func(p *probe) {
				b := p.userBody(fields{strings.ToUpper(enterpriseURN): fields{"department": "Sales"}, "schemas": []any{userURN, enterpriseURN}})
				p.post("/Users", b).is(http.StatusCreated).has(enterpriseURN+"/department", "Sales")
			}},
	}
}
