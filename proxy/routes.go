package proxy

import (
	"bytes"
	"slices"
	"strings"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"

	"scimedge/metrics"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// routeTable is every SCIM route, below /scim/v2, in lower case, since clients
// write /users as well as /Users. ":endpoint" is looked up among the tenant's
// resource types. What is not in this table does not exist.
func routeTable(bulkOff bool) []routeSpec {
	read := func(op verb, run func(*request) error) action { return action{verb: op, endpointScope: true, run: run} }
	write := func(op verb, body bodyKind, run func(*request) error) action {
		return action{verb: op, write: true, endpointScope: true, body: body, run: run}
	}
	open := func(run func(*request) error) action { return action{verb: verbDiscovery, open: true, run: run} }
	bulk := action{verb: verbBulk, write: true, scope: "Bulk", body: scimBody, run: (*request).bulk}
	if bulkOff {
		bulk.body, bulk.run = noBody, (*request).notBuilt
	}
	me := func(a action) action { a.me = true; return a }
	offered := func(name tenancy.Switch, a action) action { a.offer = name; return a }
	return []routeSpec{
		{"", map[string]action{"GET": {verb: verbSearch, scope: ".search", run: (*request).listAll}}},
		{"/:endpoint", map[string]action{
			"GET":  read(verbList, (*request).list),
			"POST": write(verbCreate, scimBody, (*request).create),
		}},
		{"/:endpoint/:id", map[string]action{
			"GET":    read(verbGet, (*request).get),
			"PUT":    write(verbReplace, scimBody, (*request).replace),
			"PATCH":  offered(tenancy.SwitchPatch, write(verbPatch, scimBody, (*request).patch)),
			"DELETE": write(verbDelete, noBody, (*request).delete),
		}},
		{"/serviceproviderconfig", map[string]action{"GET": open((*request).serviceProviderConfig)}},
		{"/resourcetypes", map[string]action{"GET": open((*request).resourceTypes)}},
		{"/resourcetypes/:id", map[string]action{"GET": open((*request).resourceType)}},
		{"/schemas", map[string]action{"GET": open((*request).schemas)}},
		{"/schemas/:id", map[string]action{"GET": open((*request).schema)}},
		{"/me", map[string]action{
			"GET":    me(read(verbGet, (*request).get)),
			"POST":   {verb: verbOther, scope: "Me", run: (*request).notBuilt},
			"PUT":    me(write(verbReplace, scimBody, (*request).replace)),
			"PATCH":  me(offered(tenancy.SwitchPatch, write(verbPatch, scimBody, (*request).patch))),
			"DELETE": me(write(verbDelete, noBody, (*request).delete)),
		}},
		{"/bulk", map[string]action{"POST": offered(tenancy.SwitchBulk, bulk)}},
		{"/.search", map[string]action{"POST": {verb: verbSearch, scope: ".search", body: scimBody, run: (*request).searchAll}}},
		{"/:endpoint/.search", map[string]action{"POST": {verb: verbSearch, endpointScope: true, body: scimBody, run: (*request).search}}},
	}
}

// routeSpec is one line of the table: a pattern and what its methods do.
type routeSpec struct {
	pattern string
	methods map[string]action
}

// action is what a method does on a route, and what it takes to be let in.
type action struct {
	verb          verb
	open          bool   // needs no token
	write         bool   // needs the right to write
	endpointScope bool   // the right is asked for the type's endpoint ...
	scope         string // ... else for this
	body          bodyKind
	run           func(*request) error
	raw           bool           // not SCIM: the portal or the upstream
	typed         bool           // the path names a resource type, which has to exist
	me            bool           // the path stands for the user the token is bound to
	offer         tenancy.Switch // what a tenant can switch off; empty for what it cannot
}

type bodyKind uint8

const (
	noBody   bodyKind = iota
	scimBody          // read, and its type checked
	anyBody           // read
	apiBody           // read, up to what the portal's calls need, as nobody has signed in yet
)

type verb uint8

const (
	verbOther verb = iota
	verbDiscovery
	verbCreate
	verbGet
	verbList
	verbReplace
	verbPatch
	verbDelete
	verbSearch
	verbBulk
)

// opOf is the metric label of a verb on a type.
func opOf(v verb, t *scimcore.Type) metrics.Op {
	switch v {
	case verbDiscovery:
		return metrics.OpDiscovery
	case verbSearch:
		return metrics.OpSearch
	case verbBulk:
		return metrics.OpBulk
	case verbOther:
		return metrics.OpOther
	}
	switch {
	case t == nil:
		return metrics.OpOther
	case t.Name == "User":
		return metrics.OpUserCreate + metrics.Op(v-verbCreate)
	case t.Name == "Group":
		return metrics.OpGroupCreate + metrics.Op(v-verbCreate)
	}
	return metrics.OpOther
}

// routes is the table compiled into the router. The router only finds: a match
// leaves the action in the request and calls nothing. It is given the shape of a
// path, with ":endpoint" and ":id" in place of what varies, because parameters
// of its own would cost it five allocations a request.
type routes struct {
	router        *router.Router
	names         map[string]bool // first segments that stand for themselves
	api, upstream action
}

// requestKey is where a context holds its request while the router looks.
type requestKey struct{}

func newRoutes(bulkOff bool) *routes {
	rs := &routes{
		router:   router.New(),
		names:    map[string]bool{},
		api:      action{raw: true, body: apiBody, run: (*request).serveAPI},
		upstream: action{raw: true, body: anyBody, run: (*request).serveUpstream},
	}
	for _, spec := range routeTable(bulkOff) {
		if first, _ := cutSegment([]byte(spec.pattern)); len(first) > 0 {
			rs.names[string(first)] = true
		}
		allow := []string{"OPTIONS"}
		for m, a := range spec.methods {
			allow = append(allow, m)
			rs.add(m, spec.pattern, &a)
			if m == "GET" {
				allow = append(allow, "HEAD")
				rs.add("HEAD", spec.pattern, &a)
			}
		}
		slices.Sort(allow)
		list := strings.Join(allow, ", ")
		rs.add("OPTIONS", spec.pattern, &action{open: true, run: func(r *request) error {
			r.ctx.Response.Header.Set("Allow", list)
			r.ctx.SetStatusCode(204)
			return nil
		}})
		refuse := &action{open: true, run: func(r *request) error {
			r.ctx.Response.Header.Set("Allow", list)
			return scimcore.Errorf(405, scimcore.NoType, "This endpoint does not have the method %s. It has %s.", r.ctx.Method(), list)
		}}
		rs.add(router.MethodWild, spec.pattern, refuse)
	}
	return rs
}

func (rs *routes) add(method, pattern string, a *action) {
	a.typed = strings.Contains(pattern, ":endpoint")
	rs.router.Handle(method, "/scim/v2"+pattern, func(ctx *fasthttp.RequestCtx) {
		ctx.UserValue(requestKey{}).(*request).action = a
	})
}

// findRoute picks the action. Everything below /scim is ours, /api/v1 and
// /portal are the portal's, the rest is for the application behind the edge.
func (r *request) findRoute() error {
	path := r.target.path
	switch {
	case r.scim:
	case below(path, "/api/v1"), below(path, "/portal"):
		r.action = &r.edge.routes.api
		return existing(r.edge.API != nil)
	default:
		r.action = &r.edge.routes.upstream
		return existing(r.edge.Upstream != nil)
	}
	r.accept = answerType(r.ctx.Request.Header.Peek(fasthttp.HeaderAccept))
	if err := r.canonicalRoute(path); err != nil {
		return err
	}
	r.ctx.SetUserValue(requestKey{}, r)
	found, _ := r.edge.routes.router.Lookup(view(r.ctx.Method()), view(r.routed), r.ctx)
	if found == nil {
		return r.noEndpoint()
	}
	found(r.ctx)
	var err error
	if r.dir, err = r.edge.Directories(r.tenant); err != nil {
		return err
	}
	if r.action.typed {
		if r.typ = r.dir.Catalog().Endpoint(view(r.endpoint)); r.typ == nil {
			return r.noEndpoint()
		}
	}
	r.op = opOf(r.action.verb, r.typ)
	return nil
}

// existing refuses what nobody serves, before its body is read.
func existing(served bool) error {
	if served {
		return nil
	}
	return scimcore.Errorf(404, scimcore.NoType, "There is nothing here.")
}

func (r *request) noEndpoint() error {
	r.reason = "route"
	return scimcore.Errorf(404, scimcore.NoType, "There is no such endpoint. The base URL is %s; Users and Groups are directly below it.", r.site.base)
}

func below(path []byte, root string) bool {
	return len(path) >= len(root) && string(path[:len(root)]) == root && (len(path) == len(root) || path[len(root)] == '/')
}

// canonicalRoute writes the path as the table knows it, with the version and
// without a trailing slash, and keeps the endpoint in lower case and the id
// decoded beside it.
func (r *request) canonicalRoute(path []byte) error {
	rest := bytes.TrimSuffix(path[len("/scim"):], []byte("/"))
	first, after := cutSegment(rest)
	switch {
	case foldEqual(first, "v2"):
		rest = after
		first, after = cutSegment(rest)
	case isVersion(first):
		return scimcore.Bad(scimcore.InvalidVers, "This server speaks SCIM 2.0. The base URL is %s.", r.site.base)
	}
	out := append(r.routed[:0], "/scim/v2"...)
	if len(rest) > 0 {
		out = append(out, '/')
		start := len(out)
		out = appendLower(out, first)
		r.endpoint = append(r.endpoint[:0], out[start:]...)
		if !r.edge.routes.names[string(r.endpoint)] {
			out = append(out[:start], ":endpoint"...)
		}
	}
	if len(after) > 0 {
		second, more := cutSegment(after)
		r.id = appendDecoded(r.id[:0], second)
		out = append(out, '/')
		if foldEqual(second, ".search") {
			out = append(out, ".search"...)
		} else {
			out = append(out, ":id"...)
		}
		out = append(out, more...) // too long a path: no route has it
	}
	r.routed = out
	return nil
}

// cutSegment takes the first segment off a path that starts with a slash.
func cutSegment(path []byte) (seg, rest []byte) {
	if len(path) == 0 {
		return nil, nil
	}
	path = path[1:]
	if i := bytes.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, nil
}

func isVersion(seg []byte) bool {
	if len(seg) < 2 || seg[0]|0x20 != 'v' {
		return false
	}
	for _, c := range seg[1:] {
		if (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return true
}
