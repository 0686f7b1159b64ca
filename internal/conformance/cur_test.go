package conformance_test

import (
	"fmt"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// walkCursor pages through an endpoint and returns what attribute name of all
// resources was, calling between after each page.
func walkCursor(t *testing.T, x *proxytest.Tenant, path, name string, between func(page int)) (all []string) {
	t.Helper()
	for page, cursor := 1, ""; ; page++ {
		r := x.Get(t, path+"&cursor="+cursor).Status(200)
		all = append(all, r.Strs("Resources", name)...)
		if _, more := r.At("nextCursor"); !more {
			return all
		}
		cursor = r.Str("nextCursor")
		if between != nil {
			between(page)
		}
	}
}

func TestCUR_Pages(t *testing.T) {
	s := proxytest.New(t)
	ids := s.CreateUsers(t, "u", 25)
	t.Run("CUR-01 an empty or absent value starts", func(t *testing.T) {
		for _, q := range []string{"?cursor&count=10", "?cursor=&count=10", "?count=10&CURSOR="} {
			r := s.Get(t, "/Users"+q).Status(200).Has("itemsPerPage", 10)
			require.Equal(t, ids[:10], r.Strs("Resources", "id"))
		}
	})
	first := s.Get(t, "/Users?cursor&count=10").Status(200)
	t.Run("CUR-02 unreserved characters only", func(t *testing.T) {
		require.Regexp(t, regexp.MustCompile(`^[A-Za-z0-9._~-]+$`), first.Str("nextCursor"))
	})
	t.Run("CUR-03 all of it, each once", func(t *testing.T) {
		for _, size := range []int{1, 7, 25, 100} {
			require.Equal(t, ids, walkCursor(t, s.Tenant, fmt.Sprintf("/Users?count=%d", size), "id", nil), "%d", size)
		}
		require.Equal(t, ids, walkCursor(t, s.Tenant, "/Users?x=1", "id", nil), "without count")
		require.Empty(t, walkCursor(t, s.Globex, "/Users?count=2", "id", nil))
		for filter, want := range map[string][]string{`userName sw "u000"`: ids[:9], `active eq true`: ids, `emails co "@EXAMPLE"`: ids, `nickName pr`: nil, `userName eq "u0003" or userName eq "u0021"`: {ids[2], ids[20]}} {
			require.Equal(t, want, walkCursor(t, s.Tenant, "/Users?count=2&filter="+url.QueryEscape(filter), "id", nil), filter)
		}
	})
	t.Run("CUR-03 CUR-A01 the last page, and none of index paging", func(t *testing.T) {
		r := s.Get(t, "/Users?count=25&cursor=").Status(200).HasNot("nextCursor", "startIndex").Has("itemsPerPage", 25).Has("totalResults", 25)
		require.Len(t, r.Strs("Resources", "id"), 25)
		first.HasNot("startIndex").Has("itemsPerPage", 10)
	})
	t.Run("CUR-04 no previousCursor", func(t *testing.T) {
		first.HasNot("previousCursor")
	})
	t.Run("CUR-05 count", func(t *testing.T) {
		for _, n := range []string{"0", "-1"} {
			s.Get(t, "/Users?cursor=&count="+n).Status(200).Has("totalResults", 25).Len("Resources", 0).HasNot("nextCursor")
			s.Filter(t, "/Users", `emails co "u000"`, "cursor=", "count="+n).Status(200).Has("totalResults", 9).Len("Resources", 0)
		}
		s.Get(t, "/Users?cursor=&count=3").Len("Resources", 3)
	})
	next := first.Str("nextCursor")
	t.Run("CUR-06 another query with the cursor of this one", func(t *testing.T) {
		for _, q := range []string{`/Users?count=10&filter=active+eq+true`, `/Users?count=10&sortBy=userName`, `/Groups?count=10`, `/?count=10`} {
			s.Get(t, q+"&cursor="+next).Error(400, "invalidCursor")
		}
		sorted := s.Get(t, "/Users?sortBy=userName&sortOrder=descending&cursor=&count=10").Str("nextCursor")
		s.Get(t, "/Users?sortBy=userName&count=10&cursor="+sorted).Error(400, "invalidCursor")
		s.Get(t, "/Users?count=10&attributes=userName&cursor="+next).Status(200) // what is shown of them may differ
	})
	t.Run("CUR-07 no cursor at all", func(t *testing.T) {
		for _, c := range []string{"garbage", "x", "%00", "1", "AAAA%3D%3D", next + "A", next[1:], "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"} {
			s.Get(t, "/Users?count=10&cursor="+c).Error(400, "invalidCursor")
		}
	})
	t.Run("CUR-09 count that is none, or another", func(t *testing.T) {
		s.Get(t, "/Users?count=ten&cursor=").Error(400, "invalidCount")
		s.Get(t, "/Users?count=99999999999&cursor=").Error(400, "invalidCount")
		s.Get(t, "/Users?count=11&cursor="+next).Error(400, "invalidCount", "10")
		s.Get(t, "/Users?cursor="+next).Status(200).Len("Resources", 10)
		s.Get(t, "/Users?count=5000&cursor=").Status(200).Len("Resources", 25)
	})
	t.Run("CUR-10 sorted and in order over pages", func(t *testing.T) {
		for _, q := range []string{"/Users?count=4&sortBy=userName&sortOrder=descending", "/Users?count=4&sortBy=name.givenName&sortOrder=descending"} {
			got := walkCursor(t, s.Tenant, q, "id", nil)
			require.Len(t, got, 25)
			for i, id := range got {
				require.Equal(t, ids[24-i], id)
			}
		}
	})
	t.Run("CUR-11 CUR-A02 requests that name no method get pages by index", func(t *testing.T) {
		r := s.Get(t, "/ServiceProviderConfig").Has("pagination.defaultPaginationMethod", "index")
		require.True(t, r != nil)
		s.Get(t, "/Users?count=5").Has("startIndex", 1).HasNot("nextCursor")
	})
	t.Run("CUR-13 CUR-14 what is published holds", func(t *testing.T) {
		r := s.Get(t, "/ServiceProviderConfig").Has("pagination.cursor", true).Has("pagination.index", true).Has("pagination.cursorTimeout", 3600)
		require.Positive(t, r.Int("pagination.defaultPageSize"))
		require.Positive(t, r.Int("pagination.maxPageSize"))
	})
	t.Run("CUR-A03 two ways of paging", func(t *testing.T) {
		s.Get(t, "/Users?startIndex=1&cursor=").Error(400, "invalidValue")
		s.Get(t, "/Users?startIndex=11&count=10&cursor="+next).Error(400, "invalidValue")
	})
}

func TestCUR14_Sizes(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{PageSize: 3, MaxPageSize: 5}))
	s.CreateUsers(t, "u", 7)
	t.Run("CUR-14 page sizes", func(t *testing.T) {
		r := s.Get(t, "/ServiceProviderConfig").Has("pagination.defaultPageSize", 3).Has("pagination.maxPageSize", 5)
		s.Get(t, "/Users?cursor").Len("Resources", r.Int("pagination.defaultPageSize"))
		s.Get(t, "/Users?cursor&count=100").Len("Resources", r.Int("pagination.maxPageSize"))
		next := s.Get(t, "/Users?cursor&count=100").Str("nextCursor")
		s.Get(t, "/Users?count=100&cursor="+next).Status(200).Len("Resources", 2)
	})
}

