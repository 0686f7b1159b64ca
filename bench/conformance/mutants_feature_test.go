package conformance_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scimedge/bench/conformance"
)

// featureMutants announce what does not work, or does it wrongly.
func featureMutants() []mutant {
	const failed = conformance.Failed
	gone := func(path string) layer {
		return func(next send, c call) reply {
			if c.path == path {
				return scimError(http.StatusNotImplemented, "")
			}
			return next(c)
		}
	}
	// page spoils the pages of a walk.
	page := func(spoil func(o map[string]any)) layer {
		return onAnswer(func(c call, r reply) bool { return c.query.Has("cursor") && r.status == http.StatusOK },
			func(o map[string]any, _ *reply) { spoil(o) })
	}
	// results spoils the results of a bulk.
	results := func(spoil func(list []any) []any) layer {
		return onAnswer(func(c call, r reply) bool { return c.path == "/Bulk" && r.status == http.StatusOK },
			func(o map[string]any, _ *reply) { o["Operations"] = spoil(o["Operations"].([]any)) })
	}
	each := func(spoil func(result map[string]any)) layer {
		return results(func(list []any) []any {
			for _, e := range list {
				spoil(e.(map[string]any))
			}
			return list
		})
	}
	// bulk changes the message of a bulk.
	bulk := func(change func(body string) string) layer {
		return func(next send, c call) reply {
			if c.path == "/Bulk" {
				c.body = []byte(change(string(c.body)))
			}
			return next(c)
		}
	}
	limitless := func(want int) layer {
		return func(next send, c call) reply {
			r := next(c)
			if c.path == "/Bulk" && r.status == http.StatusRequestEntityTooLarge {
				return scimError(want, "")
			}
			return r
		}
	}
	return []mutant{
		{"bulk is announced and not there", "BULK-03.create", failed, gone("/Bulk")},
		{"bulk takes any number of operations", "BULK-21", failed, limitless(http.StatusOK)},
		{"bulk calls too large a message broken", "BULK-22", failed, limitless(http.StatusBadRequest)},
		{"bulk gives no results", "BULK-12", failed, results(func([]any) []any { return []any{} })},
		{"bulk turns its results round", "BULK-A06", conformance.Warned, results(func(list []any) []any { slices.Reverse(list); return list })},
		{"bulk gives statuses as numbers", "BULK-03.delete", failed, each(func(o map[string]any) { o["status"] = 204 })},
		{"bulk gives no bulkId", "BULK-07", failed, each(func(o map[string]any) { delete(o, "bulkId") })},
		{"bulk gives no location", "BULK-15", failed, each(func(o map[string]any) { delete(o, "location") })},
		{"bulk does not say what failed", "BULK-17", failed, each(func(o map[string]any) { delete(o, "response") })},
		{"bulk goes on after failures", "BULK-13", failed, bulk(func(b string) string { return strings.Replace(b, `"failOnErrors":1`, `"failOnErrors":9`, 1) })},
		{"bulk stops at the first failure", "BULK-12", failed, bulk(func(b string) string { return strings.Replace(b, `{"Operations"`, `{"failOnErrors":1,"Operations"`, 1) })},
		{"bulk knows no references", "BULK-09.backward", failed, bulk(func(b string) string { return strings.ReplaceAll(b, `"value":"bulkId:`, `"value":"no-bulkId-`) })},
		{"bulk ignores versions", "BULK-19", failed, bulk(func(b string) string {
			return strings.Replace(b, `"version":"W/\"conformance-no-such-version\""`, `"bulkId":"none"`, 1)
		})},
		{"bulk as a whole fails with its operations", "BULK-20", failed, func(next send, c call) reply {
			r := next(c)
			if c.path == "/Bulk" {
				r.status = http.StatusNotFound
			}
			return r
		}},
		{"sorting is announced and not there", "SRT-02.text", failed, query("/Users", func(q url.Values) { q.Del("sortBy") })},
		{"sorting knows one order", "SRT-03.descending", failed, query("/Users", func(q url.Values) { q.Del("sortOrder") })},
		{"sorting looks at letter case", "SRT-04.ignored", failed, query("/Users", func(q url.Values) {
			if q.Get("sortBy") == "title" {
				q.Set("sortBy", "externalId")
			}
		})},
		{"cursors are announced and not there", "CUR-01.empty", failed, query("/Users", func(q url.Values) { q.Del("cursor") })},
		{"the walk does not end", "CUR-03.last", failed, page(func(o map[string]any) { o["nextCursor"] = "more" })},
		{"the walk ends too early", "CUR-03", failed, page(func(o map[string]any) { delete(o, "nextCursor") })},
		{"a cursor needs escaping", "CUR-02", failed, page(func(o map[string]any) { o["nextCursor"] = "a/b==" })},
		{"any cursor will do", "CUR-07", conformance.Warned, query("/Users", func(q url.Values) {
			if q.Get("cursor") == "conformance-no-cursor" {
				q.Set("cursor", "")
			}
		})},
		{"a search is a create", "SRCH-04", failed, func(next send, c call) reply {
			r := next(c)
			if strings.HasSuffix(c.path, "/.search") {
				r.status = http.StatusCreated
			}
			return r
		}},
		{"a search finds everything", "SRCH-01.users", failed, func(next send, c call) reply {
			if c.path == "/Users/.search" {
				c.body = []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`)
			}
			return next(c)
		}},
		{"the root knows users only", "LIST-06.types", failed, func(next send, c call) reply {
			if c.path == "/" && c.query.Has("filter") {
				c.path = "/Users"
			}
			return next(c)
		}},
		{"ETags are announced and not there", "ETAG-01.get", failed, onAnswer(isUser, func(_ map[string]any, r *reply) {
			r.header = r.header.Clone()
			r.header.Del("ETag")
		})},
		{"/Me fails", "ME-01.get", conformance.Warned, func(next send, c call) reply {
			if c.path == "/Me" {
				return scimError(http.StatusInternalServerError, "")
			}
			return next(c)
		}},
	}
}
