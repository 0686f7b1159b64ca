package scimcore

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// ReadStored is the inverse of [Doc.AppendStored]: it makes doc the resource of
// type t that stored holds, re-using the memory of doc. It trusts the content,
// which was validated when it was written, and reads only the form AppendStored
// writes; anything else, an attribute t no longer has included, is an error: the
// record is damaged or a migration is missing, and to go on would lose data.
func ReadStored(doc *Doc, t *Type, stored []byte) error {
	return readStored(doc, t, stored, nil)
}

// ReadStored makes doc that part of a stored resource which f can ask about: a
// query that looks at everybody spends most of its time on reading, and a filter
// names one or two of thirty attributes. What it passes over it does not check.
func (f *Filter) ReadStored(doc *Doc, stored []byte) error {
	return readStored(doc, f.typ, stored, f.asks)
}

func readStored(doc *Doc, t *Type, stored []byte, only []bool) error {
	doc.Reset(t)
	if !utf8.Valid(stored) {
		return fmt.Errorf("stored %s: not UTF-8", t.Name)
	}
	r := reader{doc: doc, src: stored, only: only}
	if len(stored) == 0 || stored[0] != '{' {
		return r.damaged("no object")
	}
	r.pos = 1
	if err := r.object(Root, t.Root); err != nil {
		return err
	}
	if r.pos != len(stored) {
		return r.damaged("trailing bytes")
	}
	return nil
}

// reader parses canonical JSON: no white space, names as declared and without
// escapes, children in schema order.
type reader struct {
	doc *Doc
	src []byte
	pos int
	// only says by Attr.Num which attributes of the resource itself, extensions as
	// wholes among them, are wanted; nil is all.
	only []bool
}

func (r *reader) damaged(what string) error {
	return fmt.Errorf("stored %s: %s at byte %d", r.doc.Type.Name, what, r.pos)
}

// next is the byte at hand, 0 at the end.
func (r *reader) next() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *reader) eat(c byte) bool {
	if r.next() != c {
		return false
	}
	r.pos++
	return true
}

// object reads members up to the closing brace into node n.
func (r *reader) object(n NodeID, a *Attr) error {
	if r.eat('}') {
		return nil
	}
	left := a.stored
	for {
		raw := r.quoted()
		if raw == nil || !r.eat(':') {
			return r.damaged("no member name")
		}
		// In schema order the next name is a few steps ahead: less work than hashing
		// it, and no attribute comes twice.
		for len(left) > 0 && left[0].Name != string(raw[1:len(raw)-1]) {
			left = left[1:]
		}
		if len(left) == 0 {
			return r.damaged("attribute that is unknown or out of order")
		}
		s := left[0]
		left = left[1:]
		if n == Root && r.only != nil && !r.only[s.Num] {
			if err := r.pass(); err != nil {
				return err
			}
		} else if err := r.value(n, s); err != nil {
			return err
		}
		if r.eat(',') {
			continue
		}
		if r.eat('}') {
			return nil
		}
		return r.damaged("no end of object")
	}
}

// pass goes past a value that is not wanted.
func (r *reader) pass() error {
	c := cutter{src: r.src, pos: r.pos}
	if c.skip(); c.bad {
		return r.damaged("no end of value")
	}
	r.pos = c.pos
	return nil
}

func (r *reader) value(parent NodeID, a *Attr) error {
	if !a.MultiValued {
		return r.one(parent, a)
	}
	if !r.eat('[') {
		return r.damaged("no array")
	}
	arr := r.doc.Add(parent, a, KindArray)
	if r.eat(']') {
		return nil
	}
	for {
		if err := r.one(arr, a); err != nil {
			return err
		}
		if r.eat(',') {
			continue
		}
		if r.eat(']') {
			return nil
		}
		return r.damaged("no end of array")
	}
}

// one reads a singular value or an element of a below parent.
func (r *reader) one(parent NodeID, a *Attr) error {
	switch a.Type {
	case Complex:
		if !r.eat('{') {
			return r.damaged("no object")
		}
		return r.object(r.doc.Add(parent, a, KindObject), a)
	case Boolean:
		for _, word := range [...]string{"true", "false"} {
			if bytes.HasPrefix(r.src[r.pos:], []byte(word)) {
				r.pos += len(word)
				r.doc.AddBool(parent, a, word == "true")
				return nil
			}
		}
		return r.damaged("no boolean")
	case Decimal, Integer:
		start := r.pos
		for isNumberByte(r.next()) {
			r.pos++
		}
		if jsontext.Value(r.src[start:r.pos]).Kind() != '0' {
			return r.damaged("no number")
		}
		r.doc.AddText(parent, a, KindNumber, r.src[start:r.pos])
		return nil
	}
	raw := r.quoted()
	if raw == nil {
		return r.damaged("no string")
	}
	r.doc.addQuoted(parent, a, raw)
	return nil
}

// quoted reads a string with its quotes; nil if there is none.
func (r *reader) quoted() []byte {
	if r.next() != '"' {
		return nil
	}
	start := r.pos
	for i := start + 1; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.pos = i + 1
			return r.src[start:r.pos]
		case c == '\\':
			i++
		case c < ' ':
			return nil
		}
	}
	return nil
}
