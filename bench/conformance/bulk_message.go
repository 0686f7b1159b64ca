package conformance

import (
	"fmt"
	"net/http"
	"strings"

	"scimedge/bench/scimclient"
)

const bulking = "RFC 7644 §3.7"

// bulkOp is an operation of a bulk request; id and data may be left out.
func bulkOp(method, path, id string, data fields) fields {
	o := fields{"method": method, "path": path}
	if id != "" {
		o["bulkId"] = id
	}
	if data != nil {
		o["data"] = data
	}
	return o
}

func bulkBody(ops ...fields) fields {
	return fields{"schemas": []any{messages + "BulkRequest"}, "Operations": ops}
}

// bulk sends operations, and wants a BulkResponse with a result for each.
func (p *probe) bulk(ops ...fields) []scimclient.Object { return p.bulkOf(bulkBody(ops...), len(ops)) }

func (p *probe) bulkOf(body fields, want int) []scimclient.Object {
	a := p.post("/Bulk", body).is(http.StatusOK).listsSchema(messages + "BulkResponse")
	got := a.body.List("Operations")
	p.want(len(got) == want, fmt.Sprintf("%d results", want), len(got))
	if p.stopped() {
		return make([]scimclient.Object, want)
	}
	return got
}

// ended wants an operation to have ended with a status, as text.
func (p *probe) ended(o scimclient.Object, want string) {
	v, _ := o.Get("status")
	p.want(v == want, fmt.Sprintf("status is the text %q", want), string(encode(v)))
}

// failed wants an operation to have failed with a SCIM error.
func (p *probe) failed(o scimclient.Object, best string) {
	status := o.Text("status")
	p.want(strings.HasPrefix(status, "4"), "a failure, status "+best+" best", status)
	p.prefer(status == best, "status "+best, status)
	p.want(o.Text("response/status") == status, "response is a SCIM error of the same status", o.Text("response"))
}

