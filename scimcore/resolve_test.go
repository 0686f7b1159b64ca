package scimcore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	user, _ := stockTypes(t)
	device := customType(t)
	for _, c := range []struct {
		id   string
		typ  *Type
		name string
		want string // Attr.Path, "" for none
	}{
		{"SCH-02 plain", user, "userName", "userName"},
		{"SCH-02 any case", user, "USERNAME", "userName"},
		{"PRJ-06 sub-attribute", user, "Name.GIVENname", "name.givenName"},
		{"PRJ-06 $ref", user, "groups.$REF", "groups.$ref"},
		{"common attribute", user, "meta.lastModified", "meta.lastModified"},
		{"SCH-03 core URN", user, "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:userName", "userName"},
		{"SCH-03 core URN and sub", user, UserSchema + ":name.familyName", "name.familyName"},
		{"core URN before a common attribute", user, UserSchema + ":externalId", "externalId"},
		{"core URN alone is the resource, not an attribute", user, UserSchema, ""},
		{"FLT-A02 extension", user, EnterpriseSchema + ":department", EnterpriseSchema + ":department"},
		{"FLT-A02 extension and sub", user, EnterpriseSchema + ":manager.Value", EnterpriseSchema + ":manager.value"},
		{"PRJ-A01 bare extension URN", user, "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user", EnterpriseSchema},
		{"trailing colon", user, EnterpriseSchema + ":", ""},
		{"FLT-A03 without prefix", user, "department", EnterpriseSchema + ":department"},
		{"FLT-A03 without prefix, sub", user, "manager.displayName", EnterpriseSchema + ":manager.displayName"},
		{"FLT-A03 ambiguous", device, "floor", ""},
		{"FLT-A03 the base schema comes first", device, "tags", "tags"},
		{"longest schema id wins", device, "urn:example:ext:Site:Lab:floor", "urn:example:ext:Site:Lab:floor"},
		{"shorter schema id", device, "urn:example:ext:Site:floor", "urn:example:ext:Site:floor"},
		{"SCH-08 extension attribute under the core URN", user, UserSchema + ":department", ""},
		{"unknown", user, "foo", ""},
		{"unknown sub", user, "name.foo", ""},
		{"sub of a simple attribute", user, "userName.value", ""},
		{"too deep", user, "name.givenName.x", ""},
		{"URN cut at the wrong place", user, "urn:ietf:params:scim:schemas:extension:enterprise:2", ""},
		{"foreign URN", user, GroupSchema + ":displayName", ""},
		{"Kelvin sign is no k", user, "nic\u212aName", ""},
		{"empty", user, "", ""},
		{"dot", user, ".", ""},
	} {
		t.Run(c.id, func(t *testing.T) {
			a, ok := c.typ.Resolve(c.name)
			require.Equal(t, c.want != "", ok)
			if ok {
				require.Equal(t, c.want, a.Path)
			}
		})
	}
}

func TestSRTA02_ALongNameIsNobodys(t *testing.T) {
	user, _ := stockTypes(t)
	long := strings.Repeat("A", 1<<20)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		_, ok := user.Resolve(long)
		require.False(t, ok)
	}), "it is not even copied")
	_, ok := user.Resolve(UserSchema + ":name.familyName")
	require.True(t, ok)
}
