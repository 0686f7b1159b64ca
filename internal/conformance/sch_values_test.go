package conformance_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestSCH_MultiValued(t *testing.T) {
	bothRefuse(t, "/Users", []refusal{
		{"SCH-22 two primary e-mails", `{$U,"emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":true}]}`, "invalidValue", "emails has more than one element with primary true"},
		{"SCH-22 two primary roles", `{$U,"roles":[{"value":"a","primary":true},{"value":"b"},{"value":"c","primary":true}]}`, "invalidValue", "roles has more than one"},
	})
	s := proxytest.New(t)
	t.Run("SCH-22 on PUT and PATCH", func(t *testing.T) {
		ada := s.CreateUser(t, "ada")
		defer untouched(t, s.Tenant)()
		two := []proxytest.M{{"value": "a@x.example", "primary": true}, {"value": "b@x.example", "primary": true}}
		s.Put(t, "/Users/"+ada, proxytest.User("ada", "emails", two)).Error(400, "invalidValue", "emails", "primary")
		s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", "emails", two))).Error(400, "invalidValue", "emails", "primary")
	})
	t.Run("SCH-22 missing means false", func(t *testing.T) {
		s.CreateUser(t, "grace", "emails", []proxytest.M{{"value": "g1@x.example"}})
		s.CreateUser(t, "edsger", "emails", []proxytest.M{{"value": "e1@x.example", "primary": false}})
		s.Filter(t, "/Users", `emails[value sw "g1" and primary eq false]`).Status(200).Has("totalResults", 1)
		s.Filter(t, "/Users", `emails[value sw "e1" and primary eq false]`).Status(200).Has("totalResults", 1)
		s.Filter(t, "/Users", `emails[value ew "1@x.example" and primary eq true]`).Status(200).Has("totalResults", 0)
	})
	t.Run("SCH-23 the same value and type once", func(t *testing.T) {
		made := s.Post(t, "/Users", body(`{$U,"emails":[{"value":"a@x.example","type":"work"},{"value":"a@x.example","type":"work","primary":true},{"value":"a@x.example","type":"home"}]}`, "repeats")).
			Status(201).Len("emails", 2).Has("emails.0", proxytest.M{"value": "a@x.example", "type": "work", "primary": true})
		s.Patch(t, "/Users/"+made.ID(), proxytest.Ops(proxytest.Op("add", "emails", []proxytest.M{{"value": "a@x.example", "type": "work"}}))).Status(200).Len("emails", 2)
		s.Put(t, "/Users/"+made.ID(), body(`{$U,"emails":[{"value":"b@x.example"},{"value":"b@x.example"}]}`, "repeats")).Status(200).Len("emails", 1)
		s.Get(t, "/Users/"+made.ID()).Len("emails", 1)
	})
	creates(t, tenancy.ProfileStrict, "/Users", []made{
		{"SCH-26 types of one's own", `{$U,"emails":[{"value":"a@x.example","type":"alias"}],"ims":[{"value":"a","type":"matrix"}]}`, `{"emails.0.type":"alias","ims.0.type":"matrix"}`},
		{"SCH-26 two of one type", `{$U,"emails":[{"value":"a@x.example","type":"work"},{"value":"b@x.example","type":"work"}]}`, `{"emails.0.value":"a@x.example","emails.1.value":"b@x.example"}`},
	})
}

