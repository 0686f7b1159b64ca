package scimcore

import (
	"fmt"
	"strings"
)

// Catalog is the set of resource types a tenant serves, compiled for look-up.
// It is immutable and safe for concurrent use.
type Catalog struct {
	types      []*Type
	byEndpoint map[string]*Type
	byName     map[string]*Type
}

// Type is one resource type compiled for use: every attribute has a dense
// number, and names resolve without regard to case.
type Type struct {
	ResourceType
	// Root is the pseudo attribute of the whole resource; its Subs are the
	// common attributes, those of the base schema, then one container per extension.
	Root  *Attr
	attrs []*Attr // by Attr.Num

	Schemas, ID, ExternalID, Meta *Attr // the common attributes (RFC 7643, section 3.1)
	Containers                    []*Attr

	plain     *Projection // what a response holds by default
	onRequest bool        // some attribute is returned on request only
}

// Attr is an attribute in its place within a Type.
type Attr struct {
	Attribute
	Num    int     // dense within the type; parents before children, canonical output order
	Parent *Attr   // nil for Root; the container for an extension's attributes
	Subs   []*Attr // in schema order, without what is retired
	Schema string  // URN of the schema that declares it; "" for the common attributes
	Path   string  // canonical notation, such as name.givenName or urn:...:User:department
	// Container marks the object that holds an extension's attributes; its Name is the URN.
	Container bool
	// Rows marks an attribute kept as rows beside the document.
	Rows bool

	byName map[string]*Attr
	stored []*Attr // Subs and what is retired, in schema order: the form at rest
	hides  bool    // something below is retired
}

// Sub finds a sub-attribute by name, in any letter case; nil when there is none.
func (a *Attr) Sub(name string) *Attr {
	if s, ok := a.byName[name]; ok {
		return s
	}
	return a.byName[lowerASCII(name)]
}

// Attr returns the attribute numbered n.
func (t *Type) Attr(n int) *Attr { return t.attrs[n] }

// Len is the number of attributes, Root included.
func (t *Type) Len() int { return len(t.attrs) }

// Types lists the resource types in declared order.
func (c *Catalog) Types() []*Type { return c.types }

// Endpoint finds a type by its endpoint segment in any letter case, such as "users".
func (c *Catalog) Endpoint(segment string) *Type {
	if t, ok := c.byEndpoint[segment]; ok {
		return t
	}
	return c.byEndpoint[strings.ToLower(segment)]
}

// Type finds a type by its exact name, such as "User".
func (c *Catalog) Type(name string) *Type { return c.byName[name] }

// NewCatalog compiles resource types. It fails on what RFC 7643 forbids: bad or
// duplicate names, complex sub-attributes, unknown Rows.
func NewCatalog(types ...ResourceType) (*Catalog, error) {
	c := &Catalog{byEndpoint: map[string]*Type{}, byName: map[string]*Type{}}
	for _, rt := range types {
		t, err := compile(rt)
		if err != nil {
			return nil, fmt.Errorf("resource type %s: %w", rt.Name, err)
		}
		if c.byName[t.Name] != nil || c.byEndpoint[strings.ToLower(t.Endpoint)] != nil {
			return nil, fmt.Errorf("resource type %s: name or endpoint %s is declared twice", t.Name, t.Endpoint)
		}
		c.types = append(c.types, t)
		c.byName[t.Name] = t
		c.byEndpoint[t.Endpoint] = t
		c.byEndpoint[strings.ToLower(t.Endpoint)] = t
	}
	return c, nil
}

