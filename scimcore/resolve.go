package scimcore

import "strings"

// maxNotation is the length of the longest notation an attribute can have. What
// is longer is nobody's, and not looked up in every schema of every type.
const maxNotation = maxURN + 2*(1+maxName)

// Resolve turns attribute notation (RFC 7644, section 3.10) into the attribute
// it names, in any letter case: userName, name.givenName, a bare extension URN
// (its container), a URN-prefixed name with an optional sub-attribute. The URN
// is recognised by the longest registered schema id, so the dot in ":2.0:" is
// never taken for a separator. An extension attribute also resolves without its
// prefix as long as no other schema of the type has the name (FLT-A03).
func (t *Type) Resolve(name string) (*Attr, bool) {
	if len(name) > maxNotation {
		return nil, false
	}
	if scope, rest, ok := t.cutSchema(name); ok {
		if rest == "" {
			return scope, scope.Container
		}
		return descend(scope, rest[1:])
	}
	if a, ok := descend(t.Root, name); ok {
		return a, true
	}
	var found *Attr
	for _, box := range t.Containers {
		if a, ok := descend(box, name); ok {
			if found != nil {
				return nil, false
			}
			found = a
		}
	}
	return found, found != nil
}

// cutSchema splits a leading schema URN off name: the object its attributes live
// in, and what follows it, with the colon.
func (t *Type) cutSchema(name string) (scope *Attr, rest string, ok bool) {
	longest := -1
	match := func(urn string, a *Attr) {
		n := len(urn)
		if n <= longest || len(name) < n || !equalFold(name[:n], urn) {
			return
		}
		if len(name) > n && name[n] != ':' {
			return
		}
		scope, longest, rest = a, n, name[n:]
	}
	match(t.Schema.ID, t.Root)
	for _, box := range t.Containers {
		match(box.Name, box)
	}
	return scope, rest, longest >= 0
}

// descend finds "attr" or "attr.sub" below scope.
func descend(scope *Attr, name string) (*Attr, bool) {
	top, sub, dotted := strings.Cut(name, ".")
	a := scope.Sub(top)
	if a == nil || a.Container {
		return nil, false
	}
	if dotted {
		a = a.Sub(sub)
	}
	return a, a != nil
}

// equalFold compares without regard to ASCII letter case, the only letters that
// attribute names and URNs have. Unicode folding would let U+212A pass for a k.
func equalFold[A, B ~string | ~[]byte](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

// lowerASCII lowers the ASCII letters of s, and none else.
func lowerASCII(s string) string {
	for i := range len(s) {
		if s[i]-'A' < 26 {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}
