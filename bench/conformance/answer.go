package conformance

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"scimedge/bench/scimclient"
)

// answer is what came back, with the expectations checks have of it. After a
// failure it is empty, and expects nothing.
type answer struct {
	p      *probe
	status int
	header http.Header
	raw    []byte
	body   scimclient.Object // nil unless raw is one JSON object
	err    error             // why it is nil
}

// is wants one of these statuses. A server may refuse any query that costs it too
// much (RFC 7644 section 3.12, tooMany): that answers no question about it.
func (a *answer) is(statuses ...int) *answer {
	wanted := func() { a.p.want(slices.Contains(statuses, a.status), "status "+anyOf(statuses), a) }
	if a.status == http.StatusBadRequest && a.body.Text("scimType") == "tooMany" {
		a.p.setUp(wanted)
	} else {
		wanted()
	}
	return a
}

// refused wants a client error of this status, and one of the scimTypes. These are
// optional (RFC 7644 section 3.12), so another one, or none, is only a blemish.
func (a *answer) refused(status int, scimTypes ...string) *answer {
	a.is(status)
	a.p.prefer(slices.Contains(scimTypes, a.body.Text("scimType")), "scimType "+strings.Join(scimTypes, " or "), a)
	return a
}

// refusedWith is refused where the RFC demands the scimType, too.
func (a *answer) refusedWith(status int, scimType string) *answer {
	a.is(status)
	a.p.want(a.body.Text("scimType") == scimType, "scimType "+scimType, a)
	return a
}

// rejected wants any 4xx, this status best.
func (a *answer) rejected(best int) *answer {
	a.p.want(a.status >= 400 && a.status < 500, fmt.Sprintf("a refusal, status %d best", best), a)
	a.p.prefer(a.status == best, fmt.Sprintf("status %d", best), a)
	return a
}

// has wants the value at path to read like want; see [scimclient.Object.Get].
func (a *answer) has(path string, want any) *answer {
	v, ok := a.body.Get(path)
	a.p.want(ok && fmt.Sprint(v) == fmt.Sprint(want), fmt.Sprintf("%s is %s", path, shown(want)), valueOr(v, ok))
	return a
}

// lacks wants nothing at path: absent, null and empty are one state.
func (a *answer) lacks(paths ...string) *answer {
	for _, path := range paths {
		v, ok := a.body.Get(path)
		list, isList := v.([]any)
		obj, isObj := v.(map[string]any)
		empty := !ok || v == nil || isList && len(list) == 0 || isObj && len(obj) == 0
		a.p.want(empty, "no "+path, valueOr(v, ok))
	}
	return a
}

// keeps wants the version r had when it was made, if it had one: two moments may
// look alike, two versions do not.
func (a *answer) keeps(r *resource) {
	before := r.body.Text("meta/version")
	a.p.prefer(before == "" || a.body.Text("meta/version") == before, "meta.version "+before, a.body.Text("meta/version"))
}

// present wants something at path.
func (a *answer) present(paths ...string) *answer {
	for _, path := range paths {
		a.p.want(a.body.Text(path) != "", path+" is there", a)
	}
	return a
}

// elements wants the member name of path's elements to be exactly these, in any order.
func (a *answer) elements(path, name string, want ...string) *answer {
	got := texts(a.body.List(path), name)
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	a.p.want(slices.Equal(got, want), fmt.Sprintf("%s of %s: %s", name, path, listed(want)), listed(got))
	return a
}

// integer is the number at path, which must be one.
func (a *answer) integer(path string) int {
	n, err := a.body.Int(path)
	if a.p.stopped() {
		return 0
	}
	a.p.want(err == nil, path+" is an integer", err)
	return n
}

// list wants a ListResponse, and is its resources. Of a page by cursor totalResults
// may be left out; the checks that need it ask for it.
func (a *answer) list() []scimclient.Object {
	a.is(http.StatusOK)
	a.listsSchema(messages + "ListResponse")
	return a.body.List("Resources")
}

// listsSchema wants urn among the schemas.
func (a *answer) listsSchema(urn string) *answer {
	a.p.want(a.names(urn), "schemas has "+urn, a.body["schemas"])
	return a
}

// names reports whether schemas lists urn.
func (a *answer) names(urn string) bool {
	v, _ := a.body.Get("schemas")
	list, _ := v.([]any)
	return slices.ContainsFunc(list, func(s any) bool { return strings.EqualFold(fmt.Sprint(s), urn) })
}

// isError wants the body of a SCIM error.
func (a *answer) isError() *answer {
	a.p.want(a.body != nil, "a SCIM error as JSON object", a)
	a.listsSchema(messages + "Error")
	v, _ := a.body.Get("status")
	a.p.want(v == strconv.Itoa(a.status), fmt.Sprintf("status is the text %q, the HTTP status", strconv.Itoa(a.status)), string(encode(v)))
	return a
}

// String is the answer in one line, for the report.
func (a *answer) String() string {
	if a.body == nil && len(a.raw) > 0 {
		return fmt.Sprintf("status %d, %s", a.status, a.err)
	}
	if a.status >= 400 {
		return strings.TrimRight(fmt.Sprintf("status %d %s, %s", a.status, a.body.Text("scimType"), a.body.Text("detail")), ", ")
	}
	return "status " + strconv.Itoa(a.status)
}

func texts(list []scimclient.Object, name string) []string {
	var out []string
	for _, o := range list {
		out = append(out, o.Text(name))
	}
	return out
}

func anyOf(statuses []int) string {
	var words []string
	for _, s := range statuses {
		words = append(words, strconv.Itoa(s))
	}
	return strings.Join(words, " or ")
}

func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func valueOr(v any, ok bool) any {
	if !ok {
		return "it is missing"
	}
	return v
}

// shown is a value as a report has it.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return cmp.Or(v, "nothing")
	case fmt.Stringer:
		return v.String()
	case error:
		return v.Error()
	}
	return string(encode(v))
}

// rejectedOrUnknown is rejected, where 501 is a fair refusal, too: a server need not
// know the method (RFC 9110, section 15.6.2).
func (a *answer) rejectedOrUnknown(best int) *answer {
	if a.status == http.StatusNotImplemented {
		return a
	}
	return a.rejected(best)
}
