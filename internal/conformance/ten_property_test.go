package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
	"pgregory.net/rapid"

	"scimedge/internal/httpx"
	"scimedge/internal/proxytest"
	"scimedge/portal"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// latePortal is a portal that is made after the stack whose registry it needs.
type latePortal struct{ api *portal.API }

func (p *latePortal) Handle(ctx *fasthttp.RequestCtx, scope *httpx.Scope) { p.api.Handle(ctx, scope) }

// party is one of two tenants that know each other's tokens, ids and hosts.
type party struct {
	*proxytest.Tenant
	marker string            // in every value of its data, and nowhere else
	users  map[string]string // id -> userName
	groups map[string]string // id -> displayName
	other  *party
	cookie string // of a person signed in to its portal
	tokens []string
	bound  map[string]string // tokens by the user that /Me is with them
}

// GoString is what rapid prints of it.
func (p *party) GoString() string { return p.marker }

// TestTEN03_TwoTenantsNeverMix drives random requests at two tenants, with each
// other's tokens, ids and hosts. Whatever is asked, nothing of one is seen,
// changed or hinted at in the other.
func TestTEN03_TwoTenantsNeverMix(t *testing.T) {
	late := &latePortal{}
	// Wrong tokens are this test's bread and butter; none is to be refused for their number.
	s := proxytest.New(t, proxytest.WithAPI(late), proxytest.WithLimits(proxy.Limits{FailedAuthPerSource: 1_000_000}))
	late.api = portal.New(portal.Deps{Registry: s.Registry, Schemas: s.Schemas()})
	unknown, _, err := tenancy.NewTokenText(strings.NewReader(strings.Repeat("nobody's token ", 10)))
	if err != nil {
		t.Fatal(err)
	}
	round := 0
	t.Run("TEN-03 TEN-02 LIST-A01 random requests", rapid.MakeCheck(func(rt *rapid.T) {
		round++
		w := &mixing{t: t, rt: rt, s: s, unknown: unknown}
		w.a, w.b = w.party(fmt.Sprintf("xa%dx", round)), w.party(fmt.Sprintf("xb%dx", round))
		w.a.other, w.b.other = w.b, w.a
		if rapid.IntRange(0, 15).Draw(rt, "portal") == 7 { // hashing a password takes its time
			w.signIn(w.a)
			w.signIn(w.b)
		}
		for range rapid.IntRange(10, 50).Draw(rt, "steps") {
			w.step()
		}
		for _, p := range []*party{w.a, w.b} {
			w.owns(p)
		}
	}))
	if n := len(s.Observations()); n < 3000 {
		t.Errorf("only %d requests were made", n)
	} else {
		t.Logf("%d requests", n)
	}
}

type mixing struct {
	t       *testing.T
	rt      *rapid.T
	s       *proxytest.Stack
	a, b    *party
	unknown string // a token nobody has
}

func (w *mixing) party(marker string) *party {
	x := w.s.AddTenant(tenancy.NewTenant{Name: marker, Hosts: []string{marker + ".test"}})
	return &party{Tenant: x, marker: marker, users: map[string]string{}, groups: map[string]string{}, bound: map[string]string{}, tokens: []string{x.TokenID}}
}

func (w *mixing) signIn(p *party) {
	const password = "correct horse battery staple"
	if _, err := w.s.Registry.CreateAccount(context.Background(), p.Name, p.marker+"@x.test", []string{tenancy.PermissionSSO}, password, tenancy.Actor{Kind: "system", Name: "test"}); err != nil {
		w.rt.Fatal(err)
	}
	r := p.Post(w.t, "/api/v1/session", proxytest.M{"email": p.marker + "@x.test", "password": password}, proxytest.Header("Content-Type", "application/json"))
	if r.Code != 204 {
		w.rt.Fatalf("signing in: %d %s", r.Code, r.Body)
	}
	p.cookie, _, _ = strings.Cut(r.Headers.Get("Set-Cookie"), ";")
}

