package conformance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
)

func TestPRJ_Projection(t *testing.T) {
	const ent = proxytest.EnterpriseSchema
	s := proxytest.New(t)
	id := patchUser(t, s.Tenant, 1).ID()
	path := "/Users/" + id
	group := s.CreateGroup(t, "g", id)
	everything := []string{"id", "schemas", "userName", "externalId", "title", "active", "name", "emails", "addresses", ent, "groups", "meta"}
	without := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(everything), func(s string) bool { return slices.Contains(names, s) })
	}
	for _, row := range []struct {
		name, query string
		want        []string // the attributes at top level
		parts       string   // JSON of some of them
	}{
		{"PRJ-04 nothing asked for", "", everything, ``},
		{"PRJ-04 one attribute", "?attributes=userName", []string{"id", "schemas", "userName"}, `{"userName":"ada-1"}`},
		{"PRJ-04 several", "?attributes=userName,active,groups", []string{"id", "schemas", "userName", "active", "groups"}, ``},
		{"PRJ-04 only what comes anyway", "?attributes=id", []string{"id", "schemas"}, ``},
		{"PRJ-04 one that has no value", "?attributes=nickName", []string{"id", "schemas"}, ``},
		{"PRJ-04 meta on request", "?attributes=meta", []string{"id", "schemas", "meta"}, ``},
		{"PRJ-05 one left out", "?excludedAttributes=emails", without("emails"), ``},
		{"PRJ-05 several", "?excludedAttributes=emails,groups,name,meta", without("emails", "groups", "name", "meta"), ``},
		{"PRJ-05 never what always comes", "?excludedAttributes=id,emails,schemas", without("emails"), ``},
		{"PRJ-05 a part", "?excludedAttributes=name.givenName,emails.value", everything,
			`{"name":{"familyName":"Byron"},"emails":[{"type":"work","primary":true},{"type":"home"}]}`},
		{"PRJ-05 all parts", "?excludedAttributes=name.givenName,name.familyName", without("name"), ``},
		{"PRJ-06 a part, a URN and any letters", "?attributes=NAME.givenname,URN:ietf:params:scim:schemas:extension:Enterprise:2.0:user:Department", []string{"id", "schemas", "name", ent},
			`{"name":{"givenName":"Ada"},"` + ent + `":{"department":"Sales"}}`},
		{"PRJ-06 a part of an extension", "?attributes=" + ent + ":manager.value", []string{"id", "schemas", ent}, `{"` + ent + `":{"manager":{"value":"m-1"}}}`},
		{"PRJ-06 the core's URN", "?attributes=" + proxytest.UserSchema + ":title", []string{"id", "schemas", "title"}, `{"title":"Lead"}`},
		{"PRJ-06 left out by URN", "?excludedAttributes=" + ent + ":department", everything, `{"` + ent + `":{"employeeNumber":"7","manager":{"value":"m-1"}}}`},
		{"PRJ-06 the name of the parameter", "?ATTRIBUTES=title", []string{"id", "schemas", "title"}, ``},
		{"PRJ-07 a part of a complex", "?attributes=name.familyName", []string{"id", "schemas", "name"}, `{"name":{"familyName":"Byron"}}`},
		{"PRJ-07 a part of each element", "?attributes=emails.value", []string{"id", "schemas", "emails"}, `{"emails":[{"value":"w@x.example"},{"value":"h@x.example"}]}`},
		{"PRJ-07 elements that lack it", "?attributes=addresses.streetAddress,addresses.region", []string{"id", "schemas", "addresses"},
			`{"addresses":[{"streetAddress":"1 A St","region":"RA"},{"region":"RB"},{"region":"RC"}]}`},
		{"PRJ-07 part of meta", "?attributes=meta.resourceType", []string{"id", "schemas", "meta"}, `{"meta":{"resourceType":"User"}}`},
		{"PRJ-07 a part and the whole", "?attributes=name.familyName,name", []string{"id", "schemas", "name"}, `{"name":{"givenName":"Ada","familyName":"Byron"}}`},
		{"PRJ-A01 the whole extension", "?attributes=" + ent, []string{"id", "schemas", ent}, `{"` + ent + `":{"department":"Sales","employeeNumber":"7","manager":{"value":"m-1"}}}`},
		{"PRJ-A01 all but the extension", "?excludedAttributes=" + ent, without(ent), ``},
		{"PRJ-A02 unknown names", "?attributes=foo,userName,name.foo,urn:x:foo", []string{"id", "schemas", "userName"}, ``},
		{"PRJ-A02 only unknown names", "?attributes=foo", []string{"id", "schemas"}, ``},
		{"PRJ-A02 unknown names left out", "?excludedAttributes=foo,title", without("title"), ``},
		{"PRJ-A02 spaces", "?attributes=foo,%20userName%20,+title", []string{"id", "schemas", "userName", "title"}, ``},
		{"PRJ-A02 repeated", "?attributes=userName&attributes=title", []string{"id", "schemas", "userName", "title"}, ``},
		{"PRJ-A02 repeated, left out", "?excludedAttributes=groups&excludedAttributes=title", without("groups", "title"), ``},
		{"PRJ-A04 empty", "?attributes=", everything, ``},
		{"PRJ-A04 empty, left out", "?excludedAttributes=", everything, ``},
		{"PRJ-A04 one empty beside the other", "?attributes=&excludedAttributes=title", without("title"), ``},
		{"PRJ-A05 meta only if asked for", "?attributes=userName", []string{"id", "schemas", "userName"}, ``},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := s.Get(t, path+row.query).Status(200)
			require.Equal(t, versionOf(s.Get(t, path).ETag()), versionOf(r.ETag()))
			var got map[string]any
			require.NoError(t, json.Unmarshal([]byte(r.Body), &got))
			var names []string
			for n := range got {
				names = append(names, n)
			}
			require.ElementsMatch(t, row.want, names)
			if row.parts != "" {
				for name, v := range attributesOf(t, row.parts) {
					r.Has(name, v)
				}
			}
			if strings.Contains(row.parts, `"meta":`) {
				r.Has("meta", proxytest.M{"resourceType": "User"})
			}
			list := s.Filter(t, "/Users", `userName eq "ada-1"`).Status(200)
			if row.query != "" {
				list = s.Get(t, "/Users"+row.query+`&filter=userName+eq+%22ada-1%22`).Status(200)
			}
			one, _ := list.At("Resources.0")
			data, err := json.Marshal(one)
			require.NoError(t, err)
			require.JSONEq(t, r.Body, string(data), "a list shows the same as the resource alone")
		})
	}
	t.Run("PRJ-01 on a query", func(t *testing.T) {
		s.Get(t, "/Users?attributes=userName").Status(200).Has("Resources", []proxytest.M{{"id": id, "schemas": []string{proxytest.UserSchema, ent}, "userName": "ada-1"}})
		s.Get(t, "/Users?excludedAttributes=emails,groups").Status(200).Has("Resources.0.title", "Lead").HasNot("Resources.0.emails", "Resources.0.groups")
		s.Get(t, "/Groups?attributes=displayName").Status(200).Has("Resources", []proxytest.M{{"id": group, "schemas": []string{proxytest.GroupSchema}, "displayName": "g"}})
		s.Get(t, "/Groups?excludedAttributes=members").Status(200).Has("Resources.0.displayName", "g").HasNot("Resources.0.members")
		s.Filter(t, "/Users", `emails.value eq "h@x.example"`, "attributes=userName").Status(200).Has("Resources.0.userName", "ada-1").HasNot("Resources.0.emails")
	})
	t.Run("PRJ-02 on every operation that answers with a resource", func(t *testing.T) {
		for _, q := range []string{"?attributes=userName,title", "?excludedAttributes=emails,name,meta,active"} {
			shown := func(r *proxytest.Response, title string) {
				r.Has("title", title).Has("schemas", []string{proxytest.UserSchema}).HasNot("emails", "name", "meta", "active").HasHeader("ETag", "*")
			}
			made := s.Post(t, "/Users"+q, proxytest.User("prj", "title", "one")).Status(201).HasHeader("Location", "*")
			shown(made, "one")
			path := "/Users/" + made.ID()
			shown(s.Put(t, path+q, proxytest.User("prj", "title", "two")).Status(200), "two")
			shown(s.Patch(t, path+q, patchBody(`{"op":"replace","path":"title","value":"three"}`)).Status(200), "three")
			shown(s.Get(t, path+q).Status(200), "three")
			s.Get(t, path).Has("emails.0.value", "prj@example.com").Has("title", "three")
			s.Delete(t, path).Status(204)
		}
	})
	t.Run("PRJ-03 both", func(t *testing.T) {
		const both = "?attributes=userName&excludedAttributes=emails"
		before := s.Get(t, path)
		for _, r := range []*proxytest.Response{
			s.Get(t, path+both), s.Get(t, "/Users"+both), s.Post(t, "/Users"+both, proxytest.User("never")), s.Put(t, path+both, proxytest.User("never")),
			s.Patch(t, path+both, patchBody(`{"op":"remove","path":"title"}`)),
		} {
			r.Error(400, "invalidValue", "attributes", "excludedAttributes")
		}
		s.Filter(t, "/Users", `userName eq "never"`).Has("totalResults", 0)
		unchanged(t, s.Tenant, path, before)
	})
	// Microsoft's collection sends a filter in attributes (idp-42).
	t.Run("PRJ-07 elements that match a filter", func(t *testing.T) {
		q := func(v string) string { return strings.NewReplacer(" ", "%20", `"`, "%22").Replace(v) }
		for attributes, want := range map[string][]proxytest.M{
			`emails[type eq "home"]`:                                {{"value": "h@x.example", "type": "home"}},
			`emails[type eq "home"].value`:                          {{"value": "h@x.example"}},
			`title,emails[primary eq true].type`:                    {{"type": "work"}},
			`emails[type eq "work"].type,emails[value co "h@"]`:     {{"type": "work"}, {"value": "h@x.example", "type": "home"}},
			`emails[type eq "other"]`:                               nil,
			`EMAILS[not (type eq "work")].VALUE,emails[foo eq 1].x`: nil,
		} {
			r := s.Get(t, path+"?attributes="+q(attributes))
			if strings.Contains(attributes, "foo") {
				r.Error(400, "invalidFilter", "foo")
				continue
			}
			if r.Status(200).HasNot("userName"); want == nil {
				r.HasNot("emails")
			} else {
				r.Has("emails", want)
			}
			list := s.Get(t, "/Users?attributes="+q(attributes)).Status(200)
			if want != nil {
				list.Has("Resources.0.emails", want)
			}
		}
		left := s.Get(t, path+q(`?excludedAttributes=emails[type eq "work"],title`)).Status(200).Has("userName", "ada-1").HasNot("title")
		left.Has("emails", []proxytest.M{{"value": "h@x.example", "type": "home"}})
		s.Get(t, "/Groups/"+group+q(`?attributes=members[type eq "User"].value`)).Status(200).Has("members", []proxytest.M{{"value": id}}).HasNot("displayName")
		s.Get(t, "/Groups/"+group+q(`?attributes=members[type eq "Group"],displayName`)).Status(200).HasNot("members").Has("displayName", "g")
		s.Get(t, path+q(`?attributes=groups[value eq "`+group+`"].display`)).Status(200).Has("groups", []proxytest.M{{"display": "g"}})
		s.Get(t, path+q(`?excludedAttributes=groups[value eq "`+group+`"]`)).Status(200).HasNot("groups").Has("title", "Lead")
	})
	t.Run("PRJ-02 a broken filter changes nothing", func(t *testing.T) {
		before := s.Get(t, path)
		for _, list := range []string{"emails[type", "emails[]", "name[familyName%20pr]", "emails[type%20zz%20%22x%22]"} {
			for _, param := range []string{"?attributes=", "?excludedAttributes="} {
				s.Get(t, path+param+list).Error(400, "invalidFilter")
				s.Get(t, "/Users"+param+list).Error(400, "invalidFilter")
				s.Patch(t, path+param+list, patchBody(`{"op":"remove","path":"title"}`)).Error(400, "invalidFilter")
				s.Post(t, "/Users"+param+list, proxytest.User("never")).Error(400, "invalidFilter")
			}
		}
		unchanged(t, s.Tenant, path, before)
		s.Filter(t, "/Users", `userName eq "never"`).Has("totalResults", 0)
	})
	t.Run("PRJ-05 parts of members", func(t *testing.T) {
		s.Get(t, "/Groups/"+group+"?attributes=members.value").Status(200).Has("members", []proxytest.M{{"value": id}}).HasNot("displayName", "meta")
		s.Get(t, "/Groups/"+group+"?excludedAttributes=members.$ref,members.display,members.type").Status(200).Has("members", []proxytest.M{{"value": id}}).Has("displayName", "g")
	})
}