func bulkMessages() []check {
	const syntax = "Answer 400 invalidSyntax when the message is not a BulkRequest with at least one operation."
	return []check{
		{"BULK-02", Must, bulking, "A message of another schema is refused", syntax, "bulk",
			func(p *probe) {
				b := bulkBody(bulkOp("POST", "/Users", "a", p.userBody(nil)))
				b["schemas"] = []any{messages + "PatchOp"}
				p.post("/Bulk", b).refused(http.StatusBadRequest, "invalidSyntax")
			}},
		{"BULK-04", Must, bulking, "A message without operations is refused", syntax, "bulk",
			func(p *probe) {
				p.post("/Bulk", fields{"schemas": []any{messages + "BulkRequest"}}).refused(http.StatusBadRequest, "invalidSyntax", "invalidValue")
			}},
		{"BULK-03.create", Must, bulking, "Users are created in bulk", "Run each operation like the single request.", "bulk",
			func(p *probe) {
				body := p.userBody(nil)
				got := p.bulk(bulkOp("POST", "/Users", "a", body))
				p.ended(got[0], "201")
				p.get(pathOf(got[0].Text("location"))).is(http.StatusOK).has("userName", body["userName"])
			}},
		{"BULK-03.put", Must, bulking, "Users are replaced in bulk", "Run each operation like the single request.", "bulk User.title",
			func(p *probe) {
				u := p.user(nil)
				p.ended(p.bulk(bulkOp("PUT", u.path, "", u.with(fields{"title": "Boss"})))[0], "200")
				p.again(u).has("title", "Boss")
			}},
		{"BULK-03.patch", Must, bulking, "Users are patched in bulk", "Run each operation like the single request; data is the PatchOp message.", "bulk patch User.title",
			func(p *probe) {
				u := p.user(nil)
				o := p.bulk(bulkOp("PATCH", u.path, "", patchBody(op("add", "title", "Boss"))))[0]
				p.want(strings.HasPrefix(o.Text("status"), "20"), "status 200 or 204", o.Text("status"))
				p.again(u).has("title", "Boss")
			}},
		{"BULK-03.delete", Must, bulking, "Users are deleted in bulk", "Run each operation like the single request.", "bulk",
			func(p *probe) {
				u := p.user(nil)
				p.ended(p.bulk(bulkOp("DELETE", u.path, "", nil))[0], "204")
				p.get(u.path).is(http.StatusNotFound)
			}},
		{"BULK-05", Must, bulking, "An operation without a path fails", "Demand path in every operation.", "bulk",
			func(p *probe) {
				o := bulkOp("POST", "", "a", p.userBody(nil))
				delete(o, "path")
				p.bulkFails(o)
			}},
		{"BULK-03.method", Must, bulking, "A method that changes nothing fails", "Know POST, PUT, PATCH and DELETE only.", "bulk",
			func(p *probe) { p.bulkFails(bulkOp("GET", "/Users", "a", nil)) }},
		{"BULK-06", Must, bulking, "A bulkId is used once", "Refuse a message in which two operations have the same bulkId.", "bulk",
			func(p *probe) {
				a := p.post("/Bulk", bulkBody(bulkOp("POST", "/Users", "same", p.userBody(nil)), bulkOp("POST", "/Users", "same", p.userBody(nil))))
				if a.status == http.StatusOK {
					ops := a.body.List("Operations")
					p.want(len(ops) == 2 && strings.HasPrefix(ops[1].Text("status"), "4"), "a failure of the second", a.body["Operations"])
					return
				}
				a.is(http.StatusBadRequest)
			}},
		{"BULK-07", Must, bulking, "A result repeats the bulkId", "Return the bulkId with the result.", "bulk",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Users", "qwerty", p.userBody(nil)))
				p.want(got[0].Text("bulkId") == "qwerty", "bulkId qwerty", got[0].Text("bulkId"))
			}},
		{"BULK-08", Must, bulking, "An operation without data fails", "Demand data for POST, PUT and PATCH.", "bulk",
			func(p *probe) { p.bulkFails(bulkOp("POST", "/Users", "a", nil)) }},
		{"BULK-15", Must, "RFC 7644 §3.7.3", "A result says where the resource is", "Return location, except for a POST that failed.", "bulk",
			func(p *probe) {
				u := p.user(nil)
				got := p.bulk(bulkOp("POST", "/Users", "a", p.userBody(nil)), bulkOp("DELETE", u.path, "", nil))
				p.want(strings.Contains(got[0].Text("location"), "/Users/"), "the URI of the new user", got[0].Text("location"))
				p.want(strings.HasSuffix(got[1].Text("location"), u.path), "a URI ending in "+u.path, got[1].Text("location"))
			}},
		{"BULK-17", Must, "RFC 7644 §3.7.3", "A failed operation carries its error", "Return the SCIM error as response.", "bulk",
			func(p *probe) {
				u := p.user(nil)
				p.failed(p.bulk(bulkOp("POST", "/Users", "a", p.userBody(fields{"userName": u.name()})))[0], "409")
			}},
		{"BULK-19", Must, bulking, "A version makes an operation conditional", "Read version like If-Match: 412 for an old one.", "bulk etag",
			func(p *probe) {
				u := p.user(nil)
				o := bulkOp("DELETE", u.path, "", nil)
				o["version"] = `W/"conformance-no-such-version"`
				p.ended(p.bulk(o)[0], "412")
				p.again(u)
			}},
	}
}

// bulkFails wants one operation to be refused, by itself or with its message.
func (p *probe) bulkFails(o fields) {
	a := p.post("/Bulk", bulkBody(o))
	if a.status == http.StatusOK {
		ops := a.body.List("Operations")
		p.want(len(ops) == 1 && strings.HasPrefix(ops[0].Text("status"), "4"), "a failure of the operation", a.body["Operations"])
		return
	}
	a.is(http.StatusBadRequest)
}
