package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/boltkv"
	"scimedge/tenancy"
)

func TestRES_UserName(t *testing.T) {
	s := proxytest.New(t)
	s.CreateUser(t, "Bob")
	for name, same := range map[string]string{
		"RES-01 lower case": "bob", "RES-01 upper case": "BOB",
		"RES-02 full width": "\uff22\uff4f\uff42", "RES-02 half and full width": "B\uff4fb",
	} {
		t.Run(name, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			s.Post(t, "/Users", proxytest.User(same)).Error(409, "uniqueness", "userName")
			s.Filter(t, "/Users", `userName eq "`+same+`"`).Status(200).Has("totalResults", 1).Has("Resources.0.userName", "Bob")
		})
	}
	t.Run("RES-02 composed and decomposed", func(t *testing.T) {
		for _, pair := range [][2]string{{"Jos\u00e9", "jose\u0301"}, {"\u212bngstrom", "A\u030angstrom"}, {"stra\u00dfe", "STRASSE"}, {"\uff76\uff9e", "\u30ac"}} {
			id := s.CreateUser(t, pair[0])
			s.Get(t, "/Users/"+id).Has("userName", pair[0])
			s.Post(t, "/Users", proxytest.User(pair[1])).Error(409, "uniqueness")
			s.Filter(t, "/Users", `userName eq "`+pair[1]+`"`).Has("totalResults", 1).Has("Resources.0.id", id)
		}
	})
	t.Run("RES-01 unique in the tenant only", func(t *testing.T) {
		s.Globex.CreateUser(t, "bob")
		s.Staging.CreateUser(t, "BOB")
	})
}

func TestRES_Password(t *testing.T) {
	const secret = "Tr0ub4dor&3-planted"
	file := filepath.Join(t.TempDir(), "store.db")
	store, err := boltkv.Open(file, boltkv.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	s := proxytest.New(t, proxytest.WithStore(store))
	id := s.CreateUser(t, "ada", "password", secret)
	s.Put(t, "/Users/"+id, proxytest.User("ada", "password", secret, "title", "T")).Status(200).Lacks(secret)
	s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "password", secret))).Status(200).Lacks(secret)
	s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "", proxytest.M{"password": secret, "title": "U"}))).Status(200).Lacks(secret)
	s.Post(t, "/Users", proxytest.User("ADA", "password", secret)).Error(409, "uniqueness").Lacks(secret)
	s.Post(t, "/Users", proxytest.User("eve", "password", secret, "active", "maybe")).Error(400, "invalidValue").Lacks(secret)
	t.Run("RES-03 not in answers, logs or the change log", func(t *testing.T) {
		s.Get(t, "/Users").Lacks(secret)
		require.NotContains(t, s.Log.String()+s.MetricsText(), secret)
		for _, c := range changesOf(t, s.Tenant) {
			require.NotContains(t, fmt.Sprintf("%+v %s", c, c.Resource), secret)
		}
	})
	t.Run("RES-04 not in the store", func(t *testing.T) {
		for k, v := range allRows(t, store) {
			require.NotContains(t, k+v, secret)
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(data), "ada@example.com", "the file is where users are")
		require.NotContains(t, string(data), secret)
	})
	t.Run("RES-05 not in filters", func(t *testing.T) {
		for _, f := range []string{`password eq "` + secret + `"`, `password pr`, `not (password sw "T")`, `userName pr or password co "a"`, proxytest.UserSchema + `:password eq "x"`} {
			s.Filter(t, "/Users", f).Error(400, "invalidFilter", "password").Lacks(secret)
		}
	})
	t.Run("RES-A02 dropped, and said so", func(t *testing.T) {
		s.Get(t, "/ServiceProviderConfig").Has("changePassword.supported", false)
		require.Contains(t, changesOf(t, s.Tenant)[0].Ignored, "password_dropped:password")
		defer untouched(t, s.Tenant)()
		s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "password", "another"))).Status(200)
	})
}

