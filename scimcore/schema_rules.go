package scimcore

import (
	"strings"
)

// builtInTypes are what every tenant has, whatever it declares.
func builtInTypes() []ResourceType { return []ResourceType{UserType(), GroupType()} }

// reservedURNs are the schemas a file cannot declare.
func reservedURNs() []string {
	return []string{UserSchema, GroupSchema, EnterpriseSchema, ConfigSchema, ResourceTypeSchema, SchemaSchema}
}

// reservedNames are no names for resource types: the server speaks of other things by them.
func reservedNames() []string {
	return []string{"ServiceProviderConfig", "ResourceType", "Schema", "Membership", "Me", "Bulk"}
}

// reservedEndpoints lead elsewhere.
func reservedEndpoints() []string {
	return []string{"Users", "Groups", "Schemas", "ResourceTypes", "ServiceProviderConfig", "Bulk", "Me", "bulkId", "search"}
}

func oneOf(list []string, s string) bool {
	for _, have := range list {
		if equalFold(have, s) {
			return true
		}
	}
	return false
}

// check proves that what was read can be served. kept says that it may hold
// retired things, which are judged as if they were in use.
func (d *Declaration) check(kept bool) SchemaProblems {
	c := declarationCheck{d: d, kept: kept}
	for i := range d.Schemas {
		c.schema(i)
	}
	for i := range d.Types {
		c.resourceType(i)
	}
	c.uses()
	d.Off = c.off(d.Off)
	d.Filterable = c.indexing(membersFilterable, d.Filterable)
	d.Unique = c.indexing(membersUnique, d.Unique)
	if len(c.problems) == 0 {
		if _, err := d.Catalog(); err != nil { // the last word is with the compiler
			c.problems.add("file", "mend the declaration", "%v", err)
		}
	}
	return c.problems
}

type declarationCheck struct {
	d        *Declaration
	kept     bool
	plain    *Catalog // the built-in types, made when a name is first looked up
	problems SchemaProblems
}

func (c *declarationCheck) schema(i int) {
	s := &c.d.Schemas[i]
	where := named("schema", s.ID)
	switch {
	case !plainURN(s.ID):
		c.problems.add(where, "write a URN of letters, digits and - . _ ~ such as urn:example:params:scim:schemas:2.0:Device", "the id is not a URN")
	case oneOf(reservedURNs(), s.ID):
		c.problems.add(where, "declare an extension with a URN of your own, or name attributes to do without in attributesOff", "it is built in and cannot be declared anew")
	case strings.HasPrefix(strings.ToLower(s.ID), "urn:ietf:params:scim:api:"):
		c.problems.add(where, "choose a URN of your own", "the URN is one of SCIM's messages")
	}
	for _, other := range c.d.Schemas[:i] {
		if equalFold(other.ID, s.ID) {
			c.problems.add(where, "keep one of them", "it is declared twice")
		}
	}
	if attr := c.shadowed(s.ID); attr != "" && !c.kept {
		c.problems.add(where, "choose another URN", "the id is the full name of the attribute %s, or begins like it, and would stand for that", attr)
	}
	if s.Name == "" {
		c.problems.add(where, "give it a name for people, such as Device", "it has no name")
	}
	if len(s.Attributes) == 0 {
		c.problems.add(where, "declare at least one", "it has no attributes")
	}
	c.attributes(where, "", s.Attributes)
}

// shadowed finds an attribute of another schema whose full notation a URN could be
// taken for; "" if there is none.
func (c *declarationCheck) shadowed(urn string) string {
	schemas := c.d.Schemas
	for _, b := range builtInTypes() {
		schemas = append(schemas[:len(schemas):len(schemas)], b.Schema)
		for _, e := range b.Extensions {
			schemas = append(schemas, e.Schema)
		}
	}
	for _, s := range schemas {
		if len(urn) <= len(s.ID) || urn[len(s.ID)] != ':' || !equalFold(urn[:len(s.ID)], s.ID) {
			continue
		}
		name, _, _ := strings.Cut(urn[len(s.ID)+1:], ":")
		name, _, _ = strings.Cut(name, ".")
		for _, a := range s.Attributes {
			if equalFold(a.Name, name) {
				return s.ID + ":" + a.Name
			}
		}
	}
	return ""
}

