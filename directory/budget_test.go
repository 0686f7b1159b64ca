package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// narrow is a world whose queries may look at ten resources.
func narrow(t *testing.T) *world {
	return newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient(), ScanBudget: 10})
}

// walk pages by cursor to the end.
func (w *world) walk(q directory.Query) (all []string, pages int) {
	w.Helper()
	q.Total = directory.TotalCheap
	for {
		ids, page := w.list(q)
		all, pages = append(all, ids...), pages+1
		if !page.More {
			return all, pages
		}
		q.After = &page.Next
		require.Less(w, pages, 1000, "the walk does not get on")
	}
}

func none(*scimcore.Resource) error { return nil }

func TestLIST07_Budget(t *testing.T) {
	t.Run("CUR-05 LIST-07 a count beyond the budget is refused and not cut short", func(t *testing.T) {
		w := narrow(t)
		for i := range 25 {
			w.newUser(fmt.Sprintf("u%02d", i))
		}
		_, err := w.List(ctx, directory.Query{Sources: w.sources(`nickName pr`, "", w.user), Total: directory.TotalCheap}, none)
		requireSCIM(t, err, 400, scimcore.TooMany)
		_, page := w.list(directory.Query{Sources: w.sources(`active eq true`, "", w.user), Total: directory.TotalCheap})
		require.Equal(t, directory.Page{Total: 25, Seq: 25}, page)
	})
	t.Run("CUR-03 SRT-05 a walk by an index comes to those without the attribute whatever their number", func(t *testing.T) {
		w := narrow(t)
		want := []string{}
		for i := range 60 {
			name := ""
			if i%4 == 0 {
				name = fmt.Sprintf(`,"displayName":"d%02d"`, i)
			}
			id, err := w.create(w.user, fmt.Sprintf(`{"userName":"u%02d"%s}`, i, name))
			require.NoError(t, err)
			want = append(want, id)
		}
		for _, order := range []string{"displayName", "-displayName", "userName", "-userName"} {
			got, _ := w.walk(directory.Query{Sources: w.sources("", order, w.user), Count: 7})
			require.ElementsMatch(t, want, got, order)
		}
	})
	t.Run("CUR-03 a walk by an index goes on where the filter's own finds too many to collect", func(t *testing.T) {
		w := narrow(t)
		want := []string{}
		for i := range 25 {
			id, err := w.create(w.user, fmt.Sprintf(`{"userName":"u%02d","active":%t}`, i, i%3 > 0))
			require.NoError(t, err)
			if i%3 > 0 {
				want = append(want, id)
			}
		}
		for _, order := range []string{"userName", "-userName", "externalId", "-externalId", "meta.lastModified"} {
			got, _ := w.walk(directory.Query{Sources: w.sources(`active eq true`, order, w.user), Count: 4})
			if strings.HasPrefix(order, "-") {
				slices.Reverse(got)
			}
			require.Equal(t, want, got, order)
			_, err := w.List(ctx, directory.Query{Sources: w.sources(`active eq true`, order, w.user), Count: 4}, none)
			requireSCIM(t, err, 400, scimcore.TooMany)
		}
		got, _ := w.walk(directory.Query{Sources: w.sources(`userName sw "u" and active eq false`, "userName", w.user), Count: 4})
		require.Len(t, got, 9)
	})
	t.Run("CUR-03 a walk that was collected at first goes on by the index", func(t *testing.T) {
		for _, order := range []string{"userName", "-userName", "externalId", "-externalId", "displayName", "-displayName", "meta.lastModified", "-meta.lastModified"} {
			w := narrow(t)
			add := func(n int) string {
				names := ""
				if n%2 == 0 {
					names = fmt.Sprintf(`,"displayName":"D%d","externalId":"X%d"`, n%3, n)
				}
				id, err := w.create(w.user, fmt.Sprintf(`{"userName":"U%02d"%s}`, n*7%20, names))
				require.NoError(t, err)
				return id
			}
			want := []string{}
			for i := range 8 {
				want = append(want, add(i))
			}
			q := directory.Query{Sources: w.sources(`active eq true`, order, w.user), Count: 3, Total: directory.TotalCheap}
			met, page := w.list(q)
			require.Len(t, met, 3)
			for i := range 10 {
				add(8 + i)
			}
			q.After = &page.Next
			rest, _ := w.walk(q)
			for _, id := range want {
				require.Equal(t, 1, len(slices.DeleteFunc(slices.Concat(met, rest), func(m string) bool { return m != id })), "%s: %s", order, id)
			}
			require.Len(t, distinctOf(slices.Concat(met, rest)), len(met)+len(rest))
		}
	})
	t.Run("LIST-07 too many rows to collect are no reason to refuse what reading everything finds", func(t *testing.T) {
		w := narrow(t)
		for i := range 5 {
			_, err := w.create(w.user, fmt.Sprintf(`{"userName":"u%d","emails":[{"value":"a%d@x.example"},{"value":"b%d@x.example"},{"value":"c%d@x.example"}]}`, i, i, i, i))
			require.NoError(t, err)
		}
		require.Len(t, w.find(w.user, `emails pr`), 5)
		ids, _ := w.list(directory.Query{Sources: w.sources(`emails sw "a" or emails sw "b" or emails sw "c"`, "title", w.user), Count: 3})
		require.Len(t, ids, 3)
	})
	t.Run("LIST-07 an index is not read a hundred times", func(t *testing.T) {
		w := narrow(t)
		for i := range 5 {
			w.newUser(fmt.Sprintf("u%d", i))
		}
		var clauses []string
		for i := range 100 {
			clauses = append(clauses, fmt.Sprintf(`userName co "%d"`, i))
		}
		few, many := strings.Join(clauses[:4], " or "), strings.Join(clauses, " or ")
		require.Contains(t, w.explain(few), "all keys of index userName")
		require.Contains(t, w.explain(many), "every resource of the type")
		require.Len(t, w.find(w.user, few), 4)
		_, err := w.List(ctx, directory.Query{Sources: w.sources(many, "", w.user), Count: 1}, none)
		requireSCIM(t, err, 400, scimcore.TooMany) // five times a hundred comparisons are more than ten looks
		got, pages := w.walk(directory.Query{Sources: w.sources(many, "", w.user), Count: 5})
		require.Len(t, got, 5)
		require.Greater(t, pages, 1)
	})
	t.Run("LIST-07 the groups a filter reads count", func(t *testing.T) {
		w := narrow(t)
		ids := []string{w.newUser("ada"), w.newUser("bob")}
		for i := range 50 {
			w.newGroup(fmt.Sprintf("g%d", i), ids...)
		}
		for _, filter := range []string{`groups.display eq "none"`, `not (groups.value eq "` + ids[0] + `") and groups.display eq "none"`} {
			_, err := w.List(ctx, directory.Query{Sources: w.sources(filter, "", w.user), Count: 1}, none)
			requireSCIM(t, err, 400, scimcore.TooMany)
		}
		got, _ := w.walk(directory.Query{Sources: w.sources(`groups.display eq "g49"`, "", w.user), Count: 5})
		require.Equal(t, ids, got)
	})
	t.Run("PAG-02 a page reads no more members than the budget, whatever it shows of them", func(t *testing.T) {
		w := narrow(t)
		ids := []string{}
		for i := range 8 {
			ids = append(ids, w.newUser(fmt.Sprintf("u%d", i)))
		}
		var groups []string
		for i := range 5 {
			groups = append(groups, w.newGroup(fmt.Sprintf("g%d", i), ids...))
		}
		show, err := scimcore.ParseProjection(w.group, `members[type eq "Group"]`, "", w.dialect, nil)
		require.NoError(t, err)
		for _, order := range []string{"", "displayName", "externalId"} {
			q, met := directory.Query{Sources: w.sources("", order, w.group), Count: 5}, []string{}
			for more := true; more; q.StartIndex = 1 + len(met) {
				page, err := w.List(ctx, q, func(r *scimcore.Resource) error {
					met = append(met, r.ID)
					_, err := scimcore.AppendResource(nil, r, "https://x.example", show)
					return err
				})
				require.NoError(t, err)
				require.LessOrEqual(t, page.Count, 2)
				require.Equal(t, 5, page.Total)
				q.After, more = &page.Next, page.More
			}
			require.Equal(t, groups, met)
		}
	})
	t.Run("CUR-08 SRT-02 a walk that too much has overtaken", func(t *testing.T) {
		w := narrow(t)
		for i := range 6 {
			w.newUser(fmt.Sprintf("u%02d", i))
		}
		for _, order := range []string{"userName", "title", "-meta.lastModified"} {
			q := directory.Query{Sources: w.sources("", order, w.user), Count: 2}
			want, _ := w.list(directory.Query{Sources: q.Sources, Count: 2, StartIndex: 3})
			_, page := w.list(q)
			for range 11 {
				id, err := w.create(w.group, `{"displayName":"g"}`)
				require.NoError(t, err)
				_, err = w.Delete(ctx, w.group, id, nil, directory.Cause{})
				require.NoError(t, err)
			}
			q.After, q.StartIndex = &page.Next, 3
			got, _ := w.list(q)
			require.Equal(t, want, got, "by index it gets the place")
			q.Total = directory.TotalCheap
			_, err := w.List(ctx, q, none)
			requireSCIM(t, err, 400, scimcore.ExpiredCursor)
		}
	})
	t.Run("PAG-A01 SRT-02 a place far beyond the end costs nothing", func(t *testing.T) {
		w := narrow(t)
		for i := range 25 {
			w.newUser(fmt.Sprintf("u%02d", i))
		}
		for _, order := range []string{"", "title", "userName", "-displayName"} {
			ids, page := w.list(directory.Query{Sources: w.sources("", order, w.user, w.group), Count: 10, StartIndex: 2147483647})
			require.Empty(t, ids)
			require.Equal(t, 25, page.Total)
		}
	})
}

func (w *world) explain(filter string) string {
	w.Helper()
	f := w.sources(filter, "", w.user)[0].Filter
	text, err := w.Explain(ctx, w.user, f)
	require.NoError(w, err)
	return text
}

func distinctOf(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
