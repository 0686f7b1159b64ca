package scimcore

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bob is the resource most filter tests ask.
const bob = `{
	"userName":"Bob.Müller","externalId":"Ab-1","active":true,"displayName":"Bob \"Bo\" Müller","title":"Vice President","nickName":"",
	"name":{"familyName":"Müller","givenName":"Bob"},
	"emails":[{"value":"bob@work.example","type":"work","primary":true},{"value":"bo@home.example","type":"home"}],
	"addresses":[{"type":"work","locality":"Berlin"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","employeeNumber":"0007","manager":{"value":"M-26"}}}`

// bobDoc is bob with the id and meta a caller adds.
func bobDoc(tb testing.TB, user *Type) *Doc {
	doc := parsed(tb, user, bob)
	doc.AddString(Root, user.ID, "2819c223")
	meta := doc.Ensure(user.Meta)
	doc.AddString(meta, user.Meta.Sub("resourceType"), "User")
	doc.AddString(meta, user.Meta.Sub("lastModified"), "2026-05-13T04:42:34.123Z")
	return doc
}

const entURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func TestFilterMatch(t *testing.T) {
	user, _ := stockTypes(t)
	groups := &memSet{rows: []Member{{Value: "g1", Type: "direct", Display: "Admins"}}}
	tests := []struct {
		name, filter string
		want         bool
	}{
		{"FLT-01 operators in any case", `userName EQ "bob.müller"`, true},
		{"FLT-01 Pr", `title Pr`, true},
		{"FLT-01 sw", `userName sw "BOB"`, true},
		{"FLT-01 ew", `userName ew "Ller"`, true},
		{"FLT-01 co", `userName co "B.m"`, true},
		{"FLT-01 co misses", `userName co "zz"`, false},
		{"FLT-01 gt", `userName gt "alice"`, true},
		{"FLT-01 lt", `userName lt "alice"`, false},
		{"FLT-01 ge equal", `title ge "vice president"`, true},
		{"FLT-01 le equal", `title le "vice president"`, true},
		{"FLT-04 and before or", `title eq "x" and title pr or active eq true`, true},
		{"FLT-04 or with and", `active eq true or title eq "x" and title eq "y"`, true},
		{"FLT-04 grouping", `(active eq true or title eq "x") and title eq "y"`, false},
		{"FLT-04 not before and", `not (title eq "x") and active eq true`, true},
		{"FLT-04 left associative", `title eq "x" or title eq "y" or title pr`, true},
		{"FLT-05 not without a space", `not(title pr)`, false},
		{"FLT-05 not with spaces", `not  ( title eq "x" )`, true},
		{"FLT-06 AND Or", `title pr AND active eq false Or userName pr`, true},
		{"FLT-07 one element", `emails[type eq "work" and value co "@work"]`, true},
		{"FLT-07 not across elements", `emails[type eq "work" and value co "@home"]`, false},
		{"FLT-07 or, not and parentheses inside", `emails[not (type eq "work") and (value co "@x" or value co "@home")]`, true},
		{"FLT-07 ne inside speaks of one element", `emails[type ne "work"]`, true},
		{"FLT-09 any element, each on its own", `emails.type eq "work" and emails.value eq "bo@home.example"`, true},
		{"FLT-10 JSON escapes", `displayName co "\"bo\"" and userName ew "m\u00fcller"`, true},
		{"FLT-11 extension URN", entURN + `:department eq "r&d"`, true},
		{"SCH-03 URN in any case", `URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:userName sw "bob"`, true},
		{"SCH-02 name in any case", `USERNAME sw "bob" and NAME.familyname eq "MÜLLER"`, true},
		{"FLT-12 bare multi-valued complex", `emails co "@work.example"`, true},
		{"idp-31 emails eq", `emails eq "BO@home.example"`, true},
		{"FLT-13 caseExact externalId", `externalId eq "ab-1"`, false},
		{"FLT-13 caseExact externalId equal", `externalId eq "Ab-1"`, true},
		{"FLT-14 dateTime by instant", `meta.lastModified gt "2026-05-13T06:00:00+02:00"`, true},
		{"FLT-14 dateTime not lexical", `meta.lastModified lt "2026-05-13T02:43:00-02:00"`, true},
		{"FLT-A04 equal instants", `meta.lastModified eq "2026-05-13T04:42:34.123+00:00"`, true},
		{"no zone is UTC", `meta.lastModified eq "2026-05-13T04:42:34.123"`, true},
		{"FLT-18 empty string is unassigned", `nickName pr`, false},
		{"an empty string equals itself", `nickName eq "" and nickName ne null`, false},
		{"an empty string compares as a string", `nickName eq "" and nickName lt "a" and nickName eq null`, true},
		{"FLT-18 complex with a value", `name pr and emails pr and ` + entURN + ` pr`, true},
		{"FLT-18 absent", `phoneNumbers pr or profileUrl pr`, false},
		{"FLT-20 active", `active eq true`, true},
		{"FLT-21 id", `id eq "2819c223"`, true},
		{"FLT-21 id exact", `id eq "2819C223"`, false},
		{"FLT-21 meta.resourceType", `meta.resourceType eq "User"`, true},
		{"FLT-23 full case folding and NFD", "userName eq \"BOB.MU\u0308LLER\"", true},
		{"FLT-23 width", "userName eq \"\uff22ob.müller\"", true},
		{"FLT-A01 Entra", `emails[type eq "work"].value eq "Bob@work.example"`, true},
		{"FLT-A01 not across elements", `emails[type eq "work"].value eq "bo@home.example"`, false},
		{"FLT-A01 joined on", `emails[type eq "work" or type eq "x"].value sw "bob" and active eq true`, true},
		{"FLT-A02 URN with a sub-attribute", entURN + `:manager.value eq "M-26"`, true},
		{"FLT-A03 extension attribute without URN", `department eq "R&D"`, true},
		{"FLT-A05 idp-5 quoted boolean", `active eq "True" and emails[primary eq "true"].value pr`, true},
		{"idp-34 idp-36 primary", `emails[primary eq true].value co "work"`, true},
		{"missing primary is false", `emails[primary eq false and type eq "home"]`, true},
		{"missing primary, ne", `emails[primary ne true].value ew "home.example"`, true},
		{"FLT-A06 eq null", `profileUrl eq null and title ne null`, true},
		{"FLT-A06 eq null of a value", `title eq null`, false},
		{"FLT-A06 on multi-valued", `phoneNumbers eq null and emails ne NULL`, true},
		{"FLT-A07 ne of an unassigned attribute", `profileUrl ne "x"`, true},
		{"FLT-A07 ne of multi-valued: no element equals", `emails.type ne "work"`, false},
		{"FLT-A07 ne of multi-valued", `emails.type ne "other"`, true},
		{"FLT-A07 not is the complement", `not (profileUrl eq "x") and not (emails.type ne "work")`, true},
		{"idp-1 Entra's test connection", `userName eq "5f1c2c9e-6a0b-4c5e-9a52-d1e2a8b6a9f0"`, false},
		{"idp-10 externalId eq", `externalId eq "Ab-1"`, true},
		{"idp-17 idp-30 userName eq", `userName eq "bob.müller"`, true},
		{"idp-11 manager eq", `id eq "2819c223" and manager eq "M-26"`, true},
		{"idp-42 unquoted literal", `userName sw B`, true},
		{"idp-39 older authentik, unquoted", `userName eq bob.müller`, true},
		{"idp-42 unquoted number for a string", `employeeNumber eq 0007`, true},
		{"groups of a user", `groups eq "g1"`, true},
		{"groups by display", `groups.display sw "adm"`, true},
		{"groups by value filter", `groups[type eq "direct" and display eq "admins"]`, true},
		{"groups without a match", `groups[value eq "g2"]`, false},
		{"schemas", `schemas eq "` + entURN + `"`, true},
		{"value filter on a singular complex", `name[familyName sw "m" and givenName eq "bob"]`, true},
		{"value of a plain multi-valued attribute", `schemas[value eq "` + entURN + `"]`, true},
		{"URN inside a value filter", `emails[` + UserSchema + `:emails.type eq "work"]`, true},
		{"an attribute may be called like an operator", `title eq "and" or title eq "Vice President"`, true},
	}
	doc := bobDoc(t, user)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ParseFilter(user, tt.filter, Lenient(), nil)
			require.NoError(t, err)
			got, err := f.Match(doc, groups.sets)
			require.NoError(t, err)
			require.Equal(t, tt.want, got, tt.filter)

			again, err := ParseFilter(user, f.String(), Strict(), nil)
			require.NoError(t, err, "canonical text %s", f)
			require.Equal(t, f.String(), again.String())
			got, err = again.Match(doc, groups.sets)
			require.NoError(t, err)
			require.Equal(t, tt.want, got, f.String())

			not, err := ParseFilter(user, "not ("+tt.filter+")", Lenient(), nil)
			require.NoError(t, err)
			got, err = not.Match(doc, groups.sets)
			require.NoError(t, err)
			require.Equal(t, !tt.want, got, "not is the exact complement")
		})
	}
}

