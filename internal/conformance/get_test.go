package conformance_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestGET(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada", "title", "Lead", proxytest.EnterpriseSchema, proxytest.M{"department": "Sales"})
	group := s.CreateGroup(t, "g", ada)
	t.Run("GET-01 an existing resource", func(t *testing.T) {
		s.Get(t, "/Users/"+ada).Status(200).Has("id", ada).Has("userName", "ada").Has("title", "Lead").Has(proxytest.EnterpriseSchema+".department", "Sales")
		s.Get(t, "/Groups/"+group).Status(200).Has("id", group).Has("displayName", "g").Has("members.0.value", ada)
	})
	t.Run("GET-02 an unknown id", func(t *testing.T) {
		for _, path := range []string{"/Users/" + randomID, "/Groups/" + randomID, "/Users/x", "/Users/0", "/Users/" + group, "/Groups/" + ada, "/Users/" + ada + "0", "/Users/%20" + ada} {
			s.Get(t, path).Error(404, "").HasHeader("Content-Type", "application/scim+json")
		}
	})
	t.Run("GET-03 ids are case-exact", func(t *testing.T) {
		require.NotEqual(t, ada, strings.ToUpper(ada))
		s.Get(t, "/Users/"+strings.ToUpper(ada)).Error(404, "")
		s.Get(t, "/Groups/"+strings.ToUpper(group)).Error(404, "")
		s.Get(t, "/Users/"+strings.ReplaceAll(ada, "-", "")).Error(404, "")
		s.Get(t, "/Users/{"+ada+"}").Error(404, "")
	})
	t.Run("GET-04 what appears without parameters", func(t *testing.T) {
		id := s.Post(t, "/Users", body(`{$U,"password":"p","title":"T","emails":[{"value":"a@x"}],"externalId":"x"}`, "plain")).ID()
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(s.Get(t, "/Users/"+id).Status(200).Body), &got))
		names := make([]string, 0, len(got))
		for k := range got {
			names = append(names, k)
		}
		require.ElementsMatch(t, []string{"schemas", "id", "externalId", "userName", "title", "emails", "active", "meta"}, names)
	})
	t.Run("GET-A01 headers", func(t *testing.T) {
		for _, path := range []string{"/Users/" + ada, "/Groups/" + group} {
			r := s.Get(t, path).Status(200).HasHeader("Content-Location", s.BaseURL()+path)
			r.HasHeader("ETag", r.Str("meta.version"))
			// RFC 7644 leaves Location to 201 and redirects; a client reads Content-Location.
			s.Get(t, path+"?attributes=displayName").Status(200).HasHeader("ETag", "*").HasHeader("Content-Location", s.BaseURL()+path)
		}
	})
	// The annex expects 404; the answers to hostile input refuse any path that is
	// not canonical with 400. Either way nothing is reached.
	t.Run("GET-A02 the id is no path", func(t *testing.T) {
		for _, path := range []string{"/Users/..%2f..%2fGroups", "/Users/%2e%2e", "/Users/..", "/Users/%2fetc%2fpasswd", "/Users/a%5cb", "/Users/%00", "/Users/" + ada + "%00", "/Users/x/../" + ada, "/Users/%252e%252e"} {
			r := s.Get(t, path).Error(400, "", "refused before routing")
			require.NotContains(t, r.Body, "ada")
		}
		// Percent-encoding of what needs none is undone.
		s.Get(t, "/Users/%"+hex(ada[0])+ada[1:]).Status(200).Has("id", ada)
	})
}

func hex(c byte) string { return string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]) }
