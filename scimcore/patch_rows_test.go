package scimcore

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPatchRows patches a group with members a, b and c, kept as rows.
func TestPatchRows(t *testing.T) {
	_, group := stockTypes(t)
	tests := []struct {
		name, ops string
		want      string // members afterwards
		eachs     int    // how often all rows may be read
	}{
		{"PATCH-29 add one", `{"op":"add","path":"members","value":[{"value":"d"}]}`, "a b c d", 0},
		{"PATCH-30 add one again", `{"op":"add","path":"members","value":[{"value":"a","display":"other"}]}`, "a b c", 0},
		{"PATCH-A08 one object", `{"op":"add","path":"members","value":{"value":"d"}}`, "a b c d", 0},
		{"PATCH-25 add without path", `{"op":"add","value":{"members":[{"value":"d"}]}}`, "a b c d", 0},
		{"PATCH-47 add [] adds nothing", `{"op":"add","path":"members","value":[]}`, "a b c", 0},
		{"PATCH-34 remove all", `{"op":"remove","path":"members"}`, "", 0},
		{"idp-35 remove members without value", `{"op":"remove","path":"members"}`, "", 0},
		{"PATCH-35 idp-9 remove one by filter", `{"op":"remove","path":"members[value eq \"b\"]"}`, "a c", 0},
		{"PATCH-35 or-joined", `{"op":"remove","path":"members[value eq \"b\" or (value eq \"a\")]"}`, "c", 0},
		{"PATCH-35 another filter", `{"op":"remove","path":"members[type eq \"user\" and not (value eq \"b\")]"}`, "b", 1},
		{"PATCH-35 negated", `{"op":"remove","path":"members[value ne \"b\"]"}`, "b", 1},
		{"PATCH-39 remove an absent one", `{"op":"remove","path":"members[value eq \"zz\"]"}`, "a b c", 0},
		{"PATCH-A10 idp-8 idp-29 Entra's value list", `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"b"}]}`, "a c", 0},
		{"PATCH-A10 several", `{"op":"remove","path":"members","value":[{"value":"b"},{"value":"zz"},{"value":"a"}]}`, "c", 0},
		{"PATCH-A10 one object", `{"op":"remove","path":"members","value":{"value":"b"}}`, "a c", 0},
		{"PATCH-A10 bare ids", `{"op":"remove","path":"members","value":["b"]}`, "a c", 0},
		{"PATCH-41 replace all", `{"op":"replace","path":"members","value":[{"value":"x"},{"value":"a"}]}`, "x a", 0},
		{"idp-22 replace with []", `{"op":"replace","path":"members","value":[]}`, "", 0},
		{"PATCH-47 replace with null", `{"op":"replace","path":"members","value":null}`, "", 0},
		{"idp-22 remove and add in one", `{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":[{"value":"d"}]}`, "b c d", 0},
		{"idp-14 several memberships in one PATCH", `{"op":"Add","path":"members","value":[{"value":"d"},{"value":"e"}]},{"op":"Add","path":"members","value":[{"value":"f"}]}`, "a b c d e f", 0},
		{"idp-21 rename with the same id", `{"op":"replace","value":{"id":"id-1","displayName":"x"}}`, "a b c", 0},
		{"idp-39 authentik's path-less replace keeps members", `{"op":"replace","value":{"schemas":["` + GroupSchema + `"],"id":"id-1","externalId":"e","displayName":"x"}}`, "a b c", 0},
		{"PATCH-A04 the same value again", `{"op":"replace","path":"members[value eq \"a\"].value","value":"a"}`, "a b c", 1},
		{"PATCH-A09 add by filter", `{"op":"add","path":"members[value eq \"d\"].display","value":"D"}`, "a b c d", 1},
		{"idp-42 an id of another kind", `{"op":"add","path":"members","value":[{"value":"string id 1","displayName":"x"}]}`, "a b c string id 1", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := patchTest{t: group, d: Lenient(), set: newMemSet("a", "b", "c")}
			_, err := p.run(t, `{"displayName":"G"}`, tt.ops)
			require.NoError(t, err)
			require.Equal(t, tt.want, strings.Join(p.set.values(), " "))
			require.Equal(t, tt.eachs, p.set.eachs, "reads of all rows")
		})
	}
	bad := []struct {
		name, ops string
		typ       ErrorType
	}{
		{"RES-14 PATCH-11 replace a value", `{"op":"replace","path":"members[value eq \"a\"].value","value":"x"}`, Mutable},
		{"RES-14 replace an element", `{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"x"}}`, Mutable},
		{"RES-14 add to an element", `{"op":"add","path":"members[value eq \"a\"].display","value":"x"}`, Mutable},
		{"RES-14 every value", `{"op":"replace","path":"members.value","value":"x"}`, Mutable},
		{"RES-14 remove a part", `{"op":"remove","path":"members[value eq \"a\"].display"}`, Mutable},
		{"PATCH-46 no match", `{"op":"replace","path":"members[value eq \"zz\"].display","value":"x"}`, NoTarget},
		{"PATCH-A10 empty list", `{"op":"remove","path":"members","value":[]}`, InvalidValue},
		{"PATCH-A10 list of nothing", `{"op":"remove","path":"members","value":[{"$ref":null}]}`, InvalidValue},
		{"PATCH-A10 null ids", `{"op":"remove","path":"members","value":[{"value":null}]}`, InvalidValue},
		{"PATCH-A10 wrong type", `{"op":"remove","path":"members","value":[1]}`, InvalidValue},
		{"a member without value", `{"op":"add","path":"members","value":[{"display":"x"}]}`, InvalidValue},
		{"PATCH-38 displayName of a group", `{"op":"remove","path":"displayName"}`, Mutable},
		{"PATCH-07 filter", `{"op":"remove","path":"members[value zz \"a\"]"}`, InvalidFilter},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			p := patchTest{t: group, d: Lenient(), set: newMemSet("a", "b", "c")}
			_, err := p.run(t, `{"displayName":"G"}`, tt.ops)
			refused(t, err, tt.typ)
			require.Equal(t, []string{"a", "b", "c"}, p.set.values(), "never remove all")
		})
	}
	t.Run("PATCH-A10 strict", func(t *testing.T) {
		p := patchTest{t: group, d: Strict(), set: newMemSet("a", "b", "c")}
		_, err := p.run(t, `{"displayName":"G"}`, `{"op":"remove","path":"members","value":[{"value":"a"}]}`)
		refused(t, err, InvalidValue)
		require.Len(t, p.set.rows, 3)
	})
	t.Run("what a member says reaches the Set", func(t *testing.T) {
		p := patchTest{t: group, d: Lenient(), set: newMemSet()}
		_, err := p.run(t, `{"displayName":"G"}`, `{"op":"add","path":"members","value":[{"value":"u","type":"Group","display":"D","$ref":"../Groups/u"}]}`)
		require.NoError(t, err)
		require.Equal(t, []Member{{Value: "u", Type: "Group", Display: "D", Ref: "../Groups/u"}}, p.set.rows)
	})
	t.Run("an error of a Set comes back as it is", func(t *testing.T) {
		conflict := errors.New("conflict")
		patch, err := ParsePatch(group, patchBody(`{"op":"remove","path":"members"}`), Lenient(), nil)
		require.NoError(t, err)
		err = patch.Apply(Target{Doc: NewDoc(group), Sets: func(*Attr) (Set, error) { return nil, conflict }})
		require.Equal(t, conflict, err)
		require.Error(t, patch.Apply(Target{Doc: NewDoc(group)}), "no sets at all is the caller's mistake")
	})
}

