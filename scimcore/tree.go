package scimcore

import "iter"

// Kind is the JSON kind of a node.
type Kind uint8

const (
	KindNone Kind = iota // no such node
	KindString
	KindBool
	KindNumber // its text is the literal, digits as sent (RFC 7643, section 2.3.3)
	KindObject
	KindArray // the value of a multi-valued attribute
)

// NodeID names a node of one Doc. 0 is "no node"; [Root] is the resource itself.
type NodeID int32

// Root is the node of the resource object of every Doc.
const Root NodeID = 1

// Doc is a resource as a tree in an arena: nodes and their text live in two
// slices, so building one costs a handful of allocations and dropping it none.
// An object's children are kept in schema order (Attr.Num) and never repeat;
// an array's children are its elements, which carry the array's own Attr.
// Nodes that were removed stay in the arena, unreachable. Not safe for
// concurrent use; a Doc that is only read may be shared.
type Doc struct {
	Type *Type
	// Nulls lists the attributes a body set to null or []: unassigned, as if
	// absent, but on purpose, so that no default and no stored value takes their
	// place (RFC 7644, section 3.3).
	Nulls []*Attr
	nodes []node
	text  []byte
}

type node struct {
	attr              *Attr
	kind              Kind
	off, end          uint32 // text[off:end]; for KindBool off is 0 or 1
	first, last, next NodeID
}

// NewDoc returns an empty resource of type t.
func NewDoc(t *Type) *Doc {
	d := &Doc{Type: t, nodes: make([]node, 2, 48), text: make([]byte, 0, 512)}
	d.nodes[Root] = node{attr: t.Root, kind: KindObject}
	return d
}

// Reset empties d for a resource of type t, keeping its memory.
func (d *Doc) Reset(t *Type) {
	d.Nulls = d.Nulls[:0]
	d.Type, d.nodes, d.text = t, append(d.nodes[:0], node{}, node{attr: t.Root, kind: KindObject}), d.text[:0]
}

// Clone returns an independent copy of d.
func (d *Doc) Clone() *Doc {
	return &Doc{Type: d.Type, nodes: append([]node(nil), d.nodes...), text: append([]byte(nil), d.text...)}
}

// Attr is the attribute n belongs to; nil for no node.
func (d *Doc) Attr(n NodeID) *Attr { return d.nodes[n].attr }

// Kind is the kind of n; KindNone for no node.
func (d *Doc) Kind(n NodeID) Kind { return d.nodes[n].kind }

// Text is the value of a string or the literal of a number. The slice is valid
// until the next change of d.
func (d *Doc) Text(n NodeID) []byte { return d.text[d.nodes[n].off:d.nodes[n].end] }

// String is Text as a copy; "" for no node.
func (d *Doc) String(n NodeID) string {
	if k := d.nodes[n].kind; k != KindString && k != KindNumber {
		return ""
	}
	return string(d.Text(n))
}

// Bool is the value of a boolean node.
func (d *Doc) Bool(n NodeID) bool { return d.nodes[n].kind == KindBool && d.nodes[n].off == 1 }

// Empty reports whether n has no children.
func (d *Doc) Empty(n NodeID) bool { return d.nodes[n].first == 0 }

// Count is the number of children of n.
func (d *Doc) Count(n NodeID) int {
	c := 0
	for k := d.nodes[n].first; k != 0; k = d.nodes[k].next {
		c++
	}
	return c
}

// Kids yields the children of n. The child just yielded may be removed meanwhile.
func (d *Doc) Kids(n NodeID) iter.Seq[NodeID] {
	return func(yield func(NodeID) bool) {
		for k := d.nodes[n].first; k != 0; {
			next := d.nodes[k].next
			if !yield(k) {
				return
			}
			k = next
		}
	}
}

// Child finds the child of object n that holds attribute a; 0 when unassigned.
func (d *Doc) Child(n NodeID, a *Attr) NodeID {
	for k := d.nodes[n].first; k != 0; k = d.nodes[k].next {
		if d.nodes[k].attr == a {
			return k
		}
	}
	return 0
}

// Find follows the chain of parents of a down from the resource: the node of a
// itself, or 0. It does not enter arrays: for a sub-attribute of a multi-valued
// attribute the answer is 0.
func (d *Doc) Find(a *Attr) NodeID {
	if a.Parent == nil {
		return Root
	}
	up := d.Find(a.Parent)
	if up == 0 || d.nodes[up].kind != KindObject {
		return 0
	}
	return d.Child(up, a)
}

// Ensure returns the node of the complex attribute or container a below the
// root, creating it and its parents as objects (or an array, if multi-valued)
// where they are absent.
func (d *Doc) Ensure(a *Attr) NodeID {
	if a.Parent == nil {
		return Root
	}
	up := d.Ensure(a.Parent)
	if n := d.Child(up, a); n != 0 {
		return n
	}
	if a.MultiValued {
		return d.Add(up, a, KindArray)
	}
	return d.Add(up, a, KindObject)
}

