package scimcore

// Append writes d as it is kept: a schema file with the marks of what is retired.
func (d *Declaration) Append(dst []byte) []byte { return d.append(dst, true) }

// AppendFile writes the schema file that declares what d has in use.
func (d *Declaration) AppendFile(dst []byte) []byte { return d.append(dst, false) }

func (d *Declaration) append(dst []byte, kept bool) []byte {
	types := d.Types
	schemas := d.Schemas
	if !kept {
		types, schemas = d.inUse()
	}
	o := object(append(dst, '{'))
	o.list("schemas", len(schemas), func(i int) {
		s := &schemas[i]
		o.text("id", s.ID)
		o.text("name", s.Name)
		o.text("description", s.Description)
		o.declared("attributes", s.Attributes, kept)
	})
	o.list("resourceTypes", len(types), func(i int) {
		t := &types[i]
		o.text("name", t.Name)
		if t.Endpoint != "" {
			o.text("endpoint", "/"+t.Endpoint)
		}
		o.text("description", t.Description)
		o.text("schema", t.Schema)
		o.list("schemaExtensions", len(t.Extensions), func(i int) {
			e := &t.Extensions[i]
			o.text("schema", e.Schema)
			o.flag("required", e.Required)
			o.mark("retired", e.Retired)
		})
	})
	o.texts(membersOff, d.Off)
	o.texts(membersFilterable, d.Filterable)
	o.texts(membersUnique, d.Unique)
	return append(o, '}')
}

// inUse is what of d is not retired.
func (d *Declaration) inUse() (types []TypeDeclaration, schemas []Schema) {
	used := map[string]bool{}
	for _, t := range d.Types {
		live := t
		live.Extensions = nil
		for _, e := range t.Extensions {
			if !e.Retired {
				live.Extensions = append(live.Extensions, e)
				used[e.Schema] = true
			}
		}
		if used[t.Schema] = true; t.Schema != "" || len(live.Extensions) > 0 {
			types = append(types, live)
		}
	}
	for _, s := range d.Schemas {
		if used[s.ID] {
			schemas = append(schemas, s)
		}
	}
	return types, schemas
}

// mark writes a flag that is false where it is missing.
func (o *object) mark(name string, value bool) {
	if value {
		o.flag(name, true)
	}
}

// declared writes attributes as a schema file has them.
func (o *object) declared(name string, attrs []Attribute, kept bool) {
	if !kept {
		attrs = live(attrs)
	}
	o.list(name, len(attrs), func(i int) {
		a := &attrs[i]
		o.characteristics(a)
		o.mark("filterable", a.Filterable)
		o.mark("retired", a.Retired)
		o.declared("subAttributes", a.SubAttributes, kept)
	})
}

func live(attrs []Attribute) (out []Attribute) {
	for _, a := range attrs {
		if !a.Retired {
			out = append(out, a)
		}
	}
	return out
}
