package scimcore

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Order is how a list is sorted (RFC 7644, section 3.4.2.3). The zero value is
// the order of creation.
type Order struct {
	// By is what sortBy names in the type at hand; nil where that type has no such
	// attribute, and for the zero Order.
	By         *Attr
	Sorted     bool // a sortBy was given
	Descending bool
}

// ParseOrder reads sortBy and sortOrder for a list of resources of type t. others
// are the further types that the same request lists: an attribute only one of
// them has counts as unassigned in t. 400 invalidValue for a name nobody has, for
// a complex attribute without the part to sort by, and for a sortOrder that is
// neither ascending nor descending in any letter case.
func ParseOrder(t *Type, others []*Type, sortBy, sortOrder string) (Order, error) {
	var o Order
	switch sortOrder = strings.TrimSpace(sortOrder); {
	case sortOrder == "", equalFold(sortOrder, "ascending"):
	case equalFold(sortOrder, "descending"):
		o.Descending = true
	default:
		return o, Bad(InvalidValue, "sortOrder must be ascending or descending.")
	}
	sortBy = strings.TrimSpace(sortBy)
	if sortBy == "" {
		return Order{}, nil
	}
	o.Sorted = true
	a, ok := t.Resolve(sortBy)
	if !ok {
		for _, other := range others {
			if _, known := other.Resolve(sortBy); known {
				return o, nil
			}
		}
		return o, Bad(InvalidValue, "sortBy: %s has no attribute %s. See /Schemas for the names; one of an extension takes its URN.", t.Name, quoteShort(sortBy))
	}
	o.By, ok = sortable(a)
	switch {
	case a.secret() || a.Parent.secret():
		return o, Bad(InvalidValue, "sortBy: %s is never returned, so nothing is sorted by it either.", a.Path)
	case !ok:
		return o, Bad(InvalidValue, "sortBy: %s has several parts. Name the one to sort by, such as %s.", a.Path, a.Subs[0].Path)
	case o.By.Rows || o.By.Parent.Rows:
		return o, Bad(InvalidValue, "sortBy: lists are not sorted by %s, of which a resource has many.", a.Path)
	}
	return o, nil
}

// sortable takes a complex attribute with a primary value for that value, as
// filters do.
func sortable(a *Attr) (*Attr, bool) {
	if a.Type != Complex {
		return a, true
	}
	if v := a.Sub("value"); v != nil && a.MultiValued {
		return v, true
	}
	return a, false
}

// First bytes of a sort key: an unassigned attribute, whose key is that byte
// alone, comes last (SRT-05).
const (
	SortAssigned   = 1
	SortUnassigned = 2
)

// AppendSortKey appends the key by which a resource of type t with these stored
// bytes sorts by a, an attribute that is kept in them: keys compare byte by byte
// as values do by their type and case rule (SRT-02, SRT-04), and one of an
// unassigned attribute comes after all others (SRT-05). Of a multi-valued
// attribute the primary element counts, else the first (SRT-06). A nil a is
// unassigned everywhere.
func AppendSortKey(dst []byte, a *Attr, stored []byte) []byte {
	if a == nil {
		return append(dst, SortUnassigned)
	}
	c := cutter{src: stored}
	if !c.descend(a) {
		return append(dst, SortUnassigned)
	}
	from := c.pos
	c.skip()
	if c.bad {
		return append(dst, SortUnassigned)
	}
	raw := stored[from:c.pos]
	if len(raw) < 2 || raw[0] != '"' || bytes.IndexByte(raw, '\\') >= 0 || a.Type == DateTime {
		return AppendSortText(dst, a, literalOf(raw))
	}
	// Most values are plain text, of which sorting a large tenant reads a great many.
	text := raw[1 : len(raw)-1]
	if dst = append(dst, SortAssigned); a.exact() {
		return append(dst, text...)
	}
	return AppendFold(dst, text)
}

// AppendSortText is AppendSortKey for a value at hand.
func AppendSortText(dst []byte, a *Attr, text string) []byte {
	return append(append(dst, SortAssigned), IndexText(a, text)...)
}

// literalOf is the text of a JSON string, or a number or boolean as written.
func literalOf(raw []byte) string {
	if len(raw) == 0 || raw[0] != '"' {
		return string(raw)
	}
	return string(unquoted(jsontext.Value(raw)))
}

// descend moves to the value of a, from the start of stored bytes.
func (c *cutter) descend(a *Attr) bool {
	if a.Parent == nil {
		return len(c.src) > 0
	}
	return c.descend(a.Parent) && c.field(a.Name) && (!a.MultiValued || c.element(a))
}

// field moves to the value of a member of the object at hand.
func (c *cutter) field(name string) bool {
	if !c.eat('{') {
		return false
	}
	for !c.bad && !c.eat('}') {
		c.eat(',')
		from := c.pos
		c.skip()
		if c.bad || !c.eat(':') || c.pos-from < len(`"":`) {
			break
		}
		if string(c.src[from+1:c.pos-2]) == name {
			return true
		}
		c.skip()
	}
	return false
}

// element moves to the primary element of the array at hand, else to the first.
func (c *cutter) element(a *Attr) bool {
	if !c.eat('[') || c.pos < len(c.src) && c.src[c.pos] == ']' {
		return false
	}
	first := c.pos
	if a.Sub("primary") == nil {
		return true
	}
	for !c.bad && !c.eat(']') {
		c.eat(',')
		from := c.pos
		if one := (cutter{src: c.src, pos: from}); one.field("primary") && one.pos < len(one.src) && one.src[one.pos] == 't' {
			c.pos = from
			return true
		}
		c.skip()
	}
	c.pos = first
	return !c.bad
}
