package conformance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestSCH_Types(t *testing.T) {
	bothRefuse(t, "/Users", []refusal{
		{"SCH-10 a number for a string", `{"schemas":["$C"],"userName":5}`, "invalidValue", "userName must be a string"},
		{"SCH-10 a boolean for a string", `{$U,"nickName":true}`, "invalidValue", "nickName must be a string"},
		{"SCH-10 an object for a string", `{$U,"title":{"a":1}}`, "invalidValue", "title must be a string"},
		{"SCH-10 an array for a string", `{$U,"title":["a"]}`, "invalidValue", "title must be a string"},
		{"SCH-10 a number in an element", `{$U,"emails":[{"value":"a@x.example"},{"value":1}]}`, "invalidValue", "emails[1].value must be a string"},
		{"SCH-10 a number in an extension", `{"schemas":["$C","$E"],"userName":"$N","$E":{"employeeNumber":7}}`, "invalidValue", "employeeNumber must be a string"},
		{"SCH-10 a string for an object", `{$U,"name":"Ada"}`, "invalidValue", "name must be an object"},
		{"SCH-11 another word", `{$U,"active":"yes"}`, "invalidValue", "active must be true or false"},
		{"SCH-11 an empty word", `{$U,"active":""}`, "invalidValue", "active must be true or false"},
		{"SCH-11 a number", `{$U,"active":1}`, "invalidValue", "active must be true or false"},
		{"SCH-11 a word with a space", `{$U,"active":"true "}`, "invalidValue", "active must be true or false"},
		{"SCH-11 primary", `{$U,"emails":[{"value":"a@x.example","primary":"no"}]}`, "invalidValue", "emails[0].primary must be true or false"},
		{"SCH-15 no base64", `{$U,"x509Certificates":[{"value":"***"}]}`, "invalidValue", "x509Certificates[0].value must be base64"},
		{"SCH-15 a number", `{$U,"x509Certificates":[{"value":1}]}`, "invalidValue", "x509Certificates[0].value must be a string"},
		{"SCH-16 a number", `{$U,"profileUrl":1}`, "invalidValue", "profileUrl must be a string"},
	})
	refuses(t, tenancy.ProfileStrict, "/Users", []refusal{
		{"SCH-11 a word", `{$U,"active":"true"}`, "invalidValue", "active must be true or false"},
		{"SCH-11 a capital word", `{$U,"active":"False"}`, "invalidValue", "active must be true or false"},
	})
	creates(t, tenancy.ProfileLenient, "/Users", []made{
		{"SCH-11 a word", `{$U,"active":"false"}`, `{"active":false}`},
		{"SCH-11 a capital word", `{$U,"active":"True"}`, `{"active":true}`},
		{"SCH-11 in an element", `{$U,"emails":[{"value":"a@x.example","primary":"TRUE"}]}`, `{"emails.0.primary":true}`},
	})
	creates(t, tenancy.ProfileStrict, "/Users", []made{
		{"SCH-10 any text", `{$U,"title":"5","nickName":" true ","displayName":"{}"}`, `{"title":"5","nickName":" true ","displayName":"{}"}`},
		{"SCH-11 true", `{$U,"active":true}`, `{"active":true}`},
		{"SCH-11 false", `{$U,"active":false}`, `{"active":false}`},
		{"SCH-16 an absolute and a relative URI", `{$U,"profileUrl":"https://x.example/a?b=c#d","photos":[{"value":"/pictures/1"}]}`, `{"profileUrl":"https://x.example/a?b=c#d","photos.0.value":"/pictures/1"}`},
	})
}

// No core attribute that a client writes is a dateTime; filters take them.
func TestSCH14_DateTime(t *testing.T) {
	clock := newHandClock() // 2026-03-01T12:00:00Z
	s := proxytest.New(t, clock.option())
	s.CreateUser(t, "ada")
	for _, same := range []string{"2026-03-01T12:00:00Z", "2026-03-01T13:30:00+01:30", "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000000000Z", "2026-03-01T12:00:00", "2026-03-01T07:00:00-05:00"} {
		t.Run("SCH-14 "+same, func(t *testing.T) {
			s.Filter(t, "/Users", `meta.created eq "`+same+`"`).Status(200).Has("totalResults", 1)
			s.Filter(t, "/Users", `meta.created gt "`+same+`"`).Status(200).Has("totalResults", 0)
		})
	}
	for _, bad := range []string{"2026-03-01", "12:00:00Z", "2026-02-30T12:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01 12:00:00Z", "2026-03-01T12:00Z", "01.03.2026", "1772366400", "2026-03-01T12:00:00+1"} {
		t.Run("SCH-14 refused "+bad, func(t *testing.T) {
			s.Filter(t, "/Users", `meta.created gt "`+bad+`"`).Error(400, "invalidFilter", "meta.created")
		})
	}
}

// certificate is a self-signed certificate whose base64 needs padding.
func certificate(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name := "a"; ; name += "a" {
		tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
		der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
		require.NoError(t, err)
		if len(der)%3 != 0 {
			return der
		}
	}
}

