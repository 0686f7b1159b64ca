package scimcore

import "fmt"

// Catalog compiles the built-in types with what d changes about them, and the
// types d declares.
func (d *Declaration) Catalog() (*Catalog, error) {
	var types []ResourceType
	for _, rt := range builtInTypes() {
		d.switchOff(&rt)
		d.index(&rt)
		types = append(types, rt)
	}
	for _, t := range d.Types {
		at := -1
		for i := range types {
			if types[i].Name == t.Name {
				at = i
			}
		}
		if at < 0 {
			base := d.schema(t.Schema)
			if base == nil {
				return nil, fmt.Errorf("resource type %s: schema %s is not declared", t.Name, t.Schema)
			}
			types = append(types, ResourceType{Name: t.Name, Endpoint: t.Endpoint, Description: t.Description, Schema: *base})
			at = len(types) - 1
		}
		for _, e := range t.Extensions {
			s := d.schema(e.Schema)
			if s == nil {
				return nil, fmt.Errorf("resource type %s: extension %s is not declared", t.Name, e.Schema)
			}
			types[at].Extensions = append(types[at].Extensions, Extension{Schema: *s, Required: e.Required && !e.Retired, Retired: e.Retired})
		}
	}
	return NewCatalog(types...)
}

// switchOff retires the attributes of a built-in type that the tenant does
// without. What has no part left goes as a whole.
func (d *Declaration) switchOff(rt *ResourceType) {
	retire(rt.Schema.ID, "", rt.Schema.Attributes, d.Off)
	for i := range rt.Extensions {
		e := &rt.Extensions[i]
		e.Retired = oneOf(d.Off, e.Schema.ID) || retire(e.Schema.ID, "", e.Schema.Attributes, d.Off)
	}
}

// retire marks the attributes that off names and reports whether none is left.
func retire(urn, parent string, attrs []Attribute, off []string) (all bool) {
	all = len(attrs) > 0
	for i := range attrs {
		a := &attrs[i]
		path := parent + a.Name
		a.Retired = oneOf(off, urn+":"+path) || retire(urn, path+".", a.SubAttributes, off)
		all = all && a.Retired
	}
	return all
}
