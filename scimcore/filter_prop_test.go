package scimcore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A slow, obvious model of filters: resources are Go values, filters a tree of
// structs, and the evaluator follows the text of RFC 7644 word by word.

type modelUser struct {
	userName, title, externalID string // "" is unassigned
	active                      *bool
	emails                      []modelEmail
}

type modelEmail struct {
	value, typ string
	primary    *bool
}

type modelFilter interface {
	render() string
	eval(u modelUser) bool
	evalEmail(e modelEmail) bool
}

type (
	modelJoin struct {
		or   bool
		a, b modelFilter
	}
	modelNot    struct{ a modelFilter }
	modelEmails struct{ a modelFilter }
	modelCond   struct{ attr, op, lit string }
)

func (j modelJoin) render() string {
	if j.or {
		return "(" + j.a.render() + " or " + j.b.render() + ")"
	}
	return "(" + j.a.render() + " and " + j.b.render() + ")"
}

func (j modelJoin) eval(u modelUser) bool {
	if j.or {
		return j.a.eval(u) || j.b.eval(u)
	}
	return j.a.eval(u) && j.b.eval(u)
}

func (j modelJoin) evalEmail(e modelEmail) bool {
	if j.or {
		return j.a.evalEmail(e) || j.b.evalEmail(e)
	}
	return j.a.evalEmail(e) && j.b.evalEmail(e)
}

func (n modelNot) render() string              { return "not (" + n.a.render() + ")" }
func (n modelNot) eval(u modelUser) bool       { return !n.a.eval(u) }
func (n modelNot) evalEmail(e modelEmail) bool { return !n.a.evalEmail(e) }

func (m modelEmails) render() string { return "emails[" + m.a.render() + "]" }
func (m modelEmails) eval(u modelUser) bool {
	for _, e := range u.emails {
		if m.a.evalEmail(e) {
			return true
		}
	}
	return false
}
func (m modelEmails) evalEmail(modelEmail) bool { panic("no nesting") }

func (c modelCond) render() string {
	switch {
	case c.op == "pr":
		return c.attr + " pr"
	case c.lit == "null" || strings.HasSuffix(c.attr, "active") || strings.HasSuffix(c.attr, "primary"):
		return c.attr + " " + c.op + " " + c.lit
	}
	return fmt.Sprintf("%s %s %q", c.attr, c.op, c.lit)
}

func (c modelCond) eval(u modelUser) bool {
	texts := func(values ...string) []string { return values }
	var found []string
	switch c.attr {
	case "userName":
		found = texts(u.userName)
	case "title":
		found = texts(u.title)
	case "externalId":
		found = texts(u.externalID)
	case "active":
		if u.active != nil {
			found = texts(fmt.Sprint(*u.active))
		}
	default:
		for _, e := range u.emails {
			if c.attr == "emails" && (c.op == "pr" || c.lit == "null") { // of the element, not of its value
				found = append(found, e.get("value", false)+e.get("type", false)+e.get("primary", false))
				continue
			}
			found = append(found, e.get(strings.TrimPrefix(c.attr, "emails."), c.op != "pr" && c.lit != "null"))
		}
	}
	return c.any(found)
}

// get is the text of a sub-attribute; a missing primary compares as false.
func (e modelEmail) get(sub string, compare bool) string {
	switch sub {
	case "type":
		return e.typ
	case "primary":
		if e.primary != nil {
			return fmt.Sprint(*e.primary)
		}
		if compare {
			return "false"
		}
		return ""
	}
	return e.value
}

func (c modelCond) evalEmail(e modelEmail) bool {
	return c.any([]string{e.get(c.attr, c.op != "pr" && c.lit != "null")})
}

// any applies the operator to each assigned value.
func (c modelCond) any(values []string) bool {
	some := func(f func(string) bool) bool {
		for _, v := range values {
			if v != "" && f(v) {
				return true
			}
		}
		return false
	}
	present := some(func(string) bool { return true })
	prepare := strings.ToLower
	if c.attr == "externalId" {
		prepare = func(s string) string { return s }
	}
	lit := prepare(c.lit)
	switch {
	case c.op == "pr":
		return present
	case c.lit == "null":
		return present == (c.op == "ne")
	case c.op == "ne":
		return !some(func(v string) bool { return prepare(v) == lit })
	}
	return some(func(v string) bool {
		v = prepare(v)
		switch c.op {
		case "eq":
			return v == lit
		case "co":
			return strings.Contains(v, lit)
		case "sw":
			return strings.HasPrefix(v, lit)
		case "ew":
			return strings.HasSuffix(v, lit)
		case "gt":
			return v > lit
		case "ge":
			return v >= lit
		case "lt":
			return v < lit
		}
		return v <= lit
	})
}

var (
	modelTexts = []string{"a", "A", "ab", "B", "Ba", "aBa"}
	modelOps   = []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}
)

