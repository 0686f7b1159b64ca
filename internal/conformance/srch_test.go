package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

const searchSchema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

// searchBody is a SearchRequest with further members.
func searchBody(pairs ...any) proxytest.M {
	m := proxytest.M{"schemas": []string{searchSchema}}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

func TestSRCH_Requests(t *testing.T) {
	s := proxytest.New(t)
	ids := s.CreateUsers(t, "u", 3)
	group := s.CreateGroup(t, "g", ids[0])
	t.Run("SRCH-01 SRCH-04 on an endpoint", func(t *testing.T) {
		s.Post(t, "/Users/.search", searchBody("filter", `userName eq "u0002"`)).Status(200).HasHeader("Content-Type", "application/scim+json").
			Has("schemas", []string{listSchema}).Has("totalResults", 1).Has("Resources.0.id", ids[1])
		s.Post(t, "/Groups/.search", searchBody("filter", fmt.Sprintf("members eq %q", ids[0]))).Status(200).Has("Resources.0.id", group)
		s.Post(t, "/users/.SEARCH", searchBody()).Status(200).Has("totalResults", 3)
	})
	t.Run("SRCH-01 on the base URI", func(t *testing.T) {
		s.Post(t, "/.search", searchBody()).Status(200).Has("totalResults", 4).Len("Resources", 4)
		s.Post(t, "/.search", searchBody("filter", `displayName eq "g" or userName eq "u0001"`)).Status(200).Has("totalResults", 2)
	})
	t.Run("SRCH-02 what is no SearchRequest", func(t *testing.T) {
		for _, body := range []any{
			"", "[]", `"x"`, "{}", `{"filter":"userName pr"}`, `{"schemas":[]}`, `{"schemas":"` + searchSchema + `"}`,
			proxytest.M{"schemas": []string{proxytest.UserSchema}}, proxytest.M{"schemas": []string{searchSchema, proxytest.UserSchema}}, `{"schemas":["` + searchSchema + `"]`,
		} {
			s.Post(t, "/Users/.search", body).Error(400, "invalidSyntax")
			s.Post(t, "/.search", body).Error(400, "invalidSyntax")
		}
		s.Post(t, "/Users/.search", searchBody("filter", `userName zz "x"`)).Error(400, "invalidFilter")
		s.Post(t, "/Users/.search", searchBody("filter", 5)).Error(400, "invalidValue", "filter")
		s.Post(t, "/Users/.search", searchBody("count", "ten")).Error(400, "invalidValue", "count")
		s.Post(t, "/Users/.search", searchBody("attributes", 5)).Error(400, "invalidValue", "attributes")
		s.Post(t, "/Users/.search", searchBody("attributes", []string{"title"}, "excludedAttributes", []string{"title"})).Error(400, "invalidValue")
		s.Post(t, "/Users/.search", searchBody(), proxytest.Header("Content-Type", "text/xml")).Error(415, "")
	})
	t.Run("SRCH-02 null is absent", func(t *testing.T) {
		s.Post(t, "/Users/.search", searchBody("filter", nil, "count", nil, "startIndex", nil, "attributes", nil, "sortBy", nil)).Status(200).Has("totalResults", 3)
	})
	t.Run("SRCH-A01 the query string says nothing", func(t *testing.T) {
		s.Post(t, "/Users/.search?count=1&filter=userName+eq+%22nobody%22&startIndex=2", searchBody("filter", `userName sw "u"`)).Status(200).Has("totalResults", 3).Len("Resources", 3).Has("startIndex", 1)
	})
	t.Run("SRCH-A02 only by POST, and no id", func(t *testing.T) {
		for _, m := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			s.Do(t, m, "/Users/.search", nil).Error(405, "").HasHeader("Allow", "OPTIONS, POST")
			s.Do(t, m, "/.search", nil).Error(405, "").HasHeader("Allow", "OPTIONS, POST")
		}
	})
	t.Run("SRCH-A03 it is a read", func(t *testing.T) {
		reader := s.WithToken(t, tenancy.NewToken{Name: "reader", Scopes: []string{tenancy.ScopeRead}})
		before := len(changesOf(t, s.Tenant))
		reader.Post(t, "/Users/.search", searchBody()).Status(200).Has("totalResults", 3)
		reader.Post(t, "/.search", searchBody()).Status(200).Has("totalResults", 4)
		require.Len(t, changesOf(t, s.Tenant), before)
		s.SetPaused(t, true)
		defer s.SetPaused(t, false)
		reader.Post(t, "/Users/.search", searchBody()).Status(200)
	})
	t.Run("SRCH-01 AUTH-17 a token for users finds users", func(t *testing.T) {
		users := s.WithToken(t, tenancy.NewToken{Name: "users", Scopes: []string{tenancy.ScopeUsers}})
		users.Post(t, "/.search", searchBody()).Status(200).Has("totalResults", 3)
		users.Get(t, "/").Status(200).Has("totalResults", 3)
		users.Post(t, "/Groups/.search", searchBody()).Error(403, "")
	})
	t.Run("SRCH-A04 discovery has none", func(t *testing.T) {
		for _, path := range []string{"/Schemas/.search", "/ResourceTypes/.search", "/ServiceProviderConfig/.search"} {
			require.Contains(t, []int{404, 405}, s.Post(t, path, searchBody()).Code, path)
		}
	})
	t.Run("CUR-12 pages by cursor in the body", func(t *testing.T) {
		var got []string
		for cursor := ""; ; {
			r := s.Post(t, "/Users/.search", searchBody("cursor", cursor, "count", 1, "sortBy", "userName", "sortOrder", "descending")).Status(200).HasNot("startIndex")
			got = append(got, r.Strs("Resources", "userName")...)
			if _, more := r.At("nextCursor"); !more {
				break
			}
			cursor = r.Str("nextCursor")
		}
		require.Equal(t, []string{"u0003", "u0002", "u0001"}, got)
	})
}

