package directory

import (
	"errors"
	"time"

	"scimedge/kv"
	"scimedge/scimcore"
)

// matching asks one filter about one resource after the other, in one arena.
type matching struct {
	l    *listing
	s    *source
	doc  *scimcore.Doc
	meta bool // the filter looks at meta
	id   bool
	sets scimcore.Sets
	at   ID
	gen  uint64
}

func newMatching(l *listing, s *source) *matching {
	m := &matching{l: l, s: s, doc: scimcore.NewDoc(s.Type), meta: s.Filter.Uses(s.Type.Meta), id: s.Filter.Uses(s.Type.ID)}
	m.sets = func(a *scimcore.Attr) (scimcore.Set, error) {
		switch a {
		case s.kind.members:
			dead, err := s.rows.deadRefs()
			return &readMembers{l: l, r: l.r, group: m.at, gen: m.gen, dead: dead}, err
		case s.kind.groups:
			return &readGroups{l: l, up: s.rows.up, member: m.at}, nil
		}
		return nil, nil
	}
	return m
}

func (m *matching) match(id ID, rec *record) (bool, error) {
	t := m.s.Type
	if err := m.s.Filter.ReadStored(m.doc, rec.json); err != nil {
		return false, err
	}
	m.at, m.gen = id, rec.gen
	if m.id {
		m.doc.AddString(scimcore.Root, t.ID, id.String())
	}
	if m.meta {
		addMeta(m.doc, t, rec, m.l.q.Base+"/"+t.Endpoint+"/"+id.String())
	}
	return m.s.Filter.Match(m.doc, m.sets)
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// addMeta puts meta into doc, for a filter to ask about.
func addMeta(doc *scimcore.Doc, t *scimcore.Type, rec *record, location string) {
	n := doc.Add(scimcore.Root, t.Meta, scimcore.KindObject)
	doc.AddString(n, t.Meta.Sub("resourceType"), t.Name)
	doc.AddString(n, t.Meta.Sub("created"), time.UnixMilli(rec.created).UTC().Format(timeLayout))
	doc.AddString(n, t.Meta.Sub("lastModified"), time.UnixMilli(rec.modified).UTC().Format(timeLayout))
	doc.AddString(n, t.Meta.Sub("location"), location)
	doc.AddString(n, t.Meta.Sub("version"), scimcore.ETag(rec.version))
}

var errReadOnlySet = errors.New("directory: a query cannot change members")

// readMembers is a group's members as a filter sees them.
type readMembers struct {
	readOnlySet
	l     *listing
	r     kv.Reader
	group ID
	gen   uint64
	dead  map[string]bool
}

func (m *readMembers) Has(value string) (bool, error) {
	r := parseRef(value)
	if m.dead[string(r)] {
		return false, nil
	}
	row, err := m.r.Get(memberKey(m.group, m.gen, r))
	return row != nil, err
}

// Each counts every member as looked at: a group of 100,000 costs what as many
// resources do.
func (m *readMembers) Each(yield func(scimcore.Row) bool) (err error) {
	scan := eachMember(m.r, m.group, m.gen, m.dead, func(row scimcore.Row) bool {
		err = m.l.look(1)
		return err == nil && yield(row)
	})
	return errors.Join(err, scan)
}

// readGroups is a user's groups as a filter sees them.
type readGroups struct {
	readOnlySet
	l      *listing
	up     *climb
	member ID
}

func (g *readGroups) Has(value string) (bool, error) {
	id, ok := ParseID(value)
	if !ok {
		return false, nil
	}
	g.up.reset(g.l.d, g.l.r)
	in, err := g.up.isIn(g.member, id)
	if err != nil {
		return false, err
	}
	return in, g.l.glance(g.up.read())
}

// Each counts what is read on the way up.
func (g *readGroups) Each(yield func(scimcore.Row) bool) error {
	g.up.reset(g.l.d, g.l.r)
	if err := g.up.each(g.member, yield); err != nil {
		return err
	}
	return g.l.glance(g.up.read())
}

// readOnlySet refuses what a query never asks for.
type readOnlySet struct{}

func (readOnlySet) Add([]scimcore.Member) (bool, error)     { return false, errReadOnlySet }
func (readOnlySet) Remove([]string) (bool, error)           { return false, errReadOnlySet }
func (readOnlySet) Replace([]scimcore.Member) (bool, error) { return false, errReadOnlySet }
