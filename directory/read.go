package directory

import (
	"context"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Get calls fn with the resource of type t and the given id, inside a read
// transaction: what fn is given is valid until it returns. 404 when there is none.
func (d *Directory) Get(ctx context.Context, t *scimcore.Type, id string, fn func(*scimcore.Resource) error) error {
	k := d.kinds[t]
	at, ok := ParseID(id)
	if !ok {
		return notFound(k)
	}
	return d.store.View(ctx, d.part, func(r kv.Reader) error {
		v, err := r.Get(resourceKey(t.Name, at))
		if err != nil {
			return err
		}
		if v == nil {
			return notFound(k)
		}
		rec, err := decodeRecord(v)
		if err != nil {
			return err
		}
		res := rec.resource(t, id)
		res.Rows = d.rows(r, k, at, rec.gen)
		return fn(&res)
	})
}

// rows gives the members or groups of a resource out of a transaction at hand.
func (d *Directory) rows(r kv.Reader, k *kind, id ID, gen uint64) scimcore.RowsFunc {
	if k.members == nil && k.groups == nil {
		return nil
	}
	return func(a *scimcore.Attr, yield func(scimcore.Row) bool) error {
		switch a {
		case nil:
			return nil
		case k.members:
			dead, err := deadRefs(r)
			if err != nil {
				return err
			}
			return eachMember(r, id, gen, dead, yield)
		case k.groups:
			return d.eachGroup(r, idRef(id), yield)
		}
		return nil
	}
}

// rowsLater gives the rows of a resource in a read transaction of their own.
func (d *Directory) rowsLater(ctx context.Context, k *kind, id ID) scimcore.RowsFunc {
	if k.members == nil && k.groups == nil {
		return nil
	}
	return func(a *scimcore.Attr, yield func(scimcore.Row) bool) error {
		return d.store.View(ctx, d.part, func(r kv.Reader) error {
			gen := uint64(0)
			if k.members != nil {
				_, rec, err := d.groupRecord(r, id)
				if err != nil || rec == nil {
					return err
				}
				gen = rec.gen
			}
			return d.rows(r, k, id, gen)(a, yield)
		})
	}
}

// eachGroup yields the groups that list a member, in the order of their creation.
func (d *Directory) eachGroup(r kv.Reader, of ref, yield func(scimcore.Row) bool) error {
	for e, err := range r.Scan(keysOnly(kv.Prefix(reversePrefix(of)))) {
		if err != nil {
			return err
		}
		group, gen, ok := cutGroupGen(e.Key)
		if !ok {
			continue
		}
		k, rec, err := d.groupRecord(r, group)
		if err != nil {
			return err
		}
		if rec == nil || rec.gen != gen {
			continue // a generation not in force, or a deleted group
		}
		if !yield(scimcore.Row{Value: group.String(), Endpoint: k.Endpoint, Kind: "direct", Display: rec.label}) {
			return nil
		}
	}
	return nil
}

// Counts says how much a directory holds.
type Counts struct {
	Users, ActiveUsers, Groups, Memberships int
}

// Counts reads the kept counts; it costs three look-ups whatever the size.
func (d *Directory) Counts(ctx context.Context) (c Counts, err error) {
	err = d.store.View(ctx, d.part, func(r kv.Reader) error {
		var users, groups, members counts
		for what, into := range map[string]*counts{"User": &users, "Group": &groups, membershipCount: &members} {
			v, err := r.Get(countKey(what))
			if err != nil {
				return err
			}
			if *into, err = decodeCounts(v); err != nil {
				return err
			}
		}
		c = Counts{int(users.total), int(users.total - users.inactive), int(groups.total), int(members.total)}
		return nil
	})
	return c, err
}

// Changes yields the change log after (seq, index), oldest first, until fn
// returns false. Pass 0 and -1 for all of it.
func (d *Directory) Changes(ctx context.Context, seq kv.Seq, index int, fn func(*Change) bool) error {
	return d.store.View(ctx, d.part, func(r kv.Reader) error {
		all := kv.Prefix(key(rowChange))
		all.Lo = changeKey(seq, index+1)
		for e, err := range r.Scan(all) {
			if err != nil {
				return err
			}
			c, err := decodeChange(e)
			if err != nil {
				return err
			}
			if !fn(&c) {
				return nil
			}
		}
		return nil
	})
}
