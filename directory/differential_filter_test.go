package directory_test

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// question is a filter as a tree.
type question interface {
	// holds asks a resource or, inside of brackets, one element.
	holds(of object) bool
	// text writes the filter, with brackets where precedence needs them and
	// sometimes where it does not.
	text(rnd *rand.Rand) string
}

type (
	either  []question
	both    []question
	negated struct{ inner question }
	// someElement is attr[inner].
	someElement struct {
		attr  *attribute
		inner question
	}
	comparison struct {
		attr   *attribute
		within bool // it stands in brackets: attr is a sub-attribute, asked of one element
		op     string
		with   any  // nil is null
		quoted bool // write a boolean as Entra does
	}
)

func (q either) holds(of object) bool {
	return slices.ContainsFunc(q, func(k question) bool { return k.holds(of) })
}

func (q both) holds(of object) bool {
	return !slices.ContainsFunc(q, func(k question) bool { return !k.holds(of) })
}

// Decided: not is the exact complement, also where nothing is assigned.
func (q negated) holds(of object) bool { return !q.inner.holds(of) }

func (q someElement) holds(of object) bool {
	return slices.ContainsFunc(elementsOf(of, q.attr), func(el any) bool { return holdsElement(q.inner, el) })
}

func holdsElement(q question, el any) bool {
	if o, ok := el.(object); ok {
		return q.holds(o)
	}
	return q.holds(object{"value": el}) // RFC 7643, section 2.4: the default name of a plain value
}

// elementsOf lists the values of a top-level attribute: one of a singular one.
func elementsOf(of object, a *attribute) []any {
	if a.urn != "" {
		of, _ = of[a.urn].(object)
	}
	switch v := of[a.name].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func (q comparison) holds(of object) bool {
	var found []any
	switch a := q.attr; {
	case q.within:
		found = q.values([]any{of}, a)
	case a.parent != nil:
		found = q.values(elementsOf(of, a.parent), a)
	// Decided: a complex attribute without a sub-attribute means its value, but pr
	// and null ask for the whole.
	case a.kind == "complex" && q.op != "pr" && q.with != nil:
		found = q.values(elementsOf(of, a), a.sub("value"))
	default:
		found = elementsOf(of, a)
	}
	switch {
	case q.op == "pr":
		return slices.ContainsFunc(found, assigned)
	case q.with == nil: // Decided: eq null means unassigned.
		return slices.ContainsFunc(found, assigned) == (q.op == "ne")
	case q.op == "ne": // Decided: the complement of eq, so of a multi-valued one that no element equals.
		return !slices.ContainsFunc(found, func(v any) bool { return q.compare("eq", v) })
	}
	return slices.ContainsFunc(found, func(v any) bool { return q.compare(q.op, v) })
}

// values takes one sub-attribute out of each element.
func (q comparison) values(elements []any, sub *attribute) (out []any) {
	for _, el := range elements {
		o, _ := el.(object)
		v, ok := o[sub.name]
		switch {
		case ok:
			out = append(out, v)
		case sub.name == "primary" && q.op != "pr" && q.with == false:
			out = append(out, false) // RFC 7643, section 2.4: no primary is primary false
		}
	}
	return out
}

func assigned(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case object:
		for _, inner := range v {
			if assigned(inner) {
				return true
			}
		}
		return false
	}
	return v != nil
}

func (q comparison) compare(op string, v any) bool {
	a := q.attr
	if a.kind == "complex" {
		a = a.sub("value")
	}
	switch a.kind {
	case "boolean":
		return v == q.with
	case "integer", "decimal":
		return ordered(op, rational(v).Cmp(rational(q.with)))
	case "dateTime":
		return ordered(op, instant(v).Compare(instant(q.with)))
	}
	is, want := v.(string), q.with.(string)
	if a.name == "$ref" && op == "eq" {
		// Decided: the base address is the server's, so what counts is the end of it.
		return is == want || strings.HasSuffix(want, "/"+is)
	}
	// Decided: equality of a reference to a resource is that of ids, which are exact.
	id := op == "eq" && a.name == "value" && (a.parent.name == "members" || a.parent.name == "groups")
	if !a.exact && !id {
		is, want = folded(is), folded(want)
	}
	switch op {
	case "co":
		return strings.Contains(is, want)
	case "sw":
		return strings.HasPrefix(is, want)
	case "ew":
		return strings.HasSuffix(is, want)
	}
	return ordered(op, strings.Compare(is, want))
}

func ordered(op string, c int) bool {
	return map[string]bool{"eq": c == 0, "gt": c > 0, "ge": c >= 0, "lt": c < 0, "le": c <= 0}[op]
}

func rational(v any) *big.Rat {
	r, ok := new(big.Rat).SetString(string(v.(json.Number)))
	if !ok {
		panic("no number")
	}
	return r
}

func instant(v any) time.Time {
	at, err := time.Parse(time.RFC3339Nano, v.(string))
	if err != nil {
		panic(err)
	}
	return at
}

func joined(rnd *rand.Rand, word string, kids []question, bracket func(question) bool) string {
	var parts []string
	for _, k := range kids {
		s := k.text(rnd)
		if bracket(k) || chance(rnd, 6) {
			s = "(" + s + ")"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " "+spelled(rnd, word)+" ")
}

func (q either) text(rnd *rand.Rand) string {
	return joined(rnd, "or", q, func(question) bool { return false })
}

func (q both) text(rnd *rand.Rand) string {
	return joined(rnd, "and", q, func(k question) bool { _, or := k.(either); return or })
}

func (q negated) text(rnd *rand.Rand) string {
	return spelled(rnd, "not") + oneOf(rnd, " (", "(") + q.inner.text(rnd) + ")"
}

func (q someElement) text(rnd *rand.Rand) string {
	return q.attr.written(rnd) + "[" + q.inner.text(rnd) + "]"
}

func (q comparison) text(rnd *rand.Rand) string {
	name := q.attr.written(rnd)
	if q.within {
		name = spelled(rnd, q.attr.name)
	}
	s := name + " " + spelled(rnd, q.op)
	if q.op == "pr" {
		return s
	}
	switch v := q.with.(type) {
	case nil:
		return s + " null"
	case bool:
		if q.quoted {
			return s + ` "` + spelled(rnd, mustJSON(v)) + `"`
		}
		return s + " " + mustJSON(v)
	default:
		return s + " " + mustJSON(v)
	}
}

// written is the name of an attribute in one of the notations of RFC 7644,
// section 3.10.
func (a *attribute) written(rnd *rand.Rand) string {
	name := a.name
	if a.parent != nil {
		name = a.parent.name + "." + name
	}
	// Decided: an extension's attribute needs no URN while no other schema has the name.
	if a.urn != "" && !chance(rnd, 4) {
		return spelled(rnd, a.urn+":"+name)
	}
	return spelled(rnd, name)
}
