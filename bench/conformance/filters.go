package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// filterCase is a filter and which of the three people of the cast it finds.
type filterCase struct {
	id, title string
	filter    string // {p} is the mark all of the cast have, {A}, {B}, {C} their ids
	want      string // such as "AC"
	level     Level
	ref       string
	needs     string
}

const grammar = "RFC 7644 §3.4.2.2"

func filterMatches() []check {
	var out []check
	for _, c := range filterCases() {
		if c.level == "" {
			c.level = Must
		}
		if c.ref == "" {
			c.ref = grammar
		}
		out = append(out, check{
			c.id, c.level, c.ref, c.title,
			"Compare the filter with the grammar and table 3 to 5 of RFC 7644 section 3.4.2.2; the users are in the requests above it.",
			"filter User.title? User.externalId User.emails User.name.familyName User.nickName? " + c.needs,
			func(p *probe) { p.cast().finds(c.filter, c.want) },
		})
	}
	return append(out, groupFilters()...)
}

func filterCases() []filterCase {
	const mine = ` and userName sw "{p}"`
	return []filterCase{
		{id: "FLT-01.eq", title: "eq finds an equal value", filter: `title eq "{p} Engineer"`, want: "A"},
		{id: "FLT-01.ne", title: "ne finds the other values", filter: `title ne "{p} Engineer" and title pr` + mine, want: "B"},
		{id: "FLT-01.co", title: "co finds a part", filter: `title co "{p} Eng"`, want: "A"},
		{id: "FLT-01.sw", title: "sw finds a beginning", filter: `userName sw "{p}-b"`, want: "B"},
		{id: "FLT-01.ew", title: "ew finds an end", filter: `title ew "neer"` + mine, want: "A"},
		{id: "FLT-01.gt", title: "gt finds greater text", filter: `userName gt "{p}-b@example.com"` + mine, want: "C"},
		{id: "FLT-01.ge", title: "ge finds greater and equal text", filter: `userName ge "{p}-b@example.com"` + mine, want: "BC"},
		{id: "FLT-01.lt", title: "lt finds lesser text", filter: `userName lt "{p}-b@example.com"` + mine, want: "A"},
		{id: "FLT-01.le", title: "le finds lesser and equal text", filter: `userName le "{p}-b@example.com"` + mine, want: "AB"},
		{id: "FLT-01.pr", title: "pr finds who has a value", filter: `title pr` + mine, want: "AB"},
		{id: "FLT-01.case", title: "Operators are read in any letter case", filter: `title EQ "{p} Engineer" or title Sw "{p} Desi"`, want: "AB"},
		{id: "FLT-06", title: "and, or and not are read in any letter case", filter: `title PR AND userName SW "{p}" And Not (title eq "{p} Engineer")`, want: "B"},
		{id: "FLT-04.and", title: "and demands both", filter: `title pr and nickName pr` + mine, want: "A"},
		{id: "FLT-04.or", title: "or demands one", filter: `userName eq "{p}-a@example.com" or userName eq "{p}-c@example.com"`, want: "AC"},
		{id: "FLT-04.precedence", title: "and binds more tightly than or", filter: `userName eq "{p}-a@example.com" or userName eq "{p}-b@example.com" and title eq "nobody"`, want: "A"},
		{id: "FLT-04.group", title: "Brackets come first", filter: `(userName eq "{p}-a@example.com" or userName eq "{p}-b@example.com") and title eq "{p} Designer"`, want: "B"},
		{id: "FLT-04.not", title: "not binds more tightly than and", filter: `not (title pr)` + mine, want: "C"},
		{id: "FLT-04.deep", title: "Brackets nest", filter: `((title pr and (nickName pr or (userName ew "-b@example.com" and title pr))))` + mine, want: "AB"},
		{id: "FLT-05", title: "not needs no space before its bracket", filter: `not(title pr)` + mine, want: "C"},
		{id: "FLT-07.element", title: "A value path looks at one element at a time", filter: `emails[type eq "work" and value eq "{p}-a-home@example.com"]`, want: ""},
		{id: "FLT-07.match", title: "A value path finds the element", filter: `emails[type eq "home" and value eq "{p}-a-home@example.com"]`, want: "A"},
		{id: "FLT-07.or", title: "A value path may hold or", filter: `emails[value eq "{p}-a-home@example.com" or value eq "{p}-b-work@example.com"]`, want: "AB"},
		{id: "FLT-07.not", title: "A value path may hold not", filter: `emails[value sw "{p}" and not (type eq "work")]`, want: "A"},
		{id: "FLT-07.and", title: "A value path may be joined with other conditions", filter: `emails[type eq "work"] and nickName pr` + mine, want: "A"},
		{id: "FLT-09", title: "Without brackets any element will do", filter: `emails.type eq "work" and emails.value eq "{p}-a-home@example.com"`, want: "A"},
		{id: "FLT-10.escape", title: "Text may hold escaped quotes", filter: `nickName eq "{p} \"Zo\" \\ co"`, want: "A"},
		{id: "FLT-10.unicode", title: "Text may hold \\u escapes", filter: `name.familyName eq "{p} M\u00fcller"`, want: "A"},
		{id: "FLT-10.true", title: "true is a value", filter: `active eq true` + mine, want: "AB", needs: "User.active"},
		{id: "FLT-10.false", title: "false is a value", filter: `active eq false` + mine, want: "C", needs: "User.active"},
		{id: "FLT-11.core", title: "An attribute may carry its schema's URN", filter: userURN + `:userName eq "{p}-a@example.com"`, want: "A"},
		{id: "FLT-11.extension", title: "An extension's attribute is found by its URN", filter: enterpriseURN + `:department eq "{p} Sales"`, want: "A", needs: "enterprise"},
		{id: "FLT-11.sub", title: "A part of an extension's attribute is found by its URN", filter: enterpriseURN + `:manager.value eq "{A}"`, want: "B", needs: "enterprise"},
		{id: "FLT-12.value", title: "A list without a part named means its value", filter: `emails eq "{p}-a-home@example.com"`, want: "A"},
		{id: "FLT-12.sub", title: "A part of a complex attribute is found", filter: `name.familyName sw "{p} M"`, want: "A"},
		{id: "FLT-13.userName", title: "userName is compared in any letter case", filter: `userName eq "{P}-A@EXAMPLE.COM"`, want: "A"},
		{id: "FLT-13.externalId", title: "externalId is compared exactly", filter: `externalId eq "{p}-ext-a"`, want: ""},
		{id: "FLT-13.exact", title: "externalId finds its user", filter: `externalId eq "{p}-Ext-A"`, want: "A"},
		{id: "FLT-13.sw", title: "sw ignores letter case where eq does", filter: `userName sw "{P}-A"`, want: "A"},
		{id: "FLT-14.ge", title: "Times are compared as times", filter: `meta.created ge "2020-01-01T00:00:00Z"` + mine, want: "ABC"},
		{id: "FLT-14.lt", title: "A time in the past precedes", filter: `meta.created lt "2020-01-01T00:00:00Z"` + mine, want: ""},
		{id: "FLT-14.zone", title: "A time may carry another zone", filter: `meta.lastModified gt "2020-01-01T00:00:00+14:00"` + mine, want: "ABC"},
		{id: "FLT-18.null", title: "pr does not find null", filter: `nickName pr` + mine, want: "A"},
		{id: "FLT-18.complex", title: "pr finds a complex attribute that has a part", filter: `name pr and name.familyName sw "{p}"`, want: "A"},
		{id: "FLT-18.list", title: "pr finds a list that has elements", filter: `emails pr and nickName pr` + mine, want: "A"},
		{id: "FLT-21.id", title: "Users are found by id", filter: `id eq "{B}"`, want: "B"},
		{id: "FLT-21.type", title: "Users are found by resource type", filter: `meta.resourceType eq "User"` + mine, want: "ABC"},
		{id: "FLT-23", title: "Letter case is ignored outside ASCII, too", filter: `name.familyName eq "{p} MÜLLER"`, want: "A", level: Should, ref: "RFC 7644 §5"},
		{id: "FLT-11.urn", title: "A URN in a filter is read in any letter case", filter: strings.ToUpper(userURN) + `:userName eq "{p}-a@example.com"`, want: "A", ref: "RFC 7644 §3.10"},
		{id: "FLT-A06", title: "eq null finds who has no value", filter: `title eq null` + mine, want: "C", level: May},
		{id: "FLT-A07", title: "ne finds who has no value, too", filter: `title ne "{p} Engineer"` + mine, want: "BC", level: May},
		{id: "FLT-A10", title: "Ten conditions in one filter", filter: `userName eq "{p}-1" or userName eq "{p}-2" or userName eq "{p}-3" or userName eq "{p}-4" or userName eq "{p}-5" or userName eq "{p}-6" or userName eq "{p}-7" or userName eq "{p}-8" or userName eq "{p}-9" or userName eq "{p}-a@example.com"`, want: "A"},
	}
}

