package conformance_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestIdpKeycloak(t *testing.T) {
	s := proxytest.New(t)
	c := clientOf(s.Tenant, "Apache-HttpClient/4.5 (Java)", scimJSON, scimJSON)
	t.Run("idp-35 pelotech and mitodl", func(t *testing.T) {
		complete := func(r *proxytest.Response) *proxytest.Response { // it calls Optional.get() on these
			t.Helper()
			for _, name := range []string{"id", "userName", "displayName", "active"} {
				_, ok := r.At(name)
				require.True(t, ok, "%s is missing: %s", name, r.Body)
			}
			return r
		}
		r := complete(c.send(t, "POST", "/Users", `{"schemas":["%U"],"externalId":"kc-1","userName":"ada","displayName":"Ada","active":true,"emails":[{"value":"a@x.example","primary":true}]}`).Status(201))
		id := r.ID()
		complete(c.send(t, "PUT", "/Users/"+id, `{"schemas":["%U"],"id":"`+id+`","externalId":"kc-1","userName":"ada","displayName":"Ada L.","active":true,"emails":[]}`).Status(200))
		complete(c.patch(t, "/Users/"+id, `{"op":"replace","path":"active","value":"false"}`).Status(200)).Has("active", false)
		complete(c.patch(t, "/Users/"+id, `{"op":"replace","path":"active","value":"true"}`).Status(200)).Has("active", true)
		group := c.send(t, "POST", "/Groups", `{"schemas":["%G"],"externalId":"kc-g","displayName":"Staff","members":[{"value":"`+id+`","$ref":"Users/`+id+`"}]}`).Status(201).
			Has("members.0.value", id).Has("members.0.$ref", s.BaseURL()+"/Users/"+id).ID()
		require.Less(t, c.patch(t, "/Groups/"+group, `{"op":"remove","path":"members"}`).Code, 300)
		require.Empty(t, s.MembersOf(t, group))
		require.Less(t, c.patch(t, "/Groups/"+group, `{"op":"replace","path":"members","value":[{"value":"`+id+`","$ref":"Users/`+id+`"}]},{"op":"replace","path":"displayName","value":"Crew"},{"op":"replace","path":"externalId","value":"kc-h"}`).Code, 300)
		c.send(t, "GET", "/Groups/"+group, "").Has("displayName", "Crew").Has("externalId", "kc-h").Has("members.0.value", id)
		// It imports one page and no more, and re-creates on 404 and 400 of an update.
		c.send(t, "GET", "/Users", "").Status(200).Has("totalResults", 1).Has("itemsPerPage", 1)
		c.send(t, "PUT", "/Users/"+randomID, `{"schemas":["%U"],"userName":"ada"}`).Error(404, "")
	})
	t.Run("idp-36 Termindiego25", func(t *testing.T) {
		id := c.user(t, "regex", `"name":{"givenName":"A"},"emails":[{"value":"old@x.example","type":"work","primary":true}],"manager":{"id":"not this"}`)
		s.CreateGroup(t, "first", id)
		r := c.send(t, "GET", "/Users?filter=userName+eq+%22regex%22", "").Status(200).Has("totalResults", 1)
		found := regexp.MustCompile(`"Resources"[\s\S]*?"id"\s*:\s*"([^"]+)"`).FindStringSubmatch(r.Body)
		require.NotNil(t, found, r.Body)
		require.Equal(t, id, found[1], "the first id after Resources is the resource's")
		c.patch(t, "/Users/"+id, `{"op":"replace","path":"emails[primary eq true].value","value":"new@x.example"}`).Status(200).Has("emails", []proxytest.M{{"value": "new@x.example", "type": "work", "primary": true}})
	})
}

