package conformance_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestBULK_Message(t *testing.T) {
	op := `{"method":"POST","path":"/Users","bulkId":"a","data":` + body("{$U}", "never") + `}`
	head := `{"schemas":["` + bulkRequest + `"],`
	for _, profile := range bothProfiles() {
		s := profiled(t, profile)
		for _, row := range []struct{ name, body, scimType, detail string }{
			{"BULK-02 the wrong message", `{"schemas":["` + proxytest.PatchSchema + `"],"Operations":[` + op + `]}`, "invalidSyntax", bulkRequest},
			{"BULK-02 the answer's", `{"schemas":["` + bulkResponse + `"],"Operations":[` + op + `]}`, "invalidSyntax", bulkRequest},
			{"BULK-02 schemas that are none", `{"schemas":[],"Operations":[` + op + `]}`, "invalidSyntax", bulkRequest},
			{"BULK-04 nothing", `{}`, "invalidSyntax", ""},
			{"BULK-04 no Operations", head + `"failOnErrors":1}`, "invalidSyntax", "Operations"},
			{"BULK-04 empty Operations", head + `"Operations":[]}`, "invalidSyntax", "Operations"},
			{"BULK-04 Operations that are no array", head + `"Operations":` + op + `}`, "invalidSyntax", "Operations"},
			{"BULK-04 an operation that is no object", head + `"Operations":[` + op + `,7]}`, "invalidSyntax", "operation 2"},
			{"BULK-06 a bulkId twice", head + `"Operations":[` + op + `,` + op + `]}`, "invalidValue", "a"},
			{"BULK-A05 zero", head + `"failOnErrors":0,"Operations":[` + op + `]}`, "invalidValue", "failOnErrors"},
			{"BULK-A05 below zero", head + `"failOnErrors":-1,"Operations":[` + op + `]}`, "invalidValue", "failOnErrors"},
			{"BULK-A05 text", head + `"failOnErrors":"x","Operations":[` + op + `]}`, "invalidValue", "failOnErrors"},
			{"BULK-A05 a fraction", head + `"failOnErrors":1.5,"Operations":[` + op + `]}`, "invalidValue", "failOnErrors"},
			{"ERR-08 cut off", head + `"Operations":[` + op, "invalidSyntax", ""},
			{"ERR-08 no object", `[` + op + `]`, "invalidSyntax", ""},
		} {
			t.Run(row.name+" "+profile, func(t *testing.T) {
				defer untouched(t, s.Tenant)()
				s.Post(t, "/Bulk", row.body).Error(400, row.scimType, row.detail)
			})
		}
		t.Run("BULK-03 only POST "+profile, func(t *testing.T) {
			for _, m := range []string{"GET", "PUT", "PATCH", "DELETE"} {
				s.Do(t, m, "/Bulk", nil).Error(405, "").HasHeader("Allow", "OPTIONS, POST")
			}
		})
	}
	t.Run("BULK-02 schemas left out", func(t *testing.T) {
		text := `{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":` + body("{$U}", "bare") + `}]}`
		answered(t, proxytest.New(t).Tenant, []string{"201"}, text)
		profiled(t, tenancy.ProfileStrict).Post(t, "/Bulk", text).Error(400, "invalidSyntax", bulkRequest)
	})
}

