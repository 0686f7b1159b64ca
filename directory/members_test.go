package directory_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sort"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

func TestRES09_UserGroupsAreComputed(t *testing.T) {
	onEach(t, func(w *world) {
		u := w.newUser("ada")
		g := w.newGroup("Engineering", u)
		got := w.json(w.user, u)
		require.Contains(w, got, `"groups":[{"value":"`+g+`"`)
		require.Contains(w, got, `"display":"Engineering"`)
		_, err := w.patch(w.group, g, `[{"op":"replace","path":"displayName","value":"R&D"}]`)
		require.NoError(w, err)
		require.Contains(w, w.json(w.user, u), `"display":"R&D"`)
		require.Equal(w, []string{u}, w.find(w.user, `groups eq "`+g+`"`))
		require.Equal(w, []string{g}, w.find(w.group, `members eq "`+u+`"`))
		require.Equal(w, []string{g}, w.find(w.group, `id eq "`+g+`" and members[value eq "`+u+`"]`))
		_, err = w.Delete(ctx, w.group, g, nil, directory.Cause{})
		require.NoError(w, err)
		require.NotContains(w, w.json(w.user, u), "groups")
	})
}

// TestParallelWritersLoseNoMember: 1,000 patches of one group at once, by path
// filter and by value list, leave exactly the expected members.
func TestParallelWritersLoseNoMember(t *testing.T) {
	onEach(t, func(w *world) {
		const n = 1000
		ids := make([]string, n)
		for i := range ids {
			ids[i] = w.newUser(fmt.Sprintf("user%d", i))
		}
		g := w.newGroup("all")
		for i := 0; i < n; i += 2 { // half of them are in at the start
			_, err := w.patch(w.group, g, `[{"op":"add","path":"members","value":[{"value":"`+ids[i]+`"}]}]`)
			require.NoError(w, err)
		}
		var wg sync.WaitGroup
		next := atomic.Int32{}
		for range 32 {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
					var ops string
					switch i % 4 {
					case 0: // was in, goes by filter
						ops = `[{"op":"remove","path":"members[value eq \"` + ids[i] + `\"]"}]`
					case 2: // was in, goes by value list
						ops = `[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"` + ids[i] + `"}]}]`
					default:
						ops = `[{"op":"Add","path":"members","value":[{"value":"` + ids[i] + `"}]}]`
					}
					_, err := w.patch(w.group, g, ops)
					require.NoError(w, err)
				}
			})
		}
		wg.Wait()
		var want []string
		for i := 1; i < n; i += 2 {
			want = append(want, ids[i])
		}
		sort.Strings(want)
		require.Equal(w, want, w.rows(w.group, g, "members"))
	})
}

// TestLargeMembershipsAreStaged: on a store with tiny transactions a large push
// is the old membership or the new one to every reader, never a half.
func TestLargeMembershipsAreStaged(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{Limited: true}), directory.Options{Dialect: scimcore.Lenient()})
	var first, second []string
	for i := range 150 {
		first = append(first, w.newUser(fmt.Sprintf("first%d", i)))
		second = append(second, w.newUser(fmt.Sprintf("second%d", i)))
	}
	g := w.newGroup("large", first...)
	require.Equal(t, first, w.rows(w.group, g, "members"))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			got := w.rows(w.group, g, "members")
			if len(got) != 150 || got[0] != first[0] && got[0] != second[0] {
				t.Errorf("a half was seen: %d members", len(got))
				return
			}
		}
	})
	for i := range 6 {
		to := [][]string{second, first}[i%2]
		_, err := w.patch(w.group, g, `[{"op":"replace","path":"members","value":`+memberList(to)+`}]`)
		require.NoError(t, err)
		require.Equal(t, to, w.rows(w.group, g, "members"))
		w.consistent()
	}
	close(stop)
	wg.Wait()
	_, err := w.patch(w.group, g, `[{"op":"remove","path":"members"}]`)
	require.NoError(t, err)
	require.Empty(t, w.rows(w.group, g, "members"))
	c, err := w.Counts(ctx)
	require.NoError(t, err)
	require.Zero(t, c.Memberships)
}