func TestSCH15_Binary(t *testing.T) {
	der := certificate(t)
	padded := base64.StdEncoding.EncodeToString(der)
	require.Contains(t, padded, "=")
	s := proxytest.New(t)
	for name, value := range map[string]string{"padded": padded, "without padding": strings.TrimRight(padded, "="), "the URL alphabet": base64.URLEncoding.EncodeToString(der)} {
		t.Run("SCH-15 RES-10 "+name, func(t *testing.T) {
			made := s.Post(t, "/Users", proxytest.User(name, "x509Certificates", []proxytest.M{{"value": value}})).Status(201)
			s.Get(t, "/Users/"+made.ID()).Has("x509Certificates.0.value", value)
			s.Filter(t, "/Users", `x509Certificates.value eq "`+value+`"`).Status(200).Has("totalResults", 1)
			s.Filter(t, "/Users", `x509Certificates.value eq "`+swapCase(value)+`"`).Status(200).Has("totalResults", 0)
			s.Filter(t, "/Users", `x509Certificates.value gt "`+value+`"`).Error(400, "invalidFilter")
			s.Delete(t, "/Users/"+made.ID()).Status(204)
		})
	}
	bothRefuse(t, "/Users", []refusal{
		{"RES-10 base64 that is no certificate", `{$U,"x509Certificates":[{"value":"Z2FyYmFnZQ=="}]}`, "invalidValue", "x509Certificates[0].value"},
		{"RES-10 PEM", `{$U,"x509Certificates":[{"value":"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----"}]}`, "invalidValue", "x509Certificates[0].value"},
		{"RES-10 two certificates in one value", `{$U,"x509Certificates":[{"value":"` + base64.StdEncoding.EncodeToString(append(der[:len(der):len(der)], der...)) + `"}]}`, "invalidValue", "x509Certificates[0].value"},
	})
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 32
		case r >= 'A' && r <= 'Z':
			return r + 32
		}
		return r
	}, s)
}

func TestSCH_References(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada", "photos", []proxytest.M{{"value": "http://x.example/Ada.png"}}, "profileUrl", "http://x.example/Ada")
	absolute := s.BaseURL() + "/Users/" + ada
	for i, ref := range []string{absolute, "Users/" + ada, "/Users/" + ada, "../Users/" + ada} {
		t.Run("SCH-16 HTTP-05 "+named(strings.ReplaceAll(ref, ada, "ID"))+fmt.Sprint(" ", i), func(t *testing.T) {
			group := s.Post(t, "/Groups", proxytest.M{"schemas": []string{proxytest.GroupSchema}, "displayName": "refs", "members": []proxytest.M{{"$ref": ref}}}).Status(201).
				Has("members.0.value", ada).Has("members.0.$ref", absolute).Has("members.0.type", "User")
			s.Delete(t, "/Groups/"+group.ID()).Status(204)
		})
	}
	t.Run("SCH-17 references are case-exact", func(t *testing.T) {
		for _, attr := range []string{"photos.value", "profileUrl"} {
			value := s.Get(t, "/Users/"+ada).Str(map[string]string{"photos.value": "photos.0.value", "profileUrl": "profileUrl"}[attr])
			s.Filter(t, "/Users", attr+` eq "`+value+`"`).Status(200).Has("totalResults", 1)
			s.Filter(t, "/Users", attr+` eq "`+strings.ToUpper(value)+`"`).Status(200).Has("totalResults", 0)
			s.Filter(t, "/Users", attr+` sw "HTTP://X"`).Status(200).Has("totalResults", 0)
		}
	})
	t.Run("SCH-18 references can be followed", func(t *testing.T) {
		inner := s.CreateGroup(t, "inner", ada)
		outer := s.CreateGroup(t, "outer", ada, inner)
		r := s.Get(t, "/Groups/"+outer).Status(200).Len("members", 2)
		ids := r.Strs("members", "value")
		for i, uri := range r.Strs("members", "$ref") {
			s.Get(t, below(t, s.Tenant, uri)).Status(200).Has("id", ids[i]).Has("meta.location", uri)
		}
		user := s.Get(t, "/Users/"+ada).Status(200).Len("groups", 2)
		ids = user.Strs("groups", "value")
		for i, uri := range user.Strs("groups", "$ref") {
			s.Get(t, below(t, s.Tenant, uri)).Status(200).Has("id", ids[i])
		}
	})
}

// The issue decides: an unknown member id is kept in the lenient profile and
// named in the change record, and refused in the strict one.
func TestSCH19_DanglingReferences(t *testing.T) {
	t.Run("SCH-19 kept as unresolved", func(t *testing.T) {
		s := proxytest.New(t)
		group := s.Post(t, "/Groups", proxytest.Group("g", randomID, "not an id")).Status(201)
		require.ElementsMatch(t, []string{randomID, "not an id"}, s.MembersOf(t, group.ID()))
		require.ElementsMatch(t, []string{randomID, "not an id"}, lastChange(t, s.Tenant).Unresolved)
		require.Equal(t, 2, lastChange(t, s.Tenant).UnresolvedCount)
		s.Patch(t, "/Groups/"+group.ID(), proxytest.Ops(proxytest.Op("add", "members", proxytest.Members("another")))).Status(204)
		require.Equal(t, []string{"another"}, lastChange(t, s.Tenant).Unresolved)
	})
	t.Run("SCH-19 refused in the strict profile", func(t *testing.T) {
		s := profiled(t, tenancy.ProfileStrict)
		ada := s.CreateUser(t, "ada")
		group := s.CreateGroup(t, "g", ada)
		defer untouched(t, s.Tenant)()
		s.Post(t, "/Groups", proxytest.Group("h", ada, randomID)).Error(400, "invalidValue", "members")
		s.Put(t, "/Groups/"+group, proxytest.Group("g", randomID)).Error(400, "invalidValue", "members")
		s.Patch(t, "/Groups/"+group, proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(randomID)))).Error(400, "invalidValue", "members")
		require.Equal(t, []string{ada}, s.MembersOf(t, group))
	})
}
