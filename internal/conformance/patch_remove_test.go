package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestPATCH_Remove(t *testing.T) {
	for _, profile := range bothProfiles() {
		patchesApply(t, profile, []patchRow{
			{"PATCH-33 singular " + profile, `{"op":"remove","path":"title"}`, `{"title":null}`},
			{"PATCH-33 part " + profile, `{"op":"remove","path":"name.givenName"}`, `{"name":{"familyName":"Byron"}}`},
			{"PATCH-33 complex " + profile, `{"op":"remove","path":"name"}`, `{"name":null}`},
			{"PATCH-33 the last part takes the whole along " + profile, `{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}`, `{"name":null}`},
			{"PATCH-33 of an extension " + profile, `{"op":"remove","path":"ENT:department"}`, `{"ENT":{"employeeNumber":"7","manager":{"value":"m-1"}}}`},
			{"PATCH-34 multi-valued " + profile, `{"op":"remove","path":"emails"}`, `{"emails":null}`},
			{"PATCH-35 filter " + profile, `{"op":"remove","path":"emails[type eq \"home\"]"}`, `{"emails":[{"value":"w@x.example","type":"work","primary":true}]}`},
			{"PATCH-35 filter on two parts " + profile, `{"op":"remove","path":"emails[type eq \"home\" and value eq \"w@x.example\"]"}`, ``},
			{"PATCH-35 all that match " + profile, `{"op":"remove","path":"addresses[type eq \"work\"]"}`, `{"addresses":[{"type":"home","region":"RC"}]}`},
			{"PATCH-36 a part of all that match " + profile, `{"op":"remove","path":"addresses[type eq \"work\"].region"}`,
				`{"addresses":[{"type":"work","streetAddress":"1 A St"},{"type":"work"},{"type":"home","region":"RC"}]}`},
			{"PATCH-37 the last element by filter " + profile, `{"op":"remove","path":"emails[type eq \"home\"]"},{"op":"remove","path":"emails[type eq \"work\"]"}`, `{"emails":null}`},
			{"PATCH-37 all by one filter " + profile, `{"op":"remove","path":"emails[value pr]"}`, `{"emails":null}`},
			{"PATCH-39 absent attribute " + profile, `{"op":"remove","path":"nickName"}`, ``},
			{"PATCH-39 no such element " + profile, `{"op":"remove","path":"emails[type eq \"other\"]"}`, ``},
			{"PATCH-39 a part of no such element " + profile, `{"op":"remove","path":"emails[type eq \"other\"].value"}`, ``},
			{"PATCH-39 absent element beside a change " + profile, `{"op":"remove","path":"emails[type eq \"other\"]"},{"op":"remove","path":"title"}`, `{"title":null}`},
			{"PATCH-15 add, then remove " + profile, `{"op":"add","path":"emails","value":[{"value":"n@x.example","type":"other"}]},{"op":"remove","path":"emails[value eq \"n@x.example\"]"}`, ``},
			{"PATCH-15 remove, then add " + profile, `{"op":"remove","path":"title"},{"op":"add","path":"title","value":"X"}`, `{"title":"X"}`},
			{"PATCH-15 add, then remove a singular " + profile, `{"op":"add","path":"nickName","value":"A"},{"op":"remove","path":"nickName"}`, ``},
			{"PATCH-15 the last of two wins " + profile, `{"op":"replace","path":"title","value":"X"},{"op":"replace","path":"title","value":"Y"}`, `{"title":"Y"}`},
			{"PATCH-15 a filter sees what the operation before wrote " + profile,
				`{"op":"replace","path":"emails[type eq \"home\"].value","value":"new@x.example"},{"op":"add","path":"emails[value eq \"new@x.example\"].display","value":"D"}`,
				`{"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"new@x.example","type":"home","display":"D"}]}`},
		})
		patchesFail(t, profile, []patchRefusal{
			{"PATCH-38 remove userName " + profile, `{"op":"remove","path":"userName"}`, "mutability", []string{"userName is required"}},
			{"PATCH-38 null " + profile, `{"op":"replace","path":"userName","value":null}`, "mutability", []string{"userName"}},
			{"PATCH-38 after another operation " + profile, `{"op":"remove","path":"emails"},{"op":"remove","path":"userName"}`, "mutability", []string{"operation 2"}},
		})
	}
	t.Run("PATCH-37 pr is false afterwards", func(t *testing.T) {
		s := proxytest.New(t)
		id := patchUser(t, s.Tenant, 1).ID()
		s.Filter(t, "/Users", "emails pr").Has("totalResults", 1)
		s.Patch(t, "/Users/"+id, patchBody(`{"op":"remove","path":"emails[value pr]"}`)).Status(200)
		s.Filter(t, "/Users", "emails pr").Status(200).Has("totalResults", 0)
		s.Filter(t, "/Users", "not (emails pr)").Status(200).Has("Resources.0.id", id)
	})
}

