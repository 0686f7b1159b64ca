package conformance_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
)

// sortedBy lists an endpoint in an order and names what came by an attribute.
func sortedBy(t *testing.T, x *proxytest.Tenant, endpoint, by, order, name string) []string {
	t.Helper()
	q := "?count=100&sortBy=" + url.QueryEscape(by)
	if order != "" {
		q += "&sortOrder=" + order
	}
	return x.Get(t, endpoint+q).Status(200).Strs("Resources", name)
}

func TestSRT_Order(t *testing.T) {
	s := proxytest.New(t)
	people := []struct{ name, title, external, family, created string }{
		{"delta", "b", "B", "Zimmer", ""}, {"Alpha", "", "a", "adler", ""}, {"charlie", "C", "b", "Ähre", ""}, {"Bravo", "a", "A", "Bauer", ""}, {"echo", "", "", "bauer", ""},
	}
	var ids []string
	for _, p := range people {
		pairs := []any{"name", proxytest.M{"familyName": p.family}, "emails", []proxytest.M{{"value": "z" + p.name + "@x.example"}, {"value": p.name + "@x.example", "primary": true}}}
		if p.title != "" {
			pairs = append(pairs, "title", p.title)
		}
		if p.external != "" {
			pairs = append(pairs, "externalId", p.external)
		}
		ids = append(ids, s.CreateUser(t, p.name, pairs...))
	}
	t.Run("SRT-01 the flag tells the truth", func(t *testing.T) {
		s.Get(t, "/ServiceProviderConfig").Has("sort.supported", true)
		require.Equal(t, []string{"Alpha", "Bravo", "charlie", "delta", "echo"}, sortedBy(t, s.Tenant, "/Users", "userName", "", "userName"))
	})
	for _, c := range []struct {
		name, by, order string
		want            []string
	}{
		{"SRT-02 SRT-04 a string without regard to case", "userName", "ascending", []string{"Alpha", "Bravo", "charlie", "delta", "echo"}},
		{"SRT-03 descending", "userName", "descending", []string{"echo", "delta", "charlie", "Bravo", "Alpha"}},
		{"SRT-03 in any letter case", "USERNAME", "DESCENDING", []string{"echo", "delta", "charlie", "Bravo", "Alpha"}},
		{"SRT-03 with the URN", "urn:ietf:params:scim:schemas:core:2.0:User:userName", "Ascending", []string{"Alpha", "Bravo", "charlie", "delta", "echo"}},
		{"SRT-02 meta.created", "meta.created", "", []string{"delta", "Alpha", "charlie", "Bravo", "echo"}},
		{"SRT-02 meta.created, descending", "meta.created", "descending", []string{"echo", "Bravo", "charlie", "Alpha", "delta"}},
		{"SRT-02 meta.lastModified", "meta.lastModified", "descending", []string{"echo", "Bravo", "charlie", "Alpha", "delta"}},
		{"SRT-02 id", "id", "descending", []string{"echo", "Bravo", "charlie", "Alpha", "delta"}},
		{"SRT-04 externalId with regard to case, SRT-05 without one last", "externalId", "", []string{"Bravo", "delta", "Alpha", "charlie", "echo"}},
		{"SRT-04 beyond ASCII in Unicode order, no locale", "name.familyName", "", []string{"Alpha", "Bravo", "echo", "delta", "charlie"}},
		{"SRT-05 without a title last", "title", "", []string{"Bravo", "delta", "charlie", "Alpha", "echo"}},
		{"SRT-05 without a title first, when descending", "title", "descending", []string{"echo", "Alpha", "charlie", "delta", "Bravo"}},
		{"SRT-06 the primary e-mail", "emails.value", "", []string{"Alpha", "Bravo", "charlie", "delta", "echo"}},
		{"SRT-06 the same without a sub-attribute", "emails", "descending", []string{"echo", "delta", "charlie", "Bravo", "Alpha"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, sortedBy(t, s.Tenant, "/Users", c.by, c.order, "userName"))
			// The same through .search, and page by page.
			body := proxytest.M{"schemas": []string{searchSchema}, "sortBy": c.by, "count": 100}
			if c.order != "" {
				body["sortOrder"] = c.order
			}
			require.Equal(t, c.want, s.Post(t, "/Users/.search", body).Status(200).Strs("Resources", "userName"))
			var paged []string
			for start := 1; start <= len(c.want); start += 2 {
				body["startIndex"], body["count"] = start, 2
				r := s.Post(t, "/Users/.search", body).Status(200).Has("totalResults", len(c.want)).Has("startIndex", start)
				paged = append(paged, r.Strs("Resources", "userName")...)
			}
			require.Equal(t, c.want, paged)
		})
	}
	t.Run("SRT-06 the first e-mail where none is primary", func(t *testing.T) {
		s.Patch(t, "/Users/"+ids[0], proxytest.Ops(proxytest.Op("replace", "emails", []proxytest.M{{"value": "a0@x.example"}, {"value": "zz@x.example"}}))).Status(200)
		require.Equal(t, "delta", sortedBy(t, s.Tenant, "/Users", "emails.value", "", "userName")[0])
	})
	t.Run("SRT-02 with a filter", func(t *testing.T) {
		got := s.Filter(t, "/Users", `title pr`, "sortBy=userName", "sortOrder=descending").Has("totalResults", 3).Strs("Resources", "userName")
		require.Equal(t, []string{"delta", "charlie", "Bravo"}, got)
		got = s.Filter(t, "/Users", `userName eq "bravo" or externalId eq "b"`, "sortBy=userName", "sortOrder=descending").Has("totalResults", 2).Strs("Resources", "userName")
		require.Equal(t, []string{"charlie", "Bravo"}, got)
	})
	t.Run("SRT-03 another word", func(t *testing.T) {
		s.Get(t, "/Users?sortBy=userName&sortOrder=up").Error(400, "invalidValue", "ascending")
	})
	t.Run("SRT-07 a complex attribute needs a part", func(t *testing.T) {
		s.Get(t, "/Users?sortBy=name").Error(400, "invalidValue", "name.formatted")
		s.Get(t, "/Users?sortBy=name.familyName").Status(200)
		s.Get(t, "/Users?sortBy=meta").Error(400, "invalidValue")
	})
	t.Run("SRT-A02 an attribute nobody has", func(t *testing.T) {
		s.Get(t, "/Users?sortBy=foo").Error(400, "invalidValue", "foo", "/Schemas")
		s.Get(t, "/Users?sortBy=password").Error(400, "invalidValue")
		s.Get(t, "/?sortBy=members").Error(400, "invalidValue")
		s.Get(t, "/?sortBy=userName").Status(200)
	})
	t.Run("SRT-05 SRT-A02 over several types, the foreign ones last", func(t *testing.T) {
		s.CreateGroup(t, "zulu")
		names := s.Get(t, "/?sortBy=displayName&count=100").Status(200).Has("totalResults", 6).Strs("Resources", "meta.resourceType")
		require.Equal(t, []string{"Group", "User", "User", "User", "User", "User"}, names)
		names = s.Get(t, "/?sortBy=userName&count=100").Status(200).Strs("Resources", "meta.resourceType")
		require.Equal(t, []string{"User", "User", "User", "User", "User", "Group"}, names)
	})
}

