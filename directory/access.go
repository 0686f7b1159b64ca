package directory

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"time"

	"scimedge/kv"
	"scimedge/scimcore"
)

// access is one way to the resources of a type that may match a filter: every
// match is among its candidates.
type access struct {
	how   string              // for people: what is read,
	index string              // of which index,
	cond  *scimcore.Condition // and for which part of the filter
	// exact says that being a candidate is enough to match.
	exact bool
	// cost is about how many candidates there are, as far as it was counted:
	// beyond maxProbe it is a rank.
	cost int
	// each yields the candidates after an id, in the order of ids. value is nil
	// where the resource was not read on the way.
	each func(r kv.Reader, after ID, yield func(id ID, value []byte) error) error
	// gather is the same in any order, where each has to sort them first.
	gather func(r kv.Reader, after ID, add func(ID) error) error
	// passes is how often a whole index is read on the way.
	passes int
	// sample is the range of rows that lead to the candidates, where there is one,
	// for counting the first of them.
	sample *kv.Range
	// collects says that all candidates are found before the first is yielded, as
	// they come in another order; so there may be no more than the scan budget.
	collects bool
	// parts are what a union is made of.
	parts []access
}

// What is known of a cost without counting on, from little to all.
const (
	maxProbe  = 256 // rows counted to find out how many candidates a way has
	costEqual = maxProbe + iota
	costPrefix
	costRange
	costFlag    // one of two values: half of all
	costPresent // most of all
	costKeys    // every row of an index, which is short
	costScan    // every resource

	// maxPasses is how many times an index is read as a whole before it is better
	// to read every resource once.
	maxPasses = 4
)

// scan reads every resource of a type.
func scan(k *kind) access {
	prefix := resourcePrefix(k.Name)
	return access{how: "every resource of the type", cost: costScan, each: func(r kv.Reader, after ID, yield func(ID, []byte) error) error {
		rg := kv.Prefix(prefix)
		if after != (ID{}) {
			rg.Lo = append(resourceKey(k.Name, after), 0)
		}
		for e, err := range r.Scan(rg) {
			if err != nil {
				return err
			}
			if err := yield(ID(e.Key[len(prefix):]), e.Value); err != nil {
				return err
			}
		}
		return nil
	}}
}

// nothing is the way to what cannot be.
func nothing(why string) access {
	return access{how: "nothing", index: why, exact: true, each: func(kv.Reader, ID, func(ID, []byte) error) error { return nil }}
}

// lookupOf is a look-up of at most one resource.
func lookupOf(how, index string, find func(kv.Reader) (ID, bool, error)) access {
	return access{how: how, index: index, cost: 1, exact: true, each: func(r kv.Reader, after ID, yield func(ID, []byte) error) error {
		id, ok, err := find(r)
		if err != nil || !ok || bytes.Compare(id[:], after[:]) <= 0 {
			return err
		}
		return yield(id, nil)
	}}
}

// byID is the look-up of a resource by its id.
func byID(k *kind, id string) access {
	return lookupOf("the resource with this id", "", func(r kv.Reader) (ID, bool, error) {
		at, ok := ParseID(id)
		if !ok {
			return at, false, nil
		}
		v, err := r.Get(resourceKey(k.Name, at))
		return at, v != nil, err
	})
}

// byUnique is the look-up of a value that one resource at most has.
func byUnique(ix index, key []byte) access {
	return lookupOf("unique index", ix.name, func(r kv.Reader) (id ID, ok bool, err error) {
		v, err := r.Get(key)
		if err != nil || len(v) != len(id) {
			return id, false, err
		}
		return ID(v), true, nil
	})
}

// byEqual streams the resources with one value of an index: its rows end in ids.
func byEqual(ix index, prefix []byte) access {
	return access{how: "index", index: ix.name, cost: costEqual, exact: true, each: func(r kv.Reader, after ID, yield func(ID, []byte) error) error {
		rg := keysOnly(kv.Prefix(prefix))
		if after != (ID{}) {
			rg.Lo = append(append(bytes.Clone(prefix), after[:]...), 0)
		}
		for e, err := range r.Scan(rg) {
			if err != nil {
				return err
			}
			if err := yield(ID(e.Key[len(e.Key)-len(ID{}):]), nil); err != nil {
				return err
			}
		}
		return nil
	}}
}

