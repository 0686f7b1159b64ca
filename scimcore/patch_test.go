package scimcore

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// base is the user most patch tests start from.
const base = `{"userName":"bob","title":"VP","name":{"familyName":"Jensen","givenName":"Bob"},
	"emails":[{"value":"b@work","type":"work","primary":true},{"value":"b@home","type":"home"}],
	"addresses":[{"type":"work","region":"CA","locality":"LA"},{"type":"work","region":"NY"},{"type":"home","region":"TX"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R","manager":{"value":"m1"}}}`

// ent writes the enterprise URN for short.
func ent(s string) string { return strings.ReplaceAll(s, "ENT", entURN) }

type patchCase struct {
	name, ops string
	want      string // JSON object of what differs afterwards; null for what is gone; "" for nothing
}

// checkPatches runs cases on base and compares attribute by attribute.
func checkPatches(t *testing.T, d Dialect, cases []patchCase) {
	t.Helper()
	user, _ := stockTypes(t)
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			p := patchTest{t: user, d: d}
			got, err := p.run(t, base, ent(tt.ops))
			require.NoError(t, err)
			want := objectOf(t, string(parsed(t, user, base).AppendStored(nil)))
			if tt.want != "" {
				for k, v := range objectOf(t, ent(tt.want)) {
					if want[k] = v; v == nil {
						delete(want, k)
					}
				}
			}
			require.Equal(t, want, objectOf(t, got))
		})
	}
}

func objectOf(tb testing.TB, s string) (m map[string]any) {
	tb.Helper()
	require.NoError(tb, json.Unmarshal([]byte(s), &m), s)
	return m
}

// fails runs operations on base and wants an error.
func fails(t *testing.T, d Dialect, name, ops string, typ ErrorType, words ...string) {
	t.Helper()
	user, _ := stockTypes(t)
	t.Run(name, func(t *testing.T) {
		p := patchTest{t: user, d: d}
		_, err := p.run(t, base, ent(ops))
		refused(t, err, typ, words...)
	})
}

