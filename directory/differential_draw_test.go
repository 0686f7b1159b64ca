package directory_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
)

// drawer makes random patches of one resource.
type drawer struct {
	*rand.Rand
	d     *patcher
	ask   asker
	attrs []*attribute
	urn   string
	of    object
}

// patch is one to three operations, and the body that says them.
func (r drawer) patch() (ops []operation, text string) {
	var parts []string
	for range 1 + r.IntN(3) {
		op := r.operation()
		ops = append(ops, op)
		parts = append(parts, r.written(op))
	}
	return ops, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + strings.Join(parts, ",") + `]}`
}

func (r drawer) written(op operation) string {
	if op.raw != "" {
		return op.raw
	}
	s := `{"op":` + mustJSON(spelled(r.Rand, op.verb))
	if op.target != nil {
		s += `,"path":` + mustJSON(op.target.text)
	}
	switch {
	case op.named != nil:
		var parts []string
		for _, n := range op.named {
			parts = append(parts, mustJSON(n.target.text)+":"+mustJSON(n.value))
		}
		s += `,"value":{` + strings.Join(parts, ",") + `}`
	case op.given:
		s += `,"value":` + mustJSON(op.value)
	}
	return s + "}"
}

func (r drawer) operation() operation {
	op := operation{verb: oneOf(r.Rand, "add", "add", "remove", "replace", "replace")}
	switch {
	case chance(r.Rand, 60):
		return r.broken()
	case op.verb == "remove":
		if chance(r.Rand, 30) {
			return op
		}
		op.target = r.target()
		if op.given = chance(r.Rand, 4) || op.target.attr.multi && chance(r.Rand, 3); op.given {
			op.value = r.value(op.target)
		}
		return op
	case chance(r.Rand, 5):
		op.given = true
		if chance(r.Rand, 15) {
			op.value = oneOf[any](r.Rand, nil, "x", []any{})
			return op
		}
		r.name(&op)
		return op
	}
	op.target = r.target()
	if op.given = !chance(r.Rand, 40); op.given {
		op.value = r.value(op.target)
	}
	return op
}

// name makes an operation without a path: each key is one.
func (r drawer) name(op *operation) {
	seen := map[string]bool{}
	for range 1 + r.IntN(3) {
		t := r.target()
		top := t.attr
		if top.parent != nil {
			top = top.parent
		}
		// Which of two keys for one thing comes first would be another question.
		if key := top.urn + top.name; !seen[key] && !seen[top.urn] && !top.isExtension() || len(seen) == 0 {
			seen[key] = true
			if top.isExtension() {
				seen[top.name] = true
			}
			op.named = append(op.named, namedValue{t, r.value(t)})
		}
	}
}

// broken is an operation that is none, or has a path that is none.
func (r drawer) broken() operation {
	return oneOf(r.Rand,
		operation{raw: `{"op":"move","path":"title","value":"x"}`, fails: "invalidSyntax"},
		operation{raw: `{"path":"title","value":"x"}`, fails: "invalidSyntax"},
		operation{raw: `"add"`, fails: "invalidSyntax"},
		operation{raw: `{"op":"add","path":"externalId[","value":"x"}`, fails: "invalidPath"},
		operation{raw: `{"op":"remove","path":"a..b"}`, fails: "invalidPath"},
		operation{raw: `{"op":"remove","path":"schemas[0]"}`, fails: "invalidPath"},
		operation{raw: `{"op":"remove","path":"/externalId"}`, fails: "invalidPath"},
		operation{raw: `{"op":"remove","path":"externalId[value eq \"a\"]"}`, fails: "invalidPath"},
		operation{raw: `{"op":"remove","path":"schemas[value zz \"a\"]"}`, fails: "invalidFilter"},
		operation{raw: `{"op":"remove","path":"schemas[nonsense eq \"a\"]"}`, fails: "invalidFilter"},
	)
}

