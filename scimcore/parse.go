package scimcore

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Parse reads the body of a create or a replace into a Doc in one pass driven by
// the schemas of t: names in any letter case become attributes, the leniencies of
// d are applied and noted, and what remains is checked against its type. Values
// for readOnly attributes and the password are dropped.
//
// The "schemas" of the result are those the body listed, in canonical spelling,
// none if it listed none: [Replace] looks at them, [Finish] sets them right.
// Every error is an *Error with status 400.
func Parse(t *Type, body []byte, d Dialect, notes *Notes) (*Doc, error) {
	if err := guard(body); err != nil {
		return nil, err
	}
	doc := &Doc{Type: t}
	doc.nodes = make([]node, 0, min(max(len(body)/16, 32), 1<<15))
	doc.text = make([]byte, 0, min(len(body), 1<<20))
	doc.Reset(t)
	p := newParser(doc, body, d, notes)
	if k := p.dec.PeekKind(); k != '{' && !notValue(k) {
		return nil, Bad(InvalidSyntax, "The body must be a JSON object, not %s.", kindName(k))
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, DecodeError(err)
	}
	if err := p.object(Root, t.Root); err != nil {
		return nil, DecodeError(err)
	}
	if err := atEnd(p.dec); err != nil {
		return nil, err
	}
	if err := p.checkSchemas(); err != nil {
		return nil, err
	}
	return doc, nil
}

// ReadValue reads the JSON value raw of attribute a into doc below parent, by the
// rules of [Parse]; it is how a patch operation brings in its value. For a
// multi-valued attribute parent may be the array itself, to append to; otherwise
// the array is created. One element needs no array around it (PATCH-A08).
//
// It returns the node that holds the value, the array for a multi-valued
// attribute, and 0 when raw assigns nothing: null, [] or {}. It does not look at
// the mutability of a itself, only at that of the sub-attributes it meets.
func ReadValue(doc *Doc, parent NodeID, a *Attr, raw jsontext.Value, d Dialect, notes *Notes) (NodeID, error) {
	raw = bytes.TrimSpace(raw)
	kind := raw.Kind()
	switch {
	case kind == 'n':
		return 0, nil
	case isPassword(a):
		notes.Add(NotePassword, a.Path)
		return 0, nil
	case a.Type != Complex && !a.MultiValued:
		p := parser{doc: doc, d: d, notes: notes, elem: -1} // a scalar needs no decoder
		n, err := p.scalar(parent, a, raw)
		return n, DecodeError(err)
	}
	p := newParser(doc, raw, d, notes)
	var n NodeID
	var err error
	if a.MultiValued {
		n, err = p.array(parent, a, true)
	} else {
		n, err = p.value(parent, a)
	}
	return n, DecodeError(err)
}

type parser struct {
	doc   *Doc
	dec   *jsontext.Decoder
	d     Dialect
	notes *Notes
	seen  []uint64 // by Attr.Num: the attributes the open objects have so far
	name  []byte   // scratch for names with escapes
	elem  int      // index of the element being read, for error messages; -1 outside arrays
	urns  int      // entries of "schemas", known or not
}

func newParser(doc *Doc, body []byte, d Dialect, notes *Notes) *parser {
	return &parser{
		doc: doc, dec: newDecoder(body), d: d, notes: notes, elem: -1,
		seen: make([]uint64, (doc.Type.Len()+63)/64),
	}
}

