package directory

import (
	"scimedge/kv"
	"scimedge/scimcore"
)

// draftMembers is a group's whole membership in memory, for a write too large
// for one transaction: the operation runs on it, then the outcome is written
// out as a new generation.
type draftMembers struct {
	d     *Directory
	r     kv.Reader
	dead  map[string]bool
	order []string          // refs in the order they will be written, removed ones included
	rows  map[string][]byte // ref -> row value; nil once removed
	did   memberDelta
}

// loadMembers reads the generation in force. errDead when it holds a deleted
// resource: its burial corrects the counts of this generation and has to end
// before the next one is made.
func (d *Directory) loadMembers(r kv.Reader, group ID, gen uint64, dead map[string]bool) (*draftMembers, error) {
	m := &draftMembers{d: d, r: r, dead: dead, rows: map[string][]byte{}}
	prefix := memberPrefix(group, gen)
	for e, err := range r.Scan(kv.Prefix(prefix)) {
		if err != nil {
			return nil, err
		}
		to := string(e.Key[len(prefix):])
		if dead[to] {
			return nil, errDead
		}
		m.order = append(m.order, to)
		m.rows[to] = append([]byte(nil), e.Value...)
	}
	return m, nil
}

func (m *draftMembers) delta() *memberDelta { return &m.did }

func (m *draftMembers) Has(value string) (bool, error) {
	return m.rows[string(parseRef(value))] != nil, nil
}

func (m *draftMembers) Add(ms []scimcore.Member) (bool, error) {
	before := m.did.writes
	for _, member := range ms {
		r, err := memberRef(member)
		if err != nil {
			return false, err
		}
		if m.dead[string(r)] {
			return false, errDead
		}
		old, seen := m.rows[string(r)]
		if old != nil {
			continue
		}
		what, err := m.d.resolve(m.r, r)
		if err != nil {
			return false, err
		}
		if !seen {
			m.order = append(m.order, string(r))
		}
		row := append([]byte{what}, member.Display...)
		m.rows[string(r)] = row
		m.did.note(member.Value, nil, row)
	}
	return m.did.writes > before, nil
}

func (m *draftMembers) Remove(values []string) (bool, error) {
	before := m.did.writes
	for _, v := range values {
		if r := string(parseRef(v)); m.rows[r] != nil {
			m.did.note(v, m.rows[r], nil)
			m.rows[r] = nil
		}
	}
	return m.did.writes > before, nil
}

func (m *draftMembers) Replace(ms []scimcore.Member) (bool, error) {
	before := m.did.writes
	keep, err := refsOf(ms)
	if err != nil {
		return false, err
	}
	for _, r := range m.order {
		if m.rows[r] != nil && !keep[r] {
			m.did.note(ref(r).value(), m.rows[r], nil)
			m.rows[r] = nil
		}
	}
	_, err = m.Add(ms)
	return m.did.writes > before, err
}

func (m *draftMembers) Each(yield func(scimcore.Row) bool) error {
	for _, r := range m.order {
		if v := m.rows[r]; v != nil && !yield(memberRow(ref(r), v)) {
			return nil
		}
	}
	return nil
}
