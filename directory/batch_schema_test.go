package directory_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// over is the directory of w on another store, which is w's at heart.
func (w *world) over(store kv.Store) *batchOf {
	w.Helper()
	s, err := directory.LoadSchema(ctx, w.store, tenant)
	require.NoError(w, err)
	return &batchOf{world: &world{
		Directory: directory.New(store, tenant, w.Catalog(), directory.Options{Dialect: w.dialect, Revision: s.Revision}),
		TB:        w.TB, store: store, user: w.user, group: w.group, dialect: w.dialect,
	}}
}

// leaveDead deletes a user of many groups and stops before it has left them.
func (w *world) leaveDead(groups int) (id string) {
	w.Helper()
	id = w.newUser("gone")
	for i := range groups {
		w.newGroup(fmt.Sprint("of", i), id)
	}
	_, err := w.over(&stopping{w.store, 1}).Delete(ctx, w.user, id, nil, directory.Cause{Token: "tok", RequestID: "req"})
	require.NoError(w, err)
	return id
}

// A circle that names a deleted resource waits for its memberships to go. What is
// left of a change of schema is not the batch's to finish: whoever makes the change
// is still at it.
func TestBatchLeavesAChangeOfSchemaAlone(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{Limited: true}), directory.Options{Dialect: scimcore.Lenient()})
	w.load(extended(`{"name":"badge","filterable":true}`))
	_, err := w.extUser("ada", `"badge":"b"`)
	require.NoError(t, err)
	gone := w.leaveDead(20)
	_, err = w.over(&stopping{w.store, 1}).SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(`{"name":"badge"}`)), By: "test"})
	require.ErrorIs(t, err, kv.ErrStopped, "in force, and the old index is still there")
	w.reload()
	require.Equal(t, 2, w.consistent().Jobs)

	b := &batchOf{world: w}
	one, err := directory.NewID()
	require.NoError(t, err)
	two, err := directory.NewID()
	require.NoError(t, err)
	b.createAs(one, w.group, `{"displayName":"one","members":`+memberList([]string{two.String(), gone})+`}`, 1)
	b.createAs(two, w.group, `{"displayName":"two","members":`+memberList([]string{one.String()})+`}`, 0)
	b.run(0, 0, 0)
	require.Equal(t, 1, w.consistent().Jobs, "the burial has ended, the change of schema has not")
}

// SEC-A06: the changes of the groups that a deleted user leaves name the request
// that deleted it, however late they are made and by whom.
func TestDeparturesAreAttributable(t *testing.T) {
	t.Run("SEC-A06 what a job does is put down to who left it", func(t *testing.T) {
		onEach(t, func(w *world) {
			const groups = 20
			gone := w.leaveDead(groups)
			require.NoError(w, w.Resume(ctx))
			left := 0
			require.NoError(w, w.Changes(ctx, 0, -1, func(c *directory.Change) bool {
				require.NotEmpty(w, c.Token, "%+v", c)
				require.NotEmpty(w, c.RequestID)
				if slices.Contains(c.Removed, gone) {
					left++
				}
				return true
			}))
			require.Equal(w, groups, left)
		})
	})
}

// overtaken is a store on which something else happens before the update that is
// number at.
type overtaken struct {
	kv.Store
	at   int
	what func()
}

func (s *overtaken) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if s.at--; s.at == -1 {
		s.what()
	}
	return s.Store.Update(ctx, p, fn)
}

// TestBatchMeetsASchemaChange has the schema change before each transaction of a
// batch in turn, and the store stop after each number of transactions of both. What
// the batch says was done is there whole, what it says was not is not there at all.
func TestBatchMeetsASchemaChange(t *testing.T) {
	const limit = 60
	for at := 0; at < 14; at += 2 {
		for cut := 0; ; cut += 3 {
			w := newWorld(t, memkv.New(memkv.Options{Limited: true}), directory.Options{Dialect: scimcore.Lenient()})
			w.load(extended(`{"name":"badge"}`))
			_, err := w.extUser("ada", `"badge":"b"`)
			require.NoError(t, err)
			gone := w.newUser("gone")
			for i := range 20 {
				w.newGroup(fmt.Sprint("of", i), gone)
			}
			killed := &stopping{w.store, cut}
			changer := w.over(killed)
			b := w.over(&overtaken{killed, at, func() {
				_, _ = changer.SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(`{"name":"badge","uniqueness":"server"}`)), By: "test"})
			}})
			var made []string
			for i := range 12 {
				made = append(made, b.create(b.user, fmt.Sprintf(`{"userName":"u%d","%s":{"badge":"b%d"}}`, i, extURN, i)))
			}
			many := make([]string, 150)
			for i := range many {
				many[i] = fmt.Sprint("m", i)
			}
			large := b.create(b.group, `{"displayName":"large","members":`+memberList(many)+`}`)
			b.delete(b.user, gone)
			out := b.Batch(ctx, b.ops, 0)

			require.NoError(t, w.Resume(ctx)) // the next start
			w.reload()
			require.Zero(t, w.consistent().Jobs)
			there := func(typ *scimcore.Type, id string) bool {
				return w.Get(ctx, typ, id, func(*scimcore.Resource) error { return nil }) == nil
			}
			for i, id := range made {
				require.Equal(t, out[i].Err == nil, there(w.user, id), "change at %d, cut at %d: create %d", at, cut, i)
				if there(w.user, id) {
					require.Equal(t, []string{id}, w.find(w.user, fmt.Sprintf(extURN+`:badge eq "B%d"`, i)))
				}
			}
			require.Equal(t, out[12].Err == nil, there(w.group, large))
			if there(w.group, large) {
				require.Len(t, w.rows(w.group, large, "members"), len(many))
			}
			require.Equal(t, out[13].Err != nil, there(w.user, gone))
			if in := w.find(w.group, `members eq "`+gone+`"`); there(w.user, gone) {
				require.Len(t, in, 20)
			} else {
				require.Empty(t, in)
			}
			require.Less(t, cut, limit)
			if killed.left > 0 { // both came to their end
				break
			}
		}
	}
}
