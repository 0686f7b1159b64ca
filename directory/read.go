package directory

import (
	"context"
	"sync"

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
	l := lookups.Get().(*lookup)
	defer l.release()
	l.d, l.k, l.at, l.id, l.fn = d, k, at, id, fn
	return d.store.View(ctx, d.part, l.view)
}

// lookup is one Get. It is the hottest path of all, so its funcs and key buffers
// are made once and kept in a pool.
type lookup struct {
	d   *Directory
	k   *kind
	at  ID
	id  string
	fn  func(*scimcore.Resource) error
	r   kv.Reader
	gen uint64
	res scimcore.Resource

	view   func(kv.Reader) error
	rows   scimcore.RowsFunc
	groups *climb
	key    [96]byte
}

// lookups holds idle lookups; they carry nothing from one request to the next.
var lookups = sync.Pool{New: func() any {
	l := &lookup{groups: newClimb()}
	l.view, l.rows = l.read, l.eachRow
	return l
}}

func (l *lookup) release() {
	l.d, l.k, l.fn, l.r, l.id, l.res = nil, nil, nil, nil, "", scimcore.Resource{}
	l.groups.reset(nil, nil)
	lookups.Put(l)
}

func (l *lookup) read(r kv.Reader) error {
	v, err := r.Get(kv.Key(l.key[:0]).Byte(rowResource).Text(l.k.Name).Raw(l.at[:]))
	if err != nil {
		return err
	}
	if v == nil {
		return notFound(l.k)
	}
	rec, err := decodeRecord(v)
	if err != nil {
		return err
	}
	l.r, l.gen = r, rec.gen
	l.res = rec.resource(l.k.Type, l.id)
	if l.k.members != nil || l.k.groups != nil {
		l.res.Rows = l.rows
	}
	return l.fn(&l.res)
}

func (l *lookup) eachRow(a *scimcore.Attr, yield func(scimcore.Row) bool) error {
	if a == l.k.groups && a != nil {
		l.groups.reset(l.d, l.r)
		return l.groups.each(l.at, yield)
	}
	return l.d.rows(l.r, l.k, l.at, l.gen)(a, yield)
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
			return d.groupsOf(r, id, yield)
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
				k, rec, err := d.groupRecord(r, id)
				if err != nil || k == nil {
					return err
				}
				gen = rec.gen
			}
			return d.rows(r, k, id, gen)(a, yield)
		})
	}
}

// eachGroup yields the groups that list a member themselves, in the order of their
// creation; groupsOf goes on from there.
func (d *Directory) eachGroup(r kv.Reader, of ref, yield func(scimcore.Row) bool) error {
	for e, err := range r.Scan(keysOnly(kv.Prefix(reversePrefix(of)))) {
		if err != nil {
			return err
		}
		if more, err := d.giveGroup(r, e.Key, yield); err != nil || !more {
			return err
		}
	}
	return nil
}

// giveGroup yields the group that a reverse row speaks of, unless the row is of
// a generation not in force or the group is gone.
func (d *Directory) giveGroup(r kv.Reader, reverse []byte, yield func(scimcore.Row) bool) (more bool, err error) {
	group, gen, ok := cutGroupGen(reverse)
	if !ok {
		return true, nil
	}
	k, rec, err := d.groupRecord(r, group)
	if err != nil || k == nil || rec.gen != gen {
		return true, err
	}
	return yield(scimcore.Row{Value: group.String(), Endpoint: k.Endpoint, Kind: "direct", Display: rec.label}), nil
}

// Counts says how much a directory holds.
type Counts struct {
	Users, ActiveUsers, Groups, Memberships int
	Custom                                  map[string]int // resources by type, of the types the tenant declares
}

// Counts reads the kept counts; it costs a few look-ups whatever the size.
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
		c = Counts{int(users.total), int(users.total - users.inactive), int(groups.total), int(members.total), nil}
		return d.countCustom(r, &c)
	})
	return c, err
}

func (d *Directory) countCustom(r kv.Reader, c *Counts) error {
	for _, t := range d.cat.Types() {
		if t.Name == "User" || t.Name == "Group" {
			continue
		}
		v, err := r.Get(countKey(t.Name))
		if err != nil {
			return err
		}
		n, err := decodeCounts(v)
		if err != nil {
			return err
		}
		if c.Custom == nil {
			c.Custom = map[string]int{}
		}
		c.Custom[t.Name] = int(n.total)
	}
	return nil
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
