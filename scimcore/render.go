package scimcore

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"
)

// AppendResource writes r as a response shows it: id first, then what is stored,
// the row attributes, and meta last. base is the SCIM root of the tenant, such as
// https://acme.example/scim/v2, without a slash at the end.
//
// With p nil, or one that hides nothing stored, the stored bytes are copied as
// they are. Otherwise they are copied in pieces; a tree is never built. r.Rows is
// called only for row attributes p wants. On an error dst is returned unchanged:
// the error is that of r.Rows, or says that the stored bytes are damaged.
func AppendResource(dst []byte, r *Resource, base string, p *Projection) ([]byte, error) {
	t, start := r.Type, len(dst)
	if p == nil {
		p = t.plain
	}
	n := len(r.Stored)
	if n < 2 || r.Stored[0] != '{' || r.Stored[n-1] != '}' {
		return dst, fmt.Errorf("stored %s %s: no object", t.Name, r.ID)
	}
	dst = append(dst, `{"id":`...)
	dst = appendString(dst, r.ID)
	if p.splice {
		if n > 2 {
			dst = append(dst, ',')
			dst = append(dst, r.Stored[1:n-1]...)
		}
	} else {
		c := cutter{p: p, src: r.Stored, pos: 1}
		if dst, _ = c.members(dst, t.Root, true); c.bad || c.pos != n {
			return dst[:start], fmt.Errorf("stored %s %s: damaged at byte %d", t.Name, r.ID, c.pos)
		}
	}
	r.computed = 0
	if r.Rows != nil {
		for _, a := range t.Root.Subs {
			if !a.Rows || !p.want[a.Num] {
				continue
			}
			mark := len(dst)
			var err error
			if dst, err = r.appendRows(dst, a, base, p); err != nil {
				return dst[:start], err
			}
			if a.Mutability == ReadOnly && len(dst) > mark {
				r.computed = crc32.ChecksumIEEE(dst[mark:])
			}
		}
	}
	if p.want[t.Meta.Num] {
		dst = r.appendMeta(dst, base, p)
	}
	return append(dst, '}'), nil
}

