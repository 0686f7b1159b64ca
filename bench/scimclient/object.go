package scimclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Object is a decoded JSON object. Numbers are json.Number, so that a client can
// tell 1 from "1" and from 1.5.
type Object map[string]any

// Parse decodes b, which must be one JSON object and nothing after it.
func Parse(b []byte) (Object, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var o Object
	if err := d.Decode(&o); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the JSON object")
	}
	if o == nil {
		return nil, fmt.Errorf("not a JSON object: null")
	}
	return o, nil
}

// Get looks path up in o. Its segments are separated by "/" (attribute names and
// URNs have dots and colons of their own): a name selects a member of an object,
// name=value the first element of an array whose member name has that text, and
// a number an element. Names are compared exactly, as most clients do.
func (o Object) Get(path string) (any, bool) {
	var at any = map[string]any(o)
	for _, seg := range strings.Split(path, "/") {
		var ok bool
		switch v := at.(type) {
		case map[string]any:
			at, ok = v[seg]
		case []any:
			at, ok = element(v, seg)
		}
		if !ok {
			return nil, false
		}
	}
	return at, true
}

func element(list []any, seg string) (any, bool) {
	if name, want, ok := strings.Cut(seg, "="); ok {
		for _, e := range list {
			if m, ok := e.(map[string]any); ok && fmt.Sprint(m[name]) == want {
				return e, true
			}
		}
		return nil, false
	}
	var i int
	if _, err := fmt.Sscanf(seg, "%d", &i); err != nil || i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

// Text is the value at path as text ("true" for a boolean), or "" without one.
func (o Object) Text(path string) string {
	v, ok := o.Get(path)
	if !ok || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// Int is the integer at path. A string of digits is not one: Okta and others
// refuse such an answer.
func (o Object) Int(path string) (int, error) {
	v, ok := o.Get(path)
	if !ok {
		return 0, fmt.Errorf("%s is missing", path)
	}
	n, ok := v.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s is %T, want an integer", path, v)
	}
	i, err := n.Int64()
	if err != nil {
		return 0, fmt.Errorf("%s is %s, want an integer", path, n)
	}
	return int(i), nil
}

// List is the array of objects at path; a missing one is empty.
func (o Object) List(path string) []Object {
	v, _ := o.Get(path)
	a, _ := v.([]any)
	out := make([]Object, 0, len(a))
	for _, e := range a {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
