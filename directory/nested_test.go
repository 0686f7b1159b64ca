package directory_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// groupsOf is what a user's groups look like by GET, as "type id".
func (w *world) groupsOf(user string) []string {
	w.Helper()
	out := []string{}
	require.NoError(w, w.Get(ctx, w.user, user, func(r *scimcore.Resource) error { return w.listGroups(r, &out) }))
	return out
}

func (w *world) listGroups(r *scimcore.Resource, out *[]string) error {
	return r.Rows(w.user.Root.Sub("groups"), func(row scimcore.Row) bool {
		*out = append(*out, row.Kind+" "+row.Value)
		return true
	})
}

// shown is every user a filter selects, with the groups the list shows.
func (w *world) shown(filter string) map[string][]string {
	w.Helper()
	out := map[string][]string{}
	_, err := w.List(ctx, directory.Query{Sources: w.sources(filter, "", w.user), Count: 1000}, func(r *scimcore.Resource) error {
		rows := []string{}
		err := w.listGroups(r, &rows)
		out[r.ID] = rows
		return err
	})
	require.NoError(w, err)
	return out
}

// addMembers adds to a group by PATCH.
func (w *world) addMembers(group string, members ...string) {
	w.Helper()
	_, err := w.patch(w.group, group, `[{"op":"add","path":"members","value":`+memberList(members)+`}]`)
	require.NoError(w, err)
}

func TestRESA03_NestedGroups(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.newUser("ada"), w.newUser("bob")
		top, middle, inner := w.newGroup("top"), w.newGroup("middle"), w.newGroup("inner", ada)
		w.addMembers(top, middle, bob)
		w.addMembers(middle, inner)
		require.Equal(w, []string{"direct " + inner, "indirect " + top, "indirect " + middle}, w.groupsOf(ada), "direct first, then by creation")
		require.Equal(w, []string{"direct " + top}, w.groupsOf(bob))
		require.Equal(w, []string{bob, middle}, w.rows(w.group, top, "members"), "members stay what they are")
		require.Contains(w, w.json(w.user, ada), `"type":"indirect","display":"middle"`)

		w.addMembers(inner, top, inner) // a cycle, and one that lists itself
		require.Equal(w, []string{"direct " + inner, "indirect " + top, "indirect " + middle}, w.groupsOf(ada))
		require.Equal(w, []string{"direct " + top, "indirect " + middle, "indirect " + inner}, w.groupsOf(bob))

		w.addMembers(middle, ada)
		require.Equal(w, []string{"direct " + middle, "direct " + inner, "indirect " + top}, w.groupsOf(ada), "direct wins")

		_, err := w.Delete(ctx, w.group, middle, nil, directory.Cause{})
		require.NoError(w, err)
		require.Equal(w, []string{"direct " + inner}, w.groupsOf(ada), "a chain ends where a group was deleted")
		require.Equal(w, []string{ada, top, inner}, w.rows(w.group, inner, "members"))
		require.Equal(w, []string{bob}, w.rows(w.group, top, "members"))
		w.consistent()
	})
}

