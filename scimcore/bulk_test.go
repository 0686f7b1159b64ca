package scimcore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const bulkHead = `{"schemas":["` + BulkMessage + `"],`

func TestBULK_Parse(t *testing.T) {
	req, err := ParseBulk([]byte(bulkHead+`"FAILONERRORS":3,"operations":[
		{"Method":"POST","PATH":"/Users","bulkid":"q\u0041","data":{"userName":"a"}},
		{"method":"PUT","path":"/Users/1","version":"W/\"7\"","data":[1],"bulkId":null},
		{"method":"DELETE","path":"Users/2"},
		{"method":"brew","path":"/Users"},
		{"method":"POST","bulkId":"b","path":"/Users"}]}`), 5, Strict(), nil)
	require.NoError(t, err)
	require.Equal(t, 3, req.FailOnErrors)
	require.Equal(t, BulkOperation{Method: "POST", BulkID: "qA", Path: "/Users", Data: jsontext.Value(`{"userName":"a"}`)}, req.Operations[0])
	require.Equal(t, BulkOperation{Method: "PUT", Version: `W/"7"`, Path: "/Users/1", Data: jsontext.Value(`[1]`)}, req.Operations[1])
	require.Equal(t, BulkOperation{Method: "DELETE", Path: "Users/2"}, req.Operations[2])
	require.ErrorContains(t, req.Operations[3].Err, "method")
	require.Equal(t, "b", req.Operations[4].BulkID, "known although it cannot be tried")
	require.ErrorContains(t, req.Operations[4].Err, "data")

	for name, body := range map[string]string{
		"BULK-21 too many":         bulkHead + `"Operations":[{},{},{}]}`,
		"BULK-06 a long bulkId":    bulkHead + `"Operations":[{"method":"POST","bulkId":"` + strings.Repeat("x", 257) + `"}]}`,
		"BULK-04 a name repeated":  bulkHead + `"Operations":[{"data":{"a":1,"A":2}}]}`,
		"BULK-A05 a large number":  bulkHead + `"failOnErrors":1e99,"Operations":[{}]}`,
		"BULK-02 schemas missing":  `{"Operations":[{}]}`,
		"BULK-04 an unknown name":  bulkHead + `"x":1,"Operations":[{}]}`,
		"BULK-04 nothing at all":   ``,
		"BULK-04 not even objects": bulkHead + `"Operations":[[]]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseBulk([]byte(body), 2, Strict(), nil)
			require.Error(t, err)
			require.Equal(t, map[bool]int{true: 413, false: 400}[strings.HasPrefix(name, "BULK-21")], err.(*Error).Status)
		})
	}
	t.Run("BULK-02 BULK-06 leniencies leave notes", func(t *testing.T) {
		var notes Notes
		req, err := ParseBulk([]byte(`{"x":1,"Operations":[{"method":"POST","path":"/Users","data":{},"y":1}]}`), 2, Lenient(), &notes)
		require.NoError(t, err)
		require.NoError(t, req.Operations[0].Err)
		require.Equal(t, Notes{{NoteUnknownAttribute, "x"}, {NoteSchemasInferred, "schemas"}, {NoteUnknownAttribute, "Operations.y"}}, notes)
	})
	t.Run("BULK-A02 a bare array", func(t *testing.T) {
		op := BulkOperation{Data: jsontext.Value(`[{"op":"remove","path":"title"}]`)}
		require.JSONEq(t, `{"Operations":[{"op":"remove","path":"title"}]}`, string(op.PatchBody(Lenient())))
		require.Equal(t, []byte(op.Data), op.PatchBody(Strict()))
	})
}

func TestBULK_References(t *testing.T) {
	idOf := func(bulkID string) (string, bool) { return "ID-" + bulkID, bulkID != "unknown" }
	for _, c := range []struct{ id, in, want string }{
		{"BULK-09 a value", `{"a":"bulkId:x"}`, `{"a":"ID-x"}`},
		{"BULK-09 in an array", `["bulkId:x" , "y","bulkId:x"]`, `["ID-x" , "y","ID-x"]`},
		{"BULK-09 in an extension", `{"urn:e":{"manager":{"value":"bulkId:é\"q"}}}`, `{"urn:e":{"manager":{"value":"ID-é\"q"}}}`},
		{"BULK-09 behind escapes", `{"a":"\u0062ulkId\u003ax"}`, `{"a":"ID-x"}`},
		{"BULK-09 names stay", `{"bulkId:x":"bulkId:y"}`, `{"bulkId:x":"ID-y"}`},
		{"BULK-09 only at the start", `{"a":"see bulkId:x","b":"xbulkId:x","c":"BULKID:x"}`, ``},
		{"BULK-A04 unknown ones stay", `{"a":"bulkId:unknown"}`, ``},
		{"BULK-A03 a relative reference", `{"$ref":"../Users/bulkId:x"}`, `{"$ref":"../Users/ID-x"}`},
		{"BULK-A03 an absolute reference", `{"$ref":"https://h/scim/v2/Users/bulkId:x"}`, `{"$ref":"https://h/scim/v2/Users/ID-x"}`},
		{"BULK-A03 the middle of a reference", `{"$ref":"../bulkId:x/y"}`, ``},
		{"BULK-A03 prose is no reference", `{"a":"and/or bulkId:x", "b":"as in a/bulkId:x or so", "c":"a b/bulkId:x"}`, ``},
		{"BULK-A03 a filter", `[{"path":"members[value eq \"bulkId:x\" or value eq \"bulkId:y\"].display"}]`, `[{"path":"members[value eq \"ID-x\" or value eq \"ID-y\"].display"}]`},
		{"BULK-A03 a filter without quotes", `{"PATH":"members[value eq bulkId:x]"}`, `{"PATH":"members[value eq \"ID-x\"]"}`},
		{"BULK-A03 a key that is a path", `{"value":{"members[value eq \"bulkId:x\"].display":"d"}}`, `{"value":{"members[value eq \"ID-x\"].display":"d"}}`},
		{"BULK-A03 text of a filter", `{"path":"emails[value eq \"the bulkId:x\"]"}`, ``},
		{"BULK-A03 a broken filter", `{"path":"members[value eq \"bulkId:x"}`, ``},
		{"BULK-A03 a filter that is a value", `{"title":"members[value eq \"bulkId:x\"]"}`, ``},
		{"BULK-09 scalars", `"bulkId:x"`, `"ID-x"`},
		{"BULK-09 nothing to do", `{"a":[1,null,true,"\\"]}`, ``},
	} {
		t.Run(c.id, func(t *testing.T) {
			got, err := ReplaceBulkRefs(jsontext.Value(c.in), idOf)
			require.NoError(t, err)
			if c.want == "" {
				c.want = c.in
			}
			require.Equal(t, c.want, string(got))
		})
	}
}

// Whatever a document holds, replacing changes the references in it and nothing else.
func TestBULK09_OnlyReferencesChange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var want any
		names := rapid.SampledFrom([]string{"a", "value", "$ref", "path", "b/c", `q"`, "é"})
		leaf := rapid.SampledFrom([]string{"bulkId:1", "bulkId:two words", "../Users/bulkId:1", "x", "", `\`, `"`, "é😀", "bulk", "a/b", "bulkId", "x bulkId:1"})
		var draw func(depth int) (in, out any)
		draw = func(depth int) (in, out any) {
			kind := rapid.IntRange(0, 3).Draw(rt, "kind")
			switch {
			case kind == 0 && depth > 0:
				i, o := map[string]any{}, map[string]any{}
				for range rapid.IntRange(0, 3).Draw(rt, "members") {
					n := names.Draw(rt, "name")
					i[n], o[n] = draw(depth - 1)
				}
				return i, o
			case kind == 1 && depth > 0:
				i, o := []any{}, []any{}
				for range rapid.IntRange(0, 3).Draw(rt, "elements") {
					a, b := draw(depth - 1)
					i, o = append(i, a), append(o, b)
				}
				return i, o
			case kind == 2:
				return 1.5, 1.5
			}
			s := leaf.Draw(rt, "text")
			switch s {
			case "bulkId:1", "bulkId:two words":
				return s, "=" + strings.TrimPrefix(s, "bulkId:")
			case "../Users/bulkId:1":
				return s, "../Users/=1"
			}
			return s, s
		}
		in, out := draw(4)
		body, err := json.Marshal(in)
		require.NoError(rt, err)
		got, err := ReplaceBulkRefs(body, func(id string) (string, bool) { return "=" + id, true })
		require.NoError(rt, err)
		require.NoError(rt, json.Unmarshal(got, &want))
		require.Equal(rt, out, want)
	})
}

func TestBULK10_Order(t *testing.T) {
	for _, c := range []struct {
		id    string
		needs [][]int
		want  [][]int
	}{
		{"BULK-10 as requested", [][]int{nil, nil, nil}, [][]int{{0}, {1}, {2}}},
		{"BULK-10 backward", [][]int{nil, {0}, {0, 1}}, [][]int{{0}, {1}, {2}}},
		{"BULK-10 forward", [][]int{{3}, nil, nil, {2}}, [][]int{{2}, {3}, {0}, {1}}},
		{"BULK-11 a circle", [][]int{nil, {2}, {1}, {2}}, [][]int{{0}, {1, 2}, {3}}},
		{"BULK-11 a circle and what it needs", [][]int{{1}, {3, 0}, nil, {}}, [][]int{{3}, {0, 1}, {2}}},
		{"BULK-11 itself", [][]int{{0}, {1, 0}}, [][]int{{0}, {1}}},
		{"BULK-11 two circles", [][]int{{1, 2}, {0}, {3}, {2}}, [][]int{{2, 3}, {0, 1}}},
	} {
		t.Run(c.id, func(t *testing.T) { require.Equal(t, c.want, BulkOrder(c.needs)) })
	}
}

// The rules of the order, against what each operation reaches by plain search.
func TestBULK10_OrderRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(rt, "n")
		needs := make([][]int, n)
		for i := range needs {
			needs[i] = rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 3).Draw(rt, "needs")
		}
		reach := make([]map[int]bool, n)
		for i := range reach {
			reach[i] = map[int]bool{}
			for todo := slices.Clone(needs[i]); len(todo) > 0; todo = todo[1:] {
				if !reach[i][todo[0]] {
					reach[i][todo[0]] = true
					todo = append(todo, needs[todo[0]]...)
				}
			}
		}
		place := map[int]int{}
		for u, unit := range BulkOrder(needs) {
			require.True(rt, slices.IsSorted(unit))
			for _, i := range unit {
				require.NotContains(rt, place, i, "each once")
				place[i] = u
			}
		}
		require.Len(rt, place, n)
		for i := range n {
			for j := range n {
				switch {
				case i == j:
				case reach[i][j] && reach[j][i]:
					require.Equal(rt, place[i], place[j], "a circle is one unit")
				case reach[i][j]:
					require.Less(rt, place[j], place[i], "what is needed comes before")
				default:
					require.NotEqual(rt, place[i], place[j])
				}
			}
		}
		for i := range n - 1 { // nothing is moved that nobody after it... before it needs
			wanted := false
			for j := range i + 1 {
				wanted = wanted || reach[j][i+1]
			}
			if !wanted {
				require.Less(rt, place[i], place[i+1], fmt.Sprint(needs))
			}
		}
	})
}