// dump is all there is of a tenant, as its own token sees it.
func (w *mixing) dump(p *party) string {
	users, groups := p.Get(w.t, "/Users?count=1000"), p.Get(w.t, "/Groups?count=1000")
	if users.Code != 200 || groups.Code != 200 {
		w.rt.Fatalf("%s cannot read itself: %d %d", p.marker, users.Code, groups.Code)
	}
	return users.Body + groups.Body
}

// owns compares what a tenant holds with what was made in it.
func (w *mixing) owns(p *party) {
	for endpoint, want := range map[string]map[string]string{"/Users": p.users, "/Groups": p.groups} {
		got := p.Get(w.t, endpoint+"?count=1000").Strs("Resources", "id")
		slices.Sort(got)
		if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			w.rt.Fatalf("%s%s holds %v, want %v", p.marker, endpoint, got, want)
		}
	}
}

// call is a request of a template's, before its id is filled in.
type call struct {
	method, path, body string
	headers            []string // name: value
}

func (c call) with(id string) call {
	c.path, c.body = strings.ReplaceAll(c.path, "%I", id), strings.ReplaceAll(c.body, "%I", id)
	return c
}

func (w *mixing) do(at *party, token string, c call) *proxytest.Response {
	opts := []proxytest.Opt{proxytest.Bearer(token)}
	if token == "" {
		opts[0] = proxytest.NoToken()
	}
	for _, h := range c.headers {
		name, value, _ := strings.Cut(h, ": ")
		opts = append(opts, proxytest.Header(name, value))
	}
	var b any
	if c.body != "" {
		b = c.body
	}
	return at.Do(w.t, c.method, c.path, b, opts...)
}

// answer is what a caller can tell two answers apart by.
func answer(r *proxytest.Response) string {
	h := http.Header{}
	for name, v := range r.Headers {
		if name != "X-Request-Id" && name != "Date" {
			h[name] = v
		}
	}
	head, _ := json.Marshal(h)
	return fmt.Sprintf("%d %s %s", r.Code, head, r.Body)
}

func (w *mixing) step() {
	at := rapid.SampledFrom([]*party{w.a, w.b}).Draw(w.rt, "host")
	c := w.draw(at)
	id, foreign := w.anID(at)
	otherBefore := w.dump(at.other)
	switch who := rapid.SampledFrom([]string{"own", "own", "own", "own", "foreign", "none", "session", "me", "cursor"}).Draw(w.rt, "credential"); {
	case who == "session":
		w.portal(at)
	case who == "me":
		w.me(at, id, foreign)
	case who == "cursor":
		w.pages(at)
	case who == "own":
		if foreign {
			w.indifferent(at, c, id)
		}
		r := w.do(at, at.Token, c.with(id))
		w.clean(at, c.with(id), r)
		w.learn(at, c, id, r)
	default:
		token := map[string]string{"foreign": at.other.Token, "none": ""}[who]
		before := w.dump(at)
		r := w.do(at, token, c.with(id))
		if token != "" && answer(r) != answer(w.do(at, w.unknown, c.with(id))) {
			w.rt.Fatalf("a token of the other tenant and an unknown one are told apart: %s %s: %s", c.method, c.path, answer(r))
		}
		discovery := strings.HasPrefix(c.path, "/Schemas") || strings.HasPrefix(c.path, "/ServiceProviderConfig") || strings.HasPrefix(c.path, "/ResourceTypes")
		if r.Code < 400 && !discovery && c.method != "OPTIONS" {
			w.rt.Fatalf("%s %s got %d with %s token", c.method, c.path, r.Code, who)
		}
		if w.dump(at) != before {
			w.rt.Fatalf("%s %s changed something with %s token", c.method, c.path, who)
		}
		w.clean(at, c.with(id), r)
	}
	if after := w.dump(at.other); after != otherBefore {
		w.rt.Fatalf("%s %s at %s changed %s\nbefore: %s\nafter: %s", c.method, c.path, at.marker, at.other.marker, otherBefore, after)
	}
}

