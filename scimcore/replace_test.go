package scimcore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplace(t *testing.T) {
	user, group := stockTypes(t)
	device := customType(t)
	const (
		u    = `"schemas":["` + UserSchema + `"],`
		both = `"schemas":["` + UserSchema + `","` + EnterpriseSchema + `"],`
		ent  = `,"` + EnterpriseSchema + `":{"department":"d"}`
		dev  = `"schemas":["urn:example:2.0:Device","urn:example:ext:Site"],"serial":"S"`
		site = `,"urn:example:ext:Site":{"room":"r"}`
	)
	for _, c := range []struct {
		id                 string
		typ                *Type
		stored, body, want string // want "" is 400 mutability
		strict             bool
	}{
		{"PUT-03 values replace", user, `{` + u + `"userName":"a","title":"t"}`, `{"userName":"b","title":"u"}`, `{` + u + `"userName":"b","title":"u"}`, false},
		{"PUT-04 readOnly ignored", user, `{` + u + `"userName":"a"}`, `{"userName":"a","id":"other","groups":[{"value":"x"}]}`, `{` + u + `"userName":"a"}`, false},
		{"PUT-04 stored readOnly stays", device, `{` + dev + `,"state":"up"` + site + `}`, `{"serial":"S","state":"down"` + site + `}`, `{` + dev + `,"state":"up"` + site + `}`, false},
		{"PUT-05 immutable equal", device, `{` + dev + `,"ports":[1,2]` + site + `}`, `{"serial":"S","ports":[2,1]` + site + `}`, `{` + dev + `,"ports":[1,2]` + site + `}`, false},
		{"PUT-05 immutable equal by case", device, `{` + dev + `,"model":"Mk"` + site + `}`, `{"serial":"S","model":"MK"` + site + `}`, `{` + dev + `,"model":"Mk"` + site + `}`, false},
		{"PUT-05 immutable absent", device, `{` + dev + `,"model":"Mk"` + site + `}`, `{"serial":"S"` + site + `}`, `{` + dev + `,"model":"Mk"` + site + `}`, false},
		{"PUT-05 immutable different", device, `{` + dev + site + `}`, `{"serial":"s"` + site + `}`, ``, false},
		{"PUT-05 immutable array different", device, `{` + dev + `,"ports":[1,2]` + site + `}`, `{"serial":"S","ports":[1]` + site + `}`, ``, false},
		{"PUT-05 immutable part different", device, `{` + dev + `,"owner":{"value":"o","since":"1"}` + site + `}`, `{"serial":"S","owner":{"value":"o","since":"2"}` + site + `}`, ``, false},
		{"PUT-05 the value it was part of is another", device, `{` + dev + `,"owner":{"value":"o","name":"N","since":"1"}` + site + `}`, `{"serial":"S","owner":{"value":"p","since":"2"}` + site + `}`, `{` + dev + `,"owner":{"value":"p","since":"2"}` + site + `}`, false},
		{"PUT-04 readOnly part stays with its value", device, `{` + dev + `,"owner":{"value":"o","name":"N"}` + site + `}`, `{"serial":"S","owner":{"value":"o"}` + site + `}`, `{` + dev + `,"owner":{"value":"o","name":"N"}` + site + `}`, false},
		{"PUT-06 immutable set by PUT", device, `{` + dev + site + `}`, `{"serial":"S","model":"Mk"` + site + `}`, `{` + dev + `,"model":"Mk"` + site + `}`, false},
		{"PUT-07 omitted is cleared", user, `{` + u + `"userName":"a","name":{"familyName":"f","givenName":"g"},"title":"t","emails":[{"value":"e"}]}`, `{"userName":"a","name":{"givenName":"h"}}`, `{` + u + `"userName":"a","name":{"givenName":"h"}}`, false},
		{"PUT-08 null and [] clear", user, `{` + u + `"userName":"a","title":"t","emails":[{"value":"e"}]}`, `{"userName":"a","title":null,"emails":[]}`, `{` + u + `"userName":"a"}`, false},
		{"PUT-08 null clears a default", user, `{` + u + `"userName":"a","active":false}`, `{"userName":"a","active":null}`, `{` + u + `"userName":"a"}`, false},
		{"PUT-A01 omitted active stays false", user, `{` + u + `"userName":"a","active":false}`, `{"userName":"a"}`, `{` + u + `"userName":"a","active":false}`, false},
		{"PUT-A01 sent active counts", user, `{` + u + `"userName":"a","active":true}`, `{"userName":"a","active":false}`, `{` + u + `"userName":"a","active":false}`, false},
		{"PUT-A01 omitted writeOnly stays", device, `{` + dev + `,"secret":"x"` + site + `}`, `{"serial":"S"` + site + `}`, `{` + dev + `,"secret":"x"` + site + `}`, false},
		{"PUT-A01 null writeOnly goes", device, `{` + dev + `,"secret":"x"` + site + `}`, `{"serial":"S","secret":null` + site + `}`, `{` + dev + site + `}`, false},
		{"PUT-A02 omitted extension stays", user, `{` + both + `"userName":"a"` + ent + `}`, `{` + u + `"userName":"a"}`, `{` + both + `"userName":"a"` + ent + `}`, false},
		{"PUT-A02 without schemas, too", user, `{` + both + `"userName":"a"` + ent + `}`, `{"userName":"a"}`, `{` + both + `"userName":"a"` + ent + `}`, false},
		{"PUT-A02 listed, so cleared", user, `{` + both + `"userName":"a"` + ent + `}`, `{` + both + `"userName":"a"}`, `{` + u + `"userName":"a"}`, false},
		{"PUT-A02 null, so cleared", user, `{` + both + `"userName":"a"` + ent + `}`, `{"userName":"a","` + EnterpriseSchema + `":null}`, `{` + u + `"userName":"a"}`, false},
		{"PUT-A02 {}, so cleared", user, `{` + both + `"userName":"a"` + ent + `}`, `{"userName":"a","` + EnterpriseSchema + `":{}}`, `{` + u + `"userName":"a"}`, false},
		{"PUT-A02 strict clears", user, `{` + both + `"userName":"a"` + ent + `}`, `{` + u + `"userName":"a"}`, `{` + u + `"userName":"a"}`, true},
		{"extension replaced as a whole", user, `{` + both + `"userName":"a"` + ent + `}`, `{"userName":"a","` + EnterpriseSchema + `":{"division":"v"}}`, `{` + both + `"userName":"a","` + EnterpriseSchema + `":{"division":"v"}}`, false},
		{"default within an extension stays", device, `{` + dev[:len(dev)-len(`],"serial":"S"`)] + `,"urn:example:ext:Site:Lab"],"serial":"S"` + site + `,"urn:example:ext:Site:Lab":{"bench":"b","open":false}}`,
			`{"serial":"S"` + site + `,"urn:example:ext:Site:Lab":{"bench":"c"}}`,
			`{` + dev[:len(dev)-len(`],"serial":"S"`)] + `,"urn:example:ext:Site:Lab"],"serial":"S"` + site + `,"urn:example:ext:Site:Lab":{"bench":"c","open":false}}`, false},
		{"rows are carried over", group, `{"schemas":["` + GroupSchema + `"],"displayName":"g"}`, `{"displayName":"h","members":[{"value":"1"}]}`, `{"schemas":["` + GroupSchema + `"],"displayName":"h"}`, false},
		{"PUT-A03 the same again", user, `{` + both + `"externalId":"x","userName":"a","active":true` + ent + `}`, `{` + both + `"externalId":"x","userName":"a","active":true` + ent + `}`, `{` + both + `"externalId":"x","userName":"a","active":true` + ent + `}`, true},
	} {
		t.Run(c.id, func(t *testing.T) {
			d := Lenient()
			if c.strict {
				d = Strict()
			}
			stored := NewDoc(c.typ)
			require.NoError(t, ReadStored(stored, c.typ, []byte(c.stored)))
			incoming, err := Parse(c.typ, []byte(c.body), d, nil)
			require.NoError(t, err)
			out, err := Replace(stored, incoming, d)
			if c.want == "" {
				refused(t, err, Mutable)
				return
			}
			require.NoError(t, err)
			if c.typ == group {
				require.Len(t, TakeRows(out, group.Root.Sub("members")), 1)
			}
			require.NoError(t, Finish(out, d))
			require.Equal(t, c.want, string(out.AppendStored(nil)))
			require.Equal(t, c.stored, string(stored.AppendStored(nil)), "the stored document is only read")
			if c.want == c.stored {
				require.True(t, out.Equal(Root, stored, Root), "a no-op is recognised")
			}
		})
	}
	t.Run("PUT-09 required", func(t *testing.T) {
		stored := parsed(t, user, `{"userName":"a"}`)
		incoming, err := Parse(user, []byte(`{"title":"t"}`), Lenient(), nil)
		require.NoError(t, err)
		out, err := Replace(stored, incoming, Lenient())
		require.NoError(t, err)
		refused(t, Finish(out, Lenient()), InvalidValue, "userName is required")
	})
}
