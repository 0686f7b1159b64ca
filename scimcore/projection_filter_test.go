package scimcore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProjectionFilter_Refused(t *testing.T) {
	user, _ := stockTypes(t)
	for _, c := range []struct{ name, list, detail string }{
		{"no operator", `emails[type]`, "filter in attributes"},
		{"never closed", `userName,emails[type eq "work"`, `"]"`},
		{"never closed string", `emails[type eq "work],userName`, "filter"},
		{"empty", `emails[]`, "attribute name"},
		{"unknown part", `emails[foo eq "x"]`, "foo"},
		{"behind the brackets", `emails[type eq "work"]x`, "after the brackets"},
		{"two parts", `emails[type eq "work"].value.x`, "after the brackets"},
		{"a singular attribute", `name[familyName eq "x"]`, "no elements"},
		{"too many clauses", strings.Repeat(`emails[type eq "work"],`, maxFilterClauses+1), ""},
		{"too long", `emails[type eq "` + strings.Repeat("x", maxFilterBytes) + `"]`, "bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseProjection(user, c.list, "", Strict(), nil)
			refused(t, err, InvalidFilter, c.detail)
			_, err = ParseProjection(user, "", c.list, Strict(), nil)
			refused(t, err, InvalidFilter)
		})
	}
	var notes Notes
	_, err := ParseProjection(user, "emails[type eq work]", "", Lenient(), &notes)
	require.NoError(t, err)
	require.Equal(t, NoteUnquoted, notes[0].Kind)
	_, err = ParseProjection(user, "emails[type eq work]", "", Strict(), nil)
	refused(t, err, InvalidFilter)
}

func TestProjectionFilter_Personal(t *testing.T) {
	user, group := stockTypes(t)
	for _, c := range []struct {
		typ  *Type
		list string
		want string
	}{
		{user, "userName,emails.value", ""},
		{user, `emails[type eq "work"]`, "emails.type"},
		{group, `displayName,members[value eq "x"]`, "members.value"},
		{user, `schemas[value eq "x"]`, ""},
	} {
		p, err := ParseProjection(c.typ, "", c.list, Strict(), nil)
		require.NoError(t, err)
		got := p.Personal()
		require.Equal(t, c.want == "", got == nil, c.list)
		if got != nil {
			require.Equal(t, c.want, got.Path)
		}
	}
	require.Nil(t, (*Projection)(nil).Personal())
}

// TestProjectionFilter_IsThePlainAnswerFiltered: what a filter in brackets shows
// is what the whole resource shows, less the elements that do not match, or do.
func TestProjectionFilter_IsThePlainAnswerFiltered(t *testing.T) {
	user, _ := stockTypes(t)
	words := []string{"work", "home", "a,b", `q"x`, "]"}
	rapid.Check(t, func(rt *rapid.T) {
		word := func(what string) string { return rapid.SampledFrom(words).Draw(rt, what) }
		doc := NewDoc(user)
		for _, name := range []string{"emails", "phoneNumbers", "addresses"} {
			a := user.Root.Sub(name)
			if !rapid.Bool().Draw(rt, "has "+name) {
				continue
			}
			arr := doc.Add(Root, a, KindArray)
			for range rapid.IntRange(1, 4).Draw(rt, "elements") {
				n := doc.Add(arr, a, KindObject)
				for _, s := range a.Subs {
					if s.Type == String && rapid.Bool().Draw(rt, "has "+s.Path) {
						doc.AddString(n, s, word(s.Path))
					}
				}
			}
		}
		doc.Prune(Root)
		doc.setSchemas()
		var rows []Row
		for i := range rapid.IntRange(0, 4).Draw(rt, "rows") {
			rows = append(rows, Row{Value: fmt.Sprint("g", i), Kind: rapid.SampledFrom([]string{"direct", "indirect"}).Draw(rt, "kind"), Display: word("display")})
		}
		r := &Resource{Type: user, ID: "u", Stored: doc.AppendStored(nil), Rows: func(_ *Attr, yield func(Row) bool) error {
			for _, row := range rows {
				if !yield(row) {
					break
				}
			}
			return nil
		}}
		render := func(attributes, excluded string) map[string]any {
			p, err := ParseProjection(user, attributes, excluded, Strict(), nil)
			require.NoError(rt, err)
			out, err := AppendResource(nil, r, acme, p)
			require.NoError(rt, err)
			var m map[string]any
			require.NoError(rt, json.Unmarshal(out, &m), string(out))
			return m
		}

		name := rapid.SampledFrom([]string{"emails", "phoneNumbers", "addresses", "groups"}).Draw(rt, "attribute")
		by := map[string][]string{"emails": {"type", "value"}, "phoneNumbers": {"type", "value"}, "addresses": {"type", "locality"}, "groups": {"display", "type", "value"}}[name]
		part, value := rapid.SampledFrom(by).Draw(rt, "by"), rapid.SampledFrom(append(words, "direct", "g1")).Draw(rt, "value")
		quoted, err := json.Marshal(value)
		require.NoError(rt, err)
		brackets := name + "[" + part + " eq " + string(quoted) + "]"
		matches := func(e any) bool { return e.(map[string]any)[part] == value }
		sub := ""
		if rapid.Bool().Draw(rt, "a part") {
			sub = rapid.SampledFrom(by).Draw(rt, "sub")
			brackets += "." + sub
		}

		whole, _ := render(name, "")[name].([]any)
		want := []any{}
		for _, e := range whole {
			if !matches(e) {
				continue
			}
			if sub == "" {
				want = append(want, e)
			} else if v, ok := e.(map[string]any)[sub]; ok {
				want = append(want, map[string]any{sub: v})
			}
		}
		got, _ := render(brackets, "")[name].([]any)
		require.ElementsMatch(rt, want, slices.Clone(got))

		want = want[:0]
		for _, e := range whole {
			if matches(e) {
				if delete(e.(map[string]any), sub); sub == "" || len(e.(map[string]any)) == 0 {
					continue
				}
			}
			want = append(want, e)
		}
		rest := render("", brackets)
		got, _ = rest[name].([]any)
		require.ElementsMatch(rt, want, slices.Clone(got))
		delete(rest, name)
		all := render("", name)
		// The tag speaks of the groups shown, and is another where they are.
		delete(all, "meta")
		delete(rest, "meta")
		require.Equal(rt, all, rest, "nothing else goes")
	})
}

func FuzzParseProjection(f *testing.F) {
	user, err := compile(UserType())
	require.NoError(f, err)
	f.Add(`emails[type eq "work"].value,userName`, false)
	f.Add(`groups[value eq "g1" or type pr], name.givenName`, true)
	f.Add(`emails[,]`, true)
	stored := parsed(f, user, bob).AppendStored(nil)
	f.Fuzz(func(t *testing.T, list string, exclude bool) {
		attributes, excluded := list, ""
		if exclude {
			attributes, excluded = "", list
		}
		p, err := ParseProjection(user, attributes, excluded, Lenient(), nil)
		if err != nil {
			return
		}
		r := &Resource{Type: user, ID: "u", Stored: stored, Rows: func(_ *Attr, yield func(Row) bool) error {
			_ = yield(Row{"g1", "Groups", "direct", "G"}) && yield(Row{Value: "g2"})
			return nil
		}}
		out, err := AppendResource(nil, r, acme, p)
		require.NoError(t, err)
		require.True(t, json.Valid(out), string(out))
	})
}
