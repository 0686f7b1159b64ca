package scimcore

import (
	"strings"
	"unicode/utf8"
)

// maxPathBytes bounds one patch path.
const maxPathBytes = 1024

// Path is a parsed patch path (RFC 7644, section 3.5.2, figure 7), resolved to
// the attributes of one type and immutable.
type Path struct {
	// Attr is the attribute addressed: a top-level one, an extension's, a
	// sub-attribute of a singular complex one, or an extension's container.
	Attr *Attr
	// Filter selects elements of Attr; nil without brackets.
	Filter *Filter
	// Sub is the sub-attribute of the elements of a multi-valued Attr; nil for
	// the elements as such.
	Sub *Attr
	// Unknown is set beside the error when the path is well formed but names an
	// attribute the type does not have: that name, shortened and without a filter,
	// for a lenient caller to ignore and count.
	Unknown string
}

// ParsePath parses a patch path for resources of type t. A malformed path gives
// 400 invalidPath, a broken filter in it 400 invalidFilter.
func ParsePath(t *Type, s string, d Dialect) (Path, error) {
	return parsePath(t, s, d, nil)
}

func parsePath(t *Type, s string, d Dialect, notes *Notes) (Path, error) {
	switch {
	case len(s) > maxPathBytes:
		return Path{}, Bad(InvalidPath, "the path has %d bytes, at most %d are allowed", len(s), maxPathBytes)
	case !utf8.ValidString(s):
		return Path{}, Bad(InvalidPath, "the path is not valid UTF-8")
	case strings.HasPrefix(s, "/"):
		return Path{}, Bad(InvalidPath, "JSON pointers are not part of SCIM: write name.givenName or emails[type eq \"work\"].value")
	}
	name, rest := s, ""
	if i := strings.IndexAny(s, "[\""); i >= 0 {
		name, rest = s[:i], s[i:]
	}
	a, err := pathAttr(t, name)
	switch {
	case err != nil:
		return Path{}, err
	case a == nil && rest != "" && bracketEnd(rest, 0) == 0:
		return Path{}, openBracket(len(name))
	case a == nil:
		return unknownPath(t, name)
	case rest == "" && a.Parent.MultiValued:
		return Path{Attr: a.Parent, Sub: a}, nil
	case rest == "":
		return Path{Attr: a}, nil
	}
	return valuePath(t, a, s, len(name), d, notes)
}

// pathAttr resolves attribute notation; nil without an error when it is well
// formed but names nothing.
func pathAttr(t *Type, name string) (*Attr, error) {
	if a, ok := t.Resolve(name); ok {
		return a, nil
	}
	last := name
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		if len(name) < 4 || !equalFold(name[:4], "urn:") {
			return nil, Bad(InvalidPath, "found %s, expected an attribute name; only a schema URN may precede it, with a colon", quoteShort(name))
		}
		last = name[i+1:]
	}
	// The last part of an unknown URN may hold a version such as 2.0, so only
	// names without a URN are checked part by part.
	parts := strings.Split(last, ".")
	for _, part := range parts {
		if !validName(part) && len(last) == len(name) {
			return nil, Bad(InvalidPath, "found %s, expected attr, attr.sub, attr[filter] or attr[filter].sub", quoteShort(name))
		}
	}
	if len(last) == len(name) && len(parts) > 2 {
		return nil, Bad(InvalidPath, "found %s, but attributes nest two levels at most: attr.sub", quoteShort(name))
	}
	if strings.ContainsAny(name, " ()]/\\") {
		return nil, Bad(InvalidPath, "found %s, which is no attribute name", quoteShort(name))
	}
	return nil, nil
}

func unknownPath(t *Type, name string) (Path, error) {
	return Path{Unknown: shorten(name)}, Bad(InvalidPath, "%s has no attribute %s: check the spelling; /Schemas lists all", t.Name, quoteShort(name))
}

func openBracket(pos int) error {
	return Bad(InvalidPath, "the bracket at position %d is not closed: write attr[filter] or attr[filter].sub", pos+1)
}

// valuePath parses the [filter] and the .sub that follow attribute a, from
// s[open] on.
func valuePath(t *Type, a *Attr, s string, open int, d Dialect, notes *Notes) (Path, error) {
	end := bracketEnd(s, open)
	if s[open] != '[' || end == 0 {
		return Path{}, openBracket(open)
	}
	inner := strings.TrimSpace(s[open+1 : end])
	switch {
	case !a.MultiValued:
		return Path{}, Bad(InvalidPath, "%s has no elements to choose from: leave out the brackets", a.Path)
	case inner != "" && strings.Trim(inner, "0123456789") == "":
		return Path{}, Bad(InvalidPath, "SCIM has no array indexes: choose elements by what they hold, such as %s[type eq \"work\"]", a.Path)
	}
	p := filterParser{lexer: lexer{src: s, pos: open}, typ: t, d: d, notes: notes, elem: a, noun: "filter in the path"}
	root, err := p.group(p.next(), "]")
	if err != nil {
		return Path{}, err
	}
	path := Path{Attr: a, Filter: &Filter{typ: t, elem: a, root: root}}
	rest := s[p.pos:]
	if rest == "" {
		return path, nil
	}
	if rest[0] != '.' || !validName(lowerASCII(rest[1:])) {
		return Path{}, Bad(InvalidPath, "found %s after the brackets, expected the end or .sub", quoteShort(rest))
	}
	if path.Sub = a.Sub(rest[1:]); path.Sub == nil {
		return unknownPath(t, a.Path+rest)
	}
	return path, nil
}

// String is the canonical text of p.
func (p Path) String() string {
	if p.Attr == nil {
		return p.Unknown
	}
	s := p.Attr.Path
	if p.Filter != nil {
		s += "[" + p.Filter.String() + "]"
	}
	if p.Sub != nil {
		s += "." + p.Sub.Name
	}
	return s
}

// target is the attribute a value written to p belongs to.
func (p Path) target() *Attr {
	if p.Sub != nil {
		return p.Sub
	}
	return p.Attr
}
