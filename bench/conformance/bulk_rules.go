package conformance

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
)

const bulkIDs = "RFC 7644 §3.7.2"

func bulkReferences() []check {
	group := func(p *probe, refs ...string) fields {
		var members []any
		for _, r := range refs {
			members = append(members, fields{"value": r})
		}
		return p.groupBody(fields{"members": members})
	}
	idOf := func(location string) string { return location[strings.LastIndex(location, "/")+1:] }
	return []check{
		{"BULK-09.backward", Must, bulkIDs, "An operation may refer to one before it", "Put the new resource's id where bulkId:... stands.", "bulk groups",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Users", "u", p.userBody(nil)), bulkOp("POST", "/Groups", "g", group(p, "bulkId:u")))
				p.ended(got[1], "201")
				p.get(pathOf(got[1].Text("location"))).is(http.StatusOK).elements("members", "value", idOf(got[0].Text("location")))
			}},
		{"BULK-10", Must, bulkIDs, "An operation may refer to one behind it", "Create what is referred to first, or resolve in a second step.", "bulk groups",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Groups", "g", group(p, "bulkId:u")), bulkOp("POST", "/Users", "u", p.userBody(nil)))
				p.ended(got[0], "201")
				p.ended(got[1], "201")
				p.get(pathOf(got[0].Text("location"))).is(http.StatusOK).elements("members", "value", idOf(got[1].Text("location")))
			}},
		{"BULK-09.extension", Must, bulkIDs, "A reference in an extension is resolved, too", "Resolve bulkId:... in every attribute that holds an id.", "bulk enterprise",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Users", "boss", p.userBody(nil)),
					bulkOp("POST", "/Users", "u", p.userBody(fields{enterpriseURN: fields{"manager": fields{"value": "bulkId:boss"}}})))
				p.ended(got[1], "201")
				p.get(pathOf(got[1].Text("location"))).is(http.StatusOK).has(enterpriseURN+"/manager/value", idOf(got[0].Text("location")))
			}},
		{"BULK-09.patch", Must, bulkIDs, "A reference in a PATCH is resolved, too", "Resolve bulkId:... in the values of operations.", "bulk patch groups",
			func(p *probe) {
				g := p.group()
				got := p.bulk(bulkOp("POST", "/Users", "u", p.userBody(nil)),
					bulkOp("PATCH", g.path, "", patchBody(op("add", "members", []any{fields{"value": "bulkId:u"}}))))
				p.want(strings.HasPrefix(got[1].Text("status"), "20"), "status 200 or 204", got[1])
				p.again(g).elements("members", "value", idOf(got[0].Text("location")))
			}},
		{"BULK-11", Must, "RFC 7644 §3.7.1", "Two groups may contain each other, or are refused as a conflict",
			"Try to resolve circular references; answer 409 where it cannot be done.", "bulk groups",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Groups", "a", group(p, "bulkId:b")), bulkOp("POST", "/Groups", "b", group(p, "bulkId:a")))
				if got[0].Text("status") != "201" {
					for _, o := range got {
						p.want(o.Text("status") == "409" || o.Text("status") == "400" || o.Text("status") == "201", "status 201 or 409", o.Text("status"))
					}
					p.prefer(got[0].Text("status") == "409", "status 201 or 409", got[0].Text("status"))
					return
				}
				p.get(pathOf(got[0].Text("location"))).is(http.StatusOK).elements("members", "value", idOf(got[1].Text("location")))
				p.get(pathOf(got[1].Text("location"))).is(http.StatusOK).elements("members", "value", idOf(got[0].Text("location")))
			}},
		{"BULK-A04", Must, bulkIDs, "A reference to nothing fails its operation only", "Fail the operation (409 or 400), and do the others.", "bulk groups",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Groups", "g", group(p, "bulkId:nowhere")), bulkOp("POST", "/Users", "u", p.userBody(nil)))
				p.want(strings.HasPrefix(got[0].Text("status"), "4"), "a failure of the first", got[0].Text("status"))
				p.ended(got[1], "201")
			}},
	}
}

func bulkLimits() []check {
	return []check{
		{"BULK-12", Must, bulking, "A failure does not stop the others", "Go on after a failed operation, unless failOnErrors says otherwise.", "bulk",
			func(p *probe) {
				u := p.user(nil)
				got := p.bulk(bulkOp("POST", "/Users", "a", p.userBody(nil)), bulkOp("POST", "/Users", "b", p.userBody(fields{"userName": u.name()})), bulkOp("POST", "/Users", "c", p.userBody(nil)))
				p.ended(got[0], "201")
				p.ended(got[1], "409")
				p.ended(got[2], "201")
			}},
		{"BULK-13", Must, bulking, "failOnErrors stops after so many failures", "Stop when the number is reached, and return the results until then.", "bulk filter",
			func(p *probe) {
				u := p.user(nil)
				last := p.userBody(nil)
				b := bulkBody(bulkOp("POST", "/Users", "a", p.userBody(fields{"userName": u.name()})), bulkOp("POST", "/Users", "b", last))
				b["failOnErrors"] = 1
				p.ended(p.bulkOf(b, 1)[0], "409")
				p.find("/Users", fmt.Sprintf(`userName eq "%s"`, last["userName"])).has("totalResults", 0)
			}},
		{"BULK-20", Must, bulking, "A bulk whose operations all failed is answered with 200", "The status is that of the message, not that of its operations.", "bulk",
			func(p *probe) {
				p.failed(p.bulk(bulkOp("DELETE", "/Users/conformance-nobody", "", nil))[0], "404")
			}},
		{"BULK-A06", Should, bulking, "Results come in the order of the operations", "Return results in the order of the request.", "bulk",
			func(p *probe) {
				got := p.bulk(bulkOp("POST", "/Users", "x", p.userBody(nil)), bulkOp("POST", "/Users", "y", p.userBody(nil)), bulkOp("POST", "/Users", "z", p.userBody(nil)))
				p.want(got[0].Text("bulkId")+got[1].Text("bulkId")+got[2].Text("bulkId") == "xyz", "x, y, z", got)
			}},
		{"BULK-21", Must, "RFC 7644 §3.7.4", "Too many operations are refused with 413", "Answer 413 beyond maxOperations, name the limit in detail, and do nothing.", "bulk",
			func(p *probe) {
				most, err := p.offer.config.Int("bulk/maxOperations")
				if err != nil || most < 1 || most > 5000 {
					return // nothing a check should send
				}
				ops := make([]fields, most+1)
				for i := range ops {
					ops[i] = bulkOp("DELETE", "/Users/conformance-nobody", "", nil)
				}
				p.post("/Bulk", bulkBody(ops...)).is(http.StatusRequestEntityTooLarge)
			}},
		{"BULK-22", Must, "RFC 7644 §3.7.4", "Too large a message is refused with 413", "Answer 413 beyond maxPayloadSize, and name the limit in detail.", "bulk",
			func(p *probe) {
				most, err := p.offer.config.Int("bulk/maxPayloadSize")
				if err != nil || most < 1 || most > 16<<20 {
					return // nothing a check should send
				}
				o := bulkOp("POST", "/Users", "a", p.userBody(fields{"title": "@"}))
				body := bytes.Replace(encode(bulkBody(o)), []byte(`"@"`), fmt.Appendf(nil, "%q", strings.Repeat("x", most)), 1)
				p.post("/Bulk", body).is(http.StatusRequestEntityTooLarge)
			}},
	}
}
