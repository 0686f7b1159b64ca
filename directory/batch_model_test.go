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

// TestBatchIsItsOperations runs random batches as they are in one directory and
// operation by operation in another, and compares what both come to.
func TestBatchIsItsOperations(t *testing.T) {
	for name, o := range map[string]memkv.Options{"memkv": {}, "hostile+limited": {Hostile: true, Limited: true}} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { runBatches(t, rt, memkv.New(o)) })
		})
	}
}

// planned is an operation that can be made ready in either directory.
type planned struct {
	prepare func(*batchOf, []int)
	needs   []int
}

func runBatches(t *testing.T, rt *rapid.T, store kv.Store) {
	whole := newWorld(t, store, directory.Options{Dialect: scimcore.Strict()})
	single := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Strict()})
	pool := make([]directory.ID, 8) // the first five are users, the others groups
	for i := range pool {
		pool[i], _ = directory.NewID()
	}
	used := map[int]bool{}
	for range rapid.IntRange(1, 3).Draw(rt, "batches") {
		plan := drawBatch(rt, pool, used)
		all := &batchOf{world: whole}
		needs := make([][]int, len(plan))
		for i, p := range plan {
			needs[i] = p.needs
			p.prepare(all, p.needs)
		}
		got := statusesOf(rt, whole.Batch(ctx, all.ops, 0))
		want := make([]int, len(plan))
		for _, unit := range scimcore.BulkOrder(needs) {
			runUnit(rt, single, plan, unit, want)
		}
		require.Equal(rt, want, got)
		for i, id := range pool {
			typ, twin := whole.user, single.user
			if i >= 5 {
				typ, twin = whole.group, single.group
			}
			require.Equal(rt, bare(single, twin, id.String()), bare(whole, typ, id.String()))
		}
		require.Equal(rt, whole.consistent().Resources, single.consistent().Resources)
	}
}

// runUnit does by single batches what the whole one should.
func runUnit(rt *rapid.T, w *world, plan []planned, unit []int, want []int) {
	b := &batchOf{world: w}
	for _, i := range unit {
		var within []int
		for _, n := range plan[i].needs {
			if at := slices.Index(unit, n); at >= 0 {
				within = append(within, at)
			} else if want[n] != 0 {
				for _, i := range unit {
					want[i] = 409
				}
				return
			}
		}
		plan[i].prepare(b, within)
	}
	for i, status := range statusesOf(rt, w.Batch(ctx, b.ops, 0)) {
		want[unit[i]] = status
	}
}

func bare(w *world, t *scimcore.Type, id string) string {
	show, err := scimcore.ParseProjection(t, "", "meta", w.dialect, nil)
	require.NoError(w, err)
	var out []byte
	_ = w.Get(ctx, t, id, func(r *scimcore.Resource) (err error) { // "" when it is not there
		out, err = scimcore.AppendResource(nil, r, "https://x.example/scim/v2", show)
		return err
	})
	return string(out)
}

// drawBatch makes creates, renames, changes of members and deletes of the resources
// in pool. No id is created twice, not even after a create that failed.
func drawBatch(rt *rapid.T, pool []directory.ID, used map[int]bool) (plan []planned) {
	const userURN, groupURN = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
	n := rapid.IntRange(1, 14).Draw(rt, "operations")
	made := map[int]int{} // by place in pool: the operation that creates it
	kinds, targets := make([]string, n), make([]int, n)
	for i := range n {
		kinds[i] = rapid.SampledFrom([]string{"create", "create", "create", "change", "delete"}).Draw(rt, "kind")
		targets[i] = rapid.IntRange(0, len(pool)-1).Draw(rt, "target")
		if kinds[i] == "create" && used[targets[i]] {
			kinds[i] = "change"
		} else if kinds[i] == "create" {
			made[targets[i]], used[targets[i]] = i, true
		}
	}
	for i := range n {
		at, id := targets[i], pool[targets[i]].String()
		var needs []int
		need := func(at int) string {
			if op, ok := made[at]; ok {
				needs = append(needs, op)
			}
			return pool[at].String()
		}
		name := fmt.Sprint("n", rapid.IntRange(0, 6).Draw(rt, "name"))
		var members []string
		if at >= 5 && kinds[i] != "delete" {
			for range rapid.IntRange(0, 2).Draw(rt, "members") {
				members = append(members, need(rapid.IntRange(0, len(pool)-1).Draw(rt, "member")))
			}
		}
		if kinds[i] != "create" {
			need(at)
		}
		p := planned{needs: needs}
		switch {
		case kinds[i] == "delete":
			p.prepare = func(b *batchOf, needs []int) { b.delete(b.typeOf(at), id, needs...) }
		case kinds[i] == "create" && at < 5:
			p.prepare = func(b *batchOf, needs []int) {
				b.createAs(pool[at], b.user, `{"schemas":["`+userURN+`"],"userName":"`+name+`"}`, needs...)
			}
		case kinds[i] == "create":
			p.prepare = func(b *batchOf, needs []int) {
				b.createAs(pool[at], b.group, `{"schemas":["`+groupURN+`"],"displayName":"`+name+`","members":`+memberList(members)+`}`, needs...)
			}
		case at < 5:
			p.prepare = func(b *batchOf, needs []int) {
				b.patch(b.user, id, `[{"op":"replace","path":"userName","value":"`+name+`"}]`, needs...)
			}
		default:
			p.prepare = func(b *batchOf, needs []int) {
				b.patch(b.group, id, `[{"op":"replace","path":"members","value":`+memberList(members)+`}]`, needs...)
			}
		}
		plan = append(plan, p)
	}
	return plan
}

func (b *batchOf) typeOf(at int) *scimcore.Type {
	if at < 5 {
		return b.user
	}
	return b.group
}