func TestFilterErrors(t *testing.T) {
	user, _ := stockTypes(t)
	deep := strings.Repeat("(", 33) + "title pr" + strings.Repeat(")", 33)
	tests := []struct {
		name, filter string
		words        []string
	}{
		{"FLT-02 unknown operator", `userName regex "a"`, []string{"position 10", `"regex"`, "operator", "eq, ne"}},
		{"FLT-03 empty", ``, []string{"position 1", "the end", "attribute name"}},
		{"FLT-03 spaces", `   `, []string{"the end"}},
		{"FLT-03 trailing", `title pr title`, []string{"position 10", `"and", "or" or the end`}},
		{"FLT-03 no value", `title eq`, []string{"position 9", "the end", "value"}},
		{"FLT-03 open parenthesis", `(title pr`, []string{`")"`, "position 1"}},
		{"FLT-03 stray parenthesis", `title pr)`, []string{"position 9"}},
		{"FLT-03 open bracket", `emails[type eq "work"`, []string{`"]"`}},
		{"FLT-03 wrong bracket", `emails[type eq "work")`, []string{`"]"`}},
		{"FLT-03 open string", `title eq "abc`, []string{"closing quote"}},
		{"FLT-03 bad escape", `title eq "\q"`, []string{"not valid JSON"}},
		{"FLT-03 lone surrogate", `title eq "\ud800"`, []string{"not valid JSON"}},
		{"FLT-03 NUL", `title eq "a\u0000"`, []string{"NUL"}},
		{"FLT-03 bad UTF-8", "title eq \"\xff\"", []string{"UTF-8"}},
		{"FLT-03 only and", `and`, []string{`no attribute "and"`}},
		{"FLT-03 not without parentheses", `not title pr`, []string{`no attribute "not"`}},
		{"FLT-03 empty brackets", `emails[]`, []string{"attribute name"}},
		{"FLT-03 a space before the bracket", `emails [type pr]`, []string{"operator"}},
		{"FLT-03 no space before the value", `title eq"x"`, []string{"space"}},
		{"FLT-06 and without a space", `(title pr)and (title pr)`, []string{"space"}},
		{"FLT-03 more after .value", `emails[type eq "work"].value`, []string{"operator"}},
		{"FLT-03 pr after brackets", `emails[type eq "work"] pr`, []string{`"and", "or" or the end`}},
		{"FLT-08 nested value filter", `emails[type[value eq "a"]]`, []string{"another one"}},
		{"FLT-12 complex without value", `name eq "x"`, []string{"name.formatted"}},
		{"FLT-12 container", entURN + ` eq "x"`, []string{"several parts"}},
		{"FLT-15 gt on boolean", `active gt true`, []string{"gt does not apply to active", "eq, ne, pr"}},
		{"FLT-15 ge on binary", `x509Certificates.value ge "YQ=="`, []string{"binary"}},
		{"FLT-16 co on boolean", `active co "t"`, []string{"a boolean"}},
		{"FLT-16 sw on dateTime", `meta.created sw "2026"`, []string{"a dateTime"}},
		{"FLT-16 co on binary", `x509Certificates co "YQ=="`, []string{"a binary"}},
		{"FLT-17 no time", `meta.created gt "yesterday"`, []string{"2026-01-31T08:00:00Z"}},
		{"FLT-17 date only", `meta.created gt "2026-01-31"`, []string{"dateTime"}},
		{"FLT-22 RES-05 password", `password sw "a"`, []string{"never returned"}},
		{"FLT-22 password pr", `password pr`, []string{"never returned"}},
		{"FLT-22 password null", `not (password eq null)`, []string{"never returned"}},
		{"FLT-A06 gt null", `title gt null`, []string{"title pr"}},
		{"FLT-A08 undefined attribute", `foo eq "x"`, []string{`User has no attribute "foo"`, "/Schemas"}},
		{"FLT-A08 undefined sub-attribute", `emails[foo eq "x"]`, []string{`emails has no sub-attribute "foo"`}},
		{"FLT-A08 undefined dotted", `name.foo eq "x"`, []string{"name.foo"}},
		{"FLT-A09 depth", deep, []string{"position 33", "more than 32"}},
		{"FLT-A09 depth by not", strings.Repeat("not (", 33) + "title pr" + strings.Repeat(")", 33), []string{"more than 32"}},
		{"FLT-A09 10,000 parentheses", strings.Repeat("(", 10000), []string{"at most 4096"}},
		{"FLT-A09 clauses", "title pr" + strings.Repeat(" or title pr", 100), []string{"more than 100 comparisons"}},
		{"boolean word", `active eq yes`, []string{"true or false"}},
		{"boolean string", `active eq "yes"`, []string{"true or false"}},
		{"other quotes", `title eq 'x'`, []string{"double quotes"}},
		{"typographic quotes", `title eq “x”`, []string{"double quotes"}},
		{"unquoted with a space", `title eq Vice President`, []string{"double quotes"}},
		{"brackets on a plain attribute", `title[value eq "x"]`, []string{"compare it directly"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseFilter(user, tt.filter, Lenient(), nil)
			refused(t, err, InvalidFilter, tt.words...)
		})
	}
	t.Run("ERR-A01 values are not repeated", func(t *testing.T) {
		for _, s := range []string{`password eq "s3cret"`, `title pr "s3cret"`, `(title eq "s3cret"`, `active eq "s3cret"`} {
			_, err := ParseFilter(user, s, Lenient(), nil)
			require.NotContains(t, err.Error(), "s3cret")
		}
	})
}