// Every way to say that there is nothing, for each kind of attribute.
func TestSCH24_Unassigned(t *testing.T) {
	s := proxytest.New(t)
	n := 0
	for _, row := range []struct {
		attr, present string
		absent        []string
	}{
		{"title", `"title":"T"`, []string{``, `"title":null`}},
		{"emails", `"emails":[{"value":"a@x.example"}]`, []string{``, `"emails":null`, `"emails":[]`, `"emails":[null]`, `"emails":[{}]`, `"emails":[{"value":null,"type":null}]`}},
		{"name", `"name":{"givenName":"A"}`, []string{``, `"name":null`, `"name":{}`, `"name":{"givenName":null,"familyName":null}`}},
		{"phoneNumbers", `"phoneNumbers":[{"value":"1"}]`, []string{``, `"phoneNumbers":null`, `"phoneNumbers":[]`}},
		{"externalId", `"externalId":"x"`, []string{``, `"externalId":null`}},
		{"$E:department", `"$E":{"department":"S"}`, []string{``, `"$E":null`, `"$E":{}`, `"$E":{"department":null}`}},
	} {
		pr := body(row.attr+` pr and userName sw "none"`, "")
		top, _, _ := strings.Cut(body(row.attr, ""), ":department")
		for _, absent := range append([]string{row.present}, row.absent...) {
			t.Run("SCH-24 SCH-A03 "+body(absent, ""), func(t *testing.T) {
				n++
				name, fields := fmt.Sprintf("none%d", n), ","+absent
				if absent == "" {
					fields = ""
				}
				made := s.Post(t, "/Users", body(`{$U`+fields+`}`, name)).Status(201)
				want := 0
				if absent == row.present {
					want = 1
				} else {
					made.HasNot(top)
					s.Get(t, "/Users/"+made.ID()).HasNot(top).Has("schemas", []string{proxytest.UserSchema})
					s.Put(t, "/Users/"+made.ID(), body(`{$U,`+row.present+`}`, name)).Status(200)
					replaced := s.Put(t, "/Users/"+made.ID(), body(`{"schemas":["$C","$E"],"userName":"$N"`+fields+`}`, name)).Status(200)
					replaced.HasNot(top)
				}
				s.Filter(t, "/Users", pr).Status(200).Has("totalResults", want)
				s.Filter(t, "/Users", "not ("+body(row.attr, "")+` pr) and userName eq "`+name+`"`).Status(200).Has("totalResults", 1-want)
				s.Delete(t, "/Users/"+made.ID()).Status(204)
			})
		}
	}
}

func TestSCH25_NoEmptyValues(t *testing.T) {
	s := proxytest.New(t)
	ada := s.Post(t, "/Users", body(`{$U,"title":null,"emails":[],"name":{"givenName":null},"roles":[{"value":null}],"$E":{"manager":null}}`, "ada")).Status(201)
	group := s.Post(t, "/Groups", body(`{$G,"members":[]}`, "g")).Status(201)
	answers := map[string]*proxytest.Response{"POST of a user": ada, "POST of a group": group}
	for _, path := range []string{"/Users/" + ada.ID(), "/Groups/" + group.ID(), "/Users", "/Groups", "/Users?attributes=emails,members", "/Users?filter=title+pr", "/Users/" + randomID,
		"/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/ResourceTypes/Group", "/Schemas/" + proxytest.GroupSchema} {
		answers["GET "+strings.NewReplacer(ada.ID(), "ID", group.ID(), "ID").Replace(named(path))] = s.Get(t, path)
	}
	answers["PUT"] = s.Put(t, "/Users/"+ada.ID(), body(`{$U,"emails":null}`, "ada"))
	answers["PATCH"] = s.Patch(t, "/Users/"+ada.ID(), proxytest.Ops(proxytest.Op("add", "emails", []proxytest.M{{"value": "a@x"}}), proxytest.Op("remove", "emails")))
	for name, r := range answers {
		t.Run("SCH-25 "+name, func(t *testing.T) {
			var v any
			require.NoError(t, json.Unmarshal([]byte(r.Body), &v))
			noEmpty(t, "", v)
		})
	}
}

func noEmpty(t *testing.T, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Errorf("%s is null", path)
	case []any:
		if len(v) == 0 && path != ".Resources" {
			t.Errorf("%s is an empty array", path)
		}
		for _, e := range v {
			noEmpty(t, path, e)
		}
	case map[string]any:
		if len(v) == 0 {
			t.Errorf("%s is an empty object", path)
		}
		for k, e := range v {
			noEmpty(t, path+"."+k, e)
		}
	}
}

