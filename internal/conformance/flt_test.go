package conformance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

// filterStack holds three users to ask for: bob of 12:00, amy of 13:00 and zoë of 14:00.
func filterStack(t *testing.T) (s *proxytest.Stack, ids map[string]string) {
	t.Helper()
	clock := newHandClock()
	s = proxytest.New(t, clock.option())
	type m = proxytest.M
	bob := s.Post(t, "/Users", m{"schemas": []string{proxytest.UserSchema}, "userName": "bob", "externalId": "AB", "title": "Lead", "nickName": `a"b`,
		"displayName": "Straße", "name": m{"givenName": "Bob"}, "emails": []m{{"type": "work", "value": "bob@x.example", "primary": true}}}).Status(201).ID()
	clock.advance(time.Hour)
	amy := s.Post(t, "/Users", m{"schemas": []string{proxytest.UserSchema}, "userName": "Amy", "externalId": "ab", "active": false, "nickName": `a\b`,
		"emails": []m{{"type": "work", "value": "amy@y.example"}, {"type": "home", "value": "amy@x.example"}}}).Status(201).ID()
	clock.advance(time.Hour)
	zoe := s.Post(t, "/Users", m{"schemas": []string{proxytest.UserSchema, proxytest.EnterpriseSchema}, "userName": "zoë", "title": nil, "emails": []any{},
		"nickName": "", "name": m{}, "roles": nil, "displayName": "José", "addresses": []m{{"region": "RZ"}},
		"photos":                   []m{{"value": "https://x.example/A"}},
		proxytest.EnterpriseSchema: m{"department": "Tooling", "manager": m{"value": bob}}}).Status(201).ID()
	return s, map[string]string{"BOB": bob, "AMY": amy, "ZOE": zoe}
}

// expand writes the ids of the three, and the URNs, into a filter.
func expand(filter string, ids map[string]string) string {
	for name, id := range ids {
		filter = strings.ReplaceAll(filter, "$"+name, id)
	}
	return strings.NewReplacer("$USER", proxytest.UserSchema, "$ENT", proxytest.EnterpriseSchema).Replace(filter)
}

