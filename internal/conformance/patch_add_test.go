package conformance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestPATCH_Add(t *testing.T) {
	patchesApply(t, tenancy.ProfileLenient, []patchRow{
		{"PATCH-25 without a path merges the value", `{"op":"add","value":{"nickName":"B","title":"X","emails":[{"value":"n@x.example","type":"other"}],"name":{"middleName":"M"}}}`,
			`{"nickName":"B","title":"X","name":{"givenName":"Ada","middleName":"M","familyName":"Byron"},"emails":[{"value":"w@x.example","type":"work","primary":true},
			{"value":"h@x.example","type":"home"},{"value":"n@x.example","type":"other"}]}`},
		{"PATCH-25 an extension in the value", `{"op":"add","value":{"ENT":{"costCenter":"C"}}}`,
			`{"ENT":{"department":"Sales","employeeNumber":"7","costCenter":"C","manager":{"value":"m-1"}}}`},
		{"PATCH-26 absent attribute", `{"op":"add","path":"nickName","value":"B"}`, `{"nickName":"B"}`},
		{"PATCH-26 absent multi-valued attribute", `{"op":"add","path":"roles","value":[{"value":"r1"}]}`, `{"roles":[{"value":"r1"}]}`},
		{"PATCH-26 absent part", `{"op":"add","path":"name.middleName","value":"M"}`, `{"name":{"givenName":"Ada","middleName":"M","familyName":"Byron"}}`},
		{"PATCH-27 singular attribute", `{"op":"add","path":"title","value":"X"}`, `{"title":"X"}`},
		{"PATCH-27 twice", `{"op":"add","path":"nickName","value":"A"},{"op":"add","path":"nickName","value":"B"}`, `{"nickName":"B"}`},
		{"PATCH-27 a boolean", `{"op":"add","path":"active","value":false}`, `{"active":false}`},
		{"PATCH-28 complex attribute", `{"op":"add","path":"name","value":{"givenName":"X"}}`, `{"name":{"givenName":"X","familyName":"Byron"}}`},
		{"PATCH-28 the extension", `{"op":"add","path":"ENT","value":{"department":"D"}}`,
			`{"ENT":{"department":"D","employeeNumber":"7","manager":{"value":"m-1"}}}`},
		{"PATCH-29 appends", `{"op":"add","path":"emails","value":[{"value":"n@x.example","type":"other"},{"value":"m@x.example"}]}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"h@x.example","type":"home"},{"value":"n@x.example","type":"other"},{"value":"m@x.example"}]}`},
		{"PATCH-29 one of the same value but another type", `{"op":"add","path":"emails","value":[{"value":"h@x.example","type":"work"}]}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"h@x.example","type":"home"},{"value":"h@x.example","type":"work"}]}`},
		{"PATCH-30 what is there already", `{"op":"add","path":"emails","value":[{"value":"h@x.example","type":"home"}]}`, ``},
		{"PATCH-30 singular", `{"op":"add","path":"title","value":"Lead"}`, ``},
		{"PATCH-30 without a path", `{"op":"add","value":{"title":"Lead","emails":[{"value":"h@x.example","type":"home"}],"ENT":{"department":"Sales"}}}`, ``},
		{"PATCH-30 one there and one new", `{"op":"add","path":"emails","value":[{"value":"h@x.example","type":"home"},{"value":"n@x.example"}]}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"h@x.example","type":"home"},{"value":"n@x.example"}]}`},
		{"PATCH-18 add a primary", `{"op":"add","path":"emails","value":[{"value":"n@x.example","type":"other","primary":true}]}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":false},{"value":"h@x.example","type":"home"},{"value":"n@x.example","type":"other","primary":true}]}`},
		{"PATCH-18 without a path", `{"op":"add","value":{"emails":[{"value":"n@x.example","primary":true}]}}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":false},{"value":"h@x.example","type":"home"},{"value":"n@x.example","primary":true}]}`},
		{"PATCH-18 by a filter", `{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":false},{"value":"h@x.example","type":"home","primary":true}]}`},
		{"PATCH-18 an element that is there", `{"op":"add","path":"emails","value":[{"value":"h@x.example","type":"home","primary":true}]}`,
			`{"emails":[{"value":"w@x.example","type":"work","primary":false},{"value":"h@x.example","type":"home","primary":true}]}`},
	})
	for _, profile := range bothProfiles() {
		patchesFail(t, profile, []patchRefusal{
			{"PATCH-24 add without a value " + profile, `{"op":"add","path":"title"}`, "invalidValue", []string{"operation 1 (add title)", "value"}},
			{"PATCH-24 replace without a value " + profile, `{"op":"replace","path":"title"}`, "invalidValue", []string{"value"}},
		})
	}
	patchesFail(t, tenancy.ProfileLenient, []patchRefusal{{"PATCH-24 nor a path", `{"op":"add"}`, "invalidValue", []string{"value"}}})
}

// Effective and needless changes, told apart by time and version.
func TestPATCH21_WhenItChanged(t *testing.T) {
	clock := newHandClock()
	s := proxytest.New(t, clock.option())
	member := s.CreateUser(t, "member")
	group := "/Groups/" + s.CreateGroup(t, "g", member)
	user := "/Users/" + s.CreateUser(t, "ada", "title", "Lead")

	t.Run("PATCH-21 a change moves both forward", func(t *testing.T) {
		for _, path := range []string{user, group} {
			before := s.Get(t, path)
			clock.advance(time.Hour)
			s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "displayName", "new")))
			after := s.Get(t, path).Has("displayName", "new").Has("meta.created", before.Str("meta.created"))
			was, is := patchTime(t, before), patchTime(t, after)
			require.True(t, is.After(was))
			require.Equal(t, clock.now(), is)
			require.NotEqual(t, before.Str("meta.version"), after.Str("meta.version"))
		}
	})
	t.Run("PATCH-31 PATCH-30 what is there already moves nothing", func(t *testing.T) {
		for path, op := range map[string]proxytest.M{
			user:        proxytest.Op("add", "emails", []proxytest.M{{"value": "ada@example.com", "type": "work"}}),
			user + "?":  proxytest.Op("add", "title", "Lead"),
			user + "??": proxytest.Op("replace", "", proxytest.M{"title": "Lead", "active": true}),
			group:       proxytest.Op("add", "members", proxytest.Members(member)),
			group + "?": proxytest.Op("add", "", proxytest.M{"members": proxytest.Members(member, member)}),
		} {
			before := s.Get(t, path)
			clock.advance(time.Hour)
			r := s.Patch(t, path, proxytest.Ops(op))
			require.Less(t, r.Code, 300, r.Body)
			require.Equal(t, before.ETag(), r.ETag())
			unchanged(t, s.Tenant, path, before)
		}
		require.Equal(t, []string{member}, s.MembersOf(t, group[len("/Groups/"):]))
	})
}

func patchTime(t *testing.T, r *proxytest.Response) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, r.Str("meta.lastModified"))
	require.NoError(t, err)
	return at
}
