package directory

import (
	"bytes"

	"github.com/gofrs/uuid/v5"
)

// ID is a resource's id as it stands in keys: a UUIDv7, so that keys are ordered
// by creation and writes land near each other.
type ID [16]byte

// NewID returns a fresh id. It fails only when the system's randomness does.
func NewID() (ID, error) {
	u, err := uuid.NewV7()
	return ID(u), err
}

// ParseID reads the canonical, lower-case form. Every other spelling of the same
// UUID is refused, as ids are case-exact (RFC 7643, section 3.1).
func ParseID(s string) (id ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	n := 0
	for i := 0; i < 36; i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		v := hexValue(s[i])
		if v < 0 {
			return ID{}, false
		}
		id[n/2] = id[n/2]<<4 | byte(v)
		n++
	}
	return id, true
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// String is the canonical form.
func (id ID) String() string {
	var b [36]byte
	return string(id.append(b[:0]))
}

func (id ID) append(b []byte) []byte {
	const digits = "0123456789abcdef"
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return b
}

// compare orders ids by creation, as the keys of the store do.
func (id ID) compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// ref is what a membership row points at: an id of ours, or, in the lenient
// dialect, any text a client sent that names no resource.
type ref []byte

const (
	refID   = 0x01 // 16 raw bytes follow
	refText = 0x02 // escaped text follows
	// maxRefText bounds a text reference so that its rows keep within the key
	// length even when every byte is escaped.
	maxRefText = 256
)

// idRef is the reference to a resource of ours.
func idRef(id ID) ref { return append(ref{refID}, id[:]...) }

// id is the resource of ours that r names, if it does.
func (r ref) id() (id ID, ok bool) {
	if len(r) != 17 || r[0] != refID {
		return id, false
	}
	return ID(r[1:]), true
}

// parseRef turns a member's value into a reference.
func parseRef(value string) ref {
	if id, ok := ParseID(value); ok {
		return idRef(id)
	}
	return textRef(value)
}
