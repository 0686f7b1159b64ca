package scimcore

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseOrder(t *testing.T) {
	user, group := stockTypes(t)
	for _, c := range []struct {
		by, order string
		want      string // path; "" for no order
		desc      bool
		err       string
	}{
		{"", "", "", false, ""}, {"", "descending", "", false, ""}, {"  ", "", "", false, ""},
		{"USERNAME", "", "userName", false, ""}, {"userName", "DESCENDING", "userName", true, ""}, {" userName ", " Ascending ", "userName", false, ""},
		{"emails", "", "emails.value", false, ""}, {"emails.value", "", "emails.value", false, ""}, {"department", "", EnterpriseSchema + ":department", false, ""},
		{EnterpriseSchema + ":manager.value", "", EnterpriseSchema + ":manager.value", false, ""}, {"meta.lastModified", "", "meta.lastModified", false, ""},
		{"name", "", "", false, "name.formatted"}, {"foo", "", "", false, "/Schemas"}, {"password", "", "", false, "never returned"}, {"groups", "", "", false, "many"},
		{"groups.display", "", "", false, "many"}, {"userName", "up", "", false, "ascending or descending"}, {"", "up", "", false, "ascending or descending"},
	} {
		o, err := ParseOrder(user, nil, c.by, c.order)
		if c.err != "" {
			wantProtocolError(t, err)
			require.ErrorContains(t, err, c.err)
			require.Equal(t, InvalidValue, err.(*Error).Type)
			continue
		}
		require.NoError(t, err, c.by)
		require.Equal(t, c.want != "", o.Sorted)
		if o.Sorted {
			require.Equal(t, c.want, o.By.Path)
		}
		require.Equal(t, c.desc, o.Descending, c.by)
	}
	o, err := ParseOrder(group, []*Type{user, group}, "userName", "descending")
	require.NoError(t, err)
	require.Equal(t, Order{Sorted: true, Descending: true}, o, "what another type has is unassigned here")
}

func TestAppendSortKey(t *testing.T) {
	user, device := func() (*Type, *Type) { u, _ := stockTypes(t); return u, customType(t) }()
	key := func(typ *Type, path, stored string) []byte {
		a, ok := typ.Resolve(path)
		require.True(t, ok, path)
		return AppendSortKey(nil, a, []byte(stored))
	}
	none := []byte{SortUnassigned}
	t.Run("what is sorted by", func(t *testing.T) {
		for _, c := range []struct {
			path, stored, want string
		}{
			{"userName", `{"schemas":["x"],"userName":"BOB"}`, "bob"},
			{"externalId", `{"externalId":"Ab\"\\\u0001","userName":"x"}`, "Ab\"\\\x01"},
			{"name.familyName", `{"name":{"formatted":"a \"}","familyName":"Q"}}`, "q"},
			{"active", `{"active":false}`, "false"},
			{"emails.value", `{"emails":[{"value":"B"},{"value":"A"}]}`, "b"},
			{"emails.value", `{"emails":[{"value":"B","primary":false},{"value":"A","primary":true}]}`, "a"},
			{"department", `{"` + EnterpriseSchema + `":{"employeeNumber":"1","department":"D"}}`, "d"},
		} {
			require.Equal(t, append([]byte{SortAssigned}, c.want...), key(user, c.path, c.stored), c.path)
		}
		require.Equal(t, key(device, "tags", `{"tags":["x","y"]}`), key(device, "tags", `{"tags":["X"]}`))
	})
	t.Run("SRT-05 unassigned", func(t *testing.T) {
		for path, stored := range map[string]string{
			"userName": `{}`, "name.familyName": `{"name":{"formatted":"x"}}`, "emails.value": `{"emails":[{"type":"work"},{"value":"A"}]}`, "title": `{"userName":"x"}`, "department": `{"userName":"x"}`,
		} {
			require.Equal(t, none, key(user, path, stored), path)
		}
		require.Equal(t, none, AppendSortKey(nil, nil, []byte(`{"userName":"x"}`)))
		require.Greater(t, bytes.Compare(none, key(user, "userName", `{"userName":"zz"}`)), 0)
		for _, damaged := range []string{``, `{`, `{"userName`, `{"userName":`, `[]`, `{"userName":"x`} {
			require.Equal(t, none, key(user, "userName", damaged), damaged)
		}
	})
	t.Run("SRT-02 numbers and times by value", func(t *testing.T) {
		rising := func(path string, stored ...string) {
			for i := 1; i < len(stored); i++ {
				require.Negative(t, bytes.Compare(key(device, path, stored[i-1]), key(device, path, stored[i])), stored[i])
			}
		}
		rising("slots", `{"slots":-100}`, `{"slots":-99}`, `{"slots":-9}`, `{"slots":0}`, `{"slots":9}`, `{"slots":10}`, `{"slots":9007199254740993}`)
		rising("weight", `{"weight":-1.5}`, `{"weight":-1.25}`, `{"weight":-0.1}`, `{"weight":0.0}`, `{"weight":0.05}`, `{"weight":1e0}`, `{"weight":1.5e3}`)
		rising("bought", `{"bought":"2026-01-01T00:00:00+01:00"}`, `{"bought":"2026-01-01T00:00:00Z"}`)
	})
}

// TestAppendSortKey_Tree: the key read out of stored bytes is that of the tree.
func TestAppendSortKey_Tree(t *testing.T) {
	user, _ := stockTypes(t)
	rapid.Check(t, func(t *rapid.T) {
		u := drawUser(t)
		doc := u.doc(user)
		stored := doc.AppendStored(nil)
		for _, path := range []string{"userName", "title", "externalId"} {
			a, _ := user.Resolve(path)
			want := []byte{SortUnassigned}
			if n := doc.Find(a); n != 0 {
				want = AppendSortText(nil, a, doc.String(n))
			}
			require.Equal(t, want, AppendSortKey(nil, a, stored), path)
		}
		value, _ := user.Resolve("emails.value")
		want := []byte{SortUnassigned}
		chosen := -1
		for i, e := range u.emails {
			if e.primary != nil && *e.primary && (chosen < 0 || u.emails[chosen].primary == nil || !*u.emails[chosen].primary) {
				chosen = i
			}
		}
		if chosen < 0 && len(u.emails) > 0 {
			chosen = 0
		}
		if chosen >= 0 && u.emails[chosen].value != "" {
			want = AppendSortText(nil, value, u.emails[chosen].value)
		}
		require.Equal(t, want, AppendSortKey(nil, value, stored), "%s", stored)
	})
}

func FuzzAppendSortKey(f *testing.F) {
	for _, s := range []string{`{"userName":"a","emails":[{"value":"x","primary":true}]}`, `{"emails":[`, `{"emails":[{"primary":tr`, `{"a":{"b":[1,2,{"c":"\"`} {
		f.Add([]byte(s))
	}
	user, _ := stockTypes(f)
	f.Fuzz(func(t *testing.T, stored []byte) {
		for _, path := range []string{"userName", "emails.value", "name.familyName", "department"} {
			a, _ := user.Resolve(path)
			if key := AppendSortKey(nil, a, stored); key[0] != SortAssigned && len(key) != 1 {
				t.Fatalf("%q: %q", stored, key)
			}
		}
	})
}
