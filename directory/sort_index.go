package directory

import (
	"bytes"
	"errors"
	"slices"

	"scimedge/kv"
	"scimedge/scimcore"
)

// orderIndex finds an index whose order is the query's: by walking it a page costs
// what it holds. It is of no use where all matches have to be counted.
func (l *listing) orderIndex() (ix index, ok bool) {
	s := l.from[0]
	a := s.Order.By
	if len(l.from) > 1 || a == nil || l.counting {
		return ix, false
	}
	if a == s.Type.Meta.Sub("lastModified") {
		return index{attr: a, name: lastModified}, true
	}
	for _, ix := range s.kind.indexes {
		if ix.attr == a && !a.MultiValued && !a.Parent.MultiValued {
			return ix, true
		}
	}
	return ix, false
}

// indexWalk is a sorted query on its way along an index.
type indexWalk struct {
	*listing
	s     *source
	ix    index
	root  []byte
	was   values
	moved []Position // of the resources in was that had a value, in order
}

// walkIndex pages through the resources that have the attribute in the order of
// its index, and through those without it before or after them.
func (l *listing) walkIndex(ix index, was values) error {
	s := l.from[0]
	w := &indexWalk{listing: l, s: s, ix: ix, root: ix.root(s.Type), was: was}
	for id, key := range was {
		if key[0] == scimcore.SortAssigned {
			w.moved = append(w.moved, Position{Key: key, ID: id})
		}
	}
	slices.SortFunc(w.moved, func(a, b Position) int { return inOrderOf(l.descending(), &a, &b) })
	steps := []func() error{w.assigned, w.unassigned}
	if l.descending() {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err == errStop {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// assigned walks the index, with the resources that moved in their old places.
func (w *indexWalk) assigned() error {
	for e, err := range w.r.Scan(w.rows()) {
		if err != nil {
			return err
		}
		id, ok := w.ix.idOf(e)
		if _, elsewhere := w.was[id]; !ok || elsewhere {
			continue
		}
		at := Position{Key: w.keyOf(e.Key), ID: id}
		for len(w.moved) > 0 && inOrderOf(w.descending(), &w.moved[0], &at) < 0 {
			if err := w.meetMoved(); err != nil {
				return err
			}
		}
		if err := w.meet(w.s, at, nil); err != nil {
			return err
		}
	}
	for len(w.moved) > 0 {
		if err := w.meetMoved(); err != nil {
			return err
		}
	}
	return nil
}

// meetMoved meets a resource in its old place, unless it is gone.
func (w *indexWalk) meetMoved() error {
	at := w.moved[0]
	w.moved = w.moved[1:]
	value, err := w.r.Get(resourceKey(w.s.kind.Name, at.ID))
	if err != nil || value == nil {
		return err
	}
	return w.meet(w.s, at, value)
}

// rows is the part of the index behind the start of the page.
func (w *indexWalk) rows() kv.Range {
	rg := kv.Prefix(w.root)
	rg.KeysOnly, rg.Reverse = !w.ix.unique, w.descending()
	a := w.q.After
	if a == nil || len(a.Key) == 0 {
		return rg
	}
	if a.Key[0] == scimcore.SortUnassigned {
		if !rg.Reverse {
			rg.Lo = rg.Hi // those without the attribute come last: the index is done
		}
		return rg
	}
	at := kv.Key(bytes.Clone(w.root))
	if w.ix.name == lastModified {
		at = at.Raw(a.Key[1:])
	} else {
		at = at.Text(string(a.Key[1:]))
	}
	if rg.Reverse {
		rg.Hi = kv.PrefixEnd(at)
	} else {
		rg.Lo = at
	}
	return rg
}

// keyOf is the sort key that an index row stands for.
func (w *indexWalk) keyOf(row []byte) []byte {
	rest := row[len(w.root):]
	if w.ix.name == lastModified {
		return append([]byte{scimcore.SortAssigned}, rest[:len(rest)-len(ID{})]...)
	}
	text, _, _ := kv.CutText(rest)
	return append([]byte{scimcore.SortAssigned}, text...)
}

// unassigned pages through the resources without the attribute, which no index
// lists: by reading every resource, in the order of ids, since that is their order.
func (w *indexWalk) unassigned() error {
	after := w.q.After
	if after != nil && after.Key[0] == scimcore.SortAssigned && w.descending() {
		return nil // they came first and are done
	}
	begun := after != nil && after.Key[0] == scimcore.SortUnassigned
	if !begun {
		if none, err := w.allAssigned(); err != nil || none {
			return err
		}
	}
	prefix := resourcePrefix(w.s.kind.Name)
	rg := kv.Prefix(prefix)
	switch rg.Reverse = w.descending(); {
	case begun && rg.Reverse:
		rg.Hi = resourceKey(w.s.kind.Name, after.ID)
	case begun:
		rg.Lo = append(resourceKey(w.s.kind.Name, after.ID), 0)
	}
	var key []byte
	for e, err := range w.r.Scan(rg) {
		if err != nil {
			return err
		}
		rec, err := decodeRecord(e.Value)
		if err != nil {
			return err
		}
		at := Position{ID: ID(e.Key[len(prefix):])}
		key = w.s.sortKey(key[:0], at.ID, &rec, w.was)
		at.Key = key
		if key[0] == scimcore.SortUnassigned {
			err = w.meet(w.s, at, e.Value)
		} else {
			err = w.passOver(at.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// passOver counts a resource that was read to find out that it has the attribute.
// A short page may end there, as if it were one that has none.
func (w *indexWalk) passOver(id ID) error {
	if err := w.look(1); errors.Is(err, errBudget) {
		return w.atBudget(w.s)
	} else if err != nil {
		return err
	}
	w.passed(w.s, Position{Key: []byte{scimcore.SortUnassigned}, ID: id})
	return nil
}

// allAssigned reports whether every resource has the attribute, and had it when
// the walk began: then the index has a row for each.
func (w *indexWalk) allAssigned() (bool, error) {
	if w.s.Order.By.Parent == w.s.Type.Meta {
		return true, nil
	}
	for _, key := range w.was {
		if key[0] == scimcore.SortUnassigned {
			return false, nil
		}
	}
	rows, rg := 0, kv.Prefix(w.root)
	for _, err := range w.r.Scan(keysOnly(rg)) {
		if err != nil {
			return false, err
		}
		if err := w.alive(); err != nil {
			return false, err
		}
		rows++
	}
	return rows == w.s.held, nil
}
