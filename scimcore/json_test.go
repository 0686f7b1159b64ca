package scimcore

import (
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHTTP16_Syntax sends every kind of broken JSON through both doors.
func TestHTTP16_Syntax(t *testing.T) {
	user, _ := stockTypes(t)
	for _, c := range []struct{ id, body, detail string }{
		{"empty", "", "empty"},
		{"white space", " \r\n\t", "empty"},
		{"truncated object", `{"userName":"a"`, "cut off"},
		{"truncated string", `{"userName":"a`, "cut off"},
		{"trailing comma", `{"userName":"a",}`, "byte 15"},
		{"single quotes", `{'userName':'a'}`, "byte 1"},
		{"mismatched brackets", `{"emails":[}`, "byte 11"},
		{"trailing object", `{"userName":"a"}{}`, "byte 16"},
		{"trailing text", `{"userName":"a"} x`, "byte 16"},
		{"byte order mark", "\xef\xbb\xbf{}", "byte order mark"},
		{"bad UTF-8", "{\"userName\":\"\xff\"}", "UTF-8 at byte 13"},
		{"bad UTF-8 in a name", "{\"user\xc3Name\":\"x\"}", "UTF-8"},
		{"overlong UTF-8", "{\"userName\":\"\xc0\x80\"}", "UTF-8"},
		{"lone surrogate", `{"userName":"\ud800"}`, "surrogate"},
		{"NUL escaped", `{"userName":"a\u0000b"}`, "NUL character at byte 14"},
		{"NUL raw", "{\"userName\":\"a\x00b\"}", "NUL character at byte 14"},
		{"NUL outside", "{\x00}", "NUL character at byte 1"},
		{"control character", "{\"userName\":\"a\nb\"}", "byte"},
		{"1e400", `{"x":1e400}`, "number at byte 5"},
		{"-1E999", `{"x":[-1E999]}`, "number at byte 6"},
		{"400 digits", `{"x":` + strings.Repeat("9", 400) + `}`, "number at byte 5"},
		{"leading zero", `{"x":01}`, "byte"},
		{"NaN", `{"x":NaN}`, "byte 5"},
		{"bad escape", `{"userName":"a\qb"}`, "escape sequence"},
		{"HTTP-A05 twice", `{"userName":"a","userName":"b"}`, `"userName" appears twice`},
		{"HTTP-A05 twice by case", `{"userName":"a","USERNAME":"b"}`, `"USERNAME" appears twice`},
		{"HTTP-A05 twice by escape", `{"userName":"a","user\u004eame":"b"}`, `appears twice`},
		{"HTTP-A05 twice within", `{"name":{"givenName":"a","GivenName":"b"}}`, "appears twice"},
		{"HTTP-A05 twice, unknown names", `{"foo":1,"FOO":2}`, "appears twice"},
		{"HTTP-A05 twice in what is ignored", `{"foo":{"a":1,"a":2}}`, "appears twice"},
		{"HTTP-A05 twice though null", `{"title":null,"Title":"x"}`, "appears twice"},
		{"HTTP-A05 twice though readOnly", `{"id":"1","ID":"2"}`, "appears twice"},
		{"HTTP-A05 twice in an element", `{"emails":[{"value":"a"},{"value":"b","Value":"c"}]}`, "appears twice"},
		{"depth", `{"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, "deeper than 32"},
	} {
		t.Run(c.id, func(t *testing.T) {
			refused(t, CheckJSON([]byte(c.body)), InvalidSyntax, c.detail)
			_, err := Parse(user, []byte(c.body), Lenient(), nil)
			refused(t, err, InvalidSyntax, c.detail)
		})
	}
	for _, body := range []string{`[]`, `"x"`, `null`, `1`, `true`} {
		t.Run("no object "+body, func(t *testing.T) {
			require.NoError(t, CheckJSON([]byte(body)))
			_, err := Parse(user, []byte(body), Lenient(), nil)
			refused(t, err, InvalidSyntax, "must be a JSON object")
		})
	}
}

func TestCheckJSON_Accepts(t *testing.T) {
	for _, body := range []string{
		`{}`, " {\t\"a\" : [ 1 , -0.5e3 ] }\r\n", `{"a":{"x":1},"b":{"x":1}}`, `[{"a":1},{"a":2}]`, `{"a":"\\u0000"}`,
		`{"a":"\ud83d\ude00"}`, `{"a":1e308}`, strings.Repeat("[", 32) + strings.Repeat("]", 32),
	} {
		require.NoError(t, CheckJSON([]byte(body)), body)
	}
}

func TestCheckJSON_ManyNames(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"first":0`)
	for i := range 50_000 {
		b.WriteString(`,"n` + strconv.Itoa(i) + `":0`)
	}
	require.NoError(t, CheckJSON([]byte(b.String()+"}")))
	refused(t, CheckJSON([]byte(b.String()+`,"FIRST":0}`)), InvalidSyntax, "FIRST")
	refused(t, CheckJSON([]byte(b.String()+`,"N49999":0}`)), InvalidSyntax, "N49999")
}

func TestGuard_DepthCostsNothing(t *testing.T) {
	body := []byte(strings.Repeat("[", 1<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	refused(t, CheckJSON(body), InvalidSyntax, "deeper than 32")
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10))
}

// TestParse_HostileSizes wants linear time from bodies of many of one thing.
func TestParse_HostileSizes(t *testing.T) {
	user, group := stockTypes(t)
	many := func(open, item, end string) []byte {
		n := (1 << 20) / (len(item) + 1)
		return []byte(open + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + end)
	}
	unknown := func() []byte {
		var b strings.Builder
		b.WriteString(`{"userName":"a"`)
		for i := 0; b.Len() < 1<<20; i++ {
			b.WriteString(`,"x` + strconv.Itoa(i) + `":0`)
		}
		return []byte(b.String() + "}")
	}
	for name, c := range map[string]struct {
		typ  *Type
		body []byte
	}{
		"unknown names":           {user, unknown()},
		"empty elements":          {user, many(`{"userName":"a","emails":[`, `{}`, `]}`)},
		"null elements":           {user, many(`{"userName":"a","emails":[`, `null`, `]}`)},
		"empty between":           {user, many(`{"userName":"a","emails":[`, `{"value":"a"},{}`, `]}`)},
		"repeated elements":       {user, many(`{"userName":"a","emails":[`, `{"value":"a"}`, `]}`)},
		"repeated members":        {group, many(`{"displayName":"a","members":[`, `{"value":"a"}`, `]}`)},
		"repeated schemas":        {user, many(`{"userName":"a","schemas":[`, `"`+UserSchema+`"`, `]}`)},
		"unknown schemas":         {user, many(`{"userName":"a","schemas":["`+UserSchema+`",`, `"urn:x"`, `]}`)},
		"operations and the like": {user, many(`{"userName":"a","emails":[`, `{"x":{"y":[1]}}`, `]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			var notes Notes
			doc, err := Parse(c.typ, c.body, Lenient(), &notes)
			require.NoError(t, err)
			require.NoError(t, Finish(doc, Lenient()))
			require.LessOrEqual(t, len(notes), maxNotes)
		})
	}
}

func TestDecodeError(t *testing.T) {
	require.NoError(t, DecodeError(nil))
	own := Bad(InvalidValue, "x")
	require.Same(t, own, DecodeError(own))
	refused(t, DecodeError(io.EOF), InvalidSyntax, "cut off")
	refused(t, DecodeError(io.ErrClosedPipe), InvalidSyntax, "not valid JSON")
}

// TestSEC01_DetailsHoldNoValues plants a secret in each kind of mistake.
func TestSEC01_DetailsHoldNoValues(t *testing.T) {
	user, _ := stockTypes(t)
	for _, body := range []string{
		`{"active":"hunter2"}`, `{"x509Certificates":[{"value":"hunter2!"}]}`, `{"userName":["hunter2"]}`, `{"profileUrl":"hunter2 2"}`,
		`{"addresses":[{"country":"hunter2"}]}`, `{"password":"hunter2\ud800hunter2"}`, `{"password":"\qhunter2"}`, `{"emails":"hunter2"}`,
		`{"emails":[{"primary":"hunter2"}]}`, `{"name":"hunter2"}`, `{"password":hunter2}`,
	} {
		_, err := Parse(user, []byte(body), Strict(), nil)
		require.Error(t, err, body)
		require.NotContains(t, err.Error(), "hunter", body)
	}
}

// What is cut keeps the part that tells one name from another.
func TestNamesInDetailsAreCut(t *testing.T) {
	urn := "urn:ietf:params:scim:schemas:extension:" + strings.Repeat("department:", 9) + "2.0:User:costCentre"
	for _, c := range []struct{ in, long, short string }{
		{"costCentre", "costCentre", "costCentre"},
		{strings.Repeat("x", 99), strings.Repeat("x", 80) + "...", strings.Repeat("x", 60) + "..."},
		{strings.Repeat("é", 41) + "x", strings.Repeat("é", 40) + "...", strings.Repeat("é", 30) + "..."},
		{"x" + strings.Repeat("é", 41), "x" + strings.Repeat("é", 39) + "...", "x" + strings.Repeat("é", 29) + "..."},
		{urn, "..." + urn[len(urn)-80:], "..." + urn[len(urn)-60:]},
		{"URN:x" + strings.Repeat("é", 99) + "y", "..." + strings.Repeat("é", 39) + "y", "..." + strings.Repeat("é", 29) + "y"},
	} {
		require.Equal(t, c.long, shorten(c.in))
		require.Equal(t, strconv.Quote(c.short), quoteShort(c.in))
	}
	user, _ := stockTypes(t)
	_, err := ParseFilter(user, urn+" pr", Lenient(), nil)
	require.ErrorContains(t, err, `2.0:User:costCentre"`)
}
