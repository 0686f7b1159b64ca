package scimcore

import (
	"bytes"
	"slices"
)

// Replace merges the body of a PUT with what is stored and returns the outcome,
// still to be given to [Finish] (RFC 7644, section 3.5.1):
//
//   - readWrite attributes are those of incoming; what it omits is cleared, except
//     that an omitted attribute with a Default keeps its stored value (PUT-A01)
//   - readOnly ones stay as stored, writeOnly ones too when omitted
//   - an immutable one that has a value keeps it; another value is 400 mutability
//   - an extension that incoming neither has, nor sets to null, nor lists in
//     "schemas" stays as stored if d.KeepExtensions (PUT-A02)
//   - what is retired stays as stored
//
// Row attributes are not looked at: those of incoming are carried over.
func Replace(stored, incoming *Doc, d Dialect) (*Doc, error) {
	out := NewDoc(incoming.Type)
	out.Nulls = append(out.Nulls, incoming.Nulls...)
	r := replacer{stored: stored, incoming: incoming, out: out, d: d}
	if err := r.object(Root, Root, Root, incoming.Type.Root); err != nil {
		return nil, err
	}
	out.keepRetired(stored)
	return out, nil
}

type replacer struct {
	stored, incoming, out *Doc
	d                     Dialect
}

// object fills node to of out from node old of stored and node in of incoming,
// either of which may be 0; all three belong to a.
func (r *replacer) object(to, old, in NodeID, a *Attr) error {
	for _, s := range a.Subs {
		was, is := r.child(r.stored, old, s), r.child(r.incoming, in, s)
		if s.Container {
			if err := r.container(s, was, is); err != nil {
				return err
			}
			continue
		}
		switch {
		case s.Rows || s == r.out.Type.Schemas:
			r.copy(to, r.incoming, is)
		case s.Mutability == ReadOnly || is == 0 && r.survives(s):
			r.copy(to, r.stored, was)
		case s.Mutability == Immutable && was != 0:
			if is != 0 && !r.same(s, was, is) {
				return Bad(Mutable, "%s cannot change once it has a value. Send the value it has, or leave it out.", s.Path)
			}
			r.copy(to, r.stored, was)
		case is != 0 && was != 0 && s.Type == Complex && !s.MultiValued:
			if err := r.complex(to, was, is, s); err != nil {
				return err
			}
		default:
			r.copy(to, r.incoming, is)
		}
	}
	return nil
}

// survives says whether an attribute that incoming does not have keeps its stored value.
func (r *replacer) survives(a *Attr) bool {
	if a.Mutability == WriteOnly || a.Default != "" {
		return !r.incoming.isNull(a)
	}
	return false
}

func (r *replacer) container(box *Attr, was, is NodeID) error {
	switch {
	case is != 0 || was == 0:
		if is != 0 || box.Required {
			return r.object(r.out.Add(Root, box, KindObject), was, is, box)
		}
		return nil
	case r.d.KeepExtensions && !r.incoming.isNull(box) && !r.incoming.listsSchema(box.Name):
		r.copy(Root, r.stored, was)
		return nil
	}
	// Cleared; what no client may clear stays.
	return r.object(r.out.Add(Root, box, KindObject), was, 0, box)
}

// complex replaces a singular complex value. Its readOnly parts describe the
// value, so they stay only as long as the value does.
func (r *replacer) complex(to, was, is NodeID, a *Attr) error {
	if v := a.Sub("value"); v != nil && !r.same(v, r.child(r.stored, was, v), r.child(r.incoming, is, v)) {
		r.copy(to, r.incoming, is)
		return nil
	}
	return r.object(r.out.Add(to, a, KindObject), was, is, a)
}

// same compares a stored and a sent value of a: the order of elements has no
// meaning, nor has the case of a text that is not case-exact.
func (r *replacer) same(a *Attr, was, is NodeID) bool {
	if was == 0 || is == 0 {
		return was == is
	}
	switch r.stored.Kind(was) {
	case KindString:
		x, y := r.stored.Text(was), r.incoming.Text(is)
		return bytes.Equal(x, y) || !a.CaseExact && bytes.EqualFold(x, y)
	case KindArray:
		return slices.EqualFunc(elementTexts(r.stored, was), elementTexts(r.incoming, is), bytes.Equal)
	}
	return r.stored.Equal(was, r.incoming, is)
}

// elementTexts encodes the elements of an array, in an order of its own.
func elementTexts(d *Doc, arr NodeID) [][]byte {
	var out [][]byte
	for k := range d.Kids(arr) {
		out = append(out, d.appendValue(nil, k))
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

func (r *replacer) child(d *Doc, n NodeID, a *Attr) NodeID {
	if n == 0 {
		return 0
	}
	return d.Child(n, a)
}

func (r *replacer) copy(to NodeID, src *Doc, n NodeID) {
	if n != 0 {
		r.out.Copy(to, src, n)
	}
}