// cast is three users made for filters.
type cast struct {
	p       *probe
	mark    string
	a, b, c *resource
}

func (p *probe) cast() *cast {
	p.seq++
	m := fmt.Sprintf("%s-%d", p.prefix, p.seq)
	addr := func(who, kind string) fields { return mail(kind, m+"-"+who+"-"+kind+"@example.com") }
	k := &cast{p: p, mark: m}
	a := fields{
		"userName": m + "-a@example.com", "title": m + " Engineer", "nickName": m + ` "Zo" \ co`, "externalId": m + "-Ext-A",
		"name": fields{"familyName": m + " Müller", "givenName": "Ada"}, "emails": []any{addr("a", "work"), addr("a", "home")},
	}
	b := fields{
		"userName": m + "-b@example.com", "title": m + " Designer", "externalId": m + "-Ext-B",
		"emails": []any{addr("b", "work")},
	}
	c := fields{"userName": m + "-c@example.com", "externalId": m + "-Ext-C"}
	if p.offer.lacks("User.active") == "" {
		a["active"], b["active"], c["active"] = true, true, false
	}
	if p.offer.lacks("enterprise") == "" {
		a[enterpriseURN] = fields{"department": m + " Sales"}
	}
	k.a = p.user(a)
	if p.offer.lacks("enterprise") == "" {
		b[enterpriseURN] = fields{"manager": fields{"value": k.a.id}}
	}
	k.b, k.c = p.user(b), p.user(c)
	return k
}

