package fakescim

import (
	"net/url"
	"strconv"
	"strings"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func (k *kind) find(q url.Values) (int, map[string]any) {
	var hits []any
	for _, id := range k.order {
		res, there := k.byID[id]
		if !there {
			continue
		}
		match, err := matches(res, q.Get("filter"))
		if err != "" {
			return scimError(400, err)
		}
		if match {
			hits = append(hits, project(res, q))
		}
	}
	start, _ := strconv.Atoi(q.Get("startIndex"))
	start = max(start, 1)
	count := 100
	if q.Has("count") {
		count, _ = strconv.Atoi(q.Get("count"))
	}
	total := len(hits)
	from := min(start-1, total)
	return 200, list(hits[from:min(from+count, total)], total, start)
}

func list(rows []any, total, start int) map[string]any {
	if rows == nil {
		rows = []any{}
	}
	return map[string]any{
		"schemas":      []any{"urn:ietf:params:scim:api:messages:2.0:ListResponse"},
		"totalResults": total, "startIndex": start, "itemsPerPage": len(rows), "Resources": rows,
	}
}

// matches knows `attribute eq "value"`, joined by and; strings with " and " in
// them would confuse it, and the tests have none.
func matches(res map[string]any, filter string) (ok bool, err string) {
	if filter == "" {
		return true, ""
	}
	for _, term := range strings.Split(filter, " and ") {
		attr, lit, found := strings.Cut(term, " eq ")
		want, bad := strconv.Unquote(lit)
		if !found || bad != nil {
			return false, "cannot read filter " + term
		}
		if !anyEqual(values(res, attr), want) {
			return false, ""
		}
	}
	return true, ""
}

func anyEqual(have []string, want string) bool {
	for _, h := range have {
		if strings.EqualFold(h, want) {
			return true
		}
	}
	return false
}

func values(res map[string]any, attr string) []string {
	v := res[attr]
	if attr == "manager" {
		ext, _ := res[enterprise].(map[string]any)
		v = ext[attr]
	}
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		return []string{text(v["value"])}
	case []any:
		var out []string
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, text(m["value"]))
			}
		}
		return out
	}
	return []string{text(v)}
}

func project(res map[string]any, q url.Values) map[string]any {
	out := clone(res)
	if q.Get("attributes") == "id" {
		return map[string]any{"schemas": out["schemas"], "id": out["id"]}
	}
	for _, name := range strings.Split(q.Get("excludedAttributes"), ",") {
		delete(out, name)
	}
	return out
}
