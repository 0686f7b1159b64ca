package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
	"scimedge/tenancy"
)

// What identity providers send beyond the letter of the standard.
func TestPATCH_Dialects(t *testing.T) {
	const work, home = `{"value":"w@x.example","type":"work","primary":true}`, `{"value":"h@x.example","type":"home"}`
	for _, profile := range bothProfiles() {
		patchesApply(t, profile, []patchRow{
			{"PATCH-A01 op in any letters " + profile, `{"OP":"Replace","Path":"title","VALUE":"X"},{"op":"ADD","path":"nickName","value":"N"},{"op":"Remove","path":"emails"}`,
				`{"title":"X","nickName":"N","emails":null}`},
			{"PATCH-A01 attribute in any letters " + profile, `{"op":"Replace","path":"NAME.GIVENNAME","value":"X"},{"op":"remove","path":"Emails[TYPE Eq \"HOME\"]"}`,
				`{"name":{"givenName":"X","familyName":"Byron"},"emails":[` + work + `]}`},
			{"PATCH-A09 add to an element that matches " + profile, `{"op":"add","path":"emails[type eq \"home\"].value","value":"n@x.example"}`,
				`{"emails":[` + work + `,{"value":"n@x.example","type":"home"}]}`},
			{"PATCH-A09 add makes the element " + profile, `{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"tel:+1"}`,
				`{"phoneNumbers":[{"value":"tel:+1","type":"work"}]}`},
			{"PATCH-A09 add makes it beside others " + profile, `{"op":"add","path":"emails[type eq \"other\" and display eq \"D\"].value","value":"n@x.example"}`,
				`{"emails":[` + work + `,` + home + `,{"value":"n@x.example","type":"other","display":"D"}]}`},
		})
		patchesFail(t, profile, []patchRefusal{
			{"PATCH-A09 a filter that describes nothing " + profile, `{"op":"add","path":"emails[type sw \"o\"].value","value":"n@x.example"}`, "noTarget", []string{"emails"}},
		})
	}
	patchesApply(t, tenancy.ProfileLenient, []patchRow{
		{"PATCH-A02 unknown attribute", `{"op":"replace","path":"foo","value":"X"},{"op":"replace","path":"title","value":"X"}`, `{"title":"X"}`},
		{"PATCH-A02 unknown schema", `{"op":"add","path":"urn:example:ext:1.0:User:foo","value":"X"}`, ``},
		{"PATCH-A02 removed", `{"op":"remove","path":"foo"}`, ``},
		{"PATCH-A02 without a path", `{"op":"replace","value":{"foo":"X","title":"X"}}`, `{"title":"X"}`},
		{"PATCH-A08 one object", `{"op":"add","path":"emails","value":{"value":"n@x.example","type":"other"}}`, `{"emails":[` + work + `,` + home + `,{"value":"n@x.example","type":"other"}]}`},
		{"PATCH-A08 one text", `{"op":"add","path":"emails","value":"n@x.example"}`, `{"emails":[` + work + `,` + home + `,{"value":"n@x.example"}]}`},
		{"PATCH-A10 a value list for a list of the resource", `{"op":"remove","path":"emails","value":[{"value":"h@x.example","type":"home"}]}`, `{"emails":[` + work + `]}`},
		{"PATCH-A11 dotted keys", `{"op":"replace","value":{"name.givenName":"X","ENT:employeeNumber":"9","emails[type eq \"home\"].value":"n@x.example"}}`,
			`{"name":{"givenName":"X","familyName":"Byron"},"emails":[` + work + `,{"value":"n@x.example","type":"home"}],"ENT":{"department":"Sales","employeeNumber":"9","manager":{"value":"m-1"}}}`},
		{"PATCH-A11 add with a dotted key", `{"op":"add","value":{"name.middleName":"M","ENT:manager.value":"m-2"}}`,
			`{"name":{"givenName":"Ada","middleName":"M","familyName":"Byron"},"ENT":{"department":"Sales","employeeNumber":"7","manager":{"value":"m-2"}}}`},
		{"PATCH-A12 False", `{"op":"Replace","path":"active","value":"False"}`, `{"active":false}`},
		{"PATCH-A12 false without a path", `{"op":"replace","value":{"active":"false"}}`, `{"active":false}`},
		{"PATCH-A12 True", `{"op":"replace","path":"active","value":"True"}`, ``},
		{"PATCH-A12 of an element", `{"op":"replace","path":"emails[type eq \"home\"].primary","value":"TRUE"}`, `{"emails":[{"value":"w@x.example","type":"work","primary":false},{"value":"h@x.example","type":"home","primary":true}]}`},
	})
	patchesFail(t, tenancy.ProfileLenient, []patchRefusal{
		{"PATCH-A11 a key that is no path", `{"op":"replace","value":{"name..givenName":"X","title":"X"}}`, "invalidPath", []string{"operation 1"}},
		{"PATCH-A12 neither true nor false", `{"op":"replace","path":"active","value":"0"}`, "invalidValue", []string{"active"}},
		{"PATCH-A10 an empty value list", `{"op":"remove","path":"emails","value":[]}`, "invalidValue", []string{"emails"}},
	})
	patchesFail(t, tenancy.ProfileStrict, []patchRefusal{
		{"PATCH-A02 strict", `{"op":"replace","path":"title","value":"X"},{"op":"replace","path":"foo","value":"X"}`, "invalidPath", []string{"operation 2", "foo"}},
		{"PATCH-A02 strict, unknown part", `{"op":"replace","path":"name.foo","value":"X"}`, "invalidPath", []string{"foo"}},
		{"PATCH-A12 strict", `{"op":"replace","path":"active","value":"True"}`, "invalidValue", []string{"active"}},
	})
}

