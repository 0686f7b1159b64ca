package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scimedge/bench/scimclient"
)

func discovery() []check {
	const (
		config = "RFC 7643 §5"
		types  = "RFC 7643 §6"
		schema = "RFC 7643 §7"
		where  = "RFC 7644 §4"
	)
	return []check{
		{"DISC-01.config", Must, where, "ServiceProviderConfig can be read",
			"Answer GET /ServiceProviderConfig with 200; clients decide by it what to use.", "",
			func(p *probe) { p.get("/ServiceProviderConfig").is(http.StatusOK) }},
		{"DISC-01.types", Must, where, "ResourceTypes can be read",
			"Answer GET /ResourceTypes with 200 and a ListResponse of the types that are served.", "",
			func(p *probe) { p.get("/ResourceTypes").is(http.StatusOK) }},
		{"DISC-01.schemas", Must, where, "Schemas can be read",
			"Answer GET /Schemas with 200 and a ListResponse of all schemas that are in use.", "",
			func(p *probe) { p.get("/Schemas").is(http.StatusOK) }},
		{"DISC-02", Must, where, "ServiceProviderConfig is one object of its own schema",
			"Return the object itself, not a ListResponse, with " + configURN + " in schemas.", "",
			func(p *probe) { p.get("/ServiceProviderConfig").listsSchema(configURN) }},
		{"DISC-03", Must, config, "Every feature says whether it is supported",
			"Give patch, bulk, filter, changePassword, sort and etag an object with a boolean supported each.", "",
			func(p *probe) {
				a := p.get("/ServiceProviderConfig")
				for _, f := range []string{"patch", "bulk", "filter", "changePassword", "sort", "etag"} {
					v, _ := a.body.Get(f + "/supported")
					_, isBool := v.(bool)
					p.want(isBool, f+".supported is true or false", v)
				}
			}},
		{"DISC-04", Must, config, "The limits of bulk and filter are numbers, whether or not they are supported",
			"Publish bulk.maxOperations, bulk.maxPayloadSize and filter.maxResults as integers.", "",
			func(p *probe) {
				a := p.get("/ServiceProviderConfig")
				for _, path := range []string{"bulk/maxOperations", "bulk/maxPayloadSize", "filter/maxResults"} {
					a.integer(path)
				}
			}},
		{"DISC-05", Must, config, "Authentication schemes are described",
			"List in authenticationSchemes what the server accepts, each with type, name and description.", "",
			func(p *probe) {
				list := p.get("/ServiceProviderConfig").body.List("authenticationSchemes")
				p.want(len(list) > 0, "at least one authentication scheme", "none")
				for _, s := range list {
					known := slices.Contains([]string{"oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"}, strings.ToLower(s.Text("type")))
					p.want(known, "a type out of oauth, oauth2, oauthbearertoken, httpbasic, httpdigest", s)
					p.want(s.Text("name") != "" && s.Text("description") != "", "name and description", s)
				}
			}},
		{"DISC-06.list", Must, where, "Schemas lists the schemas of users and groups",
			"Include every schema a resource type names, as ListResponse.", "",
			func(p *probe) {
				got := texts(p.get("/Schemas").list(), "id")
				for _, t := range p.offer.types {
					p.want(slices.Contains(got, t.Text("schema")), "the schema "+t.Text("schema"), listed(got))
				}
			}},
		{"DISC-06.one", Must, where, "Each schema can be read by its URI",
			"Answer GET /Schemas/{urn} with that one schema.", "",
			func(p *probe) {
				for _, s := range p.get("/Schemas").list() {
					p.get("/Schemas/"+url.PathEscape(s.Text("id"))).is(http.StatusOK).has("id", s.Text("id"))
				}
			}},
		{"DISC-06.unknown", Must, where, "An unknown schema is not found",
			"Answer 404 with a SCIM error for a schema that does not exist.", "",
			func(p *probe) { p.get("/Schemas/urn:example:conformance:none").is(http.StatusNotFound) }},
		{"DISC-07.one", Must, where, "Each resource type can be read by its name",
			"Answer GET /ResourceTypes/{name} with that one type.", "",
			func(p *probe) {
				for _, t := range p.get("/ResourceTypes").list() {
					p.get("/ResourceTypes/"+url.PathEscape(t.Text("name"))).is(http.StatusOK).has("name", t.Text("name"))
				}
			}},
		{"DISC-07.unknown", Must, where, "An unknown resource type is not found",
			"Answer 404 with a SCIM error for a type that does not exist.", "",
			func(p *probe) { p.get("/ResourceTypes/ConformanceNone").is(http.StatusNotFound) }},
		{"DISC-08", Should, where, "A filter on discovery is forbidden",
			"Answer 403 to a filter on /Schemas and /ResourceTypes: clients must not believe it was applied.", "",
			func(p *probe) {
				for _, path := range []string{"/Schemas", "/ResourceTypes"} {
					p.get(path + "?filter=" + url.QueryEscape(`id eq "User"`)).is(http.StatusForbidden)
				}
			}},
		{"DISC-09", Must, where, "Paging parameters do not shorten discovery",
			"Ignore count, startIndex and sortBy on discovery endpoints; return the whole list.", "",
			func(p *probe) {
				for _, path := range []string{"/Schemas", "/ResourceTypes"} {
					all, some := p.get(path).list(), p.get(path+"?count=1&startIndex=2&sortBy=id").list()
					p.want(len(all) == len(some), fmt.Sprintf("all %d resources", len(all)), len(some))
				}
			}},
		{"DISC-10", Must, "RFC 7644 §3.1", "Messages are no schemas",
			"Leave urn:ietf:params:scim:api:messages:... out of /Schemas.", "",
			func(p *probe) {
				for _, id := range texts(p.get("/Schemas").list(), "id") {
					p.want(!strings.HasPrefix(id, messages), "resource schemas only", id)
				}
			}},
		{"DISC-11", Must, types, "Resource types say name, endpoint and schema",
			"Give each resource type name, endpoint and schema, and each extension schema and required.", "",
			func(p *probe) {
				list := p.get("/ResourceTypes").list()
				p.want(slices.Contains(texts(list, "endpoint"), "/Users"), "a type at /Users", listed(texts(list, "endpoint")))
				for _, t := range list {
					p.want(t.Text("name") != "" && t.Text("endpoint") != "" && t.Text("schema") != "", "name, endpoint and schema", t)
					for _, e := range t.List("schemaExtensions") {
						_, isBool := e["required"].(bool)
						p.want(e.Text("schema") != "" && isBool, "schema and a boolean required", e)
					}
				}
			}},
		{"DISC-12", Must, types, "Resource types name schemas that exist",
			"Publish in /Schemas every schema and extension that /ResourceTypes names.", "",
			func(p *probe) {
				ids := texts(p.get("/Schemas").list(), "id")
				for _, t := range p.get("/ResourceTypes").list() {
					for _, urn := range append(texts(t.List("schemaExtensions"), "schema"), t.Text("schema")) {
						p.want(slices.Contains(ids, urn), urn+" in /Schemas", listed(ids))
					}
				}
			}},
		{"DISC-13", Must, schema, "Attributes are described by values the standard knows",
			"Give each attribute a name, a type, multiValued, mutability and returned as RFC 7643 section 7 spells them.", "",
			func(p *probe) {
				for _, s := range p.get("/Schemas").list() {
					p.want(s.Text("id") != "" && len(s.List("attributes")) > 0, "an id and attributes", s.Text("id"))
					for _, a := range s.List("attributes") {
						describes(p, s.Text("id"), a)
					}
				}
			}},
		{"DISC-13.userName", Must, "RFC 7643 §8.7.1", "userName is required and unique",
			"Publish userName with required true, caseExact false and uniqueness server.", "",
			func(p *probe) {
				user := p.get("/Schemas/" + userURN)
				user.is(http.StatusOK)
				a := attributeOf(user.body, "userName")
				p.want(a.Text("required") == "true", "required true", a)
				p.want(a.Text("uniqueness") == "server" || a.Text("uniqueness") == "global", "uniqueness server", a)
				p.prefer(a.Text("caseExact") == "false", "caseExact false", a)
			}},
		{"DISC-15", Must, "RFC 7643 §5", "Discovery cannot be written",
			"Refuse POST, PUT, PATCH and DELETE on discovery endpoints, with 405 best.", "",
			func(p *probe) {
				p.post("/ServiceProviderConfig", fields{"schemas": []any{configURN}}).rejectedOrUnknown(http.StatusMethodNotAllowed)
				p.del("/Schemas/" + userURN).rejectedOrUnknown(http.StatusMethodNotAllowed)
			}},
		{"DISC-16", Should, "RFC 7643 §5", "ServiceProviderConfig can be read without a token",
			"Let anyone read /ServiceProviderConfig: it says which authentication to use.", "",
			func(p *probe) {
				p.send(request{method: http.MethodGet, path: "/ServiceProviderConfig", header: http.Header{"Authorization": nil}}).is(http.StatusOK)
			}},
		{"DISC-A02", May, "RFC 7643 §3.1", "Discovery resources carry meta",
			"Set meta.resourceType and meta.location on discovery resources.", "",
			func(p *probe) {
				p.get("/ServiceProviderConfig").has("meta/resourceType", "ServiceProviderConfig").present("meta/location")
			}},
	}
}

// describes wants the definition of one attribute, and of its parts, to be whole.
func describes(p *probe, urn string, a scimclient.Object) {
	name := urn + ":" + a.Text("name")
	one := func(field string, known ...string) {
		p.want(slices.Contains(known, a.Text(field)), fmt.Sprintf("%s: %s out of %s", name, field, strings.Join(known, ", ")), a.Text(field))
	}
	p.want(a.Text("name") != "", "a name", a)
	one("type", "string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary")
	one("multiValued", "true", "false")
	one("mutability", "readOnly", "readWrite", "immutable", "writeOnly")
	one("returned", "always", "never", "default", "request")
	if a.Text("type") != "complex" {
		return
	}
	p.want(len(a.List("subAttributes")) > 0, name+": subAttributes", "none")
	for _, sub := range a.List("subAttributes") {
		p.want(sub.Text("type") != "complex", name+"."+sub.Text("name")+": a type that is not complex", sub.Text("type"))
	}
}
