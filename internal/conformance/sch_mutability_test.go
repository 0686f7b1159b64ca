package conformance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestSCH_Mutability(t *testing.T) {
	const planted = `"id":"mine","groups":[{"value":"mine"}],"meta":{"resourceType":"X","created":"1970-01-01T00:00:00Z","lastModified":"1970-01-01T00:00:00Z","location":"http://evil.example/","version":"W/\"mine\""}`
	for _, profile := range []string{tenancy.ProfileLenient, tenancy.ProfileStrict} {
		s := profiled(t, profile)
		t.Run("SCH-28 SCH-42 CRT-01 readOnly values are ignored "+profile, func(t *testing.T) {
			made := s.Post(t, "/Users", body(`{$U,`+planted+`}`, "ada")).Status(201).HasNot("groups").Has("meta.resourceType", "User").Lacks("mine", "1970", "evil")
			put := s.Put(t, "/Users/"+made.ID(), body(`{$U,`+planted+`}`, "ada")).Status(200).HasNot("groups").Lacks("mine", "1970", "evil")
			require.Equal(t, made.ETag(), put.ETag(), "nothing was written")
			s.Get(t, "/Users/mine").Error(404, "")
			group := s.Post(t, "/Groups", body(`{$G,"id":"mine","meta":{"created":"1970-01-01T00:00:00Z"}}`, "g")).Status(201).Lacks("mine", "1970")
			require.NotEqual(t, "mine", group.ID())
		})
		t.Run("SCH-28 SCH-42 PATCH of readOnly "+profile, func(t *testing.T) {
			id := s.CreateUser(t, "grace")
			defer untouched(t, s.Tenant)()
			for _, path := range []string{"id", "meta.created", "meta.version", "groups"} {
				value := any("mine")
				switch path {
				case "groups":
					value = []proxytest.M{{"value": "mine"}}
				case "meta.created":
					value = "1970-01-01T00:00:00Z"
				}
				s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", path, value))).Error(400, "mutability", "operation 1", path)
			}
		})
		// No attribute of the core is immutable on its own; parts of members are.
		t.Run("SCH-29 RES-14 immutable parts "+profile, func(t *testing.T) {
			a, b := s.CreateUser(t, "a"), s.CreateUser(t, "b")
			group := s.CreateGroup(t, "fixed", a)
			defer untouched(t, s.Tenant)()
			for _, change := range [][2]string{{"value", b}, {"$ref", s.BaseURL() + "/Users/" + b}, {"type", "Group"}, {"display", "other"}} {
				r := s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("replace", `members[value eq "`+a+`"].`+change[0], change[1])))
				if r.Code != 400 || r.Str("scimType") != "mutability" {
					t.Errorf("members.%s: %d %s", change[0], r.Code, r.Body)
				}
			}
			require.Equal(t, []string{a}, s.MembersOf(t, group))
		})
	}
}

func TestSCH30_WriteOnlyIsNeverReturned(t *testing.T) {
	s := proxytest.New(t)
	const secret = "Tr0ub4dor&3-planted"
	made := s.Post(t, "/Users", proxytest.User("ada", "password", secret)).Status(201)
	path := "/Users/" + made.ID()
	for name, r := range map[string]*proxytest.Response{
		"POST":                        made,
		"GET":                         s.Get(t, path),
		"GET attributes=password":     s.Get(t, path+"?attributes=password,userName"),
		"list":                        s.Get(t, "/Users"),
		"list attributes=password":    s.Get(t, "/Users?attributes=password"),
		"PUT":                         s.Put(t, path+"?attributes=password", proxytest.User("ada", "password", secret+"2")),
		"PATCH":                       s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "password", secret+"3"))),
		"PATCH attributes=password":   s.Patch(t, path+"?attributes=password", proxytest.Ops(proxytest.Op("add", "", proxytest.M{"password": secret + "4"}))),
		"POST attributes=password":    s.Post(t, "/Users?attributes=password", proxytest.User("bob", "password", secret)),
		"excludedAttributes=userName": s.Get(t, path+"?excludedAttributes=userName"),
	} {
		t.Run("SCH-30 SCH-32 RES-03 "+name, func(t *testing.T) {
			require.Less(t, r.Code, 300, r.Body)
			r.Lacks(secret, `"password"`).Contains(`"id":"`)
		})
	}
}

