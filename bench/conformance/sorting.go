package conformance

import (
	"fmt"
	"slices"
	"strings"
)

func sorting() []check {
	const where = "RFC 7644 §3.4.2.3"
	const cure = "Sort the whole result before it is cut into pages, by the rules of RFC 7644 section 3.4.2.3."
	sorted := func(by string, want string) func(*probe) {
		return func(p *probe) { p.sorts().order(by, want) }
	}
	const needs = "sort filter User.title User.nickName? User.emails User.name.familyName User.externalId"
	return []check{
		{"SRT-02.text", Must, where, "sortBy sorts by text", cure, needs, sorted("sortBy=userName&sortOrder=ascending", "ABC")},
		{"SRT-02.sub", Must, where, "sortBy may name a part of a complex attribute", cure, needs, sorted("sortBy=name.familyName", "CBA")},
		{"SRT-02.time", Must, where, "sortBy sorts times", cure, needs, sorted("sortBy=meta.created&sortOrder=ascending", "BCA")},
		{"SRT-02.urn", Must, "RFC 7644 §3.10", "sortBy may carry a schema's URN, in any letter case", cure, needs, sorted("sortBy="+userURN+":USERNAME", "ABC")},
		{"SRT-03.default", Must, where, "Without sortOrder the order is ascending", cure, needs, sorted("sortBy=userName", "ABC")},
		{"SRT-03.descending", Must, where, "sortOrder=descending turns the order round", cure, needs, sorted("sortBy=userName&sortOrder=descending", "CBA")},
		{"SRT-04.ignored", Must, where, "Letter case does not matter where the schema says so", cure, needs, sorted("sortBy=title", "CBA")},
		{"SRT-04.exact", Must, where, "Letter case matters where the schema says so", cure, needs, sorted("sortBy=externalId", "CAB")},
		{"SRT-05.ascending", Must, where, "Who has no value comes last", cure, needs, sorted("sortBy=nickName", "CBA")},
		{"SRT-05.descending", Must, where, "Who has no value comes first in descending order", cure, needs, sorted("sortBy=nickName&sortOrder=descending", "ABC")},
		{"SRT-06", Must, where, "A list sorts by its primary element", cure, needs, sorted("sortBy=emails.value", "CBA")},
		{"SRT-06.value", Should, where, "A list without a part named sorts by value", cure, needs, sorted("sortBy=emails", "CBA")},
		{"SRT-A01", Must, where, "Pages of a sorted list fit together", cure, needs,
			func(p *probe) {
				k := p.sorts()
				var got []string
				for start := 1; start <= 3; start++ {
					a := p.find("/Users", k.filter(), "sortBy=userName", fmt.Sprintf("startIndex=%d", start), "count=1")
					got = append(got, texts(a.body.List("Resources"), "id")...)
				}
				p.want(slices.Equal(got, []string{k.a.id, k.b.id, k.c.id}), "A, B, C, a page each", listed(got))
			}},
	}
}

// sorts makes three users, B first and then C and A, so that no order comes by
// itself.
func (p *probe) sorts() *cast {
	p.seq++
	m := fmt.Sprintf("%s-%d", p.prefix, p.seq)
	user := func(who, family, title, external, nick string, emails ...any) *resource {
		change := fields{
			"userName": m + "-" + who + "@example.com", "name": fields{"familyName": family, "givenName": "Ada"},
			"title": title, "externalId": m + "-" + external, "emails": emails,
		}
		if nick != "" {
			change["nickName"] = nick
		}
		return p.user(change)
	}
	addr := func(name string, primary bool) fields {
		e := mail("work", name+"-"+m+"@example.com")
		if primary {
			e["primary"] = true
			e["type"] = "home"
		}
		return e
	}
	k := &cast{p: p, mark: m}
	// Primary addresses: b, a, c in the order of A, B, C's reverse.
	k.b = user("b", "Medium", "beta", "b", "bb", addr("z", false), addr("bbb", true))
	k.c = user("c", "Early", "ALPHA", "B", "aa", addr("aaa", true))
	k.a = user("a", "Zeta", "Gamma", "a", "", addr("0", false), addr("ccc", true))
	return k
}

func (k *cast) filter() string { return `userName sw "` + k.mark + `"` }

// order wants the users in this order.
func (k *cast) order(params, want string) {
	a := k.p.find("/Users", k.filter(), params)
	names := map[string]string{k.a.id: "A", k.b.id: "B", k.c.id: "C"}
	var got []string
	for _, id := range texts(a.body.List("Resources"), "id") {
		got = append(got, names[id])
	}
	k.p.want(strings.Join(got, "") == want, fmt.Sprintf("%s gives the users (made in the order B, C, A) as %s", params, want), strings.Join(got, ""))
}