// TestRES09_FiltersSeeNestedGroups: a point look-up by value must not forget the
// other terms of its value filter.
func TestRES09_FiltersSeeNestedGroups(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob, eve := w.newUser("ada"), w.newUser("bob"), w.newUser("eve")
		inner := w.newGroup("inner", ada, eve)
		outer := w.newGroup("outer", inner, bob, eve)
		for filter, want := range map[string][]string{
			`groups.value eq "` + outer + `"`:                                          {ada, bob, eve},
			`groups eq "` + outer + `"`:                                                {ada, bob, eve},
			`groups[value eq "` + outer + `"]`:                                         {ada, bob, eve},
			`groups[value eq "` + outer + `" and type eq "direct"]`:                    {bob, eve},
			`groups[type eq "indirect" and value eq "` + outer + `"]`:                  {ada},
			`groups[value eq "` + outer + `" and not (type eq "direct")]`:              {ada},
			`groups[value eq "` + inner + `" and type eq "indirect"]`:                  {},
			`groups[value eq "` + inner + `" and value eq "` + outer + `"]`:            {},
			`groups.value eq "` + inner + `" and groups.value eq "` + outer + `"`:      {ada, eve},
			`groups.type eq "indirect"`:                                                {ada},
			`groups.type eq "direct"`:                                                  {ada, bob, eve},
			`not (groups.type eq "indirect")`:                                          {bob, eve},
			`groups.display eq "OUTER" and userName eq "ada"`:                          {ada},
			`groups.value ne "` + outer + `"`:                                          {},
			`groups.value ne "` + inner + `"`:                                          {bob},
			`groups.value eq "` + outer + `" and groups.type eq "indirect"`:            {ada},
			`groups.value eq "` + outer + `" and userName eq "ada"`:                    {ada},
			`groups.$ref ew "/` + outer + `" and groups[type eq "indirect"]`:           {ada},
			`groups[display sw "out" and type eq "indirect" and value sw "0"]`:         {ada},
			`groups.value eq "` + ada + `" or groups.value eq "no group of this name"`: {},
		} {
			require.Equal(w, want, w.find(w.user, filter), filter)
		}
		got, total := w.page(w.user, `groups.value eq "`+outer+`"`, 2, 1)
		require.Equal(w, []string{bob}, got)
		require.Equal(w, 3, total)
	})
}

func TestRESA03_NestingIsBounded(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
	agree := func(user string, groups []string) (shown int) {
		rows := w.groupsOf(user)
		require.Equal(t, rows, w.shown(`id eq "` + user + `"`)[user])
		for _, g := range groups {
			in := slices.Contains(rows, "indirect "+g) || slices.Contains(rows, "direct "+g)
			require.Equal(t, in, slices.Contains(w.find(w.user, `groups.value eq "`+g+`"`), user), "looked up")
			require.Equal(t, in, slices.Contains(w.find(w.user, `userName pr and not (groups.value ne "`+g+`")`), user), "read")
		}
		return len(rows)
	}
	t.Run("in depth", func(t *testing.T) {
		ada, chain := w.newUser("ada"), []string{}
		for last := ada; len(chain) < 40; chain = append(chain, last) {
			last = w.newGroup("link", last)
		}
		require.Equal(t, 32, agree(ada, chain))
		require.Equal(t, "indirect "+chain[31], w.groupsOf(ada)[31])
	})
	t.Run("in number", func(t *testing.T) {
		bob := w.newUser("bob")
		hub := w.newGroup("hub", bob)
		var spokes []string
		for range 2010 {
			spokes = append(spokes, w.newGroup("spoke", hub))
		}
		require.Equal(t, 1+2000, agree(bob, spokes[1995:2005]))
		require.Equal(t, "indirect "+spokes[1999], w.groupsOf(bob)[2000], "the oldest are shown")
	})
	t.Run("in what a filter reads", func(t *testing.T) {
		small := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient(), ScanBudget: 10})
		var users []string
		for i := range 11 {
			users = append(users, small.newUser(fmt.Sprintf("u%d", i)))
		}
		inner := small.newGroup("inner", users...)
		outer := small.newGroup("outer", inner)
		require.Len(t, small.find(small.user, `groups.value eq "`+inner+`"`), 11, "direct members are an index")
		_, err := small.List(ctx, directory.Query{Sources: small.sources(`groups.value eq "`+outer+`"`, "", small.user), Count: 1}, func(*scimcore.Resource) error { return nil })
		requireSCIM(t, err, 400, scimcore.TooMany)
	})
}

