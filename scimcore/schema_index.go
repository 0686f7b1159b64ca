package scimcore

// A tenant can have built-in attributes indexed that are not, and have values of
// them unique: a file has no declaration of theirs to write filterable or
// uniqueness into, so it lists their names.

// indexing judges the built-in attributes that a list wants indexed, and returns
// them in their own spelling, each once.
func (c *declarationCheck) indexing(member string, list []string) (out []string) {
	for _, name := range list {
		where := member + ", " + shorten(name)
		a := c.builtInAttribute(name)
		switch {
		case a == nil:
			c.problems.add(where, "write the URN of the schema, a colon and the name, such as "+GroupSchema+":displayName", "there is no such built-in attribute")
		case a.Schema == "":
			c.problems.add(where, "remove it", "every resource has it, and how it is looked up is the server's")
		case a.Type == Complex:
			c.problems.add(where, "name the part to look up, such as "+UserSchema+":name.familyName", "it has several parts")
		case a.Rows || a.Parent.Rows:
			c.problems.add(where, "remove it", "members and groups are looked up by their ids already")
		case a.secret():
			c.problems.add(where, "remove it", "what is never returned cannot be looked up")
		case member == membersUnique && a.Type == Boolean:
			c.problems.add(where, "remove it", "a boolean cannot be unique")
		case a.Uniqueness != UniquenessNone:
			c.problems.add(where, "remove it", "it is unique, and so indexed, as it is")
		default:
			if full := a.full(); !oneOf(out, full) {
				out = append(out, full)
			}
		}
	}
	return out
}

// Members of a schema file that name built-in attributes.
const (
	membersOff        = "attributesOff"
	membersFilterable = "attributesFilterable"
	membersUnique     = "attributesUnique"
)

// index marks the attributes of a built-in type that the tenant wants indexed.
func (d *Declaration) index(rt *ResourceType) {
	d.mark(rt.Schema.ID, "", rt.Schema.Attributes)
	for i := range rt.Extensions {
		d.mark(rt.Extensions[i].Schema.ID, "", rt.Extensions[i].Schema.Attributes)
	}
}

func (d *Declaration) mark(urn, parent string, attrs []Attribute) {
	for i := range attrs {
		a := &attrs[i]
		path := parent + a.Name
		a.Filterable = a.Filterable || oneOf(d.Filterable, urn+":"+path)
		if oneOf(d.Unique, urn+":"+path) {
			a.Uniqueness = UniquenessServer
		}
		d.mark(urn, path+".", a.SubAttributes)
	}
}

// lists notes what a change does to a list of built-in attributes: which names
// are new in it and which are gone.
func lists(now, next []string, added, removed *[]string) {
	for _, name := range next {
		if !oneOf(now, name) {
			*added = append(*added, name)
		}
	}
	for _, name := range now {
		if !oneOf(next, name) {
			*removed = append(*removed, name)
		}
	}
}
