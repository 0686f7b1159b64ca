package scimcore

import (
	"bytes"
	"strings"
)

// array reads the elements of multi-valued attribute a: into parent, if that is
// its array already, else into a new one. The array is returned, 0 if nothing was
// added. One element may stand alone if bare allows it.
func (p *parser) array(parent NodeID, a *Attr, bare bool) (NodeID, error) {
	arr, made := parent, false
	before := p.doc.nodes[parent].last
	if p.doc.Kind(parent) != KindArray {
		arr, made = p.doc.Add(parent, a, KindArray), true
	}
	start := p.doc.nodes[arr].last
	if err := p.elements(arr, a, bare); err != nil {
		return 0, err
	}
	if p.doc.nodes[arr].last != start {
		return arr, nil
	}
	if made {
		p.doc.unlinkLast(parent, before, arr)
	}
	return 0, nil
}

func (p *parser) elements(arr NodeID, a *Attr, bare bool) error {
	defer func() { p.elem = -1 }()
	p.elem = 0
	primary, primaries := a.Sub("primary"), 0
	one := func() error {
		n, err := p.element(arr, a)
		if err != nil || n == 0 || primary == nil {
			return err
		}
		if p.doc.Bool(p.doc.Child(n, primary)) {
			primaries++
		}
		if primaries > 1 {
			return twoPrimaries(a)
		}
		return nil
	}
	kind := p.dec.PeekKind()
	if kind != '[' {
		if notValue(kind) {
			_, err := p.dec.ReadToken()
			return err
		}
		if !bare {
			return Bad(InvalidValue, "%s is multi-valued: send an array, not %s.", a.Path, kindName(kind))
		}
		p.notes.Add(NoteBareValue, a.Path)
		return one()
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return err
	}
	for ; p.dec.PeekKind() != ']'; p.elem++ {
		if err := one(); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

func twoPrimaries(a *Attr) *Error {
	return Bad(InvalidValue, "%s has more than one element with primary true. Mark at most one.", a.Path)
}

// element reads one element into array arr; 0 if it assigns nothing.
func (p *parser) element(arr NodeID, a *Attr) (NodeID, error) {
	kind := p.dec.PeekKind()
	switch {
	case kind == 'n':
		_, err := p.dec.ReadToken()
		return 0, err
	case a.Type != Complex:
		raw, err := p.dec.ReadValue()
		if err != nil {
			return 0, err
		}
		return p.scalar(arr, a, raw)
	}
	var n NodeID
	var err error
	switch {
	case kind == '{':
		n, err = p.nested(arr, a)
	case notValue(kind):
		_, err = p.dec.ReadToken()
	case kind == '"' && p.d.BareElement && a.Sub("value") != nil:
		n, err = p.bareString(arr, a)
	default:
		err = Bad(InvalidValue, "%s must be an object, not %s.", p.where(a), kindName(kind))
	}
	if err != nil || n == 0 || !a.Rows {
		return n, err
	}
	return n, p.completeMember(n, a)
}

// completeMember completes an element of a row attribute: the id and the type may come
// from $ref alone (HTTP-05, RES-15). value wins over a $ref that says otherwise,
// which only a strict dialect refuses.
func (p *parser) completeMember(n NodeID, a *Attr) error {
	value := a.Sub("value")
	at := p.doc.Child(n, value)
	if ref := p.childOf(n, a, "$ref"); ref != 0 {
		kind, id := splitRef(p.doc.Text(ref))
		switch {
		case len(id) > 0 && at == 0:
			at = p.doc.AddText(n, value, KindString, id)
		case at != 0 && !p.d.AnyReference && !bytes.Equal(id, p.doc.Text(at)):
			return Bad(InvalidValue, "%s has a $ref that names another resource than its value. Send one of them.", p.where(a))
		}
		if typ := a.Sub("type"); typ != nil && p.doc.Child(n, typ) == 0 {
			for _, name := range a.Sub("$ref").ReferenceTypes {
				if equalFold(kind, name+"s") {
					p.doc.AddString(n, typ, name)
				}
			}
		}
	}
	if at == 0 || len(bytes.TrimSpace(p.doc.Text(at))) == 0 {
		return Bad(InvalidValue, "%s has no value. Send the id of the member as its value.", p.where(a))
	}
	return nil
}

// childOf finds the child of n for the sub-attribute named sub; 0 if there is none.
func (p *parser) childOf(n NodeID, a *Attr, sub string) NodeID {
	if s := a.Sub(sub); s != nil {
		return p.doc.Child(n, s)
	}
	return 0
}

// splitRef takes the endpoint and the id off the end of a resource URI, whatever
// host, version and tenant precede them.
func splitRef(uri []byte) (endpoint, id []byte) {
	if i := bytes.IndexAny(uri, "?#"); i >= 0 {
		uri = uri[:i]
	}
	uri = bytes.TrimRight(uri, "/")
	i := bytes.LastIndexByte(uri, '/')
	if i < 0 {
		return nil, uri
	}
	rest := uri[:i]
	return rest[bytes.LastIndexByte(rest, '/')+1:], uri[i+1:]
}

const coreSchemas = "urn:ietf:params:scim:schemas:core:2.0:"

// schemas reads the list of URNs into the document, known ones only.
func (p *parser) schemas() error {
	kind := p.dec.PeekKind()
	switch {
	case kind == 'n':
		_, err := p.dec.ReadToken()
		return err
	case kind == '"' && p.d.BareElement:
		p.notes.Add(NoteBareValue, "schemas")
		return p.schema()
	case kind != '[' && !notValue(kind):
		return Bad(InvalidSyntax, "schemas must be an array of URNs, not %s.", kindName(kind))
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return err
	}
	for p.dec.PeekKind() != ']' {
		if err := p.schema(); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

func (p *parser) schema() error {
	raw, err := p.dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() != '"' {
		return Bad(InvalidSyntax, "schemas must hold URNs as strings, not %s.", kindName(raw.Kind()))
	}
	p.urns++
	t, urn := p.doc.Type, unquoted(raw)
	known := ""
	if equalFold(urn, t.Schema.ID) {
		known = t.Schema.ID
	}
	for _, box := range t.Containers {
		if equalFold(urn, box.Name) {
			known = box.Name
		}
	}
	switch {
	case known != "":
		if !p.doc.listsSchema(known) {
			p.doc.AddString(p.doc.Ensure(t.Schemas), t.Schemas, known)
		}
		return nil
	case len(urn) >= len(coreSchemas) && equalFold(urn[:len(coreSchemas)], coreSchemas):
		return Bad(InvalidSyntax, "schemas names %q, which is not the schema of a %s. Send %q.", shorten(string(urn)), t.Name, t.Schema.ID)
	case !p.d.IgnoreUnknown:
		return Bad(InvalidSyntax, "schemas names %q, which a %s does not have. Remove it, or see /ResourceTypes for the schemas.", shorten(string(urn)), t.Name)
	}
	p.notes.Add(NoteUnknownSchema, shorten(string(urn)))
	return nil
}

// listsSchema reports whether the "schemas" of d have the URN in its canonical spelling.
func (d *Doc) listsSchema(urn string) bool {
	for k := range d.Kids(d.Child(Root, d.Type.Schemas)) {
		if string(d.Text(k)) == urn {
			return true
		}
	}
	return false
}

// checkSchemas applies SCH-05 and SCH-07 once the whole body is read.
func (p *parser) checkSchemas() error {
	base := p.doc.Type.Schema.ID
	switch {
	case p.urns == 0 && p.d.InferSchemas:
		p.notes.Add(NoteSchemasInferred, "schemas")
		return nil
	case p.urns == 0:
		return Bad(InvalidSyntax, "schemas is missing. Send %q in it.", base)
	case !p.doc.listsSchema(base):
		return Bad(InvalidSyntax, "schemas does not name the schema of a %s. Add %q.", p.doc.Type.Name, base)
	}
	return nil
}

// where names the attribute for a message, with the index of the element at hand.
func (p *parser) where(a *Attr) string {
	if p.elem < 0 {
		return a.Path
	}
	var b strings.Builder
	switch {
	case a.MultiValued:
		b.WriteString(a.Path)
		writeIndex(&b, p.elem)
	case a.Parent != nil && a.Parent.MultiValued:
		b.WriteString(a.Parent.Path)
		writeIndex(&b, p.elem)
		b.WriteString("." + a.Name)
	default:
		b.WriteString(a.Path)
	}
	return b.String()
}
