package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func lists() []check {
	const where = "RFC 7644 §3.4.2"
	return []check{
		{"LIST-01.users", Must, where, "A list of users is a ListResponse",
			"Name " + messages + "ListResponse in schemas.", "",
			func(p *probe) { p.get("/Users?count=1").list() }},
		{"LIST-01.groups", Must, where, "A list of groups is a ListResponse",
			"Name " + messages + "ListResponse in schemas.", "groups",
			func(p *probe) { p.get("/Groups?count=1").list() }},
		{"LIST-02", Must, where, "totalResults is always there, as a number",
			"Return totalResults as JSON number.", "",
			func(p *probe) {
				n := p.get("/Users?count=1").is(http.StatusOK).integer("totalResults")
				p.want(n >= 0, "a number from 0", n)
			}},
		{"LIST-03", Must, where, "What was found is in Resources",
			"Return the resources of the page under Resources, with a capital R.", "filter",
			func(p *probe) {
				u := p.user(nil)
				p.find("/Users", `userName eq "`+u.name()+`"`).elements("Resources", "id", u.id)
			}},
		{"LIST-03.empty", Should, where, "A list that finds nothing has Resources all the same",
			"Return an empty list: many clients do not look whether it is there.", "filter",
			func(p *probe) {
				v, ok := p.find("/Users", `userName eq "conformance-nobody"`).body.Get("Resources")
				_, isList := v.([]any)
				p.want(ok && isList, "Resources is []", valueOr(v, ok))
			}},
		{"LIST-04", Must, where, "A part of a list says which part it is",
			"Return startIndex and itemsPerPage as numbers.", "",
			func(p *probe) {
				p.user(nil)
				a := p.get("/Users?startIndex=1&count=1").is(http.StatusOK)
				p.want(a.integer("startIndex") == 1, "startIndex 1", a.body.Text("startIndex"))
				p.want(a.integer("itemsPerPage") == 1, "itemsPerPage 1", a.body.Text("itemsPerPage"))
			}},
		{"LIST-05", Must, where, "Finding nothing is a success",
			"Answer 200 with totalResults 0, never 404.", "filter",
			func(p *probe) {
				p.find("/Users", `userName eq "conformance-nobody"`).has("totalResults", 0)
			}},
		{"LIST-06.types", Must, "RFC 7644 §3.4.2.1", "A query of the root finds users and groups",
			"Search all resource types; an attribute a type does not have counts as absent.", "root filter groups User.displayName",
			func(p *probe) {
				name := p.prefix + "-root"
				u := p.user(fields{"displayName": name})
				g := p.make("/Groups", p.groupBody(fields{"displayName": name}))
				p.find("/", `displayName eq "`+name+`"`).elements("Resources", "id", u.id, g.id)
			}},
		{"LIST-06.foreign", Must, "RFC 7644 §3.4.2.1", "A query of the root may name an attribute of one type",
			"Treat the attribute as absent on the others, instead of refusing the filter.", "root filter groups",
			func(p *probe) {
				u := p.user(nil)
				p.group()
				p.find("/", `userName eq "`+u.name()+`"`).elements("Resources", "id", u.id)
			}},
		{"LIST-06.kind", Must, "RFC 7644 §3.4.2.1", "A query of the root may ask for a type",
			"Support meta.resourceType in filters.", "root filter groups User.displayName",
			func(p *probe) {
				name := p.prefix + "-kind"
				p.user(fields{"displayName": name})
				g := p.make("/Groups", p.groupBody(fields{"displayName": name}))
				p.find("/", `displayName eq "`+name+`" and meta.resourceType eq "Group"`).elements("Resources", "id", g.id)
			}},
		{"LIST-08", Must, where, "Each resource of a list is whole",
			"Return id, schemas and meta with each resource.", "filter",
			func(p *probe) {
				u := p.user(nil)
				p.find("/Users", `userName eq "`+u.name()+`"`).present("Resources/0/id", "Resources/0/schemas", "Resources/0/userName", "Resources/0/meta/location")
			}},
		{"LIST-A02", Should, where, "The order of a list does not change by itself",
			"Give lists a fixed order, such as that of creation.", "filter",
			func(p *probe) {
				_, filter := p.three()
				a, b := p.find("/Users", filter), p.find("/Users", filter)
				first, second := texts(a.body.List("Resources"), "id"), texts(b.body.List("Resources"), "id")
				p.want(slices.Equal(first, second), "the order of the first time: "+listed(first), listed(second))
			}},
	}
}

