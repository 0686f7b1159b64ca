package load

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Scenario is one kind of load.
type Scenario struct {
	Name  string
	About string
	step  func(*worker) (op string, err error) // sends exactly one request
}

// Scenarios lists all there are.
func Scenarios() []Scenario {
	return []Scenario{
		{"create", "POST /Users with a full profile; every answer is a durable write", create},
		{"get", "GET /Users/{id} of random users", getUser},
		{"filter-username", `GET /Users?filter=userName eq "..." of random users`, filterUserName},
		{"list-page", "GET /Users, 100 users from a random place", listPage},
		{"patch-user", "PATCH /Users/{id}, one attribute of random users", patchUser},
		{"member-add", "PATCH /Groups/{id}, one member in, then out again", memberAdd},
		{"mixed", "60 % get, 20 % filter-username, 5 % list-page, 10 % patch-user, 5 % create", mixed},
	}
}

// batches are scenarios for measurements that need the two halves of member-add
// apart: the first puts outsiders into the groups, the second takes them out.
func batches() []Scenario {
	return []Scenario{{"member-grow", "add only", memberGrow}, {"member-shrink", "remove only", memberShrink}}
}

func findScenario(name string) (Scenario, bool) {
	all := slices.Concat(Scenarios(), batches())
	i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return all[i], true
}

func scenarioNames() []string {
	var out []string
	for _, s := range Scenarios() {
		out = append(out, s.Name)
	}
	return out
}

func create(w *worker) (string, error) {
	_, err := w.s.createUser(w.x)
	return "create", err
}

func getUser(w *worker) (string, error) {
	u := w.anyUser()
	got, err := w.x.do("GET", "/Users/"+url.PathEscape(u.id), nil, 200, 0)
	if err == nil && !bytes.Contains(got, []byte(u.id)) {
		err = wrong("GET user %s: the answer does not name it: %.300q", u.id, got)
	}
	return "get", err
}

func filterUserName(w *worker) (string, error) {
	u := w.anyUser()
	q := strings.ReplaceAll(url.QueryEscape(`userName eq `+string(quote(u.name))), "+", "%20")
	got, err := w.x.do("GET", "/Users?filter="+q, nil, 200, 0)
	if err == nil && !bytes.Contains(got, []byte(u.id)) {
		err = wrong("filter userName eq %s: user %s is not in the answer: %.300q", u.name, u.id, got)
	}
	return "filter-username", err
}

func listPage(w *worker) (string, error) {
	at := 1 + w.rand.IntN(len(w.s.users))
	got, err := w.x.do("GET", fmt.Sprintf("/Users?startIndex=%d&count=100", at), nil, 200, 0)
	if err == nil && !bytes.Contains(got, []byte("ListResponse")) {
		err = wrong("list from %d: no ListResponse: %.300q", at, got)
	}
	return "list-page", err
}

func patchUser(w *worker) (string, error) {
	u := w.anyUser()
	value := string(quote(fmt.Sprintf("Engineer %d", w.rand.IntN(1e6))))
	_, err := w.x.do("PATCH", "/Users/"+url.PathEscape(u.id), patchBody("replace", "title", value), 200, 204)
	return "patch-user", err
}

// memberAdd lets each client move an outsider of its own in and out, so that the
// group keeps its size and no two clients do the same.
func memberAdd(w *worker) (string, error) {
	g := w.groups
	if w.inside != "" {
		id := w.inside
		w.inside = ""
		return "member-remove", w.memberPatch("remove", w.group, id)
	}
	if w.index >= len(g.outside) {
		return "member-add", wrong("group set %q has %d outsiders, one for each client is needed", g.Name, len(g.outside))
	}
	w.group = g.ids[w.rand.IntN(len(g.ids))]
	id := g.outside[w.index]
	err := w.memberPatch("add", w.group, id)
	if err == nil {
		w.inside = id
	}
	return "member-add", err
}

func memberGrow(w *worker) (string, error) { return "member-grow", w.batch("add", &w.groups.grown) }
func memberShrink(w *worker) (string, error) {
	return "member-shrink", w.batch("remove", &w.groups.shrunk)
}

func (w *worker) memberPatch(op, group, id string) error {
	_, err := w.x.do("PATCH", "/Groups/"+url.PathEscape(group), membersPatch(op, id), 204, 200)
	return err
}

func mixed(w *worker) (string, error) {
	switch n := w.rand.IntN(100); {
	case n < 60:
		return getUser(w)
	case n < 80:
		return filterUserName(w)
	case n < 85:
		return listPage(w)
	case n < 95:
		return patchUser(w)
	}
	return create(w)
}
