package conformance

import "net/http"

func search() []check {
	const where = "RFC 7644 §3.4.3"
	return []check{
		{"SRCH-01.users", Must, where, "Users are searched by POST", "Answer POST /Users/.search like the GET with the same parameters.", "search filter",
			func(p *probe) {
				u := p.user(nil)
				a := p.post("/Users/.search", searchBody(fields{"filter": `userName eq "` + u.name() + `"`}))
				a.list()
				a.elements("Resources", "id", u.id)
			}},
		{"SRCH-01.groups", Must, where, "Groups are searched by POST", "Answer POST /Groups/.search like the GET with the same parameters.", "search filter groups",
			func(p *probe) {
				g := p.group()
				a := p.post("/Groups/.search", searchBody(fields{"filter": `displayName eq "` + g.body.Text("displayName") + `"`}))
				a.list()
				a.elements("Resources", "id", g.id)
			}},
		{"SRCH-01.root", Must, where, "Everything is searched by POST", "Answer POST /.search over all resource types.", "search root filter groups User.displayName",
			func(p *probe) {
				name := p.prefix + "-search"
				u := p.user(fields{"displayName": name})
				g := p.make("/Groups", p.groupBody(fields{"displayName": name}))
				a := p.post("/.search", searchBody(fields{"filter": `displayName eq "` + name + `"`}))
				a.list()
				a.elements("Resources", "id", u.id, g.id)
			}},
		{"SRCH-02", Must, where, "A search of another schema is refused", "Answer 400 invalidSyntax.", "search",
			func(p *probe) {
				p.post("/Users/.search", fields{"schemas": []any{messages + "PatchOp"}, "filter": "userName pr"}).refused(http.StatusBadRequest, "invalidSyntax")
			}},
		{"SRCH-03.attributes", Must, where, "A search returns the attributes that are named", "Read attributes as a list of names.", "search filter User.displayName",
			func(p *probe) {
				u := p.user(fields{"displayName": "Ada"})
				a := p.post("/Users/.search", searchBody(fields{"filter": `id eq "` + u.id + `"`, "attributes": []any{"displayName"}}))
				a.list()
				a.has("Resources/0/displayName", "Ada").has("Resources/0/id", u.id).lacks("Resources/0/userName")
			}},
		{"SRCH-03.excluded", Must, where, "A search leaves out the attributes that are excluded", "Read excludedAttributes as a list of names.", "search filter User.displayName",
			func(p *probe) {
				u := p.user(fields{"displayName": "Ada"})
				a := p.post("/Users/.search", searchBody(fields{"filter": `id eq "` + u.id + `"`, "excludedAttributes": []any{"displayName"}}))
				a.list()
				a.present("Resources/0/userName").lacks("Resources/0/displayName")
			}},
		{"SRCH-03.paging", Must, where, "A search pages", "Read startIndex and count as numbers.", "search filter",
			func(p *probe) {
				_, filter := p.three()
				a := p.post("/Users/.search", searchBody(fields{"filter": filter, "startIndex": 2, "count": 1}))
				p.want(len(a.list()) == 1, "one result", a)
				a.has("totalResults", 3).has("startIndex", 2).has("itemsPerPage", 1)
			}},
		{"SRCH-03.sort", Must, where, "A search sorts", "Read sortBy and sortOrder.", "search sort filter",
			func(p *probe) {
				all, filter := p.three()
				a := p.post("/Users/.search", searchBody(fields{"filter": filter, "sortBy": "userName", "sortOrder": "descending"}))
				p.want(len(a.list()) == 3, "three results", a)
				a.has("Resources/0/id", all[2]).has("Resources/1/id", all[0]).has("Resources/2/id", all[1])
			}},
		{"SRCH-03.filter", Must, where, "A search with a broken filter is refused", "Answer 400 invalidFilter.", "search filter",
			func(p *probe) {
				p.post("/Users/.search", searchBody(fields{"filter": "userName eq"})).refused(http.StatusBadRequest, "invalidFilter")
			}},
		{"SRCH-04", Must, where, "A search makes nothing", "Answer 200, not 201; a search is a read.", "search filter",
			func(p *probe) {
				p.post("/Users/.search", searchBody(fields{"filter": `userName eq "conformance-nobody"`})).is(http.StatusOK).has("totalResults", 0)
			}},
		{"SRCH-A02", Must, where, ".search is no id", "Answer 405 (or 404) to GET /Users/.search, not a user.", "search",
			func(p *probe) {
				p.get("/Users/.search").is(http.StatusMethodNotAllowed, http.StatusNotFound, http.StatusNotImplemented)
			}},
	}
}

// searchBody is a SearchRequest.
func searchBody(f fields) fields {
	f["schemas"] = []any{messages + "SearchRequest"}
	return f
}

func me() []check {
	const where = "RFC 7644 §3.11"
	const cure = "Answer 501 when a token stands for no user, or with the caller's own resource."
	honest := func(p *probe, a *answer) {
		p.want(a.status == http.StatusNotImplemented || a.status < 400, "the resource, or status 501", a)
		if a.status == http.StatusNotImplemented {
			a.isError()
		}
	}
	return []check{
		{"ME-01.get", Should, where, "/Me is the caller's own resource, or honestly not there", cure, "",
			func(p *probe) { honest(p, p.get("/Me")) }},
		{"ME-01.patch", Should, where, "PATCH on /Me is served, or honestly not there", "Answer 501 to every method when /Me is not offered.", "",
			func(p *probe) {
				// An empty message changes nothing, should /Me lead to somebody.
				a := p.patch("/Me")
				p.want(a.status == http.StatusNotImplemented || a.status == http.StatusBadRequest || a.status == http.StatusPermanentRedirect, "status 501, or 400 where /Me is offered", a)
			}},
		{"ME-03", Must, where, "/Me says where the resource is", "Set Location, or redirect with 308, to the permanent URI.", "me",
			func(p *probe) {
				a := p.get("/Me").is(http.StatusOK, http.StatusPermanentRedirect, http.StatusTemporaryRedirect)
				location := a.header.Get("Location") + a.header.Get("Content-Location")
				p.want(location != "", "a Location header", "none")
				if a.status == http.StatusOK {
					p.want(a.body.Text("id") != "" && pathOf(a.body.Text("meta/location")) != "/Me", "id and a permanent meta.location", a.body.Text("meta/location"))
				}
			}},
	}
}