func TestDeletingAMemberOfManyGroupsIsStaged(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{Limited: true}), directory.Options{Dialect: scimcore.Lenient()})
	u, other := w.newUser("ada"), w.newUser("bob")
	var groups []string
	for i := range 60 {
		groups = append(groups, w.newGroup(fmt.Sprintf("g%d", i), u, other))
	}
	require.Len(t, w.rows(w.user, u, "groups"), 60)
	_, err := w.Delete(ctx, w.user, u, nil, directory.Cause{})
	require.NoError(t, err)
	for _, g := range groups {
		require.Equal(t, []string{other}, w.rows(w.group, g, "members"))
	}
	require.Zero(t, w.consistent().Jobs)
}

// TestCrashWhileStaging stops the store after every possible number of
// transactions of a large push and of a large delete. What is left is the old or
// the new state, consistent before and after Resume.
func TestCrashWhileStaging(t *testing.T) {
	for stopAfter := range 40 {
		base := memkv.New(memkv.Options{Limited: true})
		dying := &dyingStore{Store: base}
		w := newWorld(t, dying, directory.Options{Dialect: scimcore.Lenient()})
		var old, pushed []string
		for i := range 70 {
			old = append(old, w.newUser(fmt.Sprintf("o%d", i)))
			pushed = append(pushed, w.newUser(fmt.Sprintf("p%d", i)))
		}
		g := w.newGroup("g", old...)
		for i := range 50 {
			w.newGroup(fmt.Sprintf("of%d", i), old[0])
		}
		dying.dieAfter(stopAfter)
		_, err := w.patch(w.group, g, `[{"op":"replace","path":"members","value":`+memberList(pushed)+`}]`)
		_, errDelete := w.Delete(ctx, w.user, old[0], nil, directory.Cause{})
		dying.revive()
		check := func() {
			w.consistent()
			members := w.rows(w.group, g, "members")
			switch {
			case err == nil:
				require.Equal(t, pushed, members)
			case errDelete == nil:
				require.Equal(t, old[1:], members)
			default:
				require.Equal(t, old, members)
			}
		}
		check()
		require.NoError(t, w.Resume(ctx))
		check()
		require.Zero(t, w.consistent().Jobs)
	}
}

var errDied = errors.New("store died")

// dyingStore fails every update after a number of them.
type dyingStore struct {
	kv.Store
	left atomic.Int64
	on   atomic.Bool
}

func (s *dyingStore) dieAfter(n int) { s.left.Store(int64(n)); s.on.Store(true) }
func (s *dyingStore) revive()        { s.on.Store(false) }

func (s *dyingStore) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if s.on.Load() && s.left.Add(-1) < 0 {
		return 0, errDied
	}
	return s.Store.Update(ctx, p, fn)
}

func (s *dyingStore) Watch(ctx context.Context, after map[kv.Partition]kv.Seq) iter.Seq2[kv.Head, error] {
	return s.Store.Watch(ctx, after)
}

