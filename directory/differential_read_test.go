package directory_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// rules are the leniencies the reference model knows (docs/reference/leniency.md).
type rules struct {
	lenient  bool // unknown names pass, bare values, upsert, remove by value, "True", unknown members
	pathless bool // operations without a path
	merge    bool // replace of a complex attribute keeps what it does not name
}

// target is what a path of RFC 7644, section 3.5.2, addresses.
type target struct {
	attr   *attribute // for name.givenName the sub-attribute, for emails.type emails
	filter question
	sub    *attribute // of the elements of a multi-valued attr
	text   string
	fails  string // the scimType of a path that is none; "unknown" for a name nobody has
}

// operation is one of a PATCH. Without a target its value is named.
type operation struct {
	verb   string
	target *target
	value  any
	given  bool // there is a value
	named  []namedValue
	fails  string // the scimType of an operation that is none; raw says how it is written
	raw    string
}

type namedValue struct {
	target *target
	value  any
}

// change is what an operation comes to, once it was read.
type change struct {
	verb   string
	on     *target
	value  any  // nil unassigns
	listed bool // value lists what a remove takes out
	clear  bool // of a complex attribute, before its parts are written
}

const refused = "mutability"

// read checks an operation without looking at the resource. All operations are
// read before one is applied, so that what is no PATCH at all fails as such.
func (r rules) read(op operation) ([]change, string) {
	switch {
	case op.fails != "":
		return nil, op.fails
	case op.verb == "remove":
		return r.readRemove(op)
	case op.target == nil && !r.pathless:
		return nil, "invalidSyntax" // Decided: the interop profile wants a path.
	case !op.given:
		return nil, "invalidValue"
	case op.target == nil:
		if op.named == nil {
			return nil, "invalidValue"
		}
		var all []change
		for _, n := range op.named {
			some, fails := r.assign(op.verb, n.target, n.value, true)
			if fails != "" {
				return nil, fails
			}
			all = append(all, some...)
		}
		return all, ""
	}
	return r.assign(op.verb, op.target, op.value, false)
}

// passes settles a path that leads nowhere.
func (r rules) passes(t *target) (stop bool, fails string) {
	switch {
	case t.fails == "unknown" && r.lenient:
		return true, ""
	case t.fails == "unknown":
		return true, "invalidPath"
	}
	return t.fails != "", t.fails
}

func (r rules) readRemove(op operation) ([]change, string) {
	if op.target == nil {
		return nil, "noTarget"
	}
	if stop, fails := r.passes(op.target); stop {
		return nil, fails
	}
	t := op.target
	whole := []change{{verb: "remove", on: t}}
	switch {
	case t.protected():
		return nil, refused
	case op.given && op.value == nil && t.attr.name == "members" && t.filter == nil:
		return nil, "invalidValue" // Decided: null is a careless client's empty list, and must not empty a group.
	case !op.given || op.value == nil || t.filter != nil || t.sub == nil && !t.attr.multi:
		return whole, ""
	case t.sub != nil || !r.lenient:
		return nil, "invalidValue" // Decided: to pass over the value would remove all.
	}
	list, fails := r.coerce(t, op.value)
	if fails == "" && list == nil {
		fails = "invalidValue"
	}
	return []change{{verb: "remove", on: t, value: list, listed: true}}, fails
}

func (t *target) protected() bool {
	a := t.attr
	return a.readOnly || a.parent != nil && a.parent.readOnly || t.sub != nil && t.sub.readOnly
}

// assign reads a write. within says that the name stands in a value, where it may
// be an echo of what was read.
func (r rules) assign(verb string, t *target, v any, within bool) ([]change, string) {
	if stop, fails := r.passes(t); stop {
		return nil, fails
	}
	a := t.attr
	o, isObject := v.(object)
	switch {
	case t.protected():
		if within && r.lenient && a.name != "id" {
			return nil, ""
		}
		if a.kind == "complex" || a.multi {
			return nil, refused
		}
	case isObject && a.kind == "complex" && !a.multi:
		return r.parts(verb, t, o)
	}
	value, fails := r.coerce(t, v)
	return []change{{verb: verb, on: t, value: value}}, fails
}