func TestFLT_Filters(t *testing.T) {
	s, ids := filterStack(t)
	for _, group := range []struct {
		name string
		rows map[string]string // filter -> who matches, in the order of their making
	}{
		{"FLT-01 operators in any letters", map[string]string{
			`userName EQ "bob"`: "bob", `userName Ne "bob"`: "Amy zoë", `userName cO "o"`: "bob zoë", `userName Sw "a"`: "Amy", `userName eW "y"`: "Amy",
			`userName gT "bob"`: "zoë", `userName GE "bob"`: "bob zoë", `userName Lt "bob"`: "Amy", `userName LE "bob"`: "bob Amy", `title PR`: "bob",
			`title Pr`: "bob", `userName eq "b"`: "", `userName co "x"`: "", `userName sw "ob"`: "", `userName ew "bo"`: "",
		}},
		{"FLT-04 precedence", map[string]string{
			`userName eq "amy" or userName eq "bob" and title pr`:              "bob Amy",
			`(userName eq "amy" or userName eq "bob") and title pr`:            "bob",
			`title pr or userName eq "amy" and userName eq "zoë"`:              "bob",
			`(title pr or userName eq "amy") and userName eq "zoë"`:            "",
			`userName eq "amy" and title pr or userName eq "zoë"`:              "zoë",
			`userName eq "amy" and (title pr or userName eq "zoë")`:            "",
			`not (title pr) and userName eq "amy"`:                             "Amy",
			`not (title pr and userName eq "amy")`:                             "bob Amy zoë",
			`not (userName eq "bob") or userName eq "bob"`:                     "bob Amy zoë",
			`not (not (title pr))`:                                             "bob",
			`userName eq "bob" or userName eq "amy" or userName eq "zoë"`:      "bob Amy zoë",
			`userName pr and userName ne "bob" and not (userName eq "amy")`:    "zoë",
			`((userName eq "bob") or ((userName eq "amy")))`:                   "bob Amy",
			`userName eq "bob" and title pr or userName eq "amy" and title pr`: "bob",
		}},
		{"FLT-05 not", map[string]string{`not(title pr)`: "Amy zoë", `not (title pr)`: "Amy zoë", `NOT (title pr)`: "Amy zoë", `Not(title pr) and not(active eq false)`: "zoë"}},
		{"FLT-06 logical operators in any letters", map[string]string{
			`userName eq "bob" OR userName eq "amy"`: "bob Amy", `title pr AND userName eq "bob"`: "bob", `title pr Or userName eq "amy" aNd active eq true`: "bob",
		}},
		{"FLT-07 one element at a time", map[string]string{
			`emails[type eq "work" and value co "@x"]`: "bob", `emails[type eq "home" and value co "@x"]`: "Amy", `emails[type eq "home" and value co "@y"]`: "",
			`emails[type eq "home" or value co "bob"]`: "bob Amy", `emails[not (type eq "work")]`: "Amy", `emails[(type eq "work" or type eq "home") and value co "@y"]`: "Amy",
			`not (emails[type eq "home"])`: "bob zoë", `emails[primary eq true]`: "bob", `emails[type eq "work" and not (primary pr)]`: "Amy",
			`emails[TYPE EQ "WORK"] and userName pr`: "bob Amy",
		}},
		{"FLT-09 any element without brackets", map[string]string{
			`emails.type eq "work" and emails.value co "@x"`: "bob Amy", `emails.type eq "home" and emails.value co "@y"`: "Amy", `emails.type eq "other"`: "",
		}},
		{"FLT-10 literals", map[string]string{
			`nickName eq "a\"b"`: "bob", `nickName eq "a\\b"`: "Amy", `nickName eq "\u0061\u0022b"`: "bob", `displayName eq "Jos\u00e9"`: "zoë",
			`active eq true`: "bob zoë", `active eq false`: "Amy", `active ne false`: "bob zoë", `title eq null`: "Amy zoë", `nickName eq "a/b"`: "", `displayName eq "Jos\u00E9"`: "zoë",
		}},
		{"FLT-11 schema URN", map[string]string{
			`$ENT:department eq "Tooling"`: "zoë", `$ENT:department eq "Sales"`: "", `$USER:userName eq "bob"`: "bob", `$USER:name.givenName eq "Bob"`: "bob",
			`URN:ietf:params:scim:schemas:extension:Enterprise:2.0:user:Department eq "tooling"`: "zoë", `$USER:emails[type eq "home"]`: "Amy",
		}},
		{"FLT-12 complex attributes", map[string]string{`emails co "@x"`: "bob Amy", `emails eq "amy@y.example"`: "Amy", `name pr`: "bob", `emails pr`: "bob Amy"}},
		{"FLT-13 letter case", map[string]string{
			`userName eq "BOB"`: "bob", `userName eq "aMY"`: "Amy", `userName sw "B"`: "bob", `userName co "O"`: "bob zoë", `userName ew "MY"`: "Amy", `userName ne "BOB"`: "Amy zoë",
			`externalId eq "AB"`: "bob", `externalId eq "ab"`: "Amy", `externalId eq "Ab"`: "", `externalId sw "A"`: "bob", `externalId ew "b"`: "Amy", `externalId co "B"`: "bob",
			`externalId ne "AB"`: "Amy zoë", `emails.value eq "BOB@X.EXAMPLE"`: "bob", `photos.value eq "https://x.example/A"`: "zoë", `photos.value eq "https://x.example/a"`: "", `photos co "/a"`: "",
		}},
		{"FLT-14 order of texts and times", map[string]string{
			`userName gt "Bob"`: "zoë", `userName lt "B"`: "Amy", `userName ge "AMY"`: "bob Amy zoë", `externalId lt "a"`: "bob", `externalId ge "a"`: "Amy",
			`meta.lastModified gt "2026-03-01T12:00:00Z"`: "Amy zoë", `meta.lastModified ge "2026-03-01T12:00:00Z"`: "bob Amy zoë",
			`meta.lastModified gt "2026-03-01T14:30:00+02:00"`: "Amy zoë", `meta.lastModified lt "2026-03-01T07:30:00-05:00"`: "bob",
			`meta.lastModified le "2026-03-01T13:00:00.000Z"`: "bob Amy", `meta.created lt "2026-03-01T13:00:00.001Z"`: "bob Amy",
		}},
		{"FLT-18 pr", map[string]string{`title pr`: "bob", `nickName pr`: "bob Amy", `emails pr`: "bob Amy", `name pr`: "bob", `roles pr`: "", `name.givenName pr`: "bob",
			`addresses pr`: "zoë", `addresses.region pr`: "zoë", `$ENT:manager pr`: "zoë", `$ENT:costCenter pr`: "", `not (emails pr)`: "zoë", `active pr`: "bob Amy zoë"}},
		{"FLT-20 defaults", map[string]string{`active eq true`: "bob zoë", `active pr`: "bob Amy zoë", `active ne true`: "Amy"}},
		{"FLT-21 id and meta", map[string]string{
			`id eq "$BOB"`: "bob", `id eq "$BOB" or id eq "$ZOE"`: "bob zoë", `id ne "$BOB"`: "Amy zoë", `id eq "nobody"`: "", `id pr`: "bob Amy zoë", `externalId pr`: "bob Amy",
			`meta.resourceType eq "User"`: "bob Amy zoë", `meta.resourceType eq "Group"`: "", `meta.lastModified ge "2026-03-01T14:00:00Z"`: "zoë",
			`meta.created eq "2026-03-01T13:00:00Z"`: "Amy", `meta.version pr`: "bob Amy zoë",
		}},
		{"FLT-21 meta.location", map[string]string{`meta.location ew "$BOB"`: "bob", `meta.location pr`: "bob Amy zoë"}},
		{"FLT-23 Unicode", map[string]string{
			`displayName eq "STRASSE"`: "bob", `displayName eq "straße"`: "bob", `displayName co "ASS"`: "bob", `displayName eq "JOSÉ"`: "zoë", `displayName eq "Jose\u0301"`: "zoë",
			`displayName eq "Jose"`: "", `userName eq "ZOË"`: "zoë", `userName eq "zoe\u0308"`: "zoë", `userName eq "zoe"`: "",
		}},
		{"FLT-24 personal data in a query, as identity providers send it", map[string]string{`userName eq "bob"`: "bob", `emails.value eq "amy@x.example"`: "Amy"}},
		{"FLT-A01 a part behind the brackets", map[string]string{
			`emails[type eq "work"].value eq "bob@x.example"`: "bob", `emails[type eq "home"].value eq "bob@x.example"`: "", `emails[type eq "home"].value co "@x"`: "Amy",
			`emails[type eq "home"].value co "@y"`: "", `emails[type eq "work"].value eq "amy@y.example" and active eq false`: "Amy",
		}},
		{"FLT-A02 URNs with dots", map[string]string{`$ENT:manager.value eq "$BOB"`: "zoë", `$ENT:manager eq "$BOB"`: "zoë", `$ENT:manager.value eq "$AMY"`: ""}},
		{"FLT-A03 extension attribute without its URN", map[string]string{`department eq "Tooling"`: "zoë", `manager.value eq "$BOB"`: "zoë", `department pr`: "zoë"}},
		{"FLT-A04 equal instants", map[string]string{
			`meta.created eq "2026-03-01T12:00:00Z"`: "bob", `meta.created eq "2026-03-01T12:00:00+00:00"`: "bob", `meta.created eq "2026-03-01T14:00:00.000+02:00"`: "bob",
			`meta.created eq "2026-03-01T12:00:00"`: "bob", `meta.created ne "2026-03-01T08:00:00-04:00"`: "Amy zoë",
		}},
		{"FLT-A05 booleans in quotes", map[string]string{`active eq "true"`: "bob zoë", `active eq "True"`: "bob zoë", `active eq "FALSE"`: "Amy", `emails[primary eq "True"]`: "bob"}},
		{"FLT-A06 null", map[string]string{`title eq null`: "Amy zoë", `title ne null`: "bob", `emails eq null`: "zoë", `nickName ne null`: "bob Amy", `name eq null`: "Amy zoë"}},
		{"FLT-A07 ne and not", map[string]string{
			`title ne "Lead"`: "Amy zoë", `not (title eq "Lead")`: "Amy zoë", `title ne "other"`: "bob Amy zoë", `emails.type ne "home"`: "bob zoë", `not (emails.type eq "home")`: "bob zoë",
			`not (title ne "Lead")`: "bob", `emails[type ne "home"]`: "bob Amy",
		}},
	} {
		t.Run(group.name, func(t *testing.T) {
			for filter, want := range group.rows {
				r := s.Filter(t, "/Users", expand(filter, ids)).Status(200)
				require.Equal(t, want, strings.Join(r.Strs("Resources", "userName"), " "), filter)
				require.Equal(t, len(strings.Fields(want)), r.Int("totalResults"), filter)
			}
		})
	}
	t.Run("FLT-20 the value last returned", func(t *testing.T) {
		s.Patch(t, "/Users/"+ids["BOB"], patchBody(`{"op":"replace","path":"active","value":"False"}`)).Status(200).Has("active", false)
		s.Filter(t, "/Users", `active eq true`).Has("totalResults", 1).Has("Resources.0.id", ids["ZOE"])
		s.Patch(t, "/Users/"+ids["BOB"], patchBody(`{"op":"remove","path":"active"}`)).Status(200)
		shown := s.Get(t, "/Users/"+ids["BOB"])
		n := 0
		if active, ok := shown.At("active"); ok && active == true {
			n = 1
		}
		s.Filter(t, "/Users", `userName eq "bob" and active eq true`).Has("totalResults", n)
	})
	t.Run("FLT-21 meta.version", func(t *testing.T) {
		tag := strings.ReplaceAll(s.Get(t, "/Users/"+ids["AMY"]).ETag(), `"`, `\"`)
		s.Filter(t, "/Users", `meta.version eq "`+tag+`"`).Status(200).Has("totalResults", 1).Has("Resources.0.id", ids["AMY"])
	})
	t.Run("FLT-18 pr after a PATCH to null", func(t *testing.T) {
		s.Patch(t, "/Users/"+ids["BOB"], patchBody(`{"op":"replace","path":"title","value":null},{"op":"replace","path":"emails","value":[]}`)).Status(200)
		s.Filter(t, "/Users", `title pr`).Status(200).Has("totalResults", 0)
		s.Filter(t, "/Users", `emails pr`).Status(200).Has("totalResults", 1)
	})
}

