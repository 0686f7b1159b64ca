package conformance_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
)

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

func TestLIST_Form(t *testing.T) {
	s := proxytest.New(t)
	s.CreateUsers(t, "u", 3)
	s.CreateGroup(t, "g")
	t.Run("LIST-01 LIST-02 LIST-03 LIST-04 the whole list", func(t *testing.T) {
		s.Get(t, "/Users").Status(200).HasHeader("Content-Type", "application/scim+json").Has("schemas", []string{listSchema}).
			Has("totalResults", 3).Has("startIndex", 1).Has("itemsPerPage", 3).Len("Resources", 3)
		s.Get(t, "/Groups").Status(200).Has("schemas", []string{listSchema}).Has("totalResults", 1).Len("Resources", 1)
	})
	t.Run("LIST-02 LIST-04 a part of it", func(t *testing.T) {
		r := s.Get(t, "/Users?count=1").Status(200).Has("totalResults", 3).Has("startIndex", 1).Has("itemsPerPage", 1).Len("Resources", 1)
		for _, name := range []string{"totalResults", "startIndex", "itemsPerPage"} {
			v, _ := r.At(name)
			require.IsType(t, json.Number(""), v, name)
		}
		s.Get(t, "/Users?startIndex=3&count=2").Status(200).Has("totalResults", 3).Has("startIndex", 3).Has("itemsPerPage", 1).Len("Resources", 1)
	})
	for name, query := range map[string]string{"LIST-03 LIST-05 nothing matches": "?filter=userName+eq+%22nobody%22", "LIST-03 count 0": "?count=0", "LIST-03 a page beyond the end": "?startIndex=100"} {
		t.Run(name, func(t *testing.T) {
			r := s.Get(t, "/Users"+query).Status(200).Has("schemas", []string{listSchema}).Len("Resources", 0)
			_, ok := r.At("Resources")
			require.True(t, ok, "clients iterate over Resources: it is [] and not missing")
			require.Contains(t, []int{0, 3}, r.Int("totalResults"))
		})
	}
	t.Run("LIST-05 no match is no error", func(t *testing.T) {
		for _, f := range []string{`userName eq "nobody"`, `id eq "` + randomID + `"`, `id eq "x"`, `externalId eq "none"`, `title co "zz"`, `emails[value eq "none"]`, `meta.created lt "1970-01-01T00:00:00Z"`} {
			s.Filter(t, "/Users", f).Status(200).Has("totalResults", 0).Has("itemsPerPage", 0)
		}
		s.Filter(t, "/Groups", `members.value eq "none"`).Status(200).Has("totalResults", 0)
		s.Globex.Get(t, "/Users").Status(200).Has("totalResults", 0)
	})
	t.Run("LIST-08 each element", func(t *testing.T) {
		r := s.Get(t, "/Users?attributes=userName").Status(200).Len("Resources", 3)
		for i := range 3 {
			at := fmt.Sprintf("Resources.%d.", i)
			r.Has(at+"schemas", []string{proxytest.UserSchema}).Has(at+"userName", fmt.Sprintf("u%04d", i+1)).HasNot(at+"emails", at+"meta", at+"active")
			require.NotEmpty(t, r.Str(at+"id"))
		}
		s.Get(t, "/Users?excludedAttributes=emails,id").Status(200).HasNot("Resources.0.emails").Has("Resources.0.active", true)
		one := s.Get(t, "/Users?count=1")
		whole := s.Get(t, "/Users/"+one.Str("Resources.0.id"))
		v, _ := one.At("Resources.0")
		whole.Has("", v)
	})
	t.Run("LIST-A01 this tenant's only", func(t *testing.T) {
		s.Globex.CreateUser(t, "u0001")
		s.Get(t, "/Users").Has("totalResults", 3)
		s.Globex.Get(t, "/Users").Has("totalResults", 1)
		s.Staging.Get(t, "/Users").Has("totalResults", 0)
		s.Filter(t, "/Users", `userName sw "u"`).Has("totalResults", 3)
		s.Globex.Filter(t, "/Users", `userName eq "u0001"`).Has("totalResults", 1)
		s.Globex.Filter(t, "/Users", `not (userName eq "u0001")`).Has("totalResults", 0)
	})
}

func TestLIST07_TooMany(t *testing.T) {
	s := proxytest.New(t, proxytest.WithDirectory(directory.Options{ScanBudget: 10}))
	ids := s.CreateUsers(t, "u", 10)
	t.Run("LIST-07 within the budget", func(t *testing.T) {
		s.Filter(t, "/Users", `title pr`).Status(200).Has("totalResults", 0)
	})
	s.CreateUser(t, "eleventh")
	t.Run("LIST-07 ERR-05 beyond it", func(t *testing.T) {
		s.Filter(t, "/Users", `title pr`).Error(400, "tooMany", "indexed", "userName")
		s.Filter(t, "/Users", `not (userName eq "x")`, "count=1").Error(400, "tooMany")
	})
	t.Run("LIST-07 an index needs no budget", func(t *testing.T) {
		s.Filter(t, "/Users", `userName eq "u0003"`).Status(200).Has("Resources.0.id", ids[2])
		s.Get(t, "/Users").Status(200).Has("totalResults", 11)
	})
}

func TestLISTA02_StableOrder(t *testing.T) {
	s := proxytest.New(t)
	want := s.CreateUsers(t, "u", 250)
	s.Delete(t, "/Users/"+want[99]).Status(204)
	want = append(want[:99], want[100:]...)
	s.Patch(t, "/Users/"+want[10], proxytest.Ops(proxytest.Op("replace", "userName", "zzz"))).Status(200)
	pages := func(query string, size int) (all []string) {
		for start := 1; ; {
			r := s.Get(t, fmt.Sprintf("/Users?%s&startIndex=%d&count=%d", query, start, size)).Status(200).Has("totalResults", len(want))
			got := r.Strs("Resources", "id")
			all = append(all, got...)
			if start += len(got); len(got) == 0 || start > len(want) {
				return all
			}
		}
	}
	for _, size := range []int{7, 100, 1000} {
		for _, query := range []string{"", "filter=active+eq+true", "filter=emails+pr", "attributes=userName"} {
			t.Run(fmt.Sprintf("LIST-A02 pages of %d %s", size, query), func(t *testing.T) {
				require.Equal(t, want, pages(query, size))
			})
		}
	}
}
