package directory_test

import (
	"maps"
	"reflect"
	"slices"
)

// patching is the reference model of a PATCH (RFC 7644, section 3.5.2) at work on
// one resource.
type patching struct {
	rules
	urn   string            // of the core schema
	res   object            // as stored, with its id
	known map[string]string // resources by id: "User" or "Group"
}

// run applies all operations or none; fails is the scimType of the refusal.
func (p *patching) run(ops []operation) (out object, fails string) {
	var todo []change
	for _, op := range ops {
		some, fails := p.read(op)
		if fails != "" {
			return nil, fails
		}
		todo = append(todo, some...)
	}
	for _, c := range todo {
		if fails := p.change(c); fails != "" {
			return nil, fails
		}
	}
	return p.res, p.finish()
}

func (p *patching) change(c change) string {
	switch a := c.on.attr; {
	case c.on.protected():
		if v := p.holder(a, false)[a.name]; v == nil || !reflect.DeepEqual(v, c.value) {
			return refused // RFC 7644, section 3.5.2: only what it says already may be written
		}
		return ""
	case a.name == "members":
		return p.members(c)
	case a.multi:
		return p.multi(c)
	}
	return p.single(c)
}

// holder is the object an attribute is a member of.
func (p *patching) holder(a *attribute, create bool) object {
	at := p.res
	step := func(name string) {
		next, _ := at[name].(object)
		if next == nil {
			next = object{}
			if create {
				at[name] = next
			}
		}
		at = next
	}
	if a.urn != "" {
		step(a.urn)
	}
	if a.parent != nil {
		step(a.parent.name)
	}
	return at
}

func (p *patching) single(c change) string {
	a := c.on.attr
	in := p.holder(a, c.value != nil && c.verb != "remove")
	cur := in[a.name]
	whole, _ := cur.(object)
	switch {
	case c.clear:
		maps.DeleteFunc(whole, func(name string, _ any) bool { return !a.sub(name).immutable })
	case c.value == nil || c.verb == "remove":
		switch {
		case a.required:
			return refused
		case cur == nil:
			return ""
		case a.immutable || slices.ContainsFunc(a.subs, func(s *attribute) bool { return s.immutable && whole[s.name] != nil }):
			return refused
		}
		delete(in, a.name)
	case reflect.DeepEqual(cur, c.value):
	case a.immutable && cur != nil:
		return refused
	case whole != nil && (c.verb == "add" || p.merge):
		maps.Copy(whole, c.value.(object))
	default:
		in[a.name] = c.value
	}
	return ""
}

func (p *patching) multi(c change) string {
	a := c.on.attr
	in := p.holder(a, true)
	list, _ := in[a.name].([]any)
	fails := ""
	switch {
	case c.on.filter != nil || c.on.sub != nil:
		list, fails = p.chosen(c, list)
	case c.listed:
		list = slices.DeleteFunc(list, func(el any) bool {
			return slices.ContainsFunc(c.value.([]any), func(l any) bool { return a.lists(l, el) })
		})
	case c.value == nil && c.verb == "add":
	case c.value == nil:
		list = nil
	case c.verb == "replace":
		list = a.add(nil, c.value.([]any))
	default:
		list = a.add(list, c.value.([]any))
	}
	in[a.name] = list
	return fails
}

