package conformance

import (
	"net/http"
	"strings"
)

const (
	patching = "RFC 7644 §3.5.2"
	adding   = "RFC 7644 §3.5.2.1"
	removing = "RFC 7644 §3.5.2.2"
	setting  = "RFC 7644 §3.5.2.3"
)

func patchMessages() []check {
	const syntax = "Answer 400 invalidSyntax when the message is not a PatchOp with at least one operation."
	raw := func(body string) func(*probe) {
		return func(p *probe) {
			u := p.user(nil)
			// Table 9 lets a missing value be called either.
			p.send(request{method: http.MethodPatch, path: u.path, body: []byte(body)}).refused(http.StatusBadRequest, "invalidSyntax", "invalidValue")
		}
	}
	const head = `{"schemas":["` + messages + `PatchOp"]`
	path := func(path string) func(*probe) {
		return func(p *probe) {
			u := p.user(fields{"emails": []any{mail("work", p.prefix+"-path@example.com")}})
			p.patch(u.path, op("replace", path, "x")).refused(http.StatusBadRequest, "invalidPath", "invalidFilter")
			p.again(u).has("emails/0/value", p.prefix+"-path@example.com")
		}
	}
	return []check{
		{"PATCH-02", Must, patching, "A message of another schema is refused", syntax, "patch",
			raw(`{"schemas":["` + messages + `SearchRequest"],"Operations":[{"op":"replace","path":"active","value":true}]}`)},
		{"PATCH-03.missing", Must, patching, "A message without Operations is refused", syntax, "patch", raw(head + `}`)},
		{"PATCH-03.empty", Must, patching, "A message with no operation in it is refused", syntax, "patch", raw(head + `,"Operations":[]}`)},
		{"PATCH-03.object", Should, patching, "Operations that are no list are refused", syntax, "patch", raw(head + `,"Operations":{"op":"remove","path":"title"}}`)},
		{"PATCH-04.unknown", Must, patching, "An unknown op is refused", "Know add, remove and replace; answer 400 invalidSyntax to any other.", "patch",
			raw(head + `,"Operations":[{"op":"move","path":"title","value":"x"}]}`)},
		{"PATCH-04.missing", Must, patching, "An operation without op is refused", syntax, "patch",
			raw(head + `,"Operations":[{"path":"title","value":"x"}]}`)},
		{"PATCH-06.open", Must, patching, "A path that does not end is refused", "Answer 400 invalidPath (or invalidFilter) to a path that cannot be read, and change nothing.", "patch User.emails",
			path(`emails[type eq "work"`)},
		{"PATCH-06.dots", Must, patching, "A path with an empty name in it is refused", "Answer 400 invalidPath to a path that cannot be read.", "patch User.emails",
			path(`name..givenName`)},
		{"PATCH-07", Must, patching, "A broken filter in a path is refused", "Answer 400 invalidFilter (or invalidPath), and change nothing.", "patch User.emails",
			path(`emails[type zz "work"].value`)},
		{"PATCH-08.index", Must, patching, "A path with an index is refused", "SCIM knows no indexes: answer 400 invalidPath.", "patch User.emails",
			path(`emails[0].value`)},
		{"PATCH-08.pointer", Must, patching, "A JSON pointer is refused", "SCIM knows no JSON pointers: answer 400 invalidPath.", "patch User.emails",
			path(`/emails/0/value`)},
		{"PATCH-19", Must, patching, "A success is 200 with the resource, or 204",
			"Answer 200 with the whole resource, or 204 without a body.", "patch User.title",
			func(p *probe) {
				u := p.user(nil)
				a := p.patch(u.path, op("replace", "title", "Boss")).is(http.StatusOK, http.StatusNoContent)
				if a.status == http.StatusOK {
					a.has("title", "Boss").has("id", u.id).present("userName", "meta/lastModified").listsSchema(userURN)
				} else {
					p.want(len(a.raw) == 0, "no body", string(a.raw))
				}
			}},
		{"PATCH-23", Must, patching, "An unknown id is not found", "Answer 404.", "patch",
			func(p *probe) {
				p.patch("/Users/conformance-nobody", op("replace", "active", true)).is(http.StatusNotFound)
			}},
		{"PATCH-17", Must, "RFC 7644 §3.12", "A refused PATCH is answered with a SCIM error", "Write the SCIM error body, and name the operation in detail.", "patch",
			func(p *probe) {
				p.patch(p.user(nil).path, op("replace", "id", "another")).rejected(http.StatusBadRequest).isError()
			}},
		{"PATCH-09.core", Must, "RFC 7644 §3.10", "A path may carry the core schema's URN", "Read a URN before the attribute name, up to its last colon.", "patch User.name.givenName",
			func(p *probe) {
				p.patched(p.user(nil), op("add", userURN+":name.givenName", "Ada")).has("name/givenName", "Ada")
			}},
		{"PATCH-09.extension", Must, "RFC 7644 §3.10", "A path leads into an extension by URN", "Read a URN before the attribute name; it has a dot of its own (2.0).", "patch enterprise",
			func(p *probe) {
				p.patched(p.user(nil), op("add", enterpriseURN+":department", "Sales")).has(enterpriseURN+"/department", "Sales")
			}},
		{"PATCH-09.sub", Must, "RFC 7644 §3.10", "A path leads to a part of an extension's attribute", "Read URN, attribute and sub-attribute.", "patch enterprise",
			func(p *probe) {
				boss := p.user(nil)
				p.patched(p.user(nil), op("add", enterpriseURN+":manager.value", boss.id)).has(enterpriseURN+"/manager/value", boss.id)
			}},
		{"PATCH-09.case", Must, "RFC 7644 §3.10", "A path is read in any letter case", "Compare URNs and names without regard to letter case.", "patch User.title",
			func(p *probe) {
				p.patched(p.user(nil), op("add", strings.ToUpper(userURN)+":TITLE", "Boss")).has("title", "Boss")
			}},
	}
}
