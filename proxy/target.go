package proxy

import (
	"bytes"

	"scimedge/scimcore"
)

// target is a request target taken apart without any normalisation: what is not
// canonical already is refused, so that no two parsers can read it differently
// (a path that says one thing to a firewall and another to a router is how
// /scim/v2/../../api is reached). Its slices point into the request.
type target struct {
	authority []byte // of an absolute-form target, else nil
	path      []byte // starts with a slash, percent-encoding kept
	query     []byte // without the question mark
}

// cutTarget splits the request target as it came over the wire.
func cutTarget(raw []byte) (t target, err *scimcore.Error) {
	if len(raw) == 0 || raw[0] != '/' {
		scheme, rest, ok := bytes.Cut(raw, []byte("://"))
		if !ok || !foldEqual(scheme, "http") && !foldEqual(scheme, "https") {
			return t, badTarget("the request target must begin with a slash or with http:// or https://")
		}
		n := bytes.IndexAny(rest, "/?")
		if n < 0 {
			n = len(rest)
		}
		if t.authority, raw = rest[:n], rest[n:]; len(t.authority) == 0 {
			return t, badTarget("the request target names no host")
		}
		if len(raw) == 0 || raw[0] == '?' {
			t.path = []byte("/")
			t.query = bytes.TrimPrefix(raw, []byte("?"))
			return t, nil
		}
	}
	t.path, t.query, _ = bytes.Cut(raw, []byte("?"))
	return t, checkPath(t.path)
}

// checkPath accepts canonical paths only: no empty, "." or ".." segment (one
// trailing slash is let pass, since people type it), no encoded byte that could
// turn into one of those, no byte that has no place in a path.
func checkPath(p []byte) *scimcore.Error {
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c <= ' ' || c >= 0x7f || c == '\\' || c == '#':
			return badTarget("the path contains a byte that must be percent-encoded")
		case c == '%':
			b, ok := unhexPair(p[i+1:])
			if !ok {
				return badTarget("the path contains a percent sign that is not followed by two hexadecimal digits")
			}
			if b < ' ' || b == 0x7f || b == '.' || b == '/' || b == '\\' || b == '%' {
				return badTarget("the path contains an encoded dot, slash, backslash, percent sign or control character")
			}
			i += 2
		case c == '/':
			end := bytes.IndexByte(p[i+1:], '/')
			seg := p[i+1:]
			if end >= 0 {
				seg = seg[:end]
			}
			if len(seg) == 0 && end >= 0 || string(seg) == "." || string(seg) == ".." {
				return badTarget("the path contains an empty, \".\" or \"..\" segment")
			}
		}
	}
	return nil
}

func badTarget(why string) *scimcore.Error {
	return scimcore.Bad(scimcore.NoType, "The request was refused before routing: %s.", why)
}

// appendDecoded appends a path segment with its percent-encoding undone, once.
// checkPath has seen to it that every sequence is whole.
func appendDecoded(dst, seg []byte) []byte {
	for i := 0; i < len(seg); i++ {
		if seg[i] == '%' {
			b, _ := unhexPair(seg[i+1:])
			dst = append(dst, b)
			i += 2
			continue
		}
		dst = append(dst, seg[i])
	}
	return dst
}

func unhexPair(b []byte) (byte, bool) {
	if len(b) < 2 {
		return 0, false
	}
	hi, lo := unhex(b[0]), unhex(b[1])
	return hi<<4 | lo, hi < 16 && lo < 16
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xff
}

// foldEqual compares ASCII text without regard to case; lower is in lower case.
func foldEqual(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func appendLower(dst, b []byte) []byte {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
