package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

// TestBULK_Seams runs bulk requests where other features have a say.
func TestBULK_Seams(t *testing.T) {
	s := declared(t, tenancy.ProfileLenient)
	devices := func(serial string) proxytest.M { return device(serial) }
	t.Run("BULK-A10 RES-18 operations on a type of the tenant's own", func(t *testing.T) {
		r := ran(t, s.Tenant, []string{"201", "409", "200", "200", "204"},
			bulkOp("POST", "/Devices", "d", devices("S1")),
			bulkOp("POST", "/Devices", "e", devices("S1")),
			bulkOp("PATCH", "/Devices/bulkId:d", "", proxytest.Ops(proxytest.Op("replace", "displayName", "Lamp"))),
			bulkOp("PATCH", "/Devices/bulkId:d", "", proxytest.Ops(proxytest.Op("replace", "displayName", "Lamp"))),
			bulkOp("DELETE", "/Devices/bulkId:d", "", nil),
		)
		failedAt(t, r, 1, "409", "uniqueness", "serial")
		require.Equal(t, 1.0, s.Metric("scimedge_provisioning_noops_total", `resource="other"`))
		require.NotContains(t, s.MetricsText(), "Device", "names that a tenant chose are no labels")
		for _, c := range changesOf(t, s.Tenant) {
			require.Equal(t, s.Prefix, c.Token)
			require.NotEmpty(t, c.RequestID)
		}
	})
	t.Run("BULK-A08 a token of a user, for users only, among switches", func(t *testing.T) {
		id := s.CreateUser(t, "ada")
		me := s.WithToken(t, tenancy.NewToken{Name: "me", User: id, Scopes: []string{tenancy.ScopeUsers}})
		s.SetSwitch(t, tenancy.SwitchRequireIfMatch, true)
		s.SetSwitch(t, tenancy.SwitchPatch, false)
		defer s.SetSwitch(t, tenancy.SwitchPatch, true)
		defer s.SetSwitch(t, tenancy.SwitchRequireIfMatch, false)
		title := proxytest.Ops(proxytest.Op("replace", "title", "T"))
		r := ran(t, me, []string{"403", "403", "404", "501", "428", "412", "200"},
			bulkOp("POST", "/Devices", "d", devices("S2")),
			bulkOp("POST", "/Groups", "g", groupOf("g", id)),
			bulkOp("PATCH", "/Me", "", title),
			bulkOp("PATCH", "/Users/"+id, "", title),
			bulkOp("PUT", "/Users/"+id, "", proxytest.User("ada")),
			bulkOp("PUT", "/Users/"+id, "", proxytest.User("ada"), "version", `W/"0"`),
			bulkOp("PUT", "/Users/"+id, "", proxytest.User("ada", "title", "U"), "version", s.Get(t, "/Users/"+id).ETag()),
		)
		failedAt(t, r, 0, "403", "", "scopes")
		s.SetPaused(t, true)
		me.Post(t, "/Bulk", bulkOf(bulkOp("DELETE", "/Users/"+id, "", nil, "version", "*"))).Error(503, "", "paused")
		s.SetPaused(t, false)
		ran(t, me, []string{"204"}, bulkOp("DELETE", "/Users/"+id, "", nil, "version", "*"))
		me.Get(t, "/Me").Error(404, "")
		ran(t, me, []string{"201"}, bulkOp("POST", "/Users", "b", proxytest.User("ada")))
		me.Get(t, "/Me").Error(404, "") // a name is no id
	})
	t.Run("RES-18 what is retired or off", func(t *testing.T) {
		file := func(attrs, off string) string {
			return `{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[` + attrs + `]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}],"attributesOff":[` + off + `]}`
		}
		globex := s.Globex
		globex.LoadSchema(t, file(`{"name":"badge","uniqueness":"server"},{"name":"site"}`, ""))
		person := func(name, badge string) proxytest.M {
			return proxytest.User(name, "title", "T", "urn:x:y:Ext", proxytest.M{"badge": badge, "site": "s"})
		}
		r := ran(t, globex, []string{"201", "409"}, bulkOp("POST", "/Users", "a", person("a", "b1")), bulkOp("POST", "/Users", "b", person("b", "B1")))
		path := "/Users/" + idAt(t, globex, r, 0)
		globex.LoadSchema(t, file(`{"name":"site"}`, `"`+proxytest.UserSchema+`:title","`+proxytest.UserSchema+`:active"`))
		ran(t, globex, []string{"200", "200", "200", "201"},
			bulkOp("PUT", path, "", person("a2", "b7")),
			bulkOp("PATCH", path, "", proxytest.Ops(proxytest.Op("replace", "title", "X"), proxytest.Op("replace", "active", false), proxytest.Op("replace", "displayName", "D"))),
			bulkOp("PATCH", path, "", proxytest.Ops(proxytest.Op("remove", "urn:x:y:Ext:badge", nil))),
			bulkOp("POST", "/Users", "b", person("b", "b1")),
		)
		globex.Get(t, path).Status(200).HasNot("title").HasNot("active").HasNot("urn:x:y:Ext.badge").Has("displayName", "D")
		globex.LoadSchema(t, file(`{"name":"badge","uniqueness":"server"},{"name":"site"}`, ""))
		globex.Get(t, path).Status(200).Has("title", "T").Has("urn:x:y:Ext.badge", "b1").Has("active", true)
	})
}
