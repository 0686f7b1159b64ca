package scimcore

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// schemaReader turns the JSON of a schema file into a Declaration, member by
// member. It goes on after a problem, to find them all.
type schemaReader struct {
	d        *Declaration
	problems SchemaProblems
	where    string // what is being read, for problems
	kept     bool   // reads what was kept: retired things are known
	declared int    // attributes so far
}

// members says how the members of an object are read.
type members map[string]func(jsontext.Value)

func (r *schemaReader) say(cure, format string, args ...any) {
	r.problems.add(r.where, cure, format, args...)
}

// at runs read while where names what it reads.
func (r *schemaReader) at(where string, read func()) {
	before := r.where
	r.where = where
	read()
	r.where = before
}

func (r *schemaReader) object(raw jsontext.Value, known members) {
	if raw.Kind() != '{' {
		r.say("write an object, {...}", "it is %s", kindName(raw.Kind()))
		return
	}
	_ = eachMember(raw, func(name []byte, v jsontext.Value) error {
		if read, ok := known[string(name)]; ok {
			read(v)
			return nil
		}
		names := make([]string, 0, len(known))
		for n := range known {
			names = append(names, n)
		}
		slices.Sort(names)
		r.say("remove it, or use one of "+strings.Join(names, ", "), "the member %q is not known", shorten(string(name)))
		return nil
	})
}

func (r *schemaReader) array(name string, raw jsontext.Value, most int, read func(jsontext.Value)) {
	if raw.Kind() != '[' {
		r.say("write an array, [...]", "%s is %s", name, kindName(raw.Kind()))
		return
	}
	n := 0
	_ = eachElement(raw, func(v jsontext.Value) error {
		if n++; n == most+1 {
			r.say("declare fewer", "%s has more than %d entries", name, most)
		}
		if n <= most {
			read(v)
		}
		return nil
	})
}

func (r *schemaReader) text(name string, raw jsontext.Value, most int) string {
	if raw.Kind() != '"' {
		r.say("write a string", "%s is %s", name, kindName(raw.Kind()))
		return ""
	}
	s := string(unquoted(raw))
	if len(s) > most {
		r.say("shorten it", "%s has %d bytes, at most %d are allowed", name, len(s), most)
		return s[:most]
	}
	return s
}

func (r *schemaReader) texts(name string, raw jsontext.Value, most, longest int) (out []string) {
	r.array(name, raw, most, func(v jsontext.Value) { out = append(out, r.text(name, v, longest)) })
	return out
}

func (r *schemaReader) flag(name string, raw jsontext.Value) bool {
	if k := raw.Kind(); k != 't' && k != 'f' {
		r.say("write true or false", "%s is %s", name, kindName(k))
		return false
	}
	return raw.Kind() == 't'
}

// into reads a text of ordinary length into field.
func (r *schemaReader) into(name string, field *string, most int) func(jsontext.Value) {
	return func(v jsontext.Value) { *field = r.text(name, v, most) }
}

func (r *schemaReader) flagInto(name string, field *bool) func(jsontext.Value) {
	return func(v jsontext.Value) { *field = r.flag(name, v) }
}

// wordInto reads one of the words that a type such as Mutability is written in.
func wordInto[W interface {
	~uint8
	String() string
}](r *schemaReader, name string, field *W, last W) func(jsontext.Value) {
	return func(v jsontext.Value) {
		word := r.text(name, v, maxText)
		var words []string
		for w := W(0); w <= last; w++ {
			if w.String() == word {
				*field = w
				return
			}
			words = append(words, w.String())
		}
		r.say("write one of "+strings.Join(words, ", "), "%s is %q", name, shorten(word))
	}
}

// ignored passes over what a published resource has and a file does not need.
func ignored(jsontext.Value) {}

// peek is the text of one member of an object, to speak of the object by.
func peek(raw jsontext.Value, name string) (text string) {
	if raw.Kind() != '{' {
		return ""
	}
	_ = eachMember(raw, func(n []byte, v jsontext.Value) error {
		if string(n) == name && v.Kind() == '"' {
			text = shorten(string(unquoted(v)))
		}
		return nil
	})
	return text
}

// named is how problems speak of a thing whose name may be missing.
func named(what, name string) string {
	if name == "" {
		return "a " + what + " without a name"
	}
	return what + " " + name
}

func (r *schemaReader) schema(raw jsontext.Value) (s Schema) {
	r.at(named("schema", peek(raw, "id")), func() {
		r.object(raw, members{
			"schemas": ignored, "meta": ignored,
			"id":          r.into("id", &s.ID, maxURN),
			"name":        r.into("name", &s.Name, maxText),
			"description": r.into("description", &s.Description, maxText),
			"attributes":  func(v jsontext.Value) { s.Attributes = r.attributes("attributes", v, "") },
		})
	})
	return s
}

