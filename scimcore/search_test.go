package scimcore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSearch(t *testing.T) {
	const head = `{"schemas":["` + SearchMessage + `"]`
	for _, c := range []struct {
		body string
		want Search
	}{
		{head + `}`, Search{StartIndex: 1}},
		{head + `,"filter":"userName pr","sortBy":"userName","sortOrder":"descending","startIndex":3,"count":0}`,
			Search{Filter: "userName pr", HasFilter: true, SortBy: "userName", SortOrder: "descending", StartIndex: 3, HasStart: true, HasCount: true}},
		{head + `,"attributes":["a","b.c"],"COUNT":-5,"cursor":""}`, Search{StartIndex: 1, Attributes: "a,b.c", HasCount: true, HasCursor: true}},
		{head + `,"excludedAttributes":"members","startIndex":-1}`, Search{StartIndex: 1, HasStart: true, Excluded: "members"}},
		{head + `,"filter":"displayName eq \"\u00e9\"","unknown":{"x":1}}`, Search{StartIndex: 1, Filter: `displayName eq "é"`, HasFilter: true}},
	} {
		got, err := ParseSearch([]byte(c.body), Lenient(), nil)
		require.NoError(t, err, c.body)
		require.Equal(t, c.want, got, c.body)
	}
	var notes Notes
	_, err := ParseSearch([]byte(head+`,"unknown":1}`), Lenient(), &notes)
	require.NoError(t, err)
	require.Equal(t, Notes{{NoteUnknownAttribute, "unknown"}}, notes)
	for body, typ := range map[string]ErrorType{
		`[]`: InvalidSyntax, `{}`: InvalidSyntax, head: InvalidSyntax, head + `,"count":"1"}`: InvalidValue, head + `,"count":1.5}`: InvalidValue,
		head + `,"count":1.5,"cursor":""}`: InvalidCount, head + `,"cursor":"","startIndex":1}`: InvalidValue, head + `,"filter":[]}`: InvalidValue,
		head + `,"attributes":[1]}`: InvalidValue, head + `,"filter":"a","FILTER":"b"}`: InvalidSyntax,
	} {
		_, err := ParseSearch([]byte(body), Lenient(), nil)
		wantProtocolError(t, err)
		require.Equal(t, typ, err.(*Error).Type, body)
	}
	_, err = ParseSearch([]byte(head+`,"unknown":1}`), Strict(), nil)
	require.Equal(t, InvalidSyntax, err.(*Error).Type)
}

// A list of names may fill the body. To join them one by one took 16 seconds.
func TestSRCH03_ManyNames(t *testing.T) {
	const n = 200_000
	body := []byte(`{"schemas":["` + SearchMessage + `"],"attributes":[` + strings.Repeat(`"a",`, n) + `"b"]}`)
	var s Search
	allocs := testing.AllocsPerRun(1, func() {
		var err error
		s, err = ParseSearch(body, Lenient(), nil)
		require.NoError(t, err)
	})
	require.Less(t, allocs, n/100.0)
	require.Equal(t, strings.Repeat("a,", n)+"b", s.Attributes)
	cat, err := NewCatalog(UserType(), GroupType())
	require.NoError(t, err)
	_, err = ParseProjection(cat.Type("User"), s.Attributes, "", Lenient(), nil)
	wantProtocolError(t, err)
	require.Equal(t, InvalidValue, err.(*Error).Type)
}

func FuzzParseSearch(f *testing.F) {
	for _, s := range []string{`{"schemas":["` + SearchMessage + `"],"filter":"a","count":1,"attributes":["x"]}`, `{"schemas":{}}`, `{"count":`, `{"attributes":[[]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, d := range []Dialect{Lenient(), Strict()} {
			s, err := ParseSearch(body, d, nil)
			if err != nil {
				wantProtocolError(t, err)
				continue
			}
			if s.StartIndex < 1 || s.Count < 0 || s.HasCursor && s.HasStart {
				t.Fatalf("%q became %+v", body, s)
			}
		}
	})
}