func (c *declarationCheck) attributes(schema, parent string, list []Attribute) {
	for i := range list {
		a := &list[i]
		label := a.Name
		if parent != "" {
			label = parent + "." + a.Name
		}
		where := attributeAt(schema, label)
		say := func(cure, format string, args ...any) { c.problems.add(where, cure, format, args...) }
		if !validName(a.Name) {
			say("choose another, such as costCenter", "a name is a letter followed by letters, digits, $, - or _ (RFC 7643, section 2.1)")
		}
		for _, other := range list[:i] {
			if equalFold(other.Name, a.Name) {
				say("keep one of them", "it is declared twice; names do not depend on letter case")
			}
		}
		switch complexParts := len(a.SubAttributes) > 0; {
		case a.Type == Complex && parent != "":
			say("make it a simple type, or an attribute of its own", "a part of an attribute cannot be complex (RFC 7643, section 2.3.8)")
		case a.Type == Complex && !complexParts:
			say("declare subAttributes", "it is complex and has no parts")
		case a.Type != Complex && complexParts:
			say("set type to complex, or leave subAttributes out", "it has parts and is not complex")
		}
		if a.Mutability == WriteOnly && a.Returned != ReturnedNever {
			say("set returned to never", "it is writeOnly, so it cannot be returned (RFC 7643, section 7)")
		}
		if a.Uniqueness != UniquenessNone && (a.Type == Complex || a.Type == Boolean) {
			say("set uniqueness to none", "a %s cannot be unique", a.Type)
		}
		if a.Filterable && (a.Type == Complex || a.Returned == ReturnedNever) {
			say("leave filterable out", "what is complex or never returned cannot be looked up")
		}
		c.attributes(schema, label, a.SubAttributes)
	}
}

func (c *declarationCheck) resourceType(i int) {
	t := &c.d.Types[i]
	where := named("resource type", t.Name)
	for _, other := range c.d.Types[:i] {
		if equalFold(other.Name, t.Name) {
			c.problems.add(where, "keep one of them", "it is declared twice")
		}
		if t.Endpoint != "" && equalFold(other.Endpoint, t.Endpoint) {
			c.problems.add(where, "choose another endpoint", "resource type %s has the endpoint /%s, too", other.Name, t.Endpoint)
		}
	}
	for _, b := range builtInTypes() {
		if equalFold(b.Name, t.Name) {
			c.builtIn(where, t, b)
			return
		}
	}
	switch {
	case !plainName(t.Name):
		c.problems.add(where, "choose another, such as Device", "a name is a letter followed by letters, digits, - or _")
	case oneOf(reservedNames(), t.Name):
		c.problems.add(where, "choose another name", "the server speaks of something else by this name")
	}
	switch {
	case t.Endpoint == "":
		c.problems.add(where, "add one in the plural, such as \"/Devices\"", "it has no endpoint")
	case oneOf(reservedEndpoints(), t.Endpoint) || isVersionName(t.Endpoint):
		c.problems.add(where, "choose another, in the plural of the name", "the endpoint /%s leads elsewhere already", t.Endpoint)
	case !plainName(t.Endpoint):
		c.problems.add(where, "write a slash and one segment, such as \"/Devices\"", "the endpoint is not a letter followed by letters, digits, - or _")
	}
	base := c.d.schema(t.Schema)
	if base == nil {
		c.problems.add(where, "declare it under schemas, or correct the URN", "its schema %q is not declared in this file", shorten(t.Schema))
	} else {
		for _, a := range base.Attributes {
			if oneOf([]string{"schemas", "id", "externalId", "meta"}, a.Name) {
				c.problems.add(attributeAt(named("schema", base.ID), a.Name), "remove it", "every resource has it (RFC 7643, section 3.1)")
			}
		}
	}
	c.extensions(where, t, "")
}

// builtIn judges an entry named like a built-in type: it adds extensions, and may
// repeat what is so anyway.
func (c *declarationCheck) builtIn(where string, t *TypeDeclaration, b ResourceType) {
	same := func(member, got, want string) {
		if got != "" && got != want {
			c.problems.add(where, "leave it out", "%s is built in: its %s is %q", b.Name, member, want)
		}
	}
	same("name", t.Name, b.Name)
	same("endpoint", t.Endpoint, b.Endpoint)
	same("schema", t.Schema, b.Schema.ID)
	t.Endpoint, t.Schema, t.Description = "", "", ""
	kept := t.Extensions[:0]
	for _, e := range t.Extensions {
		if len(b.Extensions) == 0 || !equalFold(e.Schema, b.Extensions[0].Schema.ID) {
			kept = append(kept, e)
			continue
		}
		if e.Required {
			c.problems.add(where, "set required to false", "the built-in extension %s is optional", e.Schema)
		}
	}
	t.Extensions = kept
	c.extensions(where, t, b.Schema.ID)
}

