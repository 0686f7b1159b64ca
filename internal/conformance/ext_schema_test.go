package conformance_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

// URNs of configs/examples/schema.json.
const (
	acmeURN   = "urn:example:params:scim:schemas:extension:acme:2.0:User"
	deviceURN = "urn:ietf:params:scim:schemas:core:2.0:Device"
	bleURN    = "urn:ietf:params:scim:schemas:extension:ble:2.0:Device"
)

// declared is a stack whose tenant Acme has loaded the example.
func declared(t *testing.T, profile string) *proxytest.Stack {
	t.Helper()
	file, err := os.ReadFile("../../configs/examples/schema.json")
	require.NoError(t, err)
	s := profiled(t, profile)
	s.LoadSchema(t, string(file))
	return s
}

func device(serial string, pairs ...any) proxytest.M {
	m := proxytest.M{"schemas": []string{deviceURN}, "serial": serial}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// TestRES18_GenericSuiteOnACustomType runs what holds for Users on Devices.
func TestRES18_GenericSuiteOnACustomType(t *testing.T) {
	for _, profile := range []string{tenancy.ProfileLenient, tenancy.ProfileStrict} {
		s := declared(t, profile)
		t.Run("HTTP-14 found in discovery and called "+profile, func(t *testing.T) {
			list := s.Get(t, "/ResourceTypes").Status(200).Has("totalResults", 6)
			require.Equal(t, []string{"/Users", "/Groups", "/Devices", "/EndpointApps", "/Roles", "/Entitlements"}, list.Strs("Resources", "endpoint"))
			s.Get(t, "/ResourceTypes/Device").Status(200).Has("schema", deviceURN).Has("schemaExtensions.0.schema", bleURN).Has("meta.location", s.BaseURL()+"/ResourceTypes/Device")
			s.Get(t, "/ResourceTypes/User").Status(200).Has("schemaExtensions.1.schema", acmeURN)
			s.Get(t, "/Schemas/"+deviceURN).Status(200).Has("attributes.2.name", "serial").Has("attributes.2.uniqueness", "server").Has("attributes.2.mutability", "immutable")
			s.Get(t, "/Devices").Status(200).Has("totalResults", 0)
			s.Get(t, "/devices/").Status(200)
			s.Globex.Get(t, "/Devices").Error(404, "")
			s.Globex.Get(t, "/ResourceTypes").Status(200).Has("totalResults", 2)
		})
		t.Run("RES-18 create, read, list, change, delete "+profile, func(t *testing.T) {
			made := s.Post(t, "/Devices", device("S1", "displayName", "Lamp", "externalId", "x1", bleURN, proxytest.M{"versionSupport": []string{"5.3"}, "deviceMacAddress": "AA:BB"})).Status(201).
				Has("meta.resourceType", "Device").Has("schemas", []string{deviceURN, bleURN}).HasNot("active")
			path := "/Devices/" + made.ID()
			made.Has("meta.location", s.BaseURL()+path).HasHeader("Location", s.BaseURL()+path)
			got := s.Get(t, path).Status(200)
			require.Equal(t, made.Body, got.Body)
			s.Get(t, path, proxytest.Header("If-None-Match", got.Headers.Get("ETag"))).Status(304)
			s.Get(t, "/Users/"+made.ID()).Error(404, "")
			for _, f := range []string{`serial eq "S1"`, `displayName eq "LAMP"`, `externalId eq "x1"`, bleURN + `:deviceMacAddress eq "aa:bb"`, `meta.resourceType eq "Device"`, `displayName sw "La" and not (active eq true)`} {
				s.Filter(t, "/Devices", f).Status(200).Has("totalResults", 1).Has("Resources.0.id", made.ID())
			}
			s.Get(t, "/Devices?attributes=serial").Status(200).Has("Resources.0.serial", "S1").HasNot("Resources.0.displayName")
			s.Post(t, "/Devices", device("S1")).Error(409, "uniqueness", "serial")
			s.Post(t, "/Devices", proxytest.M{"schemas": []string{deviceURN}}).Error(400, "invalidValue", "serial")
			s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "active", true))).Status(200).Has("active", true)
			s.Put(t, path, device("S1", "displayName", "Desk lamp"), proxytest.Header("If-Match", `W/"1"`)).Error(412, "")
			s.Put(t, path, device("S1", "displayName", "Desk lamp")).Status(200).Has("displayName", "Desk lamp").HasNot("active")
			require.Equal(t, "Device", lastChange(t, s.Tenant).Type)
			s.Delete(t, path).Status(204)
			s.Get(t, path).Error(404, "")
			s.Get(t, "/Devices").Status(200).Has("totalResults", 0)
			s.Post(t, "/Devices", device("S1")).Status(201)
		})
	}
}

