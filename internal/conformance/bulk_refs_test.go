package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
)

// groupOf is a group whose members are given by value.
func groupOf(name string, members ...string) proxytest.M { return proxytest.Group(name, members...) }

func TestBULK_References(t *testing.T) {
	for _, profile := range bothProfiles() {
		s := profiled(t, profile)
		t.Run("BULK-09 BULK-07 a member and a manager "+profile, func(t *testing.T) {
			r := ran(t, s.Tenant, []string{"201", "201", "201"},
				bulkOp("POST", "/Users", "boss", proxytest.User("boss")),
				bulkOp("POST", "/Users", "ann", proxytest.M{"schemas": []string{proxytest.UserSchema, proxytest.EnterpriseSchema}, "userName": "ann",
					proxytest.EnterpriseSchema: proxytest.M{"department": "bulkId", "manager": proxytest.M{"value": "bulkId:boss"}}}),
				bulkOp("POST", "/Groups", "team", groupOf("team", "bulkId:boss", "bulkId:ann")),
			).Has("Operations.0.bulkId", "boss").Has("Operations.1.bulkId", "ann").Has("Operations.2.bulkId", "team")
			boss, ann, team := idAt(t, s.Tenant, r, 0), idAt(t, s.Tenant, r, 1), idAt(t, s.Tenant, r, 2)
			s.Get(t, "/Users/"+ann).Has(proxytest.EnterpriseSchema+".manager.value", boss).Has(proxytest.EnterpriseSchema+".department", "bulkId").Has("groups.0.value", team)
			require.ElementsMatch(t, []string{boss, ann}, s.MembersOf(t, team))
			s.Get(t, "/Groups/"+team).Has("members.0.type", "User").Lacks("bulkId:")
			for _, c := range changesOf(t, s.Tenant) {
				require.NotContains(t, string(c.Resource), "bulkId:")
			}
		})
		t.Run("BULK-10 BULK-A06 a group before its users "+profile, func(t *testing.T) {
			r := ran(t, s.Tenant, []string{"201", "201", "201", "201"},
				bulkOp("POST", "/Groups", "all", groupOf("all", "bulkId:sub", "bulkId:late")),
				bulkOp("POST", "/Users", "other", proxytest.User("other")),
				bulkOp("POST", "/Groups", "sub", groupOf("sub", "bulkId:late")),
				bulkOp("POST", "/Users", "late", proxytest.User("late")))
			require.Equal(t, []string{"all", "other", "sub", "late"}, r.Strs("Operations", "bulkId"), "results come in the order of the request")
			require.ElementsMatch(t, []string{idAt(t, s.Tenant, r, 2), idAt(t, s.Tenant, r, 3)}, s.MembersOf(t, idAt(t, s.Tenant, r, 0)))
			changes := changesOf(t, s.Tenant)
			require.Equal(t, idAt(t, s.Tenant, r, 3), changes[len(changes)-4].ID, "what is needed is made first")
		})
		t.Run("BULK-11 two groups that contain each other "+profile, func(t *testing.T) {
			r := ran(t, s.Tenant, []string{"201", "201"},
				bulkOp("POST", "/Groups", "x", groupOf("x", "bulkId:y")), bulkOp("POST", "/Groups", "y", groupOf("y", "bulkId:x")))
			x, y := idAt(t, s.Tenant, r, 0), idAt(t, s.Tenant, r, 1)
			s.Get(t, "/Groups/"+x).Has("members.0.value", y).Has("members.0.type", "Group").Len("members", 1)
			s.Get(t, "/Groups/"+y).Has("members.0.value", x).Has("members.0.type", "Group").Len("members", 1)
		})
		t.Run("BULK-11 a manager of each other and of oneself "+profile, func(t *testing.T) {
			with := func(name, manager string) proxytest.M {
				return proxytest.M{"schemas": []string{proxytest.UserSchema, proxytest.EnterpriseSchema}, "userName": name, proxytest.EnterpriseSchema: proxytest.M{"manager": proxytest.M{"value": manager}}}
			}
			r := ran(t, s.Tenant, []string{"201", "201", "201"}, bulkOp("POST", "/Users", "p", with("p", "bulkId:q")),
				bulkOp("POST", "/Users", "q", with("q", "bulkId:p")), bulkOp("POST", "/Users", "self", with("self", "bulkId:self")))
			for i, manager := range []int{1, 0, 2} {
				s.Get(t, "/Users/"+idAt(t, s.Tenant, r, i)).Has(proxytest.EnterpriseSchema+".manager.value", idAt(t, s.Tenant, r, manager))
			}
		})
		t.Run("BULK-11 BULK-A04 a circle with one that fails "+profile, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			r := ran(t, s.Tenant, []string{"409", "400", "409"},
				bulkOp("POST", "/Groups", "x", groupOf("x2", "bulkId:y")), bulkOp("POST", "/Groups", "y", proxytest.M{"schemas": []string{proxytest.GroupSchema}, "members": proxytest.Members("bulkId:x")}),
				bulkOp("POST", "/Groups", "z", groupOf("z2", "bulkId:x")))
			failedAt(t, r, 0, "409", "", "operation 2")
			failedAt(t, r, 1, "400", "invalidValue", "displayName")
			failedAt(t, r, 2, "409", "", "Operation 1")
		})
		t.Run("BULK-A03 in paths, filters and references "+profile, func(t *testing.T) {
			bob := s.CreateUser(t, "bob "+profile)
			r := ran(t, s.Tenant, []string{"204", "201", "201", "204", "200", "204"},
				bulkOp("PATCH", "/Groups/bulkId:g1", "", proxytest.Ops(proxytest.Op("add", "members", []proxytest.M{{"value": bob}}), proxytest.Op("add", "members", []proxytest.M{{"value": "bulkId:u1"}}))),
				bulkOp("POST", "/Groups", "g1", groupOf("g1")),
				bulkOp("POST", "/Users", "u1", proxytest.User("u1 "+profile)),
				bulkOp("PATCH", "/Groups/bulkId:g1", "", proxytest.Ops(
					proxytest.Op("remove", `members[value eq "bulkId:u1"]`),
					proxytest.Op("add", "members", []proxytest.M{{"value": "bulkId:u1", "$ref": "../Users/bulkId:u1"}}))),
				bulkOp("PUT", "Users/bulkId:u1", "", proxytest.User("u1 put "+profile)),
				bulkOp("DELETE", "/Users/"+bob, "", nil))
			g, u := idAt(t, s.Tenant, r, 1), idAt(t, s.Tenant, r, 2)
			require.Equal(t, g, idAt(t, s.Tenant, r, 0))
			require.Equal(t, []string{u}, s.MembersOf(t, g))
			s.Get(t, "/Users/"+u).Has("userName", "u1 put "+profile)
		})
		for _, row := range []struct {
			name string
			op   proxytest.M
		}{
			{"a member", bulkOp("POST", "/Groups", "g", groupOf("never", "bulkId:nobody"))},
			{"a path", bulkOp("DELETE", "/Users/bulkId:nobody", "", nil)},
			{"a filter", bulkOp("PATCH", "/Groups/"+randomID, "", proxytest.Ops(proxytest.Op("remove", `members[value eq "bulkId:nobody"]`)))},
			{"what a PUT calls itself", bulkOp("DELETE", "/Users/bulkId:ada", "", nil)},
		} {
			t.Run("BULK-A04 an unknown bulkId in "+row.name+" "+profile, func(t *testing.T) {
				ada := s.CreateUser(t, "ada in "+row.name)
				r := ran(t, s.Tenant, []string{"409", "200"}, row.op, bulkOp("PUT", "/Users/"+ada, "ada", proxytest.User("ada in "+row.name, "title", "x")))
				failedAt(t, r, 0, "409", "", `the bulkId "`)
				s.Filter(t, "/Groups", `displayName eq "never"`).Has("totalResults", 0)
			})
		}
		t.Run("BULK-A04 BULK-12 what refers to a failed POST "+profile, func(t *testing.T) {
			name := "taken " + profile
			s.CreateUser(t, name)
			bystander := s.CreateUser(t, "bystander "+profile)
			r := ran(t, s.Tenant, []string{"409", "409", "409", "204", "201"},
				bulkOp("POST", "/Users", "u", proxytest.User(name)),
				bulkOp("POST", "/Groups", "g", groupOf("g "+profile, "bulkId:u")),
				bulkOp("DELETE", "/Groups/bulkId:g", "", nil),
				bulkOp("DELETE", "/Users/"+bystander, "", proxytest.M{"value": "bulkId:u"}), // a body that DELETE does not have
				bulkOp("POST", "/Users", "v", proxytest.User("free "+profile)))
			failedAt(t, r, 0, "409", "uniqueness", "userName")
			failedAt(t, r, 1, "409", "", "Operation 1")
			failedAt(t, r, 2, "409", "", "Operation 2")
			s.Filter(t, "/Groups", `displayName eq "g `+profile+`"`).Has("totalResults", 0)
		})
	}
}