// byRows collects the ids of the rows that pick chooses from a range of an index,
// since those come in the order of values.
func byRows(ix index, rg kv.Range, cost int, most int, pick func(key []byte) bool) access {
	rg.KeysOnly = !ix.unique
	return access{how: "index", index: ix.name, cost: cost, exact: true, collects: true}.gathering(most, func(r kv.Reader, _ ID, add func(ID) error) error {
		read := 0
		for e, err := range r.Scan(rg) {
			if err != nil {
				return err
			}
			if read++; most > 0 && read > most*perLook {
				return errWide
			}
			if pick != nil && !pick(e.Key) {
				continue
			}
			if id, ok := ix.idOf(e); ok {
				if err := add(id); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// idOf is the resource that a row of the index leads to.
func (ix index) idOf(e kv.Entry) (id ID, ok bool) {
	b := e.Value
	if !ix.unique {
		b = e.Key[len(e.Key)-len(id):]
	}
	if len(b) != len(id) {
		return id, false
	}
	return ID(b), true
}

// errWide says that a way leads to more candidates than may be collected.
var errWide = errors.New("directory: too many candidates to collect")

// gathering is a with a way that finds ids in any order, or several times; each
// yields them in order and once. It collects at most so many; 0 is no bound.
func (a access) gathering(most int, find func(r kv.Reader, after ID, add func(ID) error) error) access {
	a.gather = find
	a.each = func(r kv.Reader, after ID, yield func(ID, []byte) error) error {
		var ids []ID
		err := find(r, after, func(id ID) error {
			if most > 0 && len(ids) >= most {
				return errWide
			}
			if id.compare(after) > 0 {
				ids = append(ids, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
		slices.SortFunc(ids, ID.compare)
		for id := range distinct(ids) {
			if err := yield(id, nil); err != nil {
				return err
			}
		}
		return nil
	}
	return a
}

func distinct(sorted []ID) iter.Seq[ID] {
	return func(yield func(ID) bool) {
		for i, id := range sorted {
			if (i == 0 || id != sorted[i-1]) && !yield(id) {
				return
			}
		}
	}
}

// union is any of several ways.
func union(parts []access, most int) access {
	u := access{how: "any of", exact: true, collects: true, parts: parts}
	sum, rank := 0, 0
	for _, p := range parts {
		u.exact, u.passes = u.exact && p.exact, u.passes+p.passes
		if p.cost <= maxProbe {
			sum += p.cost
		}
		rank = max(rank, p.cost)
	}
	switch u.cost = sum; {
	case rank > maxProbe:
		u.cost = rank
	case sum > maxProbe:
		u.cost = costEqual
	}
	return u.gathering(most, func(r kv.Reader, after ID, add func(ID) error) error {
		for _, p := range parts {
			find := p.gather
			if find == nil {
				find = p.unread
			}
			if err := find(r, after, add); err != nil {
				return err
			}
		}
		return nil
	})
}

// unread is each without the resources read on the way.
func (a access) unread(r kv.Reader, after ID, add func(ID) error) error {
	return a.each(r, after, func(id ID, _ []byte) error { return add(id) })
}

// span is the range of an index that a comparison with text selects. whole says
// that the rows in it are just those that pass; a longer text is looked for by
// its beginning only (see indexable).
func (ix index) span(t *scimcore.Type, op scimcore.Op, text string) (rg kv.Range, whole bool) {
	all := kv.Prefix(ix.root(t))
	at := func(s string) kv.Key { return ix.root(t).Text(s) }
	if whole = len(text) <= keptText; !whole {
		text = text[:keptText]
		at = func(s string) kv.Key { return ix.root(t).TextPrefix(s) }
	}
	switch op {
	case scimcore.OpSw:
		return kv.Prefix(ix.root(t).TextPrefix(text)), whole
	case scimcore.OpGe:
		all.Lo = at(text)
	case scimcore.OpGt:
		if all.Lo = at(text); whole {
			all.Lo = kv.PrefixEnd(all.Lo)
		}
	case scimcore.OpLe:
		all.Hi = kv.PrefixEnd(at(text))
	case scimcore.OpLt:
		if all.Hi = at(text); !whole {
			all.Hi = kv.PrefixEnd(all.Hi)
		}
	case scimcore.OpPr:
		all.Lo = kv.PrefixEnd(at("")) // an empty text is no value
	}
	return all, whole
}

// modifiedSpan is the range of meta.lastModified, whose rows hold milliseconds,
// that a comparison selects. It is always just those that pass: what clients see
// of the time is milliseconds as well.
func modifiedSpan(t *scimcore.Type, op scimcore.Op, text string) (kv.Range, bool) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return kv.Range{}, false
	}
	root := key(rowIndex).Text(t.Name).Text(lastModified)
	ms := max(at.UnixMilli(), 0)
	down, up := uint64(ms), uint64(ms) // the next millisecond at or before, at or after
	if at.Nanosecond()%int(time.Millisecond) != 0 {
		up++
	}
	if at.UnixMilli() < 0 {
		down, up = 0, 0
	}
	from := func(n uint64) kv.Key { return bytes.Clone(root.Uint64(n)) }
	rg := kv.Prefix(root)
	switch op {
	case scimcore.OpEq:
		rg.Lo, rg.Hi = from(up), from(down+1)
	case scimcore.OpGe:
		rg.Lo = from(up)
	case scimcore.OpGt:
		rg.Lo = from(down + 1)
	case scimcore.OpLe:
		rg.Hi = from(down + 1)
	case scimcore.OpLt:
		rg.Hi = from(up)
	case scimcore.OpPr:
	default:
		return rg, false
	}
	return rg, true
}
