package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestPUT_Replace(t *testing.T) {
	s := proxytest.New(t)
	t.Run("PUT-01 PUT-03 PUT-07 PUT-10 a user", func(t *testing.T) {
		before := patchUser(t, s.Tenant, 1)
		path := "/Users/" + before.ID()
		body := withURN(`{"schemas":["` + proxytest.UserSchema + `","ENT"],"userName":"ada-2","nickName":"N","active":false,
			"name":{"familyName":"King"},"emails":[{"value":"n@x.example","type":"other"}],"ENT":{"division":"D"}}`)
		r := s.Put(t, path, body).Status(200).HasHeader("Content-Type", "application/scim+json").HasHeader("Content-Location", before.Location())
		want := attributesOf(t, body)
		want["id"] = before.ID()
		require.Equal(t, want, attributesOf(t, r.Body), "all of the old is gone: title, externalId, givenName, addresses, department")
		r.Has("meta.location", before.Location()).Has("meta.created", before.Str("meta.created")).Has("meta.resourceType", "User")
		require.Equal(t, r.ETag(), r.Str("meta.version"))
		require.NotEqual(t, before.ETag(), r.ETag())
		unchanged(t, s.Tenant, path, r)
		s.Filter(t, "/Users", `userName eq "ada-1"`).Has("totalResults", 0)
		s.Filter(t, "/Users", `userName eq "ada-2" and emails.value eq "n@x.example"`).Has("totalResults", 1)
	})
	t.Run("PUT-01 PUT-03 PUT-10 a group", func(t *testing.T) {
		ids := s.CreateUsers(t, "m", 3)
		group := s.CreateGroup(t, "g", ids[0], ids[1])
		r := s.Put(t, "/Groups/"+group, proxytest.Group("h", ids[1], ids[2])).Status(200).Has("displayName", "h").Has("id", group).HasHeader("ETag", "*")
		require.ElementsMatch(t, ids[1:], r.Strs("members", "value"))
		unchanged(t, s.Tenant, "/Groups/"+group, r)
		s.Get(t, "/Users/"+ids[0]).HasNot("groups")
		s.Get(t, "/Users/"+ids[2]).Has("groups.0.value", group).Has("groups.0.display", "h")
	})
	t.Run("PUT-02 never creates", func(t *testing.T) {
		const id = "0190a5b0-1111-7222-8333-444455556666"
		total := s.Get(t, "/Users").Int("totalResults")
		gone := s.CreateUser(t, "gone")
		s.Delete(t, "/Users/"+gone).Status(204)
		for _, path := range []string{"/Users/" + id, "/Users/bob", "/Users/" + gone} {
			s.Put(t, path, proxytest.User("new", "id", id)).Error(404, "", "not found")
		}
		s.Put(t, "/Groups/"+id, proxytest.Group("new")).Error(404, "")
		s.Get(t, "/Users").Has("totalResults", total)
		s.Filter(t, "/Users", `userName eq "new"`).Has("totalResults", 0)
	})
	t.Run("PUT-04 what only the server writes is ignored", func(t *testing.T) {
		before := s.Post(t, "/Users", proxytest.User("readonly")).Status(201)
		other := s.CreateUser(t, "other")
		r := s.Put(t, "/Users/"+before.ID(), proxytest.User("readonly", "id", other, "title", "T", "groups", []proxytest.M{{"value": "g"}},
			"meta", proxytest.M{"resourceType": "Group", "created": "2001-01-01T00:00:00Z", "version": `W/"x"`, "location": "http://elsewhere.test/Users/1"})).
			Status(200).Has("id", before.ID()).Has("title", "T").HasNot("groups").Has("meta.created", before.Str("meta.created")).
			Has("meta.location", before.Location()).Has("meta.resourceType", "User")
		require.NotEqual(t, `W/"x"`, r.ETag())
		s.Get(t, "/Users/"+other).Status(200).Has("userName", "other").HasNot("title")
	})
	t.Run("PUT-07 omitted", func(t *testing.T) {
		id := s.CreateUser(t, "omitted", "title", "T", "externalId", "E")
		s.Put(t, "/Users/"+id, `{"schemas":["`+proxytest.UserSchema+`"],"userName":"omitted"}`).Status(200).
			HasNot("title", "externalId", "name", "emails")
		s.Get(t, "/Users/"+id).HasNot("title", "externalId", "name", "emails")
		s.Filter(t, "/Users", `externalId eq "E"`).Has("totalResults", 0)
	})
	t.Run("PUT-08 null and the empty list clear", func(t *testing.T) {
		id := s.CreateUser(t, "cleared", "title", "T", "roles", []proxytest.M{{"value": "r"}}, "active", false)
		s.Put(t, "/Users/"+id, proxytest.User("cleared", "title", nil, "emails", []any{}, "roles", nil, "name", nil, "active", nil)).Status(200).
			HasNot("title", "emails", "roles", "name")
		s.Get(t, "/Users/"+id).HasNot("title", "emails", "roles", "name")
		s.Filter(t, "/Users", `userName eq "cleared" and (emails pr or title pr or roles pr)`).Has("totalResults", 0)
	})
	t.Run("PUT-08 null overrides a default", func(t *testing.T) {
		id := s.CreateUser(t, "nulled")
		s.Put(t, "/Users/"+id, proxytest.User("nulled", "active", nil)).Status(200).HasNot("active")
		s.Get(t, "/Users/"+id).HasNot("active")
	})
	t.Run("PUT-09 required", func(t *testing.T) {
		before := s.Post(t, "/Users", proxytest.User("required")).Status(201)
		group := s.Get(t, "/Groups/"+s.CreateGroup(t, "required"))
		for _, value := range []any{nil, "", "  "} {
			s.Put(t, "/Users/"+before.ID(), proxytest.User("required", "userName", value)).Error(400, "invalidValue", "userName is required")
			s.Put(t, "/Groups/"+group.ID(), proxytest.M{"schemas": []string{proxytest.GroupSchema}, "displayName": value}).Error(400, "invalidValue", "displayName is required")
		}
		s.Put(t, "/Users/"+before.ID(), `{"schemas":["`+proxytest.UserSchema+`"],"title":"T"}`).Error(400, "invalidValue", "userName is required")
		s.Put(t, "/Groups/"+group.ID(), `{"schemas":["`+proxytest.GroupSchema+`"]}`).Error(400, "invalidValue", "displayName is required")
		unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
		unchanged(t, s.Tenant, "/Groups/"+group.ID(), group)
	})
	t.Run("PUT-09 a wrong body changes nothing", func(t *testing.T) {
		before := s.Post(t, "/Users", proxytest.User("wrong")).Status(201)
		for body, scimType := range map[string]string{
			`{`: "invalidSyntax", `[]`: "invalidSyntax", ``: "invalidSyntax",
			`{"schemas":["` + proxytest.UserSchema + `"],"userName":"wrong","title":7}`: "invalidValue",
		} {
			s.Put(t, "/Users/"+before.ID(), body).Error(400, scimType)
		}
		unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
	})
	t.Run("PUT-11 a name that is taken", func(t *testing.T) {
		s.CreateUser(t, "taken")
		before := s.Post(t, "/Users", proxytest.User("own")).Status(201)
		for _, name := range []string{"taken", "TAKEN"} {
			s.Put(t, "/Users/"+before.ID(), proxytest.User(name, "title", "T")).Error(409, "uniqueness", "userName")
		}
		unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
		s.Put(t, "/Users/"+before.ID(), proxytest.User("OWN")).Status(200).Has("userName", "OWN")
	})
	t.Run("PUT-11 another tenant's name is free", func(t *testing.T) {
		s.Globex.CreateUser(t, "theirs")
		id := s.CreateUser(t, "ours")
		s.Put(t, "/Users/"+id, proxytest.User("theirs")).Status(200).Has("userName", "theirs")
	})
}

