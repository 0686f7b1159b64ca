package conformance_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
)

func TestSCH_IDs(t *testing.T) {
	s := proxytest.New(t)
	t.Run("SCH-38 the server gives ids, once", func(t *testing.T) {
		seen := map[string]bool{}
		for range 5 {
			made := s.Post(t, "/Users", proxytest.User("ada", "id", "mine", "externalId", "1")).Status(201)
			require.NotEmpty(t, made.ID())
			require.False(t, seen[made.ID()], "an id came back")
			seen[made.ID()] = true
			s.Put(t, "/Users/"+made.ID(), proxytest.User("ada", "id", randomID)).Status(200).Has("id", made.ID())
			s.Patch(t, "/Users/"+made.ID(), proxytest.Ops(proxytest.Op("replace", "userName", "ada2"))).Status(200).Has("id", made.ID())
			s.Get(t, "/Users/"+made.ID()+"?attributes=userName").Status(200).Has("id", made.ID())
			s.Get(t, "/Users/"+strings.ToUpper(made.ID())).Error(404, "")
			s.Filter(t, "/Users", `id eq "`+made.ID()+`"`).Has("totalResults", 1)
			s.Filter(t, "/Users", `id eq "`+strings.ToUpper(made.ID())+`"`).Has("totalResults", 0)
			s.Delete(t, "/Users/"+made.ID()).Status(204)
			s.Get(t, "/Users/"+made.ID()).Error(404, "")
		}
		// Unique over the whole provider: over tenants and types, too.
		for _, id := range []string{s.CreateGroup(t, "g"), s.Globex.CreateUser(t, "ada"), s.Staging.CreateUser(t, "ada"), s.Globex.CreateGroup(t, "g")} {
			require.False(t, seen[id])
			seen[id] = true
		}
	})
	// SCIM's numbers and words as externalId must not become ids (they did elsewhere).
	t.Run("SCH-38 an externalId is no id", func(t *testing.T) {
		for _, x := range []string{"1", "0", "-1", "01", "1e0", "null", "me"} {
			id := s.CreateUser(t, "ext"+x, "externalId", x)
			require.NotEqual(t, x, id)
			s.Get(t, "/Users/"+x).Error(404, "")
		}
	})
	t.Run("SCH-39 TEN-04 the generator", func(t *testing.T) {
		form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
		seen := map[string]bool{}
		for range 20_000 {
			id, err := directory.NewID()
			require.NoError(t, err)
			text := id.String()
			if !form.MatchString(text) || strings.Contains(strings.ToLower(text), "bulkid") || seen[text] {
				t.Fatalf("a bad id: %s", text)
			}
			seen[text] = true
		}
	})
}

func TestSCH_ExternalID(t *testing.T) {
	s := proxytest.New(t)
	t.Run("SCH-40 the client's own", func(t *testing.T) {
		made := s.Post(t, "/Users", proxytest.User("ada")).Status(201).HasNot("externalId")
		s.Get(t, "/Users/"+made.ID()).HasNot("externalId")
		for i, x := range []string{"00u1ABC", " spaced ", "e\u0301 NFD", "ＡＢＣ", `q"uo\te`, "null"} {
			id := s.CreateUser(t, "x"+string(rune('a'+i)), "externalId", x)
			s.Get(t, "/Users/"+id).Has("externalId", x)
			s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "title", "T"))).Status(200).Has("externalId", x)
		}
		s.Put(t, "/Users/"+made.ID(), proxytest.User("ada", "externalId", "later")).Status(200).Has("externalId", "later")
		s.Patch(t, "/Users/"+made.ID(), proxytest.Ops(proxytest.Op("remove", "externalId"))).Status(200).HasNot("externalId")
	})
	t.Run("SCH-41 scoped and not unique", func(t *testing.T) {
		a := s.CreateUser(t, "twin1", "externalId", "same")
		b := s.CreateUser(t, "twin2", "externalId", "same")
		s.Globex.CreateUser(t, "twin3", "externalId", "same")
		require.Equal(t, []string{a, b}, s.Filter(t, "/Users", `externalId eq "same"`).Status(200).Has("totalResults", 2).Strs("Resources", "id"))
		s.Globex.Filter(t, "/Users", `externalId eq "same"`).Has("totalResults", 1).Has("Resources.0.userName", "twin3")
		s.Staging.Filter(t, "/Users", `externalId eq "same"`).Has("totalResults", 0)
		s.Post(t, "/Groups", body(`{$G,"externalId":"same"}`, "g1")).Status(201)
		s.Post(t, "/Groups", body(`{$G,"externalId":"same"}`, "g2")).Status(201)
	})
}

func TestSCH_Meta(t *testing.T) {
	clock := newHandClock()
	s := proxytest.New(t, clock.option())
	for _, row := range []struct {
		endpoint, typ string
		create        any
	}{{"/Users", "User", proxytest.User("ada")}, {"/Groups", "Group", proxytest.Group("ada")}} {
		t.Run("SCH-43 SCH-44 SCH-45 SCH-46 "+row.typ, func(t *testing.T) {
			created := clock.now().Format("2006-01-02T15:04:05.000Z")
			made := s.Post(t, row.endpoint, row.create).Status(201).Has("meta.resourceType", row.typ).Has("meta.created", created).Has("meta.lastModified", created)
			location := s.BaseURL() + row.endpoint + "/" + made.ID()
			path := row.endpoint + "/" + made.ID()
			headers := func(r *proxytest.Response) {
				t.Helper()
				r.Has("meta.location", location).HasHeader("Content-Location", location).HasHeader("ETag", r.Str("meta.version"))
				require.Regexp(t, `^(W/)?"[^"]+"$`, r.ETag())
			}
			headers(made)
			headers(s.Get(t, path))
			s.Get(t, row.endpoint).Has("Resources.0.meta.location", location).Has("Resources.0.meta.version", made.ETag()).Has("Resources.0.meta.resourceType", row.typ)

			clock.advance(90 * time.Minute)
			changed := s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "displayName", "New")), proxytest.Header("Prefer", "return=representation")).Status(200).
				Has("meta.created", created).Has("meta.lastModified", clock.now().Format("2006-01-02T15:04:05.000Z"))
			headers(changed)
			require.NotEqual(t, made.ETag(), changed.ETag())
			headers(s.Get(t, path))
		})
	}
	t.Run("SCH-A07 one form of time", func(t *testing.T) {
		clock.advance(time.Duration(7)*time.Millisecond + 11*time.Second)
		s.CreateGroup(t, "times", s.CreateUser(t, "times"))
		s.Globex.CreateUser(t, "times")
		form := regexp.MustCompile(`"(created|lastModified)":"([^"]*)"`)
		for _, r := range []*proxytest.Response{s.Get(t, "/Users"), s.Get(t, "/Groups"), s.Globex.Get(t, "/Users"), s.Get(t, "/Users?attributes=meta.created,meta.lastModified")} {
			found := form.FindAllStringSubmatch(r.Body, -1)
			require.NotEmpty(t, found)
			for _, m := range found {
				require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, m[2])
			}
		}
	})
}
