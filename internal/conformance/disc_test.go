package conformance_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// discoveryPaths are all discovery resources of the core.
func discoveryPaths() []string {
	return []string{
		"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/ResourceTypes/Group", "/Schemas",
		"/Schemas/" + proxytest.UserSchema, "/Schemas/" + proxytest.GroupSchema, "/Schemas/" + proxytest.EnterpriseSchema,
	}
}

func TestDISC_Everywhere(t *testing.T) {
	s := proxytest.New(t)
	revoked := s.WithToken(t, tenancy.NewToken{Name: "revoked"})
	revoked.Revoke(t)
	for _, path := range discoveryPaths() {
		t.Run("DISC-01 DISC-16 DISC-A04 with any token or none "+named(path), func(t *testing.T) {
			want := s.Get(t, path).Status(200).HasHeader("Content-Type", "application/scim+json").Body
			for _, opt := range []proxytest.Opt{proxytest.NoToken(), proxytest.Bearer(revoked.Token), proxytest.Bearer("nonsense"), proxytest.Bearer(s.Globex.Token), proxytest.Header("Authorization", "Basic YTpi")} {
				require.Equal(t, want, s.Get(t, path, opt).Status(200).Body)
			}
			for _, secret := range []string{s.Token, s.Prefix, s.TokenID, "globex", "staging"} {
				require.NotContains(t, want, secret)
			}
		})
		t.Run("DISC-08 no filters "+named(path), func(t *testing.T) {
			for _, q := range []string{`filter=id+eq+"x"`, "filter=x", "FILTER=id+pr", "count=1&filter=id+pr"} {
				s.Get(t, path+"?"+q).Error(403, "", "filter")
				s.Get(t, path+"?"+q, proxytest.NoToken()).Error(403, "")
			}
		})
		t.Run("DISC-09 parameters are ignored "+named(path), func(t *testing.T) {
			want := s.Get(t, path).Body
			for _, q := range []string{"count=1", "count=0", "startIndex=2&count=1", "startIndex=99", "count=abc", "sortBy=id&sortOrder=descending", "attributes=id", "excludedAttributes=schemas,id", "cursor", "foo=bar"} {
				require.Equal(t, want, s.Get(t, path+"?"+q).Status(200).Body, q)
			}
		})
		t.Run("DISC-15 read-only "+named(path), func(t *testing.T) {
			for _, m := range []string{"POST", "PUT", "PATCH", "DELETE"} {
				s.Do(t, m, path, "{}").Error(405, "").HasHeader("Allow", "GET, HEAD, OPTIONS")
			}
			s.Get(t, path).Status(200)
		})
		t.Run("DISC-A02 meta "+named(path), func(t *testing.T) {
			for _, x := range []*proxytest.Tenant{s.Acme, s.Globex} {
				var list struct{ Resources []json.RawMessage }
				r := x.Get(t, path).Status(200)
				require.NoError(t, json.Unmarshal([]byte(r.Body), &list))
				if list.Resources == nil {
					list.Resources = []json.RawMessage{json.RawMessage(r.Body)}
				}
				for _, one := range list.Resources {
					var res struct {
						Schemas []string
						Meta    struct{ ResourceType, Location string }
					}
					require.NoError(t, json.Unmarshal(one, &res))
					require.True(t, strings.HasSuffix(res.Schemas[0], ":"+res.Meta.ResourceType))
					require.True(t, strings.HasPrefix(res.Meta.Location, "http://"+x.Host+"/scim/v2/"), res.Meta.Location)
					require.JSONEq(t, string(one), x.Get(t, below(t, x, res.Meta.Location)).Status(200).Body, "what the location leads to")
				}
			}
		})
		t.Run("DISC-A03 cacheable "+named(path), func(t *testing.T) {
			r := s.Get(t, path).HasHeader("ETag", "*")
			require.Regexp(t, `max-age=\d+`, r.Headers.Get("Cache-Control"))
			s.Get(t, path, proxytest.Header("If-None-Match", r.ETag())).Status(304).Empty().HasHeader("ETag", r.ETag())
			s.Get(t, path, proxytest.Header("If-None-Match", `W/"other"`)).Status(200)
		})
	}
}