const (
	noEnt  = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"ENT":null`
	work   = `{"value":"b@work","type":"work","primary":true}`
	work2  = `{"value":"b@work","type":"work","primary":false}`
	home   = `{"value":"b@home","type":"home"}`
	adrCA  = `{"type":"work","region":"CA","locality":"LA"}`
	adrNY  = `{"type":"work","region":"NY"}`
	adrTX  = `{"type":"home","region":"TX"}`
	entAll = `"department":"R","manager":{"value":"m1"}`
)

func TestPatchAdd(t *testing.T) {
	checkPatches(t, Lenient(), []patchCase{
		{"PATCH-25 without path merges", `{"op":"add","value":{"nickName":"B","emails":[{"value":"b@x","type":"other"}],"name":{"givenName":"R"}}}`,
			`{"nickName":"B","name":{"familyName":"Jensen","givenName":"R"},"emails":[` + work + `,` + home + `,{"value":"b@x","type":"other"}]}`},
		{"PATCH-26 absent attribute", `{"op":"add","path":"nickName","value":"B"}`, `{"nickName":"B"}`},
		{"PATCH-27 singular is replaced", `{"op":"add","path":"title","value":"A"},{"op":"add","path":"title","value":"B"}`, `{"title":"B"}`},
		{"PATCH-28 complex is merged", `{"op":"add","path":"name","value":{"givenName":"x"}}`, `{"name":{"familyName":"Jensen","givenName":"x"}}`},
		{"PATCH-29 multi-valued is appended", `{"op":"add","path":"emails","value":[{"value":"c"},{"value":"d"}]}`, `{"emails":[` + work + `,` + home + `,{"value":"c"},{"value":"d"}]}`},
		{"PATCH-30 value already there", `{"op":"add","path":"emails","value":[{"value":"B@HOME","type":"Home"}]}`, ``},
		{"PATCH-30 value already there, without its type", `{"op":"add","path":"emails","value":[{"value":"b@work"}]}`, ``},
		{"PATCH-30 the same twice in one value", `{"op":"add","path":"emails","value":[{"value":"c"},{"value":"c"}]}`, `{"emails":[` + work + `,` + home + `,{"value":"c"}]}`},
		{"PATCH-30 primary false is no primary", `{"op":"add","path":"emails","value":{"value":"b@home","type":"home","primary":false}}`, ``},
		{"PATCH-30 what else it says is written", `{"op":"add","path":"emails","value":{"value":"b@home","type":"home","display":"H"}}`, `{"emails":[` + work + `,{"value":"b@home","display":"H","type":"home"}]}`},
		{"PATCH-30 address without value", `{"op":"add","path":"addresses","value":` + adrNY + `}`, ``},
		{"SCH-23 same value with another type stays apart", `{"op":"add","path":"emails","value":{"value":"b@work","type":"other"}}`, `{"emails":[` + work + `,` + home + `,{"value":"b@work","type":"other"}]}`},
		{"PATCH-18 primary is handed over", `{"op":"add","path":"emails","value":{"value":"c","primary":true}}`, `{"emails":[` + work2 + `,` + home + `,{"value":"c","primary":true}]}`},
		{"PATCH-18 primary of a value already there", `{"op":"add","path":"emails","value":{"value":"b@home","type":"home","primary":true}}`,
			`{"emails":[` + work2 + `,{"value":"b@home","type":"home","primary":true}]}`},
		{"PATCH-13 extension attribute", `{"op":"add","path":"ENT:employeeNumber","value":"7"}`, `{"ENT":{"employeeNumber":"7",` + entAll + `}}`},
		{"PATCH-13 schemas grows", `{"op":"remove","path":"ENT"},{"op":"add","path":"ENT:employeeNumber","value":"7"}`, `{"ENT":{"employeeNumber":"7"}}`},
		{"PATCH-A03 whole extension", `{"op":"add","path":"ENT","value":{"employeeNumber":"7","manager":{"value":"m2"}}}`, `{"ENT":{"employeeNumber":"7","department":"R","manager":{"value":"m2"}}}`},
		{"PATCH-A08 one object instead of an array", `{"op":"add","path":"emails","value":{"value":"c"}}`, `{"emails":[` + work + `,` + home + `,{"value":"c"}]}`},
		{"PATCH-A09 match sets the sub-attribute", `{"op":"add","path":"emails[type eq \"work\"].value","value":"n@work"}`, `{"emails":[{"value":"n@work","type":"work","primary":true},` + home + `]}`},
		{"PATCH-A09 no match creates", `{"op":"add","path":"phoneNumbers[type eq \"work\" and primary eq true].value","value":"1"}`, `{"phoneNumbers":[{"value":"1","type":"work","primary":true}]}`},
		{"PATCH-A09 element from terms and value", `{"op":"add","path":"emails[type eq \"other\"]","value":{"value":"o"}}`, `{"emails":[` + work + `,` + home + `,{"value":"o","type":"other"}]}`},
		{"PATCH-A09 created primary is handed over", `{"op":"add","path":"emails[value eq \"c\" and primary eq true].type","value":"other"}`,
			`{"emails":[` + work2 + `,` + home + `,{"value":"c","type":"other","primary":true}]}`},
		{"add to a matching element merges", `{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"H"}}`, `{"emails":[` + work + `,{"value":"b@home","display":"H","type":"home"}]}`},
		{"PATCH-15 add, then remove", `{"op":"add","path":"emails","value":{"value":"c"}},{"op":"remove","path":"emails[value eq \"c\"]"}`, ``},
		{"PATCH-47 add null to a singular", `{"op":"add","path":"title","value":null}`, `{"title":null}`},
		{"PATCH-47 add [] adds nothing", `{"op":"add","path":"emails","value":[]}`, ``},
		{"idp-33 path-less add of a singular", `{"op":"add","value":{"active":false}}`, `{"active":false}`},
		{"multi.sub with no element creates one", `{"op":"add","path":"phoneNumbers.value","value":"1"}`, `{"phoneNumbers":[{"value":"1"}]}`},
	})
	for _, d := range []Dialect{Lenient(), Strict()} {
		fails(t, d, "PATCH-24 value missing", `{"op":"add","path":"title"}`, InvalidValue, "operation 1 (add title)", "value is missing")
		fails(t, d, "PATCH-A09 not from another operator", `{"op":"add","path":"emails[type ne \"work\" and value co \"z\"].value","value":"x"}`, NoTarget)
		fails(t, d, "PATCH-A09 not when the value contradicts", `{"op":"add","path":"emails[type eq \"x\"]","value":{"value":"v","type":"y"}}`, NoTarget)
		fails(t, d, "PATCH-A06 two primaries", `{"op":"add","path":"emails","value":[{"value":"x","primary":true},{"value":"y","primary":true}]}`, InvalidValue, "primary")
	}
}

func TestPatchRemove(t *testing.T) {
	checkPatches(t, Lenient(), []patchCase{
		{"PATCH-33 singular", `{"op":"remove","path":"title"}`, `{"title":null}`},
		{"PATCH-33 sub-attribute", `{"op":"remove","path":"name.givenName"}`, `{"name":{"familyName":"Jensen"}}`},
		{"PATCH-33 complex", `{"op":"remove","path":"name"}`, `{"name":null}`},
		{"PATCH-33 absent", `{"op":"remove","path":"nickName"}`, ``},
		{"PATCH-34 all values", `{"op":"remove","path":"emails"}`, `{"emails":null}`},
		{"PATCH-35 matching elements", `{"op":"remove","path":"emails[type eq \"home\"]"}`, `{"emails":[` + work + `]}`},
		{"PATCH-35 several", `{"op":"remove","path":"addresses[type eq \"work\"]"}`, `{"addresses":[` + adrTX + `]}`},
		{"PATCH-36 sub-attribute in all matches", `{"op":"remove","path":"addresses[type eq \"work\"].region"}`, `{"addresses":[{"type":"work","locality":"LA"},{"type":"work"},` + adrTX + `]}`},
		{"PATCH-36 multi.sub", `{"op":"remove","path":"addresses.region"}`, `{"addresses":[{"type":"work","locality":"LA"},{"type":"work"},{"type":"home"}]}`},
		{"PATCH-36 an element left empty goes", `{"op":"replace","path":"emails","value":[{"value":"x"},{"value":"y","type":"z"}]},{"op":"remove","path":"emails.value"}`, `{"emails":[{"type":"z"}]}`},
		{"PATCH-37 last element", `{"op":"remove","path":"emails[value pr]"}`, `{"emails":null}`},
		{"PATCH-37 last sub-attribute", `{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}`, `{"name":null}`},
		{"PATCH-39 no match", `{"op":"remove","path":"emails[type eq \"zz\"]"},{"op":"remove","path":"phoneNumbers[type eq \"zz\"].value"}`, ``},
		{"PATCH-A03 whole extension", `{"op":"remove","path":"ENT"}`, `{` + noEnt + `}`},
		{"PATCH-A05 last extension attribute", `{"op":"remove","path":"ENT:department"},{"op":"remove","path":"ENT:manager"}`, `{` + noEnt + `}`},
		{"PATCH-A10 listed values only", `{"op":"remove","path":"emails","value":[{"value":"B@work"}]}`, `{"emails":[` + home + `]}`},
		{"PATCH-A10 type must agree when listed", `{"op":"remove","path":"emails","value":[{"value":"b@work","type":"home"}]}`, ``},
		{"PATCH-A10 elements without value", `{"op":"remove","path":"addresses","value":[` + adrNY + `]}`, `{"addresses":[` + adrCA + `,` + adrTX + `]}`},
		{"PATCH-A10 bare values", `{"op":"remove","path":"emails","value":["b@home"]}`, `{"emails":[` + work + `]}`},
		{"a null value is no value", `{"op":"remove","path":"title","value":null}`, `{"title":null}`},
		{"the value of a singular is not looked at", `{"op":"remove","path":"title","value":"other"}`, `{"title":null}`},
		{"a filter says enough", `{"op":"remove","path":"emails[type eq \"home\"]","value":[{"value":"b@work"}]}`, `{"emails":[` + work + `]}`},
	})
	for _, d := range []Dialect{Lenient(), Strict()} {
		missing := NoTarget
		if !d.PathlessPatch {
			missing = InvalidSyntax // EXT-A06: the interop profile has one answer for all operations
		}
		fails(t, d, "PATCH-32 without path", `{"op":"remove"}`, missing, "operation 1 (remove)", "path")
		fails(t, d, "PATCH-32 null path", `{"op":"remove","path":null,"value":{"title":"x"}}`, missing)
		fails(t, d, "PATCH-38 required", `{"op":"remove","path":"userName"}`, Mutable, "userName is required")
		fails(t, d, "PATCH-38 by null", `{"op":"replace","path":"userName","value":null}`, Mutable)
		fails(t, d, "PATCH-A10 empty list", `{"op":"remove","path":"emails","value":[]}`, InvalidValue)
		fails(t, d, "PATCH-A10 unparsable list", `{"op":"remove","path":"emails","value":[7]}`, InvalidValue)
		fails(t, d, "PATCH-A10 list of nothing", `{"op":"remove","path":"emails","value":[null,{}]}`, InvalidValue)
		fails(t, d, "PATCH-A10 value with a sub-attribute", `{"op":"remove","path":"emails.value","value":["x"]}`, InvalidValue)
	}
	fails(t, Strict(), "PATCH-A10 strict: no value", `{"op":"remove","path":"emails","value":[{"value":"b@work"}]}`, InvalidValue, "choose elements in the path")
}

func TestPatchReplace(t *testing.T) {
	checkPatches(t, Lenient(), []patchCase{
		{"PATCH-40 without path", `{"op":"replace","value":{"active":false,"emails":[{"value":"n"}]}}`, `{"active":false,"emails":[{"value":"n"}]}`},
		{"PATCH-41 singular", `{"op":"replace","path":"title","value":"X"}`, `{"title":"X"}`},
		{"PATCH-41 entire list", `{"op":"replace","path":"emails","value":[{"value":"n"},{"value":"m"},{"value":"N"}]}`, `{"emails":[{"value":"n"},{"value":"m"}]}`},
		{"PATCH-42 absent attribute", `{"op":"replace","path":"nickName","value":"B"}`, `{"nickName":"B"}`},
		{"PATCH-42 absent sub-attribute", `{"op":"replace","path":"name.middleName","value":"Q"}`, `{"name":{"familyName":"Jensen","givenName":"Bob","middleName":"Q"}}`},
		{"PATCH-43 complex keeps the others", `{"op":"replace","path":"name","value":{"givenName":"x"}}`, `{"name":{"familyName":"Jensen","givenName":"x"}}`},
		{"PATCH-43 null inside unassigns one", `{"op":"replace","path":"name","value":{"givenName":null}}`, `{"name":{"familyName":"Jensen"}}`},
		{"PATCH-43 {} names nothing", `{"op":"replace","path":"name","value":{}}`, ``},
		{"PATCH-44 whole element", `{"op":"replace","path":"addresses[type eq \"home\"]","value":{"type":"home","country":"US"}}`, `{"addresses":[` + adrCA + `,` + adrNY + `,{"type":"home","country":"US"}]}`},
		{"PATCH-44 every match becomes one value", `{"op":"replace","path":"addresses[type eq \"work\"]","value":[{"type":"work","country":"US"}]}`, `{"addresses":[{"type":"work","country":"US"},` + adrTX + `]}`},
		{"PATCH-45 sub-attribute in every match", `{"op":"replace","path":"addresses[type eq \"work\"].region","value":"WA"}`,
			`{"addresses":[{"type":"work","region":"WA","locality":"LA"},{"type":"work","region":"WA"},` + adrTX + `]}`},
		{"multi.sub in every element", `{"op":"replace","path":"addresses.country","value":"US"}`,
			`{"addresses":[{"type":"work","region":"CA","locality":"LA","country":"US"},{"type":"work","region":"NY","country":"US"},{"type":"home","region":"TX","country":"US"}]}`},
		{"PATCH-47 null", `{"op":"replace","path":"title","value":null}`, `{"title":null}`},
		{"PATCH-47 []", `{"op":"replace","path":"emails","value":[]}`, `{"emails":null}`},
		{"PATCH-47 null in a path-less value", `{"op":"replace","value":{"title":null,"emails":[],"ENT":null}}`, `{"title":null,"emails":null,` + noEnt + `}`},
		{"PATCH-47 null element", `{"op":"replace","path":"emails[type eq \"home\"]","value":null}`, `{"emails":[` + work + `]}`},
		{"PATCH-47 null sub-attribute, no match", `{"op":"replace","path":"phoneNumbers[type eq \"home\"].value","value":null}`, ``},
		{"PATCH-18 primary by filter", `{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}`, `{"emails":[` + work2 + `,{"value":"b@home","type":"home","primary":true}]}`},
		{"PATCH-18 primary by whole element", `{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"h","primary":true}}`, `{"emails":[` + work2 + `,{"value":"h","primary":true}]}`},
		{"PATCH-09 URN and value filter", `{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"home\"].display","value":"H"}`, `{"emails":[` + work + `,{"value":"b@home","display":"H","type":"home"}]}`},
		{"PATCH-A03 whole extension", `{"op":"replace","path":"ENT","value":{"department":"S"}}`, `{"ENT":{"department":"S","manager":{"value":"m1"}}}`},
		{"PATCH-A03 core URN is the resource", `{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{"title":"X"}}`, `{"title":"X"}`},
		{"PATCH-A01 any case", `{"OP":"RePlace","Path":"TITLE","VALUE":"X"}`, `{"title":"X"}`},
		{"PATCH-A11 dotted and URN keys", `{"op":"replace","value":{"name.givenName":"x","ENT:department":"S","emails[type eq \"home\"].value":"h"}}`,
			`{"name":{"familyName":"Jensen","givenName":"x"},"emails":[` + work + `,{"value":"h","type":"home"}],"ENT":{"department":"S","manager":{"value":"m1"}}}`},
		{"PATCH-A11 dotted key in an extension", `{"op":"replace","value":{"ENT":{"manager.value":"m2"}}}`, `{"ENT":{"department":"R","manager":{"value":"m2"}}}`},
		{"PATCH-A12 boolean strings", `{"op":"Replace","path":"active","value":"False"}`, `{"active":false}`},
		{"PATCH-A02 unknown attribute is left out", `{"op":"replace","path":"foo","value":"x"},{"op":"remove","path":"emails.foo"},{"op":"replace","path":"title","value":"X"}`, `{"title":"X"}`},
		{"null path is no path", `{"op":"replace","path":null,"value":{"title":"X"}}`, `{"title":"X"}`},
		{"unknown members of an operation", `{"op":"replace","name":"n","path":"title","value":"X"}`, `{"title":"X"}`},
	})
	for _, d := range []Dialect{Lenient(), Strict()} {
		fails(t, d, "PATCH-46 no match", `{"op":"replace","path":"addresses[type ne \"work\" and region eq \"zz\"]","value":{"region":"x"}}`, NoTarget, "addresses")
		fails(t, d, "PATCH-46 the old value is not there", `{"op":"replace","path":"emails[value eq \"zz\"].value","value":"x"}`, NoTarget)
		fails(t, d, "PATCH-12 wrong type", `{"op":"replace","path":"active","value":{}}`, InvalidValue, "active")
		fails(t, d, "PATCH-12 wrong structure", `{"op":"replace","path":"name","value":7}`, InvalidValue, "name")
		fails(t, d, "PATCH-12 two elements for one path", `{"op":"replace","path":"emails[type eq \"home\"]","value":[{"value":"a"},{"value":"b"}]}`, InvalidValue)
		fails(t, d, "PATCH-A06 two primaries", `{"op":"replace","path":"emails","value":[{"value":"x","primary":true},{"value":"y","primary":true}]}`, InvalidValue)
		fails(t, d, "PATCH-A06 two matches made primary", `{"op":"replace","path":"emails[value pr].primary","value":true}`, InvalidValue, "2 elements")
		fails(t, d, "PATCH-17 the failing operation is named", `{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"emails[type zz 1]","value":"x"}`, InvalidFilter, `operation 2 (replace emails[type zz 1])`)
	}
	fails(t, Lenient(), "section 4 row 2: no boolean word", `{"op":"replace","path":"active","value":"yes"}`, InvalidValue)
	fails(t, Lenient(), "section 4 row 4: a key that does not parse", `{"op":"replace","value":{"a..b":1}}`, InvalidPath)
	fails(t, Lenient(), "no object without a path", `{"op":"replace","value":"x"}`, InvalidValue)
}

func TestPatchUpsert(t *testing.T) {
	created := `{"phoneNumbers":[{"value":"1","type":"work"}]}`
	checkPatches(t, Lenient(), []patchCase{
		{"section 4 row 7, idp-4 replace creates", `{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"1"}`, created},
		{"idp-4 never twice", `{"op":"Add","path":"phoneNumbers[type eq \"work\"].value","value":"0"},{"op":"Replace","path":"phoneNumbers[type eq \"work\"].value","value":"1"}`, created},
		{"idp-5 boolean term", `{"op":"add","path":"roles[primary eq \"True\"].value","value":"admin"}`, `{"roles":[{"value":"admin","primary":true}]}`},
		{"PATCH-46 lenient: whole element", `{"op":"replace","path":"phoneNumbers[type eq \"work\"]","value":{"value":"1"}}`, created},
	})
	for _, op := range []string{`phoneNumbers[type eq \"work\"].value`, `emails[type eq \"zz\"].display`} {
		fails(t, Strict(), "PATCH-46 strict "+op, `{"op":"replace","path":"`+op+`","value":"1"}`, NoTarget)
	}
	user, _ := stockTypes(t)
	p := patchTest{t: user, d: Lenient()}
	_, err := p.run(t, base, `{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"1"}`)
	require.NoError(t, err)
	require.True(t, p.noted(NoteUpsert))
}

