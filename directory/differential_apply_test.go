package directory_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
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

// identity is the text of a sub-attribute in its form for comparison; "" if it is
// not assigned.
func (a *attribute) identity(el any, name string) string {
	if a.kind != "complex" {
		if name == "value" {
			return "=" + folded(el.(string))
		}
		return ""
	}
	v, ok := el.(object)[name].(string)
	if !ok {
		return ""
	}
	return "=" + folded(v)
}

// rest is an element that has no value, for comparison: all but primary.
func rest(el any) object {
	o := maps.Clone(el.(object))
	delete(o, "primary")
	return o
}

// same reports whether an element stands for the same as one that is there.
// Decided: RFC 7643, section 2.4, wants value and type to be unique together, so
// these two say it, and where there is no value, all parts but primary.
func (a *attribute) same(el, have any) bool {
	x, y := a.identity(el, "value"), a.identity(have, "value")
	if x == "" || y == "" {
		return x == y && reflect.DeepEqual(rest(el), rest(have))
	}
	return x == y && a.identity(el, "type") == a.identity(have, "type")
}

// lists reports whether an element of a list of what to remove means have.
// Decided: without a type it means every type, and the untyped is meant by any.
func (a *attribute) lists(el, have any) bool {
	x, y := a.identity(el, "value"), a.identity(have, "value")
	if a.same(el, have) || x == "" || x != y {
		return a.same(el, have)
	}
	return a.identity(el, "type") == "" || a.identity(have, "type") == ""
}

// add appends elements (RFC 7644, section 3.5.2.1). What is there already is not
// added again; what else is said of it, is written to it.
func (a *attribute) add(list, more []any) []any {
	list = slices.Clone(list)
	for i, el := range list {
		list[i] = cloned(el)
	}
	primary := -1
	for _, el := range more {
		at := slices.IndexFunc(list, func(have any) bool { return a.same(el, have) })
		if at < 0 && a.identity(el, "value") != "" && a.identity(el, "type") == "" {
			// Decided: without a type it stands for the first with its value.
			at = slices.IndexFunc(list, func(have any) bool { return a.identity(el, "value") == a.identity(have, "value") })
		}
		switch {
		case at < 0:
			at = len(list)
			list = append(list, cloned(el))
		case a.kind == "complex":
			into := list[at].(object)
			for name, v := range el.(object) {
				named := a.sub("value") != nil && (name == "value" || name == "type")
				if !named && (name != "primary" || v == true || into["primary"] != nil) {
					into[name] = v
				}
			}
		}
		if o, ok := el.(object); ok && o["primary"] == true {
			primary = at
		}
	}
	promote(list, primary)
	return list
}

// promote makes one element the only primary one (RFC 7644, section 3.5.2).
func promote(list []any, at int) {
	for i, el := range list {
		if o, ok := el.(object); ok && at >= 0 && i != at && o["primary"] == true {
			o["primary"] = false
		}
	}
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

// unrepeated drops elements that became the same by a change of their parts; the
// first takes over what it lacks. Decided: the value counts as it is written here.
func unrepeated(list []any) (out []any) {
	for _, el := range list {
		o, complex := el.(object)
		twin := slices.IndexFunc(out, func(have any) bool {
			if !complex || o["value"] == nil {
				return reflect.DeepEqual(el, have)
			}
			h := have.(object)
			x, _ := o["type"].(string)
			y, _ := h["type"].(string)
			return h["value"] == o["value"] && strings.EqualFold(x, y)
		})
		if twin < 0 {
			out = append(out, el)
			continue
		}
		for name, v := range o {
			if have := out[twin].(object); have[name] == nil {
				have[name] = v
			}
		}
	}
	return out
}

// members changes the members of a group: they come and go whole.
func (p *patching) members(c change) string {
	list, _ := p.res["members"].([]any)
	fails := ""
	switch f := c.on.filter; {
	case f == nil && c.on.sub != nil:
		return refused
	case f != nil && c.on.sub == nil && (c.verb == "remove" || c.value == nil):
		list = slices.DeleteFunc(list, func(el any) bool { return f.holds(el.(object)) })
	case f != nil && (c.verb == "remove" || c.value == nil):
		return refused
	case f != nil:
		list, fails = p.chosenMembers(c, list)
	case c.listed:
		list = slices.DeleteFunc(list, func(el any) bool {
			return slices.ContainsFunc(c.value.([]any), func(l any) bool { return l.(object)["value"] == el.(object)["value"] })
		})
	case c.value == nil && c.verb == "add":
	case c.value == nil:
		list = nil
	case c.verb == "add":
		list, fails = p.join(list, c.value.([]any))
	default:
		keep := slices.DeleteFunc(list, func(el any) bool {
			return !slices.ContainsFunc(c.value.([]any), func(l any) bool { return l.(object)["value"] == el.(object)["value"] })
		})
		list, fails = p.join(keep, c.value.([]any))
	}
	p.res["members"] = list
	return fails
}

// join adds members; those who are there stay as they are.
func (p *patching) join(list, more []any) ([]any, string) {
	list = slices.Clone(list)
	for _, el := range more {
		o := el.(object)
		if slices.ContainsFunc(list, func(have any) bool { return have.(object)["value"] == o["value"] }) {
			continue
		}
		kind := p.known[o["value"].(string)]
		if kind == "" && !p.lenient {
			return nil, "invalidValue"
		}
		made := object{"value": o["value"]}
		if kind != "" {
			made["type"] = kind
			made["$ref"] = kind + "s/" + o["value"].(string)
		}
		if o["display"] != nil {
			made["display"] = o["display"]
		}
		list = append(list, made)
	}
	return list, ""
}

// chosenMembers writes to members a filter chooses: nothing may change by it, and
// where there are none, add makes one as elsewhere.
func (p *patching) chosenMembers(c change, list []any) ([]any, string) {
	said, _ := c.value.(object)
	if c.on.sub != nil {
		said = object{c.on.sub.name: c.value}
	}
	matched := false
	for _, el := range list {
		if !c.on.filter.holds(el.(object)) {
			continue
		}
		matched = true
		for name, v := range said {
			have, _ := el.(object)[name].(string)
			text := v.(string)
			if name == "$ref" { // whatever stands in front, the resource is what counts
				have, _ = el.(object)["value"].(string)
				text = strings.TrimRight(text, "/")
				text = text[strings.LastIndex(text, "/")+1:]
			}
			if folded(have) != folded(text) {
				return nil, refused
			}
		}
	}
	terms, plain := equalities(c.on.filter)
	switch {
	case matched:
		return list, ""
	case !plain || c.verb != "add":
		return nil, "noTarget"
	}
	o := object{}
	for _, t := range terms {
		o[t.attr.name] = t.with
	}
	maps.Copy(o, said)
	delete(o, "$ref") // Decided: the server's to make; it describes no member.
	if v, _ := o["value"].(string); v == "" || !c.on.filter.holds(o) {
		return nil, "noTarget"
	}
	return p.join(list, []any{o})
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