func drawFilter(t *rapid.T, depth int, inside bool) modelFilter {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	switch {
	case depth > 0 && kind == 0:
		return modelNot{drawFilter(t, depth-1, inside)}
	case depth > 0 && kind <= 2:
		return modelJoin{kind == 1, drawFilter(t, depth-1, inside), drawFilter(t, depth-1, inside)}
	case depth > 0 && kind == 3 && !inside:
		return modelEmails{drawFilter(t, depth-1, true)}
	}
	attrs := []string{"userName", "title", "externalId", "active", "emails.value", "emails.type", "emails.primary", "emails"}
	if inside {
		attrs = []string{"value", "type", "primary"}
	}
	c := modelCond{attr: rapid.SampledFrom(attrs).Draw(t, "attr")}
	if strings.HasSuffix(c.attr, "active") || strings.HasSuffix(c.attr, "primary") {
		c.op = rapid.SampledFrom([]string{"eq", "ne", "pr"}).Draw(t, "op")
		c.lit = rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "lit")
		return c
	}
	c.op = rapid.SampledFrom(modelOps).Draw(t, "op")
	c.lit = rapid.SampledFrom(modelTexts).Draw(t, "lit")
	if (c.op == "eq" || c.op == "ne") && rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		c.lit = "null"
	}
	return c
}

func drawUser(t *rapid.T) modelUser {
	text := rapid.SampledFrom(append([]string{"", ""}, modelTexts...))
	flag := func(name string) *bool {
		switch rapid.IntRange(0, 2).Draw(t, name) {
		case 0:
			return nil
		case 1:
			return new(false)
		}
		return new(true)
	}
	u := modelUser{userName: text.Draw(t, "userName"), title: text.Draw(t, "title"), externalID: text.Draw(t, "externalId"), active: flag("active")}
	for range rapid.IntRange(0, 3).Draw(t, "emails") {
		u.emails = append(u.emails, modelEmail{text.Draw(t, "value"), text.Draw(t, "type"), flag("primary")})
	}
	return u
}

func (u modelUser) doc(user *Type) *Doc {
	d := NewDoc(user)
	put := func(n NodeID, a *Attr, s string) {
		if s != "" {
			d.AddString(n, a, s)
		}
	}
	put(Root, user.Root.Sub("userName"), u.userName)
	put(Root, user.Root.Sub("title"), u.title)
	put(Root, user.ExternalID, u.externalID)
	if u.active != nil {
		d.AddBool(Root, user.Root.Sub("active"), *u.active)
	}
	emails := user.Root.Sub("emails")
	for _, e := range u.emails {
		n := d.Add(d.Ensure(emails), emails, KindObject)
		put(n, emails.Sub("value"), e.value)
		put(n, emails.Sub("type"), e.typ)
		if e.primary != nil {
			d.AddBool(n, emails.Sub("primary"), *e.primary)
		}
	}
	return d
}

// TestFilterAgainstModel holds the compiled filter, its canonical text and its
// term for the planner against the model.
func TestFilterAgainstModel(t *testing.T) {
	user, _ := stockTypes(t)
	rapid.Check(t, func(t *rapid.T) {
		model := drawFilter(t, 4, false)
		text := model.render()
		f, err := ParseFilter(user, text, Strict(), nil)
		if err != nil && (len(text) > maxFilterBytes || strings.Contains(err.Error(), "more than")) {
			t.Skip() // this draw only: longer, or of more conditions, than a filter may be
		}
		require.NoError(t, err, text)
		again, err := ParseFilter(user, f.String(), Strict(), nil)
		require.NoError(t, err, f.String())
		require.Equal(t, f.String(), again.String())
		term := f.Term()
		for range 5 {
			u := drawUser(t)
			doc := u.doc(user)
			want := model.eval(u)
			for _, g := range []*Filter{f, again} {
				got, err := g.Match(doc, nil)
				require.NoError(t, err)
				require.Equal(t, want, got, "%s on %+v", g, u)
			}
			part := NewDoc(user)
			require.NoError(t, f.ReadStored(part, doc.AppendStored(nil)))
			got, err := f.Match(part, nil)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s on what it reads of %+v", f, u)
			met := meets(t, user, term, doc)
			require.True(t, met || !want, "a match of %s does not meet its term %s", f, term)
			require.True(t, !term.Exact || met == want, "%s is not exactly its term %s", f, term)
		}
	})
}

// meets asks every condition of term as a filter of its own.
func meets(t *rapid.T, user *Type, term Term, doc *Doc) bool {
	switch term.Kind {
	case TermCondition:
		c := term.Cond
		s := c.Attr.Path + " " + c.Op.String()
		switch {
		case c.Op != OpPr && c.Attr.Type == Boolean:
			s += " " + c.Value
		case c.Op != OpPr:
			s += fmt.Sprintf(" %q", c.Raw)
		}
		ok, err := mustParse(t, user, s).Match(doc, nil)
		require.NoError(t, err)
		return ok
	case TermAnd, TermOr:
		for _, k := range term.Terms {
			if meets(t, user, k, doc) == (term.Kind == TermOr) {
				return term.Kind == TermOr
			}
		}
		return term.Kind == TermAnd
	}
	return true
}

func mustParse(t *rapid.T, user *Type, s string) *Filter {
	f, err := ParseFilter(user, s, Strict(), nil)
	require.NoError(t, err, s)
	return f
}
