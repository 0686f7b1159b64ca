package proxy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

// What an identity provider does from the first request on.
func TestMainFlow(t *testing.T) {
	s := proxytest.New(t)
	s.Filter(t, "/Users", `userName eq "ada"`).Status(200).Has("totalResults", 0).Len("Resources", 0)

	made := s.Post(t, "/Users", proxytest.User("ada", "externalId", "00u1")).Status(201)
	id := made.ID()
	location := s.BaseURL() + "/Users/" + id
	made.Has("userName", "ada").Has("externalId", "00u1").Has("meta.location", location).
		HasHeader("Location", location).HasHeader("Content-Location", location).
		HasHeader("Content-Type", "application/scim+json").HasHeader("X-Request-Id", "*").
		HasHeader("Cache-Control", "private, no-cache").HasHeader("X-Content-Type-Options", "nosniff").
		HasHeader("ETag", made.Str("meta.version"))

	got := s.Get(t, "/Users/"+id).Status(200).Has("userName", "ada").Has("id", id)
	require.Equal(t, made.Body, got.Body)
	require.Equal(t, made.ETag(), got.ETag())

	s.Filter(t, "/Users", `userName eq "ADA"`, "startIndex=1", "count=100").Status(200).
		Has("totalResults", 1).Has("startIndex", 1).Has("itemsPerPage", 1).Has("Resources.0.id", id)
	s.Post(t, "/Users", proxytest.User("Ada")).Error(409, "uniqueness")

	patched := s.Patch(t, "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`).
		Status(200).Has("active", false)
	require.NotEqual(t, made.ETag(), patched.ETag())
	s.Put(t, "/Users/"+id, proxytest.User("ada", "title", "Countess")).Status(200).Has("title", "Countess").Has("active", true)

	group := s.CreateGroup(t, "engineers", id)
	s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("remove", `members[value eq "`+id+`"]`))).Status(204).Empty().HasHeader("ETag", "*")
	require.Empty(t, s.MembersOf(t, group))
	s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(id)))).Status(204)
	s.Get(t, "/Users/"+id).Status(200).Has("groups.0.value", group)

	s.Delete(t, "/Users/"+id).Status(204).Empty()
	s.Get(t, "/Users/"+id).Error(404, "")
	s.Delete(t, "/Users/"+id).Error(404, "")
	require.Empty(t, s.MembersOf(t, group))

	for event, n := range map[string]float64{
		"user.created": 1, "user.deactivated": 1, "user.reactivated": 1, "user.deleted": 1,
		"group.created": 1, "group.member_added": 2, "group.member_removed": 1,
	} {
		require.GreaterOrEqual(t, s.Metric("scimedge_provisioning_events_total", `event="`+event+`"`, `tenant="acme"`, s.Prefix), n, event)
	}
	require.Equal(t, 1.0, s.Metric("scimedge_quirk_normalised_total", `kind="boolean_string"`))
}

func TestDiscovery(t *testing.T) {
	s := proxytest.New(t)
	for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User", "/Schemas/" + proxytest.UserSchema, "/serviceproviderconfig", "/Schemas/"} {
		r := s.Get(t, path, proxytest.NoToken()).Status(200).HasHeader("ETag", "*")
		s.Get(t, path, proxytest.Bearer("expired")).Status(200)
		s.Get(t, path+"?count=1&sortBy=id").Status(200)
		s.Get(t, path, proxytest.Header("If-None-Match", r.ETag())).Status(304).Empty().HasHeader("ETag", r.ETag())
		s.Get(t, path+`?filter=id+eq+"x"`).Error(403, "")
		s.Post(t, path, "{}").Error(405, "").HasHeader("Allow", "GET, HEAD, OPTIONS")
		s.Get(t, path, proxytest.NoToken(), proxytest.Host("nowhere.test")).Error(404, "", "not configured here")
	}
	s.Get(t, "/ServiceProviderConfig").Has("patch.supported", true).Has("bulk.supported", true).Has("sort.supported", true).
		Has("bulk.maxOperations", 1000).Has("meta.location", s.BaseURL()+"/ServiceProviderConfig")
	s.Globex.Get(t, "/ServiceProviderConfig").Has("meta.location", s.Globex.BaseURL()+"/ServiceProviderConfig")
	s.Get(t, "/Schemas/urn:nope").Error(404, "")
	s.Get(t, "/ResourceTypes/Nope").Error(404, "")
	require.Zero(t, s.Metric("scimedge_auth_failures_total", `tenant="acme"`), "a token sent to discovery is not judged")
}