func (c *declarationCheck) extensions(where string, t *TypeDeclaration, base string) {
	if base == "" {
		base = t.Schema
	}
	for i, e := range t.Extensions {
		if equalFold(e.Schema, base) {
			c.problems.add(where, "remove it from schemaExtensions", "%s is its schema and cannot extend it as well", e.Schema)
		} else if c.d.schema(e.Schema) == nil {
			c.problems.add(where, "declare it under schemas, or correct the URN", "the extension %q is not declared in this file", shorten(e.Schema))
		}
		for _, other := range t.Extensions[:i] {
			if equalFold(other.Schema, e.Schema) {
				c.problems.add(where, "keep one of them", "the extension %s is listed twice", e.Schema)
			}
		}
	}
}

// uses finds schemas that nothing uses, which would be without effect. It writes
// references in the spelling of the schema.
func (c *declarationCheck) uses() {
	used := map[string]bool{}
	use := func(urn *string) {
		if s := c.d.schema(*urn); s != nil {
			*urn = s.ID
			used[s.ID] = true
		}
	}
	for i := range c.d.Types {
		t := &c.d.Types[i]
		use(&t.Schema)
		for j := range t.Extensions {
			use(&t.Extensions[j].Schema)
		}
	}
	for _, s := range c.d.Schemas {
		if !used[s.ID] {
			c.problems.add(named("schema", s.ID), "name it as schema or schemaExtensions of a resource type, such as User, or remove it", "no resource type uses it")
		}
	}
}

// off judges the built-in attributes to do without, and returns them in their
// own spelling, each once.
func (c *declarationCheck) off(list []string) (out []string) {
	for _, name := range list {
		where := membersOff + ", " + shorten(name)
		a := c.builtInAttribute(name)
		switch {
		case a == nil:
			c.problems.add(where, "write the URN of the schema, a colon and the name, such as "+UserSchema+":addresses", "there is no such built-in attribute")
		case a.Schema == "":
			c.problems.add(where, "remove it", "every resource has it (RFC 7643, section 3.1)")
		case a.Required:
			c.problems.add(where, "remove it", "it is required")
		case a.Rows || a.Parent.Rows:
			c.problems.add(where, "remove it; excludedAttributes leaves it out of an answer", "the server keeps it up itself")
		default:
			if full := a.full(); !oneOf(out, full) {
				out = append(out, full)
			}
		}
	}
	return out
}

// builtInAttribute finds an attribute of a built-in type by its full notation.
func (c *declarationCheck) builtInAttribute(name string) *Attr {
	if c.plain == nil {
		plain, err := NewCatalog(builtInTypes()...)
		if err != nil {
			c.problems.add("file", "report this", "%v", err)
			return nil
		}
		c.plain = plain
	}
	for _, t := range c.plain.Types() {
		if _, _, ok := t.cutSchema(name); !ok {
			continue
		}
		if a, ok := t.Resolve(name); ok {
			return a
		}
	}
	return nil
}

// full is the notation of a with its schema in front.
func (a *Attr) full() string {
	if a.Container || strings.HasPrefix(a.Path, a.Schema) {
		return a.Path
	}
	return a.Schema + ":" + a.Path
}

// schema finds a declared schema by its URN; nil if there is none.
func (d *Declaration) schema(urn string) *Schema {
	for i := range d.Schemas {
		if equalFold(d.Schemas[i].ID, urn) {
			return &d.Schemas[i]
		}
	}
	return nil
}

// plainURN allows what needs no escape in a path, a filter or JSON.
func plainURN(s string) bool {
	for _, c := range []byte(s) {
		if !letterOrDigit(c) && strings.IndexByte(":-._~", c) < 0 {
			return false
		}
	}
	return len(s) > len("urn:x:") && equalFold(s[:4], "urn:") && s[len(s)-1] != ':'
}

func plainName(s string) bool {
	for i, c := range []byte(s) {
		if !letterOrDigit(c) && (i == 0 || c != '-' && c != '_') || i == 0 && c <= '9' {
			return false
		}
	}
	return s != ""
}

func letterOrDigit(c byte) bool { return lower(c)-'a' < 26 || c-'0' < 10 }

// isVersionName reports whether a path segment is read as a version of the protocol.
func isVersionName(s string) bool {
	return len(s) > 1 && lower(s[0]) == 'v' && strings.Trim(s[1:], "0123456789.") == ""
}
