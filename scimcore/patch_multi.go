package scimcore

// multi runs a step on a multi-valued attribute kept in the document.
func (a *applier) multi(s *step) error {
	x := s.path.Attr
	arr := a.Doc.Find(x)
	looks := a.Doc.Count(arr)
	if s.path.Filter != nil {
		looks *= s.path.Filter.Clauses()
	}
	if err := a.look(looks, "change "+x.Path+" by one operation, which may hold many elements"); err != nil {
		return err
	}
	if s.path.Filter != nil || s.path.Sub != nil {
		return a.chosen(s, arr)
	}
	switch {
	case s.listed:
		return a.removeListed(x, arr, s.value)
	case s.value == 0 && s.verb == verbAdd:
		return nil
	case s.value == 0:
		return a.unassign(x, a.Doc.Find(x.Parent), arr)
	case s.verb == verbReplace && arr != 0:
		if a.Doc.Equal(arr, a.frag, s.value) {
			return nil
		}
		a.Doc.Clear(arr)
	}
	return a.addElements(x, s.value)
}

// addElements appends the elements of array from of the fragment. One that is
// there already is not added again; what else it says is written to the one
// there (PATCH-30).
func (a *applier) addElements(x *Attr, from NodeID) error {
	arr := a.Doc.Ensure(x)
	keys := newElementKeys(x)
	for n := range a.Doc.Kids(arr) {
		keys.put(a.Doc, n)
	}
	var primary NodeID
	for v := range a.frag.Kids(from) {
		n := keys.find(a.frag, v)
		switch {
		case n == 0:
			n = a.Doc.Copy(arr, a.frag, v)
			keys.put(a.Doc, n)
		case x.Type == Complex:
			skip := func(sub *Attr) bool {
				// No primary and primary false say the same.
				silent := sub == keys.primary && a.Doc.Child(n, sub) == 0 && !a.frag.Bool(a.frag.Child(v, sub))
				return silent || keys.names(sub)
			}
			if err := a.merge(n, a.frag, v, skip); err != nil {
				return err
			}
		}
		if keys.primary != nil && a.frag.Bool(a.frag.Child(v, keys.primary)) {
			primary = n
		}
	}
	a.promote(x, arr, primary)
	return nil
}

// promote makes n the only primary element (PATCH-18). Without n nothing happens.
func (a *applier) promote(x *Attr, arr, n NodeID) {
	primary := x.Sub("primary")
	if n == 0 || primary == nil {
		return
	}
	for k := range a.Doc.Kids(arr) {
		if p := a.Doc.Child(k, primary); k != n && a.Doc.Bool(p) {
			a.Doc.Remove(k, p)
			a.Doc.AddBool(k, primary, false)
		}
	}
}

// removeListed removes the elements that array list of the fragment names.
func (a *applier) removeListed(x *Attr, arr, list NodeID) error {
	if arr == 0 {
		return nil
	}
	keys := newElementKeys(x)
	for v := range a.frag.Kids(list) {
		keys.put(a.frag, v)
	}
	a.Doc.keepKids(arr, func(n NodeID) bool { return !keys.lists(a.Doc, n) })
	return a.emptied(x, arr)
}

// emptied tidies up after elements were removed.
func (a *applier) emptied(x *Attr, arr NodeID) error {
	if !a.Doc.Empty(arr) {
		return nil
	}
	if x.Required {
		return requiredError(x)
	}
	a.Doc.Remove(a.Doc.Find(x.Parent), arr)
	return nil
}

// chosen runs a step on the elements a filter chooses, or on all for attr.sub.
func (a *applier) chosen(s *step, arr NodeID) error {
	x, sub := s.path.Attr, s.path.Sub
	var matches []NodeID
	if arr != 0 {
		for n := range a.Doc.Kids(arr) {
			if s.path.Filter != nil {
				if ok, err := s.path.Filter.MatchElement(a.Doc, n); err != nil {
					return err
				} else if !ok {
					continue
				}
			}
			matches = append(matches, n)
		}
	}
	switch {
	case s.verb == verbRemove || s.value == 0:
		return a.removeChosen(x, sub, arr, matches)
	case len(matches) == 0:
		return a.create(s)
	}
	for i, n := range matches {
		var err error
		switch {
		case sub != nil:
			err = a.set(n, sub, a.frag, s.value)
		case s.verb == verbAdd && x.Type == Complex:
			err = a.merge(n, a.frag, s.value, nil)
		case i == 0:
			err = a.replaceElement(x, arr, n, s.value)
		}
		if err != nil {
			return err
		}
	}
	if sub == nil && (s.verb == verbReplace || x.Type != Complex) {
		// Every match has become the same value, and one value is held once (SCH-23).
		drop := nodeSet(matches[1:])
		a.Doc.keepKids(arr, func(n NodeID) bool { return !drop[n] })
		matches = matches[:1]
	}
	return a.promoteChosen(x, arr, matches, s)
}

// promoteChosen hands primary over if the step wrote it.
func (a *applier) promoteChosen(x *Attr, arr NodeID, matches []NodeID, s *step) error {
	primary := x.Sub("primary")
	written := s.value
	if s.path.Sub == nil && primary != nil {
		written = a.frag.Child(s.value, primary)
	} else if s.path.Sub != primary {
		return nil
	}
	if !a.frag.Bool(written) {
		return nil
	}
	if len(matches) > 1 {
		return Bad(InvalidValue, "the path chooses %d elements of %s, but only one can be primary: choose one", len(matches), x.Path)
	}
	a.promote(x, arr, matches[0])
	return nil
}

// replaceElement puts the fragment's node v in the place of element n.
func (a *applier) replaceElement(x *Attr, arr, n, v NodeID) error {
	for _, sub := range x.Subs {
		cur := a.Doc.Child(n, sub)
		if cur == 0 || sub.Mutability != Immutable {
			continue
		}
		if given := a.frag.Child(v, sub); given == 0 || !a.Doc.Equal(cur, a.frag, given) {
			return immutableError(sub)
		}
	}
	a.Doc.overwrite(n, a.frag, v)
	return nil
}

// removeChosen removes elements, or one sub-attribute of each (PATCH-35, PATCH-36).
func (a *applier) removeChosen(x, sub *Attr, arr NodeID, matches []NodeID) error {
	if len(matches) == 0 {
		return nil
	}
	if sub == nil {
		drop := nodeSet(matches)
		a.Doc.keepKids(arr, func(n NodeID) bool { return !drop[n] })
		return a.emptied(x, arr)
	}
	for _, n := range matches {
		cur := a.Doc.Child(n, sub)
		switch {
		case cur == 0:
			continue
		case sub.Required:
			return requiredError(sub)
		case sub.Mutability == Immutable:
			return immutableError(sub)
		}
		a.Doc.Remove(n, cur)
	}
	// An element that holds nothing any more is no element (SCH-A03).
	a.Doc.keepKids(arr, func(n NodeID) bool { return !a.Doc.Empty(n) })
	return a.emptied(x, arr)
}

func nodeSet(nodes []NodeID) map[NodeID]bool {
	set := make(map[NodeID]bool, len(nodes))
	for _, n := range nodes {
		set[n] = true
	}
	return set
}
