package scimcore

import "fmt"

// rows runs a step on an attribute kept as rows. It asks and changes the Set
// piece by piece, so that one member of a hundred thousand costs as much as one
// of ten.
func (a *applier) rows(s *step) error {
	x := s.path.Attr
	if a.Sets == nil {
		return fmt.Errorf("scimcore: a patch of %s needs Target.Sets", x.Path)
	}
	set, err := a.Sets(x)
	if err != nil {
		return err
	}
	if s.path.Filter != nil || s.path.Sub != nil {
		return a.chosenRows(s, set)
	}
	switch {
	case s.listed:
		_, err = set.Remove(a.rowTexts(s.value))
	case s.value == 0 && s.verb == verbAdd:
	case s.verb == verbAdd:
		_, err = set.Add(a.members(x, s.value))
	case s.value == 0 && x.Required:
		err = requiredError(x)
	default:
		_, err = set.Replace(a.members(x, s.value))
	}
	return err
}

// chosenRows runs a step with a filter or a sub-attribute. Rows come and go
// whole: their parts are immutable (RES-14).
func (a *applier) chosenRows(s *step, set Set) error {
	x := s.path.Attr
	if s.path.Sub == nil && (s.verb == verbRemove || s.value == 0) {
		values, pure := s.path.Filter.rowValues()
		if !pure {
			var err error
			if values, err = a.matchingRows(set, s.path.Filter); err != nil {
				return err
			}
		}
		if len(values) == 0 {
			return nil
		}
		_, err := set.Remove(values)
		return err
	}
	if s.path.Filter == nil || s.verb == verbRemove || s.value == 0 {
		return rowsFixed(s)
	}
	matched, differs := false, false
	err := a.eachRow(set, s.path.Filter, func(r Row) bool {
		if s.path.Filter.matchRow(r) {
			matched, differs = true, !a.sameRow(s, &r)
		}
		return !differs
	})
	switch {
	case err != nil:
		return err
	case differs:
		return rowsFixed(s)
	case matched:
		return nil
	}
	return a.createRow(s, set, x)
}

func rowsFixed(s *step) error {
	return Bad(Mutable, "the parts of %s do not change: remove the element and add another", s.path.Attr.Path)
}

// sameRow reports whether r already says what s would write.
func (a *applier) sameRow(s *step, r *Row) bool {
	same := func(sub *Attr, n NodeID) bool {
		text := a.frag.String(n)
		if sub.Type == Reference { // whatever the host and version in front, the resource is what counts (HTTP-05)
			_, id := splitRef([]byte(text))
			return string(id) == r.Value
		}
		return IndexText(sub, r.field(sub)) == IndexText(sub, text)
	}
	if s.path.Sub != nil {
		return same(s.path.Sub, s.value)
	}
	for k := range a.frag.Kids(s.value) {
		if !same(a.frag.Attr(k), k) {
			return false
		}
	}
	return true
}

// eachRow reads the rows of set for the filter f until yield returns false, or
// more than a patch may look at would have to be read.
func (a *applier) eachRow(set Set, f *Filter, yield func(Row) bool) error {
	clauses := f.Clauses()
	var tooMany error
	err := set.Each(func(r Row) bool {
		tooMany = a.look(clauses, "name members by value eq \"id\", which costs nothing")
		return tooMany == nil && yield(r)
	})
	if err == nil {
		err = tooMany
	}
	return err
}

func (a *applier) matchingRows(set Set, f *Filter) (values []string, err error) {
	err = a.eachRow(set, f, func(r Row) bool {
		if f.matchRow(r) {
			values = append(values, r.Value)
		}
		return true
	})
	return values, err
}

// createRow adds the row that members[value eq "x"] and the value describe.
func (a *applier) createRow(s *step, set Set, x *Attr) error {
	noTarget := Bad(NoTarget, "no element of %s matches: add it to %s", x.Path, x.Path)
	terms, pure := s.path.Filter.equalities()
	if !pure || s.verb != verbAdd {
		return noTarget
	}
	var m Member
	for _, t := range terms {
		m.put(t.attr, t.lit.text)
	}
	if s.path.Sub != nil {
		m.put(s.path.Sub, a.frag.String(s.value))
	} else {
		for k := range a.frag.Kids(s.value) {
			m.put(a.frag.Attr(k), a.frag.String(k))
		}
	}
	if m.Value == "" || !s.path.Filter.matchRow(Row{Value: m.Value, Kind: m.Type, Display: m.Display}) {
		return noTarget
	}
	_, err := set.Add([]Member{m})
	return err
}

func (m *Member) put(a *Attr, text string) {
	switch a.Name {
	case "value":
		m.Value = text
	case "type":
		m.Type = text
	case "display":
		m.Display = text
	case "$ref":
		m.Ref = text
	}
}

// members reads the elements of array arr of the fragment as rows; none for 0.
func (a *applier) members(x *Attr, arr NodeID) []Member {
	if arr == 0 {
		return nil
	}
	ms := make([]Member, 0, a.frag.Count(arr))
	for n := range a.frag.Kids(arr) {
		var m Member
		for k := range a.frag.Kids(n) {
			m.put(a.frag.Attr(k), a.frag.String(k))
		}
		ms = append(ms, m)
	}
	return ms
}

// rowTexts lists the values of the elements of array arr of the fragment.
func (a *applier) rowTexts(arr NodeID) []string {
	values := make([]string, 0, a.frag.Count(arr))
	for n := range a.frag.Kids(arr) {
		values = append(values, a.frag.String(a.frag.Child(n, a.frag.Attr(n).Sub("value"))))
	}
	return values
}
