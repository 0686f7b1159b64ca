package conformance_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
)

func TestETAG_Dates(t *testing.T) {
	clock := newHandClock()
	s := proxytest.New(t, clock.option())
	clock.advance(300 * time.Millisecond) // a date has no milliseconds
	header := func(name string) func(time.Time) proxytest.Opt {
		return func(at time.Time) proxytest.Opt {
			return proxytest.Header(name, at.UTC().Format(http.TimeFormat))
		}
	}
	modifiedSince, unmodifiedSince := header("If-Modified-Since"), header("If-Unmodified-Since")
	const second = time.Second
	user := s.CreateUser(t, "ada")
	made := clock.now()
	group := s.Post(t, "/Groups", proxytest.Group("g", user)).Status(201)
	path := "/Groups/" + group.ID()

	t.Run("ETAG-10 Last-Modified", func(t *testing.T) {
		want := made.UTC().Format(http.TimeFormat)
		group.HasHeader("Last-Modified", want)
		for _, r := range []*proxytest.Response{
			s.Get(t, path), s.Head(t, path), s.Get(t, "/Users/"+user), s.Get(t, path+"?attributes=displayName"),
			s.Patch(t, path, patchBody(`{"op":"replace","path":"displayName","value":"g"}`)),
		} {
			r.HasHeader("Last-Modified", want)
			require.Len(t, r.Headers.Values("Last-Modified"), 1)
		}
		s.Get(t, path, modifiedSince(made)).Status(304).HasHeader("Last-Modified", want)
		for _, r := range []*proxytest.Response{s.Get(t, "/Groups"), s.Get(t, "/Groups/"+randomID), s.Get(t, "/Schemas")} {
			require.Empty(t, r.Headers.Values("Last-Modified"))
		}
	})
	t.Run("ETAG-10 If-Modified-Since on a read", func(t *testing.T) {
		for _, method := range []string{"GET", "HEAD"} {
			s.Do(t, method, path, nil, modifiedSince(made)).Status(304).Empty().HasHeader("ETag", group.ETag())
			s.Do(t, method, path, nil, modifiedSince(made.Add(time.Hour))).Status(304).Empty()
			s.Do(t, method, path, nil, modifiedSince(made.Add(-second))).Status(200)
		}
		s.Get(t, path+"?excludedAttributes=members", modifiedSince(made)).Status(304).Empty()
		for _, obsolete := range []string{time.RFC850, time.ANSIC} {
			text := made.UTC().Format(obsolete)
			if obsolete == time.RFC850 {
				text = text[:len(text)-3] + "GMT"
			}
			s.Get(t, path, proxytest.Header("If-Modified-Since", text)).Status(304).Empty()
		}
	})
	t.Run("ETAG-10 the header in any letters, wherever it stands", func(t *testing.T) {
		date := made.UTC().Format(http.TimeFormat)
		for _, lines := range []string{
			"if-modified-since: " + date + "\nHost: acme.test\nAuthorization: Bearer " + s.Token,
			"Host: acme.test\nAuthorization: Bearer " + s.Token + "\nIF-MODIFIED-SINCE: " + date,
			"Host: acme.test\nif-none-match: *\nAuthorization: Bearer " + s.Token,
		} {
			r := s.Raw(t, "GET /scim/v2"+path+" HTTP/1.1\n"+lines+"\n\n")
			require.NotNil(t, r)
			r.Status(304)
		}
	})
	t.Run("ETAG-10 what is no date does not count", func(t *testing.T) {
		future := made.Add(time.Hour).UTC()
		for _, text := range []string{"", "yesterday", future.Format(time.RFC3339), future.Format(time.RFC1123Z), "0"} {
			s.Get(t, path, proxytest.Header("If-Modified-Since", text)).Status(200)
			s.Patch(t, path, patchBody(`{"op":"replace","path":"displayName","value":"g"}`), proxytest.Header("If-Unmodified-Since", text)).Status(204)
		}
		s.Get(t, path, modifiedSince(future), proxytest.AddHeader("If-Modified-Since", future.Format(http.TimeFormat))).Status(200)
	})
	t.Run("ETAG-10 If-None-Match comes first", func(t *testing.T) {
		tag := func(v string) proxytest.Opt { return proxytest.Header("If-None-Match", v) }
		s.Get(t, path, tag(`W/"0"`), modifiedSince(made)).Status(200)
		s.Get(t, path, tag(group.ETag()), modifiedSince(made.Add(-second))).Status(304).Empty()
	})
	// A user's groups change, and its date does not.
	t.Run("ETAG-10 ETAG-A03 a date says nothing of computed rows", func(t *testing.T) {
		s.Get(t, "/Users/"+user, modifiedSince(made)).Status(200).Has("groups.0.display", "g")
		s.Get(t, "/Users/"+user+"?excludedAttributes=groups", modifiedSince(made)).Status(304).Empty()
		s.Get(t, "/Users/"+user+"?attributes=userName", modifiedSince(made)).Status(304).Empty()
		s.Get(t, "/Users/"+user+"?attributes=groups.display", modifiedSince(made)).Status(200)
	})
	t.Run("ETAG-09 If-Unmodified-Since on a read", func(t *testing.T) {
		s.Get(t, path, unmodifiedSince(made.Add(-second))).Error(412, "", group.ETag())
		s.Get(t, path, unmodifiedSince(made)).Status(200)
		s.Get(t, path, unmodifiedSince(made.Add(-second)), proxytest.Header("If-Match", group.ETag())).Status(200)
		s.Get(t, path, unmodifiedSince(made), proxytest.Header("If-None-Match", group.ETag())).Status(304).Empty()
		s.Get(t, path, unmodifiedSince(made.Add(-second)), proxytest.Header("If-None-Match", group.ETag())).Error(412, "")
	})

	writes := map[string]func(t *testing.T, path, name string, opts ...proxytest.Opt) *proxytest.Response{
		"PUT": func(t *testing.T, path, name string, o ...proxytest.Opt) *proxytest.Response {
			return s.Put(t, path, proxytest.Group(name+"x"), o...)
		},
		"PATCH": func(t *testing.T, path, _ string, o ...proxytest.Opt) *proxytest.Response {
			return s.Patch(t, path, patchBody(`{"op":"replace","path":"externalId","value":"X"}`), o...)
		},
		"DELETE": func(t *testing.T, path, _ string, o ...proxytest.Opt) *proxytest.Response {
			return s.Delete(t, path, o...)
		},
	}
	for name, c := range map[string]struct {
		since time.Duration // from the last change
		more  func(tag string) []proxytest.Opt
		pass  bool
	}{
		"ETAG-09 changed since":                            {-second, nil, false},
		"ETAG-09 not changed since":                        {0, nil, true},
		"ETAG-09 a date to come":                           {time.Hour, nil, true},
		"ETAG-09 changed since, but If-Match has the say":  {-second, func(tag string) []proxytest.Opt { return []proxytest.Opt{proxytest.Header("If-Match", tag)} }, true},
		"ETAG-09 not changed, but If-Match has the say":    {0, func(string) []proxytest.Opt { return []proxytest.Opt{proxytest.Header("If-Match", `W/"0"`)} }, false},
		"ETAG-09 not changed, and If-None-Match excludes":  {0, func(tag string) []proxytest.Opt { return []proxytest.Opt{proxytest.Header("If-None-Match", tag)} }, false},
		"ETAG-10 If-Modified-Since is no matter for it":    {0, func(string) []proxytest.Opt { return []proxytest.Opt{modifiedSince(made.Add(48 * time.Hour))} }, true},
		"ETAG-09 changed since, whatever If-None-Match is": {-second, func(string) []proxytest.Opt { return []proxytest.Opt{proxytest.Header("If-None-Match", `W/"0"`)} }, false},
	} {
		for method, write := range writes {
			t.Run(name+" "+method, func(t *testing.T) {
				who := name + method
				path := "/Groups/" + s.CreateGroup(t, who)
				clock.advance(5 * second)
				now := s.Patch(t, path, patchBody(`{"op":"add","path":"members","value":[{"value":"`+user+`"}]}`), proxytest.Header("Prefer", "return=representation")).Status(200)
				opts := []proxytest.Opt{unmodifiedSince(clock.now().Add(c.since))}
				if c.more != nil {
					opts = append(opts, c.more(now.ETag())...)
				}
				r := write(t, path, who, opts...)
				if c.pass {
					require.Less(t, r.Code, 300, r.Body)
					return
				}
				r.Error(412, "", now.ETag())
				unchanged(t, s.Tenant, path, now)
			})
		}
	}
	t.Run("ETAG-08 what is not there is 404", func(t *testing.T) {
		for _, write := range writes {
			write(t, "/Groups/"+randomID, "none", unmodifiedSince(made.Add(-second))).Error(404, "")
		}
		s.Get(t, "/Groups/"+randomID, modifiedSince(made)).Error(404, "")
	})
}
