package scimclient

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHeadersAndHost(t *testing.T) {
	var got *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusFound)
	}))
	defer s.Close()
	c, err := New(Options{BaseURL: s.URL + "/scim/v2/", Host: "acme.localhost", Token: "scim_x"})
	if err != nil {
		t.Fatal(err)
	}
	okta := c.As(Identity{UserAgent: "Okta SCIM Client 1.0.0", Accept: "application/scim+json", ContentType: "application/scim+json; charset=utf-8"})
	res, err := okta.Do(t.Context(), "POST", `/Users?filter=userName%20eq%20%22x%22`, []byte(`{}`))
	if err != nil || res.Status != http.StatusFound {
		t.Fatalf("%v, %v; a redirect must not be followed", res, err)
	}
	if got.Host != "acme.localhost" || got.RequestURI != "/scim/v2/Users?filter=userName%20eq%20%22x%22" {
		t.Errorf("Host %q, URI %q", got.Host, got.RequestURI)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer scim_x", "User-Agent": "Okta SCIM Client 1.0.0",
		"Accept": "application/scim+json", "Content-Type": "application/scim+json; charset=utf-8",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if _, err := c.As(Identity{}).Do(t.Context(), "GET", "/Users", nil); err != nil {
		t.Fatal(err)
	}
	if _, has := got.Header["User-Agent"]; has {
		t.Error("a User-Agent was sent although none was asked for")
	}
	if _, err := c.Send(t.Context(), Request{Method: "GET", Path: "/Users", Header: http.Header{"authorization": nil, "If-Match": {`W/"1"`}}}); err != nil {
		t.Fatal(err)
	}
	if _, has := got.Header["Authorization"]; has || got.Header.Get("If-Match") != `W/"1"` {
		t.Errorf("headers of one request: %v", got.Header)
	}
	if c.Requests() != 3 {
		t.Errorf("%d requests counted, want 3", c.Requests())
	}
}

func TestLocalhostNamesAreDialledAtLoopback(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Host)) }))
	defer s.Close()
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	c, err := New(Options{BaseURL: "http://acme.localhost" + port})
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(t.Context(), "GET", "/", nil)
	if err != nil || string(res.Body) != "acme.localhost"+port {
		t.Errorf("%v, %v", res, err)
	}
}

func TestIsLoopback(t *testing.T) {
	for url, want := range map[string]bool{
		"http://127.0.0.1:8080/scim/v2": true, "http://[::1]/": true, "http://LOCALHOST:1/": true, "https://acme.localhost/": true,
		"http://example.com/": false, "http://localhost.example.com/": false, "http://10.0.0.1/": false, "::": false,
		"http://127.0.0.1@example.com/": false,
	} {
		if IsLoopback(url) != want {
			t.Errorf("IsLoopback(%q) = %v", url, !want)
		}
	}
}

func TestBaseURLIsChecked(t *testing.T) {
	for _, bad := range []string{"", "acme.localhost", "ftp://x/", "http:///scim", "http://x/?a=b"} {
		if _, err := New(Options{BaseURL: bad}); err == nil {
			t.Errorf("base URL %q was taken", bad)
		}
	}
}

func TestObject(t *testing.T) {
	o, err := Parse([]byte(`{"a":{"urn:x:2.0:User":{"v":true}},"l":[{"type":"home","value":"h"},{"type":"work","value":"w"}],"n":1,"s":"1","f":1.5}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a/urn:x:2.0:User/v": "true", "l/type=work/value": "w", "l/0/value": "h", "l/9/value": "", "n/x": "", "l/type=x/value": ""} {
		if got := o.Text(path); got != want {
			t.Errorf("Text(%q) = %q, want %q", path, got, want)
		}
	}
	if n, err := o.Int("n"); n != 1 || err != nil {
		t.Errorf("Int(n) = %d, %v", n, err)
	}
	for _, path := range []string{"s", "f", "missing"} {
		if _, err := o.Int(path); err == nil {
			t.Errorf("Int(%s) gave no error", path)
		}
	}
	for _, bad := range []string{``, `null`, `[]`, `{} {}`, `{`} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("Parse(%q) gave no error", bad)
		}
	}
}

func TestMismatchIsOneReadableError(t *testing.T) {
	m := &Mismatch{Step: "okta: create user", Method: "POST", Path: "/Users", Sent: []byte(strings.Repeat("é", 5000)), Want: "status 201", Status: 500, Got: []byte("a\nb\x1b")}
	s := m.Error()
	for _, part := range []string{"okta: create user: POST /Users", "status 201", "status 500", "a b ", "(10000 bytes)"} {
		if !strings.Contains(s, part) {
			t.Errorf("%q is not in %q", part, s)
		}
	}
}