func (r *Resource) appendMeta(dst []byte, base string, p *Projection) []byte {
	dst = append(dst, `,"meta":{`...)
	mark := len(dst)
	for _, a := range r.Type.Meta.Subs {
		if !p.want[a.Num] {
			continue
		}
		if len(dst) > mark {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, a.Name...)
		dst = append(dst, '"', ':', '"')
		switch a.Name {
		case "resourceType":
			dst = appendEscaped(dst, r.Type.Name)
		case "created":
			dst = appendTime(dst, time.UnixMilli(r.Created))
		case "lastModified":
			dst = appendTime(dst, time.UnixMilli(r.Modified))
		case "location":
			dst = appendLocation(dst, base, r.Type.Endpoint, r.ID)
		case "version":
			dst = append(dst, `W/\"`...)
			dst = r.appendOpaque(dst)
			dst = append(dst, '\\', '"')
		}
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// appendLocation writes base/endpoint/id, for use within a JSON string.
func appendLocation(dst []byte, base, endpoint, id string) []byte {
	dst = append(appendEscaped(dst, base), '/')
	dst = append(appendEscaped(dst, endpoint), '/')
	return appendEscaped(dst, id)
}

// AppendLocation writes the URI of a resource, the value of a Location header.
func AppendLocation(dst []byte, base, endpoint, id string) []byte {
	dst = append(append(dst, base...), '/')
	dst = append(append(dst, endpoint...), '/')
	return append(dst, id...)
}

// AppendTag writes the entity tag of r as it was last shown by AppendResource:
// that of its version and, where the answer showed rows the server computes,
// such as a user's groups, a checksum of them. Those change without a new
// version, and a copy that has other groups must not pass for the same.
func (r *Resource) AppendTag(dst []byte) []byte {
	return append(r.appendOpaque(append(dst, `W/"`...)), '"')
}

func (r *Resource) appendOpaque(dst []byte) []byte {
	dst = strconv.AppendUint(dst, r.Version, 10)
	if r.computed == 0 {
		return dst
	}
	return strconv.AppendUint(append(dst, '-'), uint64(r.computed), 36)
}

// ETag is the entity tag of a version, as in an ETag header. It is weak: a
// projection or an encoding changes the bytes and not the tag (ETAG-03).
func ETag(version uint64) string { return string(AppendETag(nil, version)) }

// AppendETag writes ETag(version).
func AppendETag(dst []byte, version uint64) []byte {
	r := Resource{Version: version}
	return r.AppendTag(dst)
}

// cutter copies the parts of stored bytes that a projection wants. It reads the
// form Doc.AppendStored writes and no other.
type cutter struct {
	p   *Projection
	src []byte
	pos int
	bad bool
}

// members copies the wanted members of an object whose opening brace is read, up
// to and with its closing one, which is not copied. It reports whether it wrote any.
func (c *cutter) members(dst []byte, a *Attr, comma bool) ([]byte, bool) {
	some := false
	for !c.bad {
		if c.eat('}') {
			return dst, some
		}
		c.eat(',')
		from := c.pos
		s := c.name(a)
		if c.bad {
			break
		}
		if s == nil || !c.p.want[s.Num] {
			c.skip()
			continue
		}
		mark := len(dst)
		if comma || some {
			dst = append(dst, ',')
		}
		dst = append(dst, c.src[from:c.pos]...)
		if a.hides && a.Parent == nil && s.Name == "schemas" {
			dst, some = c.schemas(dst, a), true
			continue
		}
		var wrote bool
		if dst, wrote = c.value(dst, s); wrote {
			some = true
		} else {
			dst = dst[:mark]
		}
	}
	c.bad = true
	return dst, some
}

// name reads the name of a member of a, with its colon; nil if a has none of that
// name, or hides it.
func (c *cutter) name(a *Attr) *Attr {
	from := c.pos
	c.skip()
	if c.bad || !c.eat(':') || c.pos-from < len(`"":`) {
		c.bad = true
		return nil
	}
	return a.byName[string(c.src[from+1:c.pos-2])]
}

// schemas writes the base schema and the extensions that show anything. The
// stored list, which is passed over, names those as well that hold nothing but
// retired values.
func (c *cutter) schemas(dst []byte, root *Attr) []byte {
	from := c.pos
	c.skip()
	list := c.src[from:max(c.pos, from+1)]
	base := skipString(list, 1)
	if c.bad || base == 0 {
		c.bad = true
		return dst
	}
	dst = append(dst, list[:base]...)
	ahead := cutter{src: c.src, pos: c.pos}
	for !ahead.bad && !ahead.eat('}') {
		ahead.eat(',')
		s := ahead.name(root)
		if s != nil && s.Container && ahead.shows(s) {
			dst = appendString(append(dst, ','), s.Name)
		}
		ahead.skip()
	}
	return append(dst, ']')
}

// shows reports whether the object ahead has a member that a does not hide.
func (c cutter) shows(a *Attr) bool {
	if !c.eat('{') {
		return false
	}
	for !c.bad && !c.eat('}') {
		c.eat(',')
		if c.name(a) != nil {
			return true
		}
		c.skip()
	}
	return false
}

// value copies what is wanted of the value of a; false if that is nothing.
func (c *cutter) value(dst []byte, a *Attr) ([]byte, bool) {
	start := len(dst)
	switch {
	case c.p.whole[a.Num]:
		from := c.pos
		c.skip()
		return append(dst, c.src[from:c.pos]...), true
	case len(c.p.choices) > 0 && c.p.choice(a) != nil:
		return c.chosen(dst, c.p.choice(a))
	case c.eat('{'):
		dst, some := c.members(append(dst, '{'), a, false)
		return append(dst, '}'), some
	case !c.eat('['):
		c.bad = true
		return dst, false
	}
	dst = append(dst, '[')
	mark := len(dst)
	for !c.bad && !c.eat(']') {
		c.eat(',')
		before := len(dst)
		if before > mark {
			dst = append(dst, ',')
		}
		if !c.eat('{') {
			c.bad = true
			break
		}
		var some bool
		if dst, some = c.members(append(dst, '{'), a, false); some {
			dst = append(dst, '}')
		} else {
			dst = dst[:before]
		}
	}
	if len(dst) == mark {
		return dst[:start], false
	}
	return append(dst, ']'), true
}

func (c *cutter) eat(b byte) bool {
	if c.pos < len(c.src) && c.src[c.pos] == b {
		c.pos++
		return true
	}
	return false
}

// skip passes over one value.
func (c *cutter) skip() {
	depth := 0
	for c.pos < len(c.src) {
		switch b := c.src[c.pos]; b {
		case '"':
			if end := skipString(c.src, c.pos); end > 0 {
				c.pos = end
			} else {
				c.bad = true
				return
			}
		case '{', '[':
			depth++
			c.pos++
		case '}', ']':
			depth--
			c.pos++
		default:
			c.pos++
			if depth == 0 && c.pos < len(c.src) && bytes.IndexByte([]byte(",}]"), c.src[c.pos]) < 0 {
				continue // within a literal
			}
		}
		if depth == 0 {
			return
		}
	}
	c.bad = true
}

// skipString finds the end of the string that starts at i; 0 if it has none.
func skipString(src []byte, i int) int {
	for i++; i < len(src); i++ {
		switch src[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}