func (r drawer) target() *target {
	if chance(r.Rand, 30) {
		name := oneOf(r.Rand, "nonsense", "externalId.nonsense", "urn:nobody:has:this:2.0:nonsense")
		return &target{attr: &attribute{name: name}, text: name, fails: "unknown"}
	}
	if chance(r.Rand, 15) && r.urn == coreUser {
		urn := oneOf(r.Rand, enterprise, custom)
		box := &attribute{name: urn, kind: "complex"}
		for _, a := range r.attrs {
			if a.urn == urn {
				box.subs = append(box.subs, a)
			}
		}
		return &target{attr: box, text: spelled(r.Rand, urn)}
	}
	a := oneOf(r.Rand, r.attrs...)
	for a.name == "schemas" || a.readOnly && !chance(r.Rand, 4) {
		a = oneOf(r.Rand, r.attrs...)
	}
	t := &target{attr: a}
	switch {
	case a.kind == "complex" && !a.multi && chance(r.Rand, 2):
		t.attr = oneOf(r.Rand, a.subs...)
	case a.multi && chance(r.Rand, 2):
		t.filter = r.ask.inner(r.Rand, a, r.IntN(3)/2)
	}
	if a.kind == "complex" && a.multi && chance(r.Rand, 2) {
		t.sub = oneOf(r.Rand, a.subs...)
	}
	t.text = t.attr.written(r.Rand)
	if t.attr.urn == "" && chance(r.Rand, 8) {
		t.text = spelled(r.Rand, r.urn) + ":" + t.text
	}
	if t.filter != nil {
		t.text += "[" + t.filter.text(r.Rand) + "]"
	}
	if t.sub != nil {
		t.text += "." + spelled(r.Rand, t.sub.name)
	}
	return t
}

// value is mostly one that fits.
func (r drawer) value(t *target) any {
	a := t.attr
	switch {
	case chance(r.Rand, 15):
		return nil
	case t.fails != "":
		return anyText(r.Rand)
	case t.sub != nil:
		return r.scalar(t.sub)
	case a.multi:
		return r.list(t)
	case a.isExtension():
		o := object{}
		for range r.IntN(4) {
			sub := oneOf(r.Rand, a.subs...)
			o[sub.name] = r.value(&target{attr: sub})
		}
		return r.spoiled(o)
	case a.kind == "complex":
		if chance(r.Rand, 10) {
			return anyText(r.Rand)
		}
		return r.spoiled(r.parts(a))
	case a.name == "id" && chance(r.Rand, 2):
		return r.of["id"]
	}
	return r.scalar(a)
}

// spoiled now and then holds a name nobody has.
func (r drawer) spoiled(o object) object {
	if chance(r.Rand, 30) {
		o["nonsense"] = "x"
	}
	return o
}

func (r drawer) scalar(a *attribute) any {
	switch {
	case chance(r.Rand, 30):
		return map[string]any{
			"": true, "reference": json.Number("1"), "boolean": "maybe", "integer": json.Number("1.5"), "decimal": "1", "dateTime": "yesterday", "complex": "x",
		}[a.kind]
	case a.kind == "boolean" && chance(r.Rand, 8):
		return oneOf(r.Rand, "True", "false")
	}
	if chance(r.Rand, 3) {
		return r.ask.literal(r.Rand, a, a) // what is there, or what another part holds
	}
	return a.draw(r.Rand)
}

func (r drawer) parts(a *attribute) object {
	o := object{}
	for _, s := range a.subs {
		switch r.IntN(4) {
		case 0, 1:
			o[spelledName(r.Rand, s.name)] = r.scalar(s)
		case 2:
			if chance(r.Rand, 4) {
				o[s.name] = nil
			}
		}
	}
	return o
}

// spelledName varies a name as spelled does, but not where names are told apart
// by a sign.
func spelledName(rnd *rand.Rand, name string) string {
	if strings.HasPrefix(name, "$") {
		return name
	}
	return spelled(rnd, name)
}

// list is a value of a multi-valued attribute: old elements, new ones, one alone.
func (r drawer) list(t *target) any {
	a := t.attr
	var list []any
	if a.name == "members" {
		list = r.d.someMembers(r.Rand, true)
	} else {
		for _, el := range elementsOf(r.of, a) {
			if chance(r.Rand, 2) {
				list = append(list, r.varied(a, cloned(el)))
			}
		}
		for range r.IntN(3) {
			if a.kind == "complex" {
				list = append(list, r.spoiled(r.parts(a)))
			} else {
				list = append(list, r.scalar(a))
			}
		}
	}
	switch {
	case chance(r.Rand, 30):
		list = append(list, oneOf[any](r.Rand, nil, "bare", object{}, json.Number("1")))
	case t.filter != nil && len(list) > 1 && !chance(r.Rand, 8):
		list = list[:1]
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if len(list) == 1 && chance(r.Rand, 2) {
		return list[0]
	}
	if list == nil {
		return []any{}
	}
	return list
}

// varied changes a part of an element, or leaves it as it is.
func (r drawer) varied(a *attribute, el any) any {
	o, ok := el.(object)
	switch {
	case !ok || chance(r.Rand, 3):
		return el
	case o["value"] != nil && chance(r.Rand, 3):
		return object{"value": o["value"]} // as one is named that is to be removed
	}
	s := oneOf(r.Rand, a.subs...)
	switch r.IntN(3) {
	case 0:
		delete(o, s.name)
	default:
		o[s.name] = s.draw(r.Rand)
	}
	return o
}
