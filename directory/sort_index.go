package directory

import (
	"bytes"
	"errors"
	"slices"

	"scimedge/kv"
	"scimedge/scimcore"
)

// inIndex finds an index whose order is the query's, and says whether walking it
// beats collecting the matches: a page then costs what it holds. It does not
// where all matches have to be counted, or where the filter leaves few.
func (l *listing) inIndex() (ix index, ok bool) {
	s := l.from[0]
	a := s.Order.By
	if len(l.from) > 1 || a == nil || l.counting || s.plan.cost < costScan {
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
		if err := w.meet(at); err != nil {
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

func (w *indexWalk) meetMoved() error {
	at := w.moved[0]
	w.moved = w.moved[1:]
	return w.meet(at)
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

// meet is listing.meet for a place in the index.
func (w *indexWalk) meet(at Position) error {
	switch {
	case w.q.After != nil && inOrderOf(w.descending(), &at, w.q.After) <= 0:
		return w.alive()
	case w.q.After == nil && w.s.plan.exact && w.matched+1 < w.q.StartIndex:
		w.matched++ // before the page: no need to read it
		return w.alive()
	}
	rec, ok, err := w.ask(w.s, at.ID, nil)
	switch {
	case errors.Is(err, errBudget) && w.q.Total == TotalCheap && w.came:
		w.short = true
		return errStop
	case errors.Is(err, errBudget):
		return w.tooMany(w.s)
	case err != nil:
		return err
	case ok && w.full:
		w.more = true
		return errStop
	case ok:
		w.matched++
		return w.giveSorted(w.s, at, rec)
	}
	if w.came = true; !w.full {
		w.next = Position{Began: w.began, Key: bytes.Clone(at.Key), ID: at.ID}
	}
	return nil
}

// unassigned pages through the resources without the attribute, which no index
// lists. One that was required from the first day on leaves none; an attribute of
// a tenant's own may have become required when there were resources without it.
func (w *indexWalk) unassigned() error {
	a := w.s.Order.By
	builtIn := a.Schema == scimcore.UserSchema || a.Schema == scimcore.GroupSchema
	if a.Required && builtIn || a.Parent == w.s.Type.Meta {
		return nil
	}
	if at := w.q.After; at != nil && at.Key[0] == scimcore.SortAssigned && w.descending() {
		return nil // they came first and are done
	}
	none := topMatches{desc: w.descending(), most: w.q.Count - w.given + 1}
	if w.q.After == nil {
		none.most += max(w.q.StartIndex-1-w.matched, 0)
	}
	before := w.matched
	err := w.collectIf(w.s, &none, w.was, func(key []byte) bool { return key[0] == scimcore.SortUnassigned })
	if err != nil {
		return err
	}
	w.matched = before
	for _, f := range none.inOrder() {
		if err := w.meet(f.Position); err != nil {
			return err
		}
	}
	return nil
}