func TestSCH_CustomAttributes(t *testing.T) {
	s := declared(t, tenancy.ProfileLenient)
	ext := func(pairs ...any) proxytest.M {
		m := proxytest.M{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	ada := s.CreateUser(t, "ada", acmeURN, ext("badge", "B1", "site", "Bonn", "note", "n1", "desks", []proxytest.M{{"value": "7", "floor": 2}}))
	bob := s.CreateUser(t, "bob", acmeURN, ext("badge", "B2"))
	t.Run("SCH-35 unique among the users", func(t *testing.T) {
		s.Post(t, "/Users", proxytest.User("eve", acmeURN, ext("badge", "B1"))).Error(409, "uniqueness", "badge")
		s.Patch(t, "/Users/"+bob, proxytest.Ops(proxytest.Op("replace", acmeURN+":badge", "B1"))).Error(409, "uniqueness", "badge")
		s.Put(t, "/Users/"+bob, proxytest.User("bob", acmeURN, ext("badge", "B1"))).Error(409, "uniqueness", "badge")
		s.Filter(t, "/Users", acmeURN+`:badge eq "B1"`).Status(200).Has("totalResults", 1).Has("Resources.0.id", ada)
		s.Filter(t, "/Users", acmeURN+`:badge eq "b1"`).Status(200).Has("totalResults", 0)
		s.Filter(t, "/Users", acmeURN+`:site eq "BONN"`).Status(200).Has("totalResults", 1)
	})
	t.Run("SCH-29 immutable through POST, PUT and PATCH", func(t *testing.T) {
		const day, other = "2026-01-31T00:00:00.000Z", "2026-02-01T00:00:00.000Z"
		hired := acmeURN + ":hired"
		s.Patch(t, "/Users/"+bob, proxytest.Ops(proxytest.Op("add", hired, day))).Status(200).Has(acmeURN+".hired", day)
		s.Patch(t, "/Users/"+bob, proxytest.Ops(proxytest.Op("replace", hired, day))).Status(200)
		for _, op := range []proxytest.M{proxytest.Op("replace", hired, other), proxytest.Op("remove", hired)} {
			s.Patch(t, "/Users/"+bob, proxytest.Ops(op)).Error(400, "mutability", "hired")
		}
		s.Put(t, "/Users/"+bob, proxytest.User("bob", acmeURN, ext("hired", other))).Error(400, "mutability", "hired")
		s.Put(t, "/Users/"+bob, proxytest.User("bob", acmeURN, ext("badge", "B2"))).Status(200).Has(acmeURN+".hired", day)
		s.Post(t, "/Users", proxytest.User("hal", acmeURN, ext("hired", day))).Status(201).Has(acmeURN+".hired", day)
		dev := s.Post(t, "/Devices", device("S9")).Status(201).ID()
		s.Put(t, "/Devices/"+dev, device("S10")).Error(400, "mutability", "serial")
	})
	t.Run("SCH-34 returned on request", func(t *testing.T) {
		s.Get(t, "/Users/"+ada).Status(200).HasNot(acmeURN+".note").Has(acmeURN+".site", "Bonn")
		s.Get(t, "/Users?filter=userName+eq+%22ada%22").Status(200).HasNot("Resources.0." + acmeURN + ".note")
		s.Get(t, "/Users/"+ada+"?attributes="+acmeURN+":note").Status(200).Has(acmeURN+".note", "n1").HasNot("userName")
		s.Post(t, "/Users", proxytest.User("pat", acmeURN, ext("note", "n2"))).Status(201).Has(acmeURN+".note", "n2").Has("userName", "pat")
		s.Put(t, "/Users/"+bob, proxytest.User("bob", acmeURN, ext("note", "n3"))).Status(200).Has(acmeURN+".note", "n3")
		s.Put(t, "/Users/"+bob, proxytest.User("bob", acmeURN, ext("badge", "B2"))).Status(200).HasNot(acmeURN + ".note")
		s.Post(t, "/Users?excludedAttributes="+acmeURN+":note", proxytest.User("sid", acmeURN, ext("note", "n2"))).Status(201).HasNot(acmeURN + ".note")
	})
	t.Run("PATCH-48 the answer to a patch", func(t *testing.T) {
		path := "/Users/" + ada
		s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", acmeURN+":site", "Berlin"))).Status(200).HasNot(acmeURN+".note").Has(acmeURN+".site", "Berlin")
		s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", acmeURN+":note", "n9"))).Status(200).Has(acmeURN+".note", "n9").Has(acmeURN+".badge", "B1")
		s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "", proxytest.M{acmeURN: ext("note", "n8")}))).Status(200).Has(acmeURN+".note", "n8")
		s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "", proxytest.M{acmeURN + ":note": "n7"}))).Status(200).Has(acmeURN+".note", "n7")
		dev := "/Devices/" + s.Post(t, "/Devices", device("S20", bleURN, proxytest.M{"versionSupport": []string{"5"}, "deviceMacAddress": "m", "irk": "secret"})).Status(201).HasNot(bleURN+".irk").ID()
		s.Patch(t, dev, proxytest.Ops(proxytest.Op("replace", bleURN+":irk", "other"), proxytest.Op("replace", "displayName", "D"))).Status(200).
			Has("displayName", "D").Has(bleURN+".deviceMacAddress", "m").HasNot(bleURN + ".irk")
		s.Get(t, dev+"?attributes="+bleURN+":irk").Status(200).HasNot(bleURN)
	})
}