func TestFLT_Refusals(t *testing.T) {
	s, _ := filterStack(t)
	for _, group := range []struct {
		name    string
		details []string
		filters []string
	}{
		{"FLT-02 unknown operators", []string{"position 10", "eq, ne, co, sw, ew, gt, ge, lt, le or pr"},
			[]string{`userName regex "a"`, `userName = "a"`, `userName == "a"`, `userName eqq "a"`, `userName in "a"`, `userName like "a"`}},
		{"FLT-03 outside the grammar", []string{"filter, position"}, []string{
			`userName`, `userName eq`, `userName eq "a" title pr`, `userName eq "a" "b"`, `(userName eq "a"`, `userName eq "a")`, `((userName eq "a")`, `emails[type eq "work"`,
			`emails type eq "work"]`, `and`, `userName eq "a" and`, `userName eq "a" or or title pr`, `or title pr`, `not title pr`, `not`, `not ()`, `()`, `[]`, `emails[]`, `"userName" eq "a"`,
			`eq "a"`, `""`, `userName eq "a`, `userName eq 'a'`, `userName pr "a"`, `userName eq "a",title pr`, `userName eq "a" & title pr`, `userName eq "\x"`, `userName eq "a" and (title pr`,
			`userName..x eq "a"`, `.userName eq "a"`, `userName eq ("a")`, `userName eq "a" not (title pr)`, `title eq eq "a"`, ` `, `(`, `)`, `%`, `userName eq "a";`, `{"userName":"a"}`,
		}},
		{"FLT-05 not without parentheses", nil, []string{`not title pr`, `not userName eq "bob"`, `not emails[type eq "work"]`}},
		{"FLT-06 no space around", []string{"space"}, []string{`(title pr)and (title pr)`, `(title pr) and(title pr)`, `(title pr)or(title pr)`}},
		{"FLT-08 brackets in brackets", []string{"position 12"}, []string{`emails[type[value eq "a"]]`}},
		{"FLT-08 more of them", nil, []string{`emails[emails[type eq "a"]]`, `emails[type eq "a" and value[type eq "b"]]`}},
		{"FLT-12 no part named", []string{"name", "name."}, []string{`name eq "x"`, `name co "x"`}},
		{"FLT-12 no value part", nil, []string{`addresses eq "x"`, `$ENT eq "x"`, `meta eq "x"`}},
		{"FLT-15 order of what has none", []string{"does not apply"}, []string{
			`active gt true`, `active ge true`, `active lt true`, `active le false`, `emails.primary gt true`, `emails[primary le true]`,
			`x509Certificates.value gt "QUJD"`, `x509Certificates gt "QUJD"`, `x509Certificates.value le "QUJD"`, `x509Certificates.value ge "QUJD"`, `x509Certificates.value lt "QUJD"`,
		}},
		{"FLT-16 parts of what is no text", []string{"does not apply"}, []string{
			`active co "t"`, `active sw "t"`, `active ew "e"`, `meta.lastModified sw "2026"`, `meta.lastModified co "2026"`, `meta.created ew "Z"`, `x509Certificates.value co "QU"`,
		}},
		{"FLT-16 literals of the wrong type", nil, []string{`active eq 1`, `active eq "yes"`, `active eq "a"`, `meta.created eq true`, `meta.created gt 5`, `active gt null`, `title co null`}},
		{"FLT-17 times that are none", []string{"a time such as"}, []string{
			`meta.created gt "yesterday"`, `meta.lastModified ge "2026-13-01T00:00:00Z"`, `meta.lastModified eq "2026-03-01"`, `meta.created lt ""`, `meta.created gt "12:00:00"`,
		}},
		{"FLT-22 what is never returned", []string{"password is never returned"}, []string{`password sw "a"`, `password eq "a"`, `password pr`, `not (password pr)`, `$USER:password co "a"`, `userName eq "bob" and PASSWORD ne "a"`}},
		{"FLT-A08 attributes that are not there", []string{"check the spelling"}, []string{`foo eq "x"`, `foo pr`, `userName eq "bob" or foo pr`, `name.foo eq "x"`, `members eq "x"`, `urn:x:1.0:y:foo eq "x"`, `$ENT:foo eq "x"`, `$ENT:userName eq "x"`}},
		{"FLT-A08 parts that are not there", []string{"no sub-attribute"}, []string{`emails[foo eq "x"]`, `emails[type eq "work"].foo eq "x"`}},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, filter := range group.filters {
				s.Filter(t, "/Users", expand(filter, nil)).Error(400, "invalidFilter", group.details...)
			}
		})
	}
	// No filter was meant: taken for none it would answer a look-up with everybody.
	t.Run("FLT-03 empty", func(t *testing.T) {
		for _, q := range []string{"?filter=", "?filter", "?filter=&count=1"} {
			s.Get(t, "/Users"+q).Error(400, "invalidFilter")
		}
	})
	t.Run("FLT-03 bytes that are no text", func(t *testing.T) {
		for _, q := range []string{`userName+eq+%22%FF%22`, `userName+eq+%22%00%22`, `%00`, `userName+eq+%22%ED%A0%80%22`, `userName+eq+%22\ud800%22`} {
			s.Get(t, "/Users?filter="+q).Error(400, "invalidFilter")
		}
	})
	t.Run("FLT-A05 strict", func(t *testing.T) {
		s.SetProfile(t, tenancy.ProfileStrict)
		s.Filter(t, "/Users", `active eq "true"`).Error(400, "invalidFilter", "active")
		s.Filter(t, "/Users", `active eq true`).Status(200).Has("totalResults", 2)
		s.Filter(t, "/Users", `userName eq bob`).Error(400, "invalidFilter", "double quotes")
		s.Filter(t, "/Users", `title eq 5`).Error(400, "invalidFilter")
	})
}