// What is wrong with one operation is its own failure, in both profiles.
func TestBULK_Operation(t *testing.T) {
	user := func(name string) proxytest.M { return proxytest.User(name) }
	patch := proxytest.Ops(proxytest.Op("replace", "title", "x"))
	for _, profile := range bothProfiles() {
		s := profiled(t, profile)
		ada, group := s.CreateUser(t, "ada"), s.CreateGroup(t, "g")
		for i, row := range []struct {
			name             string
			op               proxytest.M
			status, scimType string
			detail           string
		}{
			{"BULK-03 a method that reads", bulkOp("GET", "/Users/"+ada, "", nil), "400", "invalidSyntax", "method"},
			{"BULK-03 small letters", bulkOp("post", "/Users", "b", user("never")), "400", "invalidSyntax", "capitals"},
			{"BULK-03 no method", bulkOp("", "/Users", "b", user("never")), "400", "invalidSyntax", "method"},
			{"BULK-05 no path", bulkOp("POST", "", "b", user("never")), "400", "invalidSyntax", "path"},
			{"BULK-05 POST to a resource", bulkOp("POST", "/Users/"+ada, "b", user("never")), "400", "invalidValue", "path"},
			{"BULK-05 PUT to an endpoint", bulkOp("PUT", "/Users", "", user("ada")), "400", "invalidValue", "path"},
			{"BULK-05 PATCH of an endpoint", bulkOp("PATCH", "/Users/", "", patch), "400", "invalidValue", "path"},
			{"BULK-05 DELETE of an endpoint", bulkOp("DELETE", "/Users", "", nil), "400", "invalidValue", "path"},
			{"BULK-05 a path that is no text", bulkOp("DELETE", "", "", nil, "path", 7), "400", "invalidSyntax", "path"},
			{"BULK-08 POST without data", bulkOp("POST", "/Users", "b", nil), "400", "invalidSyntax", "data"},
			{"BULK-08 PUT without data", bulkOp("PUT", "/Users/"+ada, "", nil), "400", "invalidSyntax", "data"},
			{"BULK-08 PATCH with data null", bulkOp("PATCH", "/Users/"+ada, "", nil, "data", nil), "400", "invalidSyntax", "data"},
			{"BULK-08 data that is no resource", bulkOp("POST", "/Users", "b", "x"), "400", "invalidSyntax", "object"},
			{"BULK-08 PATCH with a resource", bulkOp("PATCH", "/Users/"+ada, "", user("ada")), "400", "invalidSyntax", ""},
			{"BULK-A01 an absolute URL", bulkOp("DELETE", s.BaseURL()+"/Users/"+ada, "", nil), "400", "invalidValue", "base URL"},
			{"BULK-A01 another host", bulkOp("DELETE", "http://globex.test/scim/v2/Users/"+ada, "", nil), "400", "invalidValue", "base URL"},
			{"BULK-A01 a scheme left out", bulkOp("DELETE", "//globex.test/scim/v2/Users/"+ada, "", nil), "400", "invalidValue", ""},
			{"BULK-A01 the path with its base", bulkOp("DELETE", "/scim/v2/Users/"+ada, "", nil), "400", "invalidValue", "base URL"},
			{"BULK-A01 one up", bulkOp("DELETE", "/Users/../Users/"+ada, "", nil), "400", "invalidValue", ""},
			{"BULK-A01 dots alone", bulkOp("DELETE", "/Users/..", "", nil), "400", "invalidValue", ""},
			{"BULK-A01 dots encoded", bulkOp("DELETE", "/Users/%2e%2e", "", nil), "400", "invalidValue", ""},
			{"BULK-A01 a slash encoded", bulkOp("DELETE", "/Users/x%2f"+ada, "", nil), "400", "invalidValue", ""},
			{"BULK-A01 an empty segment", bulkOp("DELETE", "/Users//"+ada, "", nil), "400", "invalidValue", ""},
			{"BULK-A01 a query", bulkOp("DELETE", "/Users/"+ada+"?x=y", "", nil), "400", "invalidValue", ""},
			{"BULK-A01 below a resource", bulkOp("DELETE", "/Users/"+ada+"/emails", "", nil), "400", "invalidValue", ""},
			{"BULK-A01 Bulk", bulkOp("POST", "/Bulk", "b", bulkOf(bulkOp("DELETE", "/Users/"+ada, "", nil))), "404", "", "endpoint"},
			{"BULK-A01 search", bulkOp("POST", "/.search", "b", proxytest.M{}), "404", "", "endpoint"},
			{"BULK-A01 search of users", bulkOp("POST", "/Users/.search", "b", proxytest.M{}), "400", "invalidValue", ""},
			{"BULK-A01 Me", bulkOp("PATCH", "/Me", "", patch), "404", "", "endpoint"},
			{"BULK-A01 discovery", bulkOp("DELETE", "/Schemas/"+proxytest.UserSchema, "", nil), "404", "", "endpoint"},
			{"BULK-A01 no endpoint", bulkOp("DELETE", "/Nope/"+ada, "", nil), "404", "", "endpoint"},
			{"BULK-A01 a user among the groups", bulkOp("DELETE", "/Groups/"+ada, "", nil), "404", "", "Group"},
			{"TEN-03 another tenant's user", bulkOp("DELETE", "/Users/"+randomID, "", nil), "404", "", "User"},
		} {
			t.Run(row.name+" "+profile, func(t *testing.T) {
				good := bulkOp("POST", "/Users", "good", user(fmt.Sprintf("good%d", i)))
				r := ran(t, s.Tenant, []string{row.status, "201"}, row.op, good)
				failedAt(t, r, 0, row.status, row.scimType, row.detail)
				s.Get(t, "/Users/"+ada).Status(200).Has("userName", "ada").HasNot("title")
				s.Get(t, "/Groups/"+group).Status(200)
			})
		}
		for i, path := range []string{"/Users", "Users", "/users", "Users/", "/USERS/"} {
			t.Run("BULK-A01 BULK-05 a path as "+named(path)+" "+profile, func(t *testing.T) {
				r := ran(t, s.Tenant, []string{"201"}, bulkOp("POST", path, "b", user(fmt.Sprintf("path%d", i))))
				id := idAt(t, s.Tenant, r, 0)
				ran(t, s.Tenant, []string{"204"}, bulkOp("DELETE", "users/"+id, "", nil))
				s.Get(t, "/Users/"+id).Error(404, "")
			})
		}
	}
}

