package scimcore

// Target is the resource a patch is applied to.
type Target struct {
	ID      string // what a written "id" has to equal
	Doc     *Doc
	Sets    Sets // the attributes kept as rows; may be nil for a type without
	Dialect Dialect
	Notes   *Notes
	// Looks is how many members and elements the patches of a request may look at
	// from here on, all together; nil bounds each by itself only.
	Looks *int
}

// Apply runs the operations in order on tg, each on the outcome of the one
// before. On an error tg is half changed: the caller throws it away, which is
// what makes a patch all or nothing. Afterwards the caller runs [Finish]. A
// protocol error names the operation; an error of a Set comes back as it is.
func (p *Patch) Apply(tg Target) error {
	a := applier{Target: tg, frag: p.frag}
	if tg.Doc.Type.Root.hides {
		before := tg.Doc.Clone()
		defer func() { tg.Doc.keepRetired(before) }()
	}
	for i := range p.steps {
		if err := a.step(&p.steps[i]); err != nil {
			return p.steps[i].wrap(err)
		}
	}
	return nil
}

type applier struct {
	Target
	frag   *Doc
	looked int // at members and elements so far
}

// maxLooks bounds how many members and elements one patch may look at, some 50 ms:
// it runs inside the transaction, and every other write waits for it.
const maxLooks = 200_000

// look counts n looks. cure is what to do when they are more than the patch may.
func (a *applier) look(n int, cure string) error {
	if a.looked += n; a.looked > maxLooks {
		return Bad(TooMany, "the patch would be compared with more members or elements than one may (%d comparisons in all): %s", maxLooks, cure)
	}
	if a.Looks == nil {
		return nil
	}
	if *a.Looks -= n; *a.Looks < 0 {
		return Bad(TooMany, "the patches of this request would be compared with more members or elements than those of one may: send the rest in requests of their own, and %s", cure)
	}
	return nil
}

func (a *applier) step(s *step) error {
	x := s.path.Attr
	switch {
	case s.readOnly:
		return a.unchanged(s)
	case x.Rows:
		return a.rows(s)
	case x.MultiValued && x.Mutability == Immutable && a.Doc.Find(x) != 0:
		return a.frozen(s)
	case x.MultiValued:
		return a.multi(s)
	}
	return a.single(s)
}

// unchanged accepts a write to a readOnly attribute only if it writes what is there.
func (a *applier) unchanged(s *step) error {
	x := s.path.Attr
	if x == a.Doc.Type.ID {
		if s.value != 0 && a.frag.String(s.value) == a.ID {
			return nil
		}
	} else if cur := a.Doc.Find(x); cur != 0 && s.value != 0 && a.Doc.Equal(cur, a.frag, s.value) {
		return nil
	}
	return readOnlyError(s.path)
}

// frozen runs a step on an immutable multi-valued attribute that has values:
// whatever it is, it must change nothing.
func (a *applier) frozen(s *step) error {
	x := s.path.Attr
	before := a.Doc.Clone()
	if err := a.multi(s); err != nil {
		return err
	}
	if after := a.Doc.Find(x); after == 0 || !a.Doc.Equal(after, before, before.Find(x)) {
		return immutableError(x)
	}
	return nil
}

func immutableError(x *Attr) error {
	return Bad(Mutable, "%s is immutable and has a value: it cannot be changed or removed", x.Path)
}

func requiredError(x *Attr) error {
	return Bad(Mutable, "%s is required: it cannot be removed, only replaced", x.Path)
}

// fixed reports whether x, or a complex attribute around it, is immutable and assigned.
func (a *applier) fixed(x *Attr) bool {
	for ; x != nil; x = x.Parent {
		if x.Mutability == Immutable && a.Doc.Find(x) != 0 {
			return true
		}
	}
	return false
}

// single runs a step on a singular attribute, which may be complex or a container.
func (a *applier) single(s *step) error {
	x, doc := s.path.Attr, a.Doc
	parent, cur := doc.Find(x.Parent), doc.Find(x)
	switch {
	case s.clear:
		a.empty(cur)
		return nil
	case s.value == 0 || s.verb == verbRemove:
		return a.unassign(x, parent, cur)
	case cur != 0 && doc.Equal(cur, a.frag, s.value):
		return nil
	case a.fixed(x):
		return immutableError(x)
	case cur != 0 && x.Type == Complex && (s.verb == verbAdd || a.Dialect.MergeComplex):
		return a.merge(cur, a.frag, s.value, nil)
	}
	if cur != 0 {
		doc.Remove(parent, cur)
	}
	doc.Copy(doc.Ensure(x.Parent), a.frag, s.value)
	return nil
}

// unassign removes node cur of x, if there is one (PATCH-33, PATCH-38).
func (a *applier) unassign(x *Attr, parent, cur NodeID) error {
	switch {
	case x.Required:
		return requiredError(x)
	case cur == 0:
		return nil
	case a.fixed(x) || x.Type == Complex && a.pinned(cur):
		return immutableError(x)
	}
	a.Doc.Remove(parent, cur)
	return nil
}

// pinned reports whether the object n holds an immutable value at any depth
// short of elements, which may go as a whole.
func (a *applier) pinned(n NodeID) bool {
	for k := range a.Doc.Kids(n) {
		x := a.Doc.Attr(k)
		if x.Mutability == Immutable || a.Doc.Kind(k) == KindObject && a.pinned(k) {
			return true
		}
	}
	return false
}

// empty clears the object n for what replaces it. Immutable parts stay, so
// that writing them again is compared with what they are.
func (a *applier) empty(n NodeID) {
	for k := range a.Doc.Kids(n) {
		if sub := a.Doc.Attr(k); sub.Mutability != Immutable && !a.pinned(k) {
			a.Doc.Remove(n, k)
		}
	}
}

// merge writes the parts of object from of src into object n; those skip names
// stay as they are.
func (a *applier) merge(n NodeID, src *Doc, from NodeID, skip func(*Attr) bool) error {
	for k := range src.Kids(from) {
		sub := src.Attr(k)
		if skip != nil && skip(sub) {
			continue
		}
		if err := a.set(n, sub, src, k); err != nil {
			return err
		}
	}
	return nil
}

// set makes a copy of node v of src the value of sub in object n.
func (a *applier) set(n NodeID, sub *Attr, src *Doc, v NodeID) error {
	cur := a.Doc.Child(n, sub)
	if cur != 0 {
		if a.Doc.Equal(cur, src, v) {
			return nil
		}
		if sub.Mutability == Immutable {
			return immutableError(sub)
		}
		a.Doc.Remove(n, cur)
	}
	a.Doc.Copy(n, src, v)
	return nil
}
