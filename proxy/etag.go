package proxy

import (
	"bytes"

	"scimedge/directory"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// conditions are the conditional headers of a request (RFC 9110, section 13).
// Our tags are weak because projections of one version differ; SCIM puts weak
// tags into If-Match all the same (RFC 7644, section 3.14), so both headers
// compare the opaque part and ignore W/.
type conditions struct {
	ifMatch, ifNoneMatch           []byte
	unmodifiedSince, modifiedSince date // only where no tag has the say
	required                       bool // the tenant wants If-Match with every write
}

func (r *request) conditions() conditions {
	if !mayBeConditional(r.ctx.Request.Header.RawHeaders()) {
		return conditions{}
	}
	c := conditions{ifMatch: r.wholeHeader("If-Match"), ifNoneMatch: r.wholeHeader("If-None-Match")}
	if c.ifMatch == nil {
		c.unmodifiedSince = r.dateHeader("If-Unmodified-Since")
	}
	if c.ifNoneMatch == nil {
		c.modifiedSince = r.dateHeader("If-Modified-Since")
	}
	return c
}

// mayBeConditional finds a header that begins with If-. Most requests have none,
// and one look is cheaper than four.
func mayBeConditional(raw []byte) bool {
	for len(raw) > 3 {
		if raw[0]|0x20 == 'i' && raw[1]|0x20 == 'f' && raw[2] == '-' {
			return true
		}
		i := bytes.IndexByte(raw, '\n')
		if i < 0 {
			return false
		}
		raw = raw[i+1:]
	}
	return false
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

func (c *conditions) any() bool {
	return c.ifMatch != nil || c.ifNoneMatch != nil || c.unmodifiedSince.set || c.modifiedSince.set
}

// precondition is what a write checks inside its transaction.
func (r *request) precondition() directory.Precondition { return r.preconditionOf(r.conditions()) }

// preconditionOf puts conditions in the order of RFC 9110, section 13.2.2; nil
// when neither they nor the tenant set one. If-Modified-Since says nothing about
// a write.
func (r *request) preconditionOf(c conditions) directory.Precondition {
	c.required = r.tenant.Settings.On(tenancy.SwitchRequireIfMatch)
	if !c.any() && !c.required {
		return nil
	}
	return func(version uint64, modified int64) error {
		tag := scimcore.ETag(version)
		switch {
		case c.ifMatch == nil && c.required:
			return scimcore.Errorf(428, scimcore.NoType, "This tenant takes changes with If-Match only. Read the resource and send its ETag, now %s, in If-Match.", tag)
		case c.ifMatch != nil && !holdsTag(c.ifMatch, tag, ofVersion):
			return outdated(tag)
		case c.unmodifiedSince.before(modified):
			return changedSince(tag)
		case c.ifNoneMatch != nil && holdsTag(c.ifNoneMatch, tag, ofVersion):
			return scimcore.Errorf(412, scimcore.NoType, "The resource is at version %s, which If-None-Match excludes.", tag)
		}
		return nil
	}
}

// forRead evaluates the conditions of a GET against its answer (RFC 9110, section
// 13.2.2). dated says that the answer's date covers all it shows.
func (c *conditions) forRead(res *scimcore.Resource, dated bool) error {
	tag := string(res.AppendTag(nil))
	switch {
	case c.ifMatch != nil && !holdsTag(c.ifMatch, tag, opaque):
		return outdated(tag)
	case c.unmodifiedSince.before(res.Modified):
		return changedSince(tag)
	case c.ifNoneMatch != nil && holdsTag(c.ifNoneMatch, tag, opaque):
		return errNotModified
	case dated && c.modifiedSince.set && !c.modifiedSince.before(res.Modified):
		return errNotModified
	}
	return nil
}

func outdated(tag string) error {
	return scimcore.Errorf(412, scimcore.NoType, "The resource is now at version %s, which If-Match does not name. Read it again and repeat the change.", tag)
}

func changedSince(tag string) error {
	return scimcore.Errorf(412, scimcore.NoType, "The resource was changed after the date of If-Unmodified-Since and is now at version %s. Read it again and repeat the change.", tag)
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