func TestRES_Values(t *testing.T) {
	creates(t, tenancy.ProfileLenient, "/Users", []made{
		{"RES-06 stored as sent", `{$U,"emails":[{"value":"Ada@EXAMPLE.Com"}],"phoneNumbers":[{"value":"tel:+49-30-1234;ext=5"},{"value":"(030) 1234"}],"addresses":[{"region":"  CA "}]}`,
			`{"emails.0.value":"Ada@EXAMPLE.Com","phoneNumbers.0.value":"tel:+49-30-1234;ext=5","phoneNumbers.1.value":"(030) 1234","addresses.0.region":"  CA "}`},
		{"RES-07 a country of three letters", `{$U,"addresses":[{"country":"USA"}]}`, `{"addresses.0.country":"USA"}`},
		{"RES-12 not a URI", `{$U,"profileUrl":"not a uri with spaces","photos":[{"value":"no uri either"}]}`, `{"profileUrl":"not a uri with spaces","photos.0.value":"no uri either"}`},
	})
	creates(t, tenancy.ProfileStrict, "/Users", []made{
		{"RES-07 two letters", `{$U,"addresses":[{"country":"US"},{"type":"home","country":"de"}]}`, `{"addresses.0.country":"US","addresses.1.country":"de"}`},
		{"RES-11 with an underscore", `{$U,"locale":"en_US","timezone":"Europe/Berlin","preferredLanguage":"da, en-gb;q=0.8"}`, `{"locale":"en_US","timezone":"Europe/Berlin","preferredLanguage":"da, en-gb;q=0.8"}`},
		{"RES-11 with a hyphen", `{$U,"locale":"en-US","timezone":"UTC","preferredLanguage":"de"}`, `{"locale":"en-US","timezone":"UTC","preferredLanguage":"de"}`},
		{"RES-17 the enterprise extension", `{"schemas":["$C","$E"],"userName":"$N","$E":{"employeeNumber":"701984","costCenter":"4130","organization":"Universal","division":"Theme Park","department":"Tours","manager":{"value":"26118915","$ref":"../Users/26118915"}}}`,
			`{"$E":{"employeeNumber":"701984","costCenter":"4130","organization":"Universal","division":"Theme Park","department":"Tours","manager":{"value":"26118915","$ref":"../Users/26118915"}}}`},
	})
	refuses(t, tenancy.ProfileStrict, "/Users", []refusal{
		{"RES-07 three letters", `{$U,"addresses":[{"country":"DE"},{"country":"USA"}]}`, "invalidValue", "addresses[1].country"},
		{"RES-12 a page", `{$U,"profileUrl":"not a uri with spaces"}`, "invalidValue", "profileUrl must be a URI"},
		{"RES-12 a picture", `{$U,"photos":[{"value":"not a uri with spaces"}]}`, "invalidValue", "photos[0].value must be a URI"},
		{"RES-A07 a bare manager", `{"schemas":["$C","$E"],"userName":"$N","$E":{"manager":"26118915"}}`, "invalidValue", "manager must be an object"},
	})
	creates(t, tenancy.ProfileLenient, "/Users", []made{
		{"RES-A07 a bare manager", `{"schemas":["$C","$E"],"userName":"$N","$E":{"manager":"26118915"}}`, `{"$E":{"manager":{"value":"26118915"}}}`},
		{"RES-A07 a manager in an array", `{"schemas":["$C","$E"],"userName":"$N","$E":{"manager":[{"value":"26118915"}]}}`, `{"$E":{"manager":{"value":"26118915"}}}`},
		{"RES-A07 a bare manager in an array", `{"schemas":["$C","$E"],"userName":"$N","$E":{"manager":["26118915"]}}`, `{"$E":{"manager":{"value":"26118915"}}}`},
	})
	refuses(t, tenancy.ProfileLenient, "/Users", []refusal{
		{"RES-A07 two managers", `{"schemas":["$C","$E"],"userName":"$N","$E":{"manager":["a","b"]}}`, "invalidValue", "manager"},
	})
	s := proxytest.New(t)
	t.Run("RES-17 the manager", func(t *testing.T) {
		boss := s.CreateUser(t, "boss")
		id := s.CreateUser(t, "ada", proxytest.EnterpriseSchema, proxytest.M{"manager": proxytest.M{"value": boss, "displayName": "planted"}})
		s.Get(t, "/Users/"+id).Has(proxytest.EnterpriseSchema+".manager.value", boss).Lacks("planted")
		s.Filter(t, "/Users", `manager eq "`+boss+`"`).Has("totalResults", 1)
		s.Filter(t, "/Users", `manager.value eq "`+strings.ToUpper(boss)+`"`).Has("totalResults", 0)
		defer untouched(t, s.Tenant)()
		s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", proxytest.EnterpriseSchema+":manager.displayName", "planted"))).Error(400, "mutability", "manager.displayName")
	})
	t.Run("RES-A01 inactive users stay", func(t *testing.T) {
		id := s.CreateUser(t, "gone")
		s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "active", false))).Status(200).Has("active", false)
		s.Get(t, "/Users/"+id).Status(200).Has("active", false)
		s.Filter(t, "/Users", `active eq false`).Has("totalResults", 1).Has("Resources.0.id", id)
		s.Filter(t, "/Users", `userName eq "gone"`).Has("totalResults", 1)
		require.Contains(t, s.Get(t, "/Users").Strs("Resources", "id"), id)
		s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "title", "T"))).Status(200).Has("active", false)
	})
}

