package scimcore

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// bulkPrefix begins a reference to what another operation of the request makes
// (RFC 7644, section 3.7.2). No id of ours holds the word (SCH-39).
const bulkPrefix = "bulkId:"

// BulkRef takes the bulkId out of a value such as bulkId:x.
func BulkRef(s string) (bulkID string, ok bool) { return strings.CutPrefix(s, bulkPrefix) }

// ReplaceBulkRefs puts ids in place of the references that data, the valid JSON of
// one operation, makes to other operations:
//
//   - a string that is one, in whatever attribute: "bulkId:x";
//   - the last segment of a reference: "../Users/bulkId:x";
//   - a value in the filter of a PATCH path, or of a key that is one:
//     members[value eq "bulkId:x"].
//
// idOf is asked about each; one it does not know stays as it is. Nothing else of
// data is changed, and data itself is returned when there was nothing to do.
func ReplaceBulkRefs(data jsontext.Value, idOf func(bulkID string) (id string, ok bool)) (jsontext.Value, error) {
	// An escape can hide the word, so only text without one is let pass unread.
	if !bytes.Contains(data, []byte(bulkPrefix)) && bytes.IndexByte(data, '\\') < 0 {
		return data, nil
	}
	r := refReplacer{idOf: idOf}
	dec := newDecoder(data)
	var out []byte
	done, path := 0, false // copied so far; the string that comes is a PATCH path
	for dec.PeekKind() != jsontext.KindInvalid {
		if dec.PeekKind() != '"' {
			if _, err := dec.ReadToken(); err != nil {
				return nil, DecodeError(err)
			}
			path = false
			continue
		}
		kind, n := dec.StackIndex(dec.StackDepth())
		name := kind == '{' && n%2 == 0
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, DecodeError(err)
		}
		text := string(unquoted(raw))
		next := text
		if name || path {
			next = r.inPath(text)
		}
		if !name && next == text {
			next = r.inValue(text)
		}
		if path = name && equalFold(text, "path"); next == text {
			continue
		}
		end := int(dec.InputOffset())
		out = append(out, data[done:end-len(raw)]...)
		out = appendString(out, next)
		done = end
	}
	if done == 0 {
		return data, nil
	}
	return append(out, data[done:]...), nil
}

type refReplacer struct {
	idOf func(bulkID string) (string, bool)
}

// inValue replaces a value that is a reference, or a URI that ends in one.
func (r refReplacer) inValue(text string) string {
	at := strings.LastIndexByte(text, '/') + 1
	bulkID, ok := BulkRef(text[at:])
	if !ok || at > 0 && strings.ContainsAny(text, " \t\r\n") { // prose with a slash in it is no URI
		return text
	}
	if id, ok := r.idOf(bulkID); ok {
		return text[:at] + id
	}
	return text
}

// inPath replaces the values that the filter of a path compares with. The lexer
// is that of filters, so what it takes for a value is one there.
func (r refReplacer) inPath(text string) string {
	open := strings.IndexByte(text, '[')
	if open < 0 || !strings.Contains(text, bulkPrefix) {
		return text
	}
	var out []byte
	done := 0
	l := lexer{src: text, pos: open}
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		value := t.text
		if t.kind == tokenString {
			unquotedText, err := jsontext.AppendUnquote(nil, t.text)
			if err != nil {
				continue // the filter's parser will say what is wrong with it
			}
			value = string(unquotedText)
		}
		bulkID, ok := BulkRef(value)
		if !ok {
			continue
		}
		if id, ok := r.idOf(bulkID); ok {
			out = appendString(append(out, text[done:t.pos]...), id)
			done = t.end()
		}
	}
	return string(append(out, text[done:]...))
}