func TestPATCH_A02_Counted(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	s.Patch(t, "/Users/"+id, patchBody(`{"op":"replace","path":"foo","value":"X"}`)).Status(200).HasNot("foo")
	require.Equal(t, 1.0, s.Metric("scimedge_quirk_normalised_total", `kind="unknown_attribute"`))
}

func TestPATCH_A04_WhatIsThereAlready(t *testing.T) {
	s := proxytest.New(t)
	before := patchUser(t, s.Tenant, 1)
	path := "/Users/" + before.ID()
	for name, ops := range map[string]string{
		"PATCH-A04 id by path":        `{"op":"replace","path":"id","value":"` + before.ID() + `"}`,
		"PATCH-A04 id without a path": `{"op":"replace","value":{"id":"` + before.ID() + `","title":"Lead"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s.Patch(t, path, patchBody(ops)).Status(200)
			unchanged(t, s.Tenant, path, before)
		})
	}
	group := s.CreateGroup(t, "g", before.ID())
	t.Run("PATCH-A04 a group is renamed with its id", func(t *testing.T) {
		s.Patch(t, "/Groups/"+group, patchBody(`{"op":"replace","value":{"id":"`+group+`","displayName":"h"}}`)).Status(204)
		s.Get(t, "/Groups/"+group).Has("displayName", "h").Len("members", 1)
	})
	t.Run("PATCH-A04 the value a member has", func(t *testing.T) {
		s.Patch(t, "/Groups/"+group, patchBody(`{"op":"replace","path":"members[value eq \"`+before.ID()+`\"].value","value":"`+before.ID()+`"}`)).Status(204)
		require.Equal(t, []string{before.ID()}, s.MembersOf(t, group))
	})
	t.Run("PATCH-A04 another id", func(t *testing.T) {
		now := s.Get(t, path)
		s.Patch(t, path, patchBody(`{"op":"replace","value":{"title":"X","id":"`+group+`"}}`)).Error(400, "mutability", "id")
		unchanged(t, s.Tenant, path, now)
	})
}

func TestPATCH_A10_RemoveByValueList(t *testing.T) {
	s := proxytest.New(t)
	ids := s.CreateUsers(t, "m", 4)
	for name, c := range map[string]struct {
		value any
		want  []string
	}{
		"PATCH-A10 one with a null reference": {[]proxytest.M{{"$ref": nil, "value": ids[1]}}, []string{ids[0], ids[2], ids[3]}},
		"PATCH-A10 two":                       {proxytest.Members(ids[0], ids[3]), []string{ids[1], ids[2]}},
		"PATCH-A10 one object":                {proxytest.M{"value": ids[0]}, ids[1:]},
		"PATCH-A10 one text":                  {[]string{ids[0]}, ids[1:]},
		"PATCH-A10 nobody of the group":       {proxytest.Members("0190a5b0-1111-7222-8333-444455556666"), ids},
		"PATCH-A10 one of it and one not":     {proxytest.Members("nobody", ids[3]), ids[:3]},
	} {
		t.Run(name, func(t *testing.T) {
			group := s.CreateGroup(t, name, ids...)
			s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("Remove", "members", c.value))).Status(204)
			require.ElementsMatch(t, c.want, s.MembersOf(t, group))
		})
	}
	for name, value := range map[string]any{
		"PATCH-A10 an empty list":          []string{},
		"PATCH-A10 an element of nothing":  []proxytest.M{{}},
		"PATCH-A10 an element of nulls":    []proxytest.M{{"value": nil, "$ref": nil}},
		"PATCH-A10 an element with a typo": []proxytest.M{{"vlaue": ids[0]}},
		"PATCH-A10 a number":               7,
		"PATCH-A10 an empty text":          "",
	} {
		t.Run(name, func(t *testing.T) {
			group := s.CreateGroup(t, name, ids...)
			s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("remove", "members", value))).Error(400, "invalidValue", "operation 1")
			require.ElementsMatch(t, ids, s.MembersOf(t, group), "a list that cannot be read must never empty the group")
		})
	}
	t.Run("PATCH-A10 strict", func(t *testing.T) {
		group := s.CreateGroup(t, "strict", ids...)
		s.SetProfile(t, tenancy.ProfileStrict)
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("remove", "members", proxytest.Members(ids[0])))).Error(400, "invalidValue", "members[value eq")
		require.ElementsMatch(t, ids, s.MembersOf(t, group))
	})
}

// A change of one member costs the same whatever the size of the group.
func TestPATCH_A13_CostOfOneMember(t *testing.T) {
	store := &tally{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	s := proxytest.New(t, proxytest.WithStore(store))
	one := s.CreateUser(t, "one")
	cost := func(group, ops string) (reads, writes int64) {
		return store.during(func() { s.Patch(t, "/Groups/"+group, patchBody(ops)).Status(204) })
	}
	add := `{"op":"add","path":"members","value":[{"value":"` + one + `"}]}`
	var small, large []int64
	for size, into := range map[int]*[]int64{5: &small, 1000: &large} {
		var ids []string
		for i := range size {
			ids = append(ids, fmt.Sprintf("outside-%04d", i))
		}
		group := s.CreateGroup(t, fmt.Sprint("g", size), ids...)
		for _, ops := range []string{add, add, `{"op":"remove","path":"members[value eq \"` + one + `\"]"}`, add, `{"op":"remove","path":"members","value":[{"value":"` + one + `"}]}`} {
			reads, writes := cost(group, ops)
			*into = append(*into, reads, writes)
		}
		s.Get(t, "/Groups/"+group).Len("members", size)
	}
	require.Equal(t, small, large, "rows read and written by each of five changes")
	for _, n := range large {
		require.Less(t, n, int64(60))
	}
}

func TestPATCH_A14_Amounts(t *testing.T) {
	s := proxytest.New(t)
	t.Run("PATCH-A14 PATCH-A07 many members in one operation", func(t *testing.T) {
		group := s.CreateGroup(t, "one")
		var ids []string
		for i := range 2000 {
			ids = append(ids, fmt.Sprintf("outside-%04d", i))
		}
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(ids...)))).Status(204).Empty()
		require.ElementsMatch(t, ids, s.MembersOf(t, group))
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("remove", "members", proxytest.Members(ids[500:]...)))).Status(204).Empty()
		require.ElementsMatch(t, ids[:500], s.MembersOf(t, group))
	})
	t.Run("PATCH-A14 one thousand operations", func(t *testing.T) {
		group := s.CreateGroup(t, "many")
		var ops []string
		for i := range 1000 {
			ops = append(ops, fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":"outside-%04d"}]}`, i))
		}
		s.Patch(t, "/Groups/"+group, patchBody(strings.Join(ops, ","))).Status(204)
		s.Get(t, "/Groups/"+group).Len("members", 1000)
	})
	t.Run("PATCH-A14 more than that", func(t *testing.T) {
		before := patchUser(t, s.Tenant, 1)
		ops := strings.TrimSuffix(strings.Repeat(`{"op":"replace","path":"title","value":"X"},`, 1001), ",")
		s.Patch(t, "/Users/"+before.ID(), patchBody(ops)).Error(400, "invalidValue", "1000", "several requests")
		unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
	})
	t.Run("PATCH-A14 a body beyond the limit", func(t *testing.T) {
		before := patchUser(t, s.Tenant, 2)
		s.Patch(t, "/Users/"+before.ID(), patchBody(`{"op":"replace","path":"title","value":"`+strings.Repeat("x", 2<<20)+`"}`)).Error(413, "", "bytes")
		unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
	})
}