func TestBULK_Dialect(t *testing.T) {
	ops := []proxytest.M{proxytest.Op("replace", "title", "Lead")}
	for _, profile := range bothProfiles() {
		s := profiled(t, profile)
		lenient := profile == tenancy.ProfileLenient
		want := map[bool]string{true: "200", false: "400"}[lenient]
		ada := s.CreateUser(t, "ada")
		t.Run("BULK-06 a POST without bulkId "+profile, func(t *testing.T) {
			r := ran(t, s.Tenant, []string{map[bool]string{true: "201", false: "400"}[lenient]}, bulkOp("POST", "/Users", "", proxytest.User("anonymous")))
			r.HasNot("Operations.0.bulkId")
			if !lenient {
				failedAt(t, r, 0, "400", "invalidSyntax", "bulkId")
			}
		})
		t.Run("BULK-08 PATCH with a message "+profile, func(t *testing.T) {
			ran(t, s.Tenant, []string{"200"}, bulkOp("PATCH", "/Users/"+ada, "", proxytest.Ops(proxytest.Op("replace", "title", "Head"))))
			s.Get(t, "/Users/"+ada).Has("title", "Head")
		})
		t.Run("BULK-A02 PATCH with a bare array "+profile, func(t *testing.T) {
			ran(t, s.Tenant, []string{want}, bulkOp("PATCH", "/Users/"+ada, "", ops))
			s.Get(t, "/Users/"+ada).Has("title", map[bool]string{true: "Lead", false: "Head"}[lenient])
		})
		t.Run("BULK-04 a member nobody knows "+profile, func(t *testing.T) {
			r := s.Post(t, "/Bulk", proxytest.M{"schemas": []string{bulkRequest}, "extra": 1, "Operations": []proxytest.M{bulkOp("DELETE", "/Users/"+randomID, "", nil)}})
			require.Equal(t, map[bool]int{true: 200, false: 400}[lenient], r.Code)
			r = ran(t, s.Tenant, []string{want}, bulkOp("PUT", "/Users/"+ada, "", proxytest.User("ada"), "extra", 1))
			if !lenient {
				failedAt(t, r, 0, "400", "invalidSyntax", "extra")
			}
		})
		t.Run("BULK-04 member names in any case "+profile, func(t *testing.T) {
			answered(t, s.Tenant, []string{"201"}, `{"SCHEMAS":["`+bulkRequest+`"],"operations":[{"METHOD":"POST","Path":"/Users","BULKID":"q","Data":`+body("{$U}", "anycase")+`}]}`)
		})
	}
}
