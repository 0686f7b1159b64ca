package directory

import (
	"errors"

	"scimedge/scimcore"
)

// source is one type of a query: where its candidates come from, what asks the
// filter about them, and what hands them over. The callback is given the same
// resource each time, filled anew.
type source struct {
	Source
	n      int // place among the sources
	kind   *kind
	plan   access
	held   int // resources of the type
	weight int // how much it is to ask the filter about one resource
	m      *matching
	res    scimcore.Resource
	rows   rowReader
	each   scimcore.RowsFunc
}

func (l *listing) source(from Source, n int, k *kind, plan access) *source {
	s := &source{Source: from, n: n, kind: k, plan: plan, weight: weight(from.Filter), rows: rowReader{d: l.d, r: l.r, k: k}}
	if k.groups != nil {
		s.rows.up = climbs.Get().(*climb)
		s.rows.up.remembers = true
	}
	if k.hasRows() {
		s.each = s.rows.each
	}
	return s
}

// weight is how many looks it is to ask a filter about one resource: one with a
// hundred comparisons takes as long as several with one.
func weight(f *scimcore.Filter) int {
	if f == nil {
		return 1
	}
	return 1 + f.Clauses()/perLook
}

func (s *source) release() {
	if s.rows.up != nil {
		s.rows.up.release()
	}
}

// candidates calls meet with the candidates after an id. Where they are too many
// to be collected, every resource is one. all says that none can be left out: then
// it is refused at once, with errBudget, when they are certain to be too many.
func (s *source) candidates(l *listing, after ID, all bool, meet func(ID, []byte) error) error {
	if all && l.budget > 0 && s.plan.cost >= costScan && s.held*s.weight > l.budget {
		return errBudget
	}
	err := s.plan.each(l.r, after, meet)
	if errors.Is(err, errWide) {
		s.plan = scan(s.kind)
		return s.candidates(l, after, all, meet)
	}
	return err
}

// ask reads a candidate and puts the filter to it, unless being a candidate is
// enough.
func (l *listing) ask(s *source, id ID, value []byte) (rec record, ok bool, err error) {
	if s.plan.exact { // the filter is asked nothing
		err = l.alive()
	} else {
		err = l.look(s.weight)
	}
	if err != nil {
		return rec, false, err
	}
	if value == nil {
		// An index row without its resource is passed over; scimedge check reports it.
		if value, err = l.r.Get(resourceKey(s.kind.Name, id)); err != nil || value == nil {
			return rec, false, err
		}
	}
	rec, err = decodeRecord(value)
	if err != nil || s.plan.exact {
		return rec, err == nil, err
	}
	if s.m == nil {
		s.m = newMatching(l, s)
	}
	ok, err = s.m.match(id, &rec)
	return rec, ok, err
}

// give hands a match over.
func (l *listing) give(s *source, id ID, rec record) error {
	s.rows.at, s.rows.gen = id, rec.gen
	s.res = rec.resource(s.Type, id.String())
	s.res.Rows = s.each
	err := l.each(&s.res)
	if err != nil && !errors.Is(err, ErrEnough) {
		return err
	}
	l.given++
	// A page also ends with the resource whose members or groups take it beyond the
	// budget: a projection may read them all and show none.
	l.full = err != nil || l.given == l.q.Count || l.budget > 0 && s.rows.read > l.budget
	return nil
}
