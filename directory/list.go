package directory

import (
	"bytes"
	"context"
	"errors"

	"scimedge/kv"
	"scimedge/scimcore"
)

// ErrEnough is what the callback of [Directory.List] returns, with the resource
// taken, when the page has no room for another. The rest is only counted.
var ErrEnough = errors.New("directory: the page is full")

// List calls each with the resources that q selects and its page holds, in
// order, and tells what it found. It runs in one read transaction: what each is
// given is valid until it returns, and it must not wait for anything. 400 tooMany
// beyond the scan budget, unless q.Total allows a short page.
func (d *Directory) List(ctx context.Context, q Query, each func(*scimcore.Resource) error) (page Page, err error) {
	q.StartIndex = max(q.StartIndex, 1)
	err = d.store.View(ctx, d.part, func(r kv.Reader) error {
		if err := d.current(r); err != nil {
			return err
		}
		l := &listing{d: d, r: r, q: q, each: each, spending: spending{ctx: ctx, budget: d.opts.ScanBudget}}
		defer func() {
			for _, s := range l.from {
				s.release()
			}
		}()
		if err := l.prepare(); err != nil {
			return err
		}
		if l.q.Sources[0].Order.Sorted && l.q.Count > 0 {
			err = l.sorted()
		} else {
			err = l.inCreation()
		}
		page = l.page()
		return err
	})
	return page, err
}

// listing is one query on its way through a snapshot.
type listing struct {
	d    *Directory
	r    kv.Reader
	q    Query
	each func(*scimcore.Resource) error
	from []*source

	kept     int  // the total, if it is known beforehand; else -1
	counting bool // every match has to be met, for the total
	spending
	matched int
	given   int
	full    bool // the page takes no more
	more    bool // a match after the page was met
	short   bool // the page ended at the budget
	came    bool // some candidate was passed, so that a short page gets on
	next    Position
	began   kv.Seq
}

// prepare plans every source and finds out what is known of the total.
func (l *listing) prepare() error {
	l.kept, l.full = 0, l.q.Count == 0
	for i, from := range l.q.Sources {
		k := l.d.kinds[from.Type]
		plan, err := l.d.plan(l.r, k, from.Filter)
		if err != nil {
			return err
		}
		s := l.source(from, i, k, plan)
		if s.held, err = l.d.countOf(l.r, k); err != nil {
			return err
		}
		l.from = append(l.from, s)
		if from.Filter != nil || l.kept < 0 {
			l.kept = -1
			continue
		}
		l.kept += s.held
	}
	if l.kept < 0 && l.q.KnownAt != 0 && l.q.KnownAt == l.r.Seq() {
		l.kept = l.q.Known
	}
	l.counting = l.kept < 0 && (l.q.Total == TotalCounted || l.q.Count == 0)
	if l.began = l.r.Seq(); l.q.After != nil {
		l.began = l.q.After.Began
	}
	return nil
}

// countOf is the kept number of resources of a type.
func (d *Directory) countOf(r kv.Reader, k *kind) (int, error) {
	v, err := r.Get(countKey(k.Name))
	if err != nil {
		return 0, err
	}
	c, err := decodeCounts(v)
	return int(c.total), err
}

func (l *listing) page() Page {
	p := Page{Total: l.kept, Count: l.given, More: l.more || l.short, Next: l.next, Seq: l.r.Seq()}
	if l.counting {
		p.Total = l.matched
	}
	if p.Total >= 0 && l.q.After != nil && l.q.Total != TotalCheap && l.given > 0 {
		seen := l.q.StartIndex - 1 + l.given
		if l.more {
			seen++
		}
		p.Total = max(p.Total, seen)
	}
	return p
}

// errStop ends a run through candidates that nothing more is wanted of.
var errStop = errors.New("directory: enough candidates")

// inCreation pages through the sources in the order of creation.
func (l *listing) inCreation() error {
	if l.full && !l.counting {
		return nil
	}
	for _, s := range l.from {
		var after ID
		if a := l.q.After; a != nil && !l.counting {
			if s.n < a.Source {
				continue
			}
			if s.n == a.Source {
				after = a.ID
			}
		}
		if s.Filter == nil && !l.counting && l.q.After == nil && l.matched+1 < l.q.StartIndex {
			skipped, err := l.skip(s, &after)
			if err != nil {
				return err
			}
			if skipped {
				continue
			}
		}
		if err := l.through(s, after); err == errStop {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// through meets the candidates of a source.
func (l *listing) through(s *source, after ID) error {
	err := s.candidates(l, after, l.counting, func(id ID, value []byte) error {
		return l.meet(s, Position{ID: id}, value)
	})
	if errors.Is(err, errBudget) {
		return l.tooMany(s)
	}
	return err
}

// skip passes over what lies before the page, without reading it. whole says
// that all of the source does.
func (l *listing) skip(s *source, after *ID) (whole bool, err error) {
	if l.matched+s.held < l.q.StartIndex {
		l.matched += s.held
		return true, nil
	}
	prefix := resourcePrefix(s.kind.Name)
	for e, err := range l.r.Scan(keysOnly(kv.Prefix(prefix))) {
		if err != nil {
			return false, err
		}
		if l.matched++; l.matched+1 == l.q.StartIndex {
			*after = ID(e.Key[len(prefix):])
			return false, nil
		}
		if err := l.alive(); err != nil {
			return false, err
		}
	}
	return true, nil
}

// meet asks about one candidate, counts it if it matches and hands it over if
// it falls into the page. value is nil where it was not read yet.
func (l *listing) meet(s *source, at Position, value []byte) error {
	wanted := l.reaches(s, &at)
	giving := wanted && !l.full
	switch {
	case !wanted && l.q.After != nil && !l.counting: // it was met on a page before
		return l.alive()
	case s.plan.exact && !giving:
		if err := l.alive(); err != nil {
			return err
		}
		return l.match(wanted)
	}
	rec, ok, err := l.ask(s, at.ID, value)
	switch {
	case errors.Is(err, errBudget):
		return l.atBudget(s)
	case err != nil:
		return err
	case ok && !giving:
		return l.match(wanted)
	}
	l.passed(s, at)
	if !ok {
		return nil
	}
	l.matched++
	return l.give(s, at.ID, rec)
}

// passed remembers how far the page has come.
func (l *listing) passed(s *source, at Position) {
	if l.came = true; !l.full {
		l.next = Position{Began: l.began, Source: s.n, Key: bytes.Clone(at.Key), ID: at.ID}
	}
}

// match counts a match that is not handed over.
func (l *listing) match(wanted bool) error {
	l.matched++
	if !wanted || l.q.Count == 0 {
		return nil
	}
	l.more = true
	if !l.counting {
		return errStop
	}
	return nil
}

// reaches reports whether a match here would be behind the start of the page.
func (l *listing) reaches(s *source, at *Position) bool {
	a := l.q.After
	switch {
	case a == nil:
		return l.matched+1 >= l.q.StartIndex
	case s.Order.Sorted:
		return inOrderOf(l.descending(), at, a) > 0
	case s.n != a.Source:
		return s.n > a.Source
	}
	return at.ID.compare(a.ID) > 0
}