func indexPaging() []check {
	const where = "RFC 7644 §3.4.2.4"
	return []check{
		{"PAG-01.zero", Must, where, "startIndex below 1 means 1",
			"Raise 0 and negative numbers to 1 instead of refusing them.", "",
			func(p *probe) {
				p.user(nil)
				for _, start := range []string{"0", "-5"} {
					p.get("/Users?count=1&startIndex="+start).is(http.StatusOK).has("startIndex", 1)
				}
			}},
		{"PAG-01.first", Must, where, "The first result has the index 1",
			"Count results from 1, not from 0.", "filter",
			func(p *probe) {
				all, filter := p.three()
				p.find("/Users", filter, "startIndex=1", "count=10").elements("Resources", "id", all...)
			}},
		{"PAG-02", Must, where, "A page has no more than count results",
			"Never return more than count.", "filter",
			func(p *probe) {
				_, filter := p.three()
				a := p.find("/Users", filter, "count=2")
				p.want(len(a.body.List("Resources")) <= 2, "at most 2 results", len(a.body.List("Resources")))
				a.has("totalResults", 3)
			}},
		{"PAG-03", Must, where, "A negative count means 0",
			"Read a negative count as 0 instead of refusing it.", "",
			func(p *probe) {
				a := p.get("/Users?count=-1").is(http.StatusOK)
				p.want(len(a.body.List("Resources")) == 0, "no results", len(a.body.List("Resources")))
			}},
		{"PAG-04", Must, where, "count=0 counts only",
			"Return totalResults and no resources.", "filter",
			func(p *probe) {
				_, filter := p.three()
				a := p.find("/Users", filter, "count=0").has("totalResults", 3)
				p.want(len(a.body.List("Resources")) == 0, "no results", len(a.body.List("Resources")))
			}},
		{"PAG-06.count", Must, where, "itemsPerPage is how many results the page has",
			"Count the results that are on this page, not those asked for.", "filter",
			func(p *probe) {
				_, filter := p.three()
				a := p.find("/Users", filter, "startIndex=1", "count=100")
				p.want(a.integer("itemsPerPage") == len(a.body.List("Resources")), fmt.Sprintf("itemsPerPage %d", len(a.body.List("Resources"))), a.body.Text("itemsPerPage"))
			}},
		{"PAG-06.walk", Must, where, "Page by page every result comes once",
			"Keep the order of results stable between pages, and totalResults the same on each.", "filter",
			func(p *probe) {
				all, filter := p.three()
				var got []string
				for start := 1; start <= 3; start++ {
					a := p.find("/Users", filter, fmt.Sprintf("startIndex=%d", start), "count=1").has("totalResults", 3).has("startIndex", start)
					got = append(got, texts(a.body.List("Resources"), "id")...)
				}
				slices.Sort(got)
				slices.Sort(all)
				p.want(slices.Equal(got, all), "the three users, each once", listed(got))
			}},
		{"PAG-A01", Must, where, "A page behind the last is empty",
			"Answer 200 with the true totalResults and no resources.", "filter",
			func(p *probe) {
				_, filter := p.three()
				a := p.find("/Users", filter, "startIndex=1000", "count=10").has("totalResults", 3)
				p.want(len(a.body.List("Resources")) == 0, "no results", len(a.body.List("Resources")))
			}},
		{"PAG-A03", Must, where, "A large count is cut, not refused",
			"Return as many as the server allows: count is only the most.", "filter",
			func(p *probe) {
				_, filter := p.three()
				p.find("/Users", filter, "count=1000000").has("totalResults", 3)
			}},
		{"PAG-A02", May, where, "A startIndex that is no number is refused",
			"Answer 400 invalidValue.", "",
			func(p *probe) { p.get("/Users?startIndex=abc").refused(http.StatusBadRequest, "invalidValue") }},
		{"PAG-07", Should, "RFC 7643 §5", "No page is larger than filter.maxResults",
			"Publish the largest page as filter.maxResults.", "filter",
			func(p *probe) {
				most, err := p.offer.config.Int("filter/maxResults")
				a := p.get(fmt.Sprintf("/Users?attributes=id&count=%d", most+50)).is(http.StatusOK)
				n := len(a.body.List("Resources"))
				p.want(err == nil && (most == 0 || n <= most), fmt.Sprintf("at most %d results", most), n)
			}},
	}
}

// three makes three users, and a filter that finds just them.
func (p *probe) three() (ids []string, filter string) {
	mark := fmt.Sprintf("%s-three-%d-", p.prefix, p.seq)
	for _, n := range []string{"b", "a", "c"} {
		ids = append(ids, p.user(fields{"userName": mark + n + "@example.com"}).id)
	}
	return ids, `userName sw "` + mark + `"`
}

// find queries an endpoint by filter, and wants a list. More parameters may follow.
func (p *probe) find(endpoint, filter string, more ...string) *answer {
	path := query(endpoint, filter)
	for _, m := range more {
		path += "&" + m
	}
	a := p.get(path)
	a.list()
	return a
}

// query is a path with a filter, for what find does not do.
func query(endpoint, filter string) string {
	return endpoint + "?filter=" + strings.ReplaceAll(url.QueryEscape(filter), "+", "%20")
}
