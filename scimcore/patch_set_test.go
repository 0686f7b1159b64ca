package scimcore

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// memSet is a Set in memory that counts how it is asked.
type memSet struct {
	rows    []Member
	eachs   int
	hass    int
	changed bool
}

func newMemSet(values ...string) *memSet {
	s := &memSet{}
	for _, v := range values {
		s.rows = append(s.rows, Member{Value: v, Type: "User"})
	}
	return s
}

func (s *memSet) index(v string) int {
	return slices.IndexFunc(s.rows, func(m Member) bool { return m.Value == v })
}

func (s *memSet) values() []string {
	out := []string{}
	for _, m := range s.rows {
		out = append(out, m.Value)
	}
	return out
}

func (s *memSet) Has(v string) (bool, error) {
	s.hass++
	return s.index(v) >= 0, nil
}

func (s *memSet) Add(ms []Member) (bool, error) {
	did := false
	for _, m := range ms {
		if s.index(m.Value) < 0 {
			s.rows = append(s.rows, m)
			did = true
		}
	}
	s.changed = s.changed || did
	return did, nil
}

func (s *memSet) Remove(values []string) (bool, error) {
	before := len(s.rows)
	s.rows = slices.DeleteFunc(s.rows, func(m Member) bool { return slices.Contains(values, m.Value) })
	s.changed = s.changed || len(s.rows) != before
	return len(s.rows) != before, nil
}

func (s *memSet) Replace(ms []Member) (bool, error) {
	before := s.rows
	s.rows = nil
	_, _ = s.Add(ms)
	did := !slices.Equal(before, s.rows)
	s.changed = did
	return did, nil
}

func (s *memSet) Each(yield func(Row) bool) error {
	s.eachs++
	for _, m := range s.rows {
		r := Row{Value: m.Value, Kind: m.Type, Display: m.Display, Endpoint: "Users"}
		if m.Type == "Group" {
			r.Endpoint = "Groups"
		}
		if !yield(r) {
			return nil
		}
	}
	return nil
}

func (s *memSet) sets(*Attr) (Set, error) { return s, nil }

// patched applies a PATCH with these operations to a resource and returns its
// canonical JSON, "schemas" left out.
type patchTest struct {
	t     *Type
	d     Dialect
	set   *memSet
	notes Notes
}

func patchBody(operations string) []byte {
	return []byte(`{"schemas":["` + PatchSchema + `"],"Operations":[` + operations + `]}`)
}

func (p *patchTest) run(tb testing.TB, resource, operations string) (string, error) {
	tb.Helper()
	return p.runBody(tb, resource, patchBody(operations))
}

func (p *patchTest) runBody(tb testing.TB, resource string, body []byte) (string, error) {
	tb.Helper()
	doc, err := Parse(p.t, []byte(resource), Lenient(), nil)
	require.NoError(tb, err)
	require.NoError(tb, Finish(doc, Lenient()))
	before := string(doc.AppendStored(nil))
	patch, err := ParsePatch(p.t, body, p.d, &p.notes)
	if err != nil {
		return "", err
	}
	tg := Target{ID: "id-1", Doc: doc.Clone(), Dialect: p.d, Notes: &p.notes}
	if p.set != nil {
		tg.Sets = p.set.sets
	}
	if err := patch.Apply(tg); err != nil {
		require.Equal(tb, before, string(doc.AppendStored(nil)), "Clone shares memory")
		return "", err
	}
	if err := Finish(tg.Doc, p.d); err != nil {
		return "", err
	}
	return string(tg.Doc.AppendStored(nil)), nil
}

// noted reports whether a note of that kind was left.
func (p *patchTest) noted(k NoteKind) bool {
	return slices.ContainsFunc(p.notes, func(n Note) bool { return n.Kind == k })
}
