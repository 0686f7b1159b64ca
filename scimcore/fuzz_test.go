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
