package conformance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestSCH_Names(t *testing.T) {
	creates(t, tenancy.ProfileStrict, "/Users", []made{
		{"SCH-02 names in the body", `{"SCHEMAS":["$C"],"USERNAME":"$N","Name":{"GIVENNAME":"A"},"EMAILS":[{"VALUE":"a@x.example","Type":"work"}]}`,
			`{"userName":"$N","name.givenName":"A","emails.0.value":"a@x.example","emails.0.type":"work","USERNAME":null}`},
		{"SCH-A01 the declared casing is what is shown", `{$U,"nickname":"N","PROFILEURL":"http://x.example/a","x509certificates":[]}`,
			`{"nickName":"N","profileUrl":"http://x.example/a","nickname":null,"PROFILEURL":null}`},
		{"SCH-03 URNs in the body", `{"schemas":["URN:IETF:params:scim:schemas:CORE:2.0:user","URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER"],"userName":"$N",
			"URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER":{"DEPARTMENT":"Sales"}}`, `{"$E.department":"Sales","schemas":["$C","$E"]}`},
	})
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada", "title", "Lead", proxytest.EnterpriseSchema, proxytest.M{"department": "Sales"})
	t.Run("SCH-02 names elsewhere", func(t *testing.T) {
		s.Filter(t, "/Users", `USERNAME eq "ada" and Emails[TYPE eq "work"] and NAME.givenname pr`).Status(200).Has("totalResults", 1)
		s.Get(t, "/Users/"+ada+"?attributes=USERNAME,Name.GIVENNAME").Status(200).Has("userName", "ada").Has("name.givenName", "ada").HasNot("title", "name.familyName")
		s.Get(t, "/Users/"+ada+"?excludedAttributes=TITLE").Status(200).HasNot("title")
		s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", "TITLE", "Head"), proxytest.Op("replace", `EMAILS[Type eq "work"].VALUE`, "b@x.example"))).
			Status(200).Has("title", "Head").Has("emails.0.value", "b@x.example")
	})
	t.Run("SCH-03 URNs elsewhere", func(t *testing.T) {
		upper := strings.ToUpper(proxytest.UserSchema)
		s.Filter(t, "/Users", upper+`:userName eq "ada"`).Status(200).Has("totalResults", 1)
		s.Filter(t, "/Users", strings.ToUpper(proxytest.EnterpriseSchema)+`:department eq "Sales"`).Status(200).Has("totalResults", 1)
		s.Get(t, "/Users/"+ada+"?attributes="+strings.ToUpper(proxytest.EnterpriseSchema)+":department").Status(200).Has(proxytest.EnterpriseSchema+".department", "Sales")
		s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", upper+":title", "Chief"))).Status(200).Has("title", "Chief")
	})
}

