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
	return conditions{r.ctx.Request.Header.Peek("If-Match"), r.ctx.Request.Header.Peek("If-None-Match")}
}

// precondition is what a write checks inside its transaction, in the order of
// RFC 9110, section 13.2.2; nil when the request sets no condition.
func (c conditions) precondition() directory.Precondition {
	if c.ifMatch == nil && c.ifNoneMatch == nil {
		return nil
	}
	return func(version uint64) error {
		tag := scimcore.ETag(version)
		if c.ifMatch != nil && !matchesTag(c.ifMatch, tag) {
			return scimcore.Errorf(412, scimcore.NoType, "The resource is now at version %s, which If-Match does not name. Read it again and repeat the change.", tag)
		}
		if c.ifNoneMatch != nil && matchesTag(c.ifNoneMatch, tag) {
			return scimcore.Errorf(412, scimcore.NoType, "The resource is at version %s, which If-None-Match excludes.", tag)
		}
		return nil
	}
}

// matchesTag reports whether a header's list of entity tags holds tag, or is "*".
func matchesTag(list []byte, tag string) bool {
	want := opaque([]byte(tag))
	for len(list) > 0 {
		var one []byte
		one, list, _ = bytes.Cut(list, []byte(","))
		if one = bytes.TrimSpace(one); string(one) == "*" || bytes.Equal(opaque(one), want) {
			return true
		}
	}
	return false
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
