package directory_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// person is a user of the model.
type person struct {
	id, userName, title, display string
}

func (p person) value(by string) string {
	return strings.ToLower(map[string]string{"userName": p.userName, "title": p.title, "displayName": p.display}[by])
}

// TestSorted holds every way through a sorted list, by index and by collecting,
// by place and from page to page, against sorting in memory.
func TestSorted(t *testing.T) {
	long := strings.Repeat("long ", 100) // beyond what an index keeps of a text
	texts := []string{"", "", "a", "B", "b", "ä", "Z", "aa", "a\x01", long, long + "a", long + "b", strings.ToUpper(long) + "B"}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
		var all []person
		for i := range rapid.IntRange(0, 20).Draw(rt, "people") {
			p := person{userName: fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"u", "U", "x"}).Draw(rt, "name"), i),
				title: rapid.SampledFrom(texts[:9]).Draw(rt, "title"), display: rapid.SampledFrom(texts).Draw(rt, "display")}
			body := fmt.Sprintf(`{"userName":%q`, p.userName)
			for name, v := range map[string]string{"title": p.title, "displayName": p.display} {
				if v != "" {
					body += fmt.Sprintf(`,%q:%s`, name, quoted(v))
				}
			}
			id, err := w.create(w.user, body+"}")
			require.NoError(t, err)
			p.id = id
			all = append(all, p)
		}
		by := rapid.SampledFrom([]string{"userName", "title", "displayName"}).Draw(rt, "by")
		desc := rapid.Bool().Draw(rt, "descending")
		order := by
		if desc {
			order = "-" + by
		}
		filter := rapid.SampledFrom([]string{"", "", `userName sw "u"`, `title pr`, `not (title pr)`}).Draw(rt, "filter")
		want := sortedModel(all, by, desc, filter)
		size := rapid.IntRange(1, 7).Draw(rt, "size")

		q := directory.Query{Sources: w.sources(filter, order, w.user), Count: size}
		var placed, walked, cursors []string
		for q.StartIndex = 1; q.StartIndex <= max(len(want), 1); q.StartIndex += size {
			ids, page := w.list(q)
			require.Equal(rt, len(want), page.Total)
			placed = append(placed, ids...)
		}
		require.Equal(rt, want, append([]string{}, placed...), "by place")
		for _, total := range []directory.Totals{directory.TotalCounted, directory.TotalCheap} {
			q := directory.Query{Sources: q.Sources, Count: size, StartIndex: 1, Total: total}
			into := &walked
			if total == directory.TotalCheap {
				into = &cursors
			}
			for {
				ids, page := w.list(q)
				*into = append(*into, ids...)
				if !page.More {
					break
				}
				at, ok := directory.ParsePosition(page.Next.Encode(nil))
				require.True(rt, ok)
				require.Equal(rt, page.Next, at)
				q.After, q.StartIndex = &at, q.StartIndex+len(ids)
			}
		}
		require.Equal(rt, want, append([]string{}, walked...), "from page to page")
		require.Equal(rt, want, append([]string{}, cursors...), "by cursor")
	})
}

func quoted(s string) string {
	return `"` + strings.ReplaceAll(s, "\x01", `\u0001`) + `"`
}

// kept is what the order looks at of a text: of a long one the beginning, then the
// length, then a digest, which is no order people see and the same each time.
func kept(s string) string {
	if len(s) <= 300 {
		return s
	}
	return s[:260] + fmt.Sprintf("%08x%x", len(s), sha256.Sum256([]byte(s)))
}

func sortedModel(all []person, by string, desc bool, filter string) []string {
	var in []person
	for _, p := range all {
		switch filter {
		case `userName sw "u"`:
			if !strings.HasPrefix(strings.ToLower(p.userName), "u") {
				continue
			}
		case `title pr`, `not (title pr)`:
			if (p.title != "") != (filter == `title pr`) {
				continue
			}
		}
		in = append(in, p)
	}
	slices.SortFunc(in, func(a, b person) int {
		x, y := kept(a.value(by)), kept(b.value(by))
		c := cmp.Or(cmp.Compare(boolInt(x == ""), boolInt(y == "")), cmp.Compare(x, y))
		return cmp.Or(c, cmp.Compare(a.id, b.id))
	})
	if desc {
		slices.Reverse(in)
	}
	ids := []string{}
	for _, p := range in {
		ids = append(ids, p.id)
	}
	return ids
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestTooMuchChanged lets more happen during a walk than may be read of the log:
// a cursor has expired then, and a walk by index gets the place it asks for.
func TestTooMuchChanged(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient(), ScanBudget: 10})
	for _, name := range []string{"d", "c", "b", "a"} {
		w.newUser(name)
	}
	for _, order := range []string{"userName", "-userName", "title"} {
		q := directory.Query{Sources: w.sources("", order, w.user), Count: 1}
		first, page := w.list(q)
		for n := range 12 {
			_, err := w.patch(w.user, first[0], fmt.Sprintf(`[{"op":"replace","path":"nickName","value":"%s%d"}]`, order, n))
			require.NoError(t, err)
		}
		q.After, q.StartIndex = &page.Next, 2
		place, at := w.list(q)
		q.After = nil
		want, _ := w.list(q)
		require.Equal(t, want, place, order)
		require.Equal(t, 4, at.Total)
		q.After, q.Total = &page.Next, directory.TotalCheap
		_, err := w.List(ctx, q, func(*scimcore.Resource) error { return nil })
		requireSCIM(t, err, 400, scimcore.ExpiredCursor)
	}
}

func TestParsePosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := directory.Position{Source: rapid.IntRange(0, 255).Draw(t, "source")}
		copy(p.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		if key := rapid.SliceOf(rapid.Byte()).Draw(t, "key"); len(key) > 0 {
			p.Key = key
		}
		b := p.Encode(nil)
		got, ok := directory.ParsePosition(b)
		require.True(t, ok)
		require.Equal(t, p, got)
		_, ok = directory.ParsePosition(b[:rapid.IntRange(0, 24).Draw(t, "cut")])
		require.False(t, ok)
	})
}
