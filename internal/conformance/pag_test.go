package conformance_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
	"scimedge/proxy"
)

func TestPAG_Pages(t *testing.T) {
	s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{PageSize: 4, MaxPageSize: 6}))
	ids := s.CreateUsers(t, "u", 10)
	s.CreateUser(t, "other")
	all := append(ids, s.Filter(t, "/Users", `userName eq "other"`).Str("Resources.0.id"))
	const filter = "filter=userName+sw+%22u%22"
	for _, row := range []struct {
		name, query string
		start       int
		want        []string
		total       int
	}{
		{"PAG-01 default", "?count=2", 1, all[:2], 11},
		{"PAG-01 one", "?startIndex=1&count=2", 1, all[:2], 11},
		{"PAG-01 zero means one", "?startIndex=0&count=2", 1, all[:2], 11},
		{"PAG-01 below zero means one", "?startIndex=-5&count=2", 1, all[:2], 11},
		{"PAG-01 far below zero means one", "?startIndex=-2147483648&count=2", 1, all[:2], 11},
		{"PAG-01 counts from one", "?startIndex=3&count=2", 3, all[2:4], 11},
		{"PAG-01 with a filter", "?startIndex=0&count=2&" + filter, 1, ids[:2], 10},
		{"PAG-02 at most that many", "?count=5", 1, all[:5], 11},
		{"PAG-02 PAG-A03 clamped", "?count=1000", 1, all[:6], 11},
		{"PAG-02 PAG-A03 clamped far", "?count=2147483647", 1, all[:6], 11},
		{"PAG-02 PAG-A03 clamped with a filter", "?count=100000&" + filter, 1, ids[:6], 10},
		{"PAG-03 negative", "?count=-1", 1, nil, 11},
		{"PAG-03 far negative", "?count=-2147483648", 1, nil, 11},
		{"PAG-03 with a filter", "?count=-1&" + filter, 1, nil, 10},
		{"PAG-04 none", "?count=0", 1, nil, 11},
		{"PAG-04 none, further on", "?count=0&startIndex=4", 4, nil, 11},
		{"PAG-04 none with a filter", "?count=0&" + filter, 1, nil, 10},
		{"PAG-05 the server's own size", "", 1, all[:4], 11},
		{"PAG-05 with a filter", "?" + filter, 1, ids[:4], 10},
		{"PAG-06 the last page", "?startIndex=10&count=5", 10, all[9:], 11},
		{"PAG-06 the last page of a filter", "?startIndex=9&count=5&" + filter, 9, ids[8:], 10},
		{"PAG-06 one match", "?filter=userName+eq+%22other%22", 1, all[10:], 1},
		{"PAG-A01 beyond the end", "?startIndex=9999", 9999, nil, 11},
		{"PAG-A01 just beyond", "?startIndex=12&count=5", 12, nil, 11},
		{"PAG-A01 beyond the matches", "?startIndex=11&" + filter, 11, nil, 10},
		{"PAG-A01 far beyond", "?startIndex=2147483647&count=6", 2147483647, nil, 11},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := s.Get(t, "/Users"+row.query).Status(200).Has("totalResults", row.total).Has("startIndex", row.start).
				Has("itemsPerPage", len(row.want)).Has("schemas", []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}).
				Contains(`"Resources":[`).Len("Resources", len(row.want)).HasHeader("Content-Type", "application/scim+json")
			require.Equal(t, append([]string{}, row.want...), r.Strs("Resources", "id"))
		})
	}
	t.Run("PAG-06 pages that follow each other hold everybody once", func(t *testing.T) {
		for _, q := range []string{"", "&" + filter, "&count=3", "&count=1&" + filter} {
			var got []string
			for total := 1; len(got) < total; {
				r := s.Get(t, fmt.Sprintf("/Users?startIndex=%d%s", len(got)+1, q)).Status(200)
				require.Positive(t, r.Int("itemsPerPage"))
				require.Equal(t, r.Int("itemsPerPage"), len(r.Strs("Resources", "id")))
				total, got = r.Int("totalResults"), append(got, r.Strs("Resources", "id")...)
			}
			require.Subset(t, all, got)
			require.GreaterOrEqual(t, len(got), 10)
			seen := map[string]bool{}
			for _, id := range got {
				require.False(t, seen[id], "twice")
				seen[id] = true
			}
		}
	})
	t.Run("PAG-07 maxResults is what is enforced", func(t *testing.T) {
		spc := s.Get(t, "/ServiceProviderConfig").Status(200).Has("filter.supported", true).Has("filter.maxResults", 6)
		r := s.Get(t, "/Users?count=11").Status(200)
		require.Equal(t, spc.Int("filter.maxResults"), r.Int("itemsPerPage"))
		s.Filter(t, "/Users", "userName pr", "count=11").Status(200).Has("itemsPerPage", 6)
	})
	for _, q := range []string{"count=abc", "count=1.5", "count=99999999999999999999", "startIndex=x", "startIndex=1e3", "startIndex=-99999999999999999999", "count=%22%22", "count=0x10", "startIndex=1,2"} {
		t.Run("PAG-A02 "+q, func(t *testing.T) {
			name := map[byte]string{'c': "count", 's': "startIndex"}[q[0]]
			s.Get(t, "/Users?"+q).Error(400, "invalidValue", name, "whole number")
			s.Get(t, "/Groups?"+q).Error(400, "invalidValue", name)
		})
	}
}

func TestPAG_A05_EmptyTenant(t *testing.T) {
	s := proxytest.New(t)
	for _, q := range []string{"", "?startIndex=1&count=100", "?startIndex=1&count=2", "?count=1&startIndex=1", "?count=1", "?count=0", "?startIndex=2",
		"?filter=userName+eq+%22nobody%22&startIndex=1&count=100"} {
		t.Run("PAG-A05 "+q, func(t *testing.T) {
			s.Get(t, "/Users"+q).Status(200).Has("totalResults", 0).Has("itemsPerPage", 0).Contains(`"Resources":[]`)
		})
	}
	s.Get(t, "/Groups?startIndex=1&count=100").Status(200).Has("totalResults", 0).Contains(`"Resources":[]`)
}

// The total of a page costs the same however many resources there are.
func TestPAG_A04_CostOfTheTotal(t *testing.T) {
	store := &tally{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	s := proxytest.New(t, proxytest.WithStore(store), proxytest.WithDirectory(directory.Options{ScanBudget: 3}))
	cost := func(path string, total int) int64 {
		n, _ := store.during(func() { s.Get(t, path).Status(200).Has("totalResults", total) })
		return n
	}
	paths := []string{"/Users?count=1", "/Users?count=0", "/Users?count=1&filter=userName+eq+%22u0001%22"}
	var few, many []int64
	s.CreateUsers(t, "u", 5)
	for i, p := range paths {
		few = append(few, cost(p, []int{5, 5, 1}[i]))
	}
	s.CreateUsers(t, "v", 120)
	for i, p := range paths {
		many = append(many, cost(p, []int{125, 125, 1}[i]))
	}
	require.Equal(t, few, many, "rows read for each of %v", paths)
	s.Filter(t, "/Users", `title eq "x"`).Error(400, "tooMany", "userName")
}