func TestPatchStrict(t *testing.T) {
	checkPatches(t, Strict(), []patchCase{
		{"PATCH-43 interop: the whole object", `{"op":"replace","path":"name","value":{"givenName":"x"}}`, `{"name":{"givenName":"x"}}`},
		{"PATCH-28 add merges all the same", `{"op":"add","path":"name","value":{"givenName":"x"}}`, `{"name":{"familyName":"Jensen","givenName":"x"}}`},
		{"PATCH-A03 interop: the whole extension", `{"op":"replace","path":"ENT","value":{"department":"S"}}`, `{"ENT":{"department":"S"}}`},
	})
	fails(t, Strict(), "section 4 row 5 without path", `{"op":"replace","value":{"active":false}}`, InvalidSyntax)
	fails(t, Strict(), "PATCH-A02 unknown attribute", `{"op":"replace","path":"foo","value":1}`, InvalidPath, `"foo"`)
	fails(t, Strict(), "PATCH-A02 unknown sub-attribute", `{"op":"replace","path":"name","value":{"foo":1}}`, InvalidSyntax, "name.foo")
	fails(t, Strict(), "PATCH-12 a string for an array", `{"op":"replace","path":"emails","value":"x"}`, InvalidValue)
	fails(t, Strict(), "PATCH-A12 boolean string", `{"op":"replace","path":"active","value":"False"}`, InvalidValue)
	fails(t, Strict(), "unknown member", `{"op":"replace","path":"title","value":"x","foo":1}`, InvalidSyntax, `"foo"`)
}

