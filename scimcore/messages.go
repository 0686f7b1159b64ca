package scimcore

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// URNs of the protocol's messages (RFC 7644, section 8.2). They are no resource
// schemas and never appear in /Schemas (DISC-10).
const (
	ErrorMessage  = "urn:ietf:params:scim:api:messages:2.0:Error"
	ListMessage   = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	SearchMessage = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
	PatchMessage  = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	BulkMessage   = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	BulkAnswer    = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// checkMessage wants the "schemas" of a request to name its message; what is the
// request in errors.
func checkMessage(raw jsontext.Value, urn, what string, d Dialect, notes *Notes) error {
	if (raw == nil || raw.Kind() == 'n') && d.InferSchemas {
		notes.Add(NoteSchemasInferred, "schemas")
		return nil
	}
	found := false
	look := func(v jsontext.Value) error {
		found = found || v.Kind() == '"' && equalFold(unquoted(v), urn)
		return nil
	}
	switch {
	case raw.Kind() == '[':
		_ = eachElement(raw, look) // look never fails
	case d.BareElement && raw.Kind() == '"':
		_ = look(raw)
	}
	if !found {
		return Bad(InvalidSyntax, "schemas of a %s body must be [%q]", what, urn)
	}
	return nil
}

// AppendError writes the body of an error response (RFC 7644, section 3.12). The
// status is a string there; scimType appears only if it is set.
func AppendError(dst []byte, e *Error) []byte {
	dst = append(dst, `{"schemas":["`+ErrorMessage+`"],"status":"`...)
	dst = strconv.AppendInt(dst, int64(e.Status), 10)
	dst = append(dst, '"')
	if e.Type != NoType {
		dst = append(dst, `,"scimType":`...)
		dst = appendString(dst, string(e.Type))
	}
	if e.Detail != "" {
		dst = append(dst, `,"detail":`...)
		dst = appendString(dst, e.Detail)
	}
	return append(dst, '}')
}

// ListWriter writes a ListResponse (RFC 7644, section 3.4.2) into one buffer,
// resource by resource, while the totals are not known yet. It leaves room in
// front and writes the counts there at the end, so that the body is never copied.
type ListWriter struct {
	buf   []byte
	count int
}

// ListCounts are the numbers of a ListResponse besides itemsPerPage, which the writer counts.
type ListCounts struct {
	Total      int    // totalResults; negative leaves it out, as cursor pages may (RFC 9865)
	StartIndex int    // 1-based; 0 leaves it out, as cursor pages do (CUR-A01)
	Next       string // nextCursor; "" on the last page
	Previous   string // previousCursor; "" leaves it out
}

const (
	listStart = `{"schemas":["` + ListMessage + `"]`
	listRoom  = len(listStart) + len(`,"totalResults":,"startIndex":,"itemsPerPage":,"Resources":[`) + 3*20
)

// Reset begins a list in buf, whose memory is re-used.
func (w *ListWriter) Reset(buf []byte) {
	w.buf = slices.Grow(buf[:0], listRoom)[:listRoom]
	w.count = 0
}

// Add writes r as the next resource, as [AppendResource] does. After an error the
// list is as it was before.
func (w *ListWriter) Add(r *Resource, base string, p *Projection) error {
	mark := len(w.buf)
	if w.count > 0 {
		w.buf = append(w.buf, ',')
	}
	buf, err := AppendResource(w.buf, r, base, p)
	if err != nil {
		w.buf = w.buf[:mark]
		return err
	}
	w.buf = buf
	w.count++
	return nil
}

// Len is the size of the resources so far in bytes.
func (w *ListWriter) Len() int { return len(w.buf) - listRoom }

// Finish completes the list and returns it: a slice of the buffer, which the
// writer gives up.
func (w *ListWriter) Finish(c ListCounts) []byte {
	buf := append(w.buf, ']')
	if c.Next != "" {
		buf = appendString(append(buf, `,"nextCursor":`...), c.Next)
	}
	if c.Previous != "" {
		buf = appendString(append(buf, `,"previousCursor":`...), c.Previous)
	}
	buf = append(buf, '}')

	var room [listRoom]byte
	head := append(room[:0], listStart...)
	if c.Total >= 0 {
		head = strconv.AppendInt(append(head, `,"totalResults":`...), int64(c.Total), 10)
	}
	if c.StartIndex > 0 {
		head = strconv.AppendInt(append(head, `,"startIndex":`...), int64(c.StartIndex), 10)
	}
	head = strconv.AppendInt(append(head, `,"itemsPerPage":`...), int64(w.count), 10)
	head = append(head, `,"Resources":[`...)
	copy(buf[listRoom-len(head):], head)
	w.buf, w.count = nil, 0
	return buf[listRoom-len(head):]
}