func TestSCH_Schemas(t *testing.T) {
	creates(t, tenancy.ProfileLenient, "/Users", []made{
		{"SCH-05 inferred in the lenient profile", `{"userName":"$N"}`, `{"schemas":["$C"]}`},
		{"SCH-05 null is as good as none", `{"schemas":null,"userName":"$N"}`, `{"schemas":["$C"]}`},
		{"SCH-06 an unknown URN is dropped", `{"schemas":["$C","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User"],"userName":"$N"}`, `{"schemas":["$C"]}`},
		{"SCH-08 an extension's attribute at the top is none of it", `{$U,"department":"Sales"}`, `{"department":null,"$E":null,"schemas":["$C"]}`},
		{"SCH-08 a base attribute in the extension is none of it", `{"schemas":["$C","$E"],"userName":"$N","$E":{"title":"Lead","costCenter":"1"}}`, `{"title":null,"$E":{"costCenter":"1"}}`},
		{"SCH-A06 unknown attributes are ignored", `{$U,"foo":1,"bar":{"a":[]},"name":{"givenName":"A","foo":2},"emails":[{"value":"a@x.example","foo":3}]}`,
			`{"foo":null,"bar":null,"name":{"givenName":"A"},"emails":[{"value":"a@x.example"}]}`},
	})
	creates(t, tenancy.ProfileLenient, "/Groups", []made{
		{"SCH-06 an unknown URN in a group, as Entra sends it", `{"schemas":["$P","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"displayName":"$N"}`, `{"schemas":["$P"]}`},
	})
	for _, profile := range []string{tenancy.ProfileLenient, tenancy.ProfileStrict} {
		creates(t, profile, "/Users", []made{
			{"SCH-06 repeated URNs " + profile, `{"schemas":["$C","$C","$E","$E"],"userName":"$N","$E":{"department":"Sales"}}`, `{"schemas":["$C","$E"]}`},
			{"SCH-06 reversed order " + profile, `{"schemas":["$E","$C"],"userName":"$N","$E":{"department":"Sales"}}`, `{"$E.department":"Sales","schemas":["$C","$E"]}`},
			{"SCH-08 each in its place " + profile, `{"schemas":["$C","$E"],"userName":"$N","title":"Lead","$E":{"department":"Sales"}}`, `{"title":"Lead","department":null,"$E":{"department":"Sales"}}`},
			{"SCH-A02 present but not listed " + profile, `{$U,"$E":{"department":"Sales"}}`, `{"schemas":["$C","$E"],"$E.department":"Sales"}`},
			{"SCH-A02 listed but missing " + profile, `{"schemas":["$C","$E"],"userName":"$N"}`, `{"schemas":["$C"],"$E":null}`},
			{"SCH-A02 listed but empty " + profile, `{"schemas":["$C","$E"],"userName":"$N","$E":{}}`, `{"schemas":["$C"],"$E":null}`},
			{"SCH-A02 listed but all null " + profile, `{"schemas":["$C","$E"],"userName":"$N","$E":{"department":null,"manager":{"value":null}}}`, `{"schemas":["$C"],"$E":null}`},
		})
	}
	bothRefuse(t, "/Users", []refusal{
		{"SCH-05 schemas is no list", `{"schemas":{"a":"$C"},"userName":"$N"}`, "invalidSyntax", "schemas"},
		{"SCH-05 schemas holds no URN", `{"schemas":[1],"userName":"$N"}`, "invalidSyntax", "schemas"},
		{"SCH-07 only the extension", `{"schemas":["$E"],"userName":"$N","$E":{"department":"Sales"}}`, "invalidSyntax", proxytest.UserSchema},
	})
	refuses(t, tenancy.ProfileStrict, "/Users", []refusal{
		{"SCH-05 no schemas", `{"userName":"$N"}`, "invalidSyntax", proxytest.UserSchema},
		{"SCH-05 empty schemas", `{"schemas":[],"userName":"$N"}`, "invalidSyntax", proxytest.UserSchema},
		{"SCH-06 an unknown URN", `{"schemas":["$C","urn:example:unknown:1.0"],"userName":"$N"}`, "invalidSyntax", "urn:example:unknown:1.0"},
		{"SCH-08 an extension's attribute at the top", `{$U,"department":"Sales"}`, "invalidSyntax", "department"},
		{"SCH-A06 an unknown attribute", `{$U,"foo":1}`, "invalidSyntax", "foo"},
		{"SCH-A06 an unknown part", `{$U,"name":{"foo":1}}`, "invalidSyntax", "name.foo"},
		{"SCH-A06 an unknown extension", `{$U,"urn:example:unknown:1.0":{"a":1}}`, "invalidSyntax", "urn:example:unknown:1.0"},
	})
	s := proxytest.New(t)
	t.Run("SCH-05 every representation names its schemas", func(t *testing.T) {
		id := s.CreateUser(t, "ada")
		group := s.CreateGroup(t, "g", id)
		for path, want := range map[string]string{
			"/Users/" + id: proxytest.UserSchema, "/Groups/" + group: proxytest.GroupSchema,
			"/Users":                                 "urn:ietf:params:scim:api:messages:2.0:ListResponse",
			"/Users/" + randomID:                     "urn:ietf:params:scim:api:messages:2.0:Error",
			"/ServiceProviderConfig":                 "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
			"/ResourceTypes/User":                    "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
			"/Schemas/" + proxytest.EnterpriseSchema: "urn:ietf:params:scim:schemas:core:2.0:Schema",
			"/Users?attributes=active":               "urn:ietf:params:scim:api:messages:2.0:ListResponse",
		} {
			s.Get(t, path).Has("schemas", []string{want})
		}
		s.Get(t, "/Users?attributes=active").Has("Resources.0.schemas", []string{proxytest.UserSchema})
	})
	t.Run("SCH-A06 what was ignored is counted and named in the change record", func(t *testing.T) {
		s.Post(t, "/Users", body(`{$U,"foo":1,"urn:example:x":{"a":1}}`, "odd")).Status(201)
		require.Contains(t, lastChange(t, s.Tenant).Ignored, "unknown_attribute:foo")
		require.GreaterOrEqual(t, s.Metric("scimedge_quirk_normalised_total", `kind="unknown_attribute"`), 1.0)
	})
}

// What the published schemas say about their own form.
func TestSCH_PublishedForm(t *testing.T) {
	s := proxytest.New(t)
	for _, urn := range []string{proxytest.UserSchema, proxytest.GroupSchema, proxytest.EnterpriseSchema} {
		r := s.Get(t, "/Schemas/"+urn).Status(200)
		eachAttribute(t, r, func(path string, a map[string]any, sub bool) {
			if a["type"] != "complex" {
				return
			}
			t.Run("SCH-20 SCH-21 "+path, func(t *testing.T) {
				require.False(t, sub, "a part of a complex attribute is never complex")
				require.NotContains(t, a, "uniqueness")
				require.NotContains(t, a, "caseExact")
				require.NotEmpty(t, a["subAttributes"])
			})
		})
	}
}

// eachAttribute visits the attributes of a Schema resource and their parts.
func eachAttribute(t *testing.T, r *proxytest.Response, visit func(path string, a map[string]any, sub bool)) {
	t.Helper()
	all, ok := r.At("attributes")
	require.True(t, ok, r.Body)
	for _, v := range all.([]any) {
		a := v.(map[string]any)
		visit(a["name"].(string), a, false)
		parts, _ := a["subAttributes"].([]any)
		for _, p := range parts {
			part := p.(map[string]any)
			visit(a["name"].(string)+"."+part["name"].(string), part, true)
		}
	}
}
