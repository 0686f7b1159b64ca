package scimcore

// elementKeys finds elements that stand for the same thing: those with the same
// value and type (RFC 7643, section 2.4), or, where elements have no value, as
// addresses do, those that are alike but for primary. An element without a type
// stands for the first one with its value, whatever its type.
//
// It is a map, not a comparison of all with all: both sides are as long as a
// body allows.
type elementKeys struct {
	attr                 *Attr
	value, typ, primary  *Attr
	exact, byValue, bare map[string]NodeID
	scratch              []byte
}

func newElementKeys(x *Attr) *elementKeys {
	return &elementKeys{
		attr: x, value: x.Sub("value"), typ: x.Sub("type"), primary: x.Sub("primary"),
		exact: map[string]NodeID{}, byValue: map[string]NodeID{}, bare: map[string]NodeID{},
	}
}

// names reports whether a is part of what identifies an element.
func (k *elementKeys) names(a *Attr) bool { return a == k.value || a == k.typ && k.value != nil }

// key is the identity of element n and, if it has one, that of its value alone.
func (k *elementKeys) key(d *Doc, n NodeID) (exact, value string, typed bool) {
	if k.attr.Type != Complex {
		return IndexText(k.attr, elementText(d, n)), "", false
	}
	v := NodeID(0)
	if k.value != nil {
		v = d.Child(n, k.value)
	}
	if v == 0 {
		b := append(k.scratch[:0], 1) // apart from every value
		for c := range d.Kids(n) {
			if a := d.Attr(c); a != k.primary {
				b = append(append(b, a.Name...), 0)
				b = append(append(b, elementText(d, c)...), 0)
			}
		}
		k.scratch = b
		return string(b), "", true
	}
	value = "v" + IndexText(k.value, elementText(d, v))
	exact = value + "\x00"
	if k.typ != nil {
		if t := d.Child(n, k.typ); t != 0 {
			return exact + IndexText(k.typ, elementText(d, t)), value, true
		}
	}
	return exact, value, false
}

// elementText is the text of a scalar; no string value holds a NUL.
func elementText(d *Doc, n NodeID) string {
	if d.Kind(n) == KindBool {
		if d.Bool(n) {
			return "true"
		}
		return "false"
	}
	return d.String(n)
}

// put records n; the first of equal ones stays.
func (k *elementKeys) put(d *Doc, n NodeID) {
	exact, value, typed := k.key(d, n)
	keep(k.exact, exact, n)
	if value != "" {
		keep(k.byValue, value, n)
		if !typed {
			keep(k.bare, value, n)
		}
	}
}

func keep(m map[string]NodeID, key string, n NodeID) {
	if _, ok := m[key]; !ok {
		m[key] = n
	}
}

// find is the recorded element that stands for the same as n; 0 for none.
func (k *elementKeys) find(d *Doc, n NodeID) NodeID {
	exact, value, typed := k.key(d, n)
	if have := k.exact[exact]; have != 0 || typed || value == "" {
		return have
	}
	return k.byValue[value]
}

// lists reports whether n is among the recorded elements as a list of what to
// remove means it: one without a type means every type.
func (k *elementKeys) lists(d *Doc, n NodeID) bool {
	exact, value, typed := k.key(d, n)
	if k.exact[exact] != 0 || value == "" {
		return k.exact[exact] != 0
	}
	return k.bare[value] != 0 || !typed && k.byValue[value] != 0
}

// keepKids removes the children of n that keep rejects, in one pass.
func (d *Doc) keepKids(n NodeID, keep func(NodeID) bool) {
	last := NodeID(0)
	for k := d.nodes[n].first; k != 0; {
		next := d.nodes[k].next
		if keep(k) {
			if last == 0 {
				d.nodes[n].first = k
			} else {
				d.nodes[last].next = k
			}
			last = k
		}
		k = next
	}
	if last == 0 {
		d.nodes[n].first = 0
	} else {
		d.nodes[last].next = 0
	}
	d.nodes[n].last = last
}

// overwrite makes n, in its place, a copy of node v of src.
func (d *Doc) overwrite(n NodeID, src *Doc, v NodeID) {
	next := d.nodes[n].next
	from := src.nodes[v]
	switch from.kind {
	case KindObject, KindArray:
		d.nodes[n] = node{attr: from.attr, kind: from.kind, next: next}
		for k := range src.Kids(v) {
			d.Copy(n, src, k)
		}
	case KindBool:
		d.nodes[n] = node{attr: from.attr, kind: from.kind, off: from.off, next: next}
	default:
		off := uint32(len(d.text))
		d.text = append(d.text, src.Text(v)...)
		d.nodes[n] = node{attr: from.attr, kind: from.kind, off: off, end: uint32(len(d.text)), next: next}
	}
}
