package scimcore

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestERR01_Error(t *testing.T) {
	require.Equal(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"say \"hi\""}`,
		string(AppendError(nil, Bad(InvalidValue, "say %q", "hi"))))
	require.Equal(t, `x{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}`,
		string(AppendError([]byte("x"), Errorf(404, NoType, ""))))
}

func TestListWriter(t *testing.T) {
	_, group := stockTypes(t)
	r := &Resource{Type: group, ID: "1", Stored: []byte(`{"schemas":["` + GroupSchema + `"],"displayName":"g"}`)}
	p, err := ParseProjection(group, "displayName", "", Lenient(), nil)
	require.NoError(t, err)
	one := `{"id":"1","schemas":["` + GroupSchema + `"],"displayName":"g"}`
	const head = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]`
	var w ListWriter
	for _, c := range []struct {
		id     string
		n      int
		counts ListCounts
		want   string
	}{
		{"LIST-05 nothing", 0, ListCounts{StartIndex: 1}, head + `,"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}`},
		{"LIST-01 LIST-04 one of three", 1, ListCounts{Total: 3, StartIndex: 2}, head + `,"totalResults":3,"startIndex":2,"itemsPerPage":1,"Resources":[` + one + `]}`},
		{"PAG-06 two", 2, ListCounts{Total: 1<<63 - 1, StartIndex: 1<<63 - 1}, head + `,"totalResults":9223372036854775807,"startIndex":9223372036854775807,"itemsPerPage":2,"Resources":[` + one + `,` + one + `]}`},
		{"CUR-03 CUR-A01 cursors", 1, ListCounts{Total: 9, Next: "n", Previous: "p"}, head + `,"totalResults":9,"itemsPerPage":1,"Resources":[` + one + `],"nextCursor":"n","previousCursor":"p"}`},
		{"LIST-02 no total in cursor mode", 1, ListCounts{Total: -1}, head + `,"itemsPerPage":1,"Resources":[` + one + `]}`},
	} {
		t.Run(c.id, func(t *testing.T) {
			w.Reset([]byte("rubbish"))
			for i := range c.n {
				require.NoError(t, w.Add(r, acme, p))
				if i == 0 {
					require.Error(t, w.Add(&Resource{Type: group}, acme, p), "damaged")
				}
			}
			if c.n == 1 {
				require.Equal(t, len(one), w.Len())
			}
			out := w.Finish(c.counts)
			require.Equal(t, c.want, string(out))
			require.True(t, json.Valid(out))
		})
	}
	t.Run("memory is re-used", func(t *testing.T) {
		buf := make([]byte, 0, 4096)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			w.Reset(buf)
			_ = w.Add(r, acme, p)
			w.Finish(ListCounts{Total: 1, StartIndex: 1})
		}))
	})
}
