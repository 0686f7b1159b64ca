package conformance_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// The SCIM interoperability profile, which a strict tenant keeps to.
func TestEXT_InteropProfile(t *testing.T) {
	s := profiled(t, tenancy.ProfileStrict)
	id := s.CreateUser(t, "ada", "name", proxytest.M{"givenName": "Ada", "familyName": "Byron"})
	path := "/Users/" + id
	for _, row := range []struct{ name, ops, scimType string }{
		{"EXT-A06 add without a path", `{"op":"add","value":{"title":"T"}}`, "invalidSyntax"},
		{"EXT-A06 replace without a path", `{"op":"replace","value":{"active":false}}`, "invalidSyntax"},
		{"EXT-A06 remove without a path", `{"op":"remove"}`, "invalidSyntax"},
		{"EXT-A06 the path is null", `{"op":"replace","path":null,"value":{"title":"T"}}`, "invalidSyntax"},
		{"EXT-A06 the path is empty", `{"op":"replace","path":"","value":{"title":"T"}}`, "invalidSyntax"},
		{"EXT-A06 one operation of several", `{"op":"replace","path":"title","value":"T"},{"op":"replace","value":{"title":"U"}}`, "invalidSyntax"},
		{"EXT-A07 an attribute in a value", `{"op":"replace","path":"name","value":{"foo":"x"}}`, "invalidSyntax"},
		{"EXT-A07 an attribute of an element", `{"op":"add","path":"emails","value":[{"value":"x@x.example","foo":1}]}`, "invalidSyntax"},
		{"EXT-A07 a schema URI", `{"op":"add","path":"schemas","value":["urn:example:foo"]}`, "invalidSyntax"},
		{"EXT-A07 PATCH-A02 an attribute as a path has an error of its own", `{"op":"replace","path":"foo","value":"x"}`, "invalidPath"},
	} {
		t.Run(row.name, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			s.Patch(t, path, patchBody(row.ops)).Error(400, row.scimType)
		})
	}
	for name, text := range map[string]string{
		"EXT-A07 an attribute":            `{$U,"foo":1}`,
		"EXT-A07 a part":                  `{$U,"name":{"foo":1}}`,
		"EXT-A07 of an extension":         `{"schemas":["$C","$E"],"userName":"$N","$E":{"foo":1}}`,
		"EXT-A07 an extension":            `{$U,"urn:example:foo":{"a":1}}`,
		"EXT-A07 a schema that is listed": `{"schemas":["$C","urn:example:foo"],"userName":"$N"}`,
	} {
		t.Run(name, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			s.Post(t, "/Users", body(text, "new")).Error(400, "invalidSyntax")
			s.Put(t, path, body(text, "ada")).Error(400, "invalidSyntax")
		})
	}
	t.Run("EXT-A08 replace of a complex attribute", func(t *testing.T) {
		r := s.Patch(t, path, patchBody(`{"op":"replace","path":"name","value":{"givenName":"X"}}`)).Status(200)
		r.Has("name", proxytest.M{"givenName": "X"})
		// Add merges in the profile, too.
		s.Patch(t, path, patchBody(`{"op":"add","path":"name","value":{"familyName":"Y"}}`)).Status(200).Has("name", proxytest.M{"givenName": "X", "familyName": "Y"})
	})
}

func TestEXT_A05_ClaimOfConformance(t *testing.T) {
	s := proxytest.New(t)
	claims := func(t *testing.T, x *proxytest.Tenant, want bool) {
		t.Helper()
		r := x.Get(t, "/ServiceProviderConfig").Status(200)
		if want {
			r.Has("interopProfileConformant", true)
		} else {
			r.HasNot("interopProfileConformant")
		}
	}
	t.Run("EXT-A05 lenient", func(t *testing.T) { claims(t, s.Tenant, false) })
	s.SetProfile(t, tenancy.ProfileStrict)
	t.Run("EXT-A05 DISC-A01 strict", func(t *testing.T) {
		claims(t, s.Tenant, true)
		claims(t, s.Staging, false)
	})
	t.Run("EXT-A05 strict but for one leniency", func(t *testing.T) {
		s.SetLeniency(t, "any_country", true)
		claims(t, s.Tenant, false)
		s.SetLeniency(t, "any_country", false)
		claims(t, s.Tenant, true)
	})
	t.Run("EXT-A05 strict with a switch that the profile rules out", func(t *testing.T) {
		for _, sw := range tenancy.Switches() {
			s.SetSwitch(t, sw.Name, !sw.Default)
			claims(t, s.Tenant, sw.Name == tenancy.SwitchBulk)
			s.SetSwitch(t, sw.Name, sw.Default)
			claims(t, s.Tenant, true)
		}
	})
	t.Run("EXT-A05 strict on a server whose pages are too small", func(t *testing.T) {
		small := profiled(t, tenancy.ProfileStrict, proxytest.WithLimits(proxy.Limits{PageSize: 50, MaxPageSize: 99}))
		claims(t, small.Tenant, false)
	})
}