func TestIDP27_MemberOperations(t *testing.T) {
	_, group := stockTypes(t)
	body := []byte(`{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"N","members":[{"value":"a","operation":"delete"},{"value":"d","operation":"add"},{"value":"e"}]}`)
	t.Run("idp-27 OneLogin, SCIM 1.1", func(t *testing.T) {
		p := patchTest{t: group, d: Lenient(), set: newMemSet("a", "b")}
		got, err := p.runBody(t, `{"displayName":"G"}`, body)
		require.NoError(t, err)
		require.Equal(t, []string{"b", "d", "e"}, p.set.values())
		require.Contains(t, got, `"displayName":"N"`)
		require.Equal(t, Notes{{NoteMemberOperation, "members"}}, p.notes)
	})
	t.Run("strict", func(t *testing.T) {
		_, err := ParsePatch(group, body, Strict(), nil)
		refused(t, err, InvalidSyntax)
	})
	for _, members := range []string{`{"value":"a","operation":"move"}`, `{"operation":"delete"}`, `null`, `7`} {
		_, err := ParsePatch(group, []byte(`{"members":[`+members+`]}`), Lenient(), nil)
		refused(t, err, InvalidValue)
	}
}

// TestPatchIDP holds the rows of real clients that no other table has.
func TestPatchIDP(t *testing.T) {
	user, _ := stockTypes(t)
	tests := []struct{ name, ops, want string }{
		{"idp-2 names in any case", `{"op":"Add","path":"Department","value":"S"},{"op":"Replace","path":"Manager.Value","value":"m"},{"op":"Add","path":"Emails[Primary eq true].Value","value":"e"}`,
			`"emails":[{"value":"e","primary":true}],"` + entURN + `":{"department":"S","manager":{"value":"m"}}`},
		{"idp-3 boolean strings", `{"op":"Replace","path":"active","value":"False"},{"op":"Add","value":{"roles":[{"value":"r","primary":"True"}]}}`, `"active":false,"roles":[{"value":"r","primary":true}]`},
		{"idp-6 manager as a string", `{"op":"Add","path":"` + entURN + `:manager","value":"m"}`, `"manager":{"value":"m"}`},
		{"idp-6 section 4 row 13 manager in an array", `{"op":"Replace","path":"` + entURN + `:manager","value":[{"value":"m"}]}`, `"manager":{"value":"m"}`},
		{"idp-7 flag aadOptscim062020", `{"op":"replace","value":{"displayName":"D","name.givenName":"G","name.familyName":"F","` + entURN + `:employeeNumber":"7"}}`,
			`"name":{"familyName":"F","givenName":"G"},"displayName":"D","` + entURN + `":{"employeeNumber":"7"}`},
		{"idp-16 nulls in Replace", `{"op":"Add","path":"` + entURN + `:department","value":"S"},{"op":"Replace","path":"` + entURN + `:department","value":null}`, `"schemas":["` + UserSchema + `"],"userName":"u"}`},
		{"idp-20 Okta deactivates", `{"op":"replace","value":{"active":false}}`, `"active":false`},
		{"idp-33 SailPoint deactivates", `{"op":"add","value":{"active":false}}`, `"active":false`},
		{"idp-26 one object for emails", `{"op":"replace","value":{"emails":{"value":"e"}}}`, `"emails":[{"value":"e"}]`},
		{"idp-36 emails[primary eq true].value", `{"op":"replace","path":"emails[primary eq true].value","value":"e"}`, `"emails":[{"value":"e","primary":true}]`},
		{"idp-35 active as a string", `{"op":"replace","path":"active","value":"true"}`, `"active":true`},
		{"idp-19 Okta sets a password", `{"op":"replace","value":{"password":"s3cret"}}`, `"schemas":["` + UserSchema + `"],"userName":"u"}`},
		{"idp-34 Rippling emails[primary eq true].value", `{"op":"add","path":"emails[primary eq true].value","value":"e"}`, `"emails":[{"value":"e","primary":true}]`},
		{"idp-11 manager is cleared", `{"op":"Add","path":"manager","value":"m"},{"op":"Remove","path":"manager"}`, `"schemas":["` + UserSchema + `"],"userName":"u"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := patchTest{t: user, d: Lenient()}
			got, err := p.run(t, `{"userName":"u"}`, tt.ops)
			require.NoError(t, err)
			require.Contains(t, got, tt.want)
		})
	}
}