func TestDISC_ServiceProviderConfig(t *testing.T) {
	s := proxytest.New(t)
	r := s.Get(t, "/ServiceProviderConfig").Status(200)
	t.Run("DISC-02 one object", func(t *testing.T) {
		r.Has("schemas", []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"}).HasNot("Resources", "totalResults")
	})
	t.Run("DISC-03 all features", func(t *testing.T) {
		r.Has("patch", proxytest.M{"supported": true}).
			Has("filter.supported", true).Has("changePassword", proxytest.M{"supported": false}).
			Has("etag", proxytest.M{"supported": true}).Has("sort", proxytest.M{"supported": true}).Has("bulk.supported", true)
		// Bulk is on and done; ETags are on and come.
		ran(t, s.Tenant, []string{"404"}, bulkOp("DELETE", "/Users/"+randomID, "", nil))
		s.Post(t, "/Users", proxytest.User("ada")).Status(201).HasHeader("ETag", "*")
		s.Filter(t, "/Users", `userName eq "ada"`).Has("totalResults", 1)
	})
	t.Run("EVT-A15 no events are offered, which their absence says", func(t *testing.T) {
		r.HasNot("securityEvents")
		// Nor does anything behave as if they were.
		s.Post(t, "/Users", proxytest.User("sync"), proxytest.Header("Prefer", "respond-async, wait=1")).Status(201).Lacks("Set-Txn")
	})
	t.Run("DISC-04 numbers of features that are off", func(t *testing.T) {
		for _, path := range []string{"bulk.maxOperations", "bulk.maxPayloadSize", "filter.maxResults"} {
			v, _ := r.At(path)
			require.IsType(t, json.Number(""), v, path)
			require.GreaterOrEqual(t, r.Int(path), 0)
		}
	})
	t.Run("DISC-05 how to sign in", func(t *testing.T) {
		r.Len("authenticationSchemes", 1).Has("authenticationSchemes.0.type", "oauthbearertoken")
		require.NotEmpty(t, r.Str("authenticationSchemes.0.name"))
		require.NotEmpty(t, r.Str("authenticationSchemes.0.description"))
	})
	for _, limit := range []int{5, 40} {
		t.Run(fmt.Sprintf("DISC-A01 the settings that drive behaviour, %d", limit), func(t *testing.T) {
			s := proxytest.New(t, proxytest.WithLimits(proxy.Limits{PageSize: 3, MaxPageSize: limit, BodyBytes: limit << 10, LargeBodyBytes: limit << 10}))
			r := s.Get(t, "/ServiceProviderConfig").Has("filter.maxResults", limit).Has("bulk.maxPayloadSize", limit<<10).
				Has("pagination.maxPageSize", limit).Has("pagination.defaultPageSize", 3).Has("pagination.index", true).Has("pagination.cursor", true)
			s.CreateUsers(t, "u", limit+2)
			s.Get(t, "/Users?count=1000").Has("totalResults", limit+2).Len("Resources", r.Int("filter.maxResults"))
			s.Get(t, "/Users").Len("Resources", r.Int("pagination.defaultPageSize"))
			s.Post(t, "/Users", proxytest.User("big", "title", strings.Repeat("x", limit<<10))).Error(413, "")
			s.Post(t, "/Users", proxytest.User("fits", "title", strings.Repeat("x", limit<<9))).Status(201)
		})
	}
	t.Run("DISC-A01 operations of a PATCH", func(t *testing.T) {
		id := s.CreateUser(t, "many")
		most := r.Int("bulk.maxOperations")
		require.GreaterOrEqual(t, most, 50)
		ops := make([]proxytest.M, most)
		for i := range ops {
			ops[i] = proxytest.Op("replace", "title", fmt.Sprint(i))
		}
		s.Patch(t, "/Users/"+id, proxytest.Ops(ops...)).Status(200).Has("title", fmt.Sprint(most-1))
		require.GreaterOrEqual(t, s.Patch(t, "/Users/"+id, proxytest.Ops(append(ops, ops...)...)).Code, 400, "what is published is what holds")
	})
}

func TestDISC_TypesAndSchemas(t *testing.T) {
	s := proxytest.New(t)
	t.Run("DISC-07 DISC-11 resource types", func(t *testing.T) {
		list := s.Get(t, "/ResourceTypes").Status(200).Has("schemas", []string{listSchema}).Has("totalResults", 2).Has("itemsPerPage", 2).Len("Resources", 2)
		require.Equal(t, []string{"User", "Group"}, list.Strs("Resources", "id"))
		s.Get(t, "/ResourceTypes/User").Status(200).Has("id", "User").Has("name", "User").Has("endpoint", "/Users").Has("schema", proxytest.UserSchema).
			Has("schemaExtensions", []proxytest.M{{"schema": proxytest.EnterpriseSchema, "required": false}}).HasNot("Resources")
		s.Get(t, "/ResourceTypes/Group").Status(200).Has("id", "Group").Has("name", "Group").Has("endpoint", "/Groups").Has("schema", proxytest.GroupSchema).HasNot("schemaExtensions")
		s.Get(t, "/ResourceTypes/Nope").Error(404, "")
		for _, endpoint := range list.Strs("Resources", "endpoint") {
			s.Get(t, endpoint).Status(200)
		}
	})
	t.Run("DISC-06 DISC-10 schemas", func(t *testing.T) {
		list := s.Get(t, "/Schemas").Status(200).Has("schemas", []string{listSchema}).Has("totalResults", 3).Len("Resources", 3).Lacks("api:messages:2.0:E", "api:messages:2.0:P", "api:messages:2.0:B")
		require.Equal(t, []string{proxytest.UserSchema, proxytest.GroupSchema, proxytest.EnterpriseSchema}, list.Strs("Resources", "id"))
		for _, urn := range list.Strs("Resources", "id") {
			require.NotContains(t, urn, ":messages:")
			one := s.Get(t, "/Schemas/"+urn).Status(200).Has("id", urn).HasNot("Resources").Body
			require.Equal(t, one, s.Get(t, "/Schemas/"+strings.ToUpper(urn)).Status(200).Body)
		}
		for _, urn := range []string{"urn:nope", listSchema, "User", proxytest.UserSchema + ":userName"} {
			s.Get(t, "/Schemas/"+urn).Error(404, "")
		}
	})
	t.Run("DISC-12 types name schemas that exist", func(t *testing.T) {
		known := s.Get(t, "/Schemas").Strs("Resources", "id")
		for _, name := range []string{"User", "Group"} {
			r := s.Get(t, "/ResourceTypes/"+name)
			require.Contains(t, known, r.Str("schema"))
			for _, urn := range r.Strs("schemaExtensions", "schema") {
				require.Contains(t, known, urn)
			}
		}
	})
	t.Run("DISC-13 what an attribute says", func(t *testing.T) {
		for _, urn := range []string{proxytest.UserSchema, proxytest.GroupSchema, proxytest.EnterpriseSchema} {
			r := s.Get(t, "/Schemas/"+urn)
			require.NotEmpty(t, r.Str("name"))
			require.NotEmpty(t, r.Str("description"))
			eachAttribute(t, r, func(path string, a map[string]any, _ bool) {
				for _, name := range []string{"name", "type", "multiValued", "description", "required", "mutability", "returned"} {
					require.Contains(t, a, name, path)
				}
				require.NotEmpty(t, a["description"], path)
				if a["type"] != "complex" && a["type"] != "boolean" {
					require.Contains(t, a, "caseExact", path)
					require.Contains(t, a, "uniqueness", path)
				}
				if a["type"] == "reference" {
					require.NotEmpty(t, a["referenceTypes"], path)
				}
			})
		}
	})
	t.Run("DISC-14 common attributes", func(t *testing.T) {
		for _, urn := range []string{proxytest.UserSchema, proxytest.GroupSchema, proxytest.EnterpriseSchema} {
			eachAttribute(t, s.Get(t, "/Schemas/"+urn), func(path string, a map[string]any, _ bool) {
				require.NotContains(t, []string{"schemas", "id", "meta"}, path)
			})
		}
	})
	t.Run("SCH-25 idp-14 no nulls", func(t *testing.T) {
		s.Get(t, "/Schemas").Lacks("null", "[]")
	})
}

// rfcAttributes is RFC 7643, section 8.7.1, with its verified errata and with
// members.display (EID 6011): a letter each for required, multi-valued,
// case-exact, unique on the server; "ro", "im" and "wo" for mutability. $ref,
// other references and binaries are case-exact (sections 2.3.6 and 2.3.7), and
// so is manager.value, an id.
const rfcAttributes = `User
userName r u; name complex; name.formatted; name.familyName; name.givenName; name.middleName; name.honorificPrefix; name.honorificSuffix
displayName; nickName; profileUrl reference c; title; userType; preferredLanguage; locale; timezone; active boolean; password wo never
emails complex m; emails.value; emails.display; emails.type; emails.primary boolean
phoneNumbers complex m; phoneNumbers.value; phoneNumbers.display; phoneNumbers.type; phoneNumbers.primary boolean
ims complex m; ims.value; ims.display; ims.type; ims.primary boolean
photos complex m; photos.value reference c; photos.display; photos.type; photos.primary boolean
addresses complex m; addresses.formatted; addresses.streetAddress; addresses.locality; addresses.region; addresses.postalCode; addresses.country; addresses.type
groups complex m ro; groups.value ro; groups.$ref reference ro c; groups.display ro; groups.type ro
entitlements complex m; entitlements.value; entitlements.display; entitlements.type; entitlements.primary boolean
roles complex m; roles.value; roles.display; roles.type; roles.primary boolean
x509Certificates complex m; x509Certificates.value binary c; x509Certificates.display; x509Certificates.type; x509Certificates.primary boolean
Group
displayName r; members complex m; members.value im; members.$ref reference im c; members.type im; members.display im
EnterpriseUser
employeeNumber; costCenter; organization; division; department; manager complex; manager.value c; manager.$ref reference c; manager.displayName ro`

func TestRESA08_PublishedCharacteristics(t *testing.T) {
	s := proxytest.New(t)
	urns := map[string]string{"User": proxytest.UserSchema, "Group": proxytest.GroupSchema, "EnterpriseUser": proxytest.EnterpriseSchema}
	want, schema := map[string]map[string]string{}, ""
	for line := range strings.SplitSeq(rfcAttributes, "\n") {
		if urns[line] != "" {
			schema = line
			want[schema] = map[string]string{}
			continue
		}
		for one := range strings.SplitSeq(line, "; ") {
			path, rest, _ := strings.Cut(one, " ")
			want[schema][path] = characteristics(strings.Fields(rest))
		}
	}
	for schema, urn := range urns {
		t.Run("RES-A08 "+schema, func(t *testing.T) {
			got := map[string]string{}
			eachAttribute(t, s.Get(t, "/Schemas/"+urn).Status(200).Has("name", schema), func(path string, a map[string]any, _ bool) {
				got[path] = fmt.Sprint(a["type"], " ", a["multiValued"], a["required"], or(a["caseExact"]), " ", a["mutability"], " ", a["returned"], " ", or(a["uniqueness"]))
			})
			require.Equal(t, want[schema], got)
		})
	}
	t.Run("RES-A08 references", func(t *testing.T) {
		types := map[string]any{}
		for _, urn := range urns {
			eachAttribute(t, s.Get(t, "/Schemas/"+urn), func(path string, a map[string]any, _ bool) { types[path] = a["referenceTypes"] })
		}
		require.Equal(t, []any{"Group"}, types["groups.$ref"], "EID 8471")
		require.Equal(t, []any{"User"}, types["manager.$ref"], "EID 8472")
		require.Equal(t, []any{"User", "Group"}, types["members.$ref"])
		require.Equal(t, []any{"external"}, types["profileUrl"])
		require.Equal(t, []any{"external"}, types["photos.value"])
	})
}

func or(v any) any {
	if v == nil {
		return "-"
	}
	return v
}

func characteristics(words []string) string {
	typ, multi, required, exact, mutability, returned, unique := "string", false, false, any(false), "readWrite", "default", any("none")
	for _, w := range words {
		switch w {
		case "m":
			multi = true
		case "r":
			required = true
		case "c":
			exact = true
		case "u":
			unique = "server"
		case "ro", "im", "wo":
			mutability = map[string]string{"ro": "readOnly", "im": "immutable", "wo": "writeOnly"}[w]
		case "never":
			returned = w
		default:
			typ = w
		}
	}
	if typ == "complex" || typ == "boolean" {
		exact, unique = "-", "-"
	}
	return fmt.Sprint(typ, " ", multi, required, exact, " ", mutability, " ", returned, " ", unique)
}