func (r *schemaReader) attributes(name string, raw jsontext.Value, parent string) (out []Attribute) {
	r.array(name, raw, maxAttributes, func(v jsontext.Value) {
		if r.declared++; r.declared == maxAttributes+1 {
			r.say("declare fewer", "the file declares more than %d attributes, parts of attributes included", maxAttributes)
		}
		if r.declared <= maxAttributes {
			out = append(out, r.attribute(v, parent))
		}
	})
	return out
}

func (r *schemaReader) attribute(raw jsontext.Value, parent string) (a Attribute) {
	label := peek(raw, "name")
	if parent != "" {
		label = parent + "." + label
	}
	r.at(attributeAt(r.where, label), func() {
		known := members{
			"name":            r.into("name", &a.Name, maxName),
			"type":            wordInto(r, "type", &a.Type, Complex),
			"multiValued":     r.flagInto("multiValued", &a.MultiValued),
			"description":     r.into("description", &a.Description, maxText),
			"required":        r.flagInto("required", &a.Required),
			"caseExact":       r.flagInto("caseExact", &a.CaseExact),
			"mutability":      wordInto(r, "mutability", &a.Mutability, WriteOnly),
			"returned":        wordInto(r, "returned", &a.Returned, ReturnedRequest),
			"uniqueness":      wordInto(r, "uniqueness", &a.Uniqueness, UniquenessGlobal),
			"canonicalValues": func(v jsontext.Value) { a.CanonicalValues = r.texts("canonicalValues", v, maxListed, maxText) },
			"referenceTypes":  func(v jsontext.Value) { a.ReferenceTypes = r.texts("referenceTypes", v, maxListed, maxText) },
			"filterable":      r.flagInto("filterable", &a.Filterable),
			"subAttributes": func(v jsontext.Value) {
				if parent != "" {
					r.say("move them up, or make them attributes of their own", "it is part of %s and has parts itself, but attributes nest two levels at most (RFC 7643, section 2.3.8)", parent)
					return
				}
				r.at(schemaOf(r.where), func() { a.SubAttributes = r.attributes("subAttributes", v, label) })
			},
		}
		if r.kept {
			known["retired"] = r.flagInto("retired", &a.Retired)
		}
		r.object(raw, known)
	})
	a.settle()
	return a
}

// settle gives an attribute the characteristics its type has whatever a file says.
func (a *Attribute) settle() {
	switch a.Type {
	case Reference, Binary:
		a.CaseExact = true // RFC 7643, sections 2.3.6 and 2.3.7
	case Boolean, Complex:
		a.CaseExact = false // they have no case
	}
	if a.Uniqueness == UniquenessGlobal {
		// Within the tenant: to refuse a value because another tenant has it would
		// tell one what the other holds.
		a.Uniqueness = UniquenessServer
	}
}

func attributeAt(schema, path string) string {
	if strings.Trim(path, ".") == "" {
		return schema + ", an attribute without a name"
	}
	return schema + ", attribute " + path
}

// schemaOf undoes attributeAt.
func schemaOf(where string) string {
	schema, _, _ := strings.Cut(where, ", ")
	return schema
}

func (r *schemaReader) resourceType(raw jsontext.Value) (t TypeDeclaration) {
	r.at(named("resource type", peek(raw, "name")), func() {
		endpoint := ""
		r.object(raw, members{
			"schemas": ignored, "meta": ignored, "id": ignored,
			"name":        r.into("name", &t.Name, maxName),
			"endpoint":    r.into("endpoint", &endpoint, maxName+1),
			"description": r.into("description", &t.Description, maxText),
			"schema":      r.into("schema", &t.Schema, maxURN),
			"schemaExtensions": func(v jsontext.Value) {
				r.array("schemaExtensions", v, maxExtensions, func(v jsontext.Value) { t.Extensions = append(t.Extensions, r.extension(v)) })
			},
		})
		if t.Endpoint = strings.TrimPrefix(endpoint, "/"); endpoint != "" && endpoint == t.Endpoint {
			r.say("write \"/"+endpoint+"\"", "the endpoint %q has no slash in front", endpoint)
		}
	})
	return t
}

func (r *schemaReader) extension(raw jsontext.Value) (e ExtensionRef) {
	known := members{
		"schema":   r.into("schema", &e.Schema, maxURN),
		"required": r.flagInto("required", &e.Required),
	}
	if r.kept {
		known["retired"] = r.flagInto("retired", &e.Retired)
	}
	r.object(raw, known)
	return e
}
