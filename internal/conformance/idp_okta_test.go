package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv/memkv"
)

func TestIdpOkta_Users(t *testing.T) {
	s := proxytest.New(t)
	c := okta(s.Tenant)
	t.Run("idp-17 the connection test and look-ups", func(t *testing.T) {
		c.send(t, "GET", "/Users?startIndex=1&count=2", "").Status(200).Has("totalResults", 0).Has("startIndex", 1).Has("itemsPerPage", 0).Len("Resources", 0)
		c.send(t, "GET", "/Groups?startIndex=1&count=100", "").Status(200).Has("totalResults", 0)
		want := s.CreateUsers(t, "test.user", 5)
		r := c.send(t, "GET", "/Users?startIndex=1&count=2", "").Status(200).Contains(`"totalResults":5`, `"startIndex":1`, `"itemsPerPage":2`)
		got := r.Strs("Resources", "id")
		for start := 3; start <= 5; start += 2 {
			got = append(got, c.send(t, "GET", fmt.Sprintf("/Users?startIndex=%d&count=2", start), "").Status(200).Has("startIndex", start).Strs("Resources", "id")...)
		}
		require.Equal(t, want, got, "each once, in one order")
		c.send(t, "GET", "/Users?filter=userName%20eq%20%22TEST.user0003%22&startIndex=1&count=100", "").Status(200).Has("totalResults", 1).Has("Resources.0.id", want[2])
		c.send(t, "GET", "/Users?filter=userName%20eq%20%22nobody%22&startIndex=1&count=100", "").Status(200).Has("totalResults", 0).Len("Resources", 0)
	})
	const create = `{"schemas":["%U"],"userName":"ada@okta.example","name":{"givenName":"Ada","familyName":"Byron"},"emails":[{"primary":true,"value":"ada@okta.example","type":"work"}],
		"displayName":"Ada Byron","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"1mz050nq","active":true}`
	var id string
	t.Run("idp-18 creating", func(t *testing.T) {
		r := c.send(t, "POST", "/Users", create).Status(201).HasNot("groups", "password").Has("externalId", "00ujl29u0le5T6Aj10h7").Has("locale", "en-US").Lacks("1mz050nq")
		id = r.ID()
		c.send(t, "GET", "/Users/"+id, "").Status(200).Lacks("1mz050nq", "password")
		require.NotContains(t, s.Log.String()+fmt.Sprint(changesOf(t, s.Tenant)), "1mz050nq")
		c.send(t, "POST", "/Users", create).Error(409, "uniqueness")
	})
	t.Run("idp-19 a profile update is GET and PUT", func(t *testing.T) {
		group := s.CreateGroup(t, "Kept", id)
		old := c.send(t, "GET", "/Users/"+id, "").Status(200).Body
		updated := strings.Replace(old, `"Byron"`, `"Lovelace"`, 1) // what was read, one value changed: id, groups and meta come along
		require.NotEqual(t, old, updated)
		c.send(t, "PUT", "/Users/"+id, updated).Status(200).Has("id", id).Has("name.familyName", "Lovelace").Has("externalId", "00ujl29u0le5T6Aj10h7").Has("groups.0.value", group)
		require.Equal(t, []string{id}, s.MembersOf(t, group))
		c.send(t, "PUT", "/Users/"+id, `{"schemas":["%U"],"id":"`+id+`","userName":"ada@okta.example","name":{"givenName":"Ada","familyName":"King"},"emails":[{"primary":true,"value":"ada@okta.example","type":"work"}],"groups":[],"active":false,"meta":{"resourceType":"User"}}`).
			Status(200).Has("active", false).Has("name.familyName", "King").HasNot("locale", "displayName")
		c.patch(t, "/Users/"+id, `{"op":"replace","value":{"password":"7kT2xw9z"}}`).Status(200).Lacks("7kT2xw9z").Has("name.familyName", "King")
	})
	t.Run("idp-20 activation without a path", func(t *testing.T) {
		for _, active := range []bool{true, false, false, true} {
			c.patch(t, "/Users/"+id, fmt.Sprintf(`{"op":"replace","value":{"active":%t}}`, active)).Status(200).Has("active", active).Has("id", id).Has("userName", "ada@okta.example")
			c.send(t, "GET", "/Users/"+id, "").Status(200).Has("active", active).Has("name.familyName", "King")
		}
	})
}

