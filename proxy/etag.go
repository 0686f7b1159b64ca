package proxy

import (
	"bytes"

	"scimedge/directory"
	"scimedge/scimcore"
)

// conditions are the conditional headers of a request (RFC 9110, section 13).
// Our tags are weak because projections of one version differ; SCIM puts weak
// tags into If-Match all the same (RFC 7644, section 3.14), so both headers
// compare the opaque part and ignore W/.
type conditions struct {
	ifMatch, ifNoneMatch []byte
}

func (r *request) conditions() conditions {
	return conditions{r.wholeHeader("If-Match"), r.wholeHeader("If-None-Match")}
}

// wholeHeader is a list header with all its lines, which mean what one line
// with commas would (RFC 9110, section 5.3); nil when there is none.
func (r *request) wholeHeader(name string) []byte {
	lines := r.ctx.Request.Header.PeekAll(name)
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return lines[0]
	}
	return bytes.Join(lines, []byte(","))
}

func (c conditions) any() bool { return c.ifMatch != nil || c.ifNoneMatch != nil }

// precondition is what a write checks inside its transaction, in the order of
// RFC 9110, section 13.2.2; nil when the request sets no condition.
func (c conditions) precondition() directory.Precondition {
	if !c.any() {
		return nil
	}
	return func(version uint64) error {
		tag := scimcore.ETag(version)
		if c.ifMatch != nil && !holdsTag(c.ifMatch, tag, ofVersion) {
			return outdated(tag)
		}
		if c.ifNoneMatch != nil && holdsTag(c.ifNoneMatch, tag, ofVersion) {
			return scimcore.Errorf(412, scimcore.NoType, "The resource is at version %s, which If-None-Match excludes.", tag)
		}
		return nil
	}
}

// forRead evaluates the conditions of a GET against the tag of its answer (RFC
// 9110, section 13.2.2).
func (c conditions) forRead(tag string) error {
	if c.ifMatch != nil && !holdsTag(c.ifMatch, tag, opaque) {
		return outdated(tag)
	}
	if c.ifNoneMatch != nil && holdsTag(c.ifNoneMatch, tag, opaque) {
		return errNotModified
	}
	return nil
}

func outdated(tag string) error {
	return scimcore.Errorf(412, scimcore.NoType, "The resource is now at version %s, which If-Match does not name. Read it again and repeat the change.", tag)
}

// holdsTag reports whether a header's list of entity tags holds tag, as far as
// part looks at them, or is "*".
func holdsTag(list []byte, tag string, part func([]byte) []byte) bool {
	want := part([]byte(tag))
	for len(list) > 0 {
		var one []byte
		one, list, _ = bytes.Cut(list, []byte(","))
		if one = bytes.TrimSpace(one); string(one) == "*" || bytes.Equal(part(one), want) {
			return true
		}
	}
	return false
}

// ofVersion is the part of a tag that a write goes by. The rest is a checksum of
// rows the server computes, such as a user's groups, which no write to the
// resource can collide with.
func ofVersion(tag []byte) []byte {
	version, _, _ := bytes.Cut(opaque(tag), []byte("-"))
	return version
}

// opaque strips W/ and the quotes, which some clients forget.
func opaque(tag []byte) []byte {
	if len(tag) > 2 && tag[0]|0x20 == 'w' && tag[1] == '/' {
		tag = tag[2:]
	}
	if len(tag) >= 2 && tag[0] == '"' && tag[len(tag)-1] == '"' {
		tag = tag[1 : len(tag)-1]
	}
	return tag
}
