package scimcore

// Term is a filter, or a part of one, as a query planner sees it: conditions
// joined by and and or. Every resource that matches the filter meets the term;
// the other way round only where Exact says so.
type Term struct {
	Kind  TermKind
	Cond  Condition // of TermCondition
	Terms []Term    // of TermAnd and TermOr
	// Exact says that the term says all there is: a resource that meets it matches.
	Exact bool
}

// TermKind tells what a Term holds.
type TermKind uint8

const (
	// TermOpaque says nothing: any resource may match. An index cannot help.
	TermOpaque TermKind = iota
	TermCondition
	TermAnd
	TermOr
)

// Condition is one comparison, never OpNe. On a multi-valued attribute it means
// that some value passes.
type Condition struct {
	Attr  *Attr
	Op    Op
	Value string // the literal in its IndexText form; "" for OpPr
	Raw   string // the literal as written, decoded: what Set.Has and a look-up by id want
}

// Term is f for the query planner. A value filter counts as its conditions on
// the attribute as a whole, which is necessary and, with several of them, not
// sufficient: emails[type eq "work" and value eq "x"] yields emails.value eq "x".
func (f *Filter) Term() Term { return f.root.term() }

func (n *fnode) term() Term {
	switch n.kind {
	case nodeAnd, nodeOr:
		return n.series()
	case nodeClause:
		return n.clause.term()
	case nodeElement:
		t := n.kids[0].term()
		if t.Kind == TermAnd {
			t.Exact = false // two conditions on one element say more than the same two on any elements
		}
		if t.Kind == TermOr {
			t.Exact = t.Exact && !holdsAnd(t)
		}
		return t
	}
	return Term{}
}

// series keeps what can be said: an and may leave terms out, an or may not.
func (n *fnode) series() Term {
	out := Term{Kind: TermAnd, Exact: true}
	if n.kind == nodeOr {
		out.Kind = TermOr
	}
	for _, k := range n.kids {
		t := k.term()
		out.Exact = out.Exact && t.Exact
		switch {
		case t.Kind != TermOpaque:
			out.Terms = append(out.Terms, t)
		case out.Kind == TermOr:
			return Term{}
		}
	}
	switch {
	case len(out.Terms) == 0:
		return Term{}
	case len(out.Terms) == 1:
		only := out.Terms[0]
		only.Exact = out.Exact
		return only
	}
	return out
}

func holdsAnd(t Term) bool {
	for _, k := range t.Terms {
		if k.Kind == TermAnd || holdsAnd(k) {
			return true
		}
	}
	return false
}

// term is c as a condition, unless it is one that values an index does not hold
// can meet.
func (c *clause) term() Term {
	if c.neg || c.impliedFalse {
		return Term{}
	}
	cond := Condition{Attr: c.attr, Op: c.op}
	if c.op != OpPr {
		cond.Value, cond.Raw = IndexText(c.attr, c.lit.text), c.lit.text
	}
	return Term{Kind: TermCondition, Cond: cond, Exact: true}
}

// String shows t the way a filter is written, as far as it says anything.
func (t Term) String() string {
	switch t.Kind {
	case TermCondition:
		return t.Cond.String()
	case TermAnd, TermOr:
		word, out := " and ", ""
		if t.Kind == TermOr {
			word = " or "
		}
		for i, k := range t.Terms {
			if i > 0 {
				out += word
			}
			out += k.String()
		}
		return "(" + out + ")"
	}
	return "anything"
}

// String shows c the way a filter is written.
func (c Condition) String() string {
	out := c.Attr.Path + " " + c.Op.String()
	switch {
	case c.Op == OpPr:
		return out
	case c.Attr.Type == Boolean, c.Attr.Type == Integer, c.Attr.Type == Decimal:
		return out + " " + c.Raw
	}
	return out + " " + string(appendString(nil, c.Raw))
}