// TestCUR_Rights: a cursor is worth nothing to anybody else, and nothing after
// its time.
func TestCUR_Rights(t *testing.T) {
	var offset atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{CursorLife: time.Minute}), proxytest.WithDeps(func(d *proxy.Deps) { d.Clock = clock }))
	s.CreateUsers(t, "u", 5)
	s.Globex.CreateUser(t, "g1")
	s.Globex.CreateUser(t, "g2")
	page := func(x *proxytest.Tenant, cursor string) *proxytest.Response {
		return x.Get(t, "/Users?count=1&cursor="+cursor)
	}
	mine := page(s.Tenant, "").Status(200).Str("nextCursor")
	t.Run("CUR-15 TEN-03 another tenant's, another token's", func(t *testing.T) {
		page(s.Globex, mine).Error(400, "invalidCursor")
		page(s.Tenant, page(s.Globex, "").Str("nextCursor")).Error(400, "invalidCursor")
		page(s.WithToken(t, tenancy.NewToken{Name: "other"}), mine).Error(400, "invalidCursor")
		page(s.Tenant, mine).Status(200)
	})
	t.Run("CUR-16 a token that lost its right", func(t *testing.T) {
		x := s.WithToken(t, tenancy.NewToken{Name: "short"})
		cursor := page(x, "").Status(200).Str("nextCursor")
		x.Revoke(t)
		page(x, cursor).Error(401, "")
		users := s.WithToken(t, tenancy.NewToken{Name: "users only", Scopes: []string{tenancy.ScopeUsers}})
		users.Get(t, "/Groups?count=1&cursor="+mine).Error(403, "")
	})
	t.Run("CUR-17 every flipped bit is found", func(t *testing.T) {
		for i := range mine {
			for _, c := range []byte{'A', 'z', '-', '0'} {
				if mine[i] != c {
					page(s.Tenant, mine[:i]+string(c)+mine[i+1:]).Error(400, "invalidCursor")
				}
			}
		}
	})
	t.Run("CUR-18 one answer to all of them", func(t *testing.T) {
		foreign := page(s.Tenant, page(s.Globex, "").Str("nextCursor"))
		forged := page(s.Tenant, "AAAA"+mine[4:])
		never := page(s.Tenant, "nothing")
		require.Equal(t, foreign.Body, forged.Body)
		require.Equal(t, foreign.Body, never.Body)
	})
	t.Run("CUR-02 CUR-17 nothing can be read in it", func(t *testing.T) {
		a := s.Get(t, "/Users?count=1&sortBy=userName&cursor=").Str("nextCursor")
		b := s.Get(t, "/Users?count=1&sortBy=userName&cursor=").Str("nextCursor")
		require.NotEqual(t, a, b, "the same place, sealed twice")
	})
	t.Run("CUR-A04 nothing is kept for one", func(t *testing.T) {
		before := s.Store
		for range 200 {
			page(s.Tenant, "").Status(200)
		}
		require.Same(t, before, s.Store)
		page(s.Tenant, mine).Status(200) // the oldest is still good: no cap pushed it out
	})
	t.Run("CUR-08 CUR-14 after its time", func(t *testing.T) {
		timeout := s.Get(t, "/ServiceProviderConfig").Int("pagination.cursorTimeout")
		require.Equal(t, 60, timeout)
		offset.Store(int64(time.Duration(timeout-5) * time.Second))
		next := page(s.Tenant, mine).Status(200).Str("nextCursor")
		offset.Store(int64(time.Duration(timeout+5) * time.Second))
		page(s.Tenant, mine).Error(400, "expiredCursor", "60 seconds")
		page(s.Tenant, next).Status(200) // each page has a time of its own
	})
}