func TestPUT_Choices(t *testing.T) {
	clock := newHandClock()
	s := proxytest.New(t, clock.option())
	t.Run("PUT-A01 an omitted active keeps its value", func(t *testing.T) {
		id := s.CreateUser(t, "inactive", "active", false)
		body := proxytest.User("inactive", "title", "T")
		delete(body, "active")
		s.Put(t, "/Users/"+id, body).Status(200).Has("active", false).Has("title", "T")
		s.Filter(t, "/Users", `userName eq "inactive" and active eq false`).Has("totalResults", 1)
		s.Put(t, "/Users/"+id, proxytest.User("inactive")).Status(200).Has("active", true)
		s.Put(t, "/Users/"+id, body).Status(200).Has("active", true)
	})
	t.Run("PUT-A01 password is never shown, sent or omitted", func(t *testing.T) {
		id := s.CreateUser(t, "pass", "password", "hunter22")
		s.Put(t, "/Users/"+id, proxytest.User("pass")).Status(200).HasNot("password")
		s.Put(t, "/Users/"+id, proxytest.User("pass", "password", "hunter23")).Status(200).HasNot("password").Lacks("hunter")
		require.NotContains(t, s.Log.String(), "hunter")
	})
	ent := proxytest.EnterpriseSchema
	both := []string{proxytest.UserSchema, ent}
	for name, c := range map[string]struct {
		change  proxytest.M
		profile string
		kept    bool
	}{
		"PUT-A02 neither sent nor listed":          {proxytest.M{}, tenancy.ProfileLenient, true},
		"PUT-A02 listed, not sent":                 {proxytest.M{"schemas": both}, tenancy.ProfileLenient, false},
		"PUT-A02 null":                             {proxytest.M{ent: nil}, tenancy.ProfileLenient, false},
		"PUT-A02 neither sent nor listed, strict":  {proxytest.M{}, tenancy.ProfileStrict, false},
		"PUT-A02 sent":                             {proxytest.M{ent: proxytest.M{"department": "Sales"}, "schemas": both}, tenancy.ProfileLenient, true},
		"PUT-A02 sent with something else instead": {proxytest.M{ent: proxytest.M{"division": "D"}, "schemas": both}, tenancy.ProfileLenient, false},
	} {
		t.Run(name, func(t *testing.T) {
			s.SetProfile(t, c.profile)
			id := s.CreateUser(t, name, "schemas", both, ent, proxytest.M{"department": "Sales"})
			body := proxytest.User(name, "title", "T")
			for k, v := range c.change {
				body[k] = v
			}
			r := s.Put(t, "/Users/"+id, body).Status(200).Has("title", "T")
			if c.kept {
				r.Has("schemas", both).Has(ent+".department", "Sales")
			} else {
				r.HasNot(ent + ".department")
			}
			unchanged(t, s.Tenant, "/Users/"+id, r)
		})
	}
	s.SetProfile(t, tenancy.ProfileLenient)
	t.Run("PUT-A03 what is there already", func(t *testing.T) {
		user := s.Post(t, "/Users", withURN(strings.ReplaceAll(patchBase, "NUMBER", "7"))).Status(201)
		member := s.CreateUser(t, "member")
		group := s.Get(t, "/Groups/"+s.CreateGroup(t, "g", member))
		clock.advance(time.Hour)
		s.Put(t, "/Users/"+user.ID(), withURN(strings.ReplaceAll(patchBase, "NUMBER", "7"))).Status(200)
		unchanged(t, s.Tenant, "/Users/"+user.ID(), user)
		r := s.Put(t, "/Users/"+user.ID(), user.Body).Status(200) // as read, which is what clients send back
		require.Equal(t, user.ETag(), r.ETag())
		unchanged(t, s.Tenant, "/Users/"+user.ID(), user)
		s.Put(t, "/Groups/"+group.ID(), proxytest.Group("g", member)).Status(200)
		unchanged(t, s.Tenant, "/Groups/"+group.ID(), group)
		s.Put(t, "/Groups/"+group.ID(), group.Body).Status(200)
		unchanged(t, s.Tenant, "/Groups/"+group.ID(), group)
		s.Put(t, "/Users/"+user.ID(), withURN(strings.ReplaceAll(strings.ReplaceAll(patchBase, "NUMBER", "7"), "Lead", "Head"))).Status(200).
			Has("meta.lastModified", clock.now().Format("2006-01-02T15:04:05.000Z"))
	})
	// The annex would empty a group in the strict profile only. pocket-id leaves
	// members out when a group has none, so that here it does so in both.
	for _, profile := range bothProfiles() {
		t.Run("PUT-A04 a group without members is empty "+profile, func(t *testing.T) {
			s.SetProfile(t, profile)
			ids := s.CreateUsers(t, "of-"+profile, 2)
			group := s.CreateGroup(t, "g", ids...)
			s.Put(t, "/Groups/"+group, proxytest.Group("g")).Status(200).HasNot("members")
			s.Get(t, "/Groups/"+group).HasNot("members")
			s.Get(t, "/Users/"+ids[0]).HasNot("groups")
		})
	}
}
