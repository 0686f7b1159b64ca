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
	rowReader
	id  string
	fn  func(*scimcore.Resource) error
	res scimcore.Resource

	view func(kv.Reader) error
	rows scimcore.RowsFunc
	key  [96]byte
}

// lookups holds idle lookups; they carry nothing from one request to the next.
var lookups = sync.Pool{New: func() any {
	l := &lookup{rowReader: rowReader{up: newClimb()}}
	l.view, l.rows = l.read, l.each
	return l
}}

func (l *lookup) release() {
	l.fn, l.id, l.res = nil, "", scimcore.Resource{}
	l.up.reset(nil, nil)
	l.rowReader = rowReader{up: l.up}
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
	if l.k.hasRows() {
		l.res.Rows = l.rows
	}
	return l.fn(&l.res)
}

// rowReader gives the members or groups of a resource out of a transaction at
// hand; of one after the other, if need be.
type rowReader struct {
	d   *Directory
	r   kv.Reader
	k   *kind
	at  ID
	gen uint64 // of the members in force
	up  *climb // for groups

	dead     map[string]bool
	knowDead bool
	read     int // rows, of all resources so far
}

func (k *kind) hasRows() bool { return k.members != nil || k.groups != nil }

func (w *rowReader) each(a *scimcore.Attr, yield func(scimcore.Row) bool) error {
	switch a {
	case nil:
		return nil
	case w.k.members:
		dead, err := w.deadRefs()
		if err != nil {
			return err
		}
		return eachMember(w.r, w.at, w.gen, dead, func(row scimcore.Row) bool {
			w.read++
			return yield(row)
		})
	case w.k.groups:
		w.up.reset(w.d, w.r)
		err := w.up.each(w.at, yield)
		w.read += w.up.read()
		return err
	}
	return nil
}

// deadRefs is what [deadRefs] says, read once.
func (w *rowReader) deadRefs() (_ map[string]bool, err error) {
	if !w.knowDead {
		w.dead, err = deadRefs(w.r)
		w.knowDead = err == nil
	}
	return w.dead, err
}

// rowsLater gives the rows of a resource in a read transaction of their own.
func (d *Directory) rowsLater(ctx context.Context, k *kind, id ID) scimcore.RowsFunc {
	if !k.hasRows() {
		return nil
	}
	return func(a *scimcore.Attr, yield func(scimcore.Row) bool) error {
		return d.store.View(ctx, d.part, func(r kv.Reader) error {
			w := rowReader{d: d, r: r, k: k, at: id}
			if k.members != nil {
				k, rec, err := d.groupRecord(r, id)
				if err != nil || k == nil {
					return err
				}
				w.k, w.gen = k, rec.gen
			}
			if w.k.groups != nil {
				w.up = climbs.Get().(*climb)
				defer w.up.release()
			}
			return w.each(a, yield)
		})
	}
}

// eachGroup yields the groups after an id that list a member themselves, in the
// order of their creation; a climb goes on from there.
func (d *Directory) eachGroup(r kv.Reader, of ref, after ID, yield func(*kind, ID) bool) error {
	prefix := reversePrefix(of)
	rg := keysOnly(kv.Prefix(prefix))
	rg.Lo = kv.PrefixEnd(prefix.Raw(after[:]))
	for e, err := range r.Scan(rg) {
		if err != nil {
			return err
		}
		group, gen, ok := cutGroupGen(e.Key)
		if !ok {
			continue
		}
		k, rec, err := d.groupRecord(r, group)
		switch {
		case err != nil:
			return err
		case k == nil || rec.gen != gen: // of a generation not in force, or the group is gone
			continue
		case !yield(k, group):
			return nil
		}
	}
	return nil
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