func TestFilterStrict(t *testing.T) {
	user, _ := stockTypes(t)
	for name, s := range map[string]string{
		"FLT-A05 quoted boolean": `active eq "true"`, "idp-42 unquoted": `userName sw O`, "number for a string": `employeeNumber eq 7`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseFilter(user, s, Strict(), nil)
			refused(t, err, InvalidFilter)
			var notes Notes
			_, err = ParseFilter(user, s, Lenient(), &notes)
			require.NoError(t, err)
			require.Len(t, notes, 1, "the leniency is noted")
		})
	}
	t.Run("FLT-24 IPSIE emails[value eq x]", func(t *testing.T) {
		_, err := ParseFilter(user, `emails[value eq "x"]`, Strict(), nil)
		require.NoError(t, err)
	})
}

func TestFLT14_Numbers(t *testing.T) {
	device := customType(t)
	doc := NewDoc(device)
	doc.AddText(Root, device.Root.Sub("weight"), KindNumber, []byte("9007199254740993.5"))
	doc.AddText(Root, device.Root.Sub("slots"), KindNumber, []byte("10"))
	for filter, want := range map[string]bool{
		`slots gt 9`: true, `slots lt 9`: false, `slots eq 10.0`: true, `slots eq 1e1`: true, `slots ge -3`: true, `slots eq 100e-1`: true,
		`weight eq 9007199254740993.5`: true, `weight eq 9007199254740993`: false, `weight gt 9007199254740993.49`: true,
		`weight lt 9007199254740993.500000001`: true, `weight gt 0`: true, `weight gt -0.1e5`: true, `weight eq 0.90071992547409935e16`: true,
	} {
		f, err := ParseFilter(device, filter, Strict(), nil)
		require.NoError(t, err, filter)
		got, err := f.Match(doc, nil)
		require.NoError(t, err)
		require.Equal(t, want, got, filter)
	}
	for _, bad := range []string{`slots eq "1"`, `slots gt 01`, `slots gt 1.`, `slots gt +1`, `slots gt .5`, `slots eq 1e9999`, `slots co 1`, `secret pr`, `slots eq one`} {
		_, err := ParseFilter(device, bad, Lenient(), nil)
		refused(t, err, InvalidFilter)
	}
	t.Run("FLT-22 pr of a whole does not tell of a secret part", func(t *testing.T) {
		c, err := NewCatalog(ResourceType{Name: "X", Endpoint: "Xs", Schema: Schema{ID: "urn:x", Attributes: []Attribute{
			{Name: "c", Type: Complex, SubAttributes: []Attribute{{Name: "pin", Returned: ReturnedNever}, {Name: "a"}}}}}})
		require.NoError(t, err)
		x := c.Type("X")
		d := NewDoc(x)
		d.AddString(d.Ensure(x.Root.Sub("c")), x.Root.Sub("c").Sub("pin"), "1")
		f, err := ParseFilter(x, "c pr", Strict(), nil)
		require.NoError(t, err)
		ok, err := f.Match(d, nil)
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func TestFLT19_ForeignAttributes(t *testing.T) {
	user, group := stockTypes(t)
	doc := bobDoc(t, user)
	for filter, want := range map[string]bool{
		`members eq "x"`: false, `members pr`: false, `members ne "x"`: true, `members[value eq "x"] or userName pr`: true,
	} {
		f, err := ParseFilterAmong(user, []*Type{group}, filter, Lenient(), nil)
		require.NoError(t, err)
		got, err := f.Match(doc, newMemSet("x").sets)
		require.NoError(t, err)
		require.Equal(t, want, got, filter)
	}
	_, err := ParseFilterAmong(user, []*Type{group}, `foo pr`, Lenient(), nil)
	refused(t, err, InvalidFilter)
}

func TestFLTA11_Members(t *testing.T) {
	_, group := stockTypes(t)
	doc := parsed(t, group, `{"displayName":"G"}`)
	tests := []struct {
		name, filter string
		want         bool
		reads        int // how often all rows were read
	}{
		{"FLT-A11 members[value eq]", `members[value eq "b"]`, true, 0},
		{"FLT-A11 idp-11 members eq", `members eq "b"`, true, 0},
		{"members.value eq", `members.value eq "zz"`, false, 0},
		{"ne", `members ne "b"`, false, 0},
		{"value first, then the rest", `members[value eq "b" and type eq "User"]`, true, 1},
		{"value misses", `members[value eq "zz" and type eq "User"]`, false, 0},
		{"FLT-A11 another id by case, looked up", `members[value eq "B"]`, false, 0},
		{"FLT-A11 another id by case, read", `members[value eq "B" or type eq "nobody"]`, false, 1},
		{"type", `members.type eq "group"`, false, 1},
		{"$ref with a base address", `members.$ref eq "https://acme.example/scim/v2/Users/b"`, true, 1},
		{"$ref relative", `members.$ref eq "Users/b"`, true, 1},
		{"$ref of another", `members.$ref eq "https://acme.example/scim/v2/Users/zb"`, false, 1},
		{"pr", `members pr`, true, 1},
		{"display pr", `members.display pr`, false, 1},
		{"eq null", `members eq null`, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := newMemSet("a", "b", "c")
			f, err := ParseFilter(group, tt.filter, Lenient(), nil)
			require.NoError(t, err)
			got, err := f.Match(doc, set.sets)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.reads, set.eachs)
		})
	}
	t.Run("no sets, no rows", func(t *testing.T) {
		f, err := ParseFilter(group, `members pr or members eq "x"`, Lenient(), nil)
		require.NoError(t, err)
		ok, err := f.Match(doc, nil)
		require.NoError(t, err)
		require.False(t, ok)
	})
	t.Run("an error of a Set comes through", func(t *testing.T) {
		lost := errors.New("lost")
		for _, s := range []string{`members eq "x"`, `not (members eq "x")`, `title eq "x" or members[value eq "x"]`, `members[type pr] and displayName pr`} {
			f, err := ParseFilter(group, strings.Replace(s, "title", "displayName", 1), Lenient(), nil)
			require.NoError(t, err)
			_, err = f.Match(doc, func(*Attr) (Set, error) { return nil, lost })
			require.ErrorIs(t, err, lost)
		}
	})
}

func TestFLTA10_Terms(t *testing.T) {
	user, group := stockTypes(t)
	tests := []struct {
		typ          *Type
		filter, want string
		exact        bool
	}{
		{user, `userName eq "BOB"`, `userName eq "BOB"`, true},
		{user, `userName eq "BOB" and active eq true`, `(userName eq "BOB" and active eq true)`, true},
		{user, `(externalId eq "Ab") and (title pr and id eq "x")`, `(externalId eq "Ab" and title pr and id eq "x")`, true},
		{user, `emails[type eq "work" and value eq "X@y"]`, `(emails.type eq "work" and emails.value eq "X@y")`, false},
		{user, `emails[value eq "X@y"]`, `emails.value eq "X@y"`, true},
		{user, `emails[type eq "work"].value eq "X@y"`, `(emails.type eq "work" and emails.value eq "X@y")`, false},
		{user, `emails co "x"`, `emails.value co "x"`, true},
		{user, `emails[type ne "work"] and title pr`, `title pr`, false},
		{user, `emails[type eq "a" or type eq "b"]`, `(emails.type eq "a" or emails.type eq "b")`, true},
		{user, `emails[type eq "a" or (type eq "b" and primary eq true)]`, `(emails.type eq "a" or (emails.type eq "b" and emails.primary eq true))`, false},
		{user, `emails[primary eq false]`, `anything`, false},
		{user, `title ne "x" and userName pr`, `userName pr`, false},
		{user, `userName eq "a" or userName eq "b"`, `(userName eq "a" or userName eq "b")`, true},
		{user, `userName eq "a" or title ne "b"`, `anything`, false},
		{user, `userName eq "a" or (title eq "b" and nickName eq "c")`, `(userName eq "a" or (title eq "b" and nickName eq "c"))`, true},
		{user, `(userName eq "a" or userName eq "b") and active eq true`, `((userName eq "a" or userName eq "b") and active eq true)`, true},
		{user, `userName eq "a" and not (title pr)`, `userName eq "a"`, false},
		{user, `userName eq "a" and title eq null`, `userName eq "a"`, false},
		{user, `not (userName eq "a")`, `anything`, false},
		{user, `meta.lastModified gt "2026-01-01T01:00:00+01:00"`, `meta.lastModified gt "2026-01-01T01:00:00+01:00"`, true},
		{group, `members eq "M1"`, `members.value eq "M1"`, true},
		{group, `id eq "X" and members[value eq "M1"]`, `(id eq "X" and members.value eq "M1")`, true},
	}
	for _, tt := range tests {
		f, err := ParseFilter(tt.typ, tt.filter, Lenient(), nil)
		require.NoError(t, err, tt.filter)
		require.Equal(t, tt.want, f.Term().String(), tt.filter)
		require.Equal(t, tt.exact, f.Term().Exact, tt.filter)
	}
	f, err := ParseFilter(group, `members eq "M1"`, Lenient(), nil)
	require.NoError(t, err)
	require.Equal(t, "M1", f.Term().Cond.Raw)
	require.Equal(t, "m1", f.Term().Cond.Value)
	members := group.Root.Sub("members")
	require.True(t, f.Uses(members))
	require.True(t, f.Uses(members.Sub("value")))
	require.False(t, f.Uses(members.Sub("type")))
	require.False(t, f.Uses(group.ID))
	require.True(t, mustFilter(t, group, "members[type pr]").Uses(members))
	require.True(t, mustFilter(t, group, "members pr").Uses(members.Sub("value")))
}

func mustFilter(tb testing.TB, typ *Type, s string) *Filter {
	tb.Helper()
	f, err := ParseFilter(typ, s, Lenient(), nil)
	require.NoError(tb, err, s)
	return f
}