func TestPreferAndProjection(t *testing.T) {
	s := proxytest.New(t)
	minimal, full := proxytest.Header("Prefer", "return=minimal"), proxytest.Header("Prefer", "handling=lenient, return=representation")
	made := s.Post(t, "/Users", proxytest.User("ada"), minimal).Status(201).Empty().HasHeader("Preference-Applied", "return=minimal").HasHeader("ETag", "*")
	id := s.Filter(t, "/Users", `userName eq "ada"`).Str("Resources.0.id")
	require.Equal(t, s.BaseURL()+"/Users/"+id, made.Location())
	rename := proxytest.Ops(proxytest.Op("replace", "displayName", "x"))
	s.Patch(t, "/Users/"+id, rename, minimal).Status(204).Empty().HasHeader("ETag", "*")
	s.Put(t, "/Users/"+id, proxytest.User("ada"), minimal).Status(204).Empty()
	group := s.CreateGroup(t, "g", id)
	s.Patch(t, "/Groups/"+group, rename).Status(204)
	s.Patch(t, "/Groups/"+group, rename, full).Status(200).Has("displayName", "x").HasHeader("Preference-Applied", "return=representation")
	s.Patch(t, "/Groups/"+group+"?attributes=displayName", rename).Status(200).Has("displayName", "x").HasNot("members", "meta").Has("id", group).HasHeader("ETag", "*")

	s.Get(t, "/Users/"+id+"?attributes=userName,%20foo&attributes=name.givenName").Status(200).
		Has("userName", "ada").Has("name.givenName", "ada").HasNot("emails", "meta", "name.familyName").HasHeader("ETag", "*")
	s.Get(t, "/Groups/"+group+"?excludedAttributes=members").Status(200).HasNot("members")
	s.Get(t, "/Users?attributes=userName&excludedAttributes=emails").Error(400, "invalidValue")
	s.Post(t, "/Users?attributes=id&excludedAttributes=id", proxytest.User("never")).Error(400, "invalidValue")
	s.Filter(t, "/Users", `userName eq "never"`).Has("totalResults", 0)
	s.Post(t, "/Users?attributes=userName", proxytest.User("bob")).Status(201).Has("userName", "bob").HasNot("emails")
}

func TestPaging(t *testing.T) {
	s := proxytest.New(t)
	s.Get(t, "/Users?startIndex=1&count=100").Status(200).Has("totalResults", 0).Has("itemsPerPage", 0).Len("Resources", 0)
	s.CreateUsers(t, "u", 7)
	for _, c := range []struct {
		query        string
		start, items int
	}{
		{"", 1, 7}, {"?startIndex=0", 1, 7}, {"?startIndex=-5&count=2", 1, 2}, {"?startIndex=6&count=5", 6, 2},
		{"?count=0", 1, 0}, {"?count=-1", 1, 0}, {"?count=100000", 1, 7}, {"?startIndex=9999", 9999, 0},
		{"?startIndex=&count=", 1, 7}, {"?foo=bar&STARTINDEX=7", 7, 1}, {"?sortBy=userName&sortOrder=descending", 1, 7},
	} {
		s.Get(t, "/Users"+c.query).Status(200).Has("totalResults", 7).Has("startIndex", c.start).Has("itemsPerPage", c.items).Len("Resources", c.items)
	}
	for _, q := range []string{"?count=abc", "?startIndex=1.5", "?count=99999999999999999999"} {
		s.Get(t, "/Users"+q).Error(400, "invalidValue")
	}
}
