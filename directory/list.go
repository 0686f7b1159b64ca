package directory

import (
	"bytes"
	"context"
	"errors"

	"scimedge/kv"
	"scimedge/scimcore"
)

// cancelEvery is how many candidates a query looks at between two glances at
// its context.
const cancelEvery = 256

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
		l := &listing{ctx: ctx, d: d, r: r, q: q, each: each}
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
	ctx  context.Context
	d    *Directory
	r    kv.Reader
	q    Query
	each func(*scimcore.Resource) error
	from []*source

	kept     int  // the total, if it is known beforehand; else -1
	counting bool // every match has to be met, for the total
	looked   int  // resources and members so far, for the budget
	matched  int
	given    int
	full     bool // the page takes no more
	more     bool // a match after the page was met
	short    bool // the page ended at the budget
	came     bool // some candidate was passed, so that a short page gets on
	next     Position
	began    kv.Seq
}

// source is one type of a query: where its candidates come from, and what asks
// the filter about them.
type source struct {
	Source
	n    int // place among the sources
	kind *kind
	plan access
	m    *matching
}

// prepare plans every source and finds out what is known of the total.
func (l *listing) prepare() error {
	l.kept, l.full = 0, l.q.Count == 0
	for i, s := range l.q.Sources {
		k := l.d.kinds[s.Type]
		plan, err := l.d.plan(l.r, k, s.Filter)
		if err != nil {
			return err
		}
		l.from = append(l.from, &source{Source: s, n: i, kind: k, plan: plan})
		if s.Filter != nil || l.kept < 0 {
			l.kept = -1
			continue
		}
		n, err := l.d.countOf(l.r, k)
		if err != nil {
			return err
		}
		l.kept += n
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

// through meets the candidates of a source. Where they are too many to be
// collected and a short page will do, they are met by reading every resource.
func (l *listing) through(s *source, after ID) error {
	meet := func(id ID, value []byte) error { return l.meet(s, id, value) }
	err := s.plan.each(l.r, after, meet)
	if errors.Is(err, errWide) {
		if l.q.Total != TotalCheap {
			return l.tooMany(s)
		}
		s.plan = scan(s.kind)
		err = s.plan.each(l.r, after, meet)
	}
	return err
}

// skip passes over what lies before the page, without reading it. whole says
// that all of the source does.
func (l *listing) skip(s *source, after *ID) (whole bool, err error) {
	n, err := l.d.countOf(l.r, s.kind)
	if err != nil {
		return false, err
	}
	if l.matched+n < l.q.StartIndex {
		l.matched += n
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
func (l *listing) meet(s *source, id ID, value []byte) error {
	wanted := l.reaches(s, id)
	giving := wanted && !l.full
	if s.plan.exact && !giving {
		if err := l.alive(); err != nil {
			return err
		}
		return l.match(s, id, wanted)
	}
	rec, ok, err := l.ask(s, id, value)
	switch {
	case errors.Is(err, errBudget) && l.q.Total == TotalCheap && l.came:
		l.short = true
		return errStop
	case errors.Is(err, errBudget):
		return l.tooMany(s)
	case err != nil || !ok:
		l.passed(s, id)
		return err
	case !giving:
		return l.match(s, id, wanted)
	}
	l.matched++
	l.passed(s, id)
	return l.give(s, id, rec)
}

// passed remembers how far a page without a total has come.
func (l *listing) passed(s *source, id ID) {
	if l.came = true; !l.full {
		l.next = Position{Began: l.began, Source: s.n, ID: id}
	}
}

// match counts a match that is not handed over.
func (l *listing) match(s *source, id ID, wanted bool) error {
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
func (l *listing) reaches(s *source, id ID) bool {
	a := l.q.After
	switch {
	case a == nil:
		return l.matched+1 >= l.q.StartIndex
	case s.n != a.Source:
		return s.n > a.Source
	}
	return bytes.Compare(id[:], a.ID[:]) > 0
}

// ask reads a candidate and puts the filter to it, unless being a candidate is
// enough.
func (l *listing) ask(s *source, id ID, value []byte) (rec *record, ok bool, err error) {
	count := l.look
	if s.plan.exact {
		count = l.alive // the filter is asked nothing
	}
	if err := count(); err != nil {
		return nil, false, err
	}
	if value == nil {
		// An index row without its resource is passed over; scimedge check reports it.
		if value, err = l.r.Get(resourceKey(s.kind.Name, id)); err != nil || value == nil {
			return nil, false, err
		}
	}
	got, err := decodeRecord(value)
	if err != nil || s.plan.exact {
		return &got, err == nil, err
	}
	if s.m == nil {
		s.m = newMatching(l, s)
	}
	ok, err = s.m.match(id, &got)
	return &got, ok, err
}

// give hands a match over.
func (l *listing) give(s *source, id ID, rec *record) error {
	res := rec.resource(s.Type, id.String())
	res.Rows = l.d.rows(l.r, s.kind, id, rec.gen)
	err := l.each(&res)
	if err != nil && !errors.Is(err, ErrEnough) {
		return err
	}
	l.given++
	l.full = err != nil || l.given == l.q.Count
	return nil
}

// errBudget says that the query has looked at as much as one may.
var errBudget = errors.New("directory: scan budget spent")

// look counts one more resource or member that the filter is asked about.
func (l *listing) look() error {
	if err := l.alive(); err != nil {
		return err
	}
	if l.spent() {
		return errBudget
	}
	return nil
}

// spent reports whether the query has looked at as much as one may.
func (l *listing) spent() bool {
	b := l.d.opts.ScanBudget
	return b > 0 && l.looked > b
}

// alive counts a candidate and now and then looks whether anyone still waits.
func (l *listing) alive() error {
	l.looked++
	if l.looked%cancelEvery == 0 {
		return l.ctx.Err()
	}
	return nil
}

// tooMany refuses a query beyond its budget, and says how to ask instead.
func (l *listing) tooMany(s *source) error {
	return scimcore.Bad(scimcore.TooMany,
		"the query made the server look at more than %d resources and members. Page with a cursor instead (cursor= and count), or narrow the filter by an equality on an indexed attribute, such as %s. An attribute of the tenant's own is indexed when its schema file says \"filterable\"",
		l.d.opts.ScanBudget, s.kind.searchHint())
}

func (k *kind) searchHint() string {
	if len(k.indexes) == 0 {
		return "id"
	}
	return k.indexes[0].name
}
