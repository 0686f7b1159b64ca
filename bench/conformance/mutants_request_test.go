package conformance_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"scimedge/bench/conformance"
)

// filter changes the filter of queries.
func filter(change func(string) string) layer {
	return query("/", func(q url.Values) {
		if q.Has("filter") {
			q.Set("filter", change(q.Get("filter")))
		}
	})
}

// operations changes the operations of a PATCH.
func operations(change func([]map[string]any) []map[string]any) layer {
	return func(next send, c call) reply {
		if c.method != http.MethodPatch {
			return next(c)
		}
		var m struct {
			Schemas    []string
			Operations []map[string]any
		}
		if json.Unmarshal(c.body, &m) != nil {
			return next(c)
		}
		c.body, _ = json.Marshal(map[string]any{"schemas": m.Schemas, "Operations": change(m.Operations)})
		return next(c)
	}
}

// requestMutants read requests wrongly.
func requestMutants() []mutant {
	const failed = conformance.Failed
	text := func(o map[string]any, name string) string { s, _ := o[name].(string); return s }
	each := func(change func(map[string]any)) layer {
		return operations(func(ops []map[string]any) []map[string]any {
			for _, o := range ops {
				change(o)
			}
			return ops
		})
	}
	return []mutant{
		{"an unknown attribute finds everybody", "FLT-A08.all", failed, query("/Users", func(q url.Values) {
			if strings.HasPrefix(q.Get("filter"), "conformanceNothing") {
				q.Del("filter")
			}
		})},
		{"an unknown operator finds nobody", "FLT-02", failed, filter(func(f string) string { return strings.Replace(f, " like ", " eq ", 1) })},
		{"a filter is cut where it ends to make sense", "FLT-03.close", failed, filter(func(f string) string {
			if !strings.Contains(f, "(") {
				return strings.TrimSuffix(f, ")")
			}
			return f
		})},
		{"or binds more tightly than and", "FLT-04.precedence", failed, filter(func(f string) string {
			if i := strings.Index(f, " and "); i > 0 && strings.Contains(f[:i], " or ") {
				return "(" + f[:i] + ")" + f[i:]
			}
			return f
		})},
		{"operators in small letters only", "FLT-01.case", failed, func(next send, c call) reply {
			if strings.Contains(c.query.Get("filter"), " EQ ") {
				return scimError(http.StatusBadRequest, "invalidFilter")
			}
			return next(c)
		}},
		{"ge is gt", "FLT-01.ge", failed, filter(func(f string) string { return strings.Replace(f, " ge ", " gt ", 1) })},
		{"ew is sw", "FLT-01.ew", failed, filter(func(f string) string { return strings.Replace(f, " ew ", " sw ", 1) })},
		{"a value path looks at all elements at once", "FLT-07.element", failed, filter(func(f string) string {
			return strings.NewReplacer("emails[type", "emails.type", "and value", "and emails.value", "]", "").Replace(f)
		})},
		{"userName is compared exactly", "FLT-13.userName", failed, func(next send, c call) reply {
			r := next(c)
			if f := c.query.Get("filter"); strings.HasPrefix(f, "userName eq") && strings.ToUpper(f[11:]) == f[11:] {
				return r.with(map[string]any{"schemas": r.object()["schemas"], "totalResults": 0, "Resources": []any{}})
			}
			return r
		}},
		{"externalId is compared loosely", "FLT-13.externalId", failed, filter(func(f string) string { return strings.Replace(f, "-ext-a", "-Ext-A", 1) })},
		{"not is forgotten", "FLT-04.not", failed, filter(func(f string) string { return strings.Replace(f, "not (", "(", 1) })},
		{"the last operation wins", "PATCH-15", failed, operations(func(ops []map[string]any) []map[string]any {
			if len(ops) == 3 {
				return ops[1:2]
			}
			return ops
		})},
		{"a PATCH is not atomic", "PATCH-16", failed, oneByOne},
		{"a PATCH of a group is not atomic", "PATCH-16.members", failed, oneByOne},
		{"remove without a path does nothing", "PATCH-32", failed, func(next send, c call) reply {
			if strings.Contains(string(c.body), `[{"op":"remove"}]`) {
				return reply{status: http.StatusNoContent, header: http.Header{}}
			}
			return next(c)
		}},
		{"replace of nothing does nothing", "PATCH-46.filter", failed, func(next send, c call) reply {
			r := next(c)
			if c.method == http.MethodPatch && r.object()["scimType"] == "noTarget" {
				return reply{status: http.StatusNoContent, header: http.Header{}}
			}
			return r
		}},
		{"a filter in a path is ignored", "PATCH-35.member", failed, each(func(o map[string]any) {
			if p, _, cut := strings.Cut(text(o, "path"), "["); cut {
				o["path"] = p
			}
		})},
		{"add replaces a list", "PATCH-29", failed, each(func(o map[string]any) {
			if text(o, "path") == "emails" {
				o["op"] = "replace"
			}
		})},
		{"replace appends to a list", "PATCH-41.list", failed, each(func(o map[string]any) { o["op"] = "add" })},
		{"a complex attribute is replaced as a whole", "PATCH-43", failed, func(next send, c call) reply {
			if c.method == http.MethodPatch && strings.Contains(string(c.body), `"path":"name"`) {
				c.body = []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"name.familyName"}]}`)
			}
			return next(c)
		}},
		{"every PATCH is a change", "PATCH-31", failed, stampsEveryPatch()},
		{"members are removed as the RFC reads", "IDP-08", conformance.Warned, each(func(o map[string]any) {
			if o["op"] == "Remove" {
				delete(o, "value")
			}
		})},
		{"op in small letters only", "IDP-02", conformance.Warned, func(next send, c call) reply {
			if strings.Contains(string(c.body), `"op":"Add"`) {
				return scimError(http.StatusBadRequest, "invalidSyntax")
			}
			return next(c)
		}},
		{"PUT creates", "PUT-02", failed, func(next send, c call) reply {
			r := next(c)
			if c.method == http.MethodPut && r.status == http.StatusNotFound {
				r.status = http.StatusCreated
			}
			return r
		}},
		{"PUT merges lists", "PUT-03", failed, func(next send, c call) reply {
			if c.method == http.MethodPut {
				return reply{status: http.StatusOK, header: http.Header{}, body: []byte(`{}`)}
			}
			return next(c)
		}},
		{"If-Match is ignored", "ETAG-06.put", failed, func(next send, c call) reply {
			c.header.Del("If-Match")
			return next(c)
		}},
		{"If-None-Match is ignored", "ETAG-04.same", failed, func(next send, c call) reply {
			c.header.Del("If-None-Match")
			return next(c)
		}},
	}
}

// stampsEveryPatch moves lastModified with every PATCH.
func stampsEveryPatch() layer {
	patched := false
	return func(next send, c call) reply {
		r := next(c)
		patched = patched || c.method == http.MethodPatch
		if !patched || !isUser(c, r) {
			return r
		}
		o := r.object()
		o["meta"].(map[string]any)["lastModified"] = "2040-01-01T00:00:00Z"
		return r.with(o)
	}
}

// oneByOne sends the operations of a PATCH in a request each.
func oneByOne(next send, c call) reply {
	var m struct{ Operations []json.RawMessage }
	if c.method != http.MethodPatch || json.Unmarshal(c.body, &m) != nil || len(m.Operations) < 2 {
		return next(c)
	}
	var last reply
	for _, o := range m.Operations {
		c.body = []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + string(o) + `]}`)
		last = next(c)
	}
	return last
}

// featureMutants announce what does not work, or work wrongly.
func featureMutants() []mutant {
	const failed = conformance.Failed
	announces := func(name string, value any, more layer) layer {
		return func(next send, c call) reply {
			if c.path == "/ServiceProviderConfig" {
				r := next(c)
				o := r.object()
				o[name] = value
				return r.with(o)
			}
			return more(next, c)
		}
	}
	on := map[string]any{"supported": true, "maxOperations": 10, "maxPayloadSize": 1000}
	page := func(spoil func(o map[string]any)) layer {
		return func(next send, c call) reply {
			r := next(c)
			if !c.query.Has("cursor") || r.status != http.StatusOK {
				return r
			}
			o := r.object()
			spoil(o)
			return r.with(o)
		}
	}
	return []mutant{
		{"bulk is announced and not there", "BULK-03.create", failed, announces("bulk", on, func(next send, c call) reply {
			if c.path == "/Bulk" {
				return scimError(http.StatusNotImplemented, "")
			}
			return next(c)
		})},
		{"bulk takes any number of operations", "BULK-21", failed, announces("bulk", on, func(next send, c call) reply {
			if c.path == "/Bulk" {
				return scimError(http.StatusOK, "")
			}
			return next(c)
		})},
		{"bulk gives no results", "BULK-12", failed, announces("bulk", on, func(next send, c call) reply {
			if c.path == "/Bulk" {
				return scimError(http.StatusOK, "").with(map[string]any{"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:BulkResponse"}, "Operations": []any{}})
			}
			return next(c)
		})},
		{"sorting is announced and not there", "SRT-02.text", failed, query("/Users", func(q url.Values) { q.Del("sortBy") })},
		{"sorting knows one order", "SRT-03.descending", failed, query("/Users", func(q url.Values) { q.Del("sortOrder") })},
		{"cursors are announced and not there", "CUR-01.empty", failed, query("/Users", func(q url.Values) { q.Del("cursor") })},
		{"the walk does not end", "CUR-03.last", failed, page(func(o map[string]any) { o["nextCursor"] = "more" })},
		{"the walk ends too early", "CUR-03", failed, page(func(o map[string]any) { delete(o, "nextCursor") })},
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
		{"the root knows users only", "LIST-06.types", failed, func(next send, c call) reply {
			if c.path == "/" && c.query.Has("filter") {
				c.path = "/Users"
			}
			return next(c)
		}},
		{"ETags are announced and not there", "ETAG-01.get", failed, announces("etag", on, func(next send, c call) reply {
			r := next(c)
			r.header = r.header.Clone()
			r.header.Del("ETag")
			return r
		})},
		{"/Me fails", "ME-01.get", conformance.Warned, announces("etag", on, func(next send, c call) reply {
			if c.path == "/Me" {
				return scimError(http.StatusInternalServerError, "")
			}
			return next(c)
		})},
	}
}
