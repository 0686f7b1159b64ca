package directory_test

import (
	"maps"
	"slices"
	"strings"
)

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
