package scimcore

import (
	"encoding/json"
	"errors"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendResource(t *testing.T) {
	user, group := stockTypes(t)
	stored := parsed(t, user, fullUser).AppendStored(nil)
	r := &Resource{Type: user, ID: `i"d`, Created: 1769868000123, Modified: 1769868001000, Version: 18446744073709551615, Stored: stored}

	t.Run("SCH-43 SCH-44 SCH-45 SCH-46 meta, SCH-A07 times", func(t *testing.T) {
		out, err := AppendResource(nil, r, acme, nil)
		require.NoError(t, err)
		var got struct{ Meta map[string]string }
		require.NoError(t, json.Unmarshal(out, &got))
		require.Equal(t, map[string]string{
			"resourceType": "User", "created": "2026-01-31T14:00:00.123Z", "lastModified": "2026-01-31T14:00:01.000Z",
			"location": acme + `/Users/i"d`, "version": ETag(r.Version),
		}, got.Meta)
		require.Regexp(t, regexp.MustCompile(`^W/"[^"]+"$`), ETag(r.Version)) // ETAG-03
		require.Equal(t, acme+`/Users/i"d`, string(AppendLocation(nil, acme, "Users", r.ID)))
	})
	t.Run("the id comes first, for clients that search for it", func(t *testing.T) {
		out, err := AppendResource(nil, r, acme, nil)
		require.NoError(t, err)
		require.Regexp(t, `^\{"id":"i\\"d","schemas":\[`, string(out))
	})
	t.Run("GET without a parse allocates nothing", func(t *testing.T) {
		dst := make([]byte, 0, 4096)
		require.Zero(t, testing.AllocsPerRun(100, func() { dst, _ = AppendResource(dst[:0], r, acme, nil) }))
	})
	t.Run("SCH-25 no empty arrays, RES-15 members", func(t *testing.T) {
		g := &Resource{Type: group, ID: "g", Stored: []byte(`{"schemas":["` + GroupSchema + `"],"displayName":"g"}`)}
		rows := []Row{}
		g.Rows = func(a *Attr, yield func(Row) bool) error {
			for _, row := range rows {
				if !yield(row) {
					break
				}
			}
			return nil
		}
		out, err := AppendResource(nil, g, acme, nil)
		require.NoError(t, err)
		require.NotContains(t, string(out), "members")
		rows = []Row{{"1", "Users", "User", "A"}, {"2", "Groups", "Group", ""}, {"3", "", "", ""}}
		out, err = AppendResource(nil, g, acme, nil)
		require.NoError(t, err)
		require.Contains(t, string(out), `"members":[{"value":"1","$ref":"`+acme+`/Users/1","type":"User","display":"A"},{"value":"2","$ref":"`+acme+`/Groups/2","type":"Group"},{"value":"3"}],"meta"`)
	})
	t.Run("errors leave dst as it was", func(t *testing.T) {
		boom := errors.New("boom")
		g := &Resource{Type: group, ID: "g", Stored: []byte(`{}`), Rows: func(_ *Attr, yield func(Row) bool) error {
			yield(Row{Value: "1"})
			return boom
		}}
		out, err := AppendResource([]byte("x"), g, acme, nil)
		require.ErrorIs(t, err, boom)
		require.Equal(t, "x", string(out))
		p, err := ParseProjection(user, "title,name.givenName,emails.value", "", Lenient(), nil)
		require.NoError(t, err)
		for _, bad := range []string{``, `{`, `x}`, `{"title":}`, `{"title"}`, `{"title":"a}`, `{"name":"x"}`, `{"emails":["x"]}`, `{"emails":[{]}`, `{:1}`, `{"title":"a"}}`, `{"userName":{}`, `{"userName":[1}`} {
			out, err := AppendResource([]byte("x"), &Resource{Type: user, Stored: []byte(bad)}, acme, p)
			require.Error(t, err, bad)
			require.Equal(t, "x", string(out))
		}
	})
	t.Run("an empty document", func(t *testing.T) {
		out, err := AppendResource(nil, &Resource{Type: user, ID: "1", Stored: []byte(`{}`)}, acme, nil)
		require.NoError(t, err)
		require.True(t, json.Valid(out))
	})
}

// TestETAGA03_ComputedRowsShowInTheTag: a user's groups change without a new
// version of the user; the tag of an answer that shows them changes with them.
func TestETAGA03_ComputedRowsShowInTheTag(t *testing.T) {
	user, group := stockTypes(t)
	tag := func(typ *Type, excluded string, rows ...Row) string {
		r := &Resource{Type: typ, ID: "x", Version: 7, Stored: []byte(`{"schemas":[]}`)}
		r.Rows = func(a *Attr, yield func(Row) bool) error {
			for _, row := range rows {
				yield(row)
			}
			return nil
		}
		p, err := ParseProjection(typ, "", excluded, Lenient(), nil)
		require.NoError(t, err)
		_, err = AppendResource(nil, r, acme, p)
		require.NoError(t, err)
		return string(r.AppendTag(nil))
	}
	g1, g2 := Row{Value: "g1", Display: "One"}, Row{Value: "g2", Display: "Two"}
	renamed := Row{Value: "g1", Display: "Uno"}
	require.Equal(t, `W/"7"`, tag(user, ""))
	require.Equal(t, `W/"7"`, tag(user, "groups", g1), "what is not shown does not count")
	require.Equal(t, `W/"7"`, tag(group, "", g1), "members are versioned with their group")
	require.Equal(t, tag(user, "", g1), tag(user, "", g1))
	seen := map[string]bool{}
	for _, s := range []string{tag(user, ""), tag(user, "", g1), tag(user, "", g2), tag(user, "", g1, g2), tag(user, "", renamed)} {
		require.Regexp(t, `^W/"[^"]+"$`, s)
		require.False(t, seen[s], s)
		seen[s] = true
	}
}
