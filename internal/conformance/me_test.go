package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/tenancy"
)

func TestME_NobodysToken(t *testing.T) {
	s := proxytest.New(t)
	ada := s.CreateUser(t, "ada")
	reader := s.WithToken(t, tenancy.NewToken{Name: "reader", Scopes: []string{tenancy.ScopeRead}})
	bound := s.WithToken(t, tenancy.NewToken{Name: "ada", User: ada})
	t.Run("ME-01 ME-A01 HTTP-13 every method", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		for _, path := range []string{"/Me", "/me", "/ME/", "/Me?attributes=userName"} {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
				for _, x := range []*proxytest.Tenant{s.Tenant, reader} {
					r := x.Do(t, method, path, nil).Error(501, "")
					require.Empty(t, r.Location())
				}
			}
			s.Head(t, path).Status(501).Empty()
		}
		s.Get(t, "/Me", proxytest.NoToken()).Error(401, "")
	})
	t.Run("ME-01 POST, whoever asks", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		bound.Post(t, "/Me", proxytest.User("other")).Error(501, "")
	})
}

func TestME_BoundToken(t *testing.T) {
	s := proxytest.New(t)
	id := s.CreateUser(t, "ada")
	group := s.CreateGroup(t, "g", id)
	s.CreateUser(t, "bob")
	me := s.WithToken(t, tenancy.NewToken{Name: "ada", User: id})
	home := s.BaseURL() + "/Users/" + id
	permanent := func(r *proxytest.Response) *proxytest.Response {
		t.Helper()
		return r.HasHeader("Location", home)
	}
	t.Run("ME-03 GET", func(t *testing.T) {
		want := s.Get(t, "/Users/"+id).Status(200)
		r := permanent(me.Get(t, "/Me").Status(200)).HasHeader("Content-Location", home).HasHeader("ETag", want.ETag())
		require.JSONEq(t, want.Body, r.Body)
		r.Has("meta.location", home).Has("groups.0.value", group)
		permanent(me.Head(t, "/Me").Status(200).Empty())
		permanent(me.Get(t, "/Me", proxytest.Header("If-None-Match", want.ETag())).Status(304).Empty())
		permanent(me.Get(t, "/me/?attributes=userName").Status(200).Has("userName", "ada").HasNot("emails"))
	})
	t.Run("ME-03 PATCH and PUT", func(t *testing.T) {
		r := permanent(me.Patch(t, "/Me", patchBody(`{"op":"replace","path":"title","value":"T"}`)).Status(200).Has("title", "T"))
		me.Put(t, "/Me", proxytest.User("bob")).Error(409, "uniqueness")
		me.Put(t, "/Me", proxytest.User("ada"), proxytest.Header("If-Match", `W/"0"`)).Error(412, "")
		permanent(me.Put(t, "/Me", proxytest.User("ada", "title", "U"), proxytest.Header("If-Match", r.ETag())).Status(200).Has("title", "U"))
		permanent(me.Patch(t, "/Me", patchBody(`{"op":"replace","path":"title","value":"V"}`), proxytest.Header("Prefer", "return=minimal")).Status(204).Empty())
		s.Get(t, "/Users/"+id).Has("title", "V")
	})
	t.Run("ME-03 scopes are those of Users", func(t *testing.T) {
		reader := s.WithToken(t, tenancy.NewToken{Name: "reader", User: id, Scopes: []string{tenancy.ScopeRead}})
		users := s.WithToken(t, tenancy.NewToken{Name: "users", User: id, Scopes: []string{tenancy.ScopeUsers}})
		reader.Get(t, "/Me").Status(200)
		reader.Patch(t, "/Me", patchBody(`{"op":"replace","path":"title","value":"W"}`)).Error(403, "")
		users.Patch(t, "/Me", patchBody(`{"op":"replace","path":"title","value":"W"}`)).Status(200)
		s.SetPaused(t, true)
		me.Get(t, "/Me").Status(200)
		me.Patch(t, "/Me", patchBody(`{"op":"replace","path":"title","value":"X"}`)).Error(503, "")
		s.SetPaused(t, false)
		s.SetSwitch(t, tenancy.SwitchPatch, false)
		me.Patch(t, "/Me", patchBody(`{"op":"replace","path":"title","value":"X"}`)).Error(501, "")
		s.SetSwitch(t, tenancy.SwitchPatch, true)
	})
	t.Run("ME-03 counted as what it is", func(t *testing.T) {
		require.Positive(t, s.Metric("scimedge_requests_total", `op="user.get"`, `token="`+me.Prefix+`"`, `code="200"`))
	})
	t.Run("ME-03 DELETE, and when the user is gone", func(t *testing.T) {
		permanent(me.Delete(t, "/Me").Status(204).Empty())
		s.Get(t, "/Users/"+id).Error(404, "")
		for _, method := range []string{"GET", "DELETE"} {
			require.Empty(t, me.Do(t, method, "/Me", nil).Error(404, "").Location())
		}
		me.Put(t, "/Me", proxytest.User("ada")).Error(404, "")
		s.Get(t, "/Groups/"+group).HasNot("members")
	})
}
