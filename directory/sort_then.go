package directory

import (
	"encoding/binary"

	"github.com/go-json-experiment/json/jsontext"

	"scimedge/kv"
	"scimedge/scimcore"
)

// values are the sort keys that resources had when a walk began, of those whose
// value changed since. Through them the order of a walk stands still: a user
// renamed from Zoe to Ada between two pages is neither missed nor seen twice.
type values map[ID][]byte

// errPast says that too much has changed since a walk by cursor began.
var errPast = scimcore.Bad(scimcore.ExpiredCursor, "Too much has changed since this walk through the list began. Start again without a cursor.")

// valuesThen reads from the change log what the walk needs to know of the past:
// nothing on a first page, and nothing where nobody wrote meanwhile.
func (l *listing) valuesThen() (values, error) {
	if l.q.After == nil || l.began == 0 || l.began >= l.r.Seq() {
		return nil, nil
	}
	was, past := values{}, spending{ctx: l.ctx, budget: l.budget}
	log := kv.Prefix(key(rowChange))
	log.Lo = changeKey(l.began+1, 0)
	for e, err := range l.r.Scan(log) {
		if err != nil {
			return nil, err
		}
		switch err := past.look(1); {
		case err == errBudget && l.q.Total == TotalCheap:
			return nil, errPast
		case err == errBudget:
			l.q.After, l.began = nil, l.r.Seq() // nobody sent a cursor: what is asked for is a place, and it gets that
			return nil, nil
		case err != nil:
			return nil, err
		}
		if !updates(e.Value) {
			continue
		}
		ch, err := decodeChange(e)
		if err != nil {
			return nil, err
		}
		id, ok := ParseID(ch.ID)
		if _, known := was[id]; !ok || known {
			continue
		}
		for _, s := range l.from {
			if s.Type.Name != ch.Type {
				continue
			}
			if key := s.keyBefore(&ch); key != nil {
				was[id] = key
			}
		}
	}
	return was, nil
}

// keyBefore is the sort key of a resource before a change; nil if the change left
// the value as it was.
func (s *source) keyBefore(ch *Change) []byte {
	t, a := s.Type, s.Order.By
	switch {
	case a == nil || a == t.ID:
		return nil
	case a == t.Meta.Sub("lastModified"):
		return binary.BigEndian.AppendUint64([]byte{scimcore.SortAssigned}, uint64(ch.Was))
	case a == t.Meta.Sub("version"):
		return binary.BigEndian.AppendUint64([]byte{scimcore.SortAssigned}, ch.WasVersion)
	case a.Parent == t.Meta:
		return nil // the rest of meta never changes
	}
	top := a
	for top.Parent != t.Root && !top.Parent.Container {
		top = top.Parent
	}
	for _, c := range ch.Attributes {
		if c.Name == top.Path {
			return shortKey(scimcore.AppendSortKey(nil, a, storedAs(top, c.Before)))
		}
	}
	return nil
}

// storedAs is what a resource's stored bytes look like that holds just this value.
func storedAs(a *scimcore.Attr, value jsontext.Value) []byte {
	if len(value) == 0 {
		return []byte("{}")
	}
	b := append(append([]byte(`{"`), a.Name...), `":`...)
	b = append(append(b, value...), '}')
	if a.Parent.Container {
		b = append(append([]byte(`{"`), a.Parent.Name...), append([]byte(`":`), append(b, '}')...)...)
	}
	return b
}