// TestStagingDuringBurial cuts the burial of a deleted user off after every
// possible transaction and then pushes a large membership to a group it was in:
// what the burial still has to do and what the push does are counted once each.
func TestStagingDuringBurial(t *testing.T) {
	pending := 0
	for stopAfter := 1; stopAfter < 12; stopAfter++ {
		dying := &dyingStore{Store: memkv.New(memkv.Options{Limited: true})}
		w := newWorld(t, dying, directory.Options{Dialect: scimcore.Lenient()})
		var pushed []string
		for i := range 70 {
			pushed = append(pushed, w.newUser(fmt.Sprintf("p%d", i)))
		}
		gone := w.newUser("gone")
		var groups []string
		for i := range 40 {
			groups = append(groups, w.newGroup(fmt.Sprintf("g%d", i), gone))
		}
		dying.dieAfter(stopAfter)
		_, err := w.Delete(ctx, w.user, gone, nil, directory.Cause{})
		require.NoError(t, err)
		dying.revive()
		pending += w.consistent().Jobs
		for _, g := range []string{groups[39], groups[0]} {
			_, err = w.patch(w.group, g, `[{"op":"add","path":"members","value":`+memberList(pushed)+`}]`)
			require.NoError(t, err)
			require.Equal(t, pushed, w.rows(w.group, g, "members"))
			w.consistent()
		}
		require.NoError(t, w.Resume(ctx))
		require.Zero(t, w.consistent().Jobs)
	}
	require.Greater(t, pending, 1, "no burial was left unfinished")
}

// TestLargePushIsWorkedOutBesideTheTransaction: what did not change is not
// written, however large the list.
func TestLargePushIsWorkedOutBesideTheTransaction(t *testing.T) {
	onEach(t, func(w *world) {
		ids := make([]string, 2500)
		for i := range ids {
			id, err := directory.NewID()
			require.NoError(w, err)
			ids[i] = id.String()
		}
		g := w.newGroup("large", ids...)
		require.Equal(w, ids, w.rows(w.group, g, "members"))
		logged := len(w.changes())
		again, err := w.patch(w.group, g, `[{"op":"replace","path":"members","value":`+memberList(ids)+`}]`)
		require.NoError(w, err)
		require.Nil(w, again.Change)
		require.Len(w, w.changes(), logged)
		u := w.newUser("ada")
		swapped := append([]string{u}, ids[1:]...)
		res, err := w.patch(w.group, g, `[{"op":"replace","path":"members","value":`+memberList(swapped)+`}]`)
		require.NoError(w, err)
		require.Equal(w, []string{u}, res.Change.Added)
		require.Equal(w, []string{ids[0]}, res.Change.Removed)
		require.Len(w, w.rows(w.group, g, "members"), 2500)
	})
}

// TestDeletionDuringStaging deletes a user who is part of a large push after
// every possible transaction of that push: the group never counts or lists the
// deleted user.
func TestDeletionDuringStaging(t *testing.T) {
	spoilt := 0
	for at := range 12 {
		hook := &hookStore{Store: memkv.New(memkv.Options{Limited: true})}
		w := newWorld(t, hook, directory.Options{Dialect: scimcore.Lenient()})
		var pushed []string
		for i := range 150 {
			pushed = append(pushed, w.newUser(fmt.Sprintf("p%d", i)))
		}
		g := w.newGroup("g", w.newUser("old"))
		hook.after(at, func() {
			_, err := w.Delete(ctx, w.user, pushed[3], nil, directory.Cause{})
			require.NoError(t, err)
			spoilt++
		})
		before := spoilt
		_, err := w.patch(w.group, g, `[{"op":"replace","path":"members","value":`+memberList(pushed)+`}]`)
		require.NoError(t, err)
		w.consistent()
		if spoilt == before {
			require.Len(t, w.rows(w.group, g, "members"), 150)
			continue
		}
		for _, m := range w.rows(w.group, g, "members") {
			if m != pushed[3] {
				continue
			}
			// Only a deletion before the push leaves the value: as a reference to nobody.
			require.Empty(t, w.find(w.user, `id eq "`+m+`"`))
		}
	}
	require.Greater(t, spoilt, 4, "the push was over before the deletion came")
}

// hookStore runs fn once, before the n-th update from now.
type hookStore struct {
	kv.Store
	left int
	fn   func()
}

func (s *hookStore) after(n int, fn func()) { s.left, s.fn = n, fn }

func (s *hookStore) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if run := s.fn; run != nil {
		if s.left--; s.left < 0 {
			s.fn = nil
			run()
		}
	}
	return s.Store.Update(ctx, p, fn)
}
