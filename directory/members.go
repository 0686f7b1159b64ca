package directory

import (
	"bytes"

	"scimedge/kv"
	"scimedge/scimcore"
)

// A member row's value is one byte that says what the reference names, and the
// display name the client sent.
const (
	kindUser       = 'U'
	kindGroup      = 'G'
	kindUnresolved = '?'
)

// memberTypes names the resource type that a row's kind byte stands for; none
// for an unresolved reference.
var memberTypes = [256]string{kindUser: "User", kindGroup: "Group"}

// editor is a group's members as a write sees them: the Set a patch works on,
// and a record of what became of it.
type editor interface {
	scimcore.Set
	delta() *memberDelta
}

// liveMembers edits the member rows of one generation in place, inside a
// transaction. It touches only the rows an operation names.
type liveMembers struct {
	d     *Directory
	w     kv.Writer
	group ID
	gen   uint64
	dead  map[string]bool
	did   memberDelta

	beside map[ID]byte // see Write
}

func (m *liveMembers) delta() *memberDelta { return &m.did }

func (m *liveMembers) Has(value string) (bool, error) {
	row, err := m.w.Get(memberKey(m.group, m.gen, parseRef(value)))
	return row != nil, err
}

func (m *liveMembers) Add(ms []scimcore.Member) (bool, error) {
	if len(ms) > maxInline {
		return false, errLarge
	}
	before := m.did.writes
	for _, member := range ms {
		if err := m.add(member); err != nil {
			return false, err
		}
	}
	return m.did.writes > before, nil
}

func (m *liveMembers) add(member scimcore.Member) error {
	r, err := memberRef(member)
	if err != nil {
		return err
	}
	if m.dead[string(r)] {
		return errDead
	}
	k := memberKey(m.group, m.gen, r)
	if row, err := m.w.Get(k); err != nil || row != nil {
		return err
	}
	what, err := m.resolve(r)
	if err != nil {
		return err
	}
	return m.put(r, member.Value, nil, append([]byte{what}, member.Display...))
}

func (m *liveMembers) resolve(r ref) (byte, error) {
	if len(m.beside) > 0 && len(r) == 17 && r[0] == refID {
		if what, ok := m.beside[ID(r[1:])]; ok {
			return what, nil
		}
	}
	return m.d.resolve(m.w, r)
}

func (m *liveMembers) Remove(values []string) (bool, error) {
	before := m.did.writes
	for _, v := range values {
		if err := m.remove(parseRef(v), v); err != nil {
			return false, err
		}
	}
	return m.did.writes > before, nil
}

func (m *liveMembers) remove(r ref, value string) error {
	k := memberKey(m.group, m.gen, r)
	row, err := m.w.Get(k)
	if err != nil || row == nil {
		return err
	}
	if err := m.w.Delete(k); err != nil {
		return err
	}
	m.did.note(value, row, nil)
	return m.w.Delete(reverseKey(r, m.group, m.gen))
}

// maxInline is how many members a write may name, or a replace find, before it is
// worked out beside the transaction: every other write waits while one runs.
const maxInline = 2000

// Replace keeps the rows that stay, so that a full push of an unchanged group
// writes nothing.
func (m *liveMembers) Replace(ms []scimcore.Member) (bool, error) {
	if len(ms) > maxInline {
		return false, errLarge
	}
	keep, err := refsOf(ms)
	if err != nil {
		return false, err
	}
	prefix := memberPrefix(m.group, m.gen)
	var gone []ref
	found := 0
	for e, err := range m.w.Scan(keysOnly(kv.Prefix(prefix))) {
		if err != nil {
			return false, err
		}
		if found++; found > maxInline {
			return false, errLarge
		}
		if r := e.Key[len(prefix):]; !keep[string(r)] {
			gone = append(gone, ref(append([]byte(nil), r...)))
		}
	}
	for _, r := range gone {
		if err := m.remove(r, r.value()); err != nil {
			return false, err
		}
	}
	added, err := m.Add(ms)
	return added || len(gone) > 0, err
}

