package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

const extURN = "urn:x:y:Ext"

// extended is a schema file that gives the User an extension with attrs, and has
// a resource type Thing beside it.
func extended(attrs string) string {
	return `{"schemas":[{"id":"` + extURN + `","name":"Ext","attributes":[` + attrs + `]},
		{"id":"urn:x:y:Thing","name":"Thing","attributes":[{"name":"label","filterable":true},{"name":"active","type":"boolean"}]}],
		"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"` + extURN + `"}]},{"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing"}]}`
}

// reload makes the directory anew, from the schema in force.
func (w *world) reload() *directory.Schema {
	w.Helper()
	s, err := directory.LoadSchema(ctx, w.store, tenant)
	require.NoError(w, err)
	w.Directory = directory.New(w.store, tenant, s.Catalog, directory.Options{Dialect: w.dialect, Revision: s.Revision})
	w.user, w.group = s.Catalog.Type("User"), s.Catalog.Type("Group")
	return s
}

func (w *world) load(file string) directory.SchemaChange {
	w.Helper()
	change, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(file), By: "test"})
	require.NoError(w, err)
	w.reload()
	return change
}

// extUser makes a user whose extension holds what ext says.
func (w *world) extUser(name, ext string) (string, error) {
	w.Helper()
	return w.create(w.user, `{"userName":"`+name+`","title":"T","`+extURN+`":{`+ext+`}}`)
}

func requireRefused(t testing.TB, err error, clash bool, words ...string) {
	t.Helper()
	var no *directory.SchemaRefused
	require.ErrorAs(t, err, &no)
	require.Equal(t, clash, no.Clash, err)
	for _, word := range words {
		require.ErrorContains(t, err, word)
	}
}

func TestSchema_IndexesComeAndGo(t *testing.T) {
	onEach(t, func(w *world) {
		w.load(extended(`{"name":"badge"},{"name":"site"}`))
		ids := map[string]string{}
		for i := range 130 { // more than one of the small transactions holds
			name := fmt.Sprintf("u%d", i)
			id, err := w.extUser(name, fmt.Sprintf(`"badge":"b%d","site":"s%d"`, i, i%3))
			require.NoError(w, err)
			ids[name] = id
		}
		change := w.load(extended(`{"name":"badge","uniqueness":"server"},{"name":"site","filterable":true}`))
		require.ElementsMatch(w, []string{"User " + extURN + ":badge (unique)", "User " + extURN + ":site"}, change.Indexed)
		require.Equal(w, uint64(2), change.Revision)
		w.consistent()
		require.Equal(w, []string{ids["u7"]}, w.find(w.user, extURN+`:badge eq "B7"`))
		require.Len(w, w.find(w.user, extURN+`:site eq "s1"`), 43)
		_, err := w.extUser("other", `"badge":"B7"`)
		requireSCIM(w, err, 409, scimcore.Unique)

		change = w.load(extended(`{"name":"site","filterable":true}`))
		require.Equal(w, []string{extURN + ":badge"}, change.Retired)
		require.Equal(w, []string{"User " + extURN + ":badge (unique)"}, change.Unindexed)
		w.consistent()
		_, err = w.patch(w.user, ids["u8"], `[{"op":"replace","path":"title","value":"X"}]`)
		require.NoError(w, err)
		_, err = w.Delete(ctx, w.user, ids["u7"], nil, directory.Cause{})
		require.NoError(w, err)

		w.load(extended(`{"name":"badge","uniqueness":"server"},{"name":"site"}`))
		require.Equal(w, []string{ids["u8"]}, w.find(w.user, extURN+`:badge eq "b8"`))
		_, err = w.extUser("other", `"badge":"B7"`)
		require.NoError(w, err, "its holder is gone")
		w.load(`{}`)
		w.consistent()
		require.NotContains(w, w.json(w.user, ids["u8"]), `"b8"`)
		w.load(extended(`{"name":"badge","uniqueness":"server"},{"name":"site"}`))
		require.Contains(w, w.json(w.user, ids["u8"]), `"badge":"b8","site":"s2"`)
	})
}

