package idp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scimedge/bench/scimclient"
)

// session sends the calls of a table and checks the answers.
type session struct {
	name        string
	contentType string
	client      *scimclient.Client
	render      *renderer
}

// answer is what came back; object is nil when no body was wanted or sent.
type answer struct {
	status int
	object scimclient.Object
}

// all sends the calls of one step in order, learns the id on the way, and returns
// the last answer.
func (s *session) all(ctx context.Context, step string, list []call, v *vars) (answer, error) {
	var last answer
	for _, c := range list {
		a, err := s.send(ctx, step, c, v)
		if err != nil {
			return a, err
		}
		if v.ID == "" && isResource(c.is) && a.object != nil {
			v.ID = a.object.Text("id")
		}
		last = a
	}
	return last, nil
}

func isResource(is shape) bool { return is >= aUser && is <= noMembers }

func (s *session) send(ctx context.Context, step string, c call, v *vars) (answer, error) {
	path, err := s.render.text(c.path, v)
	if err != nil {
		return answer{}, err
	}
	body, err := s.render.body(c.body, v)
	if err != nil {
		return answer{}, err
	}
	res, err := s.client.Do(ctx, c.method, path, body)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %s: %w", s.name, step, err)
	}
	a := answer{status: res.Status}
	why := s.check(c, v, res, &a)
	if why == "" {
		return a, nil
	}
	return a, &scimclient.Mismatch{
		Step: s.name + ": " + step, Method: c.method, Path: path, Sent: body,
		Want: why, Status: res.Status, Got: res.Body,
	}
}

// check returns what was expected instead, or "".
func (s *session) check(c call, v *vars, res *scimclient.Response, a *answer) string {
	if !slices.Contains(c.want, res.Status) {
		return fmt.Sprintf("status %s", oneOf(c.want))
	}
	if res.Status < 200 || res.Status > 299 || c.is == nothing || c.is == anything {
		return ""
	}
	if res.Status == 204 && (c.is == aUserIfAny || c.is == aGroupIfAny) {
		return ""
	}
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(strings.ToLower(got), s.contentType) {
		return fmt.Sprintf("content type %s, not %q", s.contentType, got)
	}
	o, err := scimclient.Parse(res.Body)
	if err != nil {
		return "a JSON object: " + err.Error()
	}
	a.object = o
	if why := checkShape(c.is, v, o); why != "" {
		return why
	}
	for _, f := range c.see {
		want, err := s.render.text(f.want, v)
		if err != nil {
			return err.Error()
		}
		if got := o.Text(f.path); got != want {
			return fmt.Sprintf("%s = %q, not %q", f.path, want, got)
		}
	}
	return ""
}

func oneOf(status []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(status), "[]"), " ", " or ")
}

func checkShape(is shape, v *vars, o scimclient.Object) string {
	switch is {
	case aUser, aUserIfAny:
		return checkUser(v, o)
	case aGroup, aGroupIfAny, groupMembers, noMembers:
		return checkGroup(is, v, o)
	case config:
		return checkConfig(o)
	}
	return checkList(is, o)
}

func checkResource(v *vars, o scimclient.Object, schema, typ string) string {
	id := o.Text("id")
	schemas, _ := o.Get("schemas")
	switch {
	case id == "":
		return "an id"
	case v.ID != "" && id != v.ID:
		return fmt.Sprintf("id %q, not %q", v.ID, id)
	case !strings.Contains(fmt.Sprint(schemas), schema):
		return "schemas with " + schema
	case o.Text("meta/resourceType") != typ:
		return "meta.resourceType " + typ
	}
	return ""
}

func checkUser(v *vars, o scimclient.Object) string {
	if why := checkResource(v, o, coreUser, "User"); why != "" {
		return why
	}
	if got := o.Text("userName"); !strings.EqualFold(got, v.P.UserName) {
		return fmt.Sprintf("userName %q", v.P.UserName)
	}
	// A boolean, whatever the client wrote: "False" as text is true to many readers.
	if got, _ := o.Get("active"); got != v.Active {
		return fmt.Sprintf("active %v as a boolean", v.Active)
	}
	for name := range o {
		if strings.EqualFold(name, "password") {
			return "no password in any answer"
		}
	}
	return ""
}

func checkGroup(is shape, v *vars, o scimclient.Object) string {
	if why := checkResource(v, o, coreGroup, "Group"); why != "" {
		return why
	}
	if got := o.Text("displayName"); got != v.Group {
		return fmt.Sprintf("displayName %q, not %q", v.Group, got)
	}
	_, has := o.Get("members")
	switch is {
	case noMembers:
		if has {
			return "no members, which were excluded"
		}
	case groupMembers:
		return sameMembers(v.All, o.List("members"))
	}
	return ""
}

func sameMembers(want []member, got []scimclient.Object) string {
	left := make(map[string]bool, len(want))
	for _, m := range want {
		left[m.ID] = true
	}
	for _, m := range got {
		id := m.Text("value")
		if !left[id] {
			return fmt.Sprintf("no member %q, or not twice", id)
		}
		delete(left, id)
	}
	for id := range left {
		return fmt.Sprintf("%d members, %d of them missing, such as %q", len(want), len(left), id)
	}
	return ""
}

// checkConfig wants what a client that believes the document needs: without it
// authentik sends no PATCH and no filter.
func checkConfig(o scimclient.Object) string {
	for _, f := range []string{"patch/supported", "filter/supported", "bulk/supported", "sort/supported", "etag/supported", "changePassword/supported"} {
		if v, _ := o.Get(f); v != true && v != false {
			return f + " as a boolean"
		}
	}
	for _, f := range []string{"filter/maxResults", "bulk/maxOperations", "bulk/maxPayloadSize"} {
		if _, err := o.Int(f); err != nil {
			return f + " as an integer: " + err.Error()
		}
	}
	if o.Text("patch/supported") != "true" || o.Text("filter/supported") != "true" {
		return "PATCH and filter supported"
	}
	return ""
}

func checkList(is shape, o scimclient.Object) string {
	schemas, _ := o.Get("schemas")
	if !strings.Contains(fmt.Sprint(schemas), "urn:ietf:params:scim:api:messages:2.0:ListResponse") {
		return "schemas with ListResponse"
	}
	total, err := o.Int("totalResults")
	if err != nil {
		return err.Error()
	}
	if _, err := o.Int("startIndex"); err != nil {
		return err.Error()
	}
	page, err := o.Int("itemsPerPage")
	if err != nil {
		return err.Error()
	}
	rows, isArray := o["Resources"].([]any)
	switch {
	case !isArray:
		return "Resources as an array, empty or not"
	case page != len(rows):
		return fmt.Sprintf("itemsPerPage %d, the rows of this page, not %d", len(rows), page)
	case is == emptyList && (total != 0 || len(rows) != 0):
		return "an empty list"
	case is == listOfOne && (total != 1 || len(rows) != 1):
		return "a list of one"
	case total < len(rows):
		return fmt.Sprintf("totalResults of at least %d", len(rows))
	}
	return ""
}
