package httpx

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

func TestRequestIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		made := NewRequestID(nil)
		id := made.String()
		require.Len(t, id, requestIDLen)
		require.True(t, ValidRequestID([]byte(id)))
		require.False(t, seen[id])
		seen[id] = true
	}
	for _, good := range []string{"12345678", "a.b_c-D9", strings.Repeat("x", 64)} {
		id := NewRequestID([]byte(good))
		require.Equal(t, good, id.String())
	}
	for _, bad := range []string{"", "1234567", strings.Repeat("x", 65), "12345678\n", "with space", "\x1b[31mred!", "äöüäöüäöü", "a/b/c/d/e", `"quoted"`} {
		id := NewRequestID([]byte(bad))
		require.NotEqual(t, bad, id.String())
	}
}

func TestWriteProblem(t *testing.T) {
	var ctx fasthttp.RequestCtx
	p := NewProblem(404, "no <such> token").In("id")
	WriteProblem(&ctx, &Scope{RequestID: "abcdefgh"}, p)
	require.Equal(t, 404, ctx.Response.StatusCode())
	require.Equal(t, TypeProblem, string(ctx.Response.Header.ContentType()))
	require.JSONEq(t, `{"type":"about:blank","title":"Not Found","status":404,"detail":"no <such> token","instance":"urn:request:abcdefgh","request_id":"abcdefgh","field":"id"}`,
		string(ctx.Response.Body()))
	require.Equal(t, &Problem{Status: 404, Detail: "no <such> token", Field: "id"}, p, "a problem can be used again")
}

func TestWhatCannotBeEncodedIs500(t *testing.T) {
	var ctx fasthttp.RequestCtx
	WriteJSON(&ctx, 200, struct{ F func() }{func() {}})
	require.Equal(t, 500, ctx.Response.StatusCode())
	require.Equal(t, TypeProblem, string(ctx.Response.Header.ContentType()))
}

type sample struct {
	Name string     `json:"name"`
	Days *int       `json:"days"`
	At   *time.Time `json:"at"`
	List []string   `json:"list"`
	Yes  bool       `json:"yes"`
}

func read(body, contentType string) (sample, *Problem) {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetContentType(contentType)
	ctx.Request.SetBodyString(body)
	var v sample
	return v, ReadJSON(&ctx, 200, &v)
}

func TestReadJSONIsStrictAndSaysWhere(t *testing.T) {
	for _, c := range []struct {
		body   string
		status int
		field  string
		detail string
	}{
		{`{"name":"a","days":3,"at":"2027-01-31T00:00:00Z","list":["x"],"yes":true}`, 0, "", ""},
		{` {} `, 0, "", ""},
		{``, 400, "", "empty"}, {"\n ", 400, "", "empty"},
		{`{"nmae":"a"}`, 400, "nmae", "known are name, days, at, list, yes"},
		{`{"Name":"a"}`, 400, "Name", "not known"},
		{`{"name":"a","name":"b"}`, 400, "name", "more than once"},
		{`{"name":1}`, 400, "name", "a string"}, {`{"days":"x"}`, 400, "days", "a whole number"}, {`{"days":1.5}`, 400, "days", "a whole number"},
		{`{"days":99999999999999999999}`, 400, "days", "a whole number"}, {`{"at":"soon"}`, 400, "at", "a time such as"},
		{`{"list":"x"}`, 400, "list", "a list"}, {`{"list":[1]}`, 400, "list/0", "a string"}, {`{"yes":1}`, 400, "yes", "true or false"},
		{`[]`, 400, "", "an object"}, {`"x"`, 400, "", "an object"},
		{`{"name":"a"} x`, 400, "", "not valid JSON"}, {`{"name":"a"}{}`, 400, "", "not valid JSON"}, {`{"name":`, 400, "", "not valid JSON"},
		{"{\"name\":\"\xff\"}", 400, "", "not valid JSON"}, {"\uFEFF{}", 400, "", "not valid JSON"}, {`{"name":"\ud800"}`, 400, "", "not valid JSON"},
		{strings.Repeat("[", 150), 400, "", "an object"},
		{`{"name":"` + strings.Repeat("x", 200) + `"}`, 413, "", "at most 200"},
	} {
		_, p := read(c.body, "application/json; charset=utf-8")
		if c.status == 0 {
			require.Nil(t, p, c.body)
			continue
		}
		require.NotNil(t, p, c.body)
		require.Equal(t, c.status, p.Status, c.body)
		require.Equal(t, c.field, p.Field, "%s: %s", c.body, p.Detail)
		require.Contains(t, p.Detail, c.detail, c.body)
	}
}

func TestReadJSONReadsJSONOnly(t *testing.T) {
	for contentType, status := range map[string]int{
		"application/json": 0, "APPLICATION/JSON": 0, `application/json; charset="UTF-8"`: 0,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/scim+json": 415, "application/json; charset=latin1": 415, "application/json;;": 415,
	} {
		_, p := read(`{}`, contentType)
		if status == 0 {
			require.Nil(t, p, contentType)
			continue
		}
		require.Equal(t, status, p.Status, contentType)
	}
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetContentType(TypeJSON)
	ctx.Request.Header.SetContentEncoding("gzip")
	require.Equal(t, 415, ReadJSON(&ctx, 200, &sample{}).Status)
}

func TestReadJSONBoundsStreamedBodies(t *testing.T) {
	for body, status := range map[string]int{`{"name":"a"}`: 0, `{"name":"` + strings.Repeat("x", 1<<20) + `"}`: 413} {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetContentType(TypeJSON)
		ctx.Request.SetBodyStream(strings.NewReader(body), -1)
		p := ReadJSON(&ctx, 200, &sample{})
		if status == 0 {
			require.Nil(t, p)
			continue
		}
		require.Equal(t, status, p.Status)
	}
}

func TestProblemsQuoteNoValue(t *testing.T) {
	for _, body := range []string{`{"days":"hunter2"}`, `{"at":"hunter2"}`, `{"name":"hunter2"`, `{"name":["hunter2"]}`, `"hunter2"`} {
		_, p := read(body, TypeJSON)
		b, err := json.Marshal(p)
		require.NoError(t, err)
		require.NotContains(t, string(b), "hunter2")
	}
}

func FuzzReadJSON(f *testing.F) {
	f.Add(`{"name":"a","days":3}`)
	f.Add(`{"list":[[`)
	f.Fuzz(func(t *testing.T, body string) {
		if _, p := read(body, TypeJSON); p != nil {
			require.Contains(t, []int{400, 413}, p.Status)
			_, err := json.Marshal(p)
			require.NoError(t, err)
		}
	})
}

func BenchmarkNewRequestID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = NewRequestID(nil)
	}
}