func TestFLT_A09_Bounds(t *testing.T) {
	s, _ := filterStack(t)
	nest := func(n int) string { return strings.Repeat("(", n) + `title+pr` + strings.Repeat(")", n) }
	terms := func(n int) string { return strings.TrimSuffix(strings.Repeat(`title+pr+or+`, n), "+or+") }
	for name, c := range map[string]struct{ filter, detail string }{
		"FLT-A09 depth":               {nest(33), "levels"},
		"FLT-A09 great depth":         {nest(1500), "levels"},
		"FLT-A09 depth without end":   {strings.Repeat("(", 6000), "bytes"},
		"FLT-A09 depth of not":        {strings.Repeat("not(", 1000) + "title+pr" + strings.Repeat(")", 1000), "bytes"},
		"FLT-A09 depth of not, short": {strings.Repeat("not(", 40) + "title+pr" + strings.Repeat(")", 40), "levels"},
		"FLT-A09 comparisons":         {terms(101), "comparisons"},
		"FLT-A09 a thousand":          {terms(1000), "bytes"},
		"FLT-A09 length":              {`title+eq+%22` + strings.Repeat("x", 5000) + `%22`, "4096"},
	} {
		t.Run(name, func(t *testing.T) { s.Get(t, "/Users?filter="+c.filter).Error(400, "invalidFilter", c.detail) })
	}
	t.Run("FLT-A09 within the bounds", func(t *testing.T) {
		for _, filter := range []string{nest(32), terms(100)} {
			s.Get(t, "/Users?filter="+filter).Status(200).Has("totalResults", 1)
		}
	})
}

