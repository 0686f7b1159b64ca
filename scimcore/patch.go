package scimcore

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// PatchSchema is the URN a PATCH body names (RFC 7644, section 3.5.2).
const PatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// maxOperations bounds one PATCH. IdPs cut their work into chunks by the
// published bulk.maxOperations, which must say the same.
const maxOperations = 1000

// Patch is a parsed PATCH request. Everything that does not depend on the
// resource is settled: paths are resolved and values are nodes of one shared
// fragment, so applying it parses nothing. It is immutable: it may be applied to
// several documents, also at the same time.
//
// Where the RFC is silent or real clients differ: "add" of null or [] to a
// multi-valued attribute adds nothing, where "replace" unassigns it; a null
// "value" of a remove is no value; a remove of a singular attribute does not look
// at its value; {} names nothing, so it changes nothing where objects are merged.
type Patch struct {
	typ   *Type
	frag  *Doc
	steps []step
}

type verb uint8

const (
	verbNone verb = iota
	verbAdd
	verbRemove
	verbReplace
)

func (v verb) String() string { return [...]string{"operation", "add", "remove", "replace"}[v] }

func parseVerb(s []byte) verb {
	for v := verbAdd; v <= verbReplace; v++ {
		if equalFold(s, v.String()) {
			return v
		}
	}
	return verbNone
}

// step is one change of one attribute. An operation whose value is an object
// becomes a step for each attribute the object names.
type step struct {
	label
	verb verb
	path Path
	// value is the node of the fragment to write: for a multi-valued attribute
	// the array, for a path with brackets the one element; 0 is null.
	value NodeID
	// listed says that value lists what a remove takes out.
	listed bool
	// clear empties a complex attribute before the steps that fill it anew.
	clear bool
	// readOnly says that nothing may change: value has to be what is there.
	readOnly bool
}

// label names an operation in errors, as people count and as the client wrote it.
type label struct {
	number int // from 1
	verb   verb
	text   string // the path or key; "" when there was none
}

// wrap names the operation in front of a protocol error. Errors of a Set keep
// their identity.
func (l label) wrap(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	detail := "operation " + itoa(l.number)
	switch {
	case l.text != "":
		detail += " (" + l.verb.String() + " " + shorten(l.text) + ")"
	case l.verb != verbNone:
		detail += " (" + l.verb.String() + ")"
	}
	return &Error{Status: e.Status, Type: e.Type, Detail: detail + ": " + e.Detail}
}

// ParsePatch reads the body of a PATCH for a resource of type t. Errors are 400s
// that name the operation, counted from 1, and its path. An operation on an
// attribute t does not have is left out, with a note, if d says so.
func ParsePatch(t *Type, body []byte, d Dialect, notes *Notes) (*Patch, error) {
	if err := CheckJSON(body); err != nil {
		return nil, err
	}
	if jsontext.Value(body).Kind() != '{' {
		return nil, Bad(InvalidSyntax, "the body must be a JSON object with %q and \"Operations\"", "schemas")
	}
	p := &patchParser{typ: t, d: d, notes: notes, frag: NewDoc(t)}
	p.holder = p.frag.Add(Root, t.Root, KindArray)
	if err := p.body(body); err != nil {
		return nil, err
	}
	return &Patch{typ: t, frag: p.frag, steps: p.steps}, nil
}

type patchParser struct {
	label
	typ    *Type
	d      Dialect
	notes  *Notes
	frag   *Doc
	holder NodeID // array of frag that holds one pseudo resource for each value
	steps  []step
}

func (p *patchParser) body(body []byte) error {
	var schemas, operations jsontext.Value
	var unknown []string
	err := eachMember(body, func(name []byte, v jsontext.Value) error {
		switch {
		case equalFold(name, "schemas"):
			schemas = v
		case equalFold(name, "Operations"):
			operations = v
		default:
			unknown = append(unknown, shorten(string(name)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if operations == nil && p.isMemberPatch(body) {
		return p.memberPatch(body)
	}
	if err := checkMessage(schemas, PatchSchema, "PATCH", p.d, p.notes); err != nil { // PATCH-02
		return err
	}
	for _, name := range unknown {
		if !p.d.IgnoreUnknown {
			return Bad(InvalidSyntax, "a PATCH body has no member %q: send \"schemas\" and \"Operations\" only", name)
		}
		p.notes.Add(NoteUnknownAttribute, name)
	}
	return p.operations(operations)
}

func (p *patchParser) operations(raw jsontext.Value) error {
	each := eachElement
	switch {
	case raw.Kind() == '{' && p.d.BareElement:
		p.notes.Add(NoteBareValue, "Operations")
		each = func(v jsontext.Value, f func(jsontext.Value) error) error { return f(v) }
	case raw.Kind() != '[':
		return Bad(InvalidSyntax, "a PATCH body needs \"Operations\", an array with at least one operation")
	}
	err := each(raw, func(v jsontext.Value) error {
		if p.number++; p.number > maxOperations {
			return Bad(InvalidValue, "more than %d operations: send them in several requests", maxOperations)
		}
		p.label = label{number: p.number}
		if err := p.operation(v); err != nil {
			return p.wrap(err)
		}
		return nil
	})
	if err == nil && p.number == 0 {
		return Bad(InvalidSyntax, "\"Operations\" is empty: a PATCH body needs at least one operation")
	}
	return err
}

// operation reads one operation object.
func (p *patchParser) operation(raw jsontext.Value) error {
	if raw.Kind() != '{' {
		return Bad(InvalidSyntax, "an operation is an object with op, path and value, not %s", kindName(raw.Kind()))
	}
	var op, path, value jsontext.Value
	err := eachMember(raw, func(name []byte, v jsontext.Value) error {
		switch {
		case equalFold(name, "op"):
			op = v
		case equalFold(name, "path"):
			path = v
		case equalFold(name, "value"):
			value = v
		case !p.d.IgnoreUnknown:
			return Bad(InvalidSyntax, "an operation has no member %s: it has op, path and value", quoteShort(string(name)))
		default:
			p.notes.Add(NoteUnknownAttribute, "Operations."+shorten(string(name)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if op.Kind() == '"' {
		p.verb = parseVerb(unquoted(op))
	}
	if p.verb == verbNone {
		return Bad(InvalidSyntax, "op must be \"add\", \"remove\" or \"replace\"")
	}
	switch {
	case path == nil || path.Kind() == 'n':
	case path.Kind() != '"':
		return Bad(InvalidPath, "path must be a string, not %s", kindName(path.Kind()))
	default:
		p.text = string(unquoted(path))
	}
	if p.verb == verbRemove {
		return p.remove(value)
	}
	return p.write(value)
}
