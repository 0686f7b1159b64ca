package scimcore

import "strconv"

// The words of RFC 7643, section 7, for the constants of schema.go.

func (d DataType) String() string {
	return [...]string{"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}[d]
}

func (m Mutability) String() string {
	return [...]string{"readWrite", "readOnly", "immutable", "writeOnly"}[m]
}

func (r Returned) String() string {
	return [...]string{"default", "always", "never", "request"}[r]
}

func (u Uniqueness) String() string { return [...]string{"none", "server", "global"}[u] }

// object is a JSON object under construction. Empty texts and lists are left out:
// no response holds a null or an empty array.
type object []byte

func (o *object) name(s string) {
	if b := *o; b[len(b)-1] != '{' {
		*o = append(*o, ',')
	}
	*o = append(appendString(*o, s), ':')
}

func (o *object) text(name, value string) {
	if value != "" {
		o.name(name)
		*o = appendString(*o, value)
	}
}

func (o *object) flag(name string, value bool) {
	o.name(name)
	*o = strconv.AppendBool(*o, value)
}

func (o *object) number(name string, value int64) {
	o.name(name)
	*o = strconv.AppendInt(*o, value, 10)
}

func (o *object) positive(name string, value int) {
	if value > 0 {
		o.number(name, int64(value))
	}
}

func (o *object) nest(name string, fill func()) {
	o.name(name)
	*o = append(*o, '{')
	fill()
	*o = append(*o, '}')
}

func (o *object) list(name string, n int, fill func(i int)) {
	if n == 0 {
		return
	}
	o.name(name)
	*o = append(*o, '[')
	for i := range n {
		if i > 0 {
			*o = append(*o, ',')
		}
		*o = append(*o, '{')
		fill(i)
		*o = append(*o, '}')
	}
	*o = append(*o, ']')
}

func (o *object) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	for i, v := range values {
		sep := byte(',')
		if i == 0 {
			sep = '['
		}
		*o = appendString(append(*o, sep), v)
	}
	*o = append(*o, ']')
}

func (o *object) schemas(urn string) { o.texts("schemas", []string{urn}) }

func (o *object) meta(resourceType, base, path, id string) {
	o.nest("meta", func() {
		o.text("resourceType", resourceType)
		o.text("location", base+path+id)
	})
}

// attributes writes declarations.
func (o *object) attributes(name string, attrs []*Attr) {
	o.list(name, len(attrs), func(i int) {
		o.characteristics(&attrs[i].Attribute)
		o.attributes("subAttributes", attrs[i].Subs)
	})
}

// characteristics writes all about one attribute but its parts. Case and
// uniqueness are left out where a type has neither (RFC 7643, sections 2.3.2 and 2.3.8).
func (o *object) characteristics(a *Attribute) {
	o.text("name", a.Name)
	o.text("type", a.Type.String())
	o.flag("multiValued", a.MultiValued)
	o.text("description", a.Description)
	o.flag("required", a.Required)
	if a.Type != Complex && a.Type != Boolean {
		o.flag("caseExact", a.CaseExact)
	}
	o.texts("canonicalValues", a.CanonicalValues)
	o.text("mutability", a.Mutability.String())
	o.text("returned", a.Returned.String())
	if a.Type != Complex && a.Type != Boolean {
		o.text("uniqueness", a.Uniqueness.String())
	}
	o.texts("referenceTypes", a.ReferenceTypes)
}
