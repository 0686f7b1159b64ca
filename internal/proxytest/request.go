package proxytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Opt changes one request.
type Opt func(*http.Request)

// Header sets a header; an empty value removes it.
func Header(name, value string) Opt {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}
}

// AddHeader adds a header to those of the same name.
func AddHeader(name, value string) Opt {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// NoToken leaves the Authorization header out.
func NoToken() Opt { return Header("Authorization", "") }

// Bearer uses another token.
func Bearer(token string) Opt { return Header("Authorization", "Bearer "+token) }

// Host sends another Host header.
func Host(h string) Opt { return func(r *http.Request) { r.Host = h } }

// Shorthands for what an identity provider does. Each sends one request.
func (x *Tenant) Get(t testing.TB, path string, opts ...Opt) *Response {
	return x.Do(t, "GET", path, nil, opts...)
}
func (x *Tenant) Head(t testing.TB, path string, opts ...Opt) *Response {
	return x.Do(t, "HEAD", path, nil, opts...)
}
func (x *Tenant) Post(t testing.TB, path string, body any, opts ...Opt) *Response {
	return x.Do(t, "POST", path, body, opts...)
}
func (x *Tenant) Put(t testing.TB, path string, body any, opts ...Opt) *Response {
	return x.Do(t, "PUT", path, body, opts...)
}
func (x *Tenant) Patch(t testing.TB, path string, body any, opts ...Opt) *Response {
	return x.Do(t, "PATCH", path, body, opts...)
}
func (x *Tenant) Delete(t testing.TB, path string, opts ...Opt) *Response {
	return x.Do(t, "DELETE", path, nil, opts...)
}

// Filter lists an endpoint with a filter and further parameters as name=value.
func (x *Tenant) Filter(t testing.TB, endpoint, filter string, params ...string) *Response {
	t.Helper()
	q := "?filter=" + url.QueryEscape(filter)
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		q += "&" + name + "=" + url.QueryEscape(value)
	}
	return x.Get(t, endpoint+q)
}

// Do sends one request. The path goes over the wire as it is written.
func (x *Tenant) Do(t testing.TB, method, path string, body any, opts ...Opt) *Response {
	t.Helper()
	data := marshal(body)
	req, err := http.NewRequest(method, "http://"+x.Host, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, query, _ := strings.Cut(below(path), "?")
	req.URL.Opaque, req.URL.RawQuery = plain, query
	req.Header.Set("Authorization", "Bearer "+x.Token)
	req.Header.Set("User-Agent", "proxytest")
	if body != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
		req.Header.Set("Content-Type", "application/scim+json")
	}
	for _, o := range opts {
		o(req)
	}
	resp, err := x.s.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return newResponse(t, method+" "+path, resp)
}

// below puts a path under the SCIM root unless it names a root itself.
func below(path string) string {
	for _, root := range []string{"/scim", "/api", "/portal"} {
		if strings.HasPrefix(path, root) {
			return path
		}
	}
	return "/scim/v2" + path
}

func marshal(body any) []byte {
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return []byte(b)
	case []byte:
		return b
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return data
}

// Raw writes bytes to a fresh connection and reads one answer; nil when the
// server closed without one. Lines may end in \n alone.
func (s *Stack) Raw(t testing.TB, lines string) *Response {
	t.Helper()
	head, body, _ := strings.Cut(strings.ReplaceAll(lines, "\r\n", "\n"), "\n\n")
	return s.RawBytes(t, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body)
}

// RawBytes is Raw without any help.
func (s *Stack) RawBytes(t testing.TB, text string) *Response {
	t.Helper()
	conn := s.Dial(t)
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Logf("writing: %v", err) // the server may have answered before the end
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Logf("no answer: %v", err)
		return nil
	}
	first, _, _ := strings.Cut(text, "\r\n")
	return newResponse(t, first, resp)
}

// Dial opens a connection to the listener.
func (s *Stack) Dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
