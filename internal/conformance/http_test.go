package conformance_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestHTTP_BaseAndVersions(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	t.Run("HTTP-01 the base has no query", func(t *testing.T) {
		for _, host := range []string{"beta.test?x", "beta.test/scim?x=1", "beta.test#x"} {
			_, err := s.Registry.CreateTenant(context.Background(), tenancy.NewTenant{Name: "beta", Hosts: []string{host}}, tenancy.Actor{Kind: "system", Name: "test"})
			require.Error(t, err, host)
		}
		s.Get(t, "/Users", proxytest.Host("acme.test?x")).Error(400, "")
		r := s.Get(t, "/Users/"+ada+"?attributes=meta&x=y").Status(200)
		require.NotContains(t, r.Str("meta.location"), "?")
		s.Get(t, r.Str("meta.location")[len("http://acme.test"):]).Status(200)
	})
	t.Run("HTTP-02 the version precedes the endpoint", func(t *testing.T) {
		s.Get(t, "/scim/v2/Users").Status(200)
		s.Get(t, "/scim/Users/v2").Error(404, "")
		s.Get(t, "/scim/v2/v2/Users").Error(404, "")
		s.Get(t, "/scim/Users/v2/"+ada).Error(404, "")
	})
	t.Run("HTTP-03 ERR-12 another version is refused", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, v := range []string{"v1", "v3", "v9", "v20", "v2.1"} {
			s.Get(t, "/scim/"+v+"/Users").Error(400, "invalidVers", "SCIM 2.0", s.BaseURL())
			s.Post(t, "/scim/"+v+"/Users", proxytest.User("bob")).Error(400, "invalidVers")
			s.Delete(t, "/scim/"+v+"/Users/"+ada).Error(400, "invalidVers")
		}
	})
	t.Run("HTTP-04 no version is the newest", func(t *testing.T) {
		require.Equal(t, s.Get(t, "/Users/"+ada).Body, s.Get(t, "/scim/Users/"+ada).Status(200).Body)
		made := s.Post(t, "/scim/Users", proxytest.User("unversioned")).Status(201)
		s.Get(t, "/Users/"+made.ID()).Status(200)
		require.Equal(t, s.Get(t, "/ServiceProviderConfig").Body, s.Get(t, "/scim/ServiceProviderConfig").Status(200).Body)
	})
	t.Run("HTTP-05 URIs compare without their version", func(t *testing.T) {
		base := "http://acme.test/scim"
		for i, ref := range []string{base + "/Users/" + ada, base + "/v2/Users/" + ada, base + "/v1/Users/" + ada} {
			group := s.Post(t, "/Groups", proxytest.M{"schemas": []string{proxytest.GroupSchema}, "displayName": "g" + string(rune('0'+i)), "members": []proxytest.M{{"$ref": ref}}}).Status(201)
			group.Has("members.0.value", ada).Has("members.0.$ref", s.BaseURL()+"/Users/"+ada).Has("members.0.type", "User")
			for _, again := range []string{base + "/Users/" + ada, base + "/v2/Users/" + ada} {
				s.Patch(t, "/Groups/"+group.ID(), proxytest.Ops(proxytest.Op("add", "members", []proxytest.M{{"$ref": again}}))).Status(204)
			}
			require.Equal(t, []string{ada}, s.MembersOf(t, group.ID()))
		}
	})
	t.Run("HTTP-11 no .scim suffix", func(t *testing.T) {
		s.Get(t, "/Users/"+ada+".scim").Error(404, "")
		s.Get(t, "/Users.scim").Error(404, "")
		s.Get(t, "/ServiceProviderConfig.scim").Error(404, "")
		s.Delete(t, "/Users/"+ada+".scim").Error(404, "")
		s.Get(t, "/Users/"+ada).Status(200)
	})
}