// Members of groups, which are served apart from the rest of the resource.
func TestPATCH_Members(t *testing.T) {
	for _, profile := range bothProfiles() {
		s := patchStack(t, profile)
		ids := s.CreateUsers(t, "m", 4)
		a, b, c, d := ids[0], ids[1], ids[2], ids[3]
		is := func(id string) string { return `members[value eq \"` + id + `\"]` }
		member := func(id string) string { return `{"value":"` + id + `"}` }
		for _, row := range []struct {
			name, ops string
			want      []string
		}{
			{"PATCH-29 add", `{"op":"add","path":"members","value":[` + member(c) + `,` + member(d) + `]}`, []string{a, b, c, d}},
			{"PATCH-30 add one that is there", `{"op":"add","path":"members","value":[` + member(a) + `]}`, []string{a, b}},
			{"PATCH-34 remove all", `{"op":"remove","path":"members"}`, nil},
			{"PATCH-35 remove one", `{"op":"remove","path":"` + is(a) + `"}`, []string{b}},
			{"PATCH-35 remove two", `{"op":"remove","path":"members[value eq \"` + a + `\" or value eq \"` + b + `\"]"}`, nil},
			{"PATCH-37 remove the last", `{"op":"remove","path":"` + is(a) + `"},{"op":"remove","path":"` + is(b) + `"}`, nil},
			{"PATCH-39 remove one that is not there", `{"op":"remove","path":"` + is(c) + `"}`, []string{a, b}},
			{"PATCH-41 replace", `{"op":"replace","path":"members","value":[` + member(b) + `,` + member(d) + `]}`, []string{b, d}},
			{"PATCH-47 replace with an empty list", `{"op":"replace","path":"members","value":[]}`, nil},
			{"PATCH-47 replace with null", `{"op":"replace","path":"members","value":null}`, nil},
			{"PATCH-15 add, then remove", `{"op":"add","path":"members","value":[` + member(c) + `]},{"op":"remove","path":"` + is(c) + `"}`, []string{a, b}},
			{"PATCH-15 remove all, then add", `{"op":"remove","path":"members"},{"op":"add","path":"members","value":[` + member(d) + `]}`, []string{d}},
		} {
			t.Run(row.name+" "+profile, func(t *testing.T) {
				group := s.CreateGroup(t, "g", a, b)
				before := s.Get(t, "/Groups/"+group)
				after := s.Patch(t, "/Groups/"+group, patchBody(row.ops)).Status(204).Empty()
				got := s.Get(t, "/Groups/"+group).Status(200)
				require.ElementsMatch(t, row.want, got.Strs("members", "value"))
				if row.want == nil {
					got.HasNot("members")
					s.Filter(t, "/Groups", `members pr and id eq "`+group+`"`).Status(200).Has("totalResults", 0)
				}
				if len(row.want) != 2 || row.want[1] != b { // see ETAG-A03 for what changes nothing
					require.NotEqual(t, before.ETag(), got.ETag())
				}
				require.Equal(t, got.ETag(), after.ETag())
				s.Delete(t, "/Groups/"+group).Status(204)
			})
		}
		for _, row := range []patchRefusal{
			{"PATCH-11 another value", `{"op":"replace","path":"` + is(a) + `.value","value":"` + c + `"}`, "mutability", []string{"members"}},
			{"PATCH-11 another type", `{"op":"replace","path":"` + is(a) + `.type","value":"Group"}`, "mutability", []string{"members"}},
			{"PATCH-11 no value any more", `{"op":"remove","path":"` + is(a) + `.value"}`, "mutability", []string{"members"}},
			{"PATCH-38 remove displayName", `{"op":"remove","path":"members"},{"op":"remove","path":"displayName"}`, "mutability", []string{"displayName is required"}},
			{"PATCH-16 the last operation fails", `{"op":"add","path":"members","value":[` + member(c) + `]},{"op":"replace","path":"displayName","value":"X"},{"op":"replace","path":"displayName","value":{}}`,
				"invalidValue", []string{"operation 3"}},
		} {
			t.Run(row.name+" "+profile, func(t *testing.T) {
				group := "/Groups/" + s.CreateGroup(t, "g", a, b)
				before := s.Get(t, group)
				s.Patch(t, group, patchBody(row.ops)).Error(400, row.scimType, row.details...)
				unchanged(t, s.Tenant, group, before)
				s.Delete(t, group).Status(204)
			})
		}
	}
}