// TestSchema_BuiltInIndexes: built-in attributes can be indexed, and have unique
// values, without being declared anew.
func TestSchema_BuiltInIndexes(t *testing.T) {
	const title, name = scimcore.UserSchema + ":title", scimcore.GroupSchema + ":displayName"
	onEach(t, func(w *world) {
		for i := range 130 {
			_, err := w.create(w.user, fmt.Sprintf(`{"userName":"u%d","title":"T%d"}`, i, i%3))
			require.NoError(w, err)
		}
		w.newGroup("Staff")
		twin := w.newGroup("staff")
		_, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(`{"attributesUnique":["` + name + `"]}`), By: "test"})
		requireRefused(w, err, true, "displayName", twin)
		w.consistent()
		_, err = w.patch(w.group, twin, `[{"op":"replace","path":"displayName","value":"others"}]`)
		require.NoError(w, err)

		change := w.load(`{"attributesUnique":["` + name + `"],"attributesFilterable":["` + title + `"]}`)
		require.ElementsMatch(w, []string{title, name}, change.Changed)
		require.ElementsMatch(w, []string{"Group displayName (unique)", "User title"}, change.Indexed)
		require.Equal(w, []string{"Group displayName"}, change.Unindexed)
		w.consistent()
		require.Len(w, w.find(w.user, `title eq "t1"`), 43)
		plan, err := w.Explain(ctx, w.user, w.sources(`title eq "t1"`, "", w.user)[0].Filter)
		require.NoError(w, err)
		require.Contains(w, plan, "index title")
		require.Equal(w, []string{twin}, w.find(w.group, `displayName eq "OTHERS"`))
		_, err = w.create(w.group, `{"displayName":"STAFF"}`)
		requireSCIM(w, err, 409, scimcore.Unique)

		change = w.load(`{}`)
		require.ElementsMatch(w, []string{"Group displayName (unique)", "User title"}, change.Unindexed)
		w.consistent()
		require.Len(w, w.find(w.user, `title eq "t1"`), 43)
		require.Equal(w, []string{twin}, w.find(w.group, `displayName eq "OTHERS"`))
		w.newGroup("STAFF")
	})
}

func TestSchema_Refused(t *testing.T) {
	onEach(t, func(w *world) {
		_, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(`{"schemas":7}`), By: "test"})
		requireRefused(w, err, false, "file: schemas is a number")
		w.load(extended(`{"name":"badge"}`))
		before := w.reload()
		_, err = w.SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(`{"name":"badge","type":"integer"}`)), By: "test"})
		requireRefused(w, err, true, "attribute badge: it was of type string", "declare a new attribute")

		var ids []string
		for i := range 70 {
			id, err := w.extUser(fmt.Sprintf("u%d", i), fmt.Sprintf(`"badge":"b%d"`, i%69))
			require.NoError(w, err)
			ids = append(ids, id)
		}
		_, err = w.SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(`{"name":"badge","uniqueness":"server"}`)), By: "test"})
		requireRefused(w, err, true, "attribute "+extURN+":badge", ids[0], ids[69])
		require.Equal(w, before.Revision, w.reload().Revision)
		require.Zero(w, w.consistent().Jobs)
		_, err = w.extUser("more", `"badge":"b0"`)
		require.NoError(w, err, "the old schema is in force")
		_, err = w.patch(w.user, ids[0], `[{"op":"replace","path":"`+extURN+`:badge","value":"free"}]`)
		require.NoError(w, err)

		thing := w.Catalog().Type("Thing")
		id, err := w.create(thing, `{"label":"one"}`)
		require.NoError(w, err)
		for _, dry := range []bool{true, false} {
			_, err = w.SetSchema(ctx, directory.SchemaWrite{File: []byte(`{}`), By: "test", DryRun: dry})
			requireRefused(w, err, true, "resource type Thing: there are 1 resources of it")
		}
		_, err = w.Delete(ctx, thing, id, nil, directory.Cause{})
		require.NoError(w, err)
		change, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(`{}`), By: "test", DryRun: true})
		require.NoError(w, err)
		require.Equal(w, []string{"Thing"}, change.TypesRemoved)
		require.Equal(w, before.Revision, w.reload().Revision, "that was a dry run")
		require.Equal(w, change.TypesRemoved, w.load(`{}`).TypesRemoved)
		require.Nil(w, w.Catalog().Type("Thing"))
	})
}