func TestHTTP_Formats(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	t.Run("HTTP-06 UTF-8", func(t *testing.T) {
		const name = "Zoë Ångström 李 🙂 \u0301e"
		made := s.Post(t, "/Users", proxytest.User("zoe", "displayName", name)).Status(201).Has("displayName", name)
		r := s.Get(t, "/Users/"+made.ID()).Status(200).Has("displayName", name).Contains(name)
		require.True(t, utf8.ValidString(r.Body))
		s.Post(t, "/Users", "{\"schemas\":[\""+proxytest.UserSchema+"\"],\"userName\":\"b\xff\"}").Error(400, "invalidSyntax", "UTF-8")
	})
	scim, plain := "application/scim+json", "application/json"
	for _, row := range []struct{ name, accept, want string }{
		{"HTTP-07 scim+json", scim, scim},
		{"HTTP-07 scim+json with a parameter", scim + "; charset=utf-8", scim},
		{"HTTP-08 json", plain, plain},
		{"HTTP-08 json with a charset", "Application/JSON;charset=UTF-8", plain},
		{"HTTP-09 none", "", scim},
		{"HTTP-09 anything", "*/*", scim},
		{"HTTP-A02 unsatisfiable", "text/xml", scim},
		{"HTTP-A02 broken", ";;;q=,,", scim},
	} {
		t.Run(row.name, func(t *testing.T) {
			accept := proxytest.Header("Accept", row.accept)
			s.Get(t, "/Users/"+ada, accept).Status(200).HasHeader("Content-Type", row.want).Has("id", ada)
			s.Get(t, "/Users", accept).Status(200).HasHeader("Content-Type", row.want)
			s.Get(t, "/Schemas", accept).Status(200).HasHeader("Content-Type", row.want)
			s.Get(t, "/Users/"+randomID, accept).Error(404, "").HasHeader("Content-Type", row.want)
		})
	}
	t.Run("HTTP-A01 types of requests", func(t *testing.T) {
		op := proxytest.Ops(proxytest.Op("replace", "title", "Lead"))
		for _, ok := range []string{scim, plain, "application/json; charset=utf-8", "APPLICATION/SCIM+JSON;Charset=UTF-8"} {
			s.Patch(t, "/Users/"+ada, op, proxytest.Header("Content-Type", ok)).Status(200)
			made := s.Post(t, "/Users", proxytest.User("typed"), proxytest.Header("Content-Type", ok)).Status(201)
			s.Delete(t, "/Users/"+made.ID()).Status(204)
		}
		defer untouched(t, s.Tenant)()
		for _, bad := range []string{"text/xml", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"} {
			s.Post(t, "/Users", proxytest.User("typed"), proxytest.Header("Content-Type", bad)).Error(415, "").HasHeader("Content-Type", scim)
			s.Put(t, "/Users/"+ada, proxytest.User("typed"), proxytest.Header("Content-Type", bad)).Error(415, "")
			s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", "title", "x")), proxytest.Header("Content-Type", bad)).Error(415, "")
		}
	})
}

func TestHTTP_Methods(t *testing.T) {
	s := proxytest.New(t)
	t.Run("HTTP-12 the methods of Users and Groups", func(t *testing.T) {
		for endpoint, create := range map[string]any{"/Users": proxytest.User("m"), "/Groups": proxytest.Group("m")} {
			id := s.Post(t, endpoint, create).Status(201).ID()
			s.Get(t, endpoint).Status(200).Has("totalResults", 1)
			s.Get(t, endpoint+"/"+id).Status(200)
			s.Put(t, endpoint+"/"+id, create).Status(200)
			code := s.Patch(t, endpoint+"/"+id, proxytest.Ops(proxytest.Op("replace", "externalId", "x"))).Code
			require.Contains(t, []int{200, 204}, code)
			s.Delete(t, endpoint+"/"+id).Status(204).Empty()
			s.Get(t, endpoint+"/"+id).Error(404, "")
		}
	})
	ada, group := s.CreateUser(t, "ada"), s.CreateGroup(t, "g")
	t.Run("HTTP-13 what is not offered", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			s.Do(t, m, "/Me", nil).Error(501, "")
		}
	})
	t.Run("HTTP-A03 methods that an endpoint does not have", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, row := range []struct{ path, allow, methods string }{
			{"/Users", "GET, HEAD, OPTIONS, POST", "PUT PATCH DELETE TRACE"},
			{"/Groups", "GET, HEAD, OPTIONS, POST", "PUT PATCH DELETE"},
			{"/Users/" + ada, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "POST TRACE"},
			{"/Groups/" + group, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "POST"},
			{"/Schemas", "GET, HEAD, OPTIONS", "POST PUT PATCH DELETE"},
			{"/ServiceProviderConfig", "GET, HEAD, OPTIONS", "POST PUT PATCH DELETE"},
		} {
			for m := range strings.FieldsSeq(row.methods) {
				s.Do(t, m, row.path, proxytest.User("never")).Error(405, "", m).HasHeader("Allow", row.allow)
			}
			s.Do(t, "OPTIONS", row.path, nil).Status(204).Empty().HasHeader("Allow", row.allow)
		}
	})
	t.Run("HTTP-A06 HEAD is GET without a body", func(t *testing.T) {
		for _, path := range []string{"/Users/" + ada, "/Users", "/Groups/" + group, "/Schemas", "/ServiceProviderConfig", "/ResourceTypes/User"} {
			got, head := s.Get(t, path).Status(200), s.Head(t, path).Status(200).Empty()
			for _, h := range []string{"ETag", "Content-Type", "Content-Location", "Content-Length", "Cache-Control"} {
				require.Equal(t, got.Headers.Get(h), head.Headers.Get(h), "%s of %s", h, path)
			}
		}
		s.Head(t, "/Users/"+ada).HasHeader("ETag", "*")
	})
}