func TestSRT_Ties(t *testing.T) {
	s := proxytest.New(t)
	var ids []string
	for i := range 25 {
		ids = append(ids, s.CreateUser(t, fmt.Sprintf("u%02d", i), "title", []string{"Same", "same", "SAME"}[i%3], "displayName", "d"))
	}
	back := slices.Clone(ids)
	slices.Reverse(back)
	for _, by := range []string{"title", "displayName"} { // one without an index, one with
		for order, want := range map[string][]string{"ascending": ids, "descending": back} {
			for _, size := range []int{1, 4, 25} {
				t.Run(fmt.Sprintf("SRT-A01 equal keys of %s in pages of %d, %s", by, size, order), func(t *testing.T) {
					var byIndex, byCursor []string
					for start := 1; start <= len(want); start += size {
						r := s.Get(t, fmt.Sprintf("/Users?sortBy=%s&sortOrder=%s&startIndex=%d&count=%d", by, order, start, size)).Status(200)
						byIndex = append(byIndex, r.Strs("Resources", "id")...)
					}
					require.Equal(t, want, byIndex)
					for cursor, more := "", true; more; {
						r := s.Get(t, fmt.Sprintf("/Users?sortBy=%s&sortOrder=%s&count=%d&cursor=%s", by, order, size, cursor)).Status(200)
						byCursor = append(byCursor, r.Strs("Resources", "id")...)
						_, more = r.At("nextCursor")
						if more {
							cursor = r.Str("nextCursor")
						}
					}
					require.Equal(t, want, byCursor)
				})
			}
		}
	}
}

func TestSRT_Budget(t *testing.T) {
	s := proxytest.New(t, proxytest.WithDirectory(directory.Options{ScanBudget: 10}))
	s.CreateUsers(t, "u", 20)
	t.Run("SRT-02 an index that has the order needs no budget", func(t *testing.T) {
		require.Len(t, sortedBy(t, s.Tenant, "/Users", "userName", "descending", "id"), 20)
		require.Len(t, sortedBy(t, s.Tenant, "/Users", "meta.lastModified", "", "id"), 20)
	})
	t.Run("SRT-02 LIST-07 sorting everything by anything does", func(t *testing.T) {
		s.Get(t, "/Users?sortBy=title").Error(400, "tooMany", "userName")
	})
}
