package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

// extID is the schema that a party declares for itself.
func (p *party) extID() string { return "urn:" + p.marker + ":Ext" }

// bulks are bulk requests that name an id, and the bulkIds of their own creates.
func (w *mixing) bulks(at *party, user func(string) string, group, patch string) []call {
	name := fmt.Sprintf("%s-bulk-%d", at.marker, rapid.IntRange(0, 1<<30).Draw(w.rt, "bulk name"))
	var out []call
	for _, ops := range [][]string{
		{`{"method":"POST","path":"/Users","bulkId":"u","data":` + user(name) + `}`, `{"method":"POST","path":"/Groups","bulkId":"g","data":` + strings.Replace(group, "%I", "bulkId:u", 1) + `}`},
		{`{"method":"DELETE","path":"/Groups/%I"}`, `{"method":"POST","path":"/Groups","bulkId":"g","data":` + group + `}`},
		{`{"method":"PATCH","path":"/Users/%I","data":` + patch + `}`, `{"method":"PUT","path":"/Groups/%I","data":` + group + `}`, `{"method":"DELETE","path":"/Users/%I","version":"W/\"1\""}`},
		{`{"method":"PATCH","path":"//` + at.other.Host + `/scim/v2/Users/%I","data":` + patch + `}`, `{"method":"DELETE","path":"/Me"}`, `{"method":"DELETE","path":"http://` + at.other.Host + `/scim/v2/Users/%I"}`},
	} {
		out = append(out, call{method: "POST", path: "/Bulk", body: `{"Operations":[` + strings.Join(ops, ",") + `]}`})
	}
	return out
}

// learnBulk keeps the model of what a bulk request did.
func (w *mixing) learnBulk(at *party, c call, id string, r *proxytest.Response) {
	var sent struct {
		Operations []struct {
			Method, Path string
			Data         struct{ UserName, DisplayName string }
		}
	}
	_ = json.Unmarshal([]byte(c.body), &sent)
	for i, op := range sent.Operations {
		status, location := r.Str(fmt.Sprintf("Operations.%d.status", i)), r.Str(fmt.Sprintf("Operations.%d.location", i))
		made := location[strings.LastIndexByte(location, '/')+1:]
		switch {
		case op.Method == "DELETE" && status == "204":
			delete(at.users, id)
			delete(at.groups, id)
		case op.Method == "POST" && status == "201" && op.Path == "/Users":
			at.users[made] = op.Data.UserName
		case op.Method == "POST" && status == "201":
			at.groups[made] = op.Data.DisplayName
		}
	}
}

// me asks with a token that is bound to an id, which may be another tenant's. To
// be bound to that is to be bound to nobody.
func (w *mixing) me(at *party, id string, foreign bool) {
	patch := patchBody(`{"op":"replace","path":"externalId","value":"` + at.marker + `"}`)
	c := rapid.SampledFrom([]call{
		{method: "GET", path: "/Me"}, {method: "HEAD", path: "/Me"}, {method: "GET", path: "/Me?attributes=groups"}, {method: "PATCH", path: "/Me", body: patch}, {method: "DELETE", path: "/Me"},
		{method: "PUT", path: "/Me", body: `{"userName":"` + at.marker + `"}`},
	}).Draw(w.rt, "me")
	as := func(user string) *proxytest.Response {
		if at.bound[user] == "" {
			at.bound[user] = at.WithToken(w.t, tenancy.NewToken{Name: "me-" + user, User: user}).Token
		}
		return w.do(at, at.bound[user], c)
	}
	_, mine := at.users[id]
	r := as(id)
	w.clean(at, c, r)
	switch {
	case !mine && (r.Code != 404 || answer(r) != answer(as(randomID))):
		w.rt.Fatalf("%s %s as %s, who is nobody here (foreign: %t): %s", c.method, c.path, id, foreign, answer(r))
	case mine && r.Code >= 400 && r.Code != 409:
		w.rt.Fatalf("%s %s as %s: %s", c.method, c.path, id, answer(r))
	case c.method == "DELETE" && mine:
		delete(at.users, id)
	case c.method == "PUT" && r.Code == 200:
		at.users[id] = at.marker
	}
}

// schemas reads and changes the schema of one tenant with the session of either.
func (w *mixing) schemas(at *party, mine, theirs []proxytest.Opt) {
	const path = "/api/v1/scim/schema"
	published := func(p *party) string {
		return answer(p.Get(w.t, "/Schemas", proxytest.NoToken())) + answer(p.Get(w.t, "/ResourceTypes", proxytest.NoToken()))
	}
	before := published(at.other)
	file := `{"schemas":[{"id":"` + at.extID() + `","name":"` + at.marker + `","attributes":[{"name":"a","uniqueness":"server"}]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"` + at.extID() + `"}]}]}`
	for _, method := range []string{"GET", "PUT"} {
		var body any
		if method == "PUT" {
			body = file
		}
		if r := at.Do(w.t, method, path, body, theirs...); r.Code != 401 || strings.Contains(r.Body, at.other.marker) {
			w.rt.Fatalf("%s %s at %s with the other tenant's session: %s", method, path, at.marker, answer(r))
		}
	}
	file = rapid.SampledFrom([]string{file, `{}`}).Draw(w.rt, "schema")
	put, get := at.Do(w.t, "PUT", path, file, mine...), at.Get(w.t, path, mine...)
	for _, r := range []*proxytest.Response{put, get} {
		w.clean(at, call{method: "portal", path: path}, r)
		if r.Code != 200 {
			w.rt.Fatalf("the schema of %s: %s", at.marker, answer(r))
		}
	}
	if strings.Contains(published(at), at.extID()) != (file != `{}`) {
		w.rt.Fatalf("%s does not publish what it declares: %s", at.marker, published(at))
	}
	if published(at.other) != before {
		w.rt.Fatalf("a schema of %s shows at %s", at.marker, at.other.marker)
	}
}

// pages goes on at one tenant with a cursor of the other's. It is told from no
// other text that is no cursor here.
func (w *mixing) pages(at *party) {
	if len(at.other.users) < 2 {
		return
	}
	next := at.other.Get(w.t, "/Users?cursor&count=1").Str("nextCursor")
	body := func(cursor string) string { return `{"cursor":"` + cursor + `","count":1}` }
	for _, c := range []func(string) call{
		func(cursor string) call { return call{method: "GET", path: "/Users?count=1&cursor=" + cursor} },
		func(cursor string) call { return call{method: "POST", path: "/Users/.search", body: body(cursor)} },
	} {
		got := w.do(at, at.Token, c(next))
		w.clean(at, c(next), got)
		if want := w.do(at, at.Token, c(strings.Repeat("A", len(next)))); got.Code != 400 || answer(got) != answer(want) {
			w.rt.Fatalf("a cursor of %s at %s: %s, want %s", at.other.marker, at.marker, answer(got), answer(want))
		}
	}
}

// anyOf draws an id of a map, or one that is nobody's.
func (w *mixing) anyOf(ids map[string]string) string {
	if len(ids) == 0 {
		return randomID
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(ids))).Draw(w.rt, "id")
}
