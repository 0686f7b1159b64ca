package conformance_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// facade adds sorting, paging by cursor, search by POST and the query of the root
// to a server that has none of them, in the simplest way that is right, so that
// their checks are seen to pass before they are seen to fail.
func facade(next send, c call) reply {
	switch {
	case c.path == "/ServiceProviderConfig":
		r := next(c)
		o := r.object()
		o["sort"] = map[string]any{"supported": true}
		o["pagination"] = map[string]any{"cursor": true, "index": true}
		return r.with(o)
	case strings.HasSuffix(c.path, "/.search"):
		return searched(next, c)
	case c.method == http.MethodGet && (c.path == "/Users" || c.path == "/Groups" || c.path == "/" || c.path == ""):
		return listed(next, c)
	}
	return next(c)
}

// searched turns a SearchRequest into the GET that means the same.
func searched(next send, c call) reply {
	if c.method != http.MethodPost {
		r := scimError(http.StatusMethodNotAllowed, "")
		r.header.Set("Allow", "POST")
		return r
	}
	var body map[string]any
	if json.Unmarshal(c.body, &body) != nil || !strings.Contains(string(c.body), "SearchRequest") {
		return scimError(http.StatusBadRequest, "invalidSyntax")
	}
	get := call{method: http.MethodGet, path: strings.TrimSuffix(c.path, "/.search"), query: url.Values{}, header: c.header.Clone()}
	get.header.Del("Content-Type")
	for name, v := range body {
		switch v := v.(type) {
		case string:
			get.query.Set(name, v)
		case float64:
			get.query.Set(name, itoa(int(v)))
		case []any:
			if name == "schemas" {
				continue
			}
			var names []string
			for _, e := range v {
				names = append(names, e.(string))
			}
			get.query.Set(name, strings.Join(names, ","))
		}
	}
	return listed(next, get)
}

// listed reads everything, then sorts it and cuts a page out of it.
func listed(next send, c call) reply {
	if !c.query.Has("sortBy") && !c.query.Has("cursor") && strings.Trim(c.path, "/") != "" {
		return next(c)
	}
	paths := []string{c.path}
	if strings.Trim(c.path, "/") == "" {
		paths = []string{"/Users", "/Groups"}
	}
	var rows []map[string]any
	var last, refused reply
	for _, path := range paths {
		q := url.Values{"count": {"1000"}}
		for _, name := range []string{"filter", "attributes", "excludedAttributes"} {
			if c.query.Has(name) {
				q.Set(name, c.query.Get(name))
			}
		}
		r := next(call{method: c.method, path: path, query: q, header: c.header})
		if r.status != http.StatusOK {
			refused = r // at the root: an attribute of the other type
			continue
		}
		last = r
		for _, e := range r.object()["Resources"].([]any) {
			rows = append(rows, e.(map[string]any))
		}
	}
	if last.status == 0 {
		return refused
	}
	if by := c.query.Get("sortBy"); by != "" {
		sortRows(rows, by, c.query.Get("sortOrder") == "descending")
	}
	return paged(last, rows, c.query)
}

func paged(r reply, rows []map[string]any, q url.Values) reply {
	count, err := strconv.Atoi(q.Get("count"))
	if err != nil {
		count = 100
	}
	count = max(count, 0)
	start, _ := strconv.Atoi(q.Get("startIndex"))
	from := max(start, 1) - 1
	mark := sealOf(q)
	if cursor := q.Get("cursor"); cursor != "" {
		at, seal, _ := strings.Cut(cursor, "-")
		if from, err = strconv.Atoi(at); err != nil || seal != sealOf(q)+sealOf(url.Values{"at": {at}}) {
			return scimError(http.StatusBadRequest, "invalidCursor")
		}
	}
	from = min(from, len(rows))
	page := rows[from:min(from+count, len(rows))]
	out := map[string]any{
		"schemas":      []any{"urn:ietf:params:scim:api:messages:2.0:ListResponse"},
		"totalResults": len(rows), "itemsPerPage": len(page), "Resources": append([]map[string]any{}, page...),
	}
	if !q.Has("cursor") {
		out["startIndex"] = from + 1
	} else if end := from + len(page); end < len(rows) && count > 0 {
		out["nextCursor"] = itoa(end) + "-" + mark + sealOf(url.Values{"at": {itoa(end)}})
	}
	return r.with(out)
}

// sealOf ties a cursor to the query it belongs to.
func sealOf(q url.Values) string {
	sum := sha256.Sum256([]byte(q.Get("filter") + q.Get("sortBy") + q.Get("at")))
	return hex.EncodeToString(sum[:4])
}

// sortRows sorts by RFC 7644 section 3.4.2.3, for the attributes the checks use.
func sortRows(rows []map[string]any, by string, descending bool) {
	name := strings.ToLower(by[strings.LastIndex(by, ":")+1:])
	key := func(row map[string]any) string {
		v := valueOf(row, name)
		if name != "externalid" {
			v = strings.ToLower(v)
		}
		return v
	}
	slices.SortStableFunc(rows, func(a, b map[string]any) int {
		x, y := key(a), key(b)
		order := cmp.Compare(x, y)
		if x == "" || y == "" {
			order = cmp.Compare(y, x)
			if x != "" && y == "" {
				order = -1
			} else if x == "" && y != "" {
				order = 1
			}
		}
		if descending {
			return -order
		}
		return order
	})
}

func valueOf(row map[string]any, path string) string {
	name, sub, _ := strings.Cut(path, ".")
	for k, v := range row {
		if !strings.EqualFold(k, name) {
			continue
		}
		switch v := v.(type) {
		case string:
			return v
		case map[string]any:
			return valueOf(v, sub)
		case []any:
			chosen := v[0].(map[string]any)
			for _, e := range v {
				if e.(map[string]any)["primary"] == true {
					chosen = e.(map[string]any)
				}
			}
			return valueOf(chosen, cmp.Or(sub, "value"))
		}
	}
	return ""
}
