package scimcore

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func exampleFile(tb testing.TB) []byte {
	tb.Helper()
	file, err := os.ReadFile("../configs/examples/schema.json")
	require.NoError(tb, err)
	return file
}

func mustParseFile(tb testing.TB, file string) *Declaration {
	tb.Helper()
	d, err := ParseSchemaFile([]byte(file))
	require.NoError(tb, err)
	return d
}

// thing is a schema file with one custom type; attrs stand in its schema, rest
// replaces the other members.
func thing(attrs string) string {
	return `{"schemas":[{"id":"urn:x:y:Thing","name":"Thing","attributes":[` + attrs + `]}],
		"resourceTypes":[{"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing"}]}`
}

func TestSchemaFile_TheExampleIsSound(t *testing.T) {
	d, err := ParseSchemaFile(exampleFile(t))
	require.NoError(t, err)
	cat, err := d.Catalog()
	require.NoError(t, err)
	require.Len(t, cat.Types(), 6)
	user := cat.Type("User")
	require.Nil(t, user.Root.Sub("password"))
	require.Nil(t, user.Root.Sub("name").Sub("middleName"))
	require.NotNil(t, user.Root.Sub("urn:example:params:scim:schemas:extension:acme:2.0:User").Sub("badge"))
	t.Run("written back it declares the same", func(t *testing.T) {
		again, err := ParseSchemaFile(d.AppendFile(nil))
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}

func TestSchemaFile_Defaults(t *testing.T) {
	t.Run("SCH-04 only a name", func(t *testing.T) {
		d := mustParseFile(t, thing(`{"name":"a"}`))
		require.Equal(t, Attribute{Name: "a"}, d.Schemas[0].Attributes[0])
	})
	t.Run("SCH-15 SCH-17 case by type", func(t *testing.T) {
		d := mustParseFile(t, thing(`{"name":"a","type":"binary"},{"name":"b","type":"reference"},{"name":"c","type":"boolean","caseExact":true}`))
		require.True(t, d.Schemas[0].Attributes[0].CaseExact)
		require.True(t, d.Schemas[0].Attributes[1].CaseExact)
		require.False(t, d.Schemas[0].Attributes[2].CaseExact)
	})
	t.Run("global is server", func(t *testing.T) {
		d := mustParseFile(t, thing(`{"name":"a","uniqueness":"global"}`))
		require.Equal(t, UniquenessServer, d.Schemas[0].Attributes[0].Uniqueness)
	})
}

// TestSchemaFile_Refuses: each fault is found by its own words, with where it is
// and what to do.
func TestSchemaFile_Refuses(t *testing.T) {
	schema := func(id string) string {
		return `{"schemas":[{"id":"` + id + `","name":"N","attributes":[{"name":"a"}]}],"resourceTypes":[{"name":"Thing","endpoint":"/Things","schema":"` + id + `"}]}`
	}
	typ := func(members string) string {
		return `{"schemas":[{"id":"urn:x:y:Thing","name":"Thing","attributes":[{"name":"a"}]}],"resourceTypes":[{` + members + `}]}`
	}
	off := func(name string) string { return `{"attributesOff":["` + name + `"]}` }
	unique := func(name string) string { return `{"attributesUnique":["` + name + `"]}` }
	filterable := func(name string) string { return `{"attributesFilterable":["` + name + `"]}` }
	for _, tt := range []struct{ name, file, words string }{
		{"SCH-01 digit first", thing(`{"name":"1abc"}`), "attribute 1abc: a name is a letter followed by"},
		{"SCH-01 dot", thing(`{"name":"a.b"}`), "attribute a.b: a name is a letter followed by"},
		{"SCH-01 no name", thing(`{"type":"string"}`), "an attribute without a name: a name is"},
		{"SCH-20 complex in complex", thing(`{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex"}]}`), "attribute a.b: a part of an attribute cannot be complex"},
		{"SCH-20 parts in parts", thing(`{"name":"a","type":"complex","subAttributes":[{"name":"b","subAttributes":[{"name":"c"}]}]}`), "attribute a.b: it is part of a and has parts itself"},
		{"complex without parts", thing(`{"name":"a","type":"complex"}`), "it is complex and has no parts"},
		{"parts of a string", thing(`{"name":"a","subAttributes":[{"name":"b"}]}`), "it has parts and is not complex"},
		{"unknown type", thing(`{"name":"a","type":"text"}`), `type is "text"; write one of string, boolean`},
		{"unknown member", thing(`{"name":"a","colour":"red"}`), `the member "colour" is not known; remove it, or use one of canonicalValues`},
		{"retired is ours to say", thing(`{"name":"a","retired":true}`), `the member "retired" is not known`},
		{"flag as text", thing(`{"name":"a","required":"yes"}`), "required is a string; write true or false"},
		{"attribute twice", thing(`{"name":"a"},{"name":"A"}`), "attribute A: it is declared twice"},
		{"a common attribute", thing(`{"name":"Id"}`), "attribute Id: every resource has it"},
		{"writeOnly that is returned", thing(`{"name":"a","mutability":"writeOnly"}`), "it is writeOnly, so it cannot be returned"},
		{"unique flag", thing(`{"name":"a","type":"boolean","uniqueness":"server"}`), "a boolean cannot be unique"},
		{"filterable secret", thing(`{"name":"a","returned":"never","filterable":true}`), "cannot be looked up"},
		{"no attributes", thing(``), "it has no attributes"},
		{"name too long", thing(`{"name":"` + strings.Repeat("a", 65) + `"}`), "name has 65 bytes, at most 64"},
		{"too many values", thing(`{"name":"a","canonicalValues":[` + strings.Repeat(`"x",`, 200) + `"x"]}`), "canonicalValues has more than 200 entries"},
		{"id is no URN", schema("Thing"), "the id is not a URN"},
		{"id with a blank", schema("urn:x:y z"), "the id is not a URN"},
		{"id is built in", schema("urn:ietf:params:scim:schemas:core:2.0:USER"), "it is built in and cannot be declared anew"},
		{"id of a message", schema("urn:ietf:params:scim:api:messages:2.0:Thing"), "is one of SCIM's messages"},
		{"id of a built-in attribute", schema(strings.ToUpper(UserSchema) + ":NAME"), "the id is the full name of the attribute " + UserSchema + ":name"},
		{"id of a part", schema(EnterpriseSchema + ":manager.value"), "or begins like it"},
		{"id of an attribute of the file", `{"schemas":[{"id":"urn:x:y:A","name":"A","attributes":[{"name":"b"}]},{"id":"urn:x:y:A:b:c","name":"B","attributes":[{"name":"c"}]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:A"},{"schema":"urn:x:y:A:b:c"}]}]}`, "full name of the attribute urn:x:y:A:b"},
		{"schema twice", `{"schemas":[{"id":"urn:x:y:A","name":"A","attributes":[{"name":"a"}]},{"id":"URN:x:y:a","name":"A","attributes":[{"name":"a"}]}]}`, "it is declared twice"},
		{"schema unused", `{"schemas":[{"id":"urn:x:y:A","name":"A","attributes":[{"name":"a"}]}]}`, "no resource type uses it"},
		{"type name", typ(`"name":"My Thing","endpoint":"/Things","schema":"urn:x:y:Thing"`), "a name is a letter followed by letters"},
		{"reserved type name", typ(`"name":"membership","endpoint":"/Things","schema":"urn:x:y:Thing"`), "the server speaks of something else"},
		{"no endpoint", typ(`"name":"Thing","schema":"urn:x:y:Thing"`), "it has no endpoint"},
		{"no slash", typ(`"name":"Thing","endpoint":"Things","schema":"urn:x:y:Thing"`), "has no slash in front"},
		{"two segments", typ(`"name":"Thing","endpoint":"/My/Things","schema":"urn:x:y:Thing"`), "write a slash and one segment"},
		{"an unknown schema", typ(`"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Other"`), `its schema "urn:x:y:Other" is not declared`},
		{"an unknown extension", typ(`"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing","schemaExtensions":[{"schema":"urn:x:y:Other"}]`), `the extension "urn:x:y:Other" is not declared`},
		{"extends itself", typ(`"name":"Thing","endpoint":"/Things","schema":"urn:x:y:Thing","schemaExtensions":[{"schema":"urn:x:y:Thing"}]`), "cannot extend it as well"},
		{"a built-in type moved", typ(`"name":"User","endpoint":"/People","schemaExtensions":[{"schema":"urn:x:y:Thing"}]`), `its endpoint is "Users"`},
		{"enterprise required", typ(`"name":"User","schemaExtensions":[{"schema":"urn:x:y:Thing"},{"schema":"` + EnterpriseSchema + `","required":true}]`), "is optional"},
		{"off: nobody's", off("urn:x:y"), "there is no such built-in attribute"},
		{"off: without URN", off("addresses"), "there is no such built-in attribute"},
		{"off: required", off(UserSchema + ":userName"), "it is required"},
		{"off: common", off(UserSchema + ":id"), "every resource has it"},
		{"off: members", off(GroupSchema + ":members"), "the server keeps it up itself"},
		{"off: a part of groups", off(UserSchema + ":groups.display"), "the server keeps it up itself"},
		{"unique: nobody's", unique(UserSchema + ":nope"), "attributesUnique, " + UserSchema + ":nope: there is no such built-in attribute"},
		{"unique: common", unique(UserSchema + ":externalId"), "how it is looked up is the server's"},
		{"unique: complex", unique(UserSchema + ":name"), "it has several parts"},
		{"unique: a flag", unique(UserSchema + ":active"), "a boolean cannot be unique"},
		{"unique: it is so", unique(UserSchema + ":userName"), "it is unique, and so indexed, as it is"},
		{"filterable: members", filterable(GroupSchema + ":members.display"), "looked up by their ids already"},
		{"filterable: a secret", filterable(UserSchema + ":password"), "what is never returned cannot be looked up"},
		{"no object", `[]`, "it is an array"},
		{"no JSON", `{"schemas":`, "cut off"},
		{"names twice", `{"schemas":[],"Schemas":[]}`, "appears twice"},
		{"too large", `{"schemas":"` + strings.Repeat("a", MaxSchemaFile) + `"}`, "keep it below"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseSchemaFile([]byte(tt.file))
			require.ErrorContains(t, err, tt.words)
		})
	}
	for _, endpoint := range append(reservedEndpoints(), "v2", "v1.1", "users") {
		t.Run("endpoint "+endpoint, func(t *testing.T) {
			_, err := ParseSchemaFile([]byte(typ(`"name":"Thing","endpoint":"/` + endpoint + `","schema":"urn:x:y:Thing"`)))
			require.ErrorContains(t, err, "leads elsewhere already")
		})
	}
	t.Run("all problems at once", func(t *testing.T) {
		_, err := ParseSchemaFile([]byte(thing(`{"name":"1a"},{"name":"b","type":"complex"},{"name":"c","type":"boolean","uniqueness":"server"}`)))
		require.Len(t, err, 3)
	})
	t.Run("but not without end", func(t *testing.T) {
		var b strings.Builder
		for i := range 900 {
			fmt.Fprintf(&b, `{"name":"%d"},`, i)
		}
		_, err := ParseSchemaFile([]byte(thing(b.String() + `{"name":"a"}`)))
		require.Len(t, err, maxProblems+1)
	})
}

func FuzzParseSchemaFile(f *testing.F) {
	f.Add(exampleFile(f))
	for _, seed := range []string{`{}`, `[]`, thing(`{"name":"a"}`), thing(`{"name":"a","type":"complex","subAttributes":[{"name":"$ref","type":"reference"}]}`),
		`{"attributesOff":["` + EnterpriseSchema + `","` + UserSchema + `:name"]}`, `{"resourceTypes":[{"name":"User"},{"name":"Group","schemaExtensions":[]}]}`,
		`{"attributesUnique":["` + GroupSchema + `:displayName"],"attributesFilterable":["` + UserSchema + `:NAME.familyName"]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := ParseSchemaFile(file)
		if err != nil {
			require.IsType(t, SchemaProblems{}, err)
			require.NotEmpty(t, err)
			return
		}
		cat, err := d.Catalog()
		require.NoError(t, err, "what is taken can be served")
		require.NotEmpty(t, cat.AppendSchemas(nil, "http://x"))
		back, err := ParseSchemaFile(d.AppendFile(nil))
		require.NoError(t, err)
		require.True(t, bytes.Equal(d.AppendFile(nil), back.AppendFile(nil)))
		merged, diff, err := Merge(&Declaration{}, d)
		require.NoError(t, err)
		same, diff, err := Merge(merged, d)
		require.NoError(t, err)
		require.True(t, diff.Empty(), "%+v", diff)
		require.Equal(t, string(merged.Append(nil)), string(same.Append(nil)))
		gone, _, err := Merge(merged, &Declaration{})
		require.NoError(t, err)
		_, err = gone.Catalog()
		require.NoError(t, err)
	})
}