// TestSRCH03_Equivalence: a search by POST answers what the GET with the same
// parameters answers, to the byte.
func TestSRCH03_Equivalence(t *testing.T) {
	s := proxytest.New(t)
	for i := range 12 {
		s.CreateUser(t, fmt.Sprintf("u%02d", i), "title", fmt.Sprintf("t%d", i%3))
	}
	s.CreateGroup(t, "g")
	pick := func(t *rapid.T, name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	rapid.Check(t, func(rt *rapid.T) {
		endpoint := pick(rt, "endpoint", "/Users", "/Groups", "")
		q, body := url.Values{}, searchBody()
		set := func(name, text string, value any) {
			if text != "" {
				q.Set(name, text)
				body[name] = value
			}
		}
		filter := pick(rt, "filter", "", `displayName pr`, `id pr`, `meta.resourceType eq "User"`, `externalId eq`, `schemas co "User"`)
		if endpoint != "/Groups" {
			filter = pick(rt, "user filter", filter, `title eq "t1"`, `userName sw "u0"`, `title eq "t1" or userName eq "u05"`)
		}
		set("filter", filter, filter)
		by := pick(rt, "by", "", "id", "displayName", "meta.created", "nope")
		set("sortBy", by, by)
		order := pick(rt, "order", "", "ascending", "descending", "sideways")
		set("sortOrder", order, order)
		for _, name := range []string{"startIndex", "count"} {
			n := pick(rt, name, "", "-1", "0", "1", "3", "20")
			set(name, n, json.Number(n))
		}
		list := pick(rt, "list", "attributes", "excludedAttributes")
		names := pick(rt, "names", "", "title", "userName,meta", "id")
		set(list, names, strings.Split(names, ","))
		get := s.Get(t, endpoint+"/?"+q.Encode())
		post := s.Post(t, endpoint+"/.search", body)
		if get.Code != post.Code || get.Body != post.Body {
			rt.Fatalf("GET %s?%s\n%d %s\nPOST %v\n%d %s", endpoint, q.Encode(), get.Code, get.Body, body, post.Code, post.Body)
		}
	})
}

func TestLIST06_Root(t *testing.T) {
	s := proxytest.New(t)
	user := s.CreateUser(t, "ada", "displayName", "X", "title", "T")
	group := s.CreateGroup(t, "x", user)
	t.Run("LIST-06 users and groups", func(t *testing.T) {
		for _, path := range []string{"/", ""} {
			r := s.Filter(t, path, `displayName eq "x"`).Status(200).Has("totalResults", 2)
			require.Equal(t, []string{user, group}, r.Strs("Resources", "id"))
			require.Equal(t, []string{"User", "Group"}, r.Strs("Resources", "meta.resourceType"))
		}
		s.Get(t, "/").Status(200).Has("totalResults", 2)
		s.Get(t, "/scim/v2").Status(200).Has("totalResults", 2)
	})
	t.Run("LIST-06 FLT-19 what the other type has counts as absent", func(t *testing.T) {
		for filter, want := range map[string][]string{
			`userName eq "ada"`:  {user},
			`userName ne "ada"`:  {group},
			`not (title eq "T")`: {group},
			`members pr`:         {group},
			`userName eq "ada" or members eq "` + user + `"`: {user, group},
			`meta.resourceType eq "Group"`:                   {group},
			`title eq "T" and members pr`:                    {},
		} {
			got := s.Filter(t, "/", filter).Status(200)
			require.ElementsMatch(t, want, got.Strs("Resources", "id"), filter)
			require.Equal(t, len(want), got.Int("totalResults"), filter)
		}
	})
	t.Run("LIST-06 page by page, by index and by cursor", func(t *testing.T) {
		s.CreateUsers(t, "u", 5)
		var want, byIndex, byCursor []string
		want = s.Get(t, "/?count=100").Has("totalResults", 7).Strs("Resources", "id")
		for start := 1; start <= 7; start += 3 {
			byIndex = append(byIndex, s.Get(t, fmt.Sprintf("/?startIndex=%d&count=3", start)).Has("totalResults", 7).Strs("Resources", "id")...)
		}
		require.Equal(t, want, byIndex)
		for cursor, more := "", true; more; {
			r := s.Get(t, "/?count=3&cursor="+cursor).Status(200)
			byCursor = append(byCursor, r.Strs("Resources", "id")...)
			if _, more = r.At("nextCursor"); more {
				cursor = r.Str("nextCursor")
			}
		}
		require.Equal(t, want, byCursor)
		for start := 7; start > 0; start-- { // out of turn
			require.Equal(t, want[start-1:start], s.Get(t, fmt.Sprintf("/?startIndex=%d&count=1", start)).Strs("Resources", "id"))
		}
	})
	t.Run("LIST-06 shaped for each type", func(t *testing.T) {
		r := s.Filter(t, "/", `displayName eq "x"`, "attributes=userName,members").Status(200)
		r.Has("Resources.0.userName", "ada").HasNot("Resources.0.title").Has("Resources.1.members.0.value", user).HasNot("Resources.1.displayName")
	})
}
