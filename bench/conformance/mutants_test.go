package conformance_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"scimedge/bench/conformance"
)

// mutant is a server that is wrong in one thing, and the check that is meant for it.
type mutant struct {
	name  string
	check string
	want  conformance.Status
	spoil layer
}

// TestTheChecksCanFail breaks one thing at a time. The same check passes on the
// server as it is; TestOurServer has shown that.
func TestTheChecksCanFail(t *testing.T) {
	x := newTarget(t)
	for _, m := range slices.Concat(answerMutants(), listMutants(), requestMutants(), featureMutants()) {
		// Not named after the requirement: this proves the check, not the server.
		t.Run(m.name, func(t *testing.T) {
			url := x.behind(t, facade, m.spoil)
			rep := x.run(t, url, m.check)
			if got := outcomes(rep)[m.check]; got != m.want {
				t.Errorf("%s: %q, want %q", m.check, got, m.want)
			}
		})
	}
}

// onAnswer spoils answers that when selects.
func onAnswer(when func(c call, r reply) bool, spoil func(o map[string]any, r *reply)) layer {
	return func(next send, c call) reply {
		r := next(c)
		if !when(c, r) {
			return r
		}
		o := r.object()
		body := len(r.body) > 0
		spoil(o, &r)
		if body {
			r = r.with(o)
		}
		return r
	}
}

func status(want int) func(call, reply) bool {
	return func(_ call, r reply) bool { return r.status == want }
}

// method selects what was done to users.
func method(name string) func(call, reply) bool {
	return func(c call, r reply) bool {
		return c.method == name && strings.HasPrefix(c.path, "/Users") && !strings.HasSuffix(c.path, ".search") && r.status < 300
	}
}

func isList(c call, r reply) bool {
	return c.method == http.MethodGet && c.path == "/Users" && r.status == http.StatusOK
}

func isUser(c call, r reply) bool {
	return c.method == http.MethodGet && strings.HasPrefix(c.path, "/Users/") && r.status == http.StatusOK
}

func answerMutants() []mutant {
	drop := func(name string) func(map[string]any, *reply) {
		return func(o map[string]any, _ *reply) { delete(o, name) }
	}
	headless := func(name string) func(map[string]any, *reply) {
		return func(_ map[string]any, r *reply) { r.header = r.header.Clone(); r.header.Del(name) }
	}
	becomes := func(status int) func(map[string]any, *reply) {
		return func(_ map[string]any, r *reply) { r.status = status }
	}
	const failed = conformance.Failed
	return []mutant{
		{"status as a number", "ERR-01.404", failed, onAnswer(status(404), func(o map[string]any, _ *reply) { o["status"] = 404 })},
		{"no scimType", "CRT-04", failed, onAnswer(status(409), drop("scimType"))},
		{"a duplicate is 400", "CRT-04", failed, onAnswer(status(409), becomes(400))},
		{"no detail", "ERR-A01", conformance.Warned, onAnswer(status(404), drop("detail"))},
		{"an invented scimType", "ERR-03", failed, onAnswer(status(409), func(o map[string]any, _ *reply) { o["scimType"] = "duplicate" })},
		{"a broken body is the server's error", "HTTP-16.broken", conformance.Warned, onAnswer(status(400), becomes(500))},
		{"an error page of a router", "ERR-02.route", failed, func(next send, c call) reply {
			r := next(c)
			if strings.HasPrefix(c.path, "/Conformance") {
				r.body = []byte("<h1>Not Found</h1>")
			}
			return r
		}},
		{"an error page of a gateway", "AUTH-16.missing", failed, func(next send, c call) reply {
			r := next(c)
			if r.status == http.StatusUnauthorized {
				r.body = []byte("Unauthorized")
			}
			return r
		}},
		{"no challenge", "AUTH-01", failed, onAnswer(status(401), headless("Www-Authenticate"))},
		{"any token will do", "AUTH-09.read", failed, func(next send, c call) reply {
			if strings.Contains(c.header.Get("Authorization"), "made-up") {
				return reply{status: http.StatusOK, header: http.Header{}, body: []byte(`{}`)}
			}
			return next(c)
		}},
		{"no Allow", "HTTP-A03.collection", failed, onAnswer(status(405), headless("Allow"))},
		{"another content type", "HTTP-07", failed, func(next send, c call) reply {
			r := next(c)
			r.header = r.header.Clone()
			r.header.Set("Content-Type", "text/html")
			return r
		}},
		{"no Location", "CRT-02.location", failed, onAnswer(method("POST"), headless("Location"))},
		{"200 for a create", "CRT-02.status", failed, onAnswer(method("POST"), becomes(200))},
		{"the password in the answer", "SCH-30.answers", failed, onAnswer(method("POST"), func(o map[string]any, _ *reply) { o["password"] = "Conf0rmance-secret!" })},
		{"no schemas", "SCH-05", failed, onAnswer(isUser, drop("schemas"))},
		{"active as text", "SCH-11.round", failed, onAnswer(isUser, func(o map[string]any, _ *reply) { o["active"] = "false" })},
		{"externalId made up", "SCH-40.absent", failed, onAnswer(isUser, func(o map[string]any, _ *reply) { o["externalId"] = o["id"] })},
		{"a location elsewhere", "SCH-45", failed, onAnswer(method("POST"), func(o map[string]any, _ *reply) {
			o["meta"].(map[string]any)["location"] = "https://example.com/me"
		})},
		{"two ways to name a version", "SCH-46", failed, onAnswer(isUser, func(o map[string]any, _ *reply) { o["meta"].(map[string]any)["version"] = "7" })},
		{"an ETag without quotes", "ETAG-03", failed, onAnswer(isUser, func(_ map[string]any, r *reply) { r.header = r.header.Clone(); r.header.Set("ETag", "7") })},
		{"two primary elements", "PATCH-18", failed, onAnswer(isUser, func(o map[string]any, _ *reply) {
			for _, e := range o["emails"].([]any) {
				e.(map[string]any)["primary"] = true
			}
		})},
		{"deleting twice succeeds", "DEL-02.delete", failed, func(next send, c call) reply {
			r := next(c)
			if c.method == http.MethodDelete && r.status == http.StatusNotFound {
				r.status, r.body = http.StatusNoContent, nil
			}
			return r
		}},
		{"a PATCH that says nothing", "PATCH-19", failed, onAnswer(method("PATCH"), func(o map[string]any, _ *reply) { clear(o) })},
	}
}

