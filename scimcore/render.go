package scimcore

import (
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
