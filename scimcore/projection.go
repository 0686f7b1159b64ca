package scimcore

import "strings"

// Projection says which attributes of a type a response holds (RFC 7644,
// section 3.9). A nil Projection is the default set. Immutable.
type Projection struct {
	want  []bool // by Attr.Num: appears, at least in part
	whole []bool // by Attr.Num: appears with everything below it
	// splice says that all that is stored appears, so that stored bytes can be copied as they are.
	splice bool
	// choices are the attributes whose elements a filter chooses.
	choices []choice
}

// ParseProjection reads the query parameters "attributes" and "excludedAttributes"
// against t: comma-separated attribute notation in any case. Names t does not have
// are ignored (PRJ-A02) and white space is tolerated. A filter in brackets, as in
// emails[type eq "work"], is about the elements it matches alone: with
// "attributes" no others appear unless named otherwise, with "excludedAttributes"
// no others are left out. A broken filter is 400 invalidFilter. Both empty is
// nil; both given is 400 invalidValue (PRJ-03).
func ParseProjection(t *Type, attributes, excluded string, d Dialect, notes *Notes) (*Projection, error) {
	attributes, excluded = strings.TrimSpace(attributes), strings.TrimSpace(excluded)
	switch {
	case attributes != "" && excluded != "":
		return nil, Bad(InvalidValue, "attributes and excludedAttributes exclude each other. Send one of them.")
	case attributes != "":
		names := nameParser{typ: t, param: "attributes", d: d, notes: notes}
		if err := names.parse(attributes); err != nil {
			return nil, err
		}
		return t.project((*Projection).include, &names), nil
	case excluded != "":
		names := nameParser{typ: t, param: "excludedAttributes", d: d, notes: notes}
		if err := names.parse(excluded); err != nil {
			return nil, err
		}
		for i := range names.choices {
			names.choices[i].cuts = true
		}
		return t.project((*Projection).exclude, &names), nil
	}
	return nil, nil
}

// defaultProjection is what nil stands for.
func (t *Type) defaultProjection() *Projection {
	return t.project((*Projection).exclude, &nameParser{})
}

// project lets choose set the leaves for the names, and derives the rest from them.
func (t *Type) project(choose func(p *Projection, a *Attr, named []bool, above bool), names *nameParser) *Projection {
	flags := make([]bool, 3*t.Len())
	p := &Projection{want: flags[:t.Len()], whole: flags[t.Len() : 2*t.Len()], choices: names.choices}
	named := flags[2*t.Len():]
	for _, a := range names.named {
		named[a.Num] = true
	}
	for _, s := range t.Root.Subs {
		choose(p, s, named, false)
	}
	for i := range p.choices {
		p.settleChoice(&p.choices[i], choose)
	}
	p.settle(t.Root)
	for i := range p.choices {
		for a := p.choices[i].attr; a != nil; a = a.Parent {
			p.whole[a.Num] = false
		}
	}
	p.splice = true
	for _, s := range t.Root.stored {
		if !s.Rows && !p.whole[s.Num] {
			p.splice = false
		}
	}
	return p
}

// settleChoice works out what the elements of c.attr show: each term is what its
// name would be without brackets and alone.
func (p *Projection) settleChoice(c *choice, choose func(p *Projection, a *Attr, named []bool, above bool)) {
	leaves := c.attr.Subs
	if c.attr.Type != Complex {
		leaves = []*Attr{c.attr}
	}
	parts := func(of *Projection) (out []bool) {
		for _, s := range leaves {
			out = append(out, of.want[s.Num])
		}
		return out
	}
	c.parts = parts(p)
	for i := range c.terms {
		t := &c.terms[i]
		alone, named := &Projection{want: make([]bool, len(p.want))}, make([]bool, len(p.want))
		target := c.attr
		if t.sub != nil {
			target = t.sub
		}
		named[target.Num] = true
		choose(alone, c.attr, named, false)
		t.parts = parts(alone)
	}
	if c.cuts {
		return
	}
	for _, t := range c.terms { // what may appear, of which the elements then choose
		for j, has := range t.parts {
			p.want[leaves[j].Num] = p.want[leaves[j].Num] || has
		}
	}
}

// Written is what the answer to a write shows when the client named no
// attributes: what is returned by default, and of what is returned on request
// that which the body had (RFC 7643, section 7). nil when the type has nothing of
// that kind. body is the request as parsed, before anything is done to it.
func Written(body *Doc) *Projection {
	if !body.Type.onRequest {
		return nil
	}
	had := &nameParser{}
	for _, n := range body.nodes[1:] {
		had.named = append(had.named, n.attr)
	}
	return body.Type.project((*Projection).written, had)
}

// Written is the same for a patch.
func (p *Patch) Written() *Projection { return Written(p.frag) }

// written sets the leaves below a for the answer to a write.
func (p *Projection) written(a *Attr, named []bool, _ bool) {
	if a.Returned == ReturnedNever || a.Returned == ReturnedRequest && !named[a.Num] {
		return
	}
	if len(a.stored) == 0 {
		p.want[a.Num] = true
		return
	}
	for _, s := range a.Subs {
		p.written(s, named, false)
	}
}

// include sets the leaves below a for "attributes". under says that an attribute
// above was asked for as a whole.
func (p *Projection) include(a *Attr, named []bool, under bool) {
	top := a.Parent.Parent == nil || a.Parent.Container
	switch {
	case a.Returned == ReturnedNever:
		return
	case named[a.Num], a.Returned == ReturnedAlways && top:
		under = true
	case a.Returned == ReturnedRequest:
		under = false
	}
	if len(a.stored) == 0 {
		p.want[a.Num] = under
		return
	}
	some := under
	for _, s := range a.Subs {
		p.include(s, named, under)
		some = some || p.want[s.Num]
	}
	for _, s := range a.Subs { // a part that is always returned comes with any other part
		if some && !a.Container && s.Returned == ReturnedAlways {
			p.want[s.Num] = true
		}
	}
	p.want[a.Num] = some
}

// exclude sets the leaves below a for "excludedAttributes". cut says that an
// attribute above was named.
func (p *Projection) exclude(a *Attr, named []bool, cut bool) {
	if a.Returned == ReturnedNever || a.Returned == ReturnedRequest {
		return
	}
	cut = cut || named[a.Num] && a.Returned != ReturnedAlways
	if len(a.stored) == 0 {
		p.want[a.Num] = !cut
		return
	}
	for _, s := range a.Subs {
		p.exclude(s, named, cut && !(a.Container && s.Returned == ReturnedAlways))
	}
}

// settle derives want and whole of attributes with parts from their leaves.
func (p *Projection) settle(a *Attr) {
	if len(a.stored) == 0 {
		// What is never stored is missing from no copy of what is.
		p.whole[a.Num] = p.want[a.Num] || isPassword(a)
		return
	}
	some, all := false, true
	for _, s := range a.stored {
		p.settle(s)
		some = some || p.want[s.Num]
		all = all && p.whole[s.Num]
	}
	p.want[a.Num], p.whole[a.Num] = some, some && all
}

// Wants reports whether a, or a part of it, appears in the response.
func (p *Projection) Wants(a *Attr) bool {
	if p != nil {
		return p.want[a.Num]
	}
	for ; a != nil; a = a.Parent {
		if a.Returned == ReturnedNever || a.Returned == ReturnedRequest {
			return false
		}
	}
	return true
}