// TestCUR03_WhileThingsChange: what was there all the time is met once, whatever
// happens to the rest between two pages, and to its own values.
func TestCUR03_WhileThingsChange(t *testing.T) {
	for _, order := range []string{"", "&sortBy=userName", "&sortBy=userName&sortOrder=descending", "&sortBy=title", "&sortBy=title&sortOrder=descending", "&sortBy=displayName", "&sortBy=meta.lastModified", "&sortBy=meta.lastModified&sortOrder=descending"} {
		t.Run("CUR-03 SRT-A01 in order "+order, func(t *testing.T) {
			s := proxytest.New(t)
			ids := s.CreateUsers(t, "u", 30)
			for i, id := range ids {
				if i%3 > 0 {
					s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "title", fmt.Sprintf("t%02d", i%7)), proxytest.Op("replace", "displayName", fmt.Sprintf("d%02d", i%5)))).Status(200)
				}
			}
			gone := map[string]bool{}
			got := walkCursor(t, s.Tenant, "/Users?count=3"+order, "id", func(page int) {
				victim := ids[(page*7)%30]
				if !gone[victim] {
					s.Delete(t, "/Users/"+victim).Status(204)
					gone[victim] = true
				}
				for _, i := range []int{page, 29 - page} { // some already met, some not
					if !gone[ids[i]] {
						name := fmt.Sprintf("%c%02d", "az"[page%2], i)
						s.Patch(t, "/Users/"+ids[i], proxytest.Ops(proxytest.Op("replace", "userName", name), proxytest.Op("replace", "title", name), proxytest.Op("replace", "displayName", name))).Status(200)
					}
				}
				s.CreateUser(t, fmt.Sprintf("new%02d", page), "title", "t03")
			})
			met := map[string]int{}
			for _, id := range got {
				met[id]++
			}
			for _, id := range ids {
				if gone[id] {
					require.LessOrEqual(t, met[id], 1)
				} else {
					require.Equal(t, 1, met[id], "a user who was there throughout")
				}
			}
		})
	}
}

func TestCUR_Budget(t *testing.T) {
	s := proxytest.New(t, proxytest.WithDirectory(directory.Options{ScanBudget: 10}))
	ids := s.CreateUsers(t, "u", 40)
	s.Patch(t, "/Users/"+ids[35], proxytest.Ops(proxytest.Op("replace", "title", "Z"))).Status(200)
	t.Run("CUR-03 LIST-07 what the budget forbids by index comes in short pages", func(t *testing.T) {
		filter := "filter=" + url.QueryEscape(`title eq "z"`)
		s.Get(t, "/Users?"+filter).Error(400, "tooMany", "cursor")
		pages := 0
		require.Equal(t, ids[35:36], walkCursor(t, s.Tenant, "/Users?count=5&"+filter, "id", func(int) { pages++ }))
		require.Equal(t, 3, pages)
		require.Equal(t, ids, walkCursor(t, s.Tenant, "/Users?count=7&filter="+url.QueryEscape(`userName sw "u"`), "id", nil), "more candidates than may be collected")
	})
}
