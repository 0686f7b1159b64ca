package conformance_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestETAG_Tags(t *testing.T) {
	s := proxytest.New(t)
	t.Run("ETAG-01 ETAG-02 ETAG-03 on every answer", func(t *testing.T) {
		made := s.Post(t, "/Users", proxytest.User("ada")).Status(201)
		path := "/Users/" + made.ID()
		group := s.Post(t, "/Groups", proxytest.Group("g", made.ID())).Status(201)
		for name, r := range map[string]*proxytest.Response{
			"POST": made, "GET": s.Get(t, path), "PUT": s.Put(t, path, proxytest.User("ada", "title", "T")).Status(200),
			"PATCH":      s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"U"}`)).Status(200),
			"POST group": group, "GET group": s.Get(t, "/Groups/"+group.ID()), "PUT group": s.Put(t, "/Groups/"+group.ID(), proxytest.Group("h")).Status(200),
		} {
			require.Regexp(t, `^W/"[^"]+"$`, r.ETag(), name)
			require.Equal(t, r.Str("meta.version"), r.ETag(), name)
			require.Len(t, r.Headers.Values("ETag"), 1, name)
		}
		head := s.Head(t, path).Status(200).Empty()
		require.Equal(t, s.Get(t, path).ETag(), head.ETag())
		list := s.Filter(t, "/Users", `userName eq "ada"`)
		require.Equal(t, head.ETag(), list.Str("Resources.0.meta.version"))
	})
	t.Run("ETAG-01 a change makes another tag, and two resources differ in nothing else", func(t *testing.T) {
		seen := map[string]bool{}
		path := "/Users/" + s.CreateUser(t, "bob")
		for _, title := range []string{"a", "b", "a", "b"} {
			tag := s.Put(t, path, proxytest.User("bob", "title", title)).Status(200).ETag()
			require.False(t, seen[tag], "a tag never comes back: %s", tag)
			seen[tag] = true
		}
	})
	t.Run("ETAG-A03 what changes nothing keeps the tag", func(t *testing.T) {
		ids := s.CreateUsers(t, "m", 2)
		group := "/Groups/" + s.CreateGroup(t, "still", ids[0])
		user := "/Users/" + ids[0]
		for name, c := range map[string]struct{ path, ops string }{
			"the same title":                  {user, `{"op":"remove","path":"title"}`},
			"an attribute added and removed":  {user, `{"op":"add","path":"nickName","value":"N"},{"op":"remove","path":"nickName"}`},
			"the same member":                 {group, `{"op":"add","path":"members","value":[{"value":"` + ids[0] + `"}]}`},
			"the same members":                {group, `{"op":"replace","path":"members","value":[{"value":"` + ids[0] + `"}]}`},
			"a member that is not there":      {group, `{"op":"remove","path":"members[value eq \"` + ids[1] + `\"]"}`},
			"a member added and removed":      {group, `{"op":"add","path":"members","value":[{"value":"` + ids[1] + `"}]},{"op":"remove","path":"members[value eq \"` + ids[1] + `\"]"}`},
			"a member removed and put back":   {group, `{"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"` + ids[0] + `"}]}`},
			"the name written as it is":       {group, `{"op":"replace","path":"displayName","value":"still"}`},
			"the name changed and set back":   {group, `{"op":"replace","path":"displayName","value":"x"},{"op":"replace","path":"displayName","value":"still"}`},
			"a list that holds what is there": {user, `{"op":"replace","path":"emails","value":[{"value":"m0001@example.com","type":"work","primary":true}]}`},
		} {
			t.Run(name, func(t *testing.T) {
				before := s.Get(t, c.path)
				r := s.Patch(t, c.path, patchBody(c.ops))
				require.Less(t, r.Code, 300, r.Body)
				require.Equal(t, before.ETag(), r.ETag())
				unchanged(t, s.Tenant, c.path, before)
			})
		}
	})
	// What a cached copy is compared with has to cover all that the body shows.
	t.Run("ETAG-A03 indirect changes that show in the body", func(t *testing.T) {
		id := s.CreateUser(t, "joins")
		before := s.Get(t, "/Users/"+id).HasNot("groups")
		group := s.CreateGroup(t, "joined", id)
		cached := proxytest.Header("If-None-Match", before.ETag())
		s.Get(t, "/Users/"+id, cached).Status(200).Has("groups.0.value", group)
		joined := s.Get(t, "/Users/"+id)
		s.Patch(t, "/Groups/"+group, patchBody(`{"op":"replace","path":"displayName","value":"renamed"}`)).Status(204)
		s.Get(t, "/Users/"+id, proxytest.Header("If-None-Match", joined.ETag())).Status(200).Has("groups.0.display", "renamed")
		renamed := s.Get(t, "/Users/"+id)
		s.Delete(t, "/Groups/"+group).Status(204)
		s.Get(t, "/Users/"+id, proxytest.Header("If-None-Match", renamed.ETag())).Status(200).HasNot("groups")
	})
	t.Run("ETAG-A03 a member that is deleted changes its groups", func(t *testing.T) {
		id := s.CreateUser(t, "leaves")
		group := s.Get(t, "/Groups/"+s.CreateGroup(t, "left", id))
		s.Delete(t, "/Users/"+id).Status(204)
		s.Get(t, "/Groups/"+group.ID(), proxytest.Header("If-None-Match", group.ETag())).Status(200).HasNot("members")
	})
	t.Run("ETAG-A04 without If-Match the last writer wins", func(t *testing.T) {
		path := "/Users/" + s.CreateUser(t, "last")
		s.Put(t, path, proxytest.User("last", "title", "one")).Status(200)
		s.Put(t, path, proxytest.User("last", "title", "two")).Status(200).Has("title", "two")
		s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"three"}`)).Status(200).Has("title", "three")
		s.Delete(t, path).Status(204)
	})
}

func TestETAG_Preconditions(t *testing.T) {
	s := proxytest.New(t)
	ifMatch := func(v string) proxytest.Opt { return proxytest.Header("If-Match", v) }
	ifNoneMatch := func(v string) proxytest.Opt { return proxytest.Header("If-None-Match", v) }
	strong := func(tag string) string { return strings.TrimPrefix(tag, "W/") }
	const other = `W/"some-other"`

	t.Run("ETAG-04 If-None-Match on a read", func(t *testing.T) {
		made := s.Post(t, "/Users", proxytest.User("read")).Status(201)
		path, tag := "/Users/"+made.ID(), made.ETag()
		for _, list := range []string{tag, strong(tag), "*", other + ", " + tag, other + "," + strong(tag)} {
			s.Get(t, path, ifNoneMatch(list)).Status(304).Empty().HasHeader("ETag", tag)
			s.Head(t, path, ifNoneMatch(list)).Status(304).Empty().HasHeader("ETag", tag)
			s.Get(t, path+"?attributes=userName", ifNoneMatch(list)).Status(304).Empty()
		}
		for _, list := range []string{other, `"x"`, `"` + tag[3:5] + `"`} {
			s.Get(t, path, ifNoneMatch(list)).Status(200).Has("userName", "read").HasHeader("ETag", tag)
		}
		now := s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"X"}`)).Status(200)
		s.Get(t, path, ifNoneMatch(tag)).Status(200).Has("title", "X").HasHeader("ETag", now.ETag())
	})

	// Each write once with a condition that fails and once with one that passes.
	writes := map[string]func(t *testing.T, path, name string, opts ...proxytest.Opt) *proxytest.Response{
		"PUT": func(t *testing.T, path, name string, o ...proxytest.Opt) *proxytest.Response {
			return s.Put(t, path, proxytest.User(name, "title", "X"), o...)
		},
		"PATCH": func(t *testing.T, path, name string, o ...proxytest.Opt) *proxytest.Response {
			return s.Patch(t, path, patchBody(`{"op":"replace","path":"title","value":"X"}`), o...)
		},
		"DELETE": func(t *testing.T, path, _ string, o ...proxytest.Opt) *proxytest.Response {
			return s.Delete(t, path, o...)
		},
	}
	for _, c := range []struct {
		name string
		cond func(stale, now string) []proxytest.Opt
		pass bool
	}{
		{"ETAG-05 If-None-Match names it", func(_, now string) []proxytest.Opt { return []proxytest.Opt{ifNoneMatch(now)} }, false},
		{"ETAG-05 If-None-Match names it as a strong tag", func(_, now string) []proxytest.Opt { return []proxytest.Opt{ifNoneMatch(strong(now))} }, false},
		{"ETAG-05 If-None-Match any", func(_, _ string) []proxytest.Opt { return []proxytest.Opt{ifNoneMatch("*")} }, false},
		{"ETAG-05 If-None-Match names another", func(stale, _ string) []proxytest.Opt { return []proxytest.Opt{ifNoneMatch(stale)} }, true},
		{"ETAG-06 ETAG-A02 If-Match is stale", func(stale, _ string) []proxytest.Opt { return []proxytest.Opt{ifMatch(stale)} }, false},
		{"ETAG-06 If-Match is another's", func(_, _ string) []proxytest.Opt { return []proxytest.Opt{ifMatch(other)} }, false},
		{"ETAG-07 If-Match any", func(_, _ string) []proxytest.Opt { return []proxytest.Opt{ifMatch("*")} }, true},
		{"ETAG-07 If-Match lists it", func(stale, now string) []proxytest.Opt {
			return []proxytest.Opt{ifMatch(stale + ", " + other + " ," + now)}
		}, true},
		{"ETAG-07 If-Match lists others", func(stale, _ string) []proxytest.Opt { return []proxytest.Opt{ifMatch(stale + ", " + other)} }, false},
		{"ETAG-07 If-Match in two headers", func(stale, now string) []proxytest.Opt {
			return []proxytest.Opt{ifMatch(stale), proxytest.AddHeader("If-Match", now)}
		}, true},
		{"ETAG-05 If-None-Match in two headers", func(stale, now string) []proxytest.Opt {
			return []proxytest.Opt{ifNoneMatch(stale), proxytest.AddHeader("If-None-Match", now)}
		}, false},
		{"ETAG-A01 If-Match with a weak tag", func(_, now string) []proxytest.Opt { return []proxytest.Opt{ifMatch(now)} }, true},
		{"ETAG-A01 If-Match with a strong tag", func(_, now string) []proxytest.Opt { return []proxytest.Opt{ifMatch(strong(now))} }, true},
		{"ETAG-09 If-Match passes, If-None-Match does not", func(_, now string) []proxytest.Opt { return []proxytest.Opt{ifMatch(now), ifNoneMatch(now)} }, false},
		{"ETAG-09 both pass", func(stale, now string) []proxytest.Opt { return []proxytest.Opt{ifMatch(now), ifNoneMatch(stale)} }, true},
		{"ETAG-09 If-Match fails, If-None-Match passes", func(stale, _ string) []proxytest.Opt { return []proxytest.Opt{ifMatch(stale), ifNoneMatch(stale)} }, false},
		{"ETAG-09 If-Unmodified-Since is not looked at beside If-Match", func(_, now string) []proxytest.Opt {
			return []proxytest.Opt{ifMatch(now), proxytest.Header("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")}
		}, true},
		{"ETAG-10 If-Modified-Since is not for writes", func(_, _ string) []proxytest.Opt {
			return []proxytest.Opt{proxytest.Header("If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))}
		}, true},
	} {
		for method, write := range writes {
			t.Run(c.name+" "+method, func(t *testing.T) {
				name := c.name + method
				path := "/Users/" + s.CreateUser(t, name)
				stale := s.Get(t, path).ETag()
				now := s.Put(t, path, proxytest.User(name, "nickName", "N")).Status(200)
				r := write(t, path, name, c.cond(stale, now.ETag())...)
				if c.pass {
					require.Less(t, r.Code, 300, r.Body)
					return
				}
				r.Error(412, "")
				require.Contains(t, r.Str("detail"), now.ETag(), "what to do: read again, it is at this version")
				unchanged(t, s.Tenant, path, now)
			})
		}
	}
	t.Run("ETAG-06 a group", func(t *testing.T) {
		ids := s.CreateUsers(t, "m", 2)
		path := "/Groups/" + s.CreateGroup(t, "g", ids[0])
		stale := s.Get(t, path).ETag()
		add := patchBody(`{"op":"add","path":"members","value":[{"value":"` + ids[1] + `"}]}`)
		s.Patch(t, path, add, ifMatch(stale)).Status(204)
		now := s.Get(t, path).Len("members", 2)
		s.Patch(t, path, patchBody(`{"op":"remove","path":"members"}`), ifMatch(stale)).Error(412, "")
		s.Put(t, path, proxytest.Group("g"), ifMatch(stale)).Error(412, "")
		s.Delete(t, path, ifMatch(stale)).Error(412, "")
		unchanged(t, s.Tenant, path, now)
	})
	t.Run("ETAG-09 on a read", func(t *testing.T) {
		made := s.Post(t, "/Users", proxytest.User("order")).Status(201)
		path, tag := "/Users/"+made.ID(), made.ETag()
		s.Get(t, path, ifMatch(other), ifNoneMatch(tag)).Error(412, "")
		s.Get(t, path, ifMatch(tag), ifNoneMatch(tag)).Status(304).Empty()
		s.Get(t, path, ifMatch(tag), ifNoneMatch(other)).Status(200)
	})
	t.Run("ETAG-10 If-Modified-Since beside If-None-Match", func(t *testing.T) {
		made := s.Post(t, "/Users", proxytest.User("since")).Status(201)
		path := "/Users/" + made.ID()
		future := proxytest.Header("If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		past := proxytest.Header("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")
		s.Get(t, path, ifNoneMatch(other), future).Status(200).Has("userName", "since")
		s.Get(t, path, ifNoneMatch(made.ETag()), past).Status(304).Empty()
		s.Get(t, path, past).Status(200).Has("userName", "since")
	})
	t.Run("ETAG-08 what is not there is 404, whatever the condition", func(t *testing.T) {
		gone := s.CreateUser(t, "gone")
		s.Delete(t, "/Users/"+gone).Status(204)
		for _, path := range []string{"/Users/" + gone, "/Users/nobody", "/Users/0190a5b0-1111-7222-8333-444455556666"} {
			for _, o := range []proxytest.Opt{ifMatch(other), ifMatch("*"), ifNoneMatch("*"), ifNoneMatch(other)} {
				s.Get(t, path, o).Error(404, "")
				for _, write := range writes {
					write(t, path, "gone", o).Error(404, "")
				}
			}
		}
		s.Get(t, "/Users/"+gone, ifMatch(other), proxytest.NoToken()).Error(401, "")
		s.Delete(t, "/Users/"+gone, ifMatch(other), proxytest.Bearer("nonsense")).Error(401, "")
	})
}

func TestETAG11_OneOfMany(t *testing.T) {
	s := proxytest.New(t, proxytest.WithBolt())
	for _, path := range []string{"/Users/" + s.CreateUser(t, "ada"), "/Groups/" + s.CreateGroup(t, "g")} {
		tag := proxytest.Header("If-Match", s.Get(t, path).ETag())
		var mu sync.Mutex
		var wg sync.WaitGroup
		codes := map[int]int{}
		won := ""
		for i := range 50 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				name := string(rune('A'+i%26)) + strings.Repeat("x", i/26)
				r := s.Patch(t, path, proxytest.Ops(proxytest.Op("replace", "displayName", name)), tag)
				mu.Lock()
				defer mu.Unlock()
				if codes[r.Code]++; r.Code < 300 {
					won = name
				}
			}()
		}
		wg.Wait()
		require.Equal(t, 49, codes[412], "%v", codes)
		require.Equal(t, 1, codes[200]+codes[204], "%v", codes)
		s.Get(t, path).Has("displayName", won)
	}
}
