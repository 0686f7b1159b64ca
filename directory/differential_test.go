package directory_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/scimcore"
)

// TestDifferentialFilters asks a directory and the reference model the same
// random questions about the same resources.
func TestDifferentialFilters(t *testing.T) {
	differential(t, func(t *testing.T, rnd *rand.Rand, _, cases int) {
		p := newPopulation(rnd, differentialWorld(t, scimcore.Lenient()), 40, 20)
		users, groups := asker{userModel(), p.users, true}, asker{groupModel(), p.groups, true}
		telling, lookedUp := 0, 0
		for range cases {
			typ, ask := p.user, users
			if chance(rnd, 3) {
				typ, ask = p.group, groups
			}
			q := ask.question(rnd, rnd.IntN(4))
			text := q.text(rnd)
			if chance(rnd, 30) {
				_, err := listIDs(p.world, typ, text+oneOf(rnd, " and ", " or ")+ask.noQuestion(rnd))
				requireSCIM(t, err, 400, scimcore.InvalidFilter)
				continue
			}
			want := []string{}
			for _, res := range ask.of {
				if q.holds(res) {
					want = append(want, res["id"].(string))
				}
			}
			got, err := listIDs(p.world, typ, text)
			require.NoError(t, err, text)
			require.Equal(t, want, got, "filter: %s\n%s", text, ask.only(want, got))
			if len(want) > 0 && len(want) < len(ask.of) {
				telling++
			}
			if demands(q) {
				lookedUp++
			}
		}
		t.Logf("%d filters of %d match some and not all, %d demand what an index finds", telling, cases, lookedUp)
		require.Greater(t, telling, cases/2, "filters that match all or nothing prove little")
		require.Greater(t, lookedUp, cases/5, "filters that always scan leave the planner out")
	})
}

// listIDs is the one place that knows how a directory is asked. It asks twice, for
// all at once and page by page, and the answers have to be the same.
func listIDs(w *world, typ *scimcore.Type, filter string) ([]string, error) {
	f, err := scimcore.ParseFilter(typ, filter, w.dialect, nil)
	if err != nil {
		return nil, err
	}
	ask := func(q directory.Query, ids []string) ([]string, directory.Page, error) {
		q.Sources, q.Base = []directory.Source{{Type: typ, Filter: f}}, "https://x.example"
		page, err := w.List(ctx, q, func(r *scimcore.Resource) error {
			ids = append(ids, r.ID)
			return nil
		})
		return ids, page, err
	}
	ids, _, err := ask(directory.Query{Count: 1000}, []string{})
	if err != nil {
		return nil, err
	}
	paged := []string{}
	for after, more := (*directory.Position)(nil), true; more; {
		var page directory.Page
		if paged, page, err = ask(directory.Query{Count: 7, After: after, Total: directory.TotalCheap}, paged); err != nil {
			return nil, err
		}
		after, more = &page.Next, page.More
	}
	require.Equal(w, ids, paged, "%s: page by page", filter)
	return ids, nil
}

// asker makes questions about resources of one type.
type asker struct {
	attrs []*attribute
	of    []object
	// lenient questions write booleans in quotes, too.
	lenient bool
}

// only shows the resources that one of two answers lacks.
func (k asker) only(x, y []string) string {
	out := ""
	for _, res := range k.of {
		if id := res["id"].(string); slices.Contains(x, id) != slices.Contains(y, id) {
			out += mustJSON(res) + "\n"
		}
	}
	return out
}

// indexed are the attributes a directory finds without a scan; questions ask for
// them more often than for others, and more often for equality.
var indexed = []string{"userName", "externalId", "emails", "displayName", "active", "id", "members", "groups"}

func (k asker) question(rnd *rand.Rand, depth int) question {
	several := func(of func() question) (list []question) {
		for range 2 + rnd.IntN(2) {
			list = append(list, of())
		}
		return list
	}
	deeper := func() question { return k.question(rnd, depth-1) }
	switch n := rnd.IntN(10); {
	case depth > 0 && n < 3:
		return both(several(deeper))
	case depth > 0 && n < 5:
		return either(several(deeper))
	case depth > 0 && n == 5:
		return negated{deeper()}
	}
	a := oneOf(rnd, k.attrs...)
	if chance(rnd, 2) {
		for !slices.Contains(indexed, a.name) {
			a = oneOf(rnd, k.attrs...)
		}
	}
	switch {
	case a.kind == "complex" && chance(rnd, 3) || a.multi && chance(rnd, 5):
		return someElement{a, k.inner(rnd, a, rnd.IntN(3))}
	case a.kind == "complex" && (a.sub("value") == nil || !chance(rnd, 3)):
		return k.compare(rnd, oneOf(rnd, a.subs...))
	}
	return k.compare(rnd, a)
}

