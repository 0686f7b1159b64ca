package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestVersionsAndPaths(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	for _, path := range []string{"/scim/v2/Users/" + id, "/scim/Users/" + id, "/scim/v2/users/" + id, "/scim/v2/USERS/" + id + "/", "/scim/V2/Users/" + id} {
		s.Get(t, path).Status(200).Has("meta.location", s.BaseURL()+"/Users/"+id)
	}
	s.Get(t, "/Users/?count=1").Status(200).Has("totalResults", 1)
	for _, path := range []string{"/scim/v1/Users", "/scim/v3/Users", "/scim/v2.1/Users"} {
		s.Get(t, path).Error(400, "invalidVers")
	}
	for _, path := range []string{"/scim/Users/v2", "/scim/v2/Nope", "/scim/v2/Users/" + id + ".scim", "/scim/v2/Users/" + strings.ToUpper(id), "/scim/v2/Users/" + id + "/x", "/scimx"} {
		require.Equal(t, 404, s.Get(t, path).Code, path)
	}
	for _, path := range []string{"/Users/..%2f..%2fGroups", "/../../api/v1/scim/tokens", "//Users", "/Users//", "/./Users", "/%2e%2e/x", "/Users/%00", `/Users/a%5cb`, "/Users/%zz", "/Users/%25"} {
		s.Get(t, "/scim/v2"+path).Error(400, "")
	}
	require.Equal(t, "path", s.LastReason(400))
}