func TestBULK_Answer(t *testing.T) {
	var w BulkWriter
	for range 2 { // an answer leaves nothing behind
		w.Reset([]byte("rubbish"))
		w.Add(&BulkResult{Method: "POST", BulkID: `q"`, Location: "http://x/Users/1", Version: `W/"7"`, Status: 201})
		w.Add(&BulkResult{Method: "DELETE", Status: 404, Err: Errorf(404, NoType, "gone")})
		require.Equal(t, `{"schemas":["`+BulkAnswer+`"],"Operations":[`+
			`{"method":"POST","bulkId":"q\"","location":"http://x/Users/1","version":"W/\"7\"","status":"201"},`+
			`{"method":"DELETE","status":"404","response":{"schemas":["`+ErrorMessage+`"],"status":"404","detail":"gone"}}]}`, string(w.Finish()))
	}
	w.Reset(nil)
	require.True(t, json.Valid(w.Finish()))
}

// FuzzBulk: no body panics; what is read is bounded, its data is JSON before and
// after references are replaced, and none is left that should not be.
func FuzzBulk(f *testing.F) {
	for _, seed := range []string{
		bulkHead + `"failOnErrors":1,"Operations":[{"method":"POST","path":"/Users","bulkId":"q","data":{"a":"bulkId:q","b":["../Users/bulkId:x"]}}]}`,
		bulkHead + `"Operations":[{"method":"PATCH","path":"/Users/bulkId:1","version":"W/\"1\"","data":{"Operations":[{"op":"remove","path":"m[value eq \"bulkId:q\"]"}]}}]}`,
		bulkHead + `"Operations":[{"method":"PATCH","path":"x","data":[{"path":"m[value eq bulkId:q"}]},{"method":7},{}]}`, `{}`, ``, `{"Operations":[{"data":"\u0062ulkId:\ud83d\ude00"}]}`,
	} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, lenient bool) {
		d := Strict()
		if lenient {
			d = Lenient()
		}
		req, err := ParseBulk(body, 3, d, nil)
		if err != nil {
			require.Contains(t, []int{400, 413}, err.(*Error).Status)
			return
		}
		require.NotEmpty(t, req.Operations)
		require.LessOrEqual(t, len(req.Operations), 3)
		require.GreaterOrEqual(t, req.FailOnErrors, 0)
		for i := range req.Operations {
			op := &req.Operations[i]
			require.LessOrEqual(t, len(op.BulkID), maxBulkID)
			if op.Err != nil || op.Data == nil {
				continue
			}
			require.True(t, json.Valid(op.PatchBody(d)))
			out, err := ReplaceBulkRefs(op.Data, func(string) (string, bool) { return "0198", true })
			require.NoError(t, err)
			require.True(t, json.Valid(out), string(out))
			again, err := ReplaceBulkRefs(out, func(string) (string, bool) { return "0199", true })
			require.NoError(t, err)
			require.Equal(t, string(out), string(again), "once is enough")
		}
	})
}