func listMutants() []mutant {
	const failed = conformance.Failed
	resources := func(o map[string]any) []any { list, _ := o["Resources"].([]any); return list }
	return []mutant{
		{"Resources in small letters", "LIST-03", failed, onAnswer(isList, func(o map[string]any, _ *reply) { o["resources"] = o["Resources"]; delete(o, "Resources") })},
		{"totalResults as text", "LIST-02", failed, onAnswer(isList, func(o map[string]any, _ *reply) { o["totalResults"] = "3" })},
		{"totalResults is the size of the page", "PAG-06.walk", failed, onAnswer(isList, func(o map[string]any, _ *reply) { o["totalResults"] = len(resources(o)) })},
		{"itemsPerPage is what was asked for", "PAG-06.count", failed, onAnswer(isList, func(o map[string]any, _ *reply) { o["itemsPerPage"] = 100 })},
		{"startIndex is repeated", "PAG-01.zero", failed, func(next send, c call) reply {
			r := next(c)
			o := r.object()
			if c.query.Get("startIndex") == "0" {
				o["startIndex"] = 0
				return r.with(o)
			}
			return r
		}},
		{"finding nothing is 404", "LIST-05", failed, func(next send, c call) reply {
			r := next(c)
			if isList(c, r) && len(resources(r.object())) == 0 {
				return scimError(http.StatusNotFound, "")
			}
			return r
		}},
		{"an empty list without Resources", "LIST-03.empty", conformance.Warned, onAnswer(isList, func(o map[string]any, _ *reply) {
			if len(resources(o)) == 0 {
				delete(o, "Resources")
			}
		})},
		{"count is ignored", "PAG-02", failed, query("/Users", func(q url.Values) { q.Del("count") })},
		{"pages do not begin where they should", "PAG-06.walk", failed, query("/Users", func(q url.Values) { q.Del("startIndex") })},
		{"discovery is paged", "DISC-09", failed, onAnswer(func(c call, r reply) bool { return c.query.Get("count") == "1" && c.path == "/Schemas" },
			func(o map[string]any, _ *reply) { o["Resources"] = resources(o)[:1] })},
		{"discovery is filtered", "DISC-08", conformance.Warned, query("/Schemas", func(q url.Values) { q.Del("filter") })},
		{"a feature says nothing of itself", "DISC-03", failed, onAnswer(func(c call, _ reply) bool { return c.path == "/ServiceProviderConfig" },
			func(o map[string]any, _ *reply) { delete(o, "changePassword") })},
		{"a type names a schema nobody has", "DISC-12", failed, onAnswer(func(c call, _ reply) bool { return c.path == "/Schemas" },
			func(o map[string]any, _ *reply) { o["Resources"] = resources(o)[1:] })},
		{"id goes with projection", "PRJ-04", failed, onAnswer(func(c call, _ reply) bool { return c.query.Has("attributes") },
			func(o map[string]any, _ *reply) { delete(o, "id") })},
		{"schemas go when excluded", "PRJ-05", failed, onAnswer(func(c call, _ reply) bool { return strings.Contains(c.query.Get("excludedAttributes"), "schemas") },
			func(o map[string]any, _ *reply) { delete(o, "schemas") })},
		{"excludedAttributes are ignored", "PRJ-02.exclude", failed, query("/Users/", func(q url.Values) { q.Del("excludedAttributes") })},
		{"attributes are ignored on POST", "PRJ-02.post", failed, func(next send, c call) reply {
			if c.method == http.MethodPost {
				c.query = nil
			}
			return next(c)
		}},
	}
}

// query changes the query of requests below path.
func query(path string, change func(url.Values)) layer {
	return func(next send, c call) reply {
		if strings.HasPrefix(c.path, path) {
			change(c.query)
		}
		return next(c)
	}
}
