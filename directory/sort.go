package directory

import (
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"slices"

	"scimedge/scimcore"
)

// sorted finds the page of a sorted query: by walking an index that has the
// order, or else by reading all matches and keeping the first of them.
func (l *listing) sorted() error {
	if l.kept >= 0 && l.q.After == nil && l.q.StartIndex > l.kept {
		return nil // beyond the last
	}
	was, err := l.valuesThen()
	if err != nil {
		return err
	}
	ix, ordered := l.orderIndex()
	if ordered && l.from[0].plan.cost >= costScan {
		return l.walkIndex(ix, was)
	}
	err = l.collected(was)
	if errors.Is(err, errBudget) && ordered { // the filter's own index finds too many
		l.looked, l.matched, l.from[0].plan = 0, 0, scan(l.from[0].kind)
		return l.walkIndex(ix, was)
	}
	if errors.Is(err, errBudget) {
		return scimcore.Bad(scimcore.TooMany,
			"sorting made the server look at more than %d resources and members. Page with a cursor and sort by an attribute whose index has the order, such as userName or meta.lastModified, narrow the filter, or leave the sort out",
			l.budget)
	}
	return err
}

// collected pages by reading all matches; errBudget if they are too many.
func (l *listing) collected(was values) error {
	top := topMatches{desc: l.descending(), most: l.q.StartIndex + l.q.Count} // one more than the page holds
	if l.q.After != nil {
		top.most = l.q.Count + 1
	}
	for _, s := range l.from {
		if err := l.collect(s, &top, was); err != nil {
			return err
		}
	}
	return l.handOver(top.inOrder())
}

func (l *listing) descending() bool { return l.from[0].Order.Descending }

// collect puts the matches of a source behind the start of the page into top.
func (l *listing) collect(s *source, top *topMatches, was values) error {
	return s.candidates(l, ID{}, true, func(id ID, value []byte) error {
		rec, ok, err := l.ask(s, id, value)
		if err != nil || !ok {
			return err
		}
		if s.plan.exact { // the filter was asked nothing, and yet all are read for their order
			if err := l.look(1); err != nil {
				return err
			}
		}
		l.matched++
		at := Position{Key: s.sortKey(top.scratch[:0], id, &rec, was), ID: id}
		top.scratch = at.Key
		if a := l.q.After; a == nil || inOrderOf(top.desc, &at, a) > 0 {
			top.offer(s, at)
		}
		return nil
	})
}

// handOver gives the page away out of the matches from its start on.
func (l *listing) handOver(found []ranked) error {
	l.counting = true // every match was met
	if l.q.After == nil {
		found = found[min(l.q.StartIndex-1, len(found)):]
	}
	for i := range found {
		if l.full {
			l.more = l.q.Count > 0
			return nil
		}
		f := &found[i]
		v, err := l.r.Get(resourceKey(f.s.kind.Name, f.ID))
		if err != nil {
			return err
		}
		rec, err := decodeRecord(v)
		if err != nil {
			return err
		}
		l.passed(f.s, f.Position)
		if err := l.give(f.s, f.ID, rec); err != nil {
			return err
		}
	}
	return nil
}

// inOrderOf compares two places in the order of the query. A descending order is
// the ascending one turned round, ties included.
func inOrderOf(desc bool, a, b *Position) int {
	if desc {
		a, b = b, a
	}
	return a.compare(b)
}

// sortKey writes the key of a resource in the order of its source: the value it
// had when the walk began, if that was another.
func (s *source) sortKey(dst []byte, id ID, rec *record, was values) []byte {
	if key, changed := was[id]; changed {
		return append(dst, key...)
	}
	t, a := s.Type, s.Order.By
	switch {
	case a == nil:
		return append(dst, scimcore.SortUnassigned)
	case a == t.ID:
		return append(append(dst, scimcore.SortAssigned), id[:]...)
	case a.Parent != t.Meta:
		return shortKey(scimcore.AppendSortKey(dst, a, rec.json))
	}
	dst = append(dst, scimcore.SortAssigned)
	switch a.Name {
	case "created":
		return binary.BigEndian.AppendUint64(dst, uint64(rec.created))
	case "lastModified":
		return binary.BigEndian.AppendUint64(dst, uint64(rec.modified))
	case "version":
		return binary.BigEndian.AppendUint64(dst, rec.version)
	case "location":
		return append(append(dst, t.Endpoint...), id.String()...)
	}
	return append(dst, t.Name...) // resourceType
}

// shortKey cuts a key to what an index holds of the value, so that both orders
// are the same and a cursor stays short.
func shortKey(key []byte) []byte {
	if len(key) <= 1+maxIndexed {
		return key
	}
	return append(key[:1], indexable(string(key[1:]))...)
}

// ranked is a match and its place.
type ranked struct {
	Position
	s *source
}

// topMatches keeps the first matches of an order, however many are offered: a
// heap with the last of them on top.
type topMatches struct {
	desc    bool
	most    int
	heap    []ranked
	scratch []byte
}

func (t *topMatches) offer(s *source, at Position) {
	full := len(t.heap) == t.most
	if full && inOrderOf(t.desc, &at, &t.heap[0].Position) >= 0 {
		return
	}
	at.Key = bytes.Clone(at.Key)
	if !full {
		heap.Push(t, ranked{at, s})
		return
	}
	t.heap[0] = ranked{at, s}
	heap.Fix(t, 0)
}

func (t *topMatches) inOrder() []ranked {
	slices.SortFunc(t.heap, func(a, b ranked) int { return inOrderOf(t.desc, &a.Position, &b.Position) })
	return t.heap
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (t *topMatches) Len() int { return len(t.heap) }
func (t *topMatches) Less(i, j int) bool {
	return inOrderOf(t.desc, &t.heap[i].Position, &t.heap[j].Position) > 0
}
func (t *topMatches) Swap(i, j int) { t.heap[i], t.heap[j] = t.heap[j], t.heap[i] }
func (t *topMatches) Push(x any)    { t.heap = append(t.heap, x.(ranked)) }
func (t *topMatches) Pop() any {
	last := t.heap[len(t.heap)-1]
	t.heap = t.heap[:len(t.heap)-1]
	return last
}
