package directory

import (
	"slices"
	"sync"

	"scimedge/kv"
	"scimedge/scimcore"
)

// A group may be a member of a group. Who is in the inner one is in the outer one
// too: RFC 7643, section 4.1.2, calls such a membership indirect. It is worked out
// when it is asked for, upwards from the member, and never stored, so nesting a
// group of 100,000 writes one membership.
const (
	// maxNesting is how many memberships may lie between a resource and a group it
	// is shown in: 1 for a direct one.
	maxNesting = 32
	// maxClimb is how many memberships of groups in other groups are read for one
	// resource. What lies beyond them is not shown and found by no filter.
	maxClimb = 2000
	// maxKept is the most groups a climb keeps room for until it is needed again.
	maxKept = 64
)

// climb finds the groups a resource is in: the direct ones in the order of their
// creation, then those that list one of these, and so on, level by level. That
// order decides what maxClimb cuts off, so whoever asks gets the same answer.
type climb struct {
	d *Directory
	r kv.Reader
	// remembers says that what was read is kept, for the next resource of the same
	// transaction.
	remembers bool
	memo      climbMemo

	queue []ID        // every group found; a cycle ends at those in it
	seen  map[ID]bool // the same as a set, as soon as there is something to look up
	above []indirect
	rows  int // read beyond the direct memberships
	lists []membership

	// The bodies of its two scans are made once, and what they share stands here:
	// reading a user's groups is part of the hottest path.
	onDirect, onList func(kv.Entry, error) bool
	yield            func(scimcore.Row) bool
	more             bool
	err              error
	lo, hi           [18]byte
}

func newClimb() *climb {
	c := &climb{}
	c.onDirect, c.onList = c.takeDirect, c.takeList
	return c
}

// climbs holds idle ones: a page of a list climbs for each user it shows.
var climbs = sync.Pool{New: func() any { return newClimb() }}

func (c *climb) release() {
	c.reset(nil, nil)
	c.remembers = false
	c.memo.forget(maxKept)
	climbs.Put(c)
}

// indirect is a group found on the way up.
type indirect struct {
	id    ID
	kind  *kind
	label string
}

// climbMemo is what climbs of one transaction share.
type climbMemo struct {
	lists  map[ID][]membership // by group: the groups that list it
	groups map[ID]memoGroup
}

type memoGroup struct {
	kind  *kind // nil when there is no such group
	gen   uint64
	label string
}

// maxMemo is how many groups a memo holds; then it starts over.
const maxMemo = 10_000

// forget empties the memo. Maps that have grown beyond most are left behind: to
// clear a large one each time costs more than to make one now and then.
func (m *climbMemo) forget(most int) {
	if len(m.groups) > most || len(m.lists) > most {
		*m = climbMemo{}
	}
	clear(m.groups)
	clear(m.lists)
}

func (m *climbMemo) keep(id ID, g memoGroup) {
	if m.groups == nil {
		m.groups = map[ID]memoGroup{}
	}
	m.groups[id] = g
}

func (m *climbMemo) keepLists(id ID, lists []membership) {
	if m.lists == nil {
		m.lists = map[ID][]membership{}
	}
	m.lists[id] = slices.Clone(lists)
}

// isIn reports whether group is among those that each yields.
func (c *climb) isIn(of ID, group ID) (bool, error) {
	in, err := c.now(group)
	if err != nil || in.kind == nil {
		return false, err
	}
	if row, err := c.r.Get(memberKey(group, in.gen, idRef(of))); err != nil || row != nil {
		return row != nil, err
	}
	return c.reaches(of, group)
}

func (c *climb) each(of ID, yield func(scimcore.Row) bool) error {
	if more, err := c.direct(of, yield); err != nil || !more {
		return err
	}
	if _, err := c.rise(nil); err != nil {
		return err
	}
	slices.SortFunc(c.above, func(a, b indirect) int { return a.id.compare(b.id) })
	for _, g := range c.above {
		if !yield(scimcore.Row{Value: g.id.String(), Endpoint: g.kind.Endpoint, Kind: "indirect", Display: g.label}) {
			break
		}
	}
	return nil
}

// reaches reports whether group is found on the way up from a resource.
func (c *climb) reaches(of ID, group ID) (bool, error) {
	if _, err := c.direct(of, nil); err != nil {
		return false, err
	}
	return c.rise(&group)
}