// TestNestedGroupsAgainstAModel drives random graphs of groups, cycles included,
// and compares what is shown and found with the closure computed the slow way.
func TestNestedGroupsAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, memkv.New(memkv.Options{Hostile: true, Limited: true}), directory.Options{Dialect: scimcore.Lenient()})
		m := graph{users: map[string]bool{}, members: map[string]map[string]bool{}}
		pick := func(rt *rapid.T, ids []string, name string) []string {
			slices.Sort(ids)
			n := rapid.IntRange(0, min(4, len(ids))).Draw(rt, name)
			if n == 0 {
				return nil
			}
			return rapid.Permutation(ids).Draw(rt, name)[:n]
		}
		all := func() []string {
			return slices.AppendSeq(slices.Collect(maps.Keys(m.users)), maps.Keys(m.members))
		}
		edit := func(op string, apply func(in map[string]bool, ids []string)) func(*rapid.T) {
			return func(rt *rapid.T) {
				ids := pick(rt, all(), "members")
				for _, g := range pick(rt, slices.Collect(maps.Keys(m.members)), "group") {
					if len(ids) == 0 && op == "remove" {
						continue
					}
					_, err := w.patch(w.group, g, `[{"op":"`+op+`","path":"members","value":`+memberList(ids)+`}]`)
					require.NoError(rt, err)
					apply(m.members[g], ids)
				}
			}
		}
		users := 0
		rt.Repeat(map[string]func(*rapid.T){
			"create user": func(rt *rapid.T) {
				if len(m.users) < 6 {
					users++
					m.users[w.newUser(fmt.Sprintf("u%d", users))] = true
				}
			},
			"create group": func(rt *rapid.T) {
				if len(m.members) < 9 {
					ids := pick(rt, all(), "members")
					g := w.newGroup("g", ids...)
					m.members[g] = map[string]bool{}
					set(m.members[g], ids, true)
				}
			},
			"add":     edit("add", func(in map[string]bool, ids []string) { set(in, ids, true) }),
			"nest":    edit("add", func(in map[string]bool, ids []string) { set(in, ids, true) }), // twice as often as the rest
			"remove":  edit("remove", func(in map[string]bool, ids []string) { set(in, ids, false) }),
			"replace": edit("replace", func(in map[string]bool, ids []string) { clear(in); set(in, ids, true) }),
			"delete": func(rt *rapid.T) {
				for _, id := range pick(rt, all(), "gone") {
					typ := w.group
					if m.users[id] {
						typ = w.user
					}
					_, err := w.Delete(ctx, typ, id, nil, directory.Cause{})
					require.NoError(rt, err)
					m.delete(id)
				}
			},
			"": func(rt *rapid.T) { m.compare(rt, w) },
		})
	})
}

// graph is a directory of groups within groups, as plain as can be.
type graph struct {
	users   map[string]bool
	members map[string]map[string]bool // by group
}

func (m graph) delete(id string) {
	delete(m.users, id)
	delete(m.members, id)
	for _, in := range m.members {
		delete(in, id)
	}
}

// groups is the closure of one user: as long as some group lists one that was
// found, it is found too.
func (m graph) groups(user string) []string {
	direct, all := []string{}, map[string]bool{}
	for g, in := range m.members {
		if in[user] {
			direct = append(direct, g)
			all[g] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for g, in := range m.members {
			for found := range maps.Clone(all) {
				if in[found] && !all[g] {
					all[g], grown = true, true
				}
			}
		}
	}
	var out, indirect []string
	for g := range all {
		if slices.Contains(direct, g) {
			out = append(out, "direct "+g)
		} else {
			indirect = append(indirect, "indirect "+g)
		}
	}
	slices.Sort(out)
	slices.Sort(indirect)
	return append(append([]string{}, out...), indirect...)
}

func (m graph) compare(rt *rapid.T, w *world) {
	want := map[string][]string{}
	for id := range m.users {
		want[id] = m.groups(id)
		require.Equal(rt, want[id], w.groupsOf(id), "GET")
	}
	require.Equal(rt, want, w.shown("id pr"), "list")
	having := func(rows ...string) map[string][]string {
		out := map[string][]string{}
		for id, groups := range want {
			if slices.ContainsFunc(rows, func(row string) bool { return slices.Contains(groups, row) }) {
				out[id] = groups
			}
		}
		return out
	}
	for g := range m.members {
		require.Equal(rt, having("direct "+g, "indirect "+g), w.shown(`groups.value eq "`+g+`"`), "looked up")
		require.Equal(rt, having("direct "+g, "indirect "+g), w.shown(`not (groups.value ne "`+g+`")`), "read")
		require.Equal(rt, having("indirect "+g), w.shown(`groups[value eq "`+g+`" and type eq "indirect"]`))
		require.Equal(rt, having("direct "+g), w.shown(`groups[type eq "direct" and value eq "`+g+`"]`))
	}
	rep, err := w.Check(ctx, false)
	require.NoError(rt, err)
	require.Empty(rt, rep.Findings)
}