func TestPatchMutability(t *testing.T) {
	checkPatches(t, Lenient(), []patchCase{
		{"PATCH-A04 idp-21 equal id", `{"op":"replace","value":{"id":"id-1","displayName":"x"}},{"op":"replace","path":"id","value":"id-1"}`, `{"displayName":"x"}`},
		{"idp-39 echoed readOnly values", `{"op":"replace","value":{"schemas":["` + UserSchema + `"],"id":"id-1","externalId":"e","meta":{"created":"x"},"groups":[{"value":"g"}],"ENT":{"manager":{"value":"m1","displayName":"Boss"}}}}`, `{"externalId":"e"}`},
		{"PATCH-14 schemas of a path-less value describe it", `{"op":"replace","value":{"schemas":["` + UserSchema + `"],"title":"X"}}`, `{"title":"X"}`},
		{"PATCH-14 add schemas, then the attribute", `{"op":"add","path":"schemas","value":["ENT"]},{"op":"add","path":"ENT:division","value":"D"}`, `{"ENT":{"division":"D",` + entAll + `}}`},
		{"PATCH-14 remove from schemas", `{"op":"remove","path":"schemas[value eq \"ENT\"]"}`, `{` + noEnt + `}`},
		{"PATCH-14 remove from schemas by list", `{"op":"remove","path":"schemas","value":["ENT"]}`, `{` + noEnt + `}`},
		{"PATCH-14 replace schemas", `{"op":"replace","path":"schemas","value":["` + UserSchema + `"]},{"op":"add","path":"ENT:division","value":"D"}`, `{"ENT":{"division":"D"}}`},
		{"RES-A02 password is dropped", `{"op":"replace","path":"password","value":"s3cret"},{"op":"replace","value":{"password":"s3cret"}}`, ``},
	})
	for _, d := range []Dialect{Lenient(), Strict()} {
		for _, path := range []string{"id", "meta", "meta.created", "groups", `groups[value eq \"g\"]`, "ENT:manager.displayName"} {
			value := `"x"`
			if path == "meta.created" {
				value = `"2026-01-01T00:00:00Z"`
			}
			fails(t, d, "PATCH-10 RES-08 RES-17 replace "+path, `{"op":"replace","path":"`+path+`","value":`+value+`}`, Mutable, "readOnly")
			fails(t, d, "PATCH-10 remove "+path, `{"op":"remove","path":"`+path+`"}`, Mutable, "readOnly")
		}
		fails(t, d, "PATCH-14 the base schema stays", `{"op":"remove","path":"schemas"}`, Mutable, UserSchema)
		fails(t, d, "PATCH-14 replaced without the base schema", `{"op":"replace","path":"schemas","value":["ENT"]}`, Mutable)
	}
	fails(t, Lenient(), "section 4 row 6: another id", `{"op":"replace","value":{"id":"id-2"}}`, Mutable, "id is readOnly")
	fails(t, Lenient(), "a null id", `{"op":"replace","value":{"id":null}}`, Mutable)
}

