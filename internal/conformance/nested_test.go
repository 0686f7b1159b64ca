package conformance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

// groupsShown is what the array at a path shows of groups, as "type display".
func groupsShown(r *proxytest.Response, array string) []string {
	types, names := r.Strs(array, "type"), r.Strs(array, "display")
	out := make([]string, len(types))
	for i := range types {
		out[i] = types[i] + " " + names[i]
	}
	return out
}

func TestRES_NestedGroups(t *testing.T) {
	s := proxytest.New(t)
	ada, bob := s.CreateUser(t, "ada"), s.CreateUser(t, "bob")
	company := s.CreateGroup(t, "company")
	division := s.CreateGroup(t, "division")
	team := s.CreateGroup(t, "team", ada)
	add := func(group string, members ...string) {
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(members...)))).Status(204)
	}
	// same reads ada's groups by GET, by a list, and by a filter for each of them.
	same := func(t *testing.T, want ...string) {
		t.Helper()
		require.Equal(t, want, groupsShown(s.Get(t, "/Users/"+ada).Status(200), "groups"))
		require.Equal(t, want, groupsShown(s.Get(t, "/Users?count=1").Has("Resources.0.id", ada), "Resources.0.groups"))
		for _, g := range s.Get(t, "/Users/"+ada).Strs("groups", "value") {
			r := s.Filter(t, "/Users", `groups.value eq "`+g+`" and userName eq "ada"`).Has("totalResults", 1)
			require.Equal(t, want, groupsShown(r, "Resources.0.groups"))
		}
	}
	t.Run("RES-16 a group may be a member of a group", func(t *testing.T) {
		add(company, division, bob)
		add(division, team)
		s.Get(t, "/Groups/"+division).Has("members", []proxytest.M{{"value": team, "type": "Group", "$ref": s.BaseURL() + "/Groups/" + team}})
		s.Filter(t, "/Groups", `members.value eq "`+team+`"`).Has("totalResults", 1).Has("Resources.0.id", division)
	})
	t.Run("RES-A03 RES-09 indirect groups", func(t *testing.T) {
		same(t, "direct team", "indirect company", "indirect division")
		require.Equal(t, []string{"direct company"}, groupsShown(s.Get(t, "/Users/"+bob), "groups"))
		s.Get(t, "/Users/"+ada).Has("groups.1", proxytest.M{"value": company, "$ref": s.BaseURL() + "/Groups/" + company, "display": "company", "type": "indirect"})
	})
	t.Run("SCH-18 references of indirect groups can be followed", func(t *testing.T) {
		r := s.Get(t, "/Users/"+ada)
		for i, ref := range r.Strs("groups", "$ref") {
			s.Get(t, strings.TrimPrefix(ref, s.BaseURL())).Status(200).Has("id", r.Strs("groups", "value")[i])
		}
	})
	t.Run("RES-09 filters see the same", func(t *testing.T) {
		for filter, want := range map[string][]string{
			`groups.value eq "` + company + `"`:                           {"ada", "bob"},
			`groups[value eq "` + company + `" and type eq "direct"]`:     {"bob"},
			`groups[value eq "` + company + `" and type eq "indirect"]`:   {"ada"},
			`groups.type eq "indirect"`:                                   {"ada"},
			`groups.display eq "Company"`:                                 {"ada", "bob"},
			`not (groups.value eq "` + division + `")`:                    {"bob"},
			`groups.value eq "` + company + `" and not (userName sw "b")`: {"ada"},
		} {
			require.Equal(t, want, s.Filter(t, "/Users", filter).Status(200).Strs("Resources", "userName"), filter)
		}
	})
	t.Run("ETAG-A03 a tag tells that a far group changed", func(t *testing.T) {
		before := s.Get(t, "/Users/"+ada)
		s.Get(t, "/Users/"+ada, proxytest.Header("If-None-Match", before.ETag())).Status(304)
		s.Patch(t, "/Groups/"+company, proxytest.Ops(proxytest.Op("replace", "displayName", "corporation"))).Status(204)
		s.Get(t, "/Users/"+ada, proxytest.Header("If-None-Match", before.ETag())).Status(200).Has("groups.1.display", "corporation")
		s.Patch(t, "/Groups/"+company, proxytest.Ops(proxytest.Op("replace", "displayName", "company"))).Status(204)
		require.Equal(t, before.ETag(), s.Get(t, "/Users/"+ada).ETag(), "the same again")
		s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", "title", "T")), proxytest.Header("If-Match", before.ETag())).Status(200)
	})
	t.Run("RES-A03 a cycle ends, and a group within itself", func(t *testing.T) {
		add(team, company, team)
		same(t, "direct team", "indirect company", "indirect division")
		require.Equal(t, []string{"direct company", "indirect division", "indirect team"}, groupsShown(s.Get(t, "/Users/"+bob), "groups"))
		s.Filter(t, "/Users", `groups.value eq "`+team+`"`).Has("totalResults", 2)
		require.ElementsMatch(t, []string{ada, company, team}, s.MembersOf(t, team))
	})
	t.Run("RES-A03 direct wins", func(t *testing.T) {
		add(division, ada)
		same(t, "direct division", "direct team", "indirect company")
	})
	t.Run("RES-A03 RES-A05 a chain ends where a group was deleted", func(t *testing.T) {
		s.Delete(t, "/Groups/"+division).Status(204)
		same(t, "direct team")
		require.Equal(t, []string{bob}, s.MembersOf(t, company))
		s.Filter(t, "/Users", `groups.value eq "`+company+`"`).Has("totalResults", 1).Has("Resources.0.id", bob)
		s.Filter(t, "/Users", `groups.value eq "`+division+`"`).Has("totalResults", 0)
	})
}