// With a budget of one resource to look at, only an index can answer.
func TestFLT_A10_Indexes(t *testing.T) {
	s := proxytest.New(t, proxytest.WithDirectory(directory.Options{ScanBudget: 1}))
	s.CreateUsers(t, "u", 20)
	id := s.CreateUser(t, "Ada", "externalId", "E1", "displayName", "Ada B")
	for range 10 {
		s.CreateGroup(t, "other")
	}
	group := s.Post(t, "/Groups", proxytest.M{"schemas": []string{proxytest.GroupSchema}, "displayName": "Eng", "externalId": "G1", "members": proxytest.Members(id)}).Status(201).ID()
	for endpoint, filters := range map[string][]string{
		"/Users": {`userName eq "ADA"`, `externalId eq "E1"`, `id eq "$USER"`, `emails.value eq "ADA@example.com"`, `emails eq "ada@example.com"`, `displayName eq "ada b"`,
			`emails[value eq "ada@example.com"]`, `emails[type eq "work" and value eq "ada@example.com"]`, `emails[type eq "work"].value eq "ada@example.com"`,
			`userName eq "ada" and active eq true`, `active eq true and externalId eq "E1"`},
		"/Groups": {`displayName eq "eng"`, `externalId eq "G1"`, `id eq "$GROUP"`, `members eq "$USER"`, `members.value eq "$USER"`, `members[value eq "$USER"]`,
			`id eq "$GROUP" and members eq "$USER"`},
	} {
		want := map[string]string{"/Users": id, "/Groups": group}[endpoint]
		for _, filter := range filters {
			t.Run("FLT-A10 "+endpoint[1:]+" "+filter, func(t *testing.T) {
				filter := strings.NewReplacer("$USER", id, "$GROUP", group).Replace(filter)
				s.Filter(t, endpoint, filter).Status(200).Has("totalResults", 1).Has("Resources.0.id", want)
			})
		}
	}
	t.Run("FLT-A10 what has no index is refused beyond the budget", func(t *testing.T) {
		s.Filter(t, "/Users", `nickName eq "x"`).Error(400, "tooMany", "userName")
		s.Filter(t, "/Users", `nickName co "ada"`).Error(400, "tooMany", "cursor", "filterable")
	})
}

