package directory

import (
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

// List calls each with the resources of type t that q selects and its page
// holds, in the order of their creation, and returns how many match in all. It
// runs in one read transaction: what each is given is valid until it returns,
// and it must not wait for anything. 400 tooMany beyond the scan budget.
func (d *Directory) List(ctx context.Context, t *scimcore.Type, q Query, each func(*scimcore.Resource) error) (total int, err error) {
	k := d.kinds[t]
	start := max(q.StartIndex, 1)
	err = d.store.View(ctx, d.part, func(r kv.Reader) error {
		if err := d.current(r); err != nil {
			return err
		}
		l := &listing{ctx: ctx, d: d, k: k, r: r, filter: q.Filter, base: q.Base, first: start, last: start + q.Count - 1, each: each}
		p := d.plan(k, q.Filter)
		switch {
		case q.Filter == nil:
			total, err = l.all()
		case p.ids == nil:
			total, err = l.scan()
		default:
			total, err = l.candidates(p)
		}
		return err
	})
	return total, err
}

// listing is one query on its way through a snapshot.
type listing struct {
	ctx         context.Context
	d           *Directory
	k           *kind
	r           kv.Reader
	filter      *scimcore.Filter
	base        string
	first, last int // the page, as 1-based places among the matches
	each        func(*scimcore.Resource) error

	looked, matched int
	full            bool
	m               *matching
}

// all pages through every resource; the total is a kept count, and what lies
// before the page is skipped without reading it.
func (l *listing) all() (int, error) {
	v, err := l.r.Get(countKey(l.k.Name))
	if err != nil {
		return 0, err
	}
	c, err := decodeCounts(v)
	if err != nil || l.last < l.first {
		return int(c.total), err
	}
	if uint64(l.first) > c.total {
		return int(c.total), nil
	}
	prefix := resourcePrefix(l.k.Name)
	rest := kv.Prefix(prefix)
	if l.first > 1 {
		if rest.Lo, err = l.skip(rest, l.first-1); err != nil || rest.Lo == nil {
			return int(c.total), err
		}
	}
	for e, err := range l.r.Scan(rest) {
		if err != nil {
			return 0, err
		}
		if err := l.hit(ID(e.Key[len(prefix):]), e.Value); err != nil {
			return 0, err
		}
		if l.full || l.matched == l.last-l.first+1 {
			break
		}
	}
	return int(c.total), nil
}

// skip returns the key that n others of rg come before; nil when there is none.
func (l *listing) skip(rg kv.Range, n int) ([]byte, error) {
	for e, err := range l.r.Scan(keysOnly(rg)) {
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return append([]byte(nil), e.Key...), nil
		}
		n--
		if err := l.alive(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// hit hands over a resource that is known to match and to be in the page.
func (l *listing) hit(id ID, value []byte) error {
	rec, err := decodeRecord(value)
	if err != nil {
		return err
	}
	l.matched++
	return l.give(id, &rec)
}

func (l *listing) give(id ID, rec *record) error {
	if l.full {
		return nil
	}
	res := rec.resource(l.k.Type, id.String())
	res.Rows = l.d.rows(l.r, l.k, id, rec.gen)
	err := l.each(&res)
	if l.full = errors.Is(err, ErrEnough); l.full {
		return nil
	}
	return err
}

// scan reads every resource and asks the filter.
func (l *listing) scan() (int, error) {
	prefix := resourcePrefix(l.k.Name)
	for e, err := range l.r.Scan(kv.Prefix(prefix)) {
		if err != nil {
			return 0, err
		}
		if err := l.consider(ID(e.Key[len(prefix):]), e.Value); err != nil {
			return 0, err
		}
	}
	return l.matched, nil
}

// candidates asks the filter about the resources an index names.
func (l *listing) candidates(p plan) (int, error) {
	var failed error
	err := p.ids(l.r, func(id ID) bool {
		if p.whole && (l.matched+1 < l.first || l.matched >= l.last) {
			l.matched++ // counted, but not in the page: no need to read it
			failed = l.alive()
			return failed == nil
		}
		v, err := l.r.Get(resourceKey(l.k.Name, id))
		switch {
		case err != nil:
			failed = err
		case v == nil: // an index row without its resource; scimedge check reports it
		case p.whole:
			failed = l.hit(id, v)
		default:
			failed = l.consider(id, v)
		}
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	return l.matched, err
}

// consider matches one candidate and gives it away if it falls into the page.
func (l *listing) consider(id ID, value []byte) error {
	if err := l.look(); err != nil {
		return err
	}
	rec, err := decodeRecord(value)
	if err != nil {
		return err
	}
	if l.m == nil {
		l.m = newMatching(l)
	}
	ok, err := l.m.match(id, &rec)
	if err != nil || !ok {
		return err
	}
	l.matched++
	if l.matched < l.first || l.matched > l.last {
		return nil
	}
	return l.give(id, &rec)
}

// look counts one more resource or member that the filter is asked about, and
// ends a query that costs more than one may.
func (l *listing) look() error {
	if err := l.alive(); err != nil {
		return err
	}
	if b := l.d.opts.ScanBudget; b > 0 && l.looked > b {
		return scimcore.Bad(scimcore.TooMany,
			"the filter made the server look at more than %d resources and members; filter by an indexed attribute such as %s", b, l.k.searchHint())
	}
	return nil
}

// alive counts a candidate and now and then looks whether anyone still waits.
func (l *listing) alive() error {
	l.looked++
	if l.looked%cancelEvery == 0 {
		return l.ctx.Err()
	}
	return nil
}

func (k *kind) searchHint() string {
	if len(k.indexes) == 0 {
		return "id"
	}
	return k.indexes[0].name
}
