package scimcore

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// randomDoc draws a stored document of type t: any attributes with any values.
func randomDoc(rt *rapid.T, t *Type) *Doc {
	doc := NewDoc(t)
	var fill func(n NodeID, a *Attr)
	one := func(n NodeID, a *Attr) {
		switch a.Type {
		case Complex:
			fill(doc.Add(n, a, KindObject), a)
		case Boolean:
			doc.AddBool(n, a, rapid.Bool().Draw(rt, a.Path))
		case Integer:
			doc.AddText(n, a, KindNumber, fmt.Append(nil, rapid.Int64().Draw(rt, a.Path)))
		case Decimal:
			doc.AddText(n, a, KindNumber, fmt.Append(nil, rapid.Float64Range(-1e9, 1e9).Draw(rt, a.Path)))
		default:
			doc.AddString(n, a, rapid.String().Draw(rt, a.Path))
		}
	}
	fill = func(n NodeID, a *Attr) {
		for _, s := range a.Subs {
			if s == t.ID || s == t.Meta || s == t.Schemas || s.Rows || isPassword(s) || !rapid.Bool().Draw(rt, "has "+s.Path) {
				continue
			}
			if !s.MultiValued {
				one(n, s)
				continue
			}
			arr := doc.Add(n, s, KindArray)
			for range rapid.IntRange(1, 3).Draw(rt, "len "+s.Path) {
				one(arr, s)
			}
		}
	}
	fill(Root, t.Root)
	doc.Prune(Root)
	doc.setSchemas()
	return doc
}

// TestStored_RoundTrip: reading what was written gives the same tree, and writing that the same bytes.
func TestStored_RoundTrip(t *testing.T) {
	user, group := stockTypes(t)
	back := NewDoc(user)
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom([]*Type{user, group, customType(t)}).Draw(rt, "type")
		doc := randomDoc(rt, typ)
		stored := doc.AppendStored(nil)
		require.True(rt, json.Valid(stored), string(stored))
		require.NoError(rt, ReadStored(back, typ, stored))
		require.True(rt, doc.Equal(Root, back, Root))
		require.Equal(rt, string(stored), string(back.AppendStored(nil)))
	})
}

// TestStored_ReadsWhatParseReads: the fast reader and the full parser agree on canonical JSON.
func TestStored_ReadsWhatParseReads(t *testing.T) {
	user, _ := stockTypes(t)
	rapid.Check(t, func(rt *rapid.T) {
		doc := NewDoc(user)
		n, err := ReadValue(doc, Root, user.Root.Sub("title"), mustJSON(rapid.String().Draw(rt, "title")), Strict(), nil)
		require.NoError(rt, err)
		doc.setSchemas()
		back := NewDoc(user)
		require.NoError(rt, ReadStored(back, user, doc.AppendStored(nil)))
		require.Equal(rt, string(doc.Text(n)), string(back.Text(back.Child(Root, user.Root.Sub("title")))))
	})
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func TestReadStored_Damage(t *testing.T) {
	user, _ := stockTypes(t)
	good := parsed(t, user, fullUser).AppendStored(nil)
	doc := NewDoc(user)
	for _, bad := range []string{
		``, `{`, `[]`, `{}x`, `{"userName":"a"`, `{"userName":"a",}`, `{"userName"}`, `{"userName":}`, `{"userName":5}`, `{"userName":"a}`,
		`{"userName":"\"}`, "{\"userName\":\"a\nb\"}", "{\"userName\":\"\xff\"}", `{"foo":"a"}`, `{"userName":"a","userName":"b"}`,
		`{"title":"a","userName":"b"}`, `{"active":yes}`, `{"active":"true"}`, `{"emails":{}}`, `{"emails":[{]}`, `{"emails":["a"]}`,
		`{"emails":[{"value":"a"}`, `{"name":"x"}`, `{"name":{"givenName":"x"}`, ` {"userName":"a"}`, `{"userName":"a" }`,
	} {
		require.Error(t, ReadStored(doc, user, []byte(bad)), bad)
	}
	device := customType(t)
	for _, bad := range []string{`{"slots":}`, `{"slots":"1"}`, `{"slots":e}`, `{"tags":["a"`, `{"tags":[1]}`} {
		require.Error(t, ReadStored(NewDoc(device), device, []byte(bad)), bad)
	}
	for i := range good { // every truncation is noticed, and leaves doc usable
		require.Error(t, ReadStored(doc, user, good[:i]))
	}
	require.NoError(t, ReadStored(doc, user, good))
}

func TestAppendStored_LeavesOutWhatLivesElsewhere(t *testing.T) {
	_, group := stockTypes(t)
	doc := parsed(t, group, `{"displayName":"g","members":[{"value":"1"}]}`)
	doc.AddString(Root, group.ID, "x")
	doc.AddString(doc.Add(Root, group.Meta, KindObject), group.Meta.Sub("version"), "1")
	require.Equal(t, `{"schemas":["`+GroupSchema+`"],"displayName":"g"}`, string(doc.AppendStored(nil)))
}

func TestAppendString_BadUTF8StaysJSON(t *testing.T) {
	for _, s := range []string{"a\xffb", "\xc3", "\xed\xa0\x80", "ok\u20ac\xf0"} {
		out := appendString(nil, s)
		var back string
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, strings.ToValidUTF8(s, "\ufffd"), strings.ReplaceAll(back, "\ufffd\ufffd\ufffd", "\ufffd"))
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "s")
		var back string
		require.NoError(rt, json.Unmarshal(appendString(nil, s), &back))
		require.Equal(rt, s, back)
	})
}
