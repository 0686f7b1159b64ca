package scimcore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParse_Accepts gives the stored form of bodies that real clients send.
func TestParse_Accepts(t *testing.T) {
	user, group := stockTypes(t)
	const u, g = `"schemas":["` + UserSchema + `"],`, `"schemas":["` + GroupSchema + `"],`
	ext := func(inner string) string { return `"` + EnterpriseSchema + `":{` + inner + `}` }
	both := `"schemas":["` + UserSchema + `","` + EnterpriseSchema + `"],`
	for _, c := range []struct {
		id, body, stored string
		notes            Notes
	}{
		{"SCH-02 SCH-A01 names in any case", `{` + u + `"USERNAME":"a","Name":{"GIVENNAME":"b"},"nickname":"c"}`,
			`{` + u + `"userName":"a","name":{"givenName":"b"},"nickName":"c"}`, nil},
		{"HTTP-A05 escaped name", `{` + u + `"user\u004eame":"a"}`, `{` + u + `"userName":"a"}`, nil},
		{"HTTP-17 order has no meaning", `{"title":"t","userName":"a","name":{"givenName":"b","familyName":"c"},` + u[:len(u)-1] + `}`,
			`{` + u + `"userName":"a","name":{"familyName":"c","givenName":"b"},"title":"t"}`, nil},
		{"HTTP-06 UTF-8 stays", `{` + u + `"userName":"Zoë 王 😀"}`, `{` + u + `"userName":"Zoë 王 😀"}`, nil},
		{"escapes", `{` + u + `"userName":"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00\u2028"}`,
			`{` + u + "\"userName\":\"\\\"\\\\/\\u0008\\u000c\\n\\r\\tA😀\u2028\"}", nil},
		{"SCH-03 extension URN in any case", `{` + both + `"userName":"a","URN:ietf:params:scim:schemas:extension:Enterprise:2.0:user":{"Department":"x"}}`,
			`{` + both + `"userName":"a",` + ext(`"department":"x"`) + `}`, nil},
		{"SCH-05 schemas inferred", `{"userName":"a"}`, `{` + u + `"userName":"a"}`, Notes{{NoteSchemasInferred, "schemas"}}},
		{"SCH-05 schemas null is missing", `{"schemas":null,"userName":"a"}`, `{` + u + `"userName":"a"}`, Notes{{NoteSchemasInferred, "schemas"}}},
		{"SCH-06 unknown URN dropped (Entra)", `{"schemas":["` + GroupSchema + `","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"displayName":"a"}`,
			`{` + g + `"displayName":"a"}`, Notes{{NoteUnknownSchema, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"}}},
		{"SCH-06 repeated, reversed, other case (JumpCloud)", `{"schemas":["` + EnterpriseSchema + `","` + UserSchema + `","URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER"],"userName":"a",` + ext(`"division":"d"`) + `}`,
			`{` + both + `"userName":"a",` + ext(`"division":"d"`) + `}`, nil},
		{"SCH-A02 listed but empty", `{` + both + `"userName":"a"}`, `{` + u + `"userName":"a"}`, nil},
		{"SCH-A02 present but not listed", `{` + u + `"userName":"a",` + ext(`"division":"d"`) + `}`, `{` + both + `"userName":"a",` + ext(`"division":"d"`) + `}`, nil},
		{"SCH-08 extension attribute at top level", `{` + u + `"userName":"a","department":"x"}`, `{` + u + `"userName":"a"}`, Notes{{NoteUnknownAttribute, "department"}}},
		{"SCH-A06 unknown ignored", `{` + u + `"userName":"a","foo":{"x":[1]},"name":{"bar":1,"givenName":"b"},` + ext(`"baz":1,"division":"d"`) + `}`,
			`{` + both + `"userName":"a","name":{"givenName":"b"},` + ext(`"division":"d"`) + `}`,
			Notes{{NoteUnknownAttribute, "foo"}, {NoteUnknownAttribute, "name.bar"}, {NoteUnknownAttribute, EnterpriseSchema + ":baz"}}},
		{"SCH-24 SCH-A03 unassigned in all forms", `{` + u + `"userName":"a","title":null,"name":{},"emails":[],"ims":[null,{}],"photos":[{"value":null}],"addresses":null,` + ext(`"manager":{"value":null},"division":null`) + `}`,
			`{` + u + `"userName":"a"}`, nil},
		{"SCH-28 CRT-01 readOnly ignored", `{` + u + `"id":"1","meta":{"created":"1970"},"userName":"a","groups":[{"value":"g"}]}`,
			`{` + u + `"userName":"a"}`, Notes{{NoteReadOnly, "id"}, {NoteReadOnly, "meta"}, {NoteReadOnly, "groups"}}},
		{"RES-17 manager.displayName is the server's", `{` + both + `"userName":"a",` + ext(`"manager":{"value":"m","displayName":"x","$ref":"../Users/m"}`) + `}`,
			`{` + both + `"userName":"a",` + ext(`"manager":{"value":"m","$ref":"../Users/m"}`) + `}`, Notes{{NoteReadOnly, EnterpriseSchema + ":manager.displayName"}}},
		{"RES-03 RES-A02 password dropped (Okta)", `{` + u + `"userName":"a","password":"hunter2"}`, `{` + u + `"userName":"a"}`, Notes{{NotePassword, "password"}}},
		{"RES-A07 manager as text (Entra)", `{` + both + `"userName":"a",` + ext(`"manager":"m"`) + `}`,
			`{` + both + `"userName":"a",` + ext(`"manager":{"value":"m"}`) + `}`, Notes{{NoteBareValue, EnterpriseSchema + ":manager"}}},
		{"RES-A07 manager as array of text", `{` + both + `"userName":"a",` + ext(`"manager":["m"]`) + `}`,
			`{` + both + `"userName":"a",` + ext(`"manager":{"value":"m"}`) + `}`, Notes{{NoteBareValue, EnterpriseSchema + ":manager"}}},
		{"RES-A07 manager as array of object", `{` + both + `"userName":"a",` + ext(`"manager":[null,{"value":"m"}]`) + `}`,
			`{` + both + `"userName":"a",` + ext(`"manager":{"value":"m"}`) + `}`, Notes{{NoteBareValue, EnterpriseSchema + ":manager"}}},
		{"RES-A07 manager as empty text", `{` + u + `"userName":"a",` + ext(`"manager":"","division":""`) + `}`,
			`{` + both + `"userName":"a",` + ext(`"division":""`) + `}`, nil},
		{"one object for an array (OneLogin)", `{` + u + `"userName":"a","emails":{"value":"e"}}`,
			`{` + u + `"userName":"a","emails":[{"value":"e"}]}`, Notes{{NoteBareValue, "emails"}}},
		{"one text for an array", `{` + u + `"userName":"a","emails":"e"}`, `{` + u + `"userName":"a","emails":[{"value":"e"}]}`, Notes{{NoteBareValue, "emails"}}},
		{"texts for elements", `{` + u + `"userName":"a","roles":["r","s",""]}`, `{` + u + `"userName":"a","roles":[{"value":"r"},{"value":"s"}]}`, Notes{{NoteBareValue, "roles"}}},
		{"schemas as text", `{"schemas":"` + UserSchema + `","userName":"a"}`, `{` + u + `"userName":"a"}`, Notes{{NoteBareValue, "schemas"}}},
		{"SCH-11 active as text (Entra)", `{` + u + `"userName":"a","active":"False","roles":[{"value":"r","primary":"True"}]}`,
			`{` + u + `"userName":"a","active":false,"roles":[{"value":"r","primary":true}]}`, Notes{{NoteBoolean, "active"}, {NoteBoolean, "roles.primary"}}},
		{"SCH-23 the same pair twice", `{` + u + `"userName":"a","emails":[{"value":"e","type":"work"},{"value":"f"},{"type":"WORK","value":"e","primary":true},{"value":"e"}]}`,
			`{` + u + `"userName":"a","emails":[{"value":"e","type":"work","primary":true},{"value":"f"},{"value":"e"}]}`, nil},
		{"SCH-23 equal elements without a value", `{` + u + `"userName":"a","addresses":[{"locality":"B"},{"locality":"B"},{"locality":"C"}]}`,
			`{` + u + `"userName":"a","addresses":[{"locality":"B"},{"locality":"C"}]}`, nil},
		{"SCH-26 canonical values are suggestions", `{` + u + `"userName":"a","emails":[{"value":"e","type":"alias"}]}`,
			`{` + u + `"userName":"a","emails":[{"value":"e","type":"alias"}]}`, nil},
		{"RES-11 locale as sent", `{` + u + `"userName":"a","locale":"en_US","timezone":"Europe/Berlin"}`, `{` + u + `"userName":"a","locale":"en_US","timezone":"Europe/Berlin"}`, nil},
		{"RES-07 RES-12 any country, any reference", `{` + u + `"userName":"a","profileUrl":"not a uri","addresses":[{"country":"USA"}]}`,
			`{` + u + `"userName":"a","profileUrl":"not a uri","addresses":[{"country":"USA"}]}`, nil},
		{"Okta create", `{` + u + `"userName":"a@b","name":{"givenName":"A","familyName":"B"},"emails":[{"primary":true,"value":"a@b","type":"work"}],"displayName":"A B","locale":"en-US","externalId":"00u","groups":[],"password":"x","active":true}`,
			`{` + u + `"externalId":"00u","userName":"a@b","name":{"familyName":"B","givenName":"A"},"displayName":"A B","locale":"en-US","active":true,"emails":[{"value":"a@b","type":"work","primary":true}]}`,
			Notes{{NoteReadOnly, "groups"}, {NotePassword, "password"}}},
	} {
		t.Run(c.id, func(t *testing.T) {
			typ := user
			if c.id[:3] != "Okt" && c.stored[:len(g)+1] == "{"+g {
				typ = group
			}
			var notes Notes
			doc, err := Parse(typ, []byte(c.body), Lenient(), &notes)
			require.NoError(t, err)
			require.NoError(t, Finish(doc, Lenient()))
			require.Equal(t, c.stored, string(doc.AppendStored(nil)))
			require.Equal(t, c.notes, notes)
		})
	}
}

// TestParse_Refuses lists what is refused by the strict dialect, and whether by the lenient one, too.
func TestParse_Refuses(t *testing.T) {
	user, group := stockTypes(t)
	const s = `"schemas":["` + UserSchema + `"],`
	cert := "MAUwAwYBKg=="
	for _, c := range []struct {
		id, body string
		lenient  bool
		typ      ErrorType
		detail   string
	}{
		{"SCH-05 no schemas", `{"userName":"a"}`, false, InvalidSyntax, "schemas is missing"},
		{"SCH-05 empty schemas", `{"schemas":[],"userName":"a"}`, false, InvalidSyntax, "schemas is missing"},
		{"SCH-06 unknown URN", `{"schemas":["` + UserSchema + `","urn:x"]}`, false, InvalidSyntax, `"urn:x"`},
		{"SCH-07 only the extension", `{"schemas":["` + EnterpriseSchema + `"]}`, true, InvalidSyntax, UserSchema},
		{"SCH-07 only an unknown URN", `{"schemas":["urn:scim:schemas:core:1.0"]}`, true, InvalidSyntax, ""},
		{"CRT-09 another type's schema", `{"schemas":["` + GroupSchema + `"]}`, true, InvalidSyntax, GroupSchema},
		{"CRT-09 both types' schemas", `{"schemas":["` + UserSchema + `","` + GroupSchema + `"]}`, true, InvalidSyntax, GroupSchema},
		{"schemas is an object", `{"schemas":{}}`, true, InvalidSyntax, "array of URNs"},
		{"schemas holds a number", `{"schemas":[1]}`, true, InvalidSyntax, "strings"},
		{"SCH-A06 unknown attribute", `{` + s + `"foo":1}`, false, InvalidSyntax, `"foo"`},
		{"SCH-A06 unknown sub-attribute", `{` + s + `"name":{"foo":1}}`, false, InvalidSyntax, `"name.foo"`},
		{"SCH-10 number for a string", `{` + s + `"userName":5}`, true, InvalidValue, "userName must be a string, not a number"},
		{"SCH-10 object for a string", `{` + s + `"title":{}}`, true, InvalidValue, "title must be a string, not an object"},
		{"SCH-10 array for a string", `{` + s + `"title":["x"]}`, true, InvalidValue, "title must be a string, not an array"},
		{"SCH-11 yes", `{` + s + `"active":"yes"}`, true, InvalidValue, "active must be true or false"},
		{"SCH-11 text", `{` + s + `"active":"true"}`, false, InvalidValue, "active must be true or false"},
		{"SCH-11 text with a space", `{` + s + `"active":"true "}`, true, InvalidValue, "active"},
		{"SCH-11 number", `{` + s + `"active":1}`, true, InvalidValue, "active"},
		{"SCH-22 two primaries", `{` + s + `"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}`, true, InvalidValue, "emails has more than one"},
		{"complex as text without a value", `{` + s + `"name":"x"}`, true, InvalidValue, "name must be an object, not a string"},
		{"manager as text", `{` + s + `"` + EnterpriseSchema + `":{"manager":"m"}}`, false, InvalidValue, "manager must be an object"},
		{"manager as array", `{` + s + `"` + EnterpriseSchema + `":{"manager":[{"value":"m"}]}}`, false, InvalidValue, "manager must be an object"},
		{"two managers", `{` + s + `"` + EnterpriseSchema + `":{"manager":["m","n"]}}`, true, InvalidValue, ""},
		{"manager as number", `{` + s + `"` + EnterpriseSchema + `":{"manager":1}}`, true, InvalidValue, "not a number"},
		{"extension as text", `{` + s + `"` + EnterpriseSchema + `":"x"}`, true, InvalidValue, "must be an object"},
		{"extension as array", `{` + s + `"` + EnterpriseSchema + `":[{}]}`, true, InvalidValue, "must be an object"},
		{"one object for an array", `{` + s + `"emails":{"value":"a"}}`, false, InvalidValue, "emails is multi-valued"},
		{"text for an element", `{` + s + `"emails":["a"]}`, false, InvalidValue, "emails[0] must be an object"},
		{"number for an element", `{` + s + `"emails":[{"value":"a"},1]}`, true, InvalidValue, "emails[1] must be an object, not a number"},
		{"array for an element", `{` + s + `"emails":[[]]}`, true, InvalidValue, "emails[0]"},
		{"wrong type in an element", `{` + s + `"emails":[{"value":"a"},null,{"value":1}]}`, true, InvalidValue, "emails[2].value must be a string"},
		{"RES-07 country", `{` + s + `"addresses":[{"country":"USA"}]}`, false, InvalidValue, "addresses[0].country"},
		{"RES-12 profileUrl", `{` + s + `"profileUrl":"not a uri with spaces"}`, false, InvalidValue, "profileUrl must be a URI"},
		{"RES-10 garbage", `{` + s + `"x509Certificates":[{"value":"!!!"}]}`, true, InvalidValue, "x509Certificates[0].value must be base64"},
		{"RES-10 base64 of something else", `{` + s + `"x509Certificates":[{"value":"` + cert + `"}]}`, true, InvalidValue, "X.509"},
	} {
		t.Run(c.id, func(t *testing.T) {
			_, err := Parse(user, []byte(c.body), Strict(), nil)
			refused(t, err, c.typ, c.detail)
			_, err = Parse(user, []byte(c.body), Lenient(), nil)
			if c.lenient {
				refused(t, err, c.typ, c.detail)
			} else {
				require.NoError(t, err)
			}
		})
	}
	t.Run("strict accepts what is right", func(t *testing.T) {
		for _, body := range []string{
			`{"schemas":["` + UserSchema + `","` + EnterpriseSchema + `"],"id":"1","userName":"a","password":"x","profileUrl":"https://a.b/c?d=e","addresses":[{"country":"de"}],"` + EnterpriseSchema + `":{"manager":{"value":"m"}}}`,
		} {
			_, err := Parse(user, []byte(body), Strict(), nil)
			require.NoError(t, err)
		}
		_, err := Parse(group, []byte(`{"schemas":["`+GroupSchema+`"],"displayName":"g","members":[{"value":"m","$ref":"https://a.b/scim/v2/Users/m"}]}`), Strict(), nil)
		require.NoError(t, err)
	})
}

func TestParse_Nulls(t *testing.T) {
	user, _ := stockTypes(t)
	doc, err := Parse(user, []byte(`{"userName":"a","active":null,"emails":[],"name":{"givenName":null},"title":"t","id":null,"`+EnterpriseSchema+`":{"division":null}}`), Lenient(), nil)
	require.NoError(t, err)
	var got []string
	for _, a := range doc.Nulls {
		got = append(got, a.Path)
	}
	require.Equal(t, []string{"active", "emails", "name", EnterpriseSchema + ":division", EnterpriseSchema}, got)
}

func TestCRT05_CRT06_Defaults(t *testing.T) {
	user, _ := stockTypes(t)
	device := customType(t)
	for _, c := range []struct {
		id   string
		typ  *Type
		body string
		want string
	}{
		{"CRT-05 default", user, `{"userName":"a"}`, `"active":true`},
		{"CRT-06 null suppresses it", user, `{"userName":"a","active":null}`, ""},
		{"value wins", user, `{"userName":"a","active":false}`, `"active":false`},
		{"within an extension", device, `{"serial":"1","urn:example:ext:Site:Lab":{"bench":"b"}}`, `"open":true`},
		{"no extension, no default", device, `{"serial":"1"}`, `"managed":false`},
	} {
		t.Run(c.id, func(t *testing.T) {
			doc, err := Parse(c.typ, []byte(c.body), Lenient(), nil)
			require.NoError(t, err)
			ApplyDefaults(doc)
			stored := string(doc.AppendStored(nil))
			require.Contains(t, stored, c.want)
			if c.want == "" {
				require.NotContains(t, stored, "active")
			}
			if c.id[:2] == "no" {
				require.NotContains(t, stored, "open")
			}
		})
	}
}

func TestTakeRows_Members(t *testing.T) {
	_, group := stockTypes(t)
	members := group.Root.Sub("members")
	for _, c := range []struct {
		id, in string
		want   []Member
	}{
		{"RES-15 as sent", `[{"value":"1","type":"User","display":"A","$ref":"https://a.b/scim/v2/Users/1"},{"value":"2"}]`,
			[]Member{{"1", "User", "A", "https://a.b/scim/v2/Users/1"}, {Value: "2"}}},
		{"RES-15 HTTP-05 id and type from $ref", `[{"$ref":"https://a.b/scim/Groups/7?x#y"},{"$ref":"Users/8/"},{"$ref":"9"}]`,
			[]Member{{"7", "Group", "", "https://a.b/scim/Groups/7?x#y"}, {"8", "User", "", "Users/8/"}, {"9", "", "", "9"}}},
		{"value wins over $ref", `[{"$ref":"Users/8","value":"1"}]`, []Member{{"1", "User", "", "Users/8"}}},
		{"Entra sends $ref null", `[{"$ref":null,"value":"1"}]`, []Member{{Value: "1"}}},
		{"texts", `["1","2"]`, []Member{{Value: "1"}, {Value: "2"}}},
		{"one object", `{"value":"1"}`, []Member{{Value: "1"}}},
		{"repeats are the set's business", `[{"value":"1"},{"value":"1"}]`, []Member{{Value: "1"}, {Value: "1"}}},
		{"unknown parts, the operation of SCIM 1.1", `[{"value":"1","operation":"add","displayName":"x"}]`, []Member{{Value: "1"}}},
		{"none", `[]`, nil},
		{"null", `null`, nil},
	} {
		t.Run(c.id, func(t *testing.T) {
			doc := parsed(t, group, `{"displayName":"g","members":`+c.in+`}`)
			require.Equal(t, c.want, TakeRows(doc, members))
			require.Nil(t, TakeRows(doc, members))
			require.Equal(t, `{"schemas":["`+GroupSchema+`"],"displayName":"g"}`, string(doc.AppendStored(nil)))
		})
	}
	for _, in := range []string{`[{"value":"1"},{"display":"x"}]`, `[{"value":"1"},{"value":" "}]`, `[{"value":"1"},{"$ref":"/"}]`} {
		_, err := Parse(group, []byte(`{"displayName":"g","members":`+in+`}`), Lenient(), nil)
		refused(t, err, InvalidValue, "members[1] has no value")
	}
	_, err := Parse(group, []byte(`{"schemas":["`+GroupSchema+`"],"displayName":"g","members":[{"value":"1","$ref":"Users/2"}]}`), Strict(), nil)
	refused(t, err, InvalidValue, "members[0]", "$ref")
}

func TestReadValue(t *testing.T) {
	user, group := stockTypes(t)
	for _, c := range []struct {
		id, attr, raw string
		strict        bool
		want          string // the attribute's JSON; "" when 0 is returned
		err           ErrorType
	}{
		{"string", "title", `"x"`, true, `"x"`, ""},
		{"wrong type", "title", `5`, false, "", InvalidValue},
		{"object for a string", "title", `{"a":1}`, false, "", InvalidValue},
		{"PATCH-A12 boolean text", "active", ` "False" `, false, `false`, ""},
		{"boolean text, strict", "active", `"False"`, true, "", InvalidValue},
		{"null", "title", `null`, true, "", ""},
		{"null array", "emails", `null`, true, "", ""},
		{"empty array", "emails", `[]`, true, "", ""},
		{"empty object", "name", `{}`, true, "", ""},
		{"array of nothing", "emails", `[null,{},{"value":null}]`, true, "", ""},
		{"array", "emails", `[{"value":"a"},{"value":"b"}]`, true, `[{"value":"a"},{"value":"b"}]`, ""},
		{"PATCH-A08 one element, even strict", "emails", `{"value":"a"}`, true, `[{"value":"a"}]`, ""},
		{"PATCH-A06 two primaries", "emails", `[{"primary":true},{"primary":true}]`, true, "", InvalidValue},
		{"complex", "name", `{"familyName":"F","givenName":"G"}`, true, `{"familyName":"F","givenName":"G"}`, ""},
		{"sub-attribute", "name.givenName", `"G"`, true, `"G"`, ""},
		{"RES-A07 manager as text", "manager", `"m"`, false, `{"value":"m"}`, ""},
		{"RES-A07 manager in an array", "manager", `[{"value":"m","displayName":"x"}]`, false, `{"value":"m"}`, ""},
		{"extension", EnterpriseSchema, `{"department":"d","manager":"m"}`, false, `{"department":"d","manager":{"value":"m"}}`, ""},
		{"password", "password", `"hunter2"`, true, "", ""},
		{"unknown part", "name", `{"foo":1,"givenName":"G"}`, false, `{"givenName":"G"}`, ""},
		{"unknown part, strict", "name", `{"foo":1}`, true, "", InvalidSyntax},
		{"damaged", "name", `{"givenName":`, true, "", InvalidSyntax},
		{"nothing", "title", ``, true, "", InvalidValue},
	} {
		t.Run(c.id, func(t *testing.T) {
			d := Lenient()
			if c.strict {
				d = Strict()
			}
			a, ok := user.Resolve(c.attr)
			require.True(t, ok)
			doc := NewDoc(user)
			parent := doc.Ensure(a.Parent)
			n, err := ReadValue(doc, parent, a, []byte(c.raw), d, nil)
			if c.err != "" {
				refused(t, err, c.err)
				return
			}
			require.NoError(t, err)
			if c.want == "" {
				require.Zero(t, n)
				require.True(t, doc.Empty(parent))
				return
			}
			require.Equal(t, c.want, string(doc.appendValue(nil, n)))
			require.Equal(t, n, doc.Child(parent, a))
		})
	}
	t.Run("PATCH-A08 appends to the array at hand", func(t *testing.T) {
		doc := NewDoc(group)
		a := group.Root.Sub("members")
		arr := doc.Ensure(a)
		for i, raw := range []string{`{"value":"1"}`, `[{"value":"2"},{"$ref":"Users/3"}]`, `[]`, `null`, `{}`} {
			n, err := ReadValue(doc, arr, a, []byte(raw), Strict(), nil)
			require.NoError(t, err)
			require.Equal(t, i < 2, n == arr)
		}
		require.Equal(t, `[{"value":"1"},{"value":"2"},{"value":"3","$ref":"Users/3","type":"User"}]`, string(doc.appendValue(nil, arr)))
	})
}

func TestNotes_Bounded(t *testing.T) {
	var n Notes
	for i := range 1000 {
		n.Add(NoteUnknownAttribute, fmt.Sprint(i))
	}
	require.Len(t, n, maxNotes)
	(*Notes)(nil).Add(NoteUpsert, "x")
}