func TestIdpOkta_Groups(t *testing.T) {
	s := proxytest.New(t)
	c := okta(s.Tenant)
	ids := s.CreateUsers(t, "u", 4)
	member := func(id string) string { return `{"value":"` + id + `","display":"someone@okta.example"}` }
	group := c.send(t, "POST", "/Groups", `{"schemas":["%G"],"displayName":"Staff","members":[`+member(ids[0])+`]}`).Status(201).Has("displayName", "Staff").ID()
	path := "/Groups/" + group
	echo := func(name string) string {
		return `{"op":"replace","value":{"id":"` + group + `","displayName":"` + name + `"}}`
	}
	t.Run("idp-21 the id that comes with a rename", func(t *testing.T) {
		require.Less(t, c.patch(t, path, echo("Crew")).Code, 300)
		c.send(t, "GET", path, "").Has("displayName", "Crew").Has("id", group).Len("members", 1)
		before := c.send(t, "GET", path, "").ETag()
		require.Less(t, c.patch(t, path, echo("Crew")).Code, 300)
		require.Equal(t, before, c.send(t, "GET", path, "").ETag(), "the same name again changes nothing")
		require.Less(t, c.patch(t, path, echo("Crew")+`,{"op":"add","path":"members","value":[`+member(ids[1])+`]}`).Code, 300)
		require.ElementsMatch(t, ids[:2], s.MembersOf(t, group))
		defer untouched(t, s.Tenant)()
		c.patch(t, path, strings.Replace(echo("Other"), group, randomID, 1)).Error(400, "mutability", "id")
		c.send(t, "GET", path, "").Has("displayName", "Crew")
	})
	t.Run("idp-22 removals and additions in one", func(t *testing.T) {
		require.Less(t, c.patch(t, path, `{"op":"remove","path":"members[value eq \"`+ids[0]+`\"]"},{"op":"add","path":"members","value":[`+member(ids[2])+`,`+member(ids[3])+`]}`).Code, 300)
		require.ElementsMatch(t, ids[1:], s.MembersOf(t, group))
		func() { // all or nothing
			defer untouched(t, s.Tenant)()
			require.Equal(t, 400, c.patch(t, path, `{"op":"remove","path":"members[value eq \"`+ids[1]+`\"]"},{"op":"replace","path":"members[value eq","value":"x"}`).Code)
			require.ElementsMatch(t, ids[1:], s.MembersOf(t, group))
		}()
		require.Less(t, c.patch(t, path, `{"op":"replace","path":"members","value":[`+member(ids[0])+`,`+member(ids[1])+`]}`).Code, 300)
		require.ElementsMatch(t, ids[:2], s.MembersOf(t, group))
		require.Less(t, c.patch(t, path, `{"op":"replace","path":"members","value":[]}`).Code, 300)
		require.Empty(t, s.MembersOf(t, group))
	})
}

func TestIdpOkta_Server(t *testing.T) {
	t.Run("idp-23 nothing but users and groups, and an answer in time", func(t *testing.T) {
		store := &spy{Store: memkv.New(memkv.Options{})}
		t.Cleanup(func() { _ = store.Close() })
		s := proxytest.New(t, proxytest.WithStore(store))
		c := okta(s.Tenant)
		id := c.user(t, "ada", "") // no discovery before
		for _, path := range []string{"/Me"} {
			c.send(t, "POST", path, `{}`).Error(501, "")
		}
		// A store that cannot answer costs the client no 60 s: it gets 503 and comes back.
		store.failing(func() error { return errDeadline() }, func() {
			c.send(t, "GET", "/Users/"+id, "").Error(503, "").HasHeader("Retry-After", "*")
			c.patch(t, "/Users/"+id, `{"op":"replace","value":{"active":false}}`).Error(503, "").HasHeader("Retry-After", "*")
		})
		c.send(t, "GET", "/Users/"+id, "").Status(200).Has("active", true)
	})
	t.Run("idp-24 the SPEC test suite", func(t *testing.T) {
		s := proxytest.New(t)
		c := okta(s.Tenant)
		r := c.send(t, "GET", "/Users?startIndex=1&count=1", "", proxytest.Header("Authorization", "non-token")).Error(401, "")
		status, _ := r.At("status")
		require.Equal(t, "401", status)
		require.NotEmpty(t, r.Str("detail"))
		r = c.send(t, "GET", "/Users/010101001010101011001010101011", "").Error(404, "")
		status, _ = r.At("status")
		require.Equal(t, "404", status)
		require.NotEmpty(t, r.Str("detail"))
		name := "runscope600@atko.example"
		body := `{"schemas":["%U"],"userName":"` + name + `","name":{"givenName":"Runscope","familyName":"Okta"},"emails":[{"primary":true,"value":"` + name + `","type":"work"}],"displayName":"Runscope Okta","active":true}`
		id := c.send(t, "POST", "/Users", body).Status(201).Has("active", true).Has("userName", name).Has("name.familyName", "Okta").ID()
		c.send(t, "GET", "/Users/"+id, "").Status(200).Has("userName", name)
		c.send(t, "POST", "/Users", body).Error(409, "uniqueness")
		c.send(t, "GET", "/Users?filter=userName%20eq%20%22RUNSCOPE600@atko.example%22", "").Status(200).Has("Resources.0.id", id)
		c.send(t, "GET", "/Groups", "").Status(200).Has("schemas", []string{listSchema})
	})
}
