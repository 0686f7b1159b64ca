package directory

import (
	"bytes"
	"container/heap"

	"scimedge/kv"
	"scimedge/scimcore"
)

// within yields the resources of type k after an id that are in a group, directly
// or not, in the order of their ids. It goes down from the group for candidates and climbs
// back up from those that are not direct, since what a resource shows decides.
// 400 tooMany when the groups inside have more members than a query may look at.
func (d *Directory) within(r kv.Reader, k *kind, group, after ID, yield func(ID) bool) error {
	in, rec, err := d.groupRecord(r, group)
	if err != nil || in == nil {
		return err
	}
	dead, err := deadRefs(r)
	if err != nil {
		return err
	}
	inner, err := d.below(r, membership{group, rec.gen}, dead)
	if err != nil {
		return err
	}
	up := climbs.Get().(*climb)
	defer up.release()
	up.remembers = true
	m := merge{after: after, r: r, dead: dead, what: k.Name, chunk: max(4, mergeBuffer/len(inner))}
	return m.run(inner, func(id ID, direct bool) (bool, error) {
		if !direct {
			up.reset(d, r)
			if ok, err := up.reaches(id, group); err != nil || !ok {
				return true, err
			}
		}
		return yield(id), nil
	})
}

// below lists a group and those inside it, level by level.
func (d *Directory) below(r kv.Reader, group membership, dead map[string]bool) ([]membership, error) {
	queue, seen, read := []membership{group}, map[ID]bool{group.group: true}, 0
	from := 0
	for level := 1; level < maxNesting && from < len(queue); level++ {
		for to := len(queue); from < to; from++ {
			prefix := memberPrefix(queue[from].group, queue[from].gen)
			for e, err := range r.Scan(kv.Prefix(prefix)) {
				if err != nil {
					return nil, err
				}
				if level > 1 {
					read++
				}
				if b := d.opts.ScanBudget; b > 0 && read > b {
					return nil, scimcore.Bad(scimcore.TooMany,
						"the groups inside this group have more than %d members; ask for one of them, or read the groups of each user", b)
				}
				member := ref(e.Key[len(prefix):])
				id, ok := member.id()
				if !ok || len(e.Value) > 0 && e.Value[0] == kindUser || seen[id] || dead[string(member)] {
					continue
				}
				k, rec, err := d.groupRecord(r, id)
				if err != nil {
					return nil, err
				}
				if k != nil {
					seen[id] = true
					queue = append(queue, membership{id, rec.gen})
				}
			}
		}
	}
	return queue, nil
}

// mergeBuffer is how many ids a merge holds at a time, all groups together.
const mergeBuffer = 4096

// merge reads the members of several groups in the order of their ids, each once.
type merge struct {
	r     kv.Reader
	dead  map[string]bool
	what  string // the resource type that is asked for
	after ID     // where to begin
	chunk int    // how many rows of a group to read ahead
	heads mergeHeads
}

// mergeHead is a group that has members left.
type mergeHead struct {
	membership
	outer bool // it is the group that was asked for
	ids   []ID // read ahead, in order
	at    int  // of ids: the next member
	next  []byte
}

func (h *mergeHead) id() ID { return h.ids[h.at] }

// run calls fn with each member and whether it is one of the first group itself.
func (m *merge) run(groups []membership, fn func(id ID, direct bool) (bool, error)) error {
	for i, g := range groups {
		h := &mergeHead{membership: g, outer: i == 0, next: append(memberKey(g.group, g.gen, idRef(m.after)), 0)}
		if err := m.fill(h); err != nil {
			return err
		}
		if len(h.ids) > 0 {
			m.heads = append(m.heads, h)
		}
	}
	heap.Init(&m.heads)
	for len(m.heads) > 0 {
		id, direct := m.heads[0].id(), false
		for len(m.heads) > 0 && m.heads[0].id() == id {
			direct = direct || m.heads[0].outer
			if err := m.step(); err != nil {
				return err
			}
		}
		if more, err := fn(id, direct); err != nil || !more {
			return err
		}
	}
	return nil
}

// step moves the first group on to its next member.
func (m *merge) step() error {
	h := m.heads[0]
	if h.at++; h.at == len(h.ids) && h.next != nil {
		if err := m.fill(h); err != nil {
			return err
		}
	}
	if h.at == len(h.ids) {
		heap.Pop(&m.heads)
	} else {
		heap.Fix(&m.heads, 0)
	}
	return nil
}

// fill reads members ahead; next is where to go on, nil at the end.
func (m *merge) fill(h *mergeHead) error {
	prefix := memberPrefix(h.group, h.gen)
	rg := kv.Prefix(prefix)
	rg.Lo, h.next, h.ids, h.at = h.next, nil, h.ids[:0], 0
	for e, err := range m.r.Scan(rg) {
		if err != nil {
			return err
		}
		if len(h.ids) == m.chunk {
			h.next = bytes.Clone(e.Key)
			return nil
		}
		to := ref(e.Key[len(prefix):])
		if id, ok := to.id(); ok && len(e.Value) > 0 && memberTypes[e.Value[0]] == m.what && !m.dead[string(to)] {
			h.ids = append(h.ids, id)
		}
	}
	return nil
}

// mergeHeads is a heap by the next id.
type mergeHeads []*mergeHead

func (h mergeHeads) Len() int           { return len(h) }
func (h mergeHeads) Less(i, j int) bool { return h[i].id().compare(h[j].id()) < 0 }
func (h mergeHeads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *mergeHeads) Push(x any)        { *h = append(*h, x.(*mergeHead)) }
func (h *mergeHeads) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