func TestFLT_A11_Members(t *testing.T) {
	s := proxytest.New(t)
	ids := s.CreateUsers(t, "m", 3)
	one, both := s.CreateGroup(t, "one", ids[0]), s.CreateGroup(t, "both", ids[0], ids[1])
	for filter, want := range map[string][]string{
		`members[value eq "$0"]`: {one, both}, `members eq "$0"`: {one, both}, `members.value eq "$0"`: {one, both}, `members eq "$1"`: {both}, `members[value eq "$1"]`: {both},
		`members eq "$2"`: {}, `members[value eq "nobody"]`: {}, `members eq "$1" and displayName eq "one"`: {}, `members eq "$1" and members eq "$0"`: {both},
		`members[value eq "$0" and type eq "User"]`: {one, both}, `members[value eq "$0" and type eq "Group"]`: {}, `members pr and displayName eq "one"`: {one},
	} {
		t.Run("FLT-A11 "+filter, func(t *testing.T) {
			for i, id := range ids {
				filter = strings.ReplaceAll(filter, "$"+string(rune('0'+i)), id)
			}
			got := s.Filter(t, "/Groups", filter).Status(200).Strs("Resources", "id")
			slices.Sort(got)
			slices.Sort(want)
			require.Equal(t, want, got)
		})
	}
}