// Add appends an empty object or array for a below parent: in schema order in an
// object, at the end of an array. The caller sees to it that an object has a only once.
func (d *Doc) Add(parent NodeID, a *Attr, k Kind) NodeID {
	return d.link(parent, node{attr: a, kind: k})
}

// AddString adds a string value.
func (d *Doc) AddString(parent NodeID, a *Attr, s string) NodeID {
	off := uint32(len(d.text))
	d.text = append(d.text, s...)
	return d.link(parent, node{attr: a, kind: KindString, off: off, end: uint32(len(d.text))})
}

// AddText adds a string or number whose text is b.
func (d *Doc) AddText(parent NodeID, a *Attr, k Kind, b []byte) NodeID {
	off := uint32(len(d.text))
	d.text = append(d.text, b...)
	return d.link(parent, node{attr: a, kind: k, off: off, end: uint32(len(d.text))})
}

// AddBool adds a boolean value.
func (d *Doc) AddBool(parent NodeID, a *Attr, v bool) NodeID {
	n := node{attr: a, kind: KindBool}
	if v {
		n.off = 1
	}
	return d.link(parent, n)
}

// Copy adds a deep copy of node n of src, which may be d itself, below parent.
func (d *Doc) Copy(parent NodeID, src *Doc, n NodeID) NodeID {
	from := src.nodes[n]
	var to NodeID
	switch from.kind {
	case KindString, KindNumber:
		to = d.AddText(parent, from.attr, from.kind, src.Text(n))
	case KindBool:
		to = d.AddBool(parent, from.attr, from.off == 1)
	default:
		to = d.Add(parent, from.attr, from.kind)
		for k := from.first; k != 0; k = src.nodes[k].next {
			d.Copy(to, src, k)
		}
	}
	return to
}

// Remove unlinks child from parent.
func (d *Doc) Remove(parent, child NodeID) {
	p := &d.nodes[parent]
	prev := NodeID(0)
	for k := p.first; k != 0; k = d.nodes[k].next {
		if k != child {
			prev = k
			continue
		}
		next := d.nodes[k].next
		if prev == 0 {
			p.first = next
		} else {
			d.nodes[prev].next = next
		}
		if p.last == k {
			p.last = prev
		}
		return
	}
}

// Clear removes all children of n.
func (d *Doc) Clear(n NodeID) { d.nodes[n].first, d.nodes[n].last = 0, 0 }

// link stores n and hangs it below parent.
func (d *Doc) link(parent NodeID, n node) NodeID {
	id := NodeID(len(d.nodes))
	d.nodes = append(d.nodes, n)
	p := &d.nodes[parent]
	switch {
	case p.first == 0:
		p.first, p.last = id, id
	case p.kind == KindArray || d.nodes[p.last].attr.Num < n.attr.Num:
		d.nodes[p.last].next = id
		p.last = id
	default:
		d.insert(parent, id)
	}
	return id
}

// insert places id among the children of an object by attribute number.
func (d *Doc) insert(parent, id NodeID) {
	p := &d.nodes[parent]
	num := d.nodes[id].attr.Num
	if num < d.nodes[p.first].attr.Num {
		d.nodes[id].next = p.first
		p.first = id
		return
	}
	for k := p.first; ; k = d.nodes[k].next {
		next := d.nodes[k].next
		if next == 0 || d.nodes[next].attr.Num > num {
			d.nodes[id].next = next
			d.nodes[k].next = id
			if next == 0 {
				p.last = id
			}
			return
		}
	}
}

// Equal reports whether node n of d and node m of e hold the same value:
// objects attribute by attribute, arrays element by element in order, text byte
// by byte. It is how a no-op write is recognised (PATCH-31).
func (d *Doc) Equal(n NodeID, e *Doc, m NodeID) bool {
	a, b := d.nodes[n], e.nodes[m]
	if a.attr != b.attr || a.kind != b.kind {
		return false
	}
	switch a.kind {
	case KindString, KindNumber:
		return string(d.Text(n)) == string(e.Text(m))
	case KindBool:
		return a.off == b.off
	}
	x, y := a.first, b.first
	for x != 0 && y != 0 {
		if !d.Equal(x, e, y) {
			return false
		}
		x, y = d.nodes[x].next, e.nodes[y].next
	}
	return x == y
}

// Prune removes what counts as unassigned below n: arrays and objects that are
// empty or became so (RFC 7643, section 2.5).
func (d *Doc) Prune(n NodeID) {
	for k := range d.Kids(n) {
		if kind := d.nodes[k].kind; kind != KindObject && kind != KindArray {
			continue
		}
		d.Prune(k)
		if d.Empty(k) {
			d.Remove(n, k)
		}
	}
}
