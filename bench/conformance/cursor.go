package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
)

var unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

func cursorPaging() []check {
	const (
		where  = "RFC 9865 §2"
		errors = "RFC 9865 §2.1"
	)
	return []check{
		{"CUR-13", Should, "RFC 9865 §4", "ServiceProviderConfig says which paging there is", "Publish pagination with the booleans cursor and index.", "cursor",
			func(p *probe) {
				a := p.get("/ServiceProviderConfig")
				for _, path := range []string{"pagination/cursor", "pagination/index"} {
					v, _ := a.body.Get(path)
					_, isBool := v.(bool)
					p.want(isBool, path+" is true or false", v)
				}
			}},
		{"CUR-01.empty", Must, where, "An empty cursor begins a walk", "Read ?cursor= as \"the first page\", and return nextCursor while there is more.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				p.find("/Users", filter, "cursor=", "count=1").present("nextCursor").has("itemsPerPage", 1)
			}},
		{"CUR-01.bare", Must, where, "A cursor without a value begins a walk", "Read ?cursor as \"the first page\".", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				p.find("/Users", filter, "cursor", "count=1").present("nextCursor")
			}},
		{"CUR-02", Must, where, "A cursor needs no escaping", "Use letters, digits and -._~ only.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				next := p.find("/Users", filter, "cursor=", "count=1").body.Text("nextCursor")
				p.want(unreserved.MatchString(next), "letters, digits and -._~", next)
			}},
		{"CUR-03", Must, where, "Cursor by cursor every result comes once", "Return nextCursor on every page but the last.", "cursor filter",
			func(p *probe) {
				all, filter := p.three()
				got := p.walk(filter, "count=1")
				slices.Sort(all)
				slices.Sort(got)
				p.want(slices.Equal(got, all), "the three users, each once", listed(got))
			}},
		{"CUR-03.last", Must, where, "The last page has no nextCursor", "Leave nextCursor out at the end.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				p.find("/Users", filter, "cursor=", "count=50").lacks("nextCursor")
			}},
		{"CUR-04", Must, where, "The first page has no previousCursor", "Leave previousCursor out on the first page.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				p.find("/Users", filter, "cursor=", "count=1").lacks("previousCursor")
			}},
		{"CUR-05", Must, where, "count=0 with a cursor counts only", "Return totalResults and no resources.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				a := p.find("/Users", filter, "cursor=", "count=0")
				p.want(len(a.body.List("Resources")) == 0, "no results", len(a.body.List("Resources")))
			}},
		{"CUR-06", Should, errors, "A cursor does not fit another query", "Answer 400 invalidCursor when filter or sort differ from those of the first page.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				next := p.find("/Users", filter, "cursor=", "count=1").body.Text("nextCursor")
				p.get(query("/Users", `userName sw "conformance"`)+"&count=1&cursor="+url.QueryEscape(next)).refused(http.StatusBadRequest, "invalidCursor")
			}},
		{"CUR-07", Should, errors, "A cursor that is none is refused", "Answer 400 invalidCursor.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				p.get(query("/Users", filter)+"&count=1&cursor=conformance-no-cursor").refused(http.StatusBadRequest, "invalidCursor")
			}},
		{"CUR-17", Should, "RFC 9865 §5.2", "A cursor that was changed is refused", "Make cursors tamper-evident, and answer 400 invalidCursor.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				next := []byte(p.find("/Users", filter, "cursor=", "count=1").body.Text("nextCursor"))
				if len(next) == 0 {
					p.want(false, "a nextCursor", "none")
					return
				}
				at := len(next) / 2
				next[at] = map[bool]byte{true: 'B', false: 'A'}[next[at] == 'A']
				p.get(query("/Users", filter)+"&count=1&cursor="+url.QueryEscape(string(next))).refused(http.StatusBadRequest, "invalidCursor")
			}},
		{"CUR-10", Should, "RFC 9865 §2.2", "A walk keeps the order that was asked for", "Sort the whole result before it is cut into pages.", "cursor sort filter",
			func(p *probe) {
				all, filter := p.three() // made as b, a, c
				got := p.walk(filter, "count=1&sortBy=userName")
				p.want(slices.Equal(got, []string{all[1], all[0], all[2]}), "the users by userName", listed(got))
			}},
		{"CUR-A01", May, where, "A page by cursor has no startIndex", "Return itemsPerPage, and leave startIndex out.", "cursor filter",
			func(p *probe) {
				_, filter := p.three()
				p.find("/Users", filter, "cursor=", "count=1").present("itemsPerPage").lacks("startIndex")
			}},
		{"CUR-12", Must, "RFC 9865 §3", "A search by POST takes a cursor", "Read cursor and count from the body of .search.", "cursor search filter",
			func(p *probe) {
				all, filter := p.three()
				var got []string
				cursor := ""
				for range 4 {
					a := p.post("/Users/.search", searchBody(fields{"filter": filter, "count": 1, "cursor": cursor}))
					got = append(got, texts(a.list(), "id")...)
					if cursor = a.body.Text("nextCursor"); cursor == "" {
						break
					}
				}
				slices.Sort(all)
				slices.Sort(got)
				p.want(slices.Equal(got, all), "the three users, each once", listed(got))
			}},
		{"CUR-11", Must, "RFC 9865 §2.4", "Paging by index goes on where it is announced", "Keep answering startIndex while pagination.index is true.", "cursor filter",
			func(p *probe) {
				if p.offer.config.Text("pagination/index") != "true" {
					return
				}
				_, filter := p.three()
				p.find("/Users", filter, "startIndex=2", "count=1").has("startIndex", 2).has("totalResults", 3)
			}},
	}
}

// walk follows nextCursor to the end, within ten pages.
func (p *probe) walk(filter, params string) []string {
	var got []string
	cursor := ""
	for range 10 {
		a := p.find("/Users", filter, params, "cursor="+url.QueryEscape(cursor))
		got = append(got, texts(a.body.List("Resources"), "id")...)
		if cursor = a.body.Text("nextCursor"); cursor == "" {
			return got
		}
	}
	p.want(false, "an end of the walk within ten pages", fmt.Sprintf("nextCursor %s on the tenth", cursor))
	return got
}
