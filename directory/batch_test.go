package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// batchOf collects operations; what it creates has its id at once.
type batchOf struct {
	*world
	ops []directory.BatchOp
}

func (b *batchOf) add(w directory.Write, needs ...int) {
	b.ops = append(b.ops, directory.BatchOp{Write: w, Needs: needs})
}

func (b *batchOf) create(t *scimcore.Type, body string, needs ...int) (id string) {
	b.Helper()
	made, err := directory.NewID()
	require.NoError(b, err)
	b.createAs(made, t, body, needs...)
	return made.String()
}

func (b *batchOf) createAs(id directory.ID, t *scimcore.Type, body string, needs ...int) {
	b.Helper()
	doc, err := scimcore.Parse(t, []byte(body), b.dialect, nil)
	require.NoError(b, err)
	b.add(b.PrepareCreate(id, doc, directory.Cause{Token: "tok", RequestID: "req"}), needs...)
}

func (b *batchOf) patch(t *scimcore.Type, id, ops string, needs ...int) {
	b.Helper()
	p, err := scimcore.ParsePatch(t, []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":`+ops+`}`), b.dialect, nil)
	require.NoError(b, err)
	b.add(b.PreparePatch(t, id, p, nil, directory.Cause{}), needs...)
}

func (b *batchOf) delete(t *scimcore.Type, id string, needs ...int) {
	b.add(b.PrepareDelete(t, id, nil, directory.Cause{}), needs...)
}

// run expects these statuses, 0 for success and -1 for what was left undone.
func (b *batchOf) run(stopAfter int, want ...int) []directory.BatchResult {
	b.Helper()
	out := b.Batch(ctx, b.ops, stopAfter)
	require.Equal(b, want, statusesOf(b, out))
	b.ops = nil
	return out
}

func statusesOf(t require.TestingT, out []directory.BatchResult) []int {
	got := make([]int, len(out))
	for i, r := range out {
		var e *scimcore.Error
		switch {
		case !r.Processed:
			got[i] = -1
		case errors.As(r.Err, &e):
			got[i] = e.Status
		default:
			require.NoError(t, r.Err)
		}
	}
	return got
}

func users(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(`{"userName":"u%d","emails":[{"value":"u%d@acme.example"}]}`, i, i))
	}
	return out
}

func (w *world) seq() (seq kv.Seq) {
	require.NoError(w, w.store.View(ctx, tenant, func(r kv.Reader) error { seq = r.Seq(); return nil }))
	return seq
}

// What a write costs is its commit: a thousand operations make do with a few.
func TestBatchSharesCommits(t *testing.T) {
	w := newWorld(t, openBolt(t), directory.Options{Dialect: scimcore.Lenient()})
	b := &batchOf{world: w}
	for _, body := range users(1000) {
		b.create(w.user, body)
	}
	before := w.seq()
	b.run(0, make([]int, 1000)...)
	require.LessOrEqual(t, w.seq()-before, kv.Seq(4))
	c, err := w.Counts(ctx)
	require.NoError(t, err)
	require.Equal(t, 1000, c.Users)
}

// Nobody waits long for a batch: what reads much shares with few, even if it writes
// little or fails.
func TestBatchIsCutByWhatItCosts(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
	members := make([]string, 1000)
	for i := range members {
		members[i] = fmt.Sprint("m", i)
	}
	g := w.newGroup("g", members...)
	b := &batchOf{world: w}
	for i := range 40 {
		b.patch(w.group, g, `[{"op":"remove","path":"members[display eq \"nobody\"]"},{"op":"replace","path":"displayName","value":"g`+fmt.Sprint(i)+`"}]`)
	}
	before := w.seq()
	b.run(0, make([]int, 40)...)
	require.GreaterOrEqual(t, w.seq()-before, kv.Seq(8))
	for i := range 300 { // what fails has cost its look-ups, and is bounded by number
		b.patch(w.group, g, `[{"op":"replace","path":"id","value":"x"}]`)
		if i%10 == 0 {
			b.patch(w.group, g, `[{"op":"replace","path":"displayName","value":"h`+fmt.Sprint(i)+`"}]`)
		}
	}
	before = w.seq()
	w.Batch(ctx, b.ops, 0)
	require.Equal(t, kv.Seq(2), w.seq()-before)
}