func TestIdpSCIMSDK(t *testing.T) {
	s := proxytest.New(t)
	c := clientOf(s.Tenant, "SCIM-SDK", scimJSON, scimJSON)
	id := s.CreateUser(t, "ada")
	for name, r := range map[string]*proxytest.Response{
		"200": c.send(t, "GET", "/Users/"+id, ""), "list": c.send(t, "GET", "/Users", ""), "201": c.send(t, "POST", "/Users", `{"schemas":["%U"],"userName":"bob"}`),
		"404": c.send(t, "GET", "/Users/"+randomID, ""), "409": c.send(t, "POST", "/Users", `{"schemas":["%U"],"userName":"ada"}`), "400": c.send(t, "POST", "/Users", `{`),
		"PUT": c.send(t, "PUT", "/Users/"+id, `{"schemas":["%U"],"userName":"ada"}`), "PATCH": c.patch(t, "/Users/"+id, `{"op":"add","path":"title","value":"T"}`),
		"discovery": c.send(t, "GET", "/ServiceProviderConfig", ""), "401": c.send(t, "GET", "/Users", "", proxytest.NoToken()), "no route": c.send(t, "GET", "/Nope", ""),
	} {
		t.Run("idp-37 "+name, func(t *testing.T) {
			require.True(t, strings.HasPrefix(r.Headers.Get("Content-Type"), scimJSON), r.Headers.Get("Content-Type"))
			require.NotEmpty(t, r.Body)
		})
	}
	t.Run("idp-37 no body", func(t *testing.T) { c.send(t, "DELETE", "/Users/"+id, "").Status(204).Empty() })
}

func TestIdpAuthentik(t *testing.T) {
	s := proxytest.New(t)
	c := clientOf(s.Tenant, "authentik", scimJSON, scimJSON)
	var chunk int
	t.Run("idp-38 what is read first", func(t *testing.T) {
		r := c.send(t, "GET", "/ServiceProviderConfig", "").Status(200).Has("patch.supported", true).Has("filter.supported", true).Has("bulk.supported", true)
		for _, path := range []string{"patch.supported", "bulk.supported", "bulk.maxOperations", "bulk.maxPayloadSize", "filter.supported", "filter.maxResults", "changePassword.supported", "sort.supported", "etag.supported", "authenticationSchemes.0.type"} {
			_, ok := r.At(path)
			require.True(t, ok, path)
		}
		chunk = r.Int("bulk.maxOperations")
		require.GreaterOrEqual(t, chunk, 100, "group PATCHes are cut by it")
	})
	t.Run("idp-39 users and groups", func(t *testing.T) {
		create := `{"schemas":["%U"],"userName":"ak","externalId":"ak-1","name":{"formatted":"A K","givenName":"A","familyName":"K"},"displayName":"A K","photos":[],"active":true,"emails":[{"value":"ak@x.example","type":"other","primary":true}]}`
		id := c.send(t, "POST", "/Users", create).Status(201).ID()
		c.send(t, "POST", "/Users", create).Error(409, "uniqueness")
		for _, f := range []string{"userName%20eq%20%22ak%22", "userName%20eq%20ak"} {
			c.send(t, "GET", "/Users?filter="+f, "").Status(200).Has("totalResults", 1).Has("Resources.0.id", id)
		}
		c.send(t, "PUT", "/Users/"+id, strings.TrimSuffix(create, "}")+`,"id":"`+id+`","title":"T"}`).Status(200).Has("id", id).Has("title", "T")
		ids := append(s.CreateUsers(t, "m", 9), id)
		group := c.send(t, "POST", "/Groups", `{"schemas":["%G"],"externalId":"ak-g","displayName":"Staff"}`).Status(201).ID()
		var ops []string
		for _, m := range ids {
			ops = append(ops, `{"op":"add","path":"members","value":[{"value":"`+m+`"}]}`)
		}
		require.Less(t, c.patch(t, "/Groups/"+group, strings.Join(ops, ",")).Code, 300)
		require.ElementsMatch(t, ids, c.send(t, "GET", "/Groups/"+group, "").Status(200).Strs("members", "value"))
		require.Less(t, c.patch(t, "/Groups/"+group, `{"op":"replace","value":{"schemas":["%G"],"id":"`+group+`","externalId":"ak-g","displayName":"Crew"}}`).Code, 300)
		c.send(t, "GET", "/Groups/"+group, "").Has("displayName", "Crew").Len("members", len(ids))
		require.Less(t, c.patch(t, "/Groups/"+group, `{"op":"remove","path":"members","value":[{"value":"`+ids[0]+`"}]},{"op":"remove","path":"members","value":[{"value":"`+ids[1]+`"}]}`).Code, 300)
		require.ElementsMatch(t, ids[2:], s.MembersOf(t, group))
		c.send(t, "DELETE", "/Groups/"+group, "").Status(204)
		c.send(t, "DELETE", "/Users/"+id, "").Status(204)
	})
	t.Run("idp-38 a chunk of the published size", func(t *testing.T) {
		group := s.CreateGroup(t, "Large")
		ops := make([]string, chunk)
		for i := range ops {
			ops[i] = fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":"member %d"}]}`, i)
		}
		require.Less(t, c.patch(t, "/Groups/"+group, strings.Join(ops, ",")).Code, 300)
		require.Len(t, s.MembersOf(t, group), chunk)
	})
	t.Run("idp-40 discovering what there is", func(t *testing.T) {
		want := s.Globex.CreateUsers(t, "d", 230)
		c := clientOf(s.Globex, "authentik", scimJSON, scimJSON)
		r := c.send(t, "GET", "/Users", "").Status(200)
		seen := r.Strs("Resources", "id")
		for rounds := 0; len(seen) < r.Int("totalResults"); rounds++ {
			require.Less(t, rounds, 10, "it would loop for ever")
			r = c.send(t, "GET", fmt.Sprintf("/Users?startIndex=%d", len(seen)+1), "").Status(200)
			require.Positive(t, r.Int("itemsPerPage"))
			seen = append(seen, r.Strs("Resources", "id")...)
		}
		require.Equal(t, want, seen)
	})
}