func TestRES_UserGroups(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "Staff", ada)
	entry := proxytest.M{"value": group, "$ref": s.BaseURL() + "/Groups/" + group, "display": "Staff", "type": "direct"}
	t.Run("RES-09 a user's groups", func(t *testing.T) {
		s.Get(t, "/Users/"+ada).Has("groups", []proxytest.M{entry})
		s.Filter(t, "/Users", `groups.value eq "`+group+`"`).Has("totalResults", 1).Has("Resources.0.groups", []proxytest.M{entry})
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("replace", "displayName", "Crew"))).Status(204)
		s.Get(t, "/Users/"+ada).Has("groups.0.display", "Crew")
	})
	t.Run("RES-08 changed through groups only", func(t *testing.T) {
		other := s.CreateGroup(t, "Other")
		s.Put(t, "/Users/"+ada, proxytest.User("ada", "groups", []proxytest.M{{"value": other}})).Status(200).Has("groups.0.value", group).Len("groups", 1)
		s.Put(t, "/Users/"+ada, proxytest.User("ada", "groups", []proxytest.M{})).Status(200).Len("groups", 1)
		require.Empty(t, s.MembersOf(t, other))
		require.Equal(t, []string{ada}, s.MembersOf(t, group))
		s.Post(t, "/Users", proxytest.User("bob", "groups", []proxytest.M{{"value": group}})).Status(201).HasNot("groups")
		defer untouched(t, s.Tenant)()
		for _, op := range []proxytest.M{
			proxytest.Op("add", "groups", []proxytest.M{{"value": other}}), proxytest.Op("replace", "groups", []proxytest.M{}),
			proxytest.Op("remove", "groups"), proxytest.Op("remove", `groups[value eq "`+group+`"]`), proxytest.Op("replace", `groups[type eq "direct"].display`, "x"),
		} {
			s.Patch(t, "/Users/"+ada, proxytest.Ops(op)).Error(400, "mutability", "operation 1", "groups")
		}
	})
	t.Run("RES-A05 who is deleted leaves", func(t *testing.T) {
		eve := s.CreateUser(t, "eve")
		club := s.CreateGroup(t, "Club", eve, ada)
		before := s.Get(t, "/Groups/"+club)
		s.Delete(t, "/Users/"+eve).Status(204)
		require.Equal(t, []string{ada}, s.MembersOf(t, club))
		require.NotEqual(t, before.ETag(), s.Get(t, "/Groups/"+club).ETag())
		s.Filter(t, "/Groups", `members.value eq "`+eve+`"`).Has("totalResults", 0)
		require.Contains(t, s.Get(t, "/Users/"+ada).Strs("groups", "value"), club)
		s.Delete(t, "/Groups/"+club).Status(204)
		require.NotContains(t, s.Get(t, "/Users/"+ada).Strs("groups", "value"), club)
	})
}

func TestRES_Members(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	inner := s.CreateGroup(t, "inner", ada)
	t.Run("RES-15 RES-16 members and what the server fills in", func(t *testing.T) {
		r := s.Post(t, "/Groups", proxytest.Group("outer", ada, inner)).Status(201)
		for _, r := range []*proxytest.Response{r, s.Get(t, "/Groups/"+r.ID())} {
			byID := map[string]string{}
			refs, types := r.Strs("members", "$ref"), r.Strs("members", "type")
			for i, id := range r.Strs("members", "value") {
				byID[id] = types[i] + " " + refs[i]
			}
			require.Equal(t, map[string]string{ada: "User " + s.BaseURL() + "/Users/" + ada, inner: "Group " + s.BaseURL() + "/Groups/" + inner}, byID)
		}
		require.Contains(t, s.Filter(t, "/Groups", `members.value eq "`+inner+`"`).Has("totalResults", 1).Strs("Resources", "displayName"), "outer")
		s.Filter(t, "/Groups", `members[type eq "Group" and value eq "`+inner+`"]`).Has("totalResults", 1)
	})
	t.Run("RES-15 what a client says about type and $ref does not count", func(t *testing.T) {
		s.Post(t, "/Groups", proxytest.M{"schemas": []string{proxytest.GroupSchema}, "displayName": "said", "members": []proxytest.M{{"value": ada, "type": "Group", "$ref": nil}}}).Status(201).
			Has("members.0.type", "User").Has("members.0.$ref", s.BaseURL()+"/Users/"+ada)
	})
	t.Run("RES-14 elements come and go", func(t *testing.T) {
		group := s.CreateGroup(t, "come and go", ada)
		bob := s.CreateUser(t, "bob")
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(bob)))).Status(204)
		require.ElementsMatch(t, []string{ada, bob}, s.MembersOf(t, group))
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("remove", `members[value eq "`+ada+`"]`))).Status(204)
		require.Equal(t, []string{bob}, s.MembersOf(t, group))
	})
	t.Run("RES-A06 a member already there", func(t *testing.T) {
		group := s.CreateGroup(t, "once", ada)
		before := s.Get(t, "/Groups/"+group)
		defer untouched(t, s.Tenant)()
		for _, again := range []proxytest.M{{"value": ada}, {"value": ada, "display": "Ada L."}, {"value": ada, "$ref": "http://other.example/Users/" + ada}, {"value": ada, "type": "User"}} {
			s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "members", []proxytest.M{again}))).Status(204).HasHeader("ETag", before.ETag())
		}
		require.Equal(t, before.Body, s.Get(t, "/Groups/"+group).Body)
	})
	t.Run("RES-13 RES-A04 published", func(t *testing.T) {
		r := s.Get(t, "/Schemas/"+proxytest.GroupSchema).Status(200)
		found := map[string]any{}
		eachAttribute(t, r, func(path string, a map[string]any, _ bool) { found[path] = a["required"] })
		require.Equal(t, true, found["displayName"])
		require.Contains(t, found, "members.display")
	})
}