// demands reports whether a question has an equality at its top that an index
// answers.
func demands(q question) bool {
	switch q := q.(type) {
	case both:
		return slices.ContainsFunc(q, demands)
	case someElement:
		return demands(q.inner)
	case comparison:
		a := q.attr
		if a.parent != nil && a.name == "value" {
			a = a.parent
		}
		return q.op == "eq" && q.with != nil && slices.Contains(indexed, a.name)
	}
	return false
}

// noQuestion is part of a filter that has to be refused: RFC 7644, section
// 3.4.2.2, has no order of booleans, and no attribute that nobody has. Decided:
// neither is there a substring of a number or a time.
func (k asker) noQuestion(rnd *rand.Rand) string {
	return oneOf(rnd, `active gt true`, `nonsense eq "a"`, `externalId eq`, `externalId zz "a"`, `meta.created co "2024"`, `badge sw 1`, `weight eq "1"`,
		`(externalId pr`, `externalId pr)`, `externalId.value pr`, `meta eq "a"`, `meta.created gt "yesterday"`, `password eq "a"`, `externalId gt null`, `externalId[value eq "a"]`)
}

// inner is what stands in brackets.
func (k asker) inner(rnd *rand.Rand, a *attribute, depth int) question {
	if depth > 0 {
		x, y := k.inner(rnd, a, depth-1), k.inner(rnd, a, depth-1)
		return oneOf[question](rnd, both{x, y}, both{y, x}, either{x, y}, negated{x})
	}
	sub := &attribute{name: "value", kind: a.kind, exact: a.exact, parent: a, urn: a.urn}
	if a.kind == "complex" {
		sub = oneOf(rnd, a.subs...)
	}
	c := k.compare(rnd, sub)
	c.within = true
	return c
}

func (k asker) compare(rnd *rand.Rand, a *attribute) comparison {
	c := comparison{attr: a, op: "eq", quoted: k.lenient && chance(rnd, 3)}
	typ := a
	if a.kind == "complex" {
		typ = a.sub("value")
	}
	ops := map[string][]string{
		"boolean": {"eq", "ne"}, "integer": {"eq", "ne", "gt", "ge", "lt", "le"},
		"decimal": {"eq", "ne", "gt", "ge", "lt", "le"}, "dateTime": {"eq", "ne", "gt", "ge", "lt", "le"},
	}[typ.kind]
	if ops == nil {
		ops = []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"}
	}
	switch n := rnd.IntN(12); {
	case n < 5:
	case n < 10:
		c.op = oneOf(rnd, ops...)
	case n == 10:
		c.op = "pr"
		return c
	default:
		c.op = oneOf(rnd, "eq", "ne")
		return c // null
	}
	c.with = k.literal(rnd, typ, a)
	if s, ok := c.with.(string); ok && typ.kind != "dateTime" {
		switch runes := []rune(s); {
		case len(runes) > 1 && (c.op == "co" || c.op == "sw" || c.op == "ew"):
			from, to := rnd.IntN(len(runes)), 1+rnd.IntN(len(runes))
			c.with = string(runes[min(from, to-1):max(from+1, to)])
		case chance(rnd, 6):
			c.with = oneOf(rnd, strings.ToUpper(s), strings.ToLower(s))
		}
	}
	return c
}

// literal is mostly a value some resource has.
func (k asker) literal(rnd *rand.Rand, typ, a *attribute) any {
	for range 20 {
		res := oneOf(rnd, k.of...)
		if a.parent != nil {
			for _, el := range elementsOf(res, a.parent) {
				if o, ok := el.(object); !ok {
					return el
				} else if v, ok := o[a.name]; ok && chance(rnd, 2) {
					return v
				}
			}
			continue
		}
		if found := elementsOf(res, a); len(found) > 0 {
			v := oneOf(rnd, found...)
			if o, ok := v.(object); ok {
				v = o["value"]
			}
			if v != nil {
				return v
			}
		}
	}
	return typ.draw(rnd)
}