// What the profiles want of every tenant, whatever it is set to.
func TestEXT_Floor(t *testing.T) {
	for _, profile := range bothProfiles() {
		s := profiled(t, profile)
		ada := s.CreateUser(t, "ada", "externalId", "E-1", "displayName", "Ada", "emails", []proxytest.M{{"value": "ada@x.example", "type": "work"}, {"value": "a@y.example", "type": "home"}})
		group := s.CreateGroup(t, "engineers", ada)
		finds := func(t *testing.T, endpoint, filter, id string) {
			t.Helper()
			s.Filter(t, endpoint, filter).Status(200).Has("totalResults", 1).Has("Resources.0.id", id)
		}
		t.Run("EXT-A09 eq and and "+profile, func(t *testing.T) {
			finds(t, "/Users", `userName eq "ADA" and active eq true`, ada)
			finds(t, "/Groups", `displayName eq "engineers" and id eq "`+group+`"`, group)
			s.Filter(t, "/Users", `userName eq "ada" and active eq false`).Status(200).Has("totalResults", 0)
			s.Filter(t, "/Users", `foo eq "x"`).Error(400, "invalidFilter")
		})
		t.Run("EXT-A09 PATCH "+profile, func(t *testing.T) {
			s.Patch(t, "/Users/"+ada, patchBody(`{"op":"replace","path":"title","value":"T"}`)).Status(200).Has("title", "T")
			s.Get(t, "/ServiceProviderConfig").Has("patch.supported", true)
		})
		t.Run("EXT-A09 uniqueness, and 404 after a delete "+profile, func(t *testing.T) {
			bob := s.CreateUser(t, "bob")
			s.Post(t, "/Users", proxytest.User("BOB")).Error(409, "uniqueness")
			s.Patch(t, "/Users/"+ada, patchBody(`{"op":"replace","path":"userName","value":"bob"}`)).Error(409, "uniqueness")
			s.Delete(t, "/Users/"+bob).Status(204)
			s.Get(t, "/Users/"+bob).Error(404, "")
			s.Patch(t, "/Users/"+bob, patchBody(`{"op":"replace","path":"title","value":"T"}`)).Error(404, "")
			s.Delete(t, "/Users/"+bob).Error(404, "")
			s.Filter(t, "/Users", `userName eq "bob"`).Has("totalResults", 0)
			s.CreateUser(t, "bob") // the name is free again
		})
		t.Run("EXT-A10 look-ups "+profile, func(t *testing.T) {
			for endpoint, filters := range map[string][]string{
				"/Users": {
					`userName eq "ada"`, `externalId eq "E-1"`, `emails[value eq "ada@x.example"]`, `emails.value eq "a@y.example"`,
					`emails[type eq "work" and value eq "ada@x.example"]`, `displayName eq "Ada"`,
				},
				"/Groups": {`displayName eq "engineers"`, `members[value eq "` + ada + `"]`, `members.value eq "` + ada + `"`},
			} {
				for _, f := range filters {
					finds(t, endpoint, f, map[string]string{"/Users": ada, "/Groups": group}[endpoint])
				}
			}
			s.Filter(t, "/Users", `emails[type eq "home" and value eq "ada@x.example"]`).Status(200).Has("totalResults", 0)
		})
		t.Run("EXT-A11 groups "+profile, func(t *testing.T) {
			ids := s.CreateUsers(t, "member", 101)
			empty := s.Post(t, "/Groups", body(`{$G}`, "nobody yet")).Status(201).HasNot("members").ID()
			add, remove := "", ""
			for i, id := range ids[:60] {
				if i > 0 {
					add, remove = add+",", remove+","
				}
				add += `{"op":"add","path":"members","value":[{"value":"` + id + `"}]}`
				remove += `{"op":"remove","path":"members[value eq \"` + id + `\"]"}`
			}
			s.Patch(t, "/Groups/"+empty, patchBody(add)).Status(204)
			require.ElementsMatch(t, ids[:60], s.MembersOf(t, empty))
			s.Patch(t, "/Groups/"+empty, patchBody(remove)).Status(204)
			require.Empty(t, s.MembersOf(t, empty))
		})
		t.Run("EXT-A09 pages of a hundred "+profile, func(t *testing.T) {
			s.Get(t, "/Users").Status(200).Len("Resources", 100)
			for _, count := range []int{1, 60, 100} {
				s.Get(t, fmt.Sprint("/Users?count=", count)).Status(200).Len("Resources", count).Has("itemsPerPage", count)
			}
		})
	}
}
