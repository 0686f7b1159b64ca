package scimcore

import (
	"bytes"
)

// Match reports whether the resource doc matches f. The caller has put id,
// externalId and meta into doc as ordinary nodes if f [Filter.Uses] them.
// Attributes kept as rows are asked through sets; a nil sets means there are no
// rows. An error can only come from a Set.
func (f *Filter) Match(doc *Doc, sets Sets) (bool, error) {
	m := matcher{doc: doc, sets: sets}
	if f.elem != nil {
		return m.node(&fnode{kind: nodeElement, attr: f.elem, kids: []*fnode{f.root}}, Root)
	}
	return m.node(f.root, Root)
}

// MatchElement reports whether n, an element of the attribute a value filter is
// about, matches f.
func (f *Filter) MatchElement(doc *Doc, n NodeID) (bool, error) {
	m := matcher{doc: doc}
	return m.node(f.root, n)
}

// matchRow reports whether a row matches the value filter f.
func (f *Filter) matchRow(r Row) bool {
	m := matcher{row: &r}
	ok, _ := m.node(f.root, 0) // only a Set can fail, and a row asks none
	return ok
}

// matcher asks one resource, one element or, with row set, one row.
type matcher struct {
	doc  *Doc
	sets Sets
	row  *Row
}

func (m *matcher) node(n *fnode, at NodeID) (bool, error) {
	switch n.kind {
	case nodeAnd, nodeOr:
		for _, k := range n.kids {
			if ok, err := m.node(k, at); err != nil || ok == (n.kind == nodeOr) {
				return ok, err
			}
		}
		return n.kind == nodeAnd, nil
	case nodeNot:
		ok, err := m.node(n.kids[0], at)
		return !ok, err
	case nodeElement:
		return m.element(n)
	}
	c := n.clause
	ok, err := m.compare(c, at)
	return ok != c.neg, err
}

// compare is the outcome of c before its negation.
func (m *matcher) compare(c *clause, at NodeID) (bool, error) {
	switch {
	case m.row != nil:
		return c.holdsRow(m.row), nil
	case len(c.chain) > 0 && c.chain[0].Rows:
		return m.rows(c)
	}
	return m.any(c, at, c.chain), nil
}

// element tries the elements of n.attr one at a time (FLT-07).
func (m *matcher) element(n *fnode) (bool, error) {
	if n.attr.Rows {
		return m.rowElement(n)
	}
	at := m.doc.Find(n.attr)
	if m.doc.Kind(at) != KindArray {
		if at == 0 {
			return false, nil
		}
		return m.node(n.kids[0], at)
	}
	for k := range m.doc.Kids(at) {
		if ok, err := m.node(n.kids[0], k); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// any reports whether one of the values that chain reaches from n passes c.
func (m *matcher) any(c *clause, n NodeID, chain []*Attr) bool {
	switch kind := m.doc.Kind(n); {
	case kind == KindArray:
		for k := range m.doc.Kids(n) {
			if m.any(c, k, chain) {
				return true
			}
		}
		return false
	case len(chain) == 0:
		return m.holds(c, n)
	case kind != KindObject:
		return false
	}
	next := m.doc.Child(n, chain[0])
	if next == 0 {
		return c.impliedFalse && len(chain) == 1
	}
	return m.any(c, next, chain[1:])
}

// holds compares one value.
func (m *matcher) holds(c *clause, n NodeID) bool {
	if c.op == OpPr {
		return m.doc.present(n)
	}
	if c.attr == m.doc.Type.Schemas && !m.doc.showsSchema(n) {
		return false
	}
	switch m.doc.Kind(n) {
	case KindBool:
		return c.attr.Type == Boolean && m.doc.Bool(n) == c.lit.b
	case KindString, KindNumber:
		return c.holdsText(m.doc.Text(n))
	}
	return false
}

// present is pr (FLT-18): a value that is not empty, anywhere below n. What is
// never returned does not count, or pr would tell that it exists.
func (d *Doc) present(n NodeID) bool {
	switch d.Kind(n) {
	case KindBool, KindNumber:
		return true
	case KindString:
		return len(d.Text(n)) > 0
	}
	for k := range d.Kids(n) {
		if !d.Attr(k).secret() && d.present(k) {
			return true
		}
	}
	return false
}

// holdsText compares the text of a value that is not a boolean.
func (c *clause) holdsText(text []byte) bool {
	switch c.attr.Type {
	case Integer, Decimal:
		return c.op.orders(compareDecimal(text, c.lit.num))
	case DateTime:
		at, ok := parseDateTime(text)
		return ok && c.op.orders(at.Compare(c.lit.at))
	}
	if c.attr.exact() {
		return c.op.compares(text, c.lit.key)
	}
	// Values up to this length are folded on the stack.
	var small [256]byte
	return c.op.compares(AppendFold(small[:0], text), c.lit.key)
}

// orders turns the outcome of a three-way comparison into that of o.
func (o Op) orders(c int) bool {
	switch o {
	case OpEq:
		return c == 0
	case OpGt:
		return c > 0
	case OpGe:
		return c >= 0
	case OpLt:
		return c < 0
	case OpLe:
		return c <= 0
	}
	return false
}

// compares applies o to two texts in comparison form.
func (o Op) compares(text, key []byte) bool {
	switch o {
	case OpEq:
		return bytes.Equal(text, key)
	case OpCo:
		return bytes.Contains(text, key)
	case OpSw:
		return bytes.HasPrefix(text, key)
	case OpEw:
		return bytes.HasSuffix(text, key)
	}
	return o.orders(bytes.Compare(text, key))
}