func TestPATCH11_Immutable(t *testing.T) {
	device := customType(t)
	const start = `{"serial":"S1","ports":[1,2],"owner":{"value":"o","since":"2026"},"urn:example:ext:Site":{"room":"r"}}`
	run := func(ops string) (string, error) {
		p := patchTest{t: device, d: Lenient()}
		return p.run(t, start, ops)
	}
	for _, ops := range []string{
		`{"op":"replace","path":"serial","value":"S1"}`,
		`{"op":"add","path":"ports","value":[2,1]}`,
		`{"op":"replace","path":"ports","value":[1,2]}`,
		`{"op":"replace","path":"owner.since","value":"2026"}`,
		`{"op":"remove","path":"ports[value eq 9]"}`,
	} {
		got, err := run(ops)
		require.NoError(t, err, ops)
		require.Equal(t, string(parsed(t, device, start).AppendStored(nil)), got, ops)
	}
	got, err := run(`{"op":"add","path":"model","value":"M"},{"op":"replace","path":"model","value":"M"}`)
	require.NoError(t, err, "an empty one may be set")
	require.Contains(t, got, `"model":"M"`)
	for _, ops := range []string{
		`{"op":"replace","path":"serial","value":"S2"}`, `{"op":"remove","path":"serial"}`,
		`{"op":"add","path":"ports","value":3}`, `{"op":"replace","path":"ports","value":[2,1]}`, `{"op":"remove","path":"ports"}`, `{"op":"remove","path":"ports[value eq 1]"}`,
		`{"op":"replace","path":"owner.since","value":"2027"}`, `{"op":"remove","path":"owner.since"}`, `{"op":"remove","path":"owner"}`,
		`{"op":"add","path":"owner","value":{"since":"2027"}}`, `{"op":"remove","path":"owner.value"}`,
		`{"op":"remove","path":"urn:example:ext:Site"}`,
	} {
		_, err := run(ops)
		refused(t, err, Mutable)
	}
}

