package conformance_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// leniencyRow asks for what one leniency alone allows, and reports whether it
// was had. name is one nobody has yet.
type leniencyRow func(t *testing.T, s *proxytest.Stack, name string) bool

func leniencyRows() map[string]leniencyRow {
	posts := func(endpoint, text string) leniencyRow {
		return func(t *testing.T, s *proxytest.Stack, name string) bool {
			return had(t, s.Post(t, endpoint, body(text, name)), 201)
		}
	}
	patches := func(ops string) leniencyRow {
		return func(t *testing.T, s *proxytest.Stack, name string) bool {
			return had(t, s.Patch(t, "/Users/"+s.CreateUser(t, name), patchBody(body(ops, name))), 200)
		}
	}
	return map[string]leniencyRow{
		"boolean_strings":  posts("/Users", `{$U,"active":"True"}`),
		"ignore_unknown":   posts("/Users", `{$U,"foo":1}`),
		"infer_schemas":    posts("/Users", `{"userName":"$N"}`),
		"bare_complex":     posts("/Users", `{"schemas":["$C","$E"],"userName":"$N","$E":{"manager":"m-1"}}`),
		"bare_element":     posts("/Users", `{$U,"emails":{"value":"x@x.example"}}`),
		"upsert_by_filter": patches(`{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"tel:+1"}`),
		"remove_by_value":  patches(`{"op":"remove","path":"emails","value":[{"value":"$N@example.com"}]}`),
		"pathless_patch":   patches(`{"op":"replace","value":{"title":"T"}}`),
		"echoed_read_only": patches(`{"op":"add","path":"$E:manager","value":{"value":"m-1","displayName":"M"}}`),
		"any_country":      posts("/Users", `{$U,"addresses":[{"type":"work","country":"Germany"}]}`),
		"any_reference":    posts("/Users", `{$U,"profileUrl":"no uri at all"}`),
		"dangling_members": posts("/Groups", `{$G,"members":[{"value":"nobody"}]}`),
		"unquoted_literals": func(t *testing.T, s *proxytest.Stack, name string) bool {
			return had(t, s.Filter(t, "/Users", "userName eq "+name), 200)
		},
		"member_operations": func(t *testing.T, s *proxytest.Stack, name string) bool {
			user := s.CreateUser(t, name)
			group := s.CreateGroup(t, name, user)
			return had(t, s.Patch(t, "/Groups/"+group, `{"members":[{"value":"`+user+`","operation":"delete"}]}`), 204)
		},
		"merge_complex": func(t *testing.T, s *proxytest.Stack, name string) bool {
			path := "/Users/" + s.CreateUser(t, name, "name", proxytest.M{"givenName": "G", "familyName": "F"})
			r := s.Patch(t, path, patchBody(`{"op":"replace","path":"name","value":{"familyName":"L"}}`)).Status(200).Has("name.familyName", "L")
			_, kept := r.At("name.givenName")
			return kept
		},
		"missing_bulk_id": func(t *testing.T, s *proxytest.Stack, name string) bool {
			op := bulkOp("POST", "/Users", "", proxytest.User(name))
			status := s.Post(t, "/Bulk", bulkOf(op)).Status(200).Strs("Operations", "status")
			require.Contains(t, []string{"201", "400"}, status[0])
			return status[0] == "201"
		},
		"keep_extensions": func(t *testing.T, s *proxytest.Stack, name string) bool {
			made := s.Post(t, "/Users", body(`{"schemas":["$C","$E"],"userName":"$N","$E":{"department":"D"}}`, name)).Status(201)
			_, kept := s.Put(t, "/Users/"+made.ID(), body(`{$U}`, name)).Status(200).At(proxytest.EnterpriseSchema)
			return kept
		},
	}
}

// had is false for a refusal with 400, and nothing else will do.
func had(t *testing.T, r *proxytest.Response, status int) bool {
	t.Helper()
	if r.Code != status {
		r.Status(400)
	}
	return r.Code == status
}

// Every leniency can be had alone, and can be done without alone.
func TestEXT_EachLeniencyInBothPositions(t *testing.T) {
	s := proxytest.New(t)
	rows := leniencyRows()
	require.Len(t, rows, len(scimcore.Leniencies()))
	n := 0
	try := func(t *testing.T, name string) bool {
		n++
		return rows[name](t, s, "someone-"+strconv.Itoa(n))
	}
	for _, name := range scimcore.LeniencyNames() {
		t.Run(name, func(t *testing.T) {
			s.SetProfile(t, tenancy.ProfileLenient)
			require.True(t, try(t, name), "lenient")
			s.SetLeniency(t, name, false)
			require.False(t, try(t, name), "lenient without it")
			s.SetProfile(t, tenancy.ProfileStrict)
			require.False(t, try(t, name), "strict")
			s.SetLeniency(t, name, true)
			require.True(t, try(t, name), "strict with it")
			s.Set(t, tenancy.SettingsChange{Leniencies: map[string]*bool{name: nil}})
			require.False(t, try(t, name), "strict again")
		})
	}
}