// fill puts the marks of the cast into a filter.
func (k *cast) fill(filter string) string {
	return strings.NewReplacer("{p}", k.mark, "{P}", strings.ToUpper(k.mark), "{A}", k.a.id, "{B}", k.b.id, "{C}", k.c.id).Replace(filter)
}

// finds wants the filter to find just these of the cast.
func (k *cast) finds(filter, want string) {
	filter = k.fill(filter)
	a := k.p.find("/Users", filter)
	names := map[string]string{k.a.id: "A", k.b.id: "B", k.c.id: "C"}
	var got []string
	for _, id := range texts(a.body.List("Resources"), "id") {
		name := names[id]
		if name == "" {
			name = "another user"
		}
		got = append(got, name)
	}
	slices.Sort(got)
	k.p.want(strings.Join(got, "") == want,
		fmt.Sprintf("%s finds %s of A, B and C (made just before)", filter, listed(strings.Split(want, ""))), listed(slices.Compact(got)))
}

func groupFilters() []check {
	const cure = "Support filters on groups as on users."
	return []check{
		{"FLT-A11.name", Must, grammar, "Groups are found by displayName", cure, "filter groups",
			func(p *probe) {
				g := p.group()
				p.find("/Groups", `displayName eq "`+g.body.Text("displayName")+`"`).elements("Resources", "id", g.id)
			}},
		{"FLT-A11.member", Must, grammar, "Groups are found by a member", cure, "filter groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.group(u)
				p.find("/Groups", `members.value eq "`+u.id+`"`).elements("Resources", "id", g.id)
			}},
		{"FLT-A11.path", Must, grammar, "Groups are found by a member in a value path", cure, "filter groups",
			func(p *probe) {
				u := p.user(nil)
				g := p.group(u)
				p.find("/Groups", `members[value eq "`+u.id+`"]`).elements("Resources", "id", g.id)
			}},
		{"FLT-21.externalId", Must, grammar, "Groups are found by externalId", cure, "filter groups Group.externalId",
			func(p *probe) {
				g := p.make("/Groups", p.groupBody(fields{"externalId": p.prefix + "-G"}))
				p.find("/Groups", `externalId eq "`+p.prefix+`-G"`).elements("Resources", "id", g.id)
			}},
	}
}

func filterRefusals() []check {
	const cure = "Answer 400 with scimType invalidFilter, and say in detail where the filter cannot be read. Never return everything."
	var out []check
	for _, c := range []struct {
		id, title, filter string
		level             Level
		exact             bool // the RFC demands the scimType, too
	}{
		{"FLT-02", "An unknown operator is refused", `userName like "a"`, Must, true},
		{"FLT-03.trailing", "Text behind the filter is refused", `userName eq "a" "b"`, Must, false},
		{"FLT-03.open", "A bracket that is not closed is refused", `(userName eq "a"`, Must, false},
		{"FLT-03.close", "A bracket that was not opened is refused", `userName eq "a")`, Must, false},
		{"FLT-03.value", "An operator without a value is refused", `userName eq`, Must, false},
		{"FLT-03.text", "Text that does not end is refused", `userName eq "a`, Must, false},
		{"FLT-03.joined", "and without a second condition is refused", `userName eq "a" and`, Must, false},
		{"FLT-03.word", "A word alone is refused", `userName`, Must, false},
		{"FLT-03.path", "A value path that does not end is refused", `emails[type eq "work"`, Must, false},
		{"FLT-08", "A value path in a value path is refused", `emails[type[value eq "a"]]`, Must, false},
		{"FLT-15.boolean", "A boolean is neither greater nor less", `active gt true`, Must, false},
		{"FLT-16", "A boolean holds no text", `active co "t"`, Should, false},
		{"FLT-17", "A time that is none is refused", `meta.created gt "yesterday"`, Must, false},
		{"FLT-A08", "An unknown attribute is refused", `conformanceNothing eq "a"`, Should, false},
		{"FLT-22", "A password cannot be guessed by filter", `password sw "a"`, May, false},
	} {
		out = append(out, check{c.id, c.level, grammar, c.title, cure, "filter", func(p *probe) {
			a := p.get("/Users?filter=" + strings.ReplaceAll(url.QueryEscape(c.filter), "+", "%20"))
			if c.exact {
				a.refusedWith(http.StatusBadRequest, "invalidFilter")
			} else {
				a.refused(http.StatusBadRequest, "invalidFilter")
			}
		}})
	}
	return append(out, check{"FLT-A08.all", Must, grammar, "An unknown attribute does not find everybody",
		"Refuse the filter, or treat the attribute as absent: a client that believes the answer changes the wrong people.", "filter",
		func(p *probe) {
			p.user(nil)
			a := p.get(query("/Users", `conformanceNothing eq "a"`))
			p.want(len(a.body.List("Resources")) == 0, "no users", len(a.body.List("Resources")))
		}})
}