func compile(rt ResourceType) (*Type, error) {
	t := &Type{ResourceType: rt}
	t.Extensions = nil // those in use, in step with Containers
	t.Root = t.add(nil, Attribute{Type: Complex}, "")
	for _, a := range commonAttributes() {
		if _, err := t.declare(t.Root, a, ""); err != nil {
			return nil, err
		}
	}
	t.Schemas, t.ID = t.Root.Sub("schemas"), t.Root.Sub("id")
	t.ExternalID, t.Meta = t.Root.Sub("externalId"), t.Root.Sub("meta")
	for _, a := range rt.Schema.Attributes {
		if common := t.Root.Sub(a.Name); common != nil && common.Schema == "" {
			continue // the fixed characteristics of common attributes win (RFC 7643, section 3.1)
		}
		if _, err := t.declare(t.Root, a, rt.Schema.ID); err != nil {
			return nil, err
		}
	}
	if !validURN(rt.Schema.ID) {
		return nil, fmt.Errorf("schema id %q is not a URN", rt.Schema.ID)
	}
	for _, ext := range rt.Extensions {
		twice := equalFold(ext.Schema.ID, rt.Schema.ID)
		for _, have := range t.Root.stored {
			twice = twice || equalFold(have.Name, ext.Schema.ID)
		}
		if !validURN(ext.Schema.ID) || twice {
			return nil, fmt.Errorf("extension schema id %q is not a URN or is declared twice", ext.Schema.ID)
		}
		box := t.add(t.Root, Attribute{Name: ext.Schema.ID, Type: Complex, Required: ext.Required, Retired: ext.Retired}, ext.Schema.ID)
		box.Container, box.Path = true, ext.Schema.ID
		if !box.Retired {
			t.Containers = append(t.Containers, box)
			t.Extensions = append(t.Extensions, ext)
		}
		for _, a := range ext.Schema.Attributes {
			if _, err := t.declare(box, a, ext.Schema.ID); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range rt.Rows {
		a := t.Root.Sub(name)
		if a == nil || !a.MultiValued || a.Type != Complex {
			return nil, fmt.Errorf("rows: %s is not a multi-valued complex attribute", name)
		}
		a.Rows = true
	}
	if err := t.checkDefaults(); err != nil {
		return nil, err
	}
	t.plain = t.defaultProjection()
	return t, nil
}

// declare adds a and its sub-attributes below parent.
func (t *Type) declare(parent *Attr, a Attribute, schema string) (*Attr, error) {
	if !validName(a.Name) {
		return nil, fmt.Errorf("attribute name %q is not a letter followed by letters, digits, $, - or _ (RFC 7643, section 2.1)", a.Name)
	}
	for _, have := range parent.stored {
		if equalFold(have.Name, a.Name) {
			return nil, fmt.Errorf("attribute %s is declared twice", a.Name)
		}
	}
	if a.Type == Complex && parent.Type == Complex && parent != t.Root && !parent.Container {
		return nil, fmt.Errorf("attribute %s.%s: a sub-attribute cannot be complex (RFC 7643, section 2.3.8)", parent.Name, a.Name)
	}
	attr := t.add(parent, a, schema)
	for _, s := range a.SubAttributes {
		if _, err := t.declare(attr, s, schema); err != nil {
			return nil, err
		}
	}
	return attr, nil
}

// add numbers a new attribute and links it to its parent.
func (t *Type) add(parent *Attr, a Attribute, schema string) *Attr {
	if a.Type == Reference || a.Type == Binary {
		a.CaseExact = true // whatever a schema says (RFC 7643, sections 2.3.6 and 2.3.7)
	}
	if parent != nil && parent.Retired {
		a.Retired = true
	}
	if a.Retired {
		a = a.retired()
	}
	attr := &Attr{Attribute: a, Num: len(t.attrs), Parent: parent, Schema: schema, Path: a.Name, byName: map[string]*Attr{}}
	t.attrs = append(t.attrs, attr)
	t.onRequest = t.onRequest || a.Returned == ReturnedRequest
	if parent == nil {
		return attr
	}
	switch {
	case parent.Container:
		attr.Path = parent.Path + ":" + a.Name
	case parent != t.Root:
		attr.Path = parent.Path + "." + a.Name
	}
	parent.stored = append(parent.stored, attr)
	if attr.Retired {
		for up := parent; up != nil && !up.hides; up = up.Parent {
			up.hides = true
		}
		return attr
	}
	parent.Subs = append(parent.Subs, attr)
	parent.byName[a.Name] = attr
	parent.byName[strings.ToLower(a.Name)] = attr
	return attr
}

// validName follows the ATTRNAME rule of RFC 7643, section 2.1; $ref is its known exception.
func validName(s string) bool {
	if s == "$ref" {
		return true
	}
	for i, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if letter || i > 0 && (c >= '0' && c <= '9' || c == '$' || c == '-' || c == '_') {
			continue
		}
		return false
	}
	return s != ""
}

// validURN asks for printable ASCII with a colon: URNs are also JSON names, and need no escape there.
func validURN(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return strings.IndexByte(s, ':') > 0
}

// commonAttributes are part of every resource (RFC 7643, sections 3 and 3.1).
func commonAttributes() []Attribute {
	return []Attribute{
		{Name: "schemas", Type: Reference, MultiValued: true, Required: true, CaseExact: true, Returned: ReturnedAlways, ReferenceTypes: []string{"uri"}},
		{Name: "id", CaseExact: true, Mutability: ReadOnly, Returned: ReturnedAlways, Uniqueness: UniquenessServer},
		{Name: "externalId", CaseExact: true},
		{Name: "meta", Type: Complex, Mutability: ReadOnly, SubAttributes: []Attribute{
			{Name: "resourceType", CaseExact: true, Mutability: ReadOnly},
			{Name: "created", Type: DateTime, Mutability: ReadOnly},
			{Name: "lastModified", Type: DateTime, Mutability: ReadOnly},
			{Name: "location", Type: Reference, CaseExact: true, Mutability: ReadOnly, ReferenceTypes: []string{"uri"}},
			{Name: "version", CaseExact: true, Mutability: ReadOnly},
		}},
	}
}
