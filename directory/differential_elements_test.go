package directory_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

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