// A group is read without its members at a price that does not know of them.
func TestPRJ_A03_MembersAreNotRead(t *testing.T) {
	store := &tally{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	s := proxytest.New(t, proxytest.WithStore(store))
	var ids []string
	for i := range 500 {
		ids = append(ids, fmt.Sprintf("outside-%04d", i))
	}
	group := s.CreateGroup(t, "large", ids...)
	reads := func(path string) int64 {
		n, _ := store.during(func() { s.Get(t, path).Status(200).Contains("large").Lacks("outside-0001") })
		return n
	}
	for name, path := range map[string]string{
		"PRJ-A03 one group":           "/Groups/" + group + "?excludedAttributes=members",
		"PRJ-A03 a filter":            "/Groups?excludedAttributes=members&filter=displayName+eq+%22large%22",
		"PRJ-A03 all groups":          "/Groups?excludedAttributes=members",
		"PRJ-A03 attributes named":    "/Groups/" + group + "?attributes=displayName",
		"PRJ-A03 externalId is asked": "/Groups?excludedAttributes=members&filter=displayName+eq+%22large%22+and+id+eq+%22" + group + "%22",
	} {
		t.Run(name, func(t *testing.T) { require.Less(t, reads(path), int64(20)) })
	}
	t.Run("PRJ-A03 and with members it is not so", func(t *testing.T) {
		n, _ := store.during(func() { s.Get(t, "/Groups/"+group).Len("members", 500) })
		require.Greater(t, n, int64(500))
	})
}
