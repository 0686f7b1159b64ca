package scimcore

// What a schema no longer declares is retired, not dropped: its values stay in
// the stored documents, where no client sees them, and come back when it is
// declared again. Every write therefore has to bring them along.

// retired is a with the characteristics of what only rests: nothing asks for it,
// nothing indexes it, nothing shows it.
func (a Attribute) retired() Attribute {
	a.Required, a.Default, a.Filterable = false, "", false
	a.Uniqueness, a.Returned = UniquenessNone, ReturnedNever
	if a.Mutability == Immutable {
		a.Mutability = ReadWrite // or it would pin the value around it
	}
	return a
}

// keepRetired gives d the retired values of before, the resource it was made
// from. A part of a complex value goes with that value: it stays as long as the
// value, or an element with the same value and type, is there.
func (d *Doc) keepRetired(before *Doc) {
	if d.Type.Root.hides {
		d.keep(Root, before, Root)
	}
}

// keep brings the retired values below node from of before to node to.
func (d *Doc) keep(to NodeID, before *Doc, from NodeID) {
	for k := range before.Kids(from) {
		a := before.nodes[k].attr
		is := d.Child(to, a)
		switch {
		case a.Retired && is == 0:
			d.Copy(to, before, k)
		case a.Retired || !a.hides:
		case a.Container:
			d.keep(d.Ensure(a), before, k)
		case is == 0:
		case a.MultiValued:
			d.keepElements(is, before, k, a)
		default:
			if v := a.Sub("value"); v == nil || d.sameText(d.Child(is, v), before, before.Child(k, v)) {
				d.keep(is, before, k)
			}
		}
	}
}

// keepElements pairs the elements of two arrays of a by what identifies them.
func (d *Doc) keepElements(arr NodeID, before *Doc, old NodeID, a *Attr) {
	now := make(map[string]NodeID, 8)
	for k := range d.Kids(arr) {
		key := string(d.visibleKey(k, a))
		if _, ok := now[key]; !ok {
			now[key] = k
		}
	}
	for k := range before.Kids(old) {
		key := string(before.visibleKey(k, a))
		if to, ok := now[key]; ok {
			delete(now, key) // each takes what one had
			d.keep(to, before, k)
		}
	}
}

// visibleKey is elementKey without what is retired.
func (d *Doc) visibleKey(n NodeID, a *Attr) []byte {
	value, typ := a.Sub("value"), a.Sub("type")
	if value != nil && d.Child(n, value) != 0 {
		return d.elementKey(nil, n, value, typ)
	}
	var key []byte
	for k := range d.Kids(n) {
		if !d.nodes[k].attr.Retired {
			key = d.appendMember(key, k, true)
		}
	}
	return key
}

func (d *Doc) sameText(n NodeID, e *Doc, m NodeID) bool {
	return string(d.Text(n)) == string(e.Text(m))
}

// shows reports whether object n holds anything that is not retired.
func (d *Doc) shows(n NodeID) bool {
	for k := range d.Kids(n) {
		if !d.nodes[k].attr.Retired {
			return true
		}
	}
	return false
}

// showsSchema reports whether n, a URN among the "schemas", is one a client sees:
// the stored list names extensions that only hold what is retired as well.
func (d *Doc) showsSchema(n NodeID) bool {
	if !d.Type.Root.hides || string(d.Text(n)) == d.Type.Schema.ID {
		return true
	}
	box := d.Type.Root.Sub(string(d.Text(n)))
	return box != nil && d.shows(d.Child(Root, box))
}
