package scimcore

import "strings"

// Projection says which attributes of a type a response holds (RFC 7644,
// section 3.9). A nil Projection is the default set. Immutable.
type Projection struct {
	want  []bool // by Attr.Num: appears, at least in part
	whole []bool // by Attr.Num: appears with everything below it
	// splice says that all that is stored appears, so that stored bytes can be copied as they are.
	splice bool
}

// ParseProjection reads the query parameters "attributes" and "excludedAttributes"
// against t: comma-separated attribute notation in any case. Names t does not have
// are ignored (PRJ-A02), white space is tolerated, and a filter in brackets, as in
// emails[type eq "work"], is read without the filter. Both empty is nil; both
// given is 400 invalidValue (PRJ-03).
func ParseProjection(t *Type, attributes, excluded string) (*Projection, error) {
	attributes, excluded = strings.TrimSpace(attributes), strings.TrimSpace(excluded)
	switch {
	case attributes != "" && excluded != "":
		return nil, Bad(InvalidValue, "attributes and excludedAttributes exclude each other. Send one of them.")
	case attributes != "":
		return t.project(func(p *Projection, named []bool) {
			for _, s := range t.Root.Subs {
				p.include(s, named, false)
			}
		}, attributes), nil
	case excluded != "":
		return t.project(func(p *Projection, named []bool) {
			for _, s := range t.Root.Subs {
				p.exclude(s, named, false)
			}
		}, excluded), nil
	}
	return nil, nil
}

// defaultProjection is what nil stands for.
func (t *Type) defaultProjection() *Projection {
	return t.project(func(p *Projection, named []bool) {
		for _, s := range t.Root.Subs {
			p.exclude(s, named, false)
		}
	}, "")
}

// project marks the attributes that list names, lets choose set the leaves, and
// derives the rest from them.
func (t *Type) project(choose func(p *Projection, named []bool), list string) *Projection {
	flags := make([]bool, 3*t.Len())
	p := &Projection{want: flags[:t.Len()], whole: flags[t.Len() : 2*t.Len()]}
	named := flags[2*t.Len():]
	for name := range attributeNames(list) {
		if a, ok := t.Resolve(name); ok {
			named[a.Num] = true
		}
	}
	choose(p, named)
	p.settle(t.Root)
	p.splice = true
	for _, s := range t.Root.stored {
		if !s.Rows && !p.whole[s.Num] {
			p.splice = false
		}
	}
	return p
}

// Written is what the answer to a write shows when the client named no
// attributes: what is returned by default, and of what is returned on request
// that which the body had (RFC 7643, section 7). nil when the type has nothing of
// that kind. body is the request as parsed, before anything is done to it.
func Written(body *Doc) *Projection {
	t := body.Type
	if !t.onRequest {
		return nil
	}
	return t.project(func(p *Projection, named []bool) {
		for _, n := range body.nodes[1:] {
			named[n.attr.Num] = true
		}
		for _, s := range t.Root.Subs {
			p.written(s, named)
		}
	}, "")
}

// Written is the same for a patch.
func (p *Patch) Written() *Projection { return Written(p.frag) }

// written sets the leaves below a for the answer to a write.
func (p *Projection) written(a *Attr, named []bool) {
	if a.Returned == ReturnedNever || a.Returned == ReturnedRequest && !named[a.Num] {
		return
	}
	if len(a.stored) == 0 {
		p.want[a.Num] = true
		return
	}
	for _, s := range a.Subs {
		p.written(s, named)
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

// attributeNames yields the names of a comma-separated list; commas in brackets belong to a filter.
func attributeNames(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(list) > 0 {
			item := list
			depth, name := 0, make([]byte, 0, 64)
			i := 0
			for ; i < len(item) && (item[i] != ',' || depth > 0); i++ {
				switch c := item[i]; {
				case c == '[':
					depth++
				case c == ']' && depth > 0:
					depth--
				case depth == 0:
					name = append(name, c)
				}
			}
			list = item[min(i+1, len(item)):]
			if s := strings.TrimSpace(string(name)); s != "" && !yield(s) {
				return
			}
		}
	}
}
