package scimcore

import "github.com/go-json-experiment/json/jsontext"

// create runs a write whose path chose no element. attr.sub without brackets
// makes the first element. With a filter that only says what the element equals,
// such as emails[type eq "work"], the element is made from those terms and the
// value: always for add (PATCH-A09), for replace if the dialect says so. Any
// other filter, or a value that contradicts it, has no target (PATCH-46).
func (a *applier) create(s *step) error {
	x := s.path.Attr
	noTarget := Bad(NoTarget, "no element of %s matches: add one with its type and value", x.Path)
	terms, pure := s.path.Filter.equalities()
	if !pure || s.path.Filter != nil && s.verb == verbReplace && !a.Dialect.UpsertByFilter {
		return noTarget
	}
	arr := a.Doc.Ensure(x)
	var n NodeID
	if x.Type == Complex {
		n = a.Doc.Add(arr, x, KindObject)
		for _, t := range terms {
			if a.Doc.Child(n, t.attr) != 0 {
				continue // said twice; a contradiction shows below
			}
			if _, err := ReadValue(a.Doc, n, t.attr, t.json(), a.Dialect, nil); err != nil {
				return err
			}
		}
		a.fill(n, s)
	} else {
		n = a.Doc.Copy(arr, a.frag, s.value)
	}
	if s.path.Filter != nil {
		if ok, err := s.path.Filter.MatchElement(a.Doc, n); err != nil || !ok {
			return noTarget
		}
		if s.verb == verbReplace {
			a.Notes.Add(NoteUpsert, x.Path)
		}
	}
	if primary := x.Sub("primary"); primary != nil && a.Doc.Bool(a.Doc.Child(n, primary)) {
		a.promote(x, arr, n)
	}
	return nil
}

// fill writes the value of s over the terms in the new element n.
func (a *applier) fill(n NodeID, s *step) {
	if sub := s.path.Sub; sub != nil {
		if cur := a.Doc.Child(n, sub); cur != 0 {
			a.Doc.Remove(n, cur)
		}
		a.Doc.Copy(n, a.frag, s.value)
		return
	}
	for k := range a.frag.Kids(s.value) {
		if cur := a.Doc.Child(n, a.frag.Attr(k)); cur != 0 {
			a.Doc.Remove(n, cur)
		}
		a.Doc.Copy(n, a.frag, k)
	}
}

// equalities lists the terms of a value filter that is nothing but eq terms
// joined by and. No filter at all has none and is pure.
func (f *Filter) equalities() (terms []*clause, pure bool) {
	if f == nil {
		return nil, true
	}
	nodes := []*fnode{f.root}
	if f.root.kind == nodeAnd {
		nodes = f.root.kids
	}
	for _, n := range nodes {
		if n.kind != nodeClause || n.clause.op != OpEq || n.clause.neg || n.clause.attr.Mutability == ReadOnly {
			return nil, false
		}
		terms = append(terms, n.clause)
	}
	return terms, true
}

// json is the literal of c as JSON.
func (c *clause) json() jsontext.Value {
	switch c.attr.Type {
	case Boolean, Integer, Decimal:
		return jsontext.Value(c.lit.text)
	}
	b, _ := jsontext.AppendQuote(nil, c.lit.text) // valid UTF-8, it was parsed from some
	return b
}
