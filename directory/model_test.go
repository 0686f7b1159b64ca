package directory_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// TestModel drives random writes at a directory and at an obvious model of it,
// and compares them after each.
func TestModel(t *testing.T) {
	for name, open := range map[string]func() kv.Store{
		"memkv":           func() kv.Store { return memkv.New(memkv.Options{}) },
		"hostile+limited": func() kv.Store { return memkv.New(memkv.Options{Hostile: true, Limited: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { runModel(t, rt, open()) })
		})
	}
}

type model struct {
	users  map[string]string          // id -> userName
	groups map[string]map[string]bool // id -> members
}

func runModel(t *testing.T, rt *rapid.T, store kv.Store) {
	w := newWorld(t, store, directory.Options{Dialect: scimcore.Lenient()})
	m := model{map[string]string{}, map[string]map[string]bool{}}
	anyOf := func(ids []string) string {
		slices.Sort(ids)
		if len(ids) == 0 {
			return "nobody"
		}
		return rapid.SampledFrom(ids).Draw(rt, "id")
	}
	some := func() []string {
		var out []string
		for id := range m.users {
			out = append(out, id)
		}
		slices.Sort(out)
		n := rapid.IntRange(0, len(out)).Draw(rt, "n")
		return rapid.Permutation(out).Draw(rt, "members")[:n]
	}
	users := func() (ids []string) {
		for id := range m.users {
			ids = append(ids, id)
		}
		return ids
	}
	groups := func() (ids []string) {
		for id := range m.groups {
			ids = append(ids, id)
		}
		return ids
	}
	patchGroup := func(op string, apply func(in map[string]bool, ids []string)) {
		g, ids := anyOf(groups()), some()
		if m.groups[g] == nil || len(ids) == 0 && op == "remove" {
			return
		}
		_, err := w.patch(w.group, g, `[{"op":"`+op+`","path":"members","value":`+memberList(ids)+`}]`)
		require.NoError(rt, err)
		apply(m.groups[g], ids)
	}
	rt.Repeat(map[string]func(*rapid.T){
		"create user": func(rt *rapid.T) {
			name := fmt.Sprintf("u%d", rapid.IntRange(0, 40).Draw(rt, "name"))
			taken := slices.ContainsFunc(users(), func(id string) bool { return m.users[id] == name })
			id, err := w.create(w.user, `{"userName":"`+name+`"}`)
			require.Equal(rt, taken, err != nil)
			if err == nil {
				m.users[id] = name
			}
		},
		"rename user": func(rt *rapid.T) {
			id := anyOf(users())
			name := fmt.Sprintf("u%d", rapid.IntRange(0, 40).Draw(rt, "name"))
			taken := slices.ContainsFunc(users(), func(o string) bool { return o != id && m.users[o] == name })
			_, err := w.patch(w.user, id, `[{"op":"replace","path":"userName","value":"`+name+`"}]`)
			require.Equal(rt, taken || m.users[id] == "", err != nil)
			if err == nil {
				m.users[id] = name
			}
		},
		"delete user": func(rt *rapid.T) {
			id := anyOf(users())
			_, err := w.Delete(ctx, w.user, id, nil, directory.Cause{})
			require.Equal(rt, m.users[id] == "", err != nil)
			delete(m.users, id)
			for _, in := range m.groups {
				delete(in, id)
			}
		},
		"create group": func(rt *rapid.T) {
			ids := some()
			g := w.newGroup("g", ids...)
			m.groups[g] = map[string]bool{}
			for _, id := range ids {
				m.groups[g][id] = true
			}
		},
		"delete group": func(rt *rapid.T) {
			g := anyOf(groups())
			_, err := w.Delete(ctx, w.group, g, nil, directory.Cause{})
			require.Equal(rt, m.groups[g] == nil, err != nil)
			delete(m.groups, g)
		},
		"add": func(rt *rapid.T) { patchGroup("add", func(in map[string]bool, ids []string) { set(in, ids, true) }) },
		"remove": func(rt *rapid.T) {
			patchGroup("remove", func(in map[string]bool, ids []string) { set(in, ids, false) })
		},
		"replace": func(rt *rapid.T) {
			patchGroup("replace", func(in map[string]bool, ids []string) { clear(in); set(in, ids, true) })
		},
		"": func(rt *rapid.T) { // after each
			rep, err := w.Check(ctx, false)
			require.NoError(rt, err)
			require.Empty(rt, rep.Findings)
			require.Equal(rt, len(m.users), rep.Resources["User"])
			for g, in := range m.groups {
				want := []string{}
				for id := range in {
					want = append(want, id)
				}
				slices.Sort(want)
				require.Equal(rt, want, w.rows(w.group, g, "members"))
			}
			for id := range m.users {
				want := []string{}
				for g, in := range m.groups {
					if in[id] {
						want = append(want, g)
					}
				}
				slices.Sort(want)
				require.Equal(rt, want, w.rows(w.user, id, "groups"))
			}
		},
	})
}

func set(in map[string]bool, ids []string, there bool) {
	for _, id := range ids {
		if there {
			in[id] = true
		} else {
			delete(in, id)
		}
	}
}