func TestMethods(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	s.Put(t, "/Users", proxytest.User("x")).Error(405, "").HasHeader("Allow", "GET, HEAD, OPTIONS, POST")
	s.Delete(t, "/Users").Error(405, "")
	s.Post(t, "/Users/"+id, proxytest.User("x")).Error(405, "").HasHeader("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
	s.Do(t, "OPTIONS", "/Users", nil, proxytest.NoToken()).Status(204).HasHeader("Allow", "GET, HEAD, OPTIONS, POST").Empty()
	s.Do(t, "BREW", "/Users", nil).Error(501, "")
	s.Do(t, "PROPFIND", "/api/v1/session", nil).Status(501).HasHeader("Content-Type", "application/problem+json")
	got := s.Get(t, "/Users/"+id)
	s.Head(t, "/Users/"+id).Status(200).Empty().HasHeader("ETag", got.ETag()).HasHeader("Content-Type", "application/scim+json")
	s.Head(t, "/Users/nope").Status(404).Empty()
	s.Head(t, "/Users").Status(200).Empty()
}

func TestNegotiation(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	for accept, want := range map[string]string{
		"":                                "application/scim+json",
		"*/*":                             "application/scim+json",
		"application/scim+json":           "application/scim+json",
		"application/json":                "application/json",
		"APPLICATION/JSON; charset=utf-8": "application/json",
		"application/scim+json, application/json":       "application/scim+json",
		"application/json, application/scim+json":       "application/scim+json",
		"application/json, text/plain, */*":             "application/json",
		"application/json;q=0.5, */*":                   "application/scim+json",
		"application/scim+json;q=0.1, application/json": "application/json",
		"text/xml":        "application/scim+json",
		"text/xml;q=nope": "application/scim+json",
	} {
		s.Get(t, "/Users/"+id, proxytest.Header("Accept", accept)).Status(200).HasHeader("Content-Type", want)
		s.Get(t, "/Users/nope", proxytest.Header("Accept", accept)).Status(404).HasHeader("Content-Type", want)
	}
	body := proxytest.Ops(proxytest.Op("replace", "title", "x"))
	for _, ok := range []string{"", "application/json", "application/scim+json; charset=UTF-8", `Application/JSON;charset="utf-8"`} {
		s.Patch(t, "/Users/"+id, body, proxytest.Header("Content-Type", ok)).Status(200)
	}
	for _, bad := range []string{"text/xml", "application/json; charset=latin1", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"} {
		s.Patch(t, "/Users/"+id, body, proxytest.Header("Content-Type", bad)).Error(415, "")
	}
	s.Patch(t, "/Users/"+id, body, proxytest.Header("Content-Encoding", "gzip")).Error(415, "")
	s.Patch(t, "/Users/"+id, body, proxytest.Header("Content-Encoding", "identity")).Status(200)
}

func TestConditions(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	tag := s.Get(t, "/Users/"+id).ETag()
	opaque := strings.TrimPrefix(tag, "W/")
	require.Regexp(t, `^W/"[^"]+"$`, tag)

	for _, match := range []string{tag, opaque, `"x", ` + tag, "*", strings.Trim(opaque, `"`)} {
		s.Get(t, "/Users/"+id, proxytest.Header("If-None-Match", match)).Status(304).Empty().HasHeader("ETag", tag)
		s.Put(t, "/Users/"+id, proxytest.User("ada"), proxytest.Header("If-None-Match", match)).Error(412, "")
		s.Get(t, "/Users/"+id, proxytest.Header("If-Match", match)).Status(200)
	}
	s.Get(t, "/Users/"+id, proxytest.Header("If-None-Match", `W/"0"`)).Status(200)
	s.Get(t, "/Users/"+id, proxytest.Header("If-Match", `W/"0"`)).Error(412, "")
	s.Get(t, "/Users/"+id, proxytest.Header("If-Modified-Since", "Mon, 01 Jan 2035 00:00:00 GMT"), proxytest.Header("If-None-Match", `"0"`)).Status(200)

	stale := proxytest.Header("If-Match", `W/"0"`)
	rename := proxytest.Ops(proxytest.Op("replace", "title", "x"))
	s.Put(t, "/Users/"+id, proxytest.User("ada"), stale).Error(412, "", tag)
	s.Patch(t, "/Users/"+id, rename, stale).Error(412, "")
	s.Delete(t, "/Users/"+id, stale).Error(412, "")
	s.Get(t, "/Users/"+id).HasHeader("ETag", tag)
	s.Patch(t, "/Users/0198a000-0000-7000-8000-000000000000", rename, stale).Error(404, "")
	fresh := s.Patch(t, "/Users/"+id, rename, proxytest.Header("If-Match", tag)).Status(200).ETag()
	require.NotEqual(t, tag, fresh)
	s.Patch(t, "/Users/"+id, rename, proxytest.Header("If-Match", fresh), proxytest.Header("If-None-Match", fresh)).Error(412, "")
	s.Delete(t, "/Users/"+id, proxytest.Header("If-Match", "*")).Status(204)
}

func TestQueryDecoding(t *testing.T) {
	s := proxytest.New(t)
	s.CreateUser(t, "a+b")
	for _, q := range []string{"filter=userName%20eq%20%22a%2Bb%22", "filter=userName+eq+%22a%2bb%22", "FILTER=userName%20eq%20%22a%2Bb%22&filter="} {
		if strings.HasSuffix(q, "filter=") {
			s.Get(t, "/Users?"+q).Error(400, "invalidFilter")
			continue
		}
		s.Get(t, "/Users?"+q).Status(200).Has("totalResults", 1)
	}
	s.Get(t, "/Users?filter=userName+eq+%2").Error(400, "invalidValue")
	s.Get(t, "/Users?filter=userName+eq+%22a%252Bb%22").Has("totalResults", 0)
	s.Get(t, "/Users?filter=foo+eq+1").Error(400, "invalidFilter")
}

func TestRequestIDs(t *testing.T) {
	s := proxytest.New(t)
	mine := "0123abcd-EF_gh.9"
	s.Get(t, "/Users", proxytest.Header("X-Request-Id", mine)).HasHeader("X-Request-Id", mine)
	for _, bad := range []string{"short", "has space in it", strings.Repeat("x", 65), "\"quoted\"id"} {
		require.NotEqual(t, bad, s.Get(t, "/Users", proxytest.Header("X-Request-Id", bad)).HasHeader("X-Request-Id", "*").Headers.Get("X-Request-Id"))
	}
	seen := map[string]bool{}
	for range 100 {
		id := s.Get(t, "/Users").Headers.Get("X-Request-Id")
		require.Len(t, id, 24)
		require.False(t, seen[id])
		seen[id] = true
	}
	for _, r := range []*proxytest.Response{s.Get(t, "/nope/nope"), s.Get(t, "/api/v1/x"), s.Get(t, "/Users", proxytest.NoToken()), s.Get(t, "/Users", proxytest.Host("x.test"))} {
		r.HasHeader("X-Request-Id", "*").HasHeader("X-Content-Type-Options", "nosniff").HasHeader("Cache-Control", "no-store")
	}
}
