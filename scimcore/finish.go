package scimcore

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// ApplyDefaults gives a new resource the defaults of attributes the body did not
// mention; those it set to null stay unassigned (CRT-05, CRT-06).
func ApplyDefaults(doc *Doc) {
	for _, a := range doc.Type.Root.Subs {
		switch {
		case a.Container:
			if box := doc.Child(Root, a); box != 0 {
				for _, s := range a.Subs {
					doc.applyDefault(box, s)
				}
			}
		default:
			doc.applyDefault(Root, a)
		}
	}
}

func (d *Doc) applyDefault(parent NodeID, a *Attr) {
	if a.Default == "" || d.isNull(a) || d.Child(parent, a) != 0 {
		return
	}
	// NewCatalog has proved that the literal is a value of a.
	_, _ = ReadValue(d, parent, a, []byte(a.Default), Strict(), nil)
}

// checkDefaults proves that every declared default is a value of its attribute,
// so that applying one cannot fail.
func (t *Type) checkDefaults() error {
	doc := NewDoc(t)
	for _, a := range t.attrs {
		if a.Default == "" {
			continue
		}
		if a.Parent != t.Root && !a.Parent.Container {
			return fmt.Errorf("attribute %s: a sub-attribute cannot have a default", a.Path)
		}
		if !jsontext.Value(a.Default).IsValid() {
			return fmt.Errorf("attribute %s: the default %s is not JSON", a.Path, a.Default)
		}
		if n, err := ReadValue(doc, doc.Ensure(a.Parent), a, jsontext.Value(a.Default), Strict(), nil); err != nil || n == 0 {
			return fmt.Errorf("attribute %s: the default %s is not a value of its type", a.Path, a.Default)
		}
	}
	return nil
}

// isNull reports whether a body set a to null, on purpose.
func (d *Doc) isNull(a *Attr) bool {
	for _, have := range d.Nulls {
		if have == a {
			return true
		}
	}
	return false
}

// Finish makes doc a resource fit to be stored, after parse, replace or patch:
// what counts as unassigned goes, repeated elements become one (SCH-23), "schemas"
// names the base schema and the extensions present, and the rules over the whole
// are checked: required attributes and extensions, one primary at most. Row
// attributes are left alone. Its error is an *Error with status 400.
func Finish(doc *Doc, d Dialect) error {
	doc.Prune(Root)
	if err := doc.finishObject(Root, doc.Type.Root); err != nil {
		return err
	}
	for _, box := range doc.Type.Containers {
		n := doc.Child(Root, box)
		if n == 0 || box.hides && !doc.shows(n) {
			if box.Required {
				return Bad(InvalidValue, "The extension %s is required for a %s. Send it with its attributes.", box.Name, doc.Type.Name)
			}
			continue
		}
		if err := doc.finishObject(n, box); err != nil {
			return err
		}
	}
	doc.setSchemas()
	return nil
}

// finishObject treats the children of the resource or of an extension.
func (d *Doc) finishObject(n NodeID, a *Attr) error {
	if err := d.checkRequired(n, a); err != nil {
		return err
	}
	for k := range d.Kids(n) {
		s := d.nodes[k].attr
		if s.Rows || s.Container || s.Retired || s == d.Type.Schemas {
			continue
		}
		switch d.nodes[k].kind {
		case KindObject:
			if err := d.checkRequired(k, s); err != nil {
				return err
			}
		case KindArray:
			if err := d.finishArray(k, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRequired looks for the required attributes among the children of n. Those
// that only the server writes are its own business.
func (d *Doc) checkRequired(n NodeID, a *Attr) error {
	for _, s := range a.Subs {
		if !s.Required || s.Mutability == ReadOnly || s.Container || s.Rows || s == d.Type.Schemas || isPassword(s) {
			continue
		}
		k := d.Child(n, s)
		if k == 0 || d.nodes[k].kind == KindString && len(bytes.TrimSpace(d.Text(k))) == 0 {
			return Bad(InvalidValue, "%s is required. Send a value that is not empty.", s.Path)
		}
	}
	return nil
}

func (d *Doc) finishArray(arr NodeID, a *Attr) error {
	d.mergeRepeated(arr, a)
	if a.Type != Complex {
		return nil
	}
	primary, primaries := a.Sub("primary"), 0
	for k := range d.Kids(arr) {
		if err := d.checkRequired(k, a); err != nil {
			return err
		}
		if primary != nil && d.Bool(d.Child(k, primary)) {
			primaries++
		}
	}
	if primaries > 1 {
		return twoPrimaries(a)
	}
	return nil
}

// mergeRepeated makes one element of those with the same type and value, the
// first, with the sub-attributes it lacks taken from the later ones. Elements
// without a value are the same only if all of them is.
func (d *Doc) mergeRepeated(arr NodeID, a *Attr) {
	if d.nodes[arr].first == d.nodes[arr].last {
		return
	}
	value, typ := a.Sub("value"), a.Sub("type")
	first := make(map[string]NodeID, 8)
	var key []byte
	prev := NodeID(0)
	for k := d.nodes[arr].first; k != 0; k = d.nodes[k].next {
		key = d.elementKey(key[:0], k, value, typ)
		if same, ok := first[string(key)]; ok {
			d.takeMissing(same, k)
			d.nodes[prev].next = d.nodes[k].next // not Remove, which would search from the start
			continue
		}
		first[string(key)] = k
		prev = k
	}
	d.nodes[arr].last = prev
}

// elementKey identifies an element among its siblings.
func (d *Doc) elementKey(key []byte, n NodeID, value, typ *Attr) []byte {
	if d.nodes[n].kind != KindObject || value == nil || d.Child(n, value) == 0 {
		return d.appendValue(key, n)
	}
	key = d.appendValue(key, d.Child(n, value))
	if typ == nil {
		return key
	}
	for _, c := range d.Text(d.Child(n, typ)) {
		key = append(key, lower(c))
	}
	return key
}

func (d *Doc) takeMissing(to, from NodeID) {
	if d.nodes[from].kind != KindObject {
		return
	}
	for k := range d.Kids(from) {
		if d.Child(to, d.nodes[k].attr) == 0 {
			d.Copy(to, d, k)
		}
	}
}

// setSchemas lists the base schema and the extensions that hold anything (SCH-06,
// SCH-A02), retired ones included: [AppendResource] leaves out what is hidden.
func (d *Doc) setSchemas() {
	t := d.Type
	n := d.Ensure(t.Schemas)
	d.Clear(n)
	d.AddString(n, t.Schemas, t.Schema.ID)
	for _, box := range t.Root.stored {
		if box.Container && d.Child(Root, box) != 0 {
			d.AddString(n, t.Schemas, box.Name)
		}
	}
}

// TakeRows reads the elements of row attribute a and removes them from doc: they
// are stored elsewhere.
func TakeRows(doc *Doc, a *Attr) []Member {
	arr := doc.Child(Root, a)
	if arr == 0 {
		return nil
	}
	members := make([]Member, 0, doc.Count(arr))
	text := string(doc.text) // one copy for all; the members share it
	get := func(n NodeID, sub *Attr) string {
		if sub == nil {
			return ""
		}
		v := doc.nodes[doc.Child(n, sub)]
		if v.kind != KindString {
			return ""
		}
		return text[v.off:v.end]
	}
	value, typ, display, ref := a.Sub("value"), a.Sub("type"), a.Sub("display"), a.Sub("$ref")
	for k := range doc.Kids(arr) {
		members = append(members, Member{Value: get(k, value), Type: get(k, typ), Display: get(k, display), Ref: get(k, ref)})
	}
	doc.Remove(Root, arr)
	return members
}