// apply makes the changes that a draft came to.
func (m *liveMembers) apply(draft *memberDelta) error {
	for _, value := range draft.order {
		t, r := draft.touched[value], parseRef(value)
		switch {
		case m.dead[string(r)]:
			return errDead
		case t.was != nil && bytes.Equal(t.was, t.is):
			continue
		case t.is == nil:
			if err := m.remove(r, value); err != nil {
				return err
			}
		default:
			if err := stillThere(m.w, r, t.is[0]); err != nil {
				return err
			}
			if err := m.put(r, value, t.was, t.is); err != nil {
				return err
			}
		}
	}
	return nil
}

// put writes a membership in both directions.
func (m *liveMembers) put(r ref, value string, was, is []byte) error {
	if err := m.w.Put(memberKey(m.group, m.gen, r), is); err != nil {
		return err
	}
	m.did.note(value, was, is)
	return m.w.Put(reverseKey(r, m.group, m.gen), nil)
}

func (m *liveMembers) Each(yield func(scimcore.Row) bool) error {
	return eachMember(m.w, m.group, m.gen, m.dead, yield)
}

// resolve says what a reference names: a user, a group, or nothing we know,
// which the strict dialect refuses.
func (d *Directory) resolve(r kv.Reader, to ref) (byte, error) {
	if len(to) == 17 && to[0] == refID {
		for _, what := range [...]byte{kindUser, kindGroup} {
			v, err := r.Get(resourceKey(memberTypes[what], ID(to[1:])))
			if err != nil {
				return 0, err
			}
			if v != nil {
				return what, nil
			}
		}
	}
	if !d.opts.Dialect.DanglingMembers {
		return 0, scimcore.Bad(scimcore.InvalidValue, "members: a value names no User or Group of this directory; provision the member first, then add it")
	}
	return kindUnresolved, nil
}

func memberRef(m scimcore.Member) (ref, error) {
	if m.Value == "" {
		return nil, scimcore.Bad(scimcore.InvalidValue, "members: an element has no value; send the id of a User or Group as \"value\"")
	}
	if len(m.Value) > maxRefText {
		return nil, scimcore.Bad(scimcore.InvalidValue, "members: a value is longer than %d bytes; send the id of a User or Group", maxRefText)
	}
	return parseRef(m.Value), nil
}

// refsOf is the set of references that ms names.
func refsOf(ms []scimcore.Member) (map[string]bool, error) {
	set := make(map[string]bool, len(ms))
	for _, m := range ms {
		r, err := memberRef(m)
		if err != nil {
			return nil, err
		}
		set[string(r)] = true
	}
	return set, nil
}

// eachMember yields the members of one generation, leaving out resources that
// were deleted and whose rows are not cleared away yet.
func eachMember(r kv.Reader, group ID, gen uint64, dead map[string]bool, yield func(scimcore.Row) bool) error {
	prefix := memberPrefix(group, gen)
	for e, err := range r.Scan(kv.Prefix(prefix)) {
		if err != nil {
			return err
		}
		to := ref(e.Key[len(prefix):])
		if dead[string(to)] {
			continue
		}
		if !yield(memberRow(to, e.Value)) {
			return nil
		}
	}
	return nil
}

func memberRow(to ref, value []byte) scimcore.Row {
	row := scimcore.Row{Value: to.value()}
	if len(value) == 0 {
		return row
	}
	switch value[0] {
	case kindUser:
		row.Endpoint, row.Kind = "Users", "User"
	case kindGroup:
		row.Endpoint, row.Kind = "Groups", "Group"
	}
	row.Display = string(value[1:])
	return row
}

// deadRefs lists the deleted resources whose memberships are still being
// cleared away; nil, at the cost of one seek, when there are none.
func deadRefs(r kv.Reader) (map[string]bool, error) {
	var dead map[string]bool
	prefix := deadPrefix()
	for e, err := range r.Scan(keysOnly(kv.Prefix(prefix))) {
		if err != nil {
			return nil, err
		}
		if dead == nil {
			dead = map[string]bool{}
		}
		dead[string(e.Key[len(prefix):])] = true
	}
	return dead, nil
}

func keysOnly(r kv.Range) kv.Range {
	r.KeysOnly = true
	return r
}
