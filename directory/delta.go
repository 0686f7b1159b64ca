package directory

import "bytes"

// memberDelta records what a write does to a group's members, row by row, so
// that its outcome can be told from its course: a member who is removed and
// added again by one patch has neither come nor gone.
type memberDelta struct {
	order   []string // values in the order they were first touched
	touched map[string]touch
	writes  int
}

// touch is a member's row before the write and now; nil where there is none.
type touch struct{ was, is []byte }

func (m *memberDelta) note(value string, was, is []byte) {
	m.writes++
	if t, ok := m.touched[value]; ok {
		m.touched[value] = touch{t.was, is}
		return
	}
	if m.touched == nil {
		m.touched = map[string]touch{}
	}
	m.order = append(m.order, value)
	m.touched[value] = touch{was, is}
}

// memberSum is the outcome of a memberDelta. Its lists are cut at
// MaxListedMembers, its counts are whole.
type memberSum struct {
	changed                                   bool
	added, removed, unresolved                []string
	addedCount, removedCount, unresolvedCount int
}

func (m *memberDelta) sum() (s memberSum) {
	for _, value := range m.order {
		switch t := m.touched[value]; {
		case t.was == nil && t.is == nil || t.was != nil && bytes.Equal(t.was, t.is):
			continue
		case t.is == nil:
			s.removedCount++
			s.removed = listed(s.removed, value)
		case t.was == nil:
			s.addedCount++
			s.added = listed(s.added, value)
			if t.is[0] == kindUnresolved {
				s.unresolvedCount++
				s.unresolved = listed(s.unresolved, value)
			}
		}
		s.changed = true // a row that is still there differs in its display name
	}
	return s
}

func listed(list []string, value string) []string {
	if len(list) < MaxListedMembers {
		list = append(list, value)
	}
	return list
}