// chosen changes the elements a filter chooses, or all of them for attr.sub.
func (p *patching) chosen(c change, list []any) ([]any, string) {
	a, sub := c.on.attr, c.on.sub
	var at []int
	for i, el := range list {
		if c.on.filter == nil || holdsElement(c.on.filter, el) {
			at = append(at, i)
		}
	}
	if c.verb == "remove" || c.value == nil {
		var left []any
		for i, el := range list {
			switch {
			case !slices.Contains(at, i):
			case sub == nil:
				continue
			default:
				delete(el.(object), sub.name)
			}
			if o, ok := el.(object); !ok || len(o) > 0 {
				left = append(left, el)
			}
		}
		return left, ""
	}
	if len(at) == 0 {
		return p.make(c, list)
	}
	primary := sub != nil && sub.name == "primary" && c.value == true
	for _, i := range at {
		switch o, _ := list[i].(object); {
		case sub != nil:
			o[sub.name] = c.value
		case c.verb == "add" && o != nil:
			maps.Copy(o, c.value.(object))
		default:
			list[i] = cloned(c.value)
		}
	}
	if o, ok := c.value.(object); ok && sub == nil {
		primary = o["primary"] == true
	}
	if sub == nil && (c.verb == "replace" || a.kind != "complex") { // all have become one value, which is held once
		first := at[0]
		var left []any
		for i, el := range list {
			if i == first || !slices.Contains(at, i) {
				left = append(left, el)
			}
		}
		list, at = left, at[:1]
	}
	switch {
	case primary && len(at) > 1:
		return nil, "invalidValue"
	case primary:
		promote(list, at[0])
	}
	return list, ""
}

// make adds the element that a filter without a match describes.
func (p *patching) make(c change, list []any) ([]any, string) {
	a := c.on.attr
	terms, plain := equalities(c.on.filter)
	// RFC 7644, section 3.5.2.3: replace without a match has no target. Decided: add makes it.
	if !plain || c.on.filter != nil && c.verb == "replace" && !p.lenient {
		return nil, "noTarget"
	}
	el := c.value
	if a.kind == "complex" {
		o := object{}
		for _, t := range terms {
			if _, twice := o[t.attr.name]; !twice {
				o[t.attr.name] = t.with
			}
		}
		if c.on.sub != nil {
			o[c.on.sub.name] = c.value
		} else {
			maps.Copy(o, c.value.(object))
		}
		el = o
	}
	if c.on.filter != nil && !holdsElement(c.on.filter, el) {
		return nil, "noTarget"
	}
	list = append(slices.Clone(list), el)
	if o, ok := el.(object); ok && o["primary"] == true {
		promote(list, len(list)-1)
	}
	return list, ""
}

// equalities are the terms of a filter that is nothing but eq joined by and.
func equalities(q question) (terms []comparison, plain bool) {
	switch q := q.(type) {
	case nil:
		return nil, true
	case comparison:
		return []comparison{q}, q.op == "eq" && q.with != nil
	case both:
		for _, k := range q {
			more, plain := equalities(k)
			if !plain {
				return nil, false
			}
			terms = append(terms, more...)
		}
		return terms, true
	}
	return nil, false
}

// finish puts the resource in order: nothing empty, nothing twice, one primary.
func (p *patching) finish() string {
	prune(p.res)
	for _, in := range []any{p.res, p.res[enterprise], p.res[custom]} {
		o, _ := in.(object)
		for name, v := range o {
			if list, ok := v.([]any); ok && name != "members" && name != "schemas" {
				list = unrepeated(list)
				o[name] = list
				primaries := 0
				for _, el := range list {
					if o, ok := el.(object); ok && o["primary"] == true {
						primaries++
					}
				}
				if primaries > 1 {
					return "invalidValue"
				}
			}
		}
	}
	schemas := []any{p.urn}
	for _, urn := range []string{enterprise, custom} {
		if p.res[urn] != nil {
			schemas = append(schemas, urn)
		}
	}
	p.res["schemas"] = schemas
	return ""
}

func prune(o object) {
	for name, v := range o {
		switch v := v.(type) {
		case object:
			if prune(v); len(v) == 0 {
				delete(o, name)
			}
		case []any:
			if len(v) == 0 {
				delete(o, name)
			}
		}
	}
}

func cloned(v any) any {
	switch v := v.(type) {
	case object:
		o := object{}
		for name, inner := range v {
			o[name] = cloned(inner)
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i, el := range v {
			list[i] = cloned(el)
		}
		return list
	}
	return v
}

func sortedNames(o object) []string { return slices.Sorted(maps.Keys(o)) }