// A store whose transactions are tiny cuts a request into many, and still a circle
// is done whole or not at all.
func TestBULK11_OnAStoreOfTinyTransactions(t *testing.T) {
	s := proxytest.New(t, proxytest.WithMem(memkv.Options{Limited: true, Hostile: true}))
	ops := []proxytest.M{bulkOp("POST", "/Groups", "g", groupOf("g"))}
	want := []string{"201"}
	members := make([]string, 60)
	for i := range members {
		name := "u" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		members[i] = "bulkId:" + name
		ops = append(ops, bulkOp("POST", "/Users", name, proxytest.User(name)))
		want = append(want, "201")
	}
	ops[0]["data"] = groupOf("g", members...)
	t.Run("BULK-10 a group larger than a transaction", func(t *testing.T) {
		r := ran(t, s.Tenant, want, ops...)
		require.Len(t, s.MembersOf(t, idAt(t, s.Tenant, r, 0)), len(members))
	})
	t.Run("BULK-11 a circle larger than a transaction", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for i, op := range ops[1:] {
			op["data"] = proxytest.User("again"+op["bulkId"].(string), proxytest.EnterpriseSchema, proxytest.M{"manager": proxytest.M{"value": members[(i+1)%len(members)]}},
				"schemas", []string{proxytest.UserSchema, proxytest.EnterpriseSchema})
			want[i] = "409"
		}
		r := ran(t, s.Tenant, want[:len(ops)-1], ops[1:]...)
		failedAt(t, r, 0, "409", "", "too large")
	})
}
