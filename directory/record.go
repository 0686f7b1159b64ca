package directory

import (
	"encoding/binary"
	"fmt"

	"scimedge/scimcore"
)

// record is a resource at rest: what the server keeps about it, and its
// canonical JSON. Encoded as
//
//	codec byte · created · modified · version · gen · members (8 bytes each, big-endian)
//	· label (length as uvarint, bytes) · JSON
type record struct {
	created  int64  // unix milliseconds
	modified int64  // unix milliseconds
	version  uint64 // Seq of the transaction that last changed it
	gen      uint64 // of a group: the generation of member rows in force
	members  uint64 // of a group: how many there are
	label    string // of a group: its displayName, so that User.groups need not parse it
	json     []byte // canonical, as written by scimcore.Doc.AppendStored
}

const (
	recordCodec  = 1
	recordHeader = 1 + 5*8
)

func (r *record) encode() []byte {
	b := make([]byte, 0, recordHeader+2+len(r.label)+len(r.json))
	b = append(b, recordCodec)
	for _, n := range [...]uint64{uint64(r.created), uint64(r.modified), r.version, r.gen, r.members} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(r.label)))
	b = append(b, r.label...)
	return append(b, r.json...)
}

// decodeRecord reads b; the record's JSON is a part of b, not a copy.
func decodeRecord(b []byte) (r record, err error) {
	if len(b) < recordHeader+1 || b[0] != recordCodec {
		return r, fmt.Errorf("directory: resource record is damaged or of a newer format (%d bytes); run scimedge check", len(b))
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(b[1+8*i:]) }
	r.created, r.modified, r.version, r.gen, r.members = int64(at(0)), int64(at(1)), at(2), at(3), at(4)
	n, w := binary.Uvarint(b[recordHeader:])
	rest := b[recordHeader:]
	if w <= 0 || n > uint64(len(rest)-w) {
		return r, fmt.Errorf("directory: resource record is damaged: bad label length; run scimedge check")
	}
	r.label, r.json = string(rest[w:w+int(n)]), rest[w+int(n):]
	return r, nil
}

// resource is what readers are given of r.
func (r *record) resource(t *scimcore.Type, id string) scimcore.Resource {
	return scimcore.Resource{Type: t, ID: id, Created: r.created, Modified: r.modified, Version: r.version, Stored: r.json}
}

// touch marks a change by the transaction numbered version: time moves forward
// even where the clock does not (PATCH-21).
func (r *record) touch(now int64, version uint64) {
	r.modified = max(now, r.modified+1)
	r.version = version
}

// counts of the resources of one type. inactive counts those whose "active" is false.
type counts struct{ total, inactive uint64 }

func (c counts) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, c.total)
	return binary.BigEndian.AppendUint64(b, c.inactive)
}

func decodeCounts(b []byte) (c counts, err error) {
	if b == nil {
		return c, nil
	}
	if len(b) != 16 {
		return c, fmt.Errorf("directory: count row has %d bytes, want 16; run scimedge check", len(b))
	}
	return counts{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}, nil
}