// reset makes c ready for another resource, in the memory it has. Nothing of one
// request is left for the next.
func (c *climb) reset(d *Directory, r kv.Reader) {
	clear(c.above)
	if len(c.seen) > maxKept {
		c.seen = nil // to clear a large map each time costs more than to make one now and then
	}
	clear(c.seen)
	if len(c.memo.groups)+len(c.memo.lists) > maxMemo {
		c.memo = climbMemo{}
	}
	c.d, c.r, c.yield, c.err = d, r, nil, nil
	c.queue, c.above, c.lists, c.rows = c.queue[:0], c.above[:0], c.lists[:0], 0
}

// direct queues the groups that list a resource, and yields them unless yield is nil.
func (c *climb) direct(of ID, yield func(scimcore.Row) bool) (more bool, err error) {
	c.yield, c.err, c.more = yield, nil, true
	c.r.Scan(c.listsOf(of))(c.onDirect)
	return c.more && c.err == nil, c.err
}

func (c *climb) takeDirect(e kv.Entry, err error) bool {
	id, gen, ok := cutGroupGen(e.Key)
	if c.err = err; err != nil || !ok {
		return err == nil
	}
	k, label, err := c.group(id, gen)
	if c.err = err; err != nil || k == nil {
		return err == nil
	}
	c.queue = append(c.queue, id)
	if c.yield != nil {
		c.more = c.yield(scimcore.Row{Value: id.String(), Endpoint: k.Endpoint, Kind: "direct", Display: label})
	}
	return c.more
}

// rise climbs from the direct groups, until it finds the one that is looked for
// or there is no more.
func (c *climb) rise(until *ID) (bool, error) {
	from := 0
	for level := 1; level < maxNesting && from < len(c.queue); level++ {
		to := len(c.queue)
		for ; from < to; from++ {
			lists, err := c.listing(c.queue[from])
			if err != nil {
				return false, err
			}
			for _, m := range lists {
				if c.rows++; c.rows > maxClimb {
					return false, nil
				}
				found, err := c.meet(m)
				if err != nil {
					return false, err
				}
				if found && until != nil && m.group == *until {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// meet takes in a group on the way up, and reports whether it is new.
func (c *climb) meet(m membership) (bool, error) {
	if len(c.seen) == 0 {
		if c.seen == nil {
			c.seen = map[ID]bool{}
		}
		for _, id := range c.queue {
			c.seen[id] = true
		}
	}
	if c.seen[m.group] {
		return false, nil
	}
	k, label, err := c.group(m.group, m.gen)
	if err != nil || k == nil {
		return false, err
	}
	c.seen[m.group] = true
	c.queue = append(c.queue, m.group)
	c.above = append(c.above, indirect{m.group, k, label})
	return true, nil
}

// group is the kind and name of a group whose generation gen is in force; a nil
// kind when it is not, or the group is gone.
func (c *climb) group(id ID, gen uint64) (*kind, string, error) {
	now, err := c.now(id)
	if err != nil || now.gen != gen {
		return nil, "", err
	}
	return now.kind, now.label, nil
}

// now is a group as it is.
func (c *climb) now(id ID) (memoGroup, error) {
	if c.remembers {
		if g, ok := c.memo.groups[id]; ok {
			return g, nil
		}
	}
	k, rec, err := c.d.groupRecord(c.r, id)
	g := memoGroup{k, rec.gen, rec.label}
	if err == nil && c.remembers {
		c.memo.keep(id, g)
	}
	return g, err
}

// read is how many memberships were read for the present resource.
func (c *climb) read() int { return len(c.queue) + c.rows }

// listing reads the memberships of a group, no more of them than could count.
func (c *climb) listing(group ID) ([]membership, error) {
	if c.remembers {
		if lists, ok := c.memo.lists[group]; ok {
			return lists, nil
		}
	}
	c.lists, c.err = c.lists[:0], nil
	if c.r.Scan(c.listsOf(group))(c.onList); c.err != nil {
		return nil, c.err
	}
	if c.remembers {
		c.memo.keepLists(group, c.lists)
	}
	return c.lists, nil
}

func (c *climb) takeList(e kv.Entry, err error) bool {
	if c.err = err; err != nil {
		return false
	}
	if id, gen, ok := cutGroupGen(e.Key); ok {
		c.lists = append(c.lists, membership{id, gen})
	}
	return len(c.lists) <= maxClimb
}

// listsOf is the range of the reverse rows of a resource, in the buffers of c.
func (c *climb) listsOf(id ID) kv.Range {
	lo := kv.Key(c.lo[:0]).Byte(rowReverse).Byte(refID).Raw(id[:])
	hi := append(c.hi[:0], lo...)
	for i := len(hi) - 1; i >= 0; i-- { // the first key after all that begin with lo
		if hi[i]++; hi[i] != 0 {
			break
		}
	}
	return kv.Range{Lo: lo, Hi: hi, KeysOnly: true}
}
