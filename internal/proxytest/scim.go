package proxytest

import (
	"fmt"
	"testing"
)

// Schema URNs, for bodies.
const (
	UserSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	PatchSchema      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// M is a JSON object.
type M = map[string]any

// User is the body of a user as identity providers send it, changed by further
// name and value pairs.
func User(name string, pairs ...any) M {
	return with(M{
		"schemas":  []string{UserSchema},
		"userName": name,
		"name":     M{"givenName": name, "familyName": "Example"},
		"emails":   []M{{"value": name + "@example.com", "type": "work", "primary": true}},
		"active":   true,
	}, pairs)
}

// Group is the body of a group with members by id.
func Group(name string, members ...string) M {
	g := M{"schemas": []string{GroupSchema}, "displayName": name}
	if len(members) > 0 {
		g["members"] = Members(members...)
	}
	return g
}

// Members is a list of member references.
func Members(ids ...string) []M {
	out := make([]M, len(ids))
	for i, id := range ids {
		out[i] = M{"value": id}
	}
	return out
}

func with(m M, pairs []any) M {
	if len(pairs)%2 != 0 {
		panic("proxytest: names and values come in pairs")
	}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// Op is one operation of a PATCH; path "" leaves it out, so does a missing value.
func Op(op, path string, value ...any) M {
	m := M{"op": op}
	if path != "" {
		m["path"] = path
	}
	if len(value) > 0 {
		m["value"] = value[0]
	}
	return m
}

// Ops is the body of a PATCH.
func Ops(ops ...M) M { return M{"schemas": []string{PatchSchema}, "Operations": ops} }

// CreateUser makes a user and returns its id.
func (x *Tenant) CreateUser(t testing.TB, name string, pairs ...any) string {
	t.Helper()
	return x.Post(t, "/Users", User(name, pairs...)).Status(201).ID()
}

// CreateUsers makes n users called prefix0001 and so on.
func (x *Tenant) CreateUsers(t testing.TB, prefix string, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = x.CreateUser(t, fmt.Sprintf("%s%04d", prefix, i+1))
	}
	return ids
}

// CreateGroup makes a group and returns its id.
func (x *Tenant) CreateGroup(t testing.TB, name string, members ...string) string {
	t.Helper()
	return x.Post(t, "/Groups", Group(name, members...)).Status(201).ID()
}

// MembersOf reads the ids of a group's members, in the order served.
func (x *Tenant) MembersOf(t testing.TB, group string) []string {
	t.Helper()
	return x.Get(t, "/Groups/"+group).Status(200).Strs("members", "value")
}