func TestSEC_A02_AttributesSwitchedOff(t *testing.T) {
	s := declared(t, tenancy.ProfileStrict)
	t.Run("SEC-A02 not taken, not published, not found", func(t *testing.T) {
		all := s.Get(t, "/Schemas").Status(200).Body
		for _, word := range []string{`"addresses"`, `"middleName"`, `"password"`} {
			require.NotContains(t, all, word)
			require.Contains(t, s.Globex.Get(t, "/Schemas").Body, word)
		}
		s.Post(t, "/Users", proxytest.User("ada", "addresses", []proxytest.M{{"country": "DE"}})).Error(400, "invalidSyntax", "addresses")
		s.Filter(t, "/Users", `addresses.country eq "DE"`).Error(400, "invalidFilter")
	})
	t.Run("SEC-A02 dropped and noted in the lenient profile", func(t *testing.T) {
		s.SetProfile(t, tenancy.ProfileLenient)
		id := s.Post(t, "/Users", proxytest.User("ada", "addresses", []proxytest.M{{"country": "DE"}}, "password", "hunter22")).Status(201).HasNot("addresses").ID()
		require.Contains(t, lastChange(t, s.Tenant).Ignored, "unknown_attribute:addresses")
		require.NotContains(t, string(lastChange(t, s.Tenant).Resource), "country")
		s.Get(t, "/Users/"+id+"?attributes=addresses").Status(200).HasNot("addresses")
		s.LoadSchema(t, `{}`)
		s.Get(t, "/Users/"+id).Status(200).HasNot("addresses") // it was never stored
	})
	t.Run("EXT-A12 the password can be switched off", func(t *testing.T) {
		s.LoadSchema(t, `{"attributesOff":["`+proxytest.UserSchema+`:password"]}`)
		require.NotContains(t, s.Get(t, "/Schemas/"+proxytest.UserSchema).Body, "password")
		s.SetProfile(t, tenancy.ProfileStrict)
		s.Post(t, "/Users", proxytest.User("bob", "password", "hunter22")).Error(400, "invalidSyntax", "password")
		s.LoadSchema(t, `{}`)
		require.Contains(t, s.Get(t, "/Schemas/"+proxytest.UserSchema).Body, "password")
	})
}