// anID is an id that exists here, in the other tenant, or nowhere.
func (w *mixing) anID(at *party) (id string, foreign bool) {
	from := rapid.SampledFrom([]map[string]string{at.users, at.groups, at.other.users, at.other.groups, {randomID: ""}}).Draw(w.rt, "ids of")
	id = w.anyOf(from)
	_, user := at.other.users[id]
	_, group := at.other.groups[id]
	return id, user || group
}

// indifferent proves that a foreign id gets the answer a random one gets. Only
// what changes nothing is sent twice.
func (w *mixing) indifferent(at *party, c call, id string) {
	if strings.Contains(c.body, "%I") || c.method == "POST" {
		return // members and managers, see clean
	}
	got, want := answer(w.do(at, at.Token, c.with(id))), answer(w.do(at, at.Token, c.with(randomID)))
	if got != want {
		w.rt.Fatalf("%s %s tells a foreign id from a random one:\n%s\n%s", c.method, c.path, got, want)
	}
}

// clean proves that an answer holds nothing of the other tenant, and that a
// foreign id kept as a member or manager resolves to nothing.
func (w *mixing) clean(at *party, c call, r *proxytest.Response) {
	text := answer(r)
	if c.path == "/Bulk" { // a location is the operation's own path, below the own base
		text = strings.NewReplacer(at.BaseURL()+"/Users/", "", at.BaseURL()+"/Groups/", "").Replace(text)
	}
	if strings.Contains(text, at.other.marker) {
		w.rt.Fatalf("%s %s at %s shows %s:\n%s", c.method, c.path, at.marker, at.other.marker, text)
	}
	for _, ids := range []map[string]string{at.other.users, at.other.groups} {
		for id := range ids {
			if strings.Contains(text, "/"+id) {
				w.rt.Fatalf("%s %s at %s links to a foreign id:\n%s", c.method, c.path, at.marker, text)
			}
		}
	}
}

// learn keeps the model and checks what it foretells: names are unique here,
// whatever the other tenant has.
func (w *mixing) learn(at *party, c call, id string, r *proxytest.Response) {
	if c.method == "DELETE" && r.Code == 204 {
		delete(at.users, id)
		delete(at.groups, id)
	}
	if c.path == "/Bulk" && r.Code == 200 {
		w.learnBulk(at, c, id, r)
	}
	if c.method != "POST" || c.path != "/Users" && c.path != "/Groups" {
		return
	}
	var sent struct{ UserName, DisplayName string }
	_ = json.Unmarshal([]byte(c.body), &sent)
	taken := false
	for _, name := range at.users {
		taken = taken || name == sent.UserName
	}
	switch {
	case r.Code == 201 && c.path == "/Groups":
		at.groups[r.ID()] = sent.DisplayName
	case r.Code == 201 && !taken:
		at.users[r.ID()] = sent.UserName
	case r.Code != 409 || !taken:
		w.rt.Fatalf("POST %s of %+v: %d %s, taken here: %t", c.path, sent, r.Code, r.Body, taken)
	}
}

