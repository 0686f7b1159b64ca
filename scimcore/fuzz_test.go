package scimcore

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse: no input panics; what parses can be stored, read back and stored
// again without a change, and is JSON all the way.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		fullUser, `{}`, `[]`, ``, `{"userName":"a","active":"True","emails":"x","title":null}`,
		`{"displayName":"g","members":[{"value":"1"},{"$ref":"Users/2"},"3"]}`, `{"members":{"value":"1"}}`,
		`{"user\u004eame":"\ud83d\ude00\\\"","USERNAME":"b"}`, `{"emails":[{"value":"a","primary":true},{},null,{"value":"a"}]}`,
		`{"` + EnterpriseSchema + `":{"manager":["m"],"department":[]}}`, `{"schemas":["` + UserSchema + `","urn:x"],"x":{"y":[1e9,{"z":null}]}}`,
		`{"serial":"s","weight":1.50,"slots":-9,"bought":"2024-12-31T24:00:00+01:00","key":"-_8","page":"a b","tags":["a",null],"urn:example:ext:Site":{"room":"r"}}`,
		`{"a":1e400}`, `{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[`, "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", `{"x509Certificates":[{"value":"MAA="}]}`,
	} {
		f.Add([]byte(seed), byte(len(seed)))
	}
	user, group := stockTypes(f)
	types := []*Type{user, group, customType(f)}
	f.Fuzz(func(t *testing.T, body []byte, pick byte) {
		typ, d := types[int(pick)%len(types)], Lenient()
		if pick&4 != 0 {
			d = Strict()
		}
		syntax := CheckJSON(body)
		doc, err := Parse(typ, body, d, nil)
		if err != nil {
			require.IsType(t, &Error{}, err)
			require.Equal(t, 400, err.(*Error).Status)
			return
		}
		require.True(t, json.Valid(body))
		_ = syntax // stricter than Parse only inside what Parse drops
		ApplyDefaults(doc)
		if Finish(doc, d) != nil {
			return
		}
		for _, a := range typ.Root.Subs {
			if a.Rows {
				TakeRows(doc, a)
			}
		}
		stored := doc.AppendStored(nil)
		require.True(t, json.Valid(stored), string(stored))
		back := NewDoc(typ)
		require.NoError(t, ReadStored(back, typ, stored))
		require.Equal(t, string(stored), string(back.AppendStored(nil)))
		require.NoError(t, Finish(back, d), "Finish accepts what it made")
		require.Equal(t, string(stored), string(back.AppendStored(nil)))
		out, err := AppendResource(nil, &Resource{Type: typ, ID: "i", Stored: stored}, acme, nil)
		require.NoError(t, err)
		require.True(t, json.Valid(out), string(out))
		same, err := Replace(back, back, d)
		require.NoError(t, err)
		require.NoError(t, Finish(same, d))
		require.Equal(t, string(stored), string(same.AppendStored(nil)), "replacing a resource with itself changes nothing")
	})
}

// FuzzRetired: whatever was stored under a schema can be read, shown, replaced by
// what is shown and patched after half of the schema was retired, and nothing of
// it is lost: declared again, all is as it was.
func FuzzRetired(f *testing.F) {
	f.Add([]byte(storedThing))
	f.Add([]byte(`{"list":[{"hidden":"1"},{"value":"a","hidden":"2"},{"type":"t"}],"places":[{"street":"S","hidden":"1"},{"street":"S","hidden":"2"}]}`))
	f.Add([]byte(`{"box":{"hidden":"h"},"link":{"hidden":"h"},"urn:x:y:Ext":{"must":"m","gone":"g"}}`))
	full := thingType(f, mustParseFile(f, fullThing))
	less, _ := retiredThing(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := Parse(full, body, Lenient(), nil)
		if err != nil || Finish(doc, Lenient()) != nil {
			return
		}
		stored := doc.AppendStored(nil)
		old := NewDoc(less)
		require.NoError(t, ReadStored(old, less, stored))
		out, err := AppendResource(nil, &Resource{Type: less, ID: "i", Stored: stored}, acme, nil)
		require.NoError(t, err)
		require.True(t, json.Valid(out), string(out))
		for _, name := range []string{`"secret":`, `"fixed":`, `"hidden":`, `"gone":`, `"urn:x:y:Old":`} {
			require.NotContains(t, string(out), name)
		}
		in, err := Parse(less, out, Lenient(), nil)
		require.NoError(t, err)
		same, err := Replace(old, in, Dialect{})
		require.NoError(t, err)
		require.NoError(t, Finish(same, Lenient()))
		// What shows nothing of itself cannot be sent back: a value that is all
		// hidden goes with a replace, as the client says that there is none.
		if !hollow(old, Root) {
			require.Equal(t, string(stored), string(same.AppendStored(nil)))
		}
		p, err := ParsePatch(less, patchBody(`{"op":"add","path":"new","value":"n"}`), Lenient(), nil)
		require.NoError(t, err)
		require.NoError(t, p.Apply(Target{Doc: old, Dialect: Lenient()}))
		require.NoError(t, Finish(old, Lenient()))
		old.Remove(Root, old.Find(less.Root.Sub("new")))
		require.Equal(t, string(stored), string(old.AppendStored(nil)))
	})
}

// hollow reports whether a complex value below n holds nothing but what is
// retired, and not all of its attribute is.
func hollow(d *Doc, n NodeID) bool {
	for k := range d.Kids(n) {
		a := d.Attr(k)
		object := d.Kind(k) == KindObject && !a.Retired && !a.Container
		if object && !d.shows(k) || !a.Retired && d.Kind(k) != KindString && hollow(d, k) {
			return true
		}
	}
	return false
}
