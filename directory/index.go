package directory

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"scimedge/kv"
	"scimedge/scimcore"
)

// index declares that resources of one type can be found by one attribute. The
// table below and the schemas' uniqueness are all there is to it: writing,
// planning and checking are driven by it.
type index struct {
	attr   *scimcore.Attr
	name   string // as it stands in keys: the attribute's path
	unique bool
}

// searchable lists, per resource type, the attributes that identity providers
// and applications look resources up by. Attributes a schema declares unique or
// filterable are indexed without being listed.
func searchable(typ string) []string {
	switch typ {
	case "User":
		return []string{"externalId", "emails.value", "displayName", "active"}
	case "Group":
		return []string{"externalId", "displayName"}
	}
	return []string{"externalId"}
}

// lastModified is indexed for every type; it is no part of the stored document.
const lastModified = "meta.lastModified"

// indexesOf compiles the table for t.
func indexesOf(t *scimcore.Type) []index {
	var out []index
	for n := range t.Len() {
		a := t.Attr(n)
		switch {
		case a == t.ID:
		case a.Uniqueness != scimcore.UniquenessNone:
			out = append(out, index{a, a.Path, true})
		case a.Filterable:
			out = append(out, index{a, a.Path, false})
		}
	}
	for _, path := range searchable(t.Name) {
		if a, ok := t.Resolve(path); ok && a.Uniqueness == scimcore.UniquenessNone && !a.Filterable { // else it is there
			out = append(out, index{a, a.Path, false})
		}
	}
	return out
}

// indexRow is one row of an index: for a unique one its value is the id.
type indexRow struct {
	key    string
	unique bool
	attr   *scimcore.Attr
}

// indexRows computes all index rows of a resource, in key order.
func indexRows(idx []index, t *scimcore.Type, id ID, doc *scimcore.Doc, modified int64) []indexRow {
	rows := make([]indexRow, 0, len(idx)+2)
	for _, ix := range idx {
		eachText(doc, ix.attr, func(text string) {
			rows = append(rows, indexRow{ix.key(t, id, text), ix.unique, ix.attr})
		})
	}
	rows = append(rows, indexRow{key: modifiedKey(t, modified, id)})
	slices.SortFunc(rows, func(a, b indexRow) int { return strings.Compare(a.key, b.key) })
	return dedupe(rows)
}

// dedupe drops repeated rows, as two e-mail elements may hold one address.
func dedupe(rows []indexRow) []indexRow {
	out := rows[:0]
	for i, r := range rows {
		if i == 0 || r.key != rows[i-1].key {
			out = append(out, r)
		}
	}
	return out
}

func (ix index) key(t *scimcore.Type, id ID, text string) string {
	if ix.unique {
		return string(ix.lookup(t, text))
	}
	return string(ix.lookup(t, text).Raw(id[:]))
}

// lookup is the whole key of a unique index, and the prefix that the ids follow
// in any other.
func (ix index) lookup(t *scimcore.Type, text string) kv.Key {
	return ix.root(t).Text(indexable(scimcore.IndexText(ix.attr, text)))
}

// root is what all rows of the index begin with.
func (ix index) root(t *scimcore.Type) kv.Key {
	kind := byte(rowIndex)
	if ix.unique {
		kind = rowUnique
	}
	return key(kind).Text(t.Name).Text(ix.name)
}

func modifiedKey(t *scimcore.Type, ms int64, id ID) string {
	return string(key(rowIndex).Text(t.Name).Text(lastModified).Uint64(uint64(ms)).Raw(id[:]))
}

// maxIndexed keeps index keys within the store's bounds. Longer values keep
// their beginning, for order, and end in a digest, for equality.
const (
	maxIndexed = 300
	keptText   = maxIndexed - 8 - sha256.Size // of a longer one
)

func indexable(s string) string {
	if len(s) <= maxIndexed {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return s[:keptText] + string(binary.BigEndian.AppendUint64(nil, uint64(len(s)))) + string(sum[:])
}

// eachText calls fn with the comparison text of every value of a in doc:
// strings as they are, booleans as true and false.
func eachText(doc *scimcore.Doc, a *scimcore.Attr, fn func(string)) {
	if up := a.Parent; up.MultiValued {
		n := doc.Find(up)
		if n == 0 {
			return
		}
		for el := range doc.Kids(n) {
			if k := doc.Child(el, a); k != 0 {
				nodeText(doc, k, fn)
			}
		}
		return
	}
	if n := doc.Find(a); n != 0 {
		nodeText(doc, n, fn)
	}
}

func nodeText(doc *scimcore.Doc, n scimcore.NodeID, fn func(string)) {
	switch doc.Kind(n) {
	case scimcore.KindString, scimcore.KindNumber:
		fn(doc.String(n))
	case scimcore.KindBool:
		if doc.Bool(n) {
			fn("true")
		} else {
			fn("false")
		}
	case scimcore.KindArray:
		for k := range doc.Kids(n) {
			nodeText(doc, k, fn)
		}
	}
}
