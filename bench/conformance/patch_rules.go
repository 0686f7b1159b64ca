package conformance

import (
	"net/http"
	"strings"
	"time"
)

func patchRules() []check {
	return []check{
		{"PATCH-15", Must, patching, "Operations are applied in order", "Apply each operation to the result of the one before.", "patch User.title?",
			func(p *probe) {
				p.patched(p.user(nil), op("add", "title", "One"), op("remove", "title", nil), op("add", "title", "Three")).has("title", "Three")
			}},
		{"PATCH-15.members", Must, patching, "A member may be removed and another added at once", "Apply each operation to the result of the one before.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patched(p.group(a), op("remove", `members[value eq "`+a.id+`"]`, nil), op("add", "members", []any{b.member()})).elements("members", "value", b.id)
			}},
		{"PATCH-16", Must, patching, "When one operation fails, none is applied",
			"Apply the operations to a copy, and store it only when all have succeeded.", "patch User.title User.nickName?",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer"})
				p.patch(u.path, op("replace", "title", "Boss"), op("add", "nickName", "Zo"), op("replace", "id", "another")).rejected(http.StatusBadRequest)
				p.again(u).has("title", "Engineer").lacks("nickName")
			}},
		{"PATCH-16.members", Must, patching, "When one operation on a group fails, none is applied",
			"Apply the operations to a copy, and store it only when all have succeeded.", "patch groups",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				g := p.group(a)
				p.patch(g.path, op("add", "members", []any{b.member()}), op("remove", "displayName", nil)).rejected(http.StatusBadRequest)
				p.again(g).elements("members", "value", a.id)
			}},
		{"PATCH-10.id", Must, patching, "id cannot be patched", "Answer 400 (mutability) to another id.", "patch",
			func(p *probe) {
				u := p.user(nil)
				p.patch(u.path, op("replace", "id", "another")).refused(http.StatusBadRequest, "mutability")
				p.again(u).has("id", u.id)
			}},
		{"PATCH-10.meta", Must, patching, "meta cannot be patched", "Answer 400 (mutability), and change nothing.", "patch",
			func(p *probe) {
				u := p.user(nil)
				p.patch(u.path, op("replace", "meta.created", "1970-01-01T00:00:00Z")).refused(http.StatusBadRequest, "mutability")
				p.again(u).has("meta/created", u.body.Text("meta/created"))
			}},
		{"PATCH-10.groups", Must, patching, "A user's groups cannot be patched", "Answer 400 (mutability): membership changes through the group.", "patch groups User.groups",
			func(p *probe) {
				u, g := p.user(nil), p.group()
				p.patch(u.path, op("add", "groups", []any{g.member()})).refused(http.StatusBadRequest, "mutability")
				p.again(g).lacks("members")
			}},
		{"PATCH-12.boolean", Must, patching, "A value of the wrong type is refused", "Answer 400 invalidValue, and change nothing.", "patch User.active",
			func(p *probe) {
				u := p.user(fields{"active": true})
				p.patch(u.path, op("replace", "active", fields{"x": 1})).refused(http.StatusBadRequest, "invalidValue")
				p.again(u).has("active", true)
			}},
		{"PATCH-12.text", Must, patching, "An object is no text", "Answer 400 invalidValue, and change nothing.", "patch User.title",
			func(p *probe) {
				u := p.user(fields{"title": "Engineer"})
				p.patch(u.path, op("replace", "title", fields{"x": "y"})).refused(http.StatusBadRequest, "invalidValue")
				p.again(u).has("title", "Engineer")
			}},
		{"PATCH-18.filter", Must, patching, "Making an element primary through a filter unmakes the old one", "Set primary to false on the other elements.", "patch User.emails",
			func(p *probe) {
				first := mail("work", p.prefix+"-w@example.com")
				first["primary"] = true
				u := p.user(fields{"emails": []any{first, mail("home", p.prefix+"-h@example.com")}})
				a := p.patched(u, op("replace", `emails[type eq "home"].primary`, true)).has("emails/type=home/primary", true)
				p.want(a.body.Text("emails/type=work/primary") != "true", "the work address is not primary any more", a.body["emails"])
			}},
		{"PATCH-21", Must, "RFC 7643 §3.1", "A change does not move lastModified back, nor created at all", "Set lastModified with every change.", "patch User.title",
			func(p *probe) {
				u := p.user(nil)
				before, _ := time.Parse(time.RFC3339Nano, p.again(u).body.Text("meta/lastModified"))
				a := p.patched(u, op("add", "title", "Boss")).has("meta/created", u.body.Text("meta/created"))
				after, err := time.Parse(time.RFC3339Nano, a.body.Text("meta/lastModified"))
				p.want(err == nil && !after.Before(before), "lastModified at or after "+before.Format(time.RFC3339Nano), a.body.Text("meta/lastModified"))
			}},
		{"PATCH-22", Must, "RFC 7644 §3.12", "A taken userName is refused with 409", "Check uniqueness on PATCH, too, and change nothing.", "patch",
			func(p *probe) {
				a, b := p.user(nil), p.user(nil)
				p.patch(b.path, op("replace", "userName", strings.ToUpper(a.name()))).refused(http.StatusConflict, "uniqueness")
				p.again(b).has("userName", b.name())
			}},
		{"PATCH-A04", Should, patching, "Writing the id a resource has is no error", "Refuse a change of a read-only attribute, not its repetition: Okta sends the id along.", "patch groups",
			func(p *probe) {
				g := p.group()
				p.patched(g, op("replace", "", fields{"id": g.id, "displayName": p.prefix + "-renamed"})).has("displayName", p.prefix+"-renamed")
			}},
		{"PATCH-48", Must, "RFC 7643 §7", "A password set by PATCH is not returned", "Leave password out of the answer.", "patch",
			func(p *probe) {
				u := p.user(nil)
				a := p.patch(u.path, op("replace", "password", "Conf0rmance-secret!"))
				p.want(a.status < 500, "no failure of the server", a)
				p.want(!strings.Contains(string(a.raw), "Conf0rmance-secret!"), "an answer without the password", "it is there")
			}},
		{"PATCH-41.group", Must, setting, "replace renames a group", "Set displayName.", "patch groups",
			func(p *probe) {
				p.patched(p.group(), op("replace", "displayName", p.prefix+"-new name")).has("displayName", p.prefix+"-new name")
			}},
	}
}
