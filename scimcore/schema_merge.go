package scimcore

import (
	"slices"
)

// SchemaDiff says what a change of schema does, by full names.
type SchemaDiff struct {
	Added        []string `json:"added,omitempty"`    // attributes, or whole schemas
	Retired      []string `json:"retired,omitempty"`  // no longer seen; their values are kept
	Restored     []string `json:"restored,omitempty"` // retired once, declared again: their values are back
	Changed      []string `json:"changed,omitempty"`  // characteristics of attributes, extensions and types
	TypesAdded   []string `json:"types_added,omitempty"`
	TypesRemoved []string `json:"types_removed,omitempty"`
}

// Empty reports whether nothing changes.
func (d *SchemaDiff) Empty() bool {
	return len(d.Added)+len(d.Retired)+len(d.Restored)+len(d.Changed)+len(d.TypesAdded)+len(d.TypesRemoved) == 0
}

// Merge makes next, as read from a file, the declaration in force in place of
// now. What now has and next has not is retired in its place and what is new
// comes last, so that documents stored under now are in schema order under the
// outcome, too. A resource type that next does not have is removed: the caller
// proves that there are no resources of it.
//
// It fails, with a [SchemaProblems], on a change that stored values would not
// survive: of an attribute's type or number of values, of the case-exactness of
// a string, of a resource type's endpoint or schema, of a name's spelling.
func Merge(now, next *Declaration) (*Declaration, SchemaDiff, error) {
	m := merger{now: now, next: next, out: &Declaration{Off: next.Off, Filterable: next.Filterable, Unique: next.Unique}}
	m.types()
	m.schemas()
	m.builtIns()
	if len(m.problems) == 0 {
		m.bound()
	}
	if len(m.problems) > 0 {
		return nil, SchemaDiff{}, m.problems
	}
	return m.out, m.diff, nil
}

type merger struct {
	now, next, out *Declaration
	diff           SchemaDiff
	problems       SchemaProblems
}

func (m *merger) types() {
	for _, was := range m.now.Types {
		is := m.next.resourceType(was.Name)
		switch {
		case is != nil:
			m.out.Types = append(m.out.Types, m.resourceType(was, *is))
		case was.Schema == "": // built in: only its extensions go
			m.out.Types = append(m.out.Types, m.resourceType(was, TypeDeclaration{Name: was.Name}))
		default:
			m.diff.TypesRemoved = append(m.diff.TypesRemoved, was.Name)
		}
	}
	for _, is := range m.next.Types {
		if m.now.resourceType(is.Name) != nil {
			continue
		}
		m.out.Types = append(m.out.Types, is)
		if is.Schema != "" {
			m.diff.TypesAdded = append(m.diff.TypesAdded, is.Name)
			continue
		}
		for _, e := range is.Extensions {
			m.diff.Added = append(m.diff.Added, is.Name+" "+e.Schema)
		}
	}
}

func (m *merger) resourceType(was, is TypeDeclaration) TypeDeclaration {
	where := named("resource type", was.Name)
	if was.Name != is.Name {
		m.problems.add(where, "write it as it was", "its name was spelled %s", was.Name)
	}
	if was.Endpoint != is.Endpoint {
		m.problems.add(where, "keep it, or declare a type of another name beside it", "its endpoint was /%s", was.Endpoint)
	}
	if !equalFold(was.Schema, is.Schema) {
		m.problems.add(where, "keep it, or declare a type of another name beside it", "its schema was %s", was.Schema)
	}
	if was.Description != is.Description {
		m.diff.Changed = append(m.diff.Changed, was.Name)
	}
	out := was
	out.Description, out.Extensions = is.Description, nil
	for _, e := range was.Extensions {
		now := e
		now.Retired, now.Required = true, false
		for _, x := range is.Extensions {
			if equalFold(x.Schema, e.Schema) {
				now = x
			}
		}
		name := was.Name + " " + e.Schema
		switch {
		case now.Retired && !e.Retired:
			m.diff.Retired = append(m.diff.Retired, name)
		case !now.Retired && e.Retired:
			m.diff.Restored = append(m.diff.Restored, name)
		case now.Required != e.Required:
			m.diff.Changed = append(m.diff.Changed, name)
		}
		now.Schema = e.Schema
		out.Extensions = append(out.Extensions, now)
	}
	for _, x := range is.Extensions {
		if !slices.ContainsFunc(was.Extensions, func(e ExtensionRef) bool { return equalFold(e.Schema, x.Schema) }) {
			m.diff.Added = append(m.diff.Added, was.Name+" "+x.Schema)
			out.Extensions = append(out.Extensions, x)
		}
	}
	return out
}