func TestSchema_OutOfDateDirectories(t *testing.T) {
	onEach(t, func(w *world) {
		old, user := w.Directory, w.user
		id := w.newUser("ada")
		change := w.load(extended(`{"name":"a"}`))
		require.Empty(w, change.Indexed)
		require.Equal(w, uint64(1), change.Revision)
		doc, err := scimcore.Parse(user, []byte(`{"userName":"bob"}`), w.dialect, nil)
		require.NoError(w, err)
		_, err = old.Create(ctx, doc, directory.Cause{})
		requireMoved(w, err)
		_, err = old.Delete(ctx, user, id, nil, directory.Cause{})
		requireMoved(w, err)
		_, err = old.List(ctx, directory.Query{Sources: w.sources("", "", user), Count: 1}, func(*scimcore.Resource) error { return nil })
		requireMoved(w, err)
		_, err = old.SetSchema(ctx, directory.SchemaWrite{File: []byte(`{}`), By: "test"})
		requireMoved(w, err)
		require.NoError(w, old.Get(ctx, user, id, func(*scimcore.Resource) error { return nil }), "what one look-up answers is right all the same")
		again, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(`{"name":"a"}`)), By: "test"})
		require.NoError(w, err)
		require.Equal(w, uint64(1), again.Revision, "nothing changed")
		require.Equal(w, "test", w.reload().ChangedBy)
	})
}

func TestSchema_CountsOfCustomTypes(t *testing.T) {
	onEach(t, func(w *world) {
		w.load(extended(`{"name":"a"}`))
		thing := w.Catalog().Type("Thing")
		for i := range 3 {
			_, err := w.create(thing, fmt.Sprintf(`{"label":"l%d","active":%t}`, i, i == 0))
			require.NoError(w, err)
		}
		c, err := w.Counts(ctx)
		require.NoError(w, err)
		require.Equal(w, map[string]int{"Thing": 3}, c.Custom)
		require.Len(w, w.find(thing, `label eq "L1"`), 1)
		w.load(strings.Replace(extended(`{"name":"a"}`), `,{"name":"active","type":"boolean"}`, "", 1))
		_, err = w.create(w.Catalog().Type("Thing"), `{"label":"new"}`)
		require.NoError(w, err)
		require.Equal(w, 4, w.consistent().Resources["Thing"])
	})
}

// TestCrashWhileChangingTheSchema stops the store after every possible number of
// transactions of a change that builds and drops indexes, and of one that meets a
// clash. What is left is the old schema or the new one, sound before and after
// Resume, with every value in place.
func TestCrashWhileChangingTheSchema(t *testing.T) {
	const (
		before = `{"name":"badge","filterable":true},{"name":"site"}`
		after  = `{"name":"badge","uniqueness":"server"},{"name":"site","filterable":true}`
	)
	for _, clash := range []bool{false, true} {
		ended := false
		for stopAfter := 0; !ended; stopAfter++ {
			dying := &dyingStore{Store: memkv.New(memkv.Options{Limited: true, Hostile: stopAfter%2 == 0})}
			w := newWorld(t, dying, directory.Options{Dialect: scimcore.Lenient()})
			w.load(extended(before))
			const n = 120
			for i := range n {
				badge := i
				if clash && i == n-1 {
					badge = 0
				}
				_, err := w.extUser(fmt.Sprintf("u%d", i), fmt.Sprintf(`"badge":"b%d","site":"s"`, badge))
				require.NoError(t, err)
			}
			dying.dieAfter(stopAfter)
			_, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(after)), By: "test"})
			dying.revive()
			var no *directory.SchemaRefused
			ended = err == nil || errors.As(err, &no)
			changed := func() uint64 {
				s := w.reload()
				w.consistent()
				require.Len(t, w.find(w.user, extURN+`:badge eq "b5"`), 1)
				require.Len(t, w.find(w.user, extURN+`:site eq "s"`), n)
				return s.Revision
			}
			at := changed()
			_, errWrite := w.extUser("late", `"badge":"late"`)
			if errWrite != nil {
				requireMoved(t, errWrite)
				require.Equal(t, uint64(1), at, "only while indexes are built")
			} else {
				id := w.find(w.user, `userName eq "late"`)
				_, err := w.Delete(ctx, w.user, id[0], nil, directory.Cause{})
				require.NoError(t, err)
			}
			require.NoError(t, w.Resume(ctx))
			was := at
			if at = changed(); clash {
				require.Equal(t, uint64(1), at)
			} else if errWrite != nil || was == 2 {
				require.Equal(t, uint64(2), at)
			}
			require.Zero(t, w.consistent().Jobs)
			_, err = w.extUser("last", `"badge":"last"`)
			require.NoError(t, err)
			require.Less(t, stopAfter, 100)
		}
	}
}

func requireMoved(t testing.TB, err error) {
	t.Helper()
	require.ErrorIs(t, err, kv.ErrConflict)
}
