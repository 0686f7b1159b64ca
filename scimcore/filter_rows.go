package scimcore

import "strings"

// rows is the outcome of a clause on an attribute kept as rows, such as
// members.value eq "x". Equality on value is a point look-up; only other
// questions read the rows.
func (m *matcher) rows(c *clause) (bool, error) {
	set, err := m.set(c.chain[0])
	if set == nil || err != nil {
		return false, err
	}
	if c.isValueEq() {
		return set.Has(c.lit.text)
	}
	found := false
	err = set.Each(func(r Row) bool {
		found = c.holdsRow(&r)
		return !found
	})
	return found, err
}

// rowElement is a value filter on rows, such as members[type eq "Group"].
func (m *matcher) rowElement(n *fnode) (bool, error) {
	set, err := m.set(n.attr)
	if set == nil || err != nil {
		return false, err
	}
	inner := n.kids[0]
	terms := []*fnode{inner}
	if inner.kind == nodeAnd {
		terms = inner.kids
	}
	for _, t := range terms {
		if t.kind != nodeClause || t.clause.neg || !t.clause.isValueEq() {
			continue
		}
		if ok, err := set.Has(t.clause.lit.text); !ok || err != nil || len(terms) == 1 {
			return ok, err
		}
	}
	found := false
	err = set.Each(func(r Row) bool {
		one := matcher{row: &r}
		found, _ = one.node(inner, 0)
		return !found
	})
	return found, err
}

// set finds the rows of a; nil when the resource has none, or is of another type.
func (m *matcher) set(a *Attr) (Set, error) {
	if m.sets == nil || m.doc.Type.Len() <= a.Num || m.doc.Type.Attr(a.Num) != a {
		return nil, nil
	}
	return m.sets(a)
}

// isValueEq recognises value eq "x" on a row attribute, negated or not.
func (c *clause) isValueEq() bool {
	return c.op == OpEq && c.attr.Parent.Rows && c.attr.Name == "value"
}

// holdsRow compares one row. Only sub-attributes a Row has are assigned.
func (c *clause) holdsRow(r *Row) bool {
	if c.op == OpPr && c.attr.Rows {
		return r.Value != ""
	}
	text := r.field(c.attr)
	switch {
	case text == "":
		return false
	case c.op == OpPr:
		return true
	case c.isValueEq():
		// As Set.Has would say: whether the rows are read must not matter.
		return text == c.lit.text
	case c.attr.Name == "$ref" && c.op == OpEq:
		// The base address is the server's; what a client can mean is the end of it.
		return text == c.lit.text || strings.HasSuffix(c.lit.text, "/"+text)
	}
	var small [128]byte
	return c.holdsText(append(small[:0], text...))
}

// field is the value of sub-attribute a of r; "" when unassigned.
func (r *Row) field(a *Attr) string {
	switch a.Name {
	case "value":
		return r.Value
	case "type":
		return r.Kind
	case "display":
		return r.Display
	case "$ref":
		if r.Endpoint != "" {
			return r.Endpoint + "/" + r.Value
		}
	}
	return ""
}

// rowValues lists the values a value filter on rows asks for when it is nothing
// but value eq "x", or several of them joined by or: those need no reading.
func (f *Filter) rowValues() ([]string, bool) {
	terms := []*fnode{f.root}
	if f.root.kind == nodeOr {
		terms = f.root.kids
	}
	var values []string
	for _, t := range terms {
		if t.kind != nodeClause || t.clause.neg || !t.clause.isValueEq() {
			return nil, false
		}
		values = append(values, t.clause.lit.text)
	}
	return values, true
}
