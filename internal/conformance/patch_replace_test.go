package conformance_test

import (
	"testing"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestPATCH_Replace(t *testing.T) {
	const work, home = `{"value":"w@x.example","type":"work","primary":true}`, `{"value":"h@x.example","type":"home"}`
	const addresses = `{"type":"work","streetAddress":"1 A St","region":"RA"},{"type":"work","region":"RB"},{"type":"home","region":"RC"}`
	patchesApply(t, tenancy.ProfileLenient, []patchRow{
		{"PATCH-40 one attribute without a path", `{"op":"replace","value":{"active":false}}`, `{"active":false}`},
		{"PATCH-40 several", `{"op":"replace","value":{"title":"X","nickName":"N","emails":[{"value":"n@x.example"}]}}`,
			`{"title":"X","nickName":"N","emails":[{"value":"n@x.example"}]}`},
		{"PATCH-40 an extension keeps what is not named", `{"op":"replace","value":{"ENT":{"department":"D"}}}`,
			`{"ENT":{"department":"D","employeeNumber":"7","manager":{"value":"m-1"}}}`},
		{"PATCH-40 no attribute at all", `{"op":"replace","value":{}}`, ``},
		// The RFC merges a complex attribute; the interop profile, which the strict one follows, replaces it whole.
		{"PATCH-43 complex", `{"op":"replace","path":"name","value":{"givenName":"X"}}`, `{"name":{"givenName":"X","familyName":"Byron"}}`},
		{"PATCH-43 complex without a path", `{"op":"replace","value":{"name":{"givenName":"X"}}}`, `{"name":{"givenName":"X","familyName":"Byron"}}`},
		{"PATCH-46 the lenient profile creates what a plain filter describes", `{"op":"replace","path":"addresses[type eq \"zz\"]","value":{"type":"zz","region":"RZ"}}`,
			`{"addresses":[` + addresses + `,{"type":"zz","region":"RZ"}]}`},
	})
	patchesApply(t, tenancy.ProfileStrict, []patchRow{
		{"PATCH-43 the strict profile replaces the whole", `{"op":"replace","path":"name","value":{"givenName":"X"}}`, `{"name":{"givenName":"X"}}`},
	})
	for _, profile := range bothProfiles() {
		patchesApply(t, profile, []patchRow{
			{"PATCH-41 singular " + profile, `{"op":"replace","path":"title","value":"X"}`, `{"title":"X"}`},
			{"PATCH-41 multi-valued " + profile, `{"op":"replace","path":"emails","value":[{"value":"n@x.example","type":"other"}]}`,
				`{"emails":[{"value":"n@x.example","type":"other"}]}`},
			{"PATCH-41 a part " + profile, `{"op":"replace","path":"name.givenName","value":"X"}`, `{"name":{"givenName":"X","familyName":"Byron"}}`},
			{"PATCH-41 userName in other letters " + profile, `{"op":"replace","path":"userName","value":"ADA-X"}`, `{"userName":"ADA-X"}`},
			{"PATCH-42 absent " + profile, `{"op":"replace","path":"nickName","value":"N"}`, `{"nickName":"N"}`},
			{"PATCH-42 absent multi-valued " + profile, `{"op":"replace","path":"roles","value":[{"value":"r1"}]}`, `{"roles":[{"value":"r1"}]}`},
			{"PATCH-42 absent part " + profile, `{"op":"replace","path":"name.middleName","value":"M"}`, `{"name":{"givenName":"Ada","middleName":"M","familyName":"Byron"}}`},
			{"PATCH-44 a match loses what is not sent " + profile, `{"op":"replace","path":"addresses[type eq \"home\"]","value":{"type":"home","locality":"LH"}}`,
				`{"addresses":[{"type":"work","streetAddress":"1 A St","region":"RA"},{"type":"work","region":"RB"},{"type":"home","locality":"LH"}]}`},
			{"PATCH-44 the filter's own part, too " + profile, `{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"n@x.example"}}`,
				`{"emails":[` + work + `,{"value":"n@x.example"}]}`},
			// Two elements that became one value are held once (SCH-23).
			{"PATCH-44 every match " + profile, `{"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","region":"RX"}}`,
				`{"addresses":[{"type":"work","region":"RX"},{"type":"home","region":"RC"}]}`},
			{"PATCH-45 a part of one match " + profile, `{"op":"replace","path":"emails[type eq \"home\"].value","value":"n@x.example"}`,
				`{"emails":[` + work + `,{"value":"n@x.example","type":"home"}]}`},
			{"PATCH-45 a part of every match " + profile, `{"op":"replace","path":"addresses[type eq \"work\"].region","value":"RX"}`,
				`{"addresses":[{"type":"work","streetAddress":"1 A St","region":"RX"},{"type":"work","region":"RX"},{"type":"home","region":"RC"}]}`},
			{"PATCH-47 null unassigns " + profile, `{"op":"replace","path":"title","value":null}`, `{"title":null}`},
			{"PATCH-47 null for a part " + profile, `{"op":"replace","path":"name.givenName","value":null}`, `{"name":{"familyName":"Byron"}}`},
			{"PATCH-47 null for a complex " + profile, `{"op":"replace","path":"name","value":null}`, `{"name":null}`},
			{"PATCH-47 null for a list " + profile, `{"op":"replace","path":"emails","value":null}`, `{"emails":null}`},
			{"PATCH-47 empty list " + profile, `{"op":"replace","path":"emails","value":[]}`, `{"emails":null}`},
			{"PATCH-47 null for what a filter chooses " + profile, `{"op":"replace","path":"emails[type eq \"work\"]","value":null}`, `{"emails":[` + home + `]}`},
			{"PATCH-47 null for what is absent " + profile, `{"op":"replace","path":"nickName","value":null}`, ``},
			{"PATCH-47 add null " + profile, `{"op":"add","path":"title","value":null}`, `{"title":null}`},
		})
		patchesFail(t, profile, []patchRefusal{
			{"PATCH-46 no match and a filter that describes nothing " + profile, `{"op":"replace","path":"addresses[type sw \"zz\"]","value":{"region":"R"}}`, "noTarget", []string{"operation 1", "addresses"}},
			{"PATCH-46 nor with a part " + profile, `{"op":"replace","path":"addresses[not (type pr)].region","value":"R"}`, "noTarget", []string{"operation 1"}},
			{"PATCH-46 or " + profile, `{"op":"replace","path":"emails[type eq \"zz\" or type eq \"yy\"].value","value":"n@x.example"}`, "noTarget", nil},
			{"PATCH-46 a value that contradicts the filter " + profile, `{"op":"replace","path":"addresses[type eq \"zz\"]","value":{"type":"yy","region":"R"}}`, "noTarget", nil},
		})
	}
	patchesFail(t, tenancy.ProfileStrict, []patchRefusal{
		{"PATCH-46 strict", `{"op":"replace","path":"addresses[type eq \"zz\"]","value":{"type":"zz","region":"RZ"}}`, "noTarget", []string{"operation 1", "addresses"}},
		{"PATCH-46 strict with a part", `{"op":"replace","path":"addresses[type eq \"zz\"].region","value":"RZ"}`, "noTarget", nil},
	})
}

func TestPATCH_Schemas(t *testing.T) {
	s := proxytest.New(t)
	bare := func(t *testing.T, name string) string {
		return "/Users/" + s.Post(t, "/Users", proxytest.User(name)).Status(201).Len("schemas", 1).ID()
	}
	both := []string{proxytest.UserSchema, proxytest.EnterpriseSchema}
	number := proxytest.EnterpriseSchema + ".employeeNumber"
	for name, ops := range map[string]string{
		"PATCH-13 by path":              `{"op":"add","path":"ENT:employeeNumber","value":"9"}`,
		"PATCH-13 by replace":           `{"op":"replace","path":"ENT:employeeNumber","value":"9"}`,
		"PATCH-13 without a path":       `{"op":"add","value":{"ENT":{"employeeNumber":"9"}}}`,
		"PATCH-14 schemas first":        `{"op":"add","path":"schemas","value":["ENT"]},{"op":"add","path":"ENT:employeeNumber","value":"9"}`,
		"PATCH-14 schemas, by one text": `{"op":"add","path":"schemas","value":"ENT"},{"op":"add","path":"ENT","value":{"employeeNumber":"9"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := bare(t, name)
			s.Patch(t, path, patchBody(ops)).Status(200).Has("schemas", both).Has(number, "9")
			s.Get(t, path).Status(200).Has("schemas", both).Has(number, "9")
		})
	}
	t.Run("PATCH-14 a schema that is taken out takes its attributes along", func(t *testing.T) {
		path := "/Users/" + patchUser(t, s.Tenant, 1).Has("schemas", both).ID()
		s.Patch(t, path, patchBody(`{"op":"remove","path":"schemas[value eq \"ENT\"]"},{"op":"add","path":"ENT:division","value":"D"}`)).Status(200).
			Has("schemas", both).Has(proxytest.EnterpriseSchema, proxytest.M{"division": "D"})
		s.Patch(t, path, patchBody(`{"op":"remove","path":"schemas[value eq \"ENT\"]"}`)).Status(200).
			Has("schemas", both[:1]).HasNot(proxytest.EnterpriseSchema)
	})
	t.Run("PATCH-14 the base schema stays", func(t *testing.T) {
		before := patchUser(t, s.Tenant, 2)
		s.Patch(t, "/Users/"+before.ID(), patchBody(`{"op":"remove","path":"schemas"}`)).Error(400, "mutability", "schemas")
		unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
	})
	t.Run("PATCH-A05 the last attribute takes the schema along", func(t *testing.T) {
		path := bare(t, "last")
		s.Patch(t, path, patchBody(`{"op":"add","path":"ENT:employeeNumber","value":"9"}`)).Status(200).Has("schemas", both)
		s.Patch(t, path, patchBody(`{"op":"remove","path":"ENT:employeeNumber"}`)).Status(200).
			Has("schemas", both[:1]).HasNot(proxytest.EnterpriseSchema)
		s.Get(t, path).Has("schemas", both[:1]).HasNot(proxytest.EnterpriseSchema)
	})
	t.Run("PATCH-A03 the whole extension", func(t *testing.T) {
		path := bare(t, "whole")
		s.Patch(t, path, patchBody(`{"op":"add","path":"ENT","value":{"employeeNumber":"9","division":"D"}}`)).Status(200).
			Has("schemas", both).Has(proxytest.EnterpriseSchema, proxytest.M{"employeeNumber": "9", "division": "D"})
		s.Patch(t, path, patchBody(`{"op":"replace","path":"ENT","value":{"division":"E"}}`)).Status(200).
			Has(proxytest.EnterpriseSchema+".division", "E")
		s.Patch(t, path, patchBody(`{"op":"remove","path":"ENT"}`)).Status(200).Has("schemas", both[:1]).HasNot(proxytest.EnterpriseSchema)
		s.Get(t, path).Has("schemas", both[:1]).HasNot(proxytest.EnterpriseSchema)
	})
}
