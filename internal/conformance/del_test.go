package conformance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestDEL_Delete(t *testing.T) {
	s := proxytest.New(t)
	t.Run("DEL-01 DEL-02 DEL-06 every later call", func(t *testing.T) {
		for path, put := range map[string]proxytest.M{
			"/Users/" + s.CreateUser(t, "ada"): proxytest.User("ada"),
			"/Groups/" + s.CreateGroup(t, "g"): proxytest.Group("g"),
		} {
			s.Delete(t, path).Status(204).Empty().HasHeader("X-Request-Id", "*").HasHeader("Content-Type", "").HasHeader("ETag", "")
			s.Get(t, path).Error(404, "", "not found").Lacks("active", "ada")
			s.Head(t, path).Status(404).Empty()
			s.Put(t, path, put).Error(404, "", "not found")
			s.Patch(t, path, patchBody(`{"op":"replace","path":"displayName","value":"X"}`)).Error(404, "", "not found")
			s.Patch(t, path, patchBody(`{"op":"replace","path":"active","value":true}`)).Error(404, "", "not found")
			s.Delete(t, path).Error(404, "", "not found")
		}
		s.Get(t, "/Users").Status(200).Has("totalResults", 0).Len("Resources", 0)
		s.Get(t, "/Groups").Status(200).Has("totalResults", 0).Len("Resources", 0)
	})
	t.Run("DEL-03 DEL-04 gone from every query", func(t *testing.T) {
		boss := s.CreateUser(t, "boss")
		made := s.Post(t, "/Users", proxytest.User("eve", "externalId", "E9", "displayName", "Eve", "title", "T")).Status(201)
		id := made.ID()
		group := s.CreateGroup(t, "g", id, boss)
		filters := []string{
			`id eq "` + id + `"`, `userName eq "eve"`, `externalId eq "E9"`, `displayName eq "Eve"`, `emails.value eq "eve@example.com"`,
			`emails eq "eve@example.com"`, `title eq "T"`, `groups eq "` + group + `" and userName ne "boss"`, `active eq true and userName ne "boss"`,
			`userName ne "boss"`, `meta.lastModified ge "` + made.Str("meta.created") + `" and userName sw "e"`,
		}
		for _, f := range filters {
			s.Filter(t, "/Users", f).Status(200).Has("totalResults", 1).Has("Resources.0.id", id)
		}
		s.Filter(t, "/Groups", `members eq "`+id+`"`).Has("totalResults", 1)

		s.Delete(t, "/Users/"+id).Status(204)
		for _, f := range filters {
			s.Filter(t, "/Users", f).Status(200).Has("totalResults", 0).Len("Resources", 0).Lacks(id)
		}
		s.Filter(t, "/Groups", `members eq "`+id+`"`).Status(200).Has("totalResults", 0)
		s.Filter(t, "/Groups", `members[value eq "`+id+`"]`).Status(200).Has("totalResults", 0)
		s.Get(t, "/Users").Has("totalResults", 1).Lacks(id)
		require.Equal(t, []string{boss}, s.MembersOf(t, group))
		s.Get(t, "/Groups").Lacks(id)
	})
	t.Run("DEL-03 DEL-04 a group is gone from its members", func(t *testing.T) {
		id := s.CreateUser(t, "member")
		keep, group := s.CreateGroup(t, "keep", id), s.CreateGroup(t, "drop", id)
		s.Get(t, "/Users/"+id).Len("groups", 2)
		s.Delete(t, "/Groups/"+group).Status(204)
		s.Get(t, "/Users/"+id).Len("groups", 1).Has("groups.0.value", keep)
		s.Filter(t, "/Groups", `displayName eq "drop"`).Has("totalResults", 0)
		s.Filter(t, "/Users", `groups eq "`+group+`"`).Status(200).Has("totalResults", 0)
	})
	t.Run("DEL-05 the name is free again", func(t *testing.T) {
		id := s.CreateUser(t, "again", "externalId", "X")
		group := s.CreateGroup(t, "of-again", id)
		s.Post(t, "/Users", proxytest.User("again")).Error(409, "uniqueness")
		s.Delete(t, "/Users/"+id).Status(204)
		made := s.Post(t, "/Users", proxytest.User("Again", "externalId", "X")).Status(201).HasNot("groups")
		require.NotEqual(t, id, made.ID(), "an id is never given twice")
		s.Get(t, "/Users/"+id).Error(404, "")
		s.Get(t, "/Groups/"+group).HasNot("members")
		other := s.CreateUser(t, "third")
		s.Delete(t, "/Users/"+made.ID()).Status(204)
		s.Put(t, "/Users/"+other, proxytest.User("AGAIN")).Status(200).Has("userName", "AGAIN")
	})
	t.Run("DEL-06 an inactive user is deleted all the same", func(t *testing.T) {
		id := s.CreateUser(t, "idle", "active", false)
		s.Get(t, "/Users/"+id).Status(200).Has("active", false)
		s.Delete(t, "/Users/"+id).Status(204)
		s.Get(t, "/Users/"+id).Error(404, "")
		s.Filter(t, "/Users", `active eq false`).Has("totalResults", 0)
	})
	t.Run("DEL-02 unknown ids", func(t *testing.T) {
		elsewhere := s.Globex.CreateUser(t, "elsewhere")
		for _, path := range []string{"/Users/nobody", "/Users/0190a5b0-1111-7222-8333-444455556666", "/Users/" + elsewhere, "/Groups/" + elsewhere} {
			s.Delete(t, path).Error(404, "", "not found")
		}
		s.Globex.Get(t, "/Users/"+elsewhere).Status(200)
	})
	t.Run("DEL-A01 ETAG-A01 If-Match", func(t *testing.T) {
		made := s.Post(t, "/Users", proxytest.User("tagged")).Status(201)
		path := "/Users/" + made.ID()
		now := s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"X"}`)).Status(200)
		s.Delete(t, path, proxytest.Header("If-Match", made.ETag())).Error(412, "", now.ETag())
		unchanged(t, s.Tenant, path, now)
		s.Delete(t, path, proxytest.Header("If-Match", now.ETag())).Status(204).Empty()
		s.Get(t, path).Error(404, "")
	})
	t.Run("DEL-A02 a collection", func(t *testing.T) {
		id := s.CreateUser(t, "stays")
		for _, path := range []string{"/Users", "/Users/", "/Groups", `/Users?filter=userName+eq+%22stays%22`} {
			s.Delete(t, path).Error(405, "", "DELETE").HasHeader("Allow", "GET, HEAD, OPTIONS, POST")
		}
		s.Get(t, "/Users/"+id).Status(200)
	})
	t.Run("DEL-A03 a body is ignored", func(t *testing.T) {
		for name, body := range map[string]string{
			"small": `{"schemas":[]}`, "no-json": `<delete/>`, "large": strings.Repeat("x", 1<<20), "none": "",
		} {
			id := s.CreateUser(t, "body-"+name)
			s.Do(t, "DELETE", "/Users/"+id, body).Status(204).Empty()
			s.Get(t, "/Users/"+id).Error(404, "")
		}
		id := s.CreateUser(t, "body-typed")
		s.Do(t, "DELETE", "/Users/"+id, "x", proxytest.Header("Content-Type", "text/plain")).Status(204)
		s.Get(t, "/Users/"+id).Error(404, "")
	})
	t.Run("DEL-A03 a body without end is not waited for", func(t *testing.T) {
		id := s.CreateUser(t, "endless")
		r := s.RawBytes(t, "DELETE /scim/v2/Users/"+id+" HTTP/1.1\r\nHost: "+s.Host+"\r\nAuthorization: Bearer "+s.Token+
			"\r\nContent-Length: 1000000000\r\n\r\n"+strings.Repeat("x", 64<<10))
		require.NotNil(t, r)
		if r.Code != 204 {
			r.Error(413, "")
		}
	})
}