func TestIdpPocketID(t *testing.T) {
	s := proxytest.New(t)
	c := clientOf(s.Tenant, "Go-http-client/1.1", scimJSON, scimJSON)
	t.Run("idp-41 listing everything", func(t *testing.T) {
		want := s.CreateUsers(t, "p", 5)
		s.CreateUser(t, "own", "externalId", "pocket-1")
		var seen []string
		for start := 1; ; {
			r := c.send(t, "GET", fmt.Sprintf("/Users?startIndex=%d&count=1000", start), "").Status(200).Has("totalResults", 6)
			got := r.Strs("Resources", "id")
			require.Equal(t, len(got), r.Int("itemsPerPage"), "it advances by itemsPerPage")
			seen = append(seen, got...)
			if start += r.Int("itemsPerPage"); start > r.Int("totalResults") {
				break
			}
		}
		require.Len(t, seen, 6)
		for _, id := range want { // it deletes whatever it does not know
			c.send(t, "DELETE", "/Users/"+id, "").Status(204)
		}
		c.send(t, "GET", "/Users?startIndex=1&count=1000", "").Has("totalResults", 1).Has("Resources.0.externalId", "pocket-1")
	})
	t.Run("idp-41 a PUT without members empties the group", func(t *testing.T) {
		id := s.CreateUser(t, "member")
		group := c.send(t, "POST", "/Groups", `{"schemas":["%G"],"displayName":"Staff","externalId":"pg","members":[{"value":"`+id+`"}]}`).Status(201).ID()
		c.send(t, "PUT", "/Groups/"+group, `{"schemas":["%G"],"displayName":"Staff","externalId":"pg","members":[{"value":"`+id+`"}]}`).Status(200).Len("members", 1)
		r := c.send(t, "PUT", "/Groups/"+group, `{"schemas":["%G"],"displayName":"Staff","externalId":"pg"}`).Status(200).Has("id", group).HasNot("members")
		require.Empty(t, s.MembersOf(t, group))
		_, err := time.Parse(time.RFC3339, r.Str("meta.lastModified"))
		require.NoError(t, err, "it compares meta.lastModified")
		user := c.send(t, "PUT", "/Users/"+id, `{"schemas":["%U"],"userName":"member","externalId":"pm","active":true}`).Status(200).Has("externalId", "pm")
		_, err = time.Parse(time.RFC3339, user.Str("meta.lastModified"))
		require.NoError(t, err)
	})
}