func TestSCH_Returned(t *testing.T) {
	s := proxytest.New(t)
	t.Run("SCH-31 always", func(t *testing.T) {
		id := s.CreateUser(t, "always", "title", "Lead")
		for _, q := range []string{"attributes=title", "attributes=nothing", "excludedAttributes=id", "excludedAttributes=id,schemas,title", "attributes=meta"} {
			s.Get(t, "/Users/"+id+"?"+q).Status(200).Has("id", id).Has("schemas", []string{proxytest.UserSchema})
			s.Get(t, "/Users?"+q).Status(200).Has("Resources.0.id", id).Has("Resources.0.schemas", []string{proxytest.UserSchema})
		}
	})
	// How each operation answers with a projection.
	answers := []struct {
		name string
		call func(t *testing.T, query string) (r *proxytest.Response, prefix string)
	}{
		{"GET", func(t *testing.T, q string) (*proxytest.Response, string) {
			return s.Get(t, "/Users/"+full(t, s)+q).Status(200), ""
		}},
		{"list", func(t *testing.T, q string) (*proxytest.Response, string) {
			full(t, s)
			return s.Get(t, "/Users"+q+"&filter=userName+sw+%22full%22&count=1").Status(200), "Resources.0."
		}},
		{"POST", func(t *testing.T, q string) (*proxytest.Response, string) {
			r := s.Post(t, "/Users"+q, fullBody("posted"+q)).Status(201)
			return r, ""
		}},
		{"PUT", func(t *testing.T, q string) (*proxytest.Response, string) {
			return s.Put(t, "/Users/"+full(t, s)+q, fullBody("full")).Status(200), ""
		}},
		{"PATCH", func(t *testing.T, q string) (*proxytest.Response, string) {
			return s.Patch(t, "/Users/"+full(t, s)+q, proxytest.Ops(proxytest.Op("replace", "nickName", "N"))).Status(200), ""
		}},
	}
	for _, a := range answers {
		t.Run("SCH-33 CRT-08 GET-04 "+a.name, func(t *testing.T) {
			for _, row := range []struct{ query, has, lacks string }{
				{"?x=1", "id schemas userName title emails name.givenName meta.version nickName", "password"},
				{"?attributes=title", "id schemas title", "userName emails name nickName meta password"},
				{"?attributes=name.familyName", "id schemas name.familyName", "name.givenName title userName"},
				{"?excludedAttributes=title,emails", "id schemas userName name.givenName meta.version", "title emails"},
				{"?excludedAttributes=name.givenName", "id name.familyName title", "name.givenName"},
			} {
				r, prefix := a.call(t, row.query)
				for _, path := range strings.Fields(row.has) {
					_, ok := r.At(prefix + path)
					require.True(t, ok, "%s%s lacks %s: %s", a.name, row.query, path, r.Body)
				}
				for _, path := range strings.Fields(row.lacks) {
					r.HasNot(prefix + path)
				}
			}
		})
	}
}

func fullBody(name string) proxytest.M {
	return proxytest.User(name, "title", "Lead", "nickName", "N", "password", "planted", "name", proxytest.M{"givenName": "G", "familyName": "F"})
}

// full is the id of a user with an attribute of each kind, made when missing.
func full(t *testing.T, s *proxytest.Stack) string {
	t.Helper()
	if id := s.Filter(t, "/Users", `userName eq "full"`).Str("Resources.0.id"); id != "" {
		return id
	}
	return s.Post(t, "/Users", fullBody("full")).Status(201).ID()
}

func TestSCH37_Required(t *testing.T) {
	bothRefuse(t, "/Users", []refusal{
		{"SCH-37 RES-01 ERR-11 missing", `{"schemas":["$C"],"title":"x"}`, "invalidValue", "userName is required"},
		{"SCH-37 RES-01 null", `{"schemas":["$C"],"userName":null}`, "invalidValue", "userName is required"},
		{"SCH-37 RES-01 empty", `{"schemas":["$C"],"userName":""}`, "invalidValue", "userName is required"},
		{"SCH-37 RES-01 blank", `{"schemas":["$C"],"userName":"  \t"}`, "invalidValue", "userName is required"},
	})
	bothRefuse(t, "/Groups", []refusal{
		{"SCH-37 RES-13 missing", `{"schemas":["$P"]}`, "invalidValue", "displayName is required"},
		{"SCH-37 RES-13 null", `{"schemas":["$P"],"displayName":null}`, "invalidValue", "displayName is required"},
		{"SCH-37 RES-13 empty", `{"schemas":["$P"],"displayName":""}`, "invalidValue", "displayName is required"},
		{"SCH-37 RES-13 blank", `{"schemas":["$P"],"displayName":" "}`, "invalidValue", "displayName is required"},
	})
	s := proxytest.New(t)
	t.Run("SCH-37 on PUT and PATCH", func(t *testing.T) {
		id := s.CreateUser(t, "ada")
		defer untouched(t, s.Tenant)()
		s.Put(t, "/Users/"+id, body(`{"schemas":["$C"],"title":"x"}`, "")).Error(400, "invalidValue", "userName is required")
		s.Put(t, "/Users/"+id, body(`{"schemas":["$C"],"userName":" "}`, "")).Error(400, "invalidValue", "userName is required")
		s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "userName", ""))).Error(400, "invalidValue", "userName")
		require.Equal(t, 400, s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("remove", "userName"))).Code)
	})
}
