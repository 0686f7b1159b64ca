package directory_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/scimcore"
)

// TestDifferentialPatches applies the same random patches to a directory and to
// the reference model: the same resource comes out, or both refuse for the same
// reason, and what changes nothing keeps the version.
func TestDifferentialPatches(t *testing.T) {
	rfc := scimcore.Strict() // to the letter: the interop profile alone refuses these two
	rfc.PathlessPatch, rfc.MergeComplex = true, true
	profiles := []struct {
		dialect scimcore.Dialect
		rules
	}{
		{scimcore.Lenient(), rules{lenient: true, pathless: true, merge: true}}, {scimcore.Strict(), rules{}}, {rfc, rules{pathless: true, merge: true}},
	}
	differential(t, func(t *testing.T, rnd *rand.Rand, number, cases int) {
		profile := profiles[number%len(profiles)]
		w := differentialWorld(t, profile.dialect)
		d := newPatcher(t, w, profile.rules)
		for range cases {
			d.one(rnd)
		}
		t.Logf("%d changed something, %d nothing, %d were refused", d.changed, d.kept, d.refused)
		require.Greater(t, d.changed, cases/5)
		require.Greater(t, d.refused, cases/5)
		require.Greater(t, d.kept, cases/50)
	})
}

// patcher runs single patches in one directory.
type patcher struct {
	*world
	rules
	others                 map[string]string // who else is there: id -> type
	ids                    []string
	changed, kept, refused int
}

// takenName is the userName of somebody else.
const takenName = "aba"

func newPatcher(t *testing.T, w *world, r rules) *patcher {
	d := &patcher{world: w, rules: r, others: map[string]string{}, ids: []string{"ghost"}}
	for _, name := range []string{takenName, "other1", "other2"} {
		id, err := w.create(w.user, `{"schemas":["`+coreUser+`"],"userName":"`+name+`"}`)
		require.NoError(t, err)
		d.others[id] = "User"
	}
	for _, name := range []string{"g1", "g2"} {
		id, err := w.create(w.group, `{"schemas":["`+coreGroup+`"],"displayName":"`+name+`"}`)
		require.NoError(t, err)
		d.others[id] = "Group"
	}
	d.ids = append(d.ids, sortedKeys(d.others)...)
	return d
}

func sortedKeys(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// one makes a resource, patches it, compares, and removes it.
func (d *patcher) one(rnd *rand.Rand) {
	typ, urn, attrs := d.user, coreUser, userModel()
	if chance(rnd, 4) {
		typ, urn, attrs = d.group, coreGroup, groupModel()
	}
	body := object{}
	fill(rnd, body, attrs)
	if body["userName"] == takenName {
		body["userName"] = "b"
	}
	body["schemas"] = []any{urn}
	for _, ext := range []string{enterprise, custom} {
		if body[ext] != nil {
			body["schemas"] = append(body["schemas"].([]any), ext)
		}
	}
	if typ == d.group {
		if list := d.someMembers(rnd, d.lenient); len(list) > 0 {
			body["members"] = list
		}
	}
	id, err := d.create(typ, mustJSON(body))
	require.NoError(d, err, mustJSON(body))
	before, version := d.read(typ, id)
	draw := drawer{rnd, d, asker{attrs, []object{before}, d.lenient}, attrs, urn, before}
	ops, text := draw.patch()
	model := patching{rules: d.rules, urn: urn, res: cloned(before).(object), known: d.others}
	want, fails := model.run(ops)
	if fails == "" && typ == d.user && folded(want["userName"].(string)) == takenName {
		fails = "uniqueness"
	}
	res, err := d.send(typ, id, text)
	after, now := d.read(typ, id)
	about := func() string { return "patch: " + text + "\nof: " + mustJSON(before) }
	var refusal *scimcore.Error
	switch {
	case err != nil:
		require.True(d, errors.As(err, &refusal), err)
		require.Equal(d, fails, string(refusal.Type), "%s\n%s", refusal.Detail, about())
		require.Equal(d, before, after, about())
		require.Equal(d, version, now)
		d.refused++
	default:
		require.Empty(d, fails, about())
		require.Equal(d, sortedMembers(want), after, about())
		same := mustJSON(after) == mustJSON(before)
		require.Equal(d, same, version == now, about())
		require.Equal(d, same, res.Change == nil, about())
		if d.changed++; same {
			d.changed, d.kept = d.changed-1, d.kept+1
		}
	}
	_, err = d.Delete(ctx, typ, id, nil, directory.Cause{})
	require.NoError(d, err)
}

func (d *patcher) send(typ *scimcore.Type, id, text string) (directory.Result, error) {
	p, err := scimcore.ParsePatch(typ, []byte(text), d.dialect, nil)
	if err != nil {
		return directory.Result{}, err
	}
	return d.Patch(ctx, typ, id, p, nil, directory.Cause{})
}

// read is a resource without what the server computes.
func (d *patcher) read(typ *scimcore.Type, id string) (o object, version uint64) {
	require.NoError(d, d.Get(ctx, typ, id, func(r *scimcore.Resource) error {
		b, err := scimcore.AppendResource(nil, r, "", nil)
		o, version = readJSON(b), r.Version
		return err
	}))
	delete(o, "meta")
	delete(o, "groups")
	for _, m := range elementsOf(o, &attribute{name: "members"}) {
		if ref, ok := m.(object)["$ref"].(string); ok {
			m.(object)["$ref"] = strings.TrimPrefix(ref, "/")
		}
	}
	return sortedMembers(o), version
}

// sortedMembers puts members, which are a set, into the order of their values.
func sortedMembers(o object) object {
	if list, ok := o["members"].([]any); ok {
		slices.SortFunc(list, func(a, b any) int { return cmp.Compare(a.(object)["value"].(string), b.(object)["value"].(string)) })
	}
	return o
}

func (d *patcher) someMembers(rnd *rand.Rand, ghost bool) (list []any) {
	for _, i := range rnd.Perm(len(d.ids))[:rnd.IntN(4)] {
		if d.ids[i] == "ghost" && !ghost {
			continue
		}
		m := object{"value": d.ids[i]}
		if chance(rnd, 3) {
			m["display"] = anyText(rnd)
		}
		list = append(list, m)
	}
	return list
}

// readJSON reads an object, with its numbers as they are written.
func readJSON(b []byte) (o object) {
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if err := dec.Decode(&o); err != nil {
		panic(err)
	}
	return o
}
