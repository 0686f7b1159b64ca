package scimcore

import "strconv"

// URNs of the discovery resources (RFC 7643, sections 5 to 7).
const (
	ConfigSchema       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	ResourceTypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	SchemaSchema       = "urn:ietf:params:scim:schemas:core:2.0:Schema"
)

// Features is what the server really does, for the ServiceProviderConfig. Numbers
// are published even while a feature is off (DISC-04): clients cut their PATCH
// requests by bulk.maxOperations whether or not there is bulk.
type Features struct {
	Patch, Bulk, Filter, Sort, ETag bool

	MaxOperations  int   // of a bulk request
	MaxPayloadSize int64 // of a bulk request, bytes
	MaxResults     int   // of a page of a list

	// Pagination (RFC 9865, section 4).
	Cursor, Index   bool
	DefaultMethod   string // "index" or "cursor"; "" is not published
	DefaultPageSize int    // 0 is not published
	MaxPageSize     int    // 0 is not published
	CursorTimeout   int    // seconds; 0 is not published

	// InteropProfile claims conformance with draft-zollner-scim-interop-profile,
	// section 4; false is not published.
	InteropProfile bool

	DocumentationURI string // for people; "" is not published
}

// AppendConfig writes the ServiceProviderConfig resource. base is the SCIM root of
// the tenant, without a slash at the end.
func (c *Catalog) AppendConfig(dst []byte, base string, f Features) []byte {
	o := object(append(dst, '{'))
	o.schemas(ConfigSchema)
	o.text("documentationUri", f.DocumentationURI)
	o.nest("patch", func() { o.flag("supported", f.Patch) })
	o.nest("bulk", func() {
		o.flag("supported", f.Bulk)
		o.number("maxOperations", int64(f.MaxOperations))
		o.number("maxPayloadSize", f.MaxPayloadSize)
	})
	o.nest("filter", func() {
		o.flag("supported", f.Filter)
		o.number("maxResults", int64(f.MaxResults))
	})
	o.nest("changePassword", func() { o.flag("supported", false) }) // passwords are discarded (RES-A02)
	o.nest("sort", func() { o.flag("supported", f.Sort) })
	o.nest("etag", func() { o.flag("supported", f.ETag) })
	o.nest("pagination", func() {
		o.flag("cursor", f.Cursor)
		o.flag("index", f.Index)
		o.text("defaultPaginationMethod", f.DefaultMethod)
		o.positive("defaultPageSize", f.DefaultPageSize)
		o.positive("maxPageSize", f.MaxPageSize)
		o.positive("cursorTimeout", f.CursorTimeout)
	})
	o.list("authenticationSchemes", 1, func(int) {
		o.text("type", "oauthbearertoken")
		o.text("name", "OAuth Bearer Token")
		o.text("description", "A token in the Authorization header: Bearer, a space and the token.")
		o.text("specUri", "https://www.rfc-editor.org/info/rfc6750")
		o.text("documentationUri", f.DocumentationURI)
		o.flag("primary", true)
	})
	if f.InteropProfile {
		o.flag("interopProfileConformant", true)
	}
	o.meta("ServiceProviderConfig", base, "/ServiceProviderConfig", "")
	return append(o, '}')
}

// AppendResourceTypes writes the list of all resource types.
func (c *Catalog) AppendResourceTypes(dst []byte, base string) []byte {
	dst = appendListHead(dst, len(c.types))
	for i, t := range c.types {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = t.appendResourceType(dst, base)
	}
	return append(dst, ']', '}')
}

// AppendResourceType writes the resource type with that name; false if there is none.
func (c *Catalog) AppendResourceType(dst []byte, base, name string) ([]byte, bool) {
	for _, t := range c.types {
		if equalFold(t.Name, name) {
			return t.appendResourceType(dst, base), true
		}
	}
	return dst, false
}

func (t *Type) appendResourceType(dst []byte, base string) []byte {
	o := object(append(dst, '{'))
	o.schemas(ResourceTypeSchema)
	o.text("id", t.Name)
	o.text("name", t.Name)
	o.text("endpoint", "/"+t.Endpoint)
	o.text("description", t.Description)
	o.text("schema", t.Schema.ID)
	o.list("schemaExtensions", len(t.Extensions), func(i int) {
		o.text("schema", t.Extensions[i].Schema.ID)
		o.flag("required", t.Extensions[i].Required)
	})
	o.meta("ResourceType", base, "/ResourceTypes/", t.Name)
	return append(o, '}')
}

// AppendSchemas writes the list of all schemas, each once.
func (c *Catalog) AppendSchemas(dst []byte, base string) []byte {
	all := c.schemas()
	dst = appendListHead(dst, len(all))
	for i, s := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.append(dst, base)
	}
	return append(dst, ']', '}')
}

// AppendSchema writes the schema with that URN, in any letter case; false if there is none.
func (c *Catalog) AppendSchema(dst []byte, base, urn string) ([]byte, bool) {
	for _, s := range c.schemas() {
		if equalFold(s.ID, urn) {
			return s.append(dst, base), true
		}
	}
	return dst, false
}

// served is a schema with its attributes as compiled, so that what is published is what holds.
type served struct {
	Schema
	attrs []*Attr
}

func (c *Catalog) schemas() []served {
	var out []served
	add := func(s Schema, scope *Attr) {
		for _, have := range out {
			if equalFold(have.ID, s.ID) {
				return // an extension may serve several types
			}
		}
		sv := served{Schema: s}
		for _, a := range scope.Subs {
			if a.Schema == s.ID && !a.Container {
				sv.attrs = append(sv.attrs, a)
			}
		}
		out = append(out, sv)
	}
	for _, t := range c.types {
		add(t.Schema, t.Root)
	}
	for _, t := range c.types {
		for i, box := range t.Containers {
			add(t.Extensions[i].Schema, box)
		}
	}
	return out
}

func (s served) append(dst []byte, base string) []byte {
	o := object(append(dst, '{'))
	o.schemas(SchemaSchema)
	o.text("id", s.ID)
	o.text("name", s.Name)
	o.text("description", s.Description)
	o.attributes("attributes", s.attrs)
	o.meta("Schema", base, "/Schemas/", s.ID)
	return append(o, '}')
}

func appendListHead(dst []byte, n int) []byte {
	dst = append(dst, listStart+`,"totalResults":`...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, `,"startIndex":1,"itemsPerPage":`...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, `,"Resources":[`...)
}