func TestBatch(t *testing.T) {
	onEach(t, func(w *world) {
		ada, gone := w.newUser("ada"), w.newUser("gone")
		staff, old := w.newGroup("staff", ada, gone), w.newGroup("old", gone)
		b := &batchOf{world: w}
		u := b.create(w.user, `{"userName":"new"}`)
		g := b.create(w.group, `{"displayName":"g","members":[{"value":"`+u+`"},{"value":"`+ada+`"}]}`, 0)
		b.create(w.user, `{"userName":"ADA"}`)
		b.patch(w.group, g, `[{"op":"remove","path":"members[value eq \"`+ada+`\"]"}]`, 1)
		b.patch(w.user, u, `[{"op":"add","path":"title","value":"Lead"}]`, 0)
		b.delete(w.user, gone)
		b.delete(w.user, gone)
		b.patch(w.group, staff, `[{"op":"replace","path":"displayName","value":"all"}]`)
		b.delete(w.group, old)
		b.create(w.user, `{"userName":"gone"}`)
		b.create(w.group, `{"displayName":"h","members":[{"value":"`+u+`"}]}`, 2)
		b.add(directory.Refuse(scimcore.Bad(scimcore.InvalidSyntax, "was wrong before")))
		b.patch(w.user, u, `[{"op":"add","path":"title","value":"Lead"}]`, 0)
		out := b.run(0, 0, 0, 409, 0, 0, 0, 404, 0, 0, 0, 409, 400, 0)
		require.Nil(w, out[12].Change, "nothing new")
		require.Equal(w, u, out[12].Resource.ID)
		for _, r := range out {
			require.Nil(w, r.Resource.Stored, "no content is kept")
			if r.Change != nil {
				require.Empty(w, string(r.Change.Resource)+strings.Join(r.Change.Added, ""))
			}
		}
		require.Equal(w, 2, out[1].Change.AddedCount)
		require.Equal(w, []directory.AttributeChange{{Name: "title"}}, out[4].Change.Attributes)
		require.Equal(w, []string{u}, w.rows(w.group, g, "members"))
		require.Equal(w, []string{ada}, w.rows(w.group, staff, "members"))
		require.Contains(w, w.json(w.user, u), "Lead")
		require.Empty(w, w.find(w.group, `displayName eq "h"`))
		require.Len(w, w.find(w.user, `userName eq "gone"`), 1)
		seen := map[string]bool{}
		for _, c := range w.changes() {
			at := fmt.Sprint(c.Seq, ".", c.Index)
			require.False(w, seen[at], "two changes at %s", at)
			seen[at] = true
		}
		require.Len(w, seen, 4+10) // the delete of gone is a change of staff and old, too
	})
}

func TestBatchStops(t *testing.T) {
	onEach(t, func(w *world) {
		b := &batchOf{world: w}
		for i, body := range users(30) {
			if i%10 == 5 {
				body = `{"userName":"u0"}`
			}
			b.create(w.user, body)
		}
		want := make([]int, 30)
		want[5], want[15] = 409, 409
		for i := 16; i < 30; i++ {
			want[i] = -1
		}
		b.run(2, want...)
		require.Len(w, w.find(w.user, ""), 14)
	})
}

