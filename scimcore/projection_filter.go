package scimcore

import (
	"slices"
	"strings"
)

// choice says which elements of a multi-valued attribute appear, and what of
// them, where a client named it with a filter in brackets.
type choice struct {
	typ   *Type
	attr  *Attr
	terms []choiceTerm
	// parts, by place in attr.Subs, is what every element shows whatever the terms
	// say: at least for "attributes", at most for "excludedAttributes". A plain
	// element has one part, itself.
	parts []bool
	cuts  bool // the terms take away
}

// choiceTerm is one name with brackets.
type choiceTerm struct {
	filter *Filter
	sub    *Attr  // what of the elements is named; nil for all of them
	parts  []bool // what it adds to an element that matches, or leaves of it
}

// shown writes into parts what an element shows, given how to ask it; the result
// is valid until the next call with the same memory.
func (c *choice) shown(parts []bool, matches func(*Filter) bool) []bool {
	parts = append(parts[:0], c.parts...)
	for i := range c.terms {
		t := &c.terms[i]
		if !matches(t.filter) {
			continue
		}
		for j, has := range t.parts {
			if c.cuts {
				parts[j] = parts[j] && has
			} else {
				parts[j] = parts[j] || has
			}
		}
	}
	return parts
}

// choice finds the one about a; nil for most attributes of most projections.
func (p *Projection) choice(a *Attr) *choice {
	for i := range p.choices {
		if p.choices[i].attr == a {
			return &p.choices[i]
		}
	}
	return nil
}

// Personal returns an attribute that a filter in brackets asks about and that can
// tell who a person is, nil when there is none; see [Filter.Personal].
func (p *Projection) Personal() *Attr {
	if p == nil {
		return nil
	}
	for i := range p.choices {
		for _, t := range p.choices[i].terms {
			if a := t.filter.Personal(); a != nil {
				return a
			}
		}
	}
	return nil
}

// nameParser reads the value of a parameter that lists attributes.
type nameParser struct {
	typ     *Type
	param   string
	d       Dialect
	notes   *Notes
	named   []*Attr // those without brackets
	choices []choice
	clauses int
}

// maxNames bounds how many attributes a request may name; the largest type has
// fewer.
const maxNames = 2000

// parse reads list. Names the type does not have are passed over (PRJ-A02), with
// the brackets that follow them.
func (p *nameParser) parse(list string) error {
	n := 0
	for item := range listItems(list) {
		if n++; n > maxNames {
			return Bad(InvalidValue, "%s has more than %d names. Leave it out to see everything.", p.param, maxNames)
		}
		name, filter := item, ""
		if i := strings.IndexByte(item, '['); i >= 0 {
			name, filter = item[:i], item[i:]
		}
		a, ok := p.typ.Resolve(strings.TrimSpace(name))
		switch {
		case !ok:
		case filter == "":
			p.named = append(p.named, a)
		default:
			if err := p.brackets(a, item, len(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// brackets reads the filter in item[open:] and the .sub that may follow.
func (p *nameParser) brackets(a *Attr, item string, open int) error {
	f := filterParser{lexer: lexer{src: item, pos: open}, typ: p.typ, d: p.d, notes: p.notes, elem: a, noun: "filter in " + p.param, clauses: p.clauses}
	if err := f.checkText(); err != nil {
		return err
	}
	if !a.MultiValued {
		return f.fail(open, "%s has no elements to choose from: leave out the brackets", a.Path)
	}
	root, err := f.group(f.next(), "]")
	if err != nil {
		return err
	}
	p.clauses = f.clauses
	t := choiceTerm{filter: &Filter{typ: p.typ, elem: a, root: root}}
	if rest := strings.TrimSpace(item[f.pos:]); rest != "" {
		if rest[0] != '.' || !validName(rest[1:]) {
			return f.fail(f.pos, "found %s after the brackets, expected the end or .sub", quoteShort(rest))
		}
		if t.sub = a.Sub(rest[1:]); t.sub == nil {
			return nil
		}
	}
	i := slices.IndexFunc(p.choices, func(c choice) bool { return c.attr == a })
	if i < 0 {
		i = len(p.choices)
		p.choices = append(p.choices, choice{typ: p.typ, attr: a})
	}
	p.choices[i].terms = append(p.choices[i].terms, t)
	return nil
}

// listItems yields the items of a comma-separated list; commas in brackets belong
// to a filter.
func listItems(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(list) > 0 {
			end := 0
			for end < len(list) && list[end] != ',' {
				if list[end] == '[' {
					if end = bracketEnd(list, end); end == 0 {
						end = len(list) - 1 // never closed: all of the rest
					}
				}
				end++
			}
			item := strings.TrimSpace(list[:end])
			list = list[min(end+1, len(list)):]
			if item != "" && !yield(item) {
				return
			}
		}
	}
}

// chosen copies the elements of an array that ch shows, by way of a tree; false
// if there are none.
func (c *cutter) chosen(dst []byte, ch *choice) ([]byte, bool) {
	from := c.pos
	c.skip()
	doc := NewDoc(ch.typ)
	r := reader{doc: doc, src: c.src[from:c.pos]}
	if c.bad || r.value(Root, ch.attr) != nil {
		c.bad = true
		return dst, false
	}
	start := len(dst)
	dst = append(dst, '[')
	mark := len(dst)
	var parts []bool
	for k := range doc.Kids(doc.nodes[Root].first) {
		parts = ch.shown(parts, func(f *Filter) bool {
			ok, _ := f.MatchElement(doc, k) // only a Set can fail, and an element asks none
			return ok
		})
		before := len(dst)
		if before > mark {
			dst = append(dst, ',')
		}
		var some bool
		if dst, some = ch.appendElement(dst, doc, k, parts); !some {
			dst = dst[:before]
		}
	}
	if len(dst) == mark {
		return dst[:start], false
	}
	return append(dst, ']'), true
}

// appendElement writes the parts of element k; false if it has none of them.
func (c *choice) appendElement(dst []byte, doc *Doc, k NodeID, parts []bool) ([]byte, bool) {
	if c.attr.Type != Complex {
		return doc.appendValue(dst, k), parts[0]
	}
	dst = append(dst, '{')
	some := false
	for m := range doc.Kids(k) {
		if i := slices.Index(c.attr.Subs, doc.Attr(m)); i >= 0 && parts[i] { // what is retired has no place
			dst = doc.appendMember(dst, m, some)
			some = true
		}
	}
	return append(dst, '}'), some
}