func TestSCH_Case(t *testing.T) {
	s := proxytest.New(t)
	t.Run("SCH-27 case-exact or not", func(t *testing.T) {
		a := s.CreateUser(t, "Bob", "externalId", "A1", "title", "Lead")
		b := s.CreateUser(t, "Eve", "externalId", "a1", "title", "lead")
		s.Filter(t, "/Users", `externalId eq "A1"`).Has("totalResults", 1).Has("Resources.0.id", a)
		s.Filter(t, "/Users", `externalId eq "a1"`).Has("totalResults", 1).Has("Resources.0.id", b)
		s.Filter(t, "/Users", `title eq "LEAD"`).Has("totalResults", 2)
		s.Filter(t, "/Users", `userName eq "bob"`).Has("totalResults", 1).Has("Resources.0.userName", "Bob")
		s.Post(t, "/Users", proxytest.User("bob")).Error(409, "uniqueness")
		s.Get(t, "/Users/"+a).Has("externalId", "A1")
	})
	t.Run("SCH-35 unique within the endpoint", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Users", proxytest.User("BOB")).Error(409, "uniqueness", "userName")
		eve := s.Filter(t, "/Users", `userName eq "Eve"`).Str("Resources.0.id")
		s.Put(t, "/Users/"+eve, proxytest.User("boB")).Error(409, "uniqueness", "userName")
		s.Patch(t, "/Users/"+eve, proxytest.Ops(proxytest.Op("replace", "userName", "bob"))).Error(409, "uniqueness", "userName")
	})
	t.Run("SCH-A04 a resource does not collide with itself", func(t *testing.T) {
		id := s.CreateUser(t, "Carl")
		s.Put(t, "/Users/"+id, proxytest.User("CARL")).Status(200).Has("userName", "CARL")
		s.Patch(t, "/Users/"+id, proxytest.Ops(proxytest.Op("replace", "userName", "carl"))).Status(200).Has("userName", "carl")
		s.Filter(t, "/Users", `userName eq "CaRl"`).Has("totalResults", 1).Has("Resources.0.userName", "carl")
		s.Post(t, "/Users", proxytest.User("Carl")).Error(409, "uniqueness")
	})
}

// SCH-A05: whatever /Schemas offers for writing can be written and read back.
func TestSCHA05_EveryPublishedAttributeRoundTrips(t *testing.T) {
	s := profiled(t, tenancy.ProfileStrict)
	member := s.CreateUser(t, "member")
	for endpoint, urns := range map[string][]string{"/Users": {proxytest.UserSchema, proxytest.EnterpriseSchema}, "/Groups": {proxytest.GroupSchema}} {
		t.Run("SCH-A05 "+named(endpoint), func(t *testing.T) {
			sent := map[string]any{"schemas": urns}
			for i, urn := range urns {
				into := sent
				if i > 0 {
					into = map[string]any{}
					sent[urn] = into
				}
				attrs, _ := s.Get(t, "/Schemas/"+urn).Status(200).At("attributes")
				for _, a := range attrs.([]any) {
					if v := sampleOf(t, a.(map[string]any), member); v != nil {
						into[a.(map[string]any)["name"].(string)] = v
					}
				}
			}
			made := s.Post(t, endpoint, sent).Status(201)
			got := s.Get(t, endpoint+"/"+made.ID()).Status(200)
			for name, want := range sent {
				if name != "members" {
					got.Has(name, want)
				}
			}
			if endpoint == "/Groups" {
				got.Has("members.0.value", member).Has("members.0.display", "sample").Has("members.0.type", "User")
			}
			require.GreaterOrEqual(t, len(sent), 3)
		})
	}
}

// sampleOf makes a value for a published attribute; nil if clients do not write
// it or it is not kept.
func sampleOf(t *testing.T, a map[string]any, member string) any {
	t.Helper()
	if a["mutability"] == "readOnly" || a["returned"] == "never" {
		return nil
	}
	var v any
	switch a["type"] {
	case "string":
		v = "sample"
		if a["name"] == "country" {
			v = "DE"
		}
	case "boolean":
		v = true
	case "reference":
		v = "http://x.example/sample"
	case "binary":
		v = certificate(t)
	case "complex":
		m := map[string]any{}
		for _, sub := range a["subAttributes"].([]any) {
			if x := sampleOf(t, sub.(map[string]any), member); x != nil {
				m[sub.(map[string]any)["name"].(string)] = x
			}
		}
		if a["name"] == "members" {
			m["value"] = member
			delete(m, "$ref")
			delete(m, "type")
		}
		v = m
	default:
		t.Fatalf("no sample for type %v", a["type"])
	}
	if a["multiValued"] == true {
		return []any{v}
	}
	return v
}
