package proxytest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// Response is an answer with assertions on it, which return it for more.
//
// A path into the body names members and, in arrays, indices, joined by dots:
// emails.0.value. Member names may hold dots themselves, as URNs do:
// urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department.
type Response struct {
	Code    int
	Headers http.Header
	Body    string

	t    testing.TB
	what string
	json any
}

func newResponse(t testing.TB, what string, resp *http.Response) *Response {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: reading the answer: %v", what, err)
	}
	if len(what) > 200 {
		what = what[:200] + "..."
	}
	r := &Response{Code: resp.StatusCode, Headers: resp.Header, Body: string(body), t: t, what: what}
	if len(body) > 0 && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		d := json.NewDecoder(strings.NewReader(r.Body))
		d.UseNumber()
		if err := d.Decode(&r.json); err != nil {
			t.Fatalf("%s: the answer is no JSON: %v\n%s", what, err, body)
		}
	}
	return r
}

// Status expects a status code.
func (r *Response) Status(want int) *Response {
	r.t.Helper()
	if r.Code != want {
		r.t.Fatalf("%s: status is %d, want %d\n%s", r.what, r.Code, want, r.Body)
	}
	return r
}

// Error expects a SCIM error with that status and scimType ("" for none), and a
// detail that contains each of the given texts.
func (r *Response) Error(status int, scimType string, details ...string) *Response {
	r.t.Helper()
	r.Status(status).Has("schemas.0", "urn:ietf:params:scim:api:messages:2.0:Error").Has("status", strconv.Itoa(status))
	if scimType == "" {
		r.HasNot("scimType")
	} else {
		r.Has("scimType", scimType)
	}
	if r.Str("detail") == "" {
		r.t.Errorf("%s: the error has no detail", r.what)
	}
	for _, d := range details {
		if !strings.Contains(r.Str("detail"), d) {
			r.t.Errorf("%s: the detail %q does not contain %q", r.what, r.Str("detail"), d)
		}
	}
	return r
}

// At is the value at a path.
func (r *Response) At(path string) (any, bool) { return at(r.json, path) }

func at(v any, path string) (any, bool) {
	if path == "" {
		return v, v != nil
	}
	switch v := v.(type) {
	case map[string]any:
		if m, ok := v[path]; ok {
			return m, true
		}
		for i := len(path) - 1; i > 0; i-- { // the longest name that fits, for names with dots
			if path[i] != '.' {
				continue
			}
			if m, ok := v[path[:i]]; ok {
				return at(m, path[i+1:])
			}
		}
	case []any:
		index, rest, _ := strings.Cut(path, ".")
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(v) {
			return at(v[i], rest)
		}
	}
	return nil, false
}

// Has expects a value: text, bool, a number of any kind, or a slice or map of those.
func (r *Response) Has(path string, want any) *Response {
	r.t.Helper()
	got, ok := r.At(path)
	if !ok {
		r.t.Errorf("%s: %s is missing\n%s", r.what, path, r.Body)
	} else if !reflect.DeepEqual(normal(got), normal(want)) {
		r.t.Errorf("%s: %s is %v, want %v\n%s", r.what, path, show(got), show(want), r.Body)
	}
	return r
}

// HasNot expects nothing at the paths.
func (r *Response) HasNot(paths ...string) *Response {
	r.t.Helper()
	for _, path := range paths {
		if got, ok := r.At(path); ok {
			r.t.Errorf("%s: %s is %v, want nothing\n%s", r.what, path, show(got), r.Body)
		}
	}
	return r
}

// Len expects an array of that length; a missing one has length 0.
func (r *Response) Len(path string, want int) *Response {
	r.t.Helper()
	got, _ := r.At(path)
	list, ok := got.([]any)
	if got != nil && !ok {
		r.t.Errorf("%s: %s is no array\n%s", r.what, path, r.Body)
	} else if len(list) != want {
		r.t.Errorf("%s: %s has %d elements, want %d\n%s", r.what, path, len(list), want, r.Body)
	}
	return r
}

// HasHeader expects a header with that value, or any value with "*".
func (r *Response) HasHeader(name, want string) *Response {
	r.t.Helper()
	got := r.Headers.Get(name)
	if want == "*" && got == "" || want != "*" && got != want {
		r.t.Errorf("%s: header %s is %q, want %q", r.what, name, got, want)
	}
	return r
}

// Contains expects texts in the body.
func (r *Response) Contains(texts ...string) *Response {
	r.t.Helper()
	for _, s := range texts {
		if !strings.Contains(r.Body, s) {
			r.t.Errorf("%s: the body does not contain %q\n%s", r.what, s, r.Body)
		}
	}
	return r
}

// Lacks expects texts not to be in the body.
func (r *Response) Lacks(texts ...string) *Response {
	r.t.Helper()
	for _, s := range texts {
		if strings.Contains(r.Body, s) {
			r.t.Errorf("%s: the body contains %q\n%s", r.what, s, r.Body)
		}
	}
	return r
}

// Empty expects no body.
func (r *Response) Empty() *Response {
	r.t.Helper()
	if r.Body != "" {
		r.t.Errorf("%s: the body is %q, want none", r.what, r.Body)
	}
	return r
}

// Str is the text at a path; "" when there is none.
func (r *Response) Str(path string) string {
	v, _ := r.At(path)
	s, _ := v.(string)
	return s
}

// Int is the number at a path; -1 when there is none.
func (r *Response) Int(path string) int {
	v, _ := r.At(path)
	n, _ := v.(json.Number)
	i, err := strconv.Atoi(n.String())
	if err != nil {
		return -1
	}
	return i
}

// Strs is a path within each element of an array, such as Strs("members", "value").
func (r *Response) Strs(array, path string) []string {
	v, _ := r.At(array)
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		m, _ := at(e, path)
		s, _ := m.(string)
		out = append(out, s)
	}
	return out
}

// ID is the resource's id, and ETag and Location the headers.
func (r *Response) ID() string       { return r.Str("id") }
func (r *Response) ETag() string     { return r.Headers.Get("ETag") }
func (r *Response) Location() string { return r.Headers.Get("Location") }

// normal brings numbers and nested values to a form that compares.
func normal(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return v
	}
	var out any
	if json.Unmarshal(data, &out) != nil {
		return v
	}
	return out
}

func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}