// draw makes a request. %I is an id, filled in later.
func (w *mixing) draw(at *party) call {
	m, foreign := at.marker, at.other.marker
	n := rapid.IntRange(0, 5).Draw(w.rt, "n")
	shared := fmt.Sprintf("shared-%d", n) // both tenants use these names
	q := func(f string) string { return "?filter=" + url.QueryEscape(f) }
	patch := func(ops string) string {
		return `{"schemas":["` + proxytest.PatchSchema + `"],"Operations":[` + ops + `]}`
	}
	gets := []string{
		"/Users/%I", "/Groups/%I", "/Users/%I?attributes=groups", "/Groups/%I?excludedAttributes=members", "/users/%I", "/scim/Groups/%I", "/Users/%I.scim", "/Schemas/%I", "/ResourceTypes/%I",
		"/Users" + q(`id eq "%I"`), "/Groups" + q(`id eq "%I"`), "/Groups" + q(`members.value eq "%I"`), "/Groups" + q(`members[value eq "%I"]`), "/Groups" + q(`not (members eq "%I")`),
		"/Users" + q(`groups.value eq "%I"`), "/Users" + q(`manager eq "%I"`), "/Users" + q(`meta.location ew "%I"`), "/Groups" + q(`id eq "%I" and members eq "%I"`) + "&attributes=id",
		"/Users" + q(`userName eq "`+foreign+`-0"`), "/Users" + q(`userName sw "`+foreign+`"`), "/Users" + q(`externalId eq "`+foreign+`"`), "/Users" + q(`title co "`+foreign+`"`),
		"/Users" + q(`userName eq "`+shared+`"`), "/Groups" + q(`displayName co "`+foreign+`"`), "/Users" + q(`not (userName sw "`+m+`")`), "/Users" + q(`title pr or not (title pr)`),
		"/Users", "/Groups", fmt.Sprintf("/Users?startIndex=%d&count=%d", n, n), fmt.Sprintf("/Groups?startIndex=%d", n), "/Users?count=0", "/Users?attributes=userName,groups", "", "/Me",
		"/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Schemas/" + proxytest.UserSchema, "/.search", "/Users/.search", "/Nope/%I", "/Users/..%2f..%2f" + foreign, "/Users/%I/../%I",
	}
	user := func(name string) string {
		return `{"schemas":["` + proxytest.UserSchema + `"],"userName":"` + name + `","title":"` + m + `","externalId":"` + m + `","` + proxytest.EnterpriseSchema + `":{"department":"` + m + `","manager":{"value":"%I"}}}`
	}
	group := `{"schemas":["` + proxytest.GroupSchema + `"],"displayName":"` + m + `-` + shared + `","members":[{"value":"%I"}]}`
	ref := `{"$ref":"http://` + foreign + `.test/scim/v2/Users/%I"}`
	own := w.anyOf(at.groups) // for members to join
	title := patch(`{"op":"replace","path":"externalId","value":"` + m + `"}`)
	changes := []call{
		{method: "POST", path: "/Users", body: user(shared)}, {method: "POST", path: "/Users", body: user(shared)}, {method: "POST", path: "/Users", body: user(fmt.Sprintf("%s-%d", m, n))},
		{method: "POST", path: "/Groups", body: group}, {method: "POST", path: "/Groups", body: group},
		{method: "PUT", path: "/Groups/%I", body: `{"schemas":["` + proxytest.GroupSchema + `"],"displayName":"` + m + `"}`},
		{method: "PUT", path: "/Groups/" + own, body: group}, {method: "PATCH", path: "/Users/%I", body: title}, {method: "PATCH", path: "/Groups/%I", body: title},
		{method: "PATCH", path: "/Groups/" + own, body: patch(`{"op":"add","path":"members","value":[{"value":"%I"}]}`)},
		{method: "PATCH", path: "/Groups/" + own, body: patch(`{"op":"add","path":"members","value":[` + ref + `]}`)},
		{method: "PATCH", path: "/Groups/" + own, body: patch(`{"op":"replace","path":"members","value":[{"value":"%I"}]}`), headers: []string{"Prefer: return=representation"}},
		{method: "PATCH", path: "/Groups/" + own, body: patch(`{"op":"remove","path":"members","value":[{"value":"%I"}]}`)},
		{method: "PATCH", path: "/Groups/" + own, body: patch(`{"op":"remove","path":"members[value eq \"%I\"]"}`)},
		{method: "DELETE", path: "/Users/%I"}, {method: "DELETE", path: "/Groups/%I"}, {method: "DELETE", path: "/Users/%I", headers: []string{"If-Match: *"}},
		{method: "POST", path: "/Bulk", body: `{"Operations":[{"method":"DELETE","path":"/Users/%I"}]}`},
		{method: "POST", path: "/Bulk", body: `{"Operations":[{"method":"PATCH","path":"/Groups/` + own + `","data":` + patch(`{"op":"add","path":"members","value":[{"value":"%I"}]}`) + `}]}`},
		{method: "POST", path: "/.search", body: `{"filter":"id eq \"%I\""}`}, {method: "POST", path: "/.search", body: `{"filter":"externalId eq \"` + foreign + `\" or meta.location ew \"%I\""}`},
		{method: "POST", path: "/Groups/.search", body: `{"filter":"members[value eq \"%I\"]"}`}, {method: "POST", path: "/Users/.search", body: `{"filter":"userName sw \"` + foreign + `\" or groups.value eq \"%I\"","sortBy":"userName"}`},
		{method: "PUT", path: "/Users", body: "{}"}, {method: "DELETE", path: "/Users"}, {method: "OPTIONS", path: "/Users/%I"}, {method: "POST", path: "/Schemas", body: "{}"},
	}
	changes = append(changes, w.bulks(at, user, group, title)...)
	if rapid.IntRange(0, 2).Draw(w.rt, "reads") > 0 {
		return rapid.SampledFrom(changes).Draw(w.rt, "change")
	}
	c := call{method: rapid.SampledFrom([]string{"GET", "GET", "GET", "HEAD"}).Draw(w.rt, "method"), path: rapid.SampledFrom(gets).Draw(w.rt, "path")}
	if h := rapid.SampledFrom([]string{"", "If-None-Match: *", "If-Match: *", "X-Forwarded-Host: " + foreign + ".test", "Accept: application/json"}).Draw(w.rt, "header"); h != "" {
		c.headers = []string{h}
	}
	return c
}