// object reads the members of an object, whose opening brace is read already, into node n of attribute a.
func (p *parser) object(n NodeID, a *Attr) error {
	for _, s := range a.Subs {
		p.seen[s.Num/64] &^= 1 << (s.Num % 64)
	}
	var unknown map[string]struct{}
	for p.dec.PeekKind() == '"' {
		raw, err := p.dec.ReadValue()
		if err != nil {
			return err
		}
		name := raw[1 : len(raw)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			if p.name, err = jsontext.AppendUnquote(p.name[:0], raw); err != nil {
				return err
			}
			name = p.name
		}
		s := a.lookup(name)
		if s == nil {
			if unknown == nil {
				unknown = map[string]struct{}{}
			}
			if !addFolded(unknown, name) {
				return duplicate(string(name))
			}
			if err := p.unknown(a, name); err != nil {
				return err
			}
			continue
		}
		word, bit := &p.seen[s.Num/64], uint64(1)<<(s.Num%64)
		if *word&bit != 0 {
			return duplicate(string(name))
		}
		*word |= bit
		if err := p.member(n, s); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// lookup is Sub without allocation, and with ASCII letters only.
func (a *Attr) lookup(name []byte) *Attr {
	if s, ok := a.byName[string(name)]; ok {
		return s
	}
	var folded [256]byte
	if len(name) > len(folded) {
		return nil
	}
	for i, c := range name {
		folded[i] = lower(c)
	}
	return a.byName[string(folded[:len(name)])]
}

// unknown drops or refuses a member the schemas do not have (SCH-A06).
func (p *parser) unknown(a *Attr, name []byte) error {
	path := shorten(string(name))
	switch {
	case a.Container:
		path = a.Path + ":" + path
	case a.Parent != nil:
		path = a.Path + "." + path
	}
	if !p.d.IgnoreUnknown {
		return Bad(InvalidSyntax, "%q is not an attribute of %s. Remove it, or see /Schemas for the names.", path, p.doc.Type.Name)
	}
	p.notes.Add(NoteUnknownAttribute, path)
	return p.skip()
}

// skip passes over a value that is not used, but still must be proper JSON.
func (p *parser) skip() error {
	raw, err := p.dec.ReadValue()
	if err == nil && (raw[0] == '{' || raw[0] == '[') {
		return checkNames(raw)
	}
	return err
}

// member reads the value of attribute a, a child of object n.
func (p *parser) member(n NodeID, a *Attr) error {
	switch {
	case a == p.doc.Type.Schemas:
		return p.schemas()
	case a.Mutability == ReadOnly:
		if p.dec.PeekKind() != 'n' {
			p.notes.Add(NoteReadOnly, a.Path)
		}
		return p.skip()
	case isPassword(a):
		p.notes.Add(NotePassword, a.Path)
		return p.skip()
	}
	node, err := p.value(n, a)
	if err != nil {
		return err
	}
	if node == 0 && (n == Root || a.Parent.Container) {
		p.doc.Nulls = append(p.doc.Nulls, a)
	}
	return nil
}

// isPassword says whether a is the User's password, which this server never keeps (RES-A02).
func isPassword(a *Attr) bool {
	return a.Mutability == WriteOnly && a.Schema == UserSchema && a.Name == "password"
}

// value reads what comes next as the value of a below parent; 0 if it assigns nothing.
func (p *parser) value(parent NodeID, a *Attr) (NodeID, error) {
	switch kind := p.dec.PeekKind(); {
	case kind == 'n':
		_, err := p.dec.ReadToken()
		return 0, err
	case a.MultiValued:
		return p.array(parent, a, p.d.BareElement)
	case a.Type == Complex:
		return p.complex(parent, a, p.d.BareComplex && !a.Container)
	}
	raw, err := p.dec.ReadValue()
	if err != nil {
		return 0, err
	}
	return p.scalar(parent, a, raw)
}

// complex reads a singular complex value. A bare string stands for its "value",
// an array of one for its element, if bare allows it (RES-A07).
func (p *parser) complex(parent NodeID, a *Attr, bare bool) (NodeID, error) {
	kind := p.dec.PeekKind()
	switch {
	case kind == '{':
		return p.nested(parent, a)
	case notValue(kind):
		_, err := p.dec.ReadToken()
		return 0, err
	case bare && kind == '"' && a.Sub("value") != nil:
		return p.bareString(parent, a)
	case bare && kind == '[':
		return p.single(parent, a)
	}
	return 0, Bad(InvalidValue, "%s must be an object, not %s.", p.where(a), kindName(kind))
}

// notValue says that no value starts here: the next read reports the syntax error.
func notValue(k jsontext.Kind) bool {
	return k == jsontext.KindInvalid || k == '}' || k == ']'
}

// single reads an array that stands for its one element.
func (p *parser) single(parent NodeID, a *Attr) (NodeID, error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return 0, err
	}
	var node NodeID
	for {
		switch p.dec.PeekKind() {
		case ']':
			_, err := p.dec.ReadToken()
			return node, err
		case 'n':
			if _, err := p.dec.ReadToken(); err != nil {
				return 0, err
			}
			continue
		}
		if node != 0 {
			return 0, Bad(InvalidValue, "%s holds one value, but the array has several. Send one object.", p.where(a))
		}
		p.notes.Add(NoteBareValue, a.Path)
		var err error
		if node, err = p.complex(parent, a, p.dec.PeekKind() == '"'); err != nil {
			return 0, err
		}
	}
}

// bareString reads a string as an object with that value; "" assigns nothing.
func (p *parser) bareString(parent NodeID, a *Attr) (NodeID, error) {
	raw, err := p.dec.ReadValue()
	if err != nil || len(raw) == len(`""`) {
		return 0, err
	}
	p.notes.Add(NoteBareValue, a.Path)
	n := p.doc.Add(parent, a, KindObject)
	_, err = p.scalar(n, a.Sub("value"), raw)
	return n, err
}

// nested reads an object; one without assigned members leaves no node (SCH-A03).
func (p *parser) nested(parent NodeID, a *Attr) (NodeID, error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return 0, err
	}
	before := p.doc.nodes[parent].last
	n := p.doc.Add(parent, a, KindObject)
	if err := p.object(n, a); err != nil {
		return 0, err
	}
	if !p.doc.Empty(n) {
		return n, nil
	}
	p.doc.unlinkLast(parent, before, n)
	return 0, nil
}

// unlinkLast takes back n, just added below parent whose last child was before.
// In an array that takes no search: a body may hold a million empty elements.
func (d *Doc) unlinkLast(parent, before, n NodeID) {
	p := &d.nodes[parent]
	if p.kind != KindArray || p.last != n {
		d.Remove(parent, n)
		return
	}
	if p.last = before; before == 0 {
		p.first = 0
	} else {
		d.nodes[before].next = 0
	}
}