// schemas merges the schemas that the merged types speak of.
func (m *merger) schemas() {
	for _, was := range m.now.Schemas {
		switch is := m.next.schema(was.ID); {
		case is != nil && is.ID != was.ID:
			m.problems.add(named("schema", is.ID), "write it as it was", "its id was spelled %s", was.ID)
		case is != nil:
			merged := *is
			merged.Attributes = m.attributes(named("schema", was.ID), was.ID+":", was.Attributes, is.Attributes)
			if is.Name != was.Name || is.Description != was.Description {
				m.diff.Changed = append(m.diff.Changed, was.ID)
			}
			m.out.Schemas = append(m.out.Schemas, merged)
		case m.out.speaksOf(was.ID):
			m.out.Schemas = append(m.out.Schemas, was)
		}
	}
	for _, is := range m.next.Schemas {
		if m.now.schema(is.ID) == nil {
			m.out.Schemas = append(m.out.Schemas, is)
			m.diff.Added = append(m.diff.Added, is.ID)
		}
	}
}

// attributes merges the attributes of a schema, or the parts of one. prefix is
// what precedes their names in full notation.
func (m *merger) attributes(schema, prefix string, was, is []Attribute) (out []Attribute) {
	for _, old := range was {
		i := slices.IndexFunc(is, func(a Attribute) bool { return equalFold(a.Name, old.Name) })
		if i < 0 {
			if !old.Retired {
				m.diff.Retired = append(m.diff.Retired, prefix+old.Name)
			}
			old.Retired = true
			out = append(out, old)
			continue
		}
		out = append(out, m.attribute(schema, prefix, old, is[i]))
	}
	for _, a := range is {
		if !slices.ContainsFunc(was, func(old Attribute) bool { return equalFold(a.Name, old.Name) }) {
			m.diff.Added = append(m.diff.Added, prefix+a.Name)
			out = append(out, a)
		}
	}
	return out
}

func (m *merger) attribute(schema, prefix string, old, now Attribute) Attribute {
	full := prefix + old.Name
	refuse := func(format string, args ...any) {
		m.problems.add(attributeAt(schema, full[len(schema)-len("schema ")+1:]), "keep that, or declare a new attribute of another name beside it", format, args...)
	}
	switch {
	case old.Name != now.Name:
		refuse("its name was spelled %s", old.Name)
	case old.Type != now.Type:
		refuse("it was of type %s, and stored values are", old.Type)
	case old.MultiValued != now.MultiValued:
		refuse("its multiValued was %t, and stored values are so", old.MultiValued)
	case old.Type == String && old.CaseExact != now.CaseExact:
		refuse("its caseExact was %t, and values are looked up so", old.CaseExact)
	}
	now.SubAttributes = m.attributes(schema, full+".", old.SubAttributes, now.SubAttributes)
	switch {
	case old.Retired:
		m.diff.Restored = append(m.diff.Restored, full)
	case !sameCharacteristics(old, now):
		m.diff.Changed = append(m.diff.Changed, full)
	}
	return now
}

// sameCharacteristics compares two declarations of one attribute without their parts.
func sameCharacteristics(a, b Attribute) bool {
	var x, y object = []byte{'{'}, []byte{'{'}
	x.characteristics(&a)
	y.characteristics(&b)
	return string(x) == string(y) && a.Filterable == b.Filterable
}

// builtIns notes what becomes of built-in attributes.
func (m *merger) builtIns() {
	lists(m.now.Off, m.next.Off, &m.diff.Retired, &m.diff.Restored)
	lists(m.now.Filterable, m.next.Filterable, &m.diff.Changed, &m.diff.Changed)
	lists(m.now.Unique, m.next.Unique, &m.diff.Changed, &m.diff.Changed)
}

// bound proves that the outcome can be kept and read again: what is retired
// counts as well.
func (m *merger) bound() {
	kept := m.out.Append(nil)
	if len(kept) > maxMergedBytes {
		m.problems.add("file", "declare less, or shorten descriptions", "with what was declared before it takes %d bytes, at most %d can be kept", len(kept), maxMergedBytes)
		return
	}
	if _, err := ParseDeclaration(kept); err != nil {
		m.problems = append(m.problems, err.(SchemaProblems)...)
	}
}

// resourceType finds a declared type by its name; nil if there is none.
func (d *Declaration) resourceType(name string) *TypeDeclaration {
	for i := range d.Types {
		if equalFold(d.Types[i].Name, name) {
			return &d.Types[i]
		}
	}
	return nil
}

// speaksOf reports whether a type has the schema, retired or not.
func (d *Declaration) speaksOf(urn string) bool {
	for _, t := range d.Types {
		if equalFold(t.Schema, urn) || slices.ContainsFunc(t.Extensions, func(e ExtensionRef) bool { return equalFold(e.Schema, urn) }) {
			return true
		}
	}
	return false
}
