package scimcore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPath(t *testing.T) {
	user, group := stockTypes(t)
	tests := []struct{ name, path, attr, filter, sub string }{
		{"PATCH-06 attr", `title`, "title", "", ""},
		{"PATCH-06 attr.sub", `name.givenName`, "name.givenName", "", ""},
		{"PATCH-06 multi.sub", `emails.value`, "emails", "", "value"},
		{"PATCH-06 attr[filter]", `emails[type eq "work"]`, "emails", `type eq "work"`, ""},
		{"PATCH-06 attr[filter].sub", `emails[type eq "work" and (primary eq true or value co "]")].display`, "emails", `type eq "work" and (primary eq true or value co "]")`, "display"},
		{"SCH-02 any case", `EMAILS[Type EQ "work"].VALUE`, "emails", `type eq "work"`, "value"},
		{"PATCH-09 core URN", UserSchema + `:name.familyName`, "name.familyName", "", ""},
		{"PATCH-09 core URN with brackets", strings.ToUpper(UserSchema) + `:emails[` + UserSchema + `:emails.type eq "work"].value`, "emails", `type eq "work"`, "value"},
		{"PATCH-09 idp-6 extension", entURN + `:department`, entURN + ":department", "", ""},
		{"PATCH-09 extension sub-attribute", entURN + `:manager.value`, entURN + ":manager.value", "", ""},
		{"PATCH-A03 bare extension URN", entURN, entURN, "", ""},
		{"FLT-A03 extension attribute without URN", `department`, entURN + ":department", "", ""},
		{"idp-2 Manager.Value", `Manager.Value`, entURN + ":manager.value", "", ""},
		{"idp-5 boolean string", `roles[primary eq "True"].value`, "roles", `primary eq true`, "value"},
		{"spaces inside brackets", `emails[ type eq "work" ]`, "emails", `type eq "work"`, ""},
		{"schemas", `schemas[value eq "` + entURN + `"]`, "schemas", `value eq "` + entURN + `"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParsePath(user, tt.path, Lenient())
			require.NoError(t, err)
			require.Equal(t, tt.attr, p.Attr.Path)
			if tt.filter == "" {
				require.Nil(t, p.Filter)
			} else {
				require.Equal(t, tt.filter, p.Filter.String())
			}
			if tt.sub == "" {
				require.Nil(t, p.Sub)
			} else {
				require.Equal(t, tt.sub, p.Sub.Name)
			}
			again, err := ParsePath(user, p.String(), Strict())
			require.NoError(t, err, p.String())
			require.Equal(t, p.String(), again.String())
		})
	}
	t.Run("SCH-02 $ref in any case, with and without brackets", func(t *testing.T) {
		for _, path := range []string{`members[type eq "User"].$REF`, `members.$Ref`} {
			p, err := ParsePath(group, path, Strict())
			require.NoError(t, err)
			require.Equal(t, "$ref", p.Sub.Name)
		}
	})
	p, err := ParsePath(group, `members[value eq "2819c223"]`, Lenient())
	require.NoError(t, err)
	require.True(t, p.Attr.Rows)
}

func TestPathErrors(t *testing.T) {
	user, _ := stockTypes(t)
	tests := []struct {
		name, path string
		typ        ErrorType
		words      []string
	}{
		{"PATCH-06 open bracket", `emails[`, InvalidPath, []string{"position 7", "not closed"}},
		{"PATCH-06 open bracket with a filter", `emails[type eq "work"`, InvalidPath, []string{"not closed"}},
		{"PATCH-06 bracket only in a string", `emails[type eq "work]"`, InvalidPath, []string{"not closed"}},
		{"PATCH-06 two dots", `a..b`, InvalidPath, []string{"attr.sub"}},
		{"PATCH-06 leading dot", `.name`, InvalidPath, nil},
		{"PATCH-06 trailing dot", `name.`, InvalidPath, nil},
		{"PATCH-06 three levels", `name.givenName.x`, InvalidPath, []string{"two levels"}},
		{"PATCH-06 text after brackets", `emails[type eq "w"]x`, InvalidPath, []string{`"x"`}},
		{"PATCH-06 two brackets", `emails[type eq "w"][value pr]`, InvalidPath, nil},
		{"PATCH-06 empty sub", `emails[type eq "w"].`, InvalidPath, nil},
		{"PATCH-06 space", `user name`, InvalidPath, nil},
		{"PATCH-06 empty", ``, InvalidPath, nil},
		{"PATCH-06 brackets first", `[type eq "work"]`, InvalidPath, nil},
		{"PATCH-06 quote", `"title"`, InvalidPath, nil},
		{"PATCH-06 colon without URN", `foo:bar`, InvalidPath, []string{"schema URN"}},
		{"PATCH-06 brackets on a singular attribute", `name[familyName pr]`, InvalidPath, []string{"leave out the brackets"}},
		{"PATCH-07 unknown operator", `emails[type zz "w"]`, InvalidFilter, []string{"position 13", `"zz"`}},
		{"PATCH-07 empty filter", `emails[]`, InvalidFilter, nil},
		{"PATCH-07 nested", `emails[type[value eq "a"]]`, InvalidFilter, nil},
		{"PATCH-07 unknown sub-attribute", `emails[foo eq "a"]`, InvalidFilter, []string{`"foo"`}},
		{"PATCH-07 depth", `emails[` + strings.Repeat("(", 40) + `type pr` + strings.Repeat(")", 40) + `]`, InvalidFilter, []string{"more than 32"}},
		{"PATCH-08 JSON pointer", `/emails/0/value`, InvalidPath, []string{"JSON pointers"}},
		{"PATCH-08 index", `emails[0]`, InvalidPath, []string{"array indexes"}},
		{"PATCH-08 dotted index", `emails.0.value`, InvalidPath, nil},
		{"length", `emails[type eq "` + strings.Repeat("w", 1024) + `"]`, InvalidPath, []string{"at most 1024"}},
		{"UTF-8", "emails[type eq \"\xff\"]", InvalidPath, []string{"UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParsePath(user, tt.path, Lenient())
			refused(t, err, tt.typ, tt.words...)
			require.Empty(t, p.Unknown)
		})
	}
	for _, s := range []string{`foo`, `foo.bar`, `name.foo`, `emails.foo`, `emails[type eq "work"].foo`, `foo[type eq "x"].value`, `urn:example:2.0:User:x`, entURN + `:foo`, `$x`} {
		t.Run("PATCH-A02 unknown "+s, func(t *testing.T) {
			p, err := ParsePath(user, s, Lenient())
			if s == "$x" {
				refused(t, err, InvalidPath)
				return
			}
			refused(t, err, InvalidPath, "no attribute")
			name, rest, _ := strings.Cut(s, "[")
			if strings.HasPrefix(name, "emails") {
				_, rest, _ = strings.Cut(rest, "]")
				name += rest
			}
			require.Equal(t, name, p.Unknown, "no value of a filter")
		})
	}
}
