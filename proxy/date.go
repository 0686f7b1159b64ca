package proxy

import (
	"time"

	"scimedge/scimcore"
)

// date is the value of a header that holds one, in whole seconds, as HTTP has them.
type date struct {
	unix int64
	set  bool
}

// before reports whether a resource changed after d; it did not if d is not set.
func (d date) before(modified int64) bool { return d.set && d.unix < seconds(modified) }

// seconds rounds unix milliseconds down, as Last-Modified does, so that a date we
// sent compares as equal to what it was made of.
func seconds(ms int64) int64 { return time.UnixMilli(ms).Unix() }

// dateHeader reads a date. One that is none, or comes twice, is as good as
// absent (RFC 9110, sections 13.1.3 and 13.1.4).
func (r *request) dateHeader(name string) date {
	lines := r.ctx.Request.Header.PeekAll(name)
	if len(lines) != 1 {
		return date{}
	}
	// The form to send and the two obsolete ones to understand (section 5.6.7).
	for _, layout := range [...]string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if t, err := time.Parse(layout, string(lines[0])); err == nil {
			return date{t.Unix(), true}
		}
	}
	return date{}
}

// datesAll reports whether the date of a resource covers all that an answer
// shows. Rows the server computes, such as a user's groups, change without it.
func datesAll(t *scimcore.Type, show *scimcore.Projection) bool {
	for _, a := range t.Root.Subs {
		if a.Rows && a.Mutability == scimcore.ReadOnly && show.Wants(a) {
			return false
		}
	}
	return true
}
