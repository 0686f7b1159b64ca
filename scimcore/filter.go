package scimcore

import "time"

// Op is a filter operator (RFC 7644, section 3.4.2.2, table 3).
type Op uint8

const (
	OpNone Op = iota
	OpEq
	OpNe
	OpCo
	OpSw
	OpEw
	OpGt
	OpGe
	OpLt
	OpLe
	OpPr
)

// String is the operator as a filter spells it.
func (o Op) String() string {
	return [...]string{"", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}[o]
}

// parseOp reads an operator in any letter case; OpNone for anything else.
func parseOp(s string) Op {
	for o := OpEq; o <= OpPr; o++ {
		if equalFold(s, o.String()) {
			return o
		}
	}
	return OpNone
}

// Bounds of what a filter may ask (FLT-A09). They are part of the protocol: a
// filter beyond them is refused, never cut short.
const (
	maxFilterBytes   = 4096
	maxFilterDepth   = 32
	maxFilterClauses = 100
)

// Filter is a parsed filter, compiled to the attributes of one type. It is
// immutable and safe for concurrent use.
//
// Where the RFC is silent: ne holds exactly when eq does not, so it is true of
// an unassigned attribute, and of a multi-valued one when no element equals;
// not(x) is the exact complement of x (FLT-A07); eq null means unassigned and ne
// null assigned (FLT-A06); an element without "primary" is not primary, so
// emails[primary eq false] finds it (RFC 7643, section 2.4).
type Filter struct {
	typ  *Type
	elem *Attr // for a value filter, the attribute whose elements it is about
	root *fnode
	asks []bool // by Attr.Num of typ: what ReadStored has to read for it; nil is everything
}

type nodeKind uint8

const (
	nodeClause  nodeKind = iota
	nodeAnd              // two or more kids
	nodeOr               // two or more kids
	nodeNot              // one kid
	nodeElement          // one kid, true if it holds for one element of attr
)

type fnode struct {
	kind   nodeKind
	kids   []*fnode
	attr   *Attr // nodeElement
	clause *clause
}

// clause is one comparison, ready to run.
type clause struct {
	op   Op    // never OpNe, and OpEq never with null: those are neg with OpEq and OpPr
	neg  bool  // the clause holds exactly when the comparison does not
	attr *Attr // what is compared
	// chain leads from the node the clause is asked about, the resource or an
	// element, down to attr. It is empty when an element itself is compared.
	chain []*Attr
	lit   literal
	// impliedFalse is set for primary eq false, which an element without primary meets.
	impliedFalse bool
}

// literal is the value compared with.
type literal struct {
	text string // decoded string, or a number as written
	key  []byte // comparison form of a string
	num  []byte // a number as written
	b    bool
	at   time.Time
}

// walk visits every clause below n until visit returns false.
func (n *fnode) walk(visit func(*clause) bool) bool {
	if n.kind == nodeClause {
		return visit(n.clause)
	}
	for _, k := range n.kids {
		if !k.walk(visit) {
			return false
		}
	}
	return true
}

// Clauses counts the comparisons in f.
func (f *Filter) Clauses() (n int) {
	f.root.walk(func(*clause) bool { n++; return true })
	return n
}

// Uses reports whether the outcome of f can depend on a, on one of its
// sub-attributes or, for a sub-attribute, on its parent as a whole.
func (f *Filter) Uses(a *Attr) bool {
	within := func(x, y *Attr) bool {
		for ; x != nil; x = x.Parent {
			if x == y {
				return true
			}
		}
		return false
	}
	return !f.root.walk(func(c *clause) bool { return !within(c.attr, a) && !within(a, c.attr) })
}

// Personal returns an attribute f asks about that can tell who a person is, nil
// when there is none: anything but id, schemas, meta and active (RFC 7644,
// section 7.5.2).
func (f *Filter) Personal() (a *Attr) {
	f.root.walk(func(c *clause) bool {
		if c.attr.personal() {
			a = c.attr
		}
		return a == nil
	})
	return a
}

func (a *Attr) personal() bool {
	top := a
	for top.Parent != nil && top.Parent.Parent != nil {
		top = top.Parent
	}
	switch top.Name {
	case "id", "schemas", "meta", "active":
		return false
	}
	return true
}

// asking says which attributes of the resource f looks at, extensions as wholes;
// nil where that is all: what "schemas" shows depends on the rest.
func (f *Filter) asking() []bool {
	asks := make([]bool, f.typ.Len())
	some := f.root.walk(func(c *clause) bool {
		top := c.attr
		for top.Parent != nil && top.Parent.Parent != nil {
			top = top.Parent
		}
		if top.Num < len(asks) && f.typ.attrs[top.Num] == top { // else another type's
			asks[top.Num] = true
		}
		return top.Parent != nil && top != f.typ.Schemas
	})
	if !some {
		return nil
	}
	return asks
}
