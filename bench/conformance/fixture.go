package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"scimedge/bench/scimclient"
)

// fields is the body of a resource, or a part of one.
type fields map[string]any

// resource is one that a check made.
type resource struct {
	id   string
	path string            // below the base URL
	sent fields            // what it was made of
	body scimclient.Object // as the server answered
}

func (r *resource) name() string { return fmt.Sprint(r.sent["userName"]) }

// userBody is a user who satisfies what the server's schema requires, with change
// laid over it. A nil value takes an attribute out.
func (r *runner) userBody(change fields) fields {
	r.seq++
	person := r.people.Person(r.seq)
	name := fmt.Sprintf("%s-%d", r.prefix, r.seq)
	b := fields{"schemas": []any{userURN}, "userName": name + "@example.com"}
	hints := map[string]string{
		"givenName": person.GivenName, "familyName": person.FamilyName, "displayName": person.DisplayName,
		"emails": name + "@example.com", "externalId": name, "title": person.Title, "employeeNumber": person.EmployeeNo, "formatted": person.DisplayName,
	}
	r.require(b, userURN, hints)
	if users := r.offer.typeOf("/Users"); users != nil {
		for _, e := range users.List("schemaExtensions") {
			if urn := e.Text("schema"); e.Text("required") == "true" {
				ext := fields{}
				r.require(ext, urn, hints)
				b[urn] = ext
			}
		}
	}
	return lay(b, change)
}

// groupBody is the like for a group.
func (r *runner) groupBody(change fields) fields {
	r.seq++
	name := fmt.Sprintf("%s-group-%d", r.prefix, r.seq)
	b := fields{"schemas": []any{groupURN}, "displayName": name}
	r.require(b, groupURN, map[string]string{"externalId": name})
	return lay(b, change)
}

// lay puts change over b, and names in schemas every extension that is there.
func lay(b, change fields) fields {
	for k, v := range change {
		if v == nil {
			delete(b, k)
		} else {
			b[k] = v
		}
	}
	if schemas, ok := b["schemas"].([]any); ok && change["schemas"] == nil {
		schemas = slices.Clone(schemas)
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if strings.HasPrefix(name, "urn:") && !slices.Contains(schemas, any(name)) {
				schemas = append(schemas, name)
			}
		}
		b["schemas"] = schemas
	}
	return b
}

// require fills in the attributes that a schema demands and b does not have yet.
func (r *runner) require(b fields, urn string, hints map[string]string) {
	for _, a := range r.offer.schemas[urn].List("attributes") {
		name := a.Text("name")
		if _, has := b[name]; !has && a.Text("required") == "true" && a.Text("mutability") != "readOnly" {
			b[name] = sample(a, name, hints)
		}
	}
}

// sample is a value that an attribute of this definition should take.
func sample(a scimclient.Object, hint string, hints map[string]string) any {
	var one any
	text := hints[a.Text("name")]
	if text == "" {
		text = hints[hint]
	}
	switch a.Text("type") {
	case "boolean":
		one = true
	case "integer":
		one = 1
	case "decimal":
		one = 1.5
	case "dateTime":
		one = "2026-01-01T00:00:00Z"
	case "reference":
		one = "https://example.com/conformance"
	case "binary":
		one = "Y29uZm9ybWFuY2U="
	case "complex":
		parts := fields{}
		for _, s := range a.List("subAttributes") {
			if name := s.Text("name"); s.Text("mutability") != "readOnly" && (s.Text("required") == "true" || name == "value") {
				parts[name] = sample(s, hint, hints)
			}
		}
		one = parts
	default:
		if values, _ := a.Get("canonicalValues"); values != nil {
			if list, ok := values.([]any); ok && len(list) > 0 {
				text = fmt.Sprint(list[0])
			}
		}
		if text == "" {
			text = "conformance"
		}
		one = text
	}
	if a.Text("multiValued") == "true" {
		return []any{one}
	}
	return one
}

// with is a copy of what r was made of, with change laid over it: the body of a PUT.
func (r *resource) with(change fields) fields { return lay(maps.Clone(r.sent), change) }

// member refers to r in a group.
func (r *resource) member() fields { return fields{"value": r.id} }

// mail is an element of emails.
func mail(kind, value string) fields { return fields{"type": kind, "value": value} }
