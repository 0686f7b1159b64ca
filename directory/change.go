package directory

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Op is what a change did to a resource.
type Op string

const (
	Created Op = "created"
	Updated Op = "updated"
	Deleted Op = "deleted"
)

// Change is one committed modification of one resource, written in the same
// transaction as the modification itself. Seq and Index order the changes of a
// tenant.
type Change struct {
	Seq   kv.Seq `json:"seq"`
	Index int    `json:"index"`         // place among the changes of one transaction, from 0
	Time  int64  `json:"time"`          // unix milliseconds
	Was   int64  `json:"was,omitempty"` // of an update: when it was last modified before, unix milliseconds
	// WasVersion is, of an update, the version before.
	WasVersion uint64 `json:"was_version,omitempty"`
	Type       string `json:"type"` // resource type, such as User
	ID         string `json:"id"`
	Op         Op     `json:"op"`
	Token      string `json:"token,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	// Resource is the whole stored document of what was created or deleted.
	Resource jsontext.Value `json:"resource,omitempty"`
	// Attributes of an update are the top-level and extension attributes whose values differ.
	Attributes []AttributeChange `json:"attributes,omitempty"`
	// Deactivated and Reactivated tell that "active" went to false or back to true.
	Deactivated bool `json:"deactivated,omitempty"`
	Reactivated bool `json:"reactivated,omitempty"`
	// Members of a group that came, went, or came without naming a known
	// resource. The lists are cut at MaxListedMembers; the counts are whole.
	Added           []string `json:"added,omitempty"`
	Removed         []string `json:"removed,omitempty"`
	Unresolved      []string `json:"unresolved,omitempty"`
	AddedCount      int      `json:"added_count,omitempty"`
	RemovedCount    int      `json:"removed_count,omitempty"`
	UnresolvedCount int      `json:"unresolved_count,omitempty"`
	// Ignored names what the request carried and the server dropped or coerced,
	// as kind:name.
	Ignored []string `json:"ignored,omitempty"`
}

// MaxListedMembers bounds the member lists of a Change, so that its size does not
// grow with the group.
const MaxListedMembers = 1000

// AttributeChange is one attribute before and after, as JSON; empty when it was
// or became unassigned. Both are empty where the values of the change are too large
// to be kept.
type AttributeChange struct {
	Name   string         `json:"name"`
	Before jsontext.Value `json:"before,omitempty"`
	After  jsontext.Value `json:"after,omitempty"`
}

// encode writes c as it is kept: JSON without seq and index, which are the key.
// By hand, since every write pays for it.
func (c *Change) encode() []byte {
	b := make([]byte, 0, 256+len(c.Resource))
	b = append(b, `{"time":`...)
	b = strconv.AppendInt(b, c.Time, 10)
	if c.Was != 0 {
		b = strconv.AppendInt(appendName(b, "was"), c.Was, 10)
	}
	if c.WasVersion != 0 {
		b = strconv.AppendUint(appendName(b, "was_version"), c.WasVersion, 10)
	}
	for _, f := range [...]struct{ name, value string }{
		{"type", c.Type}, {"id", c.ID}, {"op", string(c.Op)}, {"token", c.Token}, {"request_id", c.RequestID},
	} {
		if f.value != "" {
			b = appendText(appendName(b, f.name), f.value)
		}
	}
	if c.Resource != nil {
		b = append(appendName(b, "resource"), c.Resource...)
	}
	if len(c.Attributes) > 0 {
		b = appendAttributes(appendName(b, "attributes"), c.Attributes)
	}
	for _, f := range [...]struct {
		name string
		set  bool
	}{{"deactivated", c.Deactivated}, {"reactivated", c.Reactivated}} {
		if f.set {
			b = append(appendName(b, f.name), "true"...)
		}
	}
	for _, f := range [...]struct {
		name  string
		list  []string
		count int
	}{{"added", c.Added, c.AddedCount}, {"removed", c.Removed, c.RemovedCount}, {"unresolved", c.Unresolved, c.UnresolvedCount}} {
		if len(f.list) > 0 {
			b = appendTexts(appendName(b, f.name), f.list)
		}
		if f.count != 0 {
			b = strconv.AppendInt(appendName(b, f.name+"_count"), int64(f.count), 10)
		}
	}
	if len(c.Ignored) > 0 {
		b = appendTexts(appendName(b, "ignored"), c.Ignored)
	}
	return append(b, '}')
}

// updates reports whether what encode wrote is an update, without reading it all.
func updates(encoded []byte) bool {
	_, rest, _ := bytes.Cut(encoded, []byte(","))
	return bytes.HasPrefix(rest, []byte(`"was`))
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, ',', '"'), name...), '"', ':')
}

// appendText quotes s. Bytes that are not UTF-8 become U+FFFD: a record must
// stay readable whatever a caller put into it.
func appendText(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

func appendTexts(b []byte, list []string) []byte {
	for i, s := range list {
		b = appendText(append(b, "[,"[min(i, 1)]), s)
	}
	return append(b, ']')
}

func appendAttributes(b []byte, list []AttributeChange) []byte {
	for i, a := range list {
		b = append(b, "[,"[min(i, 1)])
		b = appendText(append(b, `{"name":`...), a.Name)
		if a.Before != nil {
			b = append(appendName(b, "before"), a.Before...)
		}
		if a.After != nil {
			b = append(appendName(b, "after"), a.After...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func decodeChange(e kv.Entry) (c Change, err error) {
	if len(e.Key) != 1+8+2 {
		return c, fmt.Errorf("directory: change key has %d bytes; run scimedge check", len(e.Key))
	}
	if err := json.Unmarshal(e.Value, &c); err != nil {
		return c, fmt.Errorf("directory: change record is damaged: %w; run scimedge check", err)
	}
	seq, index, _ := kv.CutUint64(e.Key[1:])
	c.Seq, c.Index = kv.Seq(seq), int(index[0])<<8|int(index[1])
	return c, nil
}

// note copies what the request's leniencies were into the record.
func (c *Change) note(notes []scimcore.Note) {
	for _, n := range notes {
		c.Ignored = append(c.Ignored, string(n.Kind)+":"+n.Name)
	}
}

// diff lists the attributes whose values differ between two versions of a
// resource; those of an extension one by one.
func diff(before, after *scimcore.Doc) []AttributeChange {
	var out []AttributeChange
	compare := func(attrs []*scimcore.Attr) {
		for _, a := range attrs {
			x, y := before.Find(a), after.Find(a)
			if x == 0 && y == 0 || x != 0 && y != 0 && before.Equal(x, after, y) {
				continue
			}
			ch := AttributeChange{Name: a.Path}
			if x != 0 {
				ch.Before = before.AppendJSON(nil, x)
			}
			if y != 0 {
				ch.After = after.AppendJSON(nil, y)
			}
			out = append(out, ch)
		}
	}
	for _, a := range after.Type.Root.Subs {
		switch {
		case a == after.Type.Schemas: // follows from the extensions
		case a.Container:
			compare(a.Subs)
		default:
			compare([]*scimcore.Attr{a})
		}
	}
	return out
}