func TestSCH_SchemaFilesAreChecked(t *testing.T) {
	s := proxytest.New(t)
	file := func(attr string) string {
		return `{"schemas":[{"id":"urn:x:y:Thing","name":"Thing","attributes":[` + attr + `]}],"resourceTypes":[{"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing"}]}`
	}
	for name, row := range map[string]struct{ attr, words string }{
		"SCH-01 a digit first": {`{"name":"1abc"}`, "1abc"},
		"SCH-01 a dot":         {`{"name":"a.b"}`, "a.b"},
		"SCH-20 complex within complex": {`{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex","subAttributes":[{"name":"c"}]}]}`,
			"nest two levels"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.TryLoadSchema(t, file(row.attr))
			require.ErrorContains(t, err, row.words)
			s.Get(t, "/Things").Error(404, "")
		})
	}
	t.Run("SCH-04 an attribute that has only a name", func(t *testing.T) {
		s.LoadSchema(t, file(`{"name":"a"}`))
		got := s.Get(t, "/Schemas/urn:x:y:Thing").Status(200)
		for member, want := range map[string]any{"type": "string", "multiValued": false, "required": false, "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none"} {
			got.Has("attributes.0."+member, want)
		}
	})
}

func TestEXT_ResourceTypesOfOtherDocuments(t *testing.T) {
	s := declared(t, tenancy.ProfileLenient)
	t.Run("EXT-A01 roles and entitlements are published as lists", func(t *testing.T) {
		for endpoint, urn := range map[string]string{"/Roles": "Role", "/Entitlements": "Entitlement"} {
			for _, value := range []string{"admin", "reader"} {
				s.Post(t, endpoint, proxytest.M{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:" + urn}, "value": value, "display": strings.ToUpper(value), "type": "app", "supported": true}).Status(201)
			}
			require.Equal(t, []string{"admin", "reader"}, s.Get(t, endpoint).Status(200).Has("totalResults", 2).Strs("Resources", "value"))
			s.Filter(t, endpoint, `value eq "admin" and supported eq true`).Status(200).Has("totalResults", 1)
			s.Get(t, "/ResourceTypes/"+urn).Status(200).Has("endpoint", endpoint)
		}
	})
	t.Run("EXT-A04 devices and endpoint applications are loaded, not built in", func(t *testing.T) {
		s.Post(t, "/EndpointApps", proxytest.M{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:EndpointApp"}, "applicationType": "telemetry", "applicationName": "Meter"}).Status(201).Has("meta.resourceType", "EndpointApp")
		s.Post(t, "/Devices", device("D1", "mudUrl", "https://device.example/mud", bleURN, proxytest.M{"versionSupport": []string{"5.3", "5.4"}, "deviceMacAddress": "2C:54", "isRandom": false})).
			Status(201).Has(bleURN+".versionSupport", []string{"5.3", "5.4"}).Has("schemas", []string{deviceURN, bleURN})
		s.Globex.Get(t, "/Devices").Error(404, "")
	})
}

// TestSchemaChangesOfARunningServer: the next request sees the new schema.
func TestSchemaChangesOfARunningServer(t *testing.T) {
	s := proxytest.New(t)
	file := func(attrs string) string {
		return `{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[` + attrs + `]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}]}`
	}
	tag := func() string { return s.Get(t, "/Schemas").Status(200).Headers.Get("ETag") }
	before := tag()
	s.LoadSchema(t, file(`{"name":"a"},{"name":"b"}`))
	require.NotEqual(t, before, tag())
	s.Get(t, "/ResourceTypes/User").Has("schemaExtensions.1.schema", "urn:x:y:Ext")
	id := s.CreateUser(t, "ada", "urn:x:y:Ext", proxytest.M{"a": "1", "b": "2"})
	s.LoadSchema(t, file(`{"name":"a"}`))
	s.Get(t, "/Users/"+id).Status(200).Has("urn:x:y:Ext.a", "1").HasNot("urn:x:y:Ext.b")
	s.Put(t, "/Users/"+id, proxytest.User("ada")).Status(200).HasNot("urn:x:y:Ext.b")
	s.Put(t, "/Users/"+id, proxytest.User("ada", "urn:x:y:Ext", proxytest.M{"a": "3"})).Status(200)
	s.LoadSchema(t, `{}`)
	s.Get(t, "/Users/"+id).Status(200).HasNot("urn:x:y:Ext").Has("schemas", []string{proxytest.UserSchema})
	s.LoadSchema(t, file(`{"name":"b"},{"name":"a"}`))
	s.Get(t, "/Users/"+id).Status(200).Has("urn:x:y:Ext.a", "3").Has("urn:x:y:Ext.b", "2").Has("schemas", []string{proxytest.UserSchema, "urn:x:y:Ext"})
}