// BULK-11: what refers to each other comes into being together, or not at all.
func TestBULK11_Circles(t *testing.T) {
	for _, dialect := range []scimcore.Dialect{scimcore.Lenient(), scimcore.Strict()} {
		for name, open := range engines {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, open(t), directory.Options{Dialect: dialect})
				w.load(`{"attributesUnique":["` + scimcore.GroupSchema + `:displayName"]}`)
				b := &batchOf{world: w}
				var ids [3]directory.ID
				for i := range ids {
					ids[i], _ = directory.NewID()
				}
				group := func(i int, name string, to ...int) {
					var members []string
					for _, n := range to {
						members = append(members, ids[n].String())
					}
					b.createAs(ids[i], w.group, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`+name+`","members":`+memberList(members)+`}`, to...)
				}
				group(0, "a", 1)
				group(1, "b", 2, 1)
				group(2, "a", 0) // taken, once the first is there
				b.create(w.user, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"free"}`)
				b.run(0, 409, 409, 409, 0)
				require.Empty(w, w.find(w.group, ""))
				group(0, "a", 1)
				group(1, "b", 2, 1)
				group(2, "c", 0)
				b.run(0, 0, 0, 0)
				require.ElementsMatch(t, []string{ids[1].String(), ids[2].String()}, w.rows(w.group, ids[1].String(), "members"))
				require.Contains(t, w.json(w.group, ids[0].String()), `"type":"Group"`)
			})
		}
	}
}

// What does not fit into a transaction with others goes its own way, and the others
// are none the worse for it.
func TestBatchOfLargeOperations(t *testing.T) {
	onEach(t, func(w *world) {
		strangers := make([]string, 2500)
		for i := range strangers {
			strangers[i] = fmt.Sprintf("stranger%d", i)
		}
		u := w.newUser("ada")
		groups := make([]string, 30)
		for i := range groups {
			groups[i] = w.newGroup(fmt.Sprintf("g%d", i), u)
		}
		b := &batchOf{world: w}
		b.create(w.user, `{"userName":"first"}`)
		large := b.create(w.group, `{"displayName":"large","members":`+memberList(strangers)+`}`)
		b.patch(w.group, large, `[{"op":"replace","path":"members","value":`+memberList(strangers[:2400])+`}]`)
		b.create(w.user, `{"userName":"huge","title":"`+strings.Repeat("x", kv.MaxValueLen)+`"}`)
		b.delete(w.user, u) // takes a job on a store of small transactions
		b.patch(w.group, groups[3], `[{"op":"add","path":"members","value":[{"value":"`+u+`"}]}]`)
		b.delete(w.group, large)
		b.create(w.user, `{"userName":"last"}`)
		out := w.Batch(ctx, b.ops, 0)
		for i, r := range out {
			require.True(w, r.Processed)
			if i == 3 {
				require.ErrorIs(w, r.Err, kv.ErrTooLarge)
			} else {
				require.NoError(w, r.Err, "%d", i)
			}
		}
		require.Equal(w, []string{u}, w.rows(w.group, groups[3], "members"), "by then it names nobody")
		require.Empty(w, w.rows(w.group, groups[4], "members"))
		require.Len(w, w.find(w.user, `userName eq "last"`), 1)
		require.Zero(w, w.consistent().Jobs)
	})
}

// Batches that change the same groups in opposite orders, with deletes and staged
// writes among them, do not wait for each other for ever.
func TestBatchesSideBySide(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		groups := make([]string, 8)
		for i := range groups {
			groups[i] = w.newGroup(fmt.Sprint("g", i))
		}
		var wg sync.WaitGroup
		for n := range 6 {
			b := &batchOf{world: w}
			for i := range groups {
				if n%2 == 1 {
					i = len(groups) - 1 - i
				}
				b.patch(w.group, groups[i], `[{"op":"add","path":"members","value":[{"value":"`+u+`"},{"value":"x`+fmt.Sprint(n)+`"}]}]`)
			}
			b.patch(w.group, groups[n], `[{"op":"remove","path":"members"}]`)
			b.delete(w.group, groups[7-n/3])
			wg.Go(func() { w.Batch(ctx, b.ops, 0) })
		}
		wg.Wait()
	})
}

// stopping is a store that takes only so many more commits, as if the process were
// killed then.
type stopping struct {
	kv.Store
	left int
}

func (s *stopping) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if s.left == 0 {
		return 0, kv.ErrStopped
	}
	s.left--
	return s.Store.Update(ctx, p, fn)
}

// BULK-A09: wherever a batch is cut off, each operation is there whole or not at all.
func TestBULKA09_EachOperationIsAtomic(t *testing.T) {
	for cut := 0; ; cut++ {
		store := memkv.New(memkv.Options{Limited: true})
		w := newWorld(t, store, directory.Options{Dialect: scimcore.Lenient()})
		gone := w.newUser("gone")
		for i := range 20 {
			w.newGroup(fmt.Sprint("of", i), gone)
		}
		staff := w.newGroup("staff")
		killed := &stopping{store, cut}
		b := &batchOf{world: &world{Directory: directory.New(killed, tenant, w.Catalog(), directory.Options{Dialect: scimcore.Lenient()}), TB: t, user: w.user, group: w.group, dialect: w.dialect}}
		var made []string
		for i, body := range users(24) {
			made = append(made, b.create(w.user, body))
			b.patch(w.group, staff, `[{"op":"add","path":"members","value":[{"value":"`+made[i]+`"}]}]`, 2*i)
		}
		many := make([]string, 150)
		for i := range many {
			many[i] = fmt.Sprint("m", i)
		}
		large := b.create(w.group, `{"displayName":"large","members":`+memberList(many)+`}`)
		b.delete(w.user, gone)
		out := b.Batch(ctx, b.ops, 0)

		require.NoError(t, w.Resume(ctx)) // the next start
		w.consistent()
		there := func(typ *scimcore.Type, id string) bool {
			return w.Get(ctx, typ, id, func(*scimcore.Resource) error { return nil }) == nil
		}
		members := w.rows(w.group, staff, "members")
		for i, id := range made {
			require.Equal(t, out[2*i].Err == nil, there(w.user, id), "create %d, cut at %d", i, cut)
			if there(w.user, id) {
				require.Equal(t, []string{id}, w.find(w.user, fmt.Sprintf(`userName eq "u%d"`, i)))
				require.Equal(t, []string{id}, w.find(w.user, fmt.Sprintf(`emails.value eq "u%d@acme.example"`, i)))
			}
			require.Equal(t, out[2*i+1].Err == nil, slices.Contains(members, id), "membership %d, cut at %d", i, cut)
		}
		require.Equal(t, out[48].Err == nil, there(w.group, large))
		if there(w.group, large) {
			require.Len(t, w.rows(w.group, large, "members"), len(many))
		}
		require.Equal(t, out[49].Err != nil, there(w.user, gone))
		if in := w.find(w.group, `members eq "`+gone+`"`); there(w.user, gone) {
			require.Len(t, in, 20)
		} else {
			require.Empty(t, in)
		}
		if killed.left > 0 { // it came to its end
			return
		}
	}
}