// parts makes one change of each part of a complex value: those not named stay
// (RFC 7644, section 3.5.2.3).
func (r rules) parts(verb string, t *target, o object) (all []change, fails string) {
	if verb == "replace" && !r.merge {
		all = append(all, change{verb: verb, on: t, clear: true})
	}
	for _, name := range sortedNames(o) {
		sub := t.attr.sub(name)
		if sub == nil {
			switch {
			case r.lenient:
				continue
			case t.attr.isExtension():
				return nil, "invalidPath"
			}
			return nil, "invalidSyntax"
		}
		some, fails := r.assign(verb, &target{attr: sub}, o[name], true)
		if fails != "" {
			return nil, fails
		}
		all = append(all, some...)
	}
	return all, ""
}

func (a *attribute) isExtension() bool { return strings.HasPrefix(a.name, "urn:") }

// coerce checks a value against its type (RFC 7643, section 2.3). nil says that
// it assigns nothing: null, [] and {}.
func (r rules) coerce(t *target, v any) (any, string) {
	switch {
	case v == nil:
		return nil, ""
	case t.sub != nil:
		return r.scalar(t.sub, v)
	case t.attr.multi:
		list, fails := r.elements(t.attr, v)
		switch {
		case fails != "" || len(list) == 0:
			return nil, fails
		case t.filter == nil:
			return list, ""
		case len(list) > 1:
			return nil, "invalidValue"
		}
		return list[0], ""
	case t.attr.kind == "complex":
		if s, ok := v.(string); ok && r.lenient && t.attr.sub("value") != nil {
			return object{"value": s}, ""
		}
		return nil, "invalidValue"
	}
	return r.scalar(t.attr, v)
}

// elements reads an array, or one element without an array around it.
func (r rules) elements(a *attribute, v any) (list []any, fails string) {
	all, ok := v.([]any)
	if !ok {
		all = []any{v}
	}
	primaries := 0
	for _, el := range all {
		if el == nil {
			continue
		}
		if a.kind != "complex" {
			if el, fails = r.scalar(a, el); fails != "" {
				return nil, fails
			}
			list = append(list, el)
			continue
		}
		o, fails := r.element(a, el)
		if fails != "" {
			return nil, fails
		}
		if len(o) == 0 {
			continue
		}
		if o["primary"] == true {
			primaries++
		}
		if value, _ := o["value"].(string); primaries > 1 || a.name == "members" && strings.TrimSpace(value) == "" {
			return nil, "invalidValue"
		}
		list = append(list, o)
	}
	return list, ""
}

func (r rules) element(a *attribute, v any) (object, string) {
	out := object{}
	if s, ok := v.(string); ok && r.lenient && a.sub("value") != nil {
		return object{"value": s}, ""
	}
	o, ok := v.(object)
	if !ok {
		return nil, "invalidValue"
	}
	for _, name := range sortedNames(o) {
		sub := a.sub(name)
		switch {
		case sub == nil && !r.lenient:
			return nil, "invalidSyntax"
		case sub == nil || o[name] == nil:
			continue
		}
		value, fails := r.scalar(sub, o[name])
		if fails != "" {
			return nil, fails
		}
		out[sub.name] = value
	}
	return out, ""
}

func (r rules) scalar(a *attribute, v any) (any, string) {
	if v == nil {
		return nil, ""
	}
	switch a.kind {
	case "boolean":
		if s, ok := v.(string); ok && r.lenient && (strings.EqualFold(s, "true") || strings.EqualFold(s, "false")) {
			return strings.EqualFold(s, "true"), ""
		}
		if b, ok := v.(bool); ok {
			return b, ""
		}
	case "integer", "decimal":
		if n, ok := v.(json.Number); ok {
			if _, err := strconv.ParseInt(string(n), 10, 64); err == nil || a.kind == "decimal" {
				return n, "" // Decided: digits are kept as they were sent.
			}
		}
	case "dateTime":
		if s, ok := v.(string); ok {
			if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
				return at.UTC().Format("2006-01-02T15:04:05.000Z"), "" // Decided: a time is kept in UTC.
			}
		}
	default:
		if s, ok := v.(string); ok {
			return s, ""
		}
	}
	return nil, "invalidValue"
}
