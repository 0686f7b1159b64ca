package conformance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestSwitches_PatchAndBulk(t *testing.T) {
	s := proxytest.New(t)
	path := "/Users/" + s.CreateUser(t, "ada")
	title := patchBody(`{"op":"replace","path":"title","value":"T"}`)
	offers := func(t *testing.T, x *proxytest.Tenant, feature string, want bool) {
		t.Helper()
		x.Get(t, "/ServiceProviderConfig").Status(200).Has(feature+".supported", want)
	}
	t.Run("PATCH-01 HTTP-13 DISC-A01 without PATCH", func(t *testing.T) {
		s.Patch(t, path, title).Status(200)
		offers(t, s.Tenant, "patch", true)
		tag := s.Get(t, "/ServiceProviderConfig").ETag()
		s.SetSwitch(t, tenancy.SwitchPatch, false)
		offers(t, s.Tenant, "patch", false)
		require.NotEqual(t, tag, s.Get(t, "/ServiceProviderConfig").ETag(), "nobody goes on with a copy of what was")
		defer untouched(t, s.Tenant)()
		s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"U"}`)).Error(501, "", "patch")
		s.Patch(t, "/Groups/"+randomID, title).Error(501, "")
		s.Patch(t, path, title, proxytest.NoToken()).Error(401, "")
		s.Get(t, path).Status(200).Has("title", "T")
		offers(t, s.Staging, "patch", true)
	})
	t.Run("PATCH-01 and with it again", func(t *testing.T) {
		s.SetSwitch(t, tenancy.SwitchPatch, true)
		offers(t, s.Tenant, "patch", true)
		s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"U"}`)).Status(200).Has("title", "U")
	})
	t.Run("HTTP-13 DISC-04 without Bulk", func(t *testing.T) {
		s.SetSwitch(t, tenancy.SwitchBulk, false)
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"b","data":`+body("{$U}", "bulk")+`}]}`).Error(501, "", "bulk")
		offers(t, s.Tenant, "bulk", false)
		r := s.Get(t, "/ServiceProviderConfig")
		require.Positive(t, r.Int("bulk.maxOperations"))
		require.Positive(t, r.Int("bulk.maxPayloadSize"))
	})
}

func TestSwitches_RequireIfMatch(t *testing.T) {
	s := proxytest.New(t)
	s.SetSwitch(t, tenancy.SwitchRequireIfMatch, true)
	path := "/Users/" + s.CreateUser(t, "ada") // a create needs none
	group := "/Groups/" + s.CreateGroup(t, "g")
	t.Run("ETAG-A04 without If-Match", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, p := range []string{path, group} {
			now := s.Get(t, p).Status(200).ETag()
			for _, o := range []proxytest.Opt{proxytest.Header("X", "y"), proxytest.Header("If-None-Match", `W/"0"`), proxytest.Header("If-Unmodified-Since", "Sat, 01 Jan 2050 00:00:00 GMT")} {
				s.Patch(t, p, patchBody(`{"op":"replace","path":"externalId","value":"x"}`), o).Error(428, "", "If-Match", now)
				s.Delete(t, p, o).Error(428, "")
			}
			s.Put(t, p, `{"schemas":["`+proxytest.UserSchema+`"],"userName":"x"}`).Status(map[string]int{path: 428, group: 400}[p])
		}
		s.Delete(t, "/Users/"+randomID).Error(404, "")
	})
	t.Run("ETAG-A04 with If-Match", func(t *testing.T) {
		stale := s.Get(t, path).ETag()
		r := s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"T"}`), proxytest.Header("If-Match", stale)).Status(200)
		s.Put(t, path, proxytest.User("ada"), proxytest.Header("If-Match", stale)).Error(412, "")
		r = s.Put(t, path, proxytest.User("ada"), proxytest.Header("If-Match", r.ETag())).Status(200)
		s.Delete(t, path, proxytest.Header("If-Match", r.ETag())).Status(204)
	})
	t.Run("ETAG-A04 another tenant, and switched off", func(t *testing.T) {
		s.Globex.Delete(t, "/Users/"+s.Globex.CreateUser(t, "bob")).Status(204)
		s.SetSwitch(t, tenancy.SwitchRequireIfMatch, false)
		s.Delete(t, group).Status(204)
	})
}

func TestSwitches_RefuseSensitiveFilters(t *testing.T) {
	s := proxytest.New(t)
	user := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "g", user)
	personal := map[string][]string{
		"/Users":  {`userName eq "ada"`, `emails.value pr`, `id eq "` + user + `" and name.familyName pr`, `not (externalId pr)`, `emails[type eq "work"]`, `active eq true or groups.value eq "x"`, `department eq "x"`},
		"/Groups": {`displayName eq "g"`, `members.value eq "` + user + `"`},
	}
	harmless := map[string][]string{
		"/Users":  {`id eq "` + user + `"`, `active eq true`, `meta.lastModified gt "2020-01-01T00:00:00Z"`, `schemas eq "` + proxytest.UserSchema + `" and active eq true`, `meta.created pr`},
		"/Groups": {`id eq "` + group + `"`, `meta.lastModified pr`},
	}
	t.Run("FLT-24 off, as identity providers filter in the URL", func(t *testing.T) {
		for endpoint, filters := range personal {
			for _, f := range filters {
				s.Filter(t, endpoint, f).Status(200)
			}
		}
	})
	s.SetSwitch(t, tenancy.SwitchRefuseSensitiveFilters, true)
	t.Run("FLT-24 ERR-13 on", func(t *testing.T) {
		for endpoint, filters := range personal {
			for _, f := range filters {
				s.Filter(t, endpoint, f).Error(403, "sensitive", endpoint+"/.search").Has("status", "403").Lacks(user)
				s.Head(t, endpoint+"?filter="+strings.NewReplacer(" ", "+", `"`, "%22").Replace(f)).Status(403).Empty()
			}
		}
		for endpoint, filters := range harmless {
			for _, f := range filters {
				s.Filter(t, endpoint, f).Status(200).Has("totalResults", 1)
			}
		}
		s.Filter(t, "/Users", `userName eq`).Error(400, "invalidFilter")
		s.Filter(t, "/Users", `userName eq "ada"`).Error(403, "sensitive")
		s.Globex.Filter(t, "/Users", `userName eq "ada"`).Status(200)
	})
	t.Run("ERR-13 a filter in attributes", func(t *testing.T) {
		const work = "emails[value%20eq%20%22x@x.example%22]"
		for _, q := range []string{"?attributes=" + work, "?excludedAttributes=userName," + work} {
			s.Get(t, "/Users/"+user+q).Error(403, "sensitive").Lacks("x.example")
			s.Get(t, "/Users"+q).Error(403, "sensitive")
		}
		s.Get(t, "/Users/"+user+"?attributes=emails.value,userName").Status(200).Has("userName", "ada")
	})
}
