package conformance_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

// walkIndex pages through an endpoint as clients do, until the total says that
// there is no more, calling between after each page.
func walkIndex(t *testing.T, x *proxytest.Tenant, path string, size int, between func(page int)) (all []string) {
	t.Helper()
	for page, start := 1, 1; ; page++ {
		r := x.Get(t, fmt.Sprintf("%s&startIndex=%d&count=%d", path, start, size)).Status(200).Has("startIndex", start)
		got := r.Strs("Resources", "id")
		all = append(all, got...)
		if start += len(got); len(got) == 0 || start > r.Int("totalResults") {
			return all
		}
		between(page)
	}
}

// TestPAG_WhileThingsChange: pages by startIndex lose nobody who was there
// throughout, and show nobody twice, though places shift.
func TestPAG_WhileThingsChange(t *testing.T) {
	for _, q := range []string{"", "filter=" + url.QueryEscape(`active eq true`), "filter=" + url.QueryEscape(`emails pr`), "filter=" + url.QueryEscape(`userName sw "u"`), "sortBy=userName", "sortBy=userName&sortOrder=descending", "sortBy=name.givenName"} {
		for _, deletions := range []string{"before", "behind", "everywhere"} {
			t.Run(fmt.Sprintf("PAG-06 LIST-A02 deleted %s the page, %s", deletions, q), func(t *testing.T) {
				s := proxytest.New(t)
				ids := s.CreateUsers(t, "u", 60)
				gone := map[string]bool{}
				remove := func(i int) {
					if id := ids[i]; !gone[id] {
						s.Delete(t, "/Users/"+id).Status(204)
						gone[id] = true
					}
				}
				got := walkIndex(t, s.Tenant, "/Users?"+q, 5, func(page int) {
					switch deletions {
					case "before":
						remove(2 * page % 60)
						remove((2*page + 1) % 60)
					case "behind":
						remove(59 - page)
					default:
						remove(page * 13 % 60)
						remove(page * 29 % 60)
						s.CreateUser(t, fmt.Sprintf("u9%03d", page))
					}
				})
				met := map[string]int{}
				for _, id := range got {
					met[id]++
					require.Equal(t, 1, met[id], "twice")
				}
				for _, id := range ids {
					if !gone[id] {
						require.Equal(t, 1, met[id], "a user who was there throughout")
					}
				}
			})
		}
	}
	t.Run("PAG-06 a walk of one token says nothing to another", func(t *testing.T) {
		s := proxytest.New(t)
		ids := s.CreateUsers(t, "u", 6)
		s.Get(t, "/Users?startIndex=1&count=2").Status(200)
		s.Delete(t, "/Users/"+ids[0]).Status(204)
		require.Equal(t, ids[2:4], s.Get(t, "/Users?startIndex=3&count=2").Strs("Resources", "id"), "goes on where it was")
		s.Globex.CreateUsers(t, "g", 3)
		s.Globex.Get(t, "/Users?startIndex=3&count=2").Status(200).Has("totalResults", 3).Len("Resources", 1)
		require.Equal(t, ids[2:4], s.Get(t, "/Users?startIndex=2&count=2").Strs("Resources", "id"), "a place out of turn is that place")
	})
}

// TestPAG_LargePages: a page that would grow beyond 8 MiB ends before its count,
// says so, and the walk goes on behind it.
func TestPAG_LargePages(t *testing.T) {
	s := proxytest.New(t)
	var ids []string
	for i := range 25 { // 11 MB
		ids = append(ids, s.CreateUser(t, fmt.Sprintf("u%02d", i), "title", strings.Repeat("long ", 90_000)))
	}
	for _, q := range []string{"", "sortBy=userName", "sortBy=title", "filter=" + url.QueryEscape(`title sw "long"`)} {
		t.Run("PAG-02 PAG-06 CUR-03 ends early and goes on "+q, func(t *testing.T) {
			first := s.Get(t, "/Users?count=1000&startIndex=1&"+q).Status(200).Has("totalResults", 25)
			n := first.Int("itemsPerPage")
			require.Less(t, n, 25)
			require.Len(t, first.Strs("Resources", "id"), n)
			require.Less(t, len(first.Body), 9<<20)
			require.Equal(t, ids, walkIndex(t, s.Tenant, "/Users?"+q, 1000, func(int) {}))
			pages := 1
			require.Equal(t, ids, walkCursor(t, s.Tenant, "/Users?count=1000&"+q, "id", func(int) { pages++ }))
			require.Equal(t, 2, pages)
		})
	}
}
