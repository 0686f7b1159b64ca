package directory

import (
	"scimedge/kv"
	"scimedge/scimcore"
)

// plan is how the candidates of a query are found: every match is among them,
// in the order of their ids, which is that of their creation.
type plan struct {
	rank int // lower is fewer candidates
	name string
	// ids yields the candidates; nil means every resource of the type.
	ids func(r kv.Reader, yield func(ID) bool) error
	// whole says that being a candidate is enough to match.
	whole bool
}

// Ranks, from a look-up of one key to reading everything.
const (
	rankID = iota
	rankUnique
	rankMember
	rankIndex
	rankGroup
	rankFlag
	rankScan
)

// plan picks the access with the fewest candidates among the filter's conjuncts.
func (d *Directory) plan(k *kind, f *scimcore.Filter) plan {
	best := plan{rank: rankScan, name: "scan", whole: f == nil}
	if f == nil {
		return best
	}
	conds := f.Conjuncts()
	for _, c := range conds {
		if c.Op != scimcore.OpEq {
			continue
		}
		if p, ok := d.access(k, c); ok && p.rank < best.rank {
			best = p
		}
	}
	best.whole = best.ids != nil && len(conds) == 1 && f.Exact()
	return best
}

// access is the way to the resources that meet one equality, if there is one.
func (d *Directory) access(k *kind, c scimcore.Condition) (plan, bool) {
	switch {
	case c.Attr == k.ID:
		return plan{rank: rankID, name: "id", ids: byID(k, c.Raw)}, true
	case k.members != nil && isValueOf(c.Attr, k.members):
		return plan{rank: rankMember, name: "members of", ids: d.byMember(k, c.Raw)}, true
	case k.groups != nil && isValueOf(c.Attr, k.groups):
		return plan{rank: rankGroup, name: "groups of", ids: d.byGroup(k, c.Raw)}, true
	}
	for _, ix := range k.indexes {
		if ix.attr != c.Attr {
			continue
		}
		switch {
		case ix.unique:
			return plan{rank: rankUnique, name: ix.name, ids: byUnique(ix.lookup(k.Type, c.Value))}, true
		case c.Attr.Type == scimcore.Boolean:
			return plan{rank: rankFlag, name: ix.name, ids: byIndex(ix.lookup(k.Type, c.Value))}, true
		}
		return plan{rank: rankIndex, name: ix.name, ids: byIndex(ix.lookup(k.Type, c.Value))}, true
	}
	return plan{}, false
}

func isValueOf(a, rows *scimcore.Attr) bool {
	return a == rows || a.Parent == rows && a.Name == "value"
}

func byID(k *kind, id string) func(kv.Reader, func(ID) bool) error {
	return func(r kv.Reader, yield func(ID) bool) error {
		at, ok := ParseID(id)
		if !ok {
			return nil
		}
		v, err := r.Get(resourceKey(k.Name, at))
		if err == nil && v != nil {
			yield(at)
		}
		return err
	}
}

func byUnique(key []byte) func(kv.Reader, func(ID) bool) error {
	return func(r kv.Reader, yield func(ID) bool) error {
		v, err := r.Get(key)
		if err == nil && len(v) == len(ID{}) {
			yield(ID(v))
		}
		return err
	}
}

func byIndex(prefix []byte) func(kv.Reader, func(ID) bool) error {
	return func(r kv.Reader, yield func(ID) bool) error {
		for e, err := range r.Scan(keysOnly(kv.Prefix(prefix))) {
			if err != nil {
				return err
			}
			if !yield(ID(e.Key[len(e.Key)-len(ID{}):])) {
				return nil
			}
		}
		return nil
	}
}

// byMember finds the groups that list a member.
func (d *Directory) byMember(k *kind, value string) func(kv.Reader, func(ID) bool) error {
	return func(r kv.Reader, yield func(ID) bool) error {
		to := parseRef(value)
		if dead, err := r.Get(deadKey(to)); err != nil || dead != nil {
			return err
		}
		return d.eachGroup(r, to, func(row scimcore.Row) bool {
			id, ok := ParseID(row.Value)
			return !ok || row.Endpoint != k.Endpoint || yield(id)
		})
	}
}

// byGroup finds the resources of type k that are in a group, directly or by way
// of other groups.
func (d *Directory) byGroup(k *kind, group string) func(kv.Reader, func(ID) bool) error {
	return func(r kv.Reader, yield func(ID) bool) error {
		id, ok := ParseID(group)
		if !ok {
			return nil
		}
		return d.within(r, k, id, yield)
	}
}