// portal calls the token routes at one tenant with the session and the token ids
// of either.
func (w *mixing) portal(at *party) {
	if at.cookie == "" {
		return
	}
	form := []proxytest.Opt{proxytest.NoToken(), proxytest.Header("Content-Type", "application/json")}
	mine := append([]proxytest.Opt{proxytest.Header("Cookie", at.cookie)}, form...)
	theirs := append([]proxytest.Opt{proxytest.Header("Cookie", at.other.cookie)}, form...)
	const tokens = "/api/v1/scim/tokens"
	name := fmt.Sprintf(`{"name":"%s-%d"}`, at.marker, rapid.IntRange(0, 1<<30).Draw(w.rt, "name"))
	victim := rapid.SampledFrom(at.other.tokens).Draw(w.rt, "victim")
	for _, c := range []call{{method: "GET", path: tokens}, {method: "POST", path: tokens, body: name}, {method: "DELETE", path: tokens + "/" + at.tokens[0]}, {method: "GET", path: "/api/v1/session"}} {
		var b any
		if c.body != "" {
			b = c.body
		}
		if r := at.Do(w.t, c.method, c.path, b, theirs...); r.Code != 401 || strings.Contains(r.Body, at.other.marker) {
			w.rt.Fatalf("%s %s at %s with the other tenant's session: %s", c.method, c.path, at.marker, answer(r))
		}
	}
	made := at.Post(w.t, tokens, name, mine...)
	if made.Code == 201 {
		at.tokens = append(at.tokens, made.ID())
	}
	list := at.Get(w.t, tokens, mine...)
	nobody := strings.Repeat("0", len(victim))
	gone, missing := at.Delete(w.t, tokens+"/"+victim, mine...), at.Delete(w.t, tokens+"/"+nobody, mine...)
	for _, r := range []*proxytest.Response{made, list, gone, missing, at.Get(w.t, "/api/v1/session", mine...)} {
		w.clean(at, call{method: "portal", path: tokens}, r)
	}
	plain := func(r *proxytest.Response) string { // without what the caller sent and the request id
		return strings.NewReplacer(r.Headers.Get("X-Request-Id"), "", victim, "", nobody, "").Replace(answer(r))
	}
	if list.Code != 200 || gone.Code != 404 || plain(gone) != plain(missing) {
		w.rt.Fatalf("deleting a foreign token: %s\na missing one: %s\nlist: %s", answer(gone), answer(missing), answer(list))
	}
	w.schemas(at, mine, theirs)
	if r := at.other.Get(w.t, "/Users?count=0"); r.Code != 200 {
		w.rt.Fatalf("the other tenant's token stopped working: %s", answer(r))
	}
}
