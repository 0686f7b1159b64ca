package scimcore

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Declaration is what a tenant has beyond the built-in User and Group: schemas
// of its own, the resource types and extensions that use them, and built-in
// attributes it does without. The zero value is a tenant with nothing of its own.
//
// It is read from a schema file by [ParseSchemaFile]. As it is kept, see
// [Merge], it remembers what was declared before, too: retired attributes and
// extensions, each in the place it was first declared in.
type Declaration struct {
	Schemas []Schema
	Types   []TypeDeclaration
	Off     []string // built-in attributes switched off: full notation, or the URN of a whole extension
}

// TypeDeclaration declares a resource type or, when it is named User or Group,
// extensions of the built-in one. Schemas are named by their URN.
type TypeDeclaration struct {
	Name        string
	Endpoint    string // without slashes
	Description string
	Schema      string
	Extensions  []ExtensionRef
}

// ExtensionRef names an extension of a resource type.
type ExtensionRef struct {
	Schema   string
	Required bool
	Retired  bool
}

// Bounds of a schema file. Names end up in index keys, which the store bounds.
const (
	MaxSchemaFile  = 128 << 10 // bytes
	maxSchemas     = 64
	maxTypes       = 32
	maxExtensions  = 32 // of one type
	maxAttributes  = 1000
	maxListed      = 200 // canonical values or reference types of one attribute
	maxOff         = 200
	maxURN         = 200
	maxName        = 64
	maxText        = 1000
	maxProblems    = 50
	maxMergedBytes = 192 << 10
)

// SchemaProblem is one thing that is wrong with a schema file: where, what, and
// what to do about it.
type SchemaProblem struct{ Where, Cause, Cure string }

func (p SchemaProblem) String() string { return p.Where + ": " + p.Cause + "; " + p.Cure }

// SchemaProblems is all that is wrong with a schema file, as an error.
type SchemaProblems []SchemaProblem

func (ps SchemaProblems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps *SchemaProblems) add(where, cure, format string, args ...any) {
	switch {
	case len(*ps) < maxProblems:
		*ps = append(*ps, SchemaProblem{where, fmt.Sprintf(format, args...), cure})
	case len(*ps) == maxProblems:
		*ps = append(*ps, SchemaProblem{"file", fmt.Sprintf("more than %d problems", maxProblems), "mend these first"})
	}
}

// ParseSchemaFile reads a schema file:
//
//	{"schemas": [Schema resources, RFC 7643, section 7],
//	 "resourceTypes": [ResourceType resources, section 6],
//	 "attributesOff": ["urn:ietf:params:scim:schemas:core:2.0:User:addresses"]}
//
// It is strict: what is unknown, clashes or is out of bounds is refused. The
// error is a [SchemaProblems] with everything that is wrong at once.
func ParseSchemaFile(file []byte) (*Declaration, error) { return parseDeclaration(file, false) }

// ParseDeclaration reads what [Declaration.Append] wrote.
func ParseDeclaration(kept []byte) (*Declaration, error) { return parseDeclaration(kept, true) }

func parseDeclaration(file []byte, kept bool) (*Declaration, error) {
	r := schemaReader{kept: kept, where: "file", d: &Declaration{}}
	if len(file) > MaxSchemaFile && !kept {
		r.say(fmt.Sprintf("keep it below %d bytes", MaxSchemaFile), "it has %d bytes", len(file))
		return nil, r.problems
	}
	if err := CheckJSON(file); err != nil {
		r.say("mend the JSON", "%s", strings.TrimSuffix(err.(*Error).Detail, "."))
		return nil, r.problems
	}
	r.file(file)
	if len(r.problems) == 0 {
		r.problems = r.d.check(kept)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return r.d, nil
}

// file reads the whole of a schema file.
func (r *schemaReader) file(raw jsontext.Value) {
	r.object(raw, members{
		"schemas": func(v jsontext.Value) {
			r.array("schemas", v, maxSchemas, func(v jsontext.Value) { r.d.Schemas = append(r.d.Schemas, r.schema(v)) })
		},
		"resourceTypes": func(v jsontext.Value) {
			r.array("resourceTypes", v, maxTypes, func(v jsontext.Value) { r.d.Types = append(r.d.Types, r.resourceType(v)) })
		},
		"attributesOff": func(v jsontext.Value) { r.d.Off = r.texts("attributesOff", v, maxOff, maxNotation) },
	})
}
