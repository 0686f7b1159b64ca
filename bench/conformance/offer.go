package conformance

import (
	"net/http"
	"slices"
	"strings"

	"scimedge/bench/scimclient"
)

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	messages      = "urn:ietf:params:scim:api:messages:2.0:"
	configURN     = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
)

// offer is what a server announces, read before the first check.
type offer struct {
	config  scimclient.Object   // ServiceProviderConfig; nil if it cannot be read
	types   []scimclient.Object // ResourceTypes
	schemas map[string]scimclient.Object
	answers map[string]int // status of a first request to what no document announces
}

// probes are requests whose status says whether an endpoint is there at all.
func probes() map[string]scimclient.Request {
	search := []byte(`{"schemas":["` + messages + `SearchRequest"],"count":0}`)
	return map[string]scimclient.Request{
		"me":     {Method: http.MethodGet, Path: "/Me"},
		"search": {Method: http.MethodPost, Path: "/Users/.search", Body: search},
		"root":   {Method: http.MethodGet, Path: "/?count=0"},
	}
}

// lacks says why need does not apply to this server, or "". A need is a feature
// (patch, bulk, filter, sort, etag, cursor, groups, enterprise, me, search, root) or an
// attribute, such as User.title, or User.title? where it must be possible to leave
// the attribute out.
func (o *offer) lacks(need string) string {
	switch need {
	case "patch", "bulk", "filter", "sort", "etag":
		if o.config.Text(need+"/supported") != "true" {
			return "ServiceProviderConfig does not announce " + need
		}
		return ""
	case "cursor":
		if o.config.Text("pagination/cursor") != "true" {
			return "ServiceProviderConfig does not announce pagination.cursor"
		}
		return ""
	case "me", "search", "root":
		switch o.answers[need] {
		case http.StatusNotImplemented, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusForbidden:
			return "the endpoint is not there"
		}
		return ""
	case "groups":
		if len(o.types) > 0 && o.typeOf("/Groups") == nil {
			return "ResourceTypes does not list /Groups"
		}
		return ""
	case "enterprise":
		return o.lacksExtension(enterpriseURN)
	}
	need, optional := strings.CutSuffix(need, "?")
	kind, name, _ := strings.Cut(need, ".")
	if slices.Contains([]string{"id", "externalId", "meta"}, name) {
		return "" // common attributes stand in no schema (RFC 7643 section 3.1)
	}
	urn := map[string]string{"User": userURN, "Group": groupURN}[kind]
	schema, known := o.schemas[urn]
	a := attributeOf(schema, name)
	switch {
	case known && a == nil:
		return "the schema of " + kind + " has no " + name
	case optional && a.Text("required") == "true":
		return "the schema of " + kind + " demands " + name
	}
	return ""
}

// lacksAny is lacks for several needs, separated by spaces.
func (o *offer) lacksAny(needs string) string {
	for need := range strings.FieldsSeq(needs) {
		if why := o.lacks(need); why != "" {
			return why
		}
	}
	return ""
}

// lacksExtension: an extension counts as offered when /Users lists it.
func (o *offer) lacksExtension(urn string) string {
	users := o.typeOf("/Users")
	if users == nil {
		return "ResourceTypes does not list /Users"
	}
	for _, e := range users.List("schemaExtensions") {
		if strings.EqualFold(e.Text("schema"), urn) {
			return ""
		}
	}
	return "ResourceTypes does not list the extension for /Users"
}

func (o *offer) typeOf(endpoint string) scimclient.Object {
	for _, t := range o.types {
		if strings.EqualFold("/"+strings.Trim(t.Text("endpoint"), "/"), endpoint) {
			return t
		}
	}
	return nil
}

// attributeOf finds an attribute, or a sub-attribute by name.sub, in a schema.
func attributeOf(schema scimclient.Object, path string) scimclient.Object {
	name, sub, deep := strings.Cut(path, ".")
	for _, a := range schema.List("attributes") {
		if !strings.EqualFold(a.Text("name"), name) {
			continue
		}
		if !deep {
			return a
		}
		for _, s := range a.List("subAttributes") {
			if strings.EqualFold(s.Text("name"), sub) {
				return s
			}
		}
	}
	return nil
}

// summary is the features of the server, and those it does not have.
func (o *offer) summary() (has, hasNot []string) {
	for _, f := range []string{"groups", "patch", "filter", "sort", "etag", "bulk", "cursor", "search", "root", "me", "enterprise"} {
		if o.lacks(f) == "" {
			has = append(has, f)
		} else {
			hasNot = append(hasNot, f)
		}
	}
	return has, hasNot
}