func TestHTTP_Requests(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	t.Run("HTTP-15 unknown parameters", func(t *testing.T) {
		for _, q := range []string{"foo=bar", "foo", "=", "&&", "foo=%zz", "count=1&foo[]=1", "%66oo=1"} {
			s.Get(t, "/Users?"+q).Status(200).Has("totalResults", 1)
			s.Get(t, "/Users/"+ada+"?"+q).Status(200).Has("userName", "ada")
		}
		made := s.Post(t, "/Users?foo=bar", proxytest.User("bob")).Status(201)
		s.Delete(t, "/Users/"+made.ID()+"?foo=bar").Status(204)
	})
	t.Run("HTTP-16 ERR-08 malformed bodies", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, bad := range []string{"[", "[]", `"x"`, "", "   ", "1", "null", "{", `{"userName"`, `{"userName":"a"`, `{"userName":"a",}`, `{'userName':'a'}`,
			body(`{$U}`, "x") + "{}", body(`{$U} x`, "x"), "\xef\xbb\xbf" + body(`{$U}`, "x"), body(`{$U,"title":"\ud800"}`, "x"), body(`{$U,"title":"a\u0000b"}`, "x"),
			body(`{$U,"title":tru}`, "x"), body(`{$U,"n":1e400}`, "x"), body(`{$U,"n":01}`, "x"), strings.Repeat("[", 10_000), strings.Repeat(`{"a":`, 10_000)} {
			s.Post(t, "/Users", []byte(bad)).Error(400, "invalidSyntax")
			s.Put(t, "/Users/"+ada, []byte(bad)).Error(400, "invalidSyntax")
			s.Patch(t, "/Users/"+ada, []byte(bad)).Error(400, "invalidSyntax")
			s.Post(t, "/Groups", []byte(bad)).Error(400, "invalidSyntax")
		}
	})
	t.Run("HTTP-17 the order of members means nothing", func(t *testing.T) {
		var want string
		for i, text := range []string{
			`{$U,"name":{"givenName":"A","familyName":"B"},"emails":[{"value":"a@x.example","type":"work"}],"title":"T"}`,
			`{"title":"T","emails":[{"type":"work","value":"a@x.example"}],"name":{"familyName":"B","givenName":"A"},$U}`,
		} {
			made := s.Post(t, "/Users", body(text, "order")).Status(201)
			var got map[string]any
			require.NoError(t, json.Unmarshal([]byte(made.Body), &got))
			delete(got, "id")
			delete(got, "meta")
			data, err := json.Marshal(got)
			require.NoError(t, err)
			if i == 0 {
				want = string(data)
			}
			require.Equal(t, want, string(data))
			s.Delete(t, "/Users/"+made.ID()).Status(204)
		}
	})
	t.Run("HTTP-18 answers tell the state, not the request", func(t *testing.T) {
		made := s.Post(t, "/Users", body(`{$U,"NICKNAME":"N","groups":[{"value":"g"}],"unheard":1,"meta":{"version":"x"},"password":"p"}`, "state")).Status(201).
			HasNot("groups", "unheard", "NICKNAME", "password").Has("nickName", "N")
		require.JSONEq(t, s.Get(t, "/Users/"+made.ID()).Body, made.Body)
		put := s.Put(t, "/Users/"+made.ID(), body(`{$U,"groups":[{"value":"g"}],"id":"other"}`, "state")).Status(200).HasNot("groups").Has("id", made.ID())
		require.JSONEq(t, s.Get(t, "/Users/"+made.ID()).Body, put.Body)
	})
	t.Run("HTTP-A04 the query is decoded once", func(t *testing.T) {
		s.CreateUser(t, "a+b c")
		for q, n := range map[string]int{
			"userName%20eq%20%22a%2Bb%20c%22": 1, "userName+eq+%22a%2bb+c%22": 1, "userName+eq+%22a+b+c%22": 0,
			"userName%20eq%20%22a%252Bb%20c%22": 0, "userName%2520eq%20%22x%22": -1,
		} {
			r := s.Get(t, "/Users?filter="+q)
			if n < 0 {
				r.Error(400, "invalidFilter")
				continue
			}
			r.Status(200).Has("totalResults", n)
		}
		s.Get(t, "/Users?filter="+url.QueryEscape(`userName eq "a"`)+"%2").Error(400, "invalidValue", "percent-encoded")
	})
	t.Run("HTTP-A05 repeated names", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, bad := range []string{`{$U,"userName":"other"}`, `{$U,"username":"other"}`, `{$U,"user\u004eame":"other"}`, `{$U,"name":{"givenName":"a","GIVENNAME":"b"}}`,
			`{$U,"emails":[{"value":"a@x","VALUE":"b@x"}]}`, `{$U,"unheard":1,"Unheard":2}`, `{$U,"unheard":{"a":1,"A":2}}`, `{$U,"$E":{"department":"a","Department":"b"}}`} {
			s.Post(t, "/Users", body(bad, "twice")).Error(400, "invalidSyntax")
			s.Put(t, "/Users/"+ada, body(bad, "ada")).Error(400, "invalidSyntax")
		}
	})
}