func TestPatchBody(t *testing.T) {
	user, _ := stockTypes(t)
	many := strings.Repeat(`{"op":"add","path":"title","value":"x"},`, 1001)
	tests := []struct {
		name, body string
		typ        ErrorType
	}{
		{"PATCH-02 other URN", `{"schemas":["urn:x"],"Operations":[{"op":"remove","path":"title"}]}`, InvalidSyntax},
		{"PATCH-02 empty schemas", `{"schemas":[],"Operations":[{"op":"remove","path":"title"}]}`, InvalidSyntax},
		{"PATCH-03 missing", `{"schemas":["` + PatchSchema + `"]}`, InvalidSyntax},
		{"PATCH-03 empty", string(patchBody(``)), InvalidSyntax},
		{"PATCH-03 a string", `{"schemas":["` + PatchSchema + `"],"Operations":"x"}`, InvalidSyntax},
		{"PATCH-04 unknown op", string(patchBody(`{"op":"move","path":"title"}`)), InvalidSyntax},
		{"PATCH-04 no op", string(patchBody(`{"path":"title","value":"x"}`)), InvalidSyntax},
		{"PATCH-04 op is no string", string(patchBody(`{"op":1}`)), InvalidSyntax},
		{"PATCH-04 no object", string(patchBody(`"add"`)), InvalidSyntax},
		{"path is no string", string(patchBody(`{"op":"add","path":7,"value":"x"}`)), InvalidPath},
		{"PATCH-A14 too many operations", string(patchBody(strings.TrimSuffix(many, ","))), InvalidValue},
		{"a path over 1 KB", string(patchBody(`{"op":"remove","path":"` + strings.Repeat("a", 1025) + `"}`)), InvalidPath},
		{"duplicate names by case", string(patchBody(`{"op":"add","OP":"remove","path":"title"}`)), InvalidSyntax},
		{"no JSON", `{"schemas":`, InvalidSyntax},
		{"no object", `[]`, InvalidSyntax},
		{"empty body", ``, InvalidSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, d := range []Dialect{Lenient(), Strict()} {
				_, err := ParsePatch(user, []byte(tt.body), d, nil)
				refused(t, err, tt.typ)
			}
		})
	}
	t.Run("section 4 row 12 schemas inferred", func(t *testing.T) {
		body := []byte(`{"operations":[{"op":"remove","path":"title"}],"foo":1}`)
		var notes Notes
		_, err := ParsePatch(user, body, Lenient(), &notes)
		require.NoError(t, err)
		require.Equal(t, Notes{{NoteSchemasInferred, "schemas"}, {NoteUnknownAttribute, "foo"}}, notes)
		_, err = ParsePatch(user, body, Strict(), nil)
		refused(t, err, InvalidSyntax)
	})
	t.Run("PATCH-A14 1,000 operations", func(t *testing.T) {
		ops := strings.Repeat(`,{"op":"add","path":"title","value":"x"}`, 1000)[1:]
		_, err := ParsePatch(user, patchBody(ops), Strict(), nil)
		require.NoError(t, err)
	})
}

// TestPATCH31_NoOp patches with what is there: the stored bytes stay the same,
// which is how the caller knows that nothing changed.
func TestPATCH31_NoOp(t *testing.T) {
	checkPatches(t, Lenient(), []patchCase{
		{"PATCH-31 everything again", `{"op":"replace","value":` + base + `}`, ``},
		{"PATCH-31 added again", `{"op":"add","value":` + base + `}`, ``},
	})
}

func TestPatchIsImmutable(t *testing.T) {
	user, _ := stockTypes(t)
	ops := ent(`{"op":"add","path":"emails","value":{"value":"c","primary":true}},{"op":"replace","path":"ENT","value":{"department":"S"}},
		{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"1"}`)
	patch, err := ParsePatch(user, patchBody(ops), Lenient(), nil)
	require.NoError(t, err)
	results := make(chan string)
	for range 8 {
		go func() {
			doc := parsed(t, user, base)
			err := patch.Apply(Target{Doc: doc, Dialect: Lenient()})
			results <- fmt.Sprint(err, string(doc.AppendStored(nil)))
		}()
	}
	first := <-results
	for range 7 {
		require.Equal(t, first, <-results)
	}
}
