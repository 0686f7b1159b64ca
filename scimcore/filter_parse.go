package scimcore

import (
	"strings"
	"unicode/utf8"
)

// ParseFilter parses a filter for resources of type t (RFC 7644, section
// 3.4.2.2 with its errata). Every error is a 400 invalidFilter that says where
// it is, what was found and what to write instead.
//
// Beyond the grammar it takes emails[type eq "work"].value eq "x", which Entra
// sends, as emails[type eq "work" and value eq "x"]; a complex attribute without
// a sub-attribute as its "value"; and what d allows.
func ParseFilter(t *Type, s string, d Dialect, notes *Notes) (*Filter, error) {
	return ParseFilterAmong(t, nil, s, d, notes)
}

// ParseFilterAmong is ParseFilter for an endpoint that serves several types: an
// attribute only one of others has is no error, it counts as unassigned in t
// (RFC 7644, section 3.4.2.1).
func ParseFilterAmong(t *Type, others []*Type, s string, d Dialect, notes *Notes) (*Filter, error) {
	p := filterParser{lexer: lexer{src: s}, typ: t, others: others, d: d, notes: notes, noun: "filter"}
	if err := p.checkText(); err != nil {
		return nil, err
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, p.found(t, `"and", "or" or the end`, unquotedCure(t))
	}
	f := &Filter{typ: t, root: root}
	f.asks = f.asking()
	return f, nil
}

// filterParser is a recursive descent over the grammar. Its recursion is bounded
// by maxFilterDepth: depth counts every bracket and parenthesis that is open.
type filterParser struct {
	lexer
	typ     *Type
	others  []*Type
	d       Dialect
	notes   *Notes
	elem    *Attr // inside value filter brackets, what they follow
	noun    string
	depth   int
	clauses int
}

func (p *filterParser) checkText() error {
	switch {
	case len(p.src) > maxFilterBytes:
		return Bad(InvalidFilter, "the filter has %d bytes, at most %d are allowed: ask in several requests", len(p.src), maxFilterBytes)
	case !utf8.ValidString(p.src):
		return Bad(InvalidFilter, "the filter is not valid UTF-8: percent-encode it as UTF-8")
	}
	return nil
}

// fail makes the error for position pos, which people count from 1.
func (p *filterParser) fail(pos int, format string, args ...any) error {
	e := Bad(InvalidFilter, format, args...)
	e.Detail = p.noun + ", position " + itoa(pos+1) + ": " + e.Detail
	return e
}

func (p *filterParser) found(t token, expected, cure string) error {
	if cure != "" {
		cure = ": " + cure
	}
	return p.fail(t.pos, "found %s, expected %s%s", t.describe(), expected, cure)
}

func (p *filterParser) or() (*fnode, error) {
	return p.series("or", nodeOr, p.and)
}

func (p *filterParser) and() (*fnode, error) {
	return p.series("and", nodeAnd, p.term)
}

// series parses one operand, or several joined by word. Equal operators
// associate to the left, which for and/or is the same as one flat list.
func (p *filterParser) series(word string, kind nodeKind, operand func() (*fnode, error)) (*fnode, error) {
	first, err := operand()
	if err != nil {
		return nil, err
	}
	var all []*fnode
	for p.peek().word(word) {
		t := p.next()
		if !p.spaced(t) {
			return nil, p.fail(t.pos, "%s needs a space before and after it", quoteShort(t.text))
		}
		if all == nil {
			all = append(all, first)
		}
		n, err := operand()
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if all == nil {
		return first, nil
	}
	return join(kind, all...), nil
}

// spaced reports whether t stands free.
func (p *filterParser) spaced(t token) bool {
	return t.pos > 0 && p.src[t.pos-1] == ' ' && (t.end() == len(p.src) || p.src[t.end()] == ' ')
}

// join makes one flat node: (a and b) and c is a and b and c.
func join(kind nodeKind, parts ...*fnode) *fnode {
	n := &fnode{kind: kind}
	for _, k := range parts {
		if k.kind == kind {
			n.kids = append(n.kids, k.kids...)
			continue
		}
		n.kids = append(n.kids, k)
	}
	return n
}

func (p *filterParser) term() (*fnode, error) {
	t := p.next()
	if t.is("(") {
		return p.group(t, ")")
	}
	if open := p.peek(); t.word("not") && open.is("(") {
		p.next()
		inner, err := p.group(open, ")")
		if err != nil {
			return nil, err
		}
		return &fnode{kind: nodeNot, kids: []*fnode{inner}}, nil
	}
	return p.comparison(t)
}

// group parses what follows the bracket open, up to its counterpart.
func (p *filterParser) group(open token, closing string) (*fnode, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.fail(open.pos, "more than %d levels of brackets: write a flatter filter", maxFilterDepth)
	}
	inner, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.next(); !t.is(closing) {
		return nil, p.found(t, `"and", "or" or `+quoteShort(closing)+" for the bracket at position "+itoa(open.pos+1), unquotedCure(t))
	}
	p.depth--
	return inner, nil
}

