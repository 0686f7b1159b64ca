package directory

import (
	"bytes"

	"scimedge/kv"
	"scimedge/scimcore"
)

// plan finds the way to the matches of f with the fewest candidates. It knows no
// statistics: it counts a few rows of each way that could serve.
func (d *Directory) plan(r kv.Reader, k *kind, f *scimcore.Filter) (access, error) {
	if f == nil {
		all := scan(k)
		all.exact = true
		return all, nil
	}
	term := f.Term()
	best, err := d.way(r, k, term)
	best.exact = best.exact && term.Exact
	return best, err
}

// way is the best way to what meets term; a scan if there is no other.
func (d *Directory) way(r kv.Reader, k *kind, term scimcore.Term) (access, error) {
	switch term.Kind {
	case scimcore.TermCondition:
		return d.single(r, k, term.Cond)
	case scimcore.TermAnd:
		return d.narrowest(r, k, term.Terms)
	case scimcore.TermOr:
		var parts []access
		passes := 0
		for _, t := range term.Terms {
			p, err := d.way(r, k, t)
			if passes += p.passes; err != nil || p.cost >= costScan || passes > maxPasses {
				return scan(k), err
			}
			p.exact = p.exact && t.Exact
			parts = append(parts, p)
		}
		return union(parts, d.opts.ScanBudget), nil
	}
	return scan(k), nil
}

// narrowest is the best of the ways to one of several conditions that all hold;
// the others are asked of its candidates.
func (d *Directory) narrowest(r kv.Reader, k *kind, terms []scimcore.Term) (access, error) {
	best := scan(k)
	for _, t := range terms {
		p, err := d.way(r, k, t)
		if err != nil {
			return best, err
		}
		if p.cost < best.cost {
			best = p
		}
	}
	best.exact = false // the other conditions are still to be asked
	return best, nil
}

// single is the way to the resources that meet one condition.
func (d *Directory) single(r kv.Reader, k *kind, c scimcore.Condition) (access, error) {
	way := d.access(k, c)
	way.cond = &c
	if way.cost <= maxProbe {
		return way, nil
	}
	// How many there are is worth knowing where it may be few, and costs no more
	// than the rows counted.
	if way.cost < costPresent {
		n, err := probe(r, way)
		if err != nil {
			return way, err
		}
		if n <= maxProbe {
			way.cost = n
		}
	}
	return way, nil
}

// probe counts the candidates of a way, up to one more than maxProbe.
func probe(r kv.Reader, way access) (n int, err error) {
	if way.sample == nil {
		return maxProbe + 1, nil
	}
	for _, err := range r.Scan(keysOnly(*way.sample)) {
		if err != nil {
			return n, err
		}
		if n++; n > maxProbe {
			break
		}
	}
	return n, nil
}

// access is the way that the kind's indexes and memberships offer to a condition.
func (d *Directory) access(k *kind, c scimcore.Condition) access {
	t := k.Type
	if c.Attr.Num >= t.Len() || t.Attr(c.Attr.Num) != c.Attr {
		return nothing("(the type has no such attribute)")
	}
	switch {
	case c.Attr == t.ID && c.Op == scimcore.OpEq:
		return byID(k, c.Raw)
	case k.members != nil && isValueOf(c.Attr, k.members) && c.Op == scimcore.OpEq:
		return d.byMember(k, c.Raw)
	case k.groups != nil && isValueOf(c.Attr, k.groups) && c.Op == scimcore.OpEq:
		return d.byGroup(k, c.Raw)
	case c.Attr == t.Meta.Sub("lastModified"):
		if rg, ok := modifiedSpan(t, c.Op, c.Value); ok {
			way := byRows(index{name: lastModified}, rg, costRange, d.opts.ScanBudget, nil)
			way.sample = &rg
			return way
		}
	}
	for _, ix := range k.indexes {
		if ix.attr == c.Attr {
			return ix.access(t, c, d.opts.ScanBudget)
		}
	}
	return scan(k)
}

// access is the way that an index offers to a condition on its attribute.
func (ix index) access(t *scimcore.Type, c scimcore.Condition, most int) access {
	cost := costRange
	switch c.Op {
	case scimcore.OpEq:
		return ix.equal(t, c)
	case scimcore.OpCo, scimcore.OpEw:
		return ix.keys(t, c, most)
	case scimcore.OpSw:
		cost = costPrefix
	case scimcore.OpPr:
		cost = costPresent
	}
	rg, whole := ix.span(t, c.Op, c.Value)
	way := byRows(ix, rg, cost, most, nil)
	way.exact, way.sample = whole, &rg
	return way
}

func (ix index) equal(t *scimcore.Type, c scimcore.Condition) access {
	key := ix.lookup(t, c.Value)
	if ix.unique {
		return byUnique(ix, key)
	}
	way, rg := byEqual(ix, key), kv.Prefix(key)
	if way.sample = &rg; c.Attr.Type == scimcore.Boolean {
		way.cost = costFlag
	}
	return way
}

// keys reads all rows of an index, without the resources, for a condition on the
// text that no order helps with. Of a long text the row holds only the beginning:
// it stays a candidate.
func (ix index) keys(t *scimcore.Type, c scimcore.Condition, most int) access {
	holds, part := bytes.Contains, []byte(c.Value)
	if c.Op == scimcore.OpEw {
		holds = bytes.HasSuffix
	}
	root := ix.root(t)
	way := byRows(ix, kv.Prefix(root), costKeys, most, func(key []byte) bool {
		text, _, ok := kv.ViewText(key[len(root):])
		return ok && (len(text) > keptText || holds(text, part))
	})
	way.how, way.exact, way.passes = "all keys of index", false, 1
	return way
}

func isValueOf(a, rows *scimcore.Attr) bool {
	return a == rows || a.Parent == rows && a.Name == "value"
}

// byMember finds the groups that list a member.
func (d *Directory) byMember(k *kind, value string) access {
	to := parseRef(value)
	sample := kv.Prefix(reversePrefix(to))
	return access{how: "groups that list this member", cost: costEqual, exact: true, sample: &sample, each: func(r kv.Reader, after ID, yield func(ID, []byte) error) (err error) {
		if dead, err := r.Get(deadKey(to)); err != nil || dead != nil {
			return err
		}
		scan := d.eachGroup(r, to, after, func(in *kind, id ID) bool {
			if in == k {
				err = yield(id, nil)
			}
			return err == nil
		})
		if err == nil {
			err = scan
		}
		return err
	}}
}

// byGroup finds the resources of type k that are in a group, directly or by way
// of other groups.
func (d *Directory) byGroup(k *kind, group string) access {
	return access{how: "members of this group and of those inside", cost: costEqual, exact: true, each: func(r kv.Reader, after ID, yield func(ID, []byte) error) error {
		id, ok := ParseID(group)
		if !ok {
			return nil
		}
		var failed error
		err := d.within(r, k, id, after, func(member ID) bool {
			failed = yield(member, nil)
			return failed == nil
		})
		if failed != nil {
			return failed
		}
		return err
	}}
}