// comparison parses attribute, operator and value, or a value filter, from the
// attribute's name on.
func (p *filterParser) comparison(name token) (*fnode, error) {
	if name.kind != tokenWord || name.text[0] == '"' {
		return nil, p.found(name, "an attribute name", "")
	}
	a, err := p.attribute(name)
	if err != nil {
		return nil, err
	}
	if open := p.peek(); open.is("[") && open.pos == name.end() {
		p.next()
		return p.valueFilter(a, open)
	}
	return p.compare(a, name)
}

// valueFilter parses attr[...] and, for Entra, the .sub op value that may follow.
func (p *filterParser) valueFilter(a *Attr, open token) (*fnode, error) {
	switch {
	case p.elem != nil:
		return nil, p.fail(open.pos, "a value filter cannot hold another one: join the conditions with \"and\"")
	case a.Type != Complex && !a.MultiValued || a.Container:
		return nil, p.fail(open.pos, "%s has no elements to choose from: compare it directly", a.Path)
	}
	p.elem = a
	defer func() { p.elem = nil }()
	inner, err := p.group(open, "]")
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == tokenWord && t.text[0] == '.' && p.src[t.pos-1] == ']' {
		p.next()
		t.text, t.pos = t.text[1:], t.pos+1
		sub, err := p.attribute(t)
		if err != nil {
			return nil, err
		}
		more, err := p.compare(sub, t)
		if err != nil {
			return nil, err
		}
		inner = join(nodeAnd, inner, more)
	}
	return &fnode{kind: nodeElement, attr: a, kids: []*fnode{inner}}, nil
}

// attribute resolves a name, inside brackets among the sub-attributes.
func (p *filterParser) attribute(name token) (*Attr, error) {
	a := p.lookup(name.text)
	switch {
	case a == nil && p.elem != nil:
		return nil, p.fail(name.pos, "%s has no sub-attribute %s: /Schemas lists them", p.elem.Path, quoteShort(name.text))
	case a == nil:
		return nil, p.fail(name.pos, "%s has no attribute %s: check the spelling, or write it with its schema URN; /Schemas lists all", p.typ.Name, quoteShort(name.text))
	case a.secret() || a.Parent.secret():
		return nil, p.fail(name.pos, "%s is never returned, so it cannot be asked about either", a.Path)
	}
	return a, nil
}

// secret reports whether a filter on a would tell what no response may show.
func (a *Attr) secret() bool { return a.Returned == ReturnedNever || a.Mutability == WriteOnly }

func (p *filterParser) lookup(name string) *Attr {
	if p.elem != nil {
		if a := p.elem.Sub(name); a != nil {
			return a
		}
		if p.elem.Type != Complex && equalFold(name, "value") {
			return p.elem // the default name of a plain element's value (RFC 7643, section 2.4)
		}
		if a, ok := p.typ.Resolve(name); ok && a.Parent == p.elem {
			return a
		}
		return nil
	}
	if a, ok := p.typ.Resolve(name); ok {
		return a
	}
	for _, t := range p.others {
		if a, ok := t.Resolve(name); ok {
			return a
		}
	}
	return nil
}

// unquotedCure recognises the usual reason for words that lead nowhere.
func unquotedCure(t token) string {
	if t.kind == tokenWord && !strings.HasPrefix(t.text, ".") {
		return "if this belongs to the value before it, put the value in double quotes"
	}
	return ""
}
