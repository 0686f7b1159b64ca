package scimcore

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the nesting of a body. SCIM itself needs six levels, in a bulk request.
const maxDepth = 32

// CheckJSON is the syntactic guard every body passes: nil, or an invalidSyntax
// Error that says what is wrong and where. It refuses an empty body, a byte order
// mark, NUL characters, nesting deeper than 32, numbers no float can hold, bad
// UTF-8 and lone surrogates, names that repeat in any letter case or escaping,
// and anything after the one value.
func CheckJSON(body []byte) error {
	if err := guard(body); err != nil {
		return err
	}
	return checkNames(body)
}

// checkNames is CheckJSON without the guard.
func checkNames(body []byte) error {
	dec := newDecoder(body)
	var stack names
	for {
		switch dec.PeekKind() {
		case '{':
			stack.push()
		case '}':
			stack.pop()
		case '"':
			if kind, n := dec.StackIndex(dec.StackDepth()); kind == '{' && n%2 == 0 {
				raw, err := dec.ReadValue()
				if err != nil {
					return DecodeError(err)
				}
				if name := unquoted(raw); !stack.add(name) {
					return duplicate(string(name))
				}
				continue
			}
		}
		if _, err := dec.ReadToken(); err != nil {
			return DecodeError(err)
		}
		if dec.StackDepth() == 0 {
			return atEnd(dec)
		}
	}
}

// newDecoder reads body in place. Repeated names are ours to find: we compare
// them without regard to case, and for less than the decoder's own bookkeeping.
func newDecoder(body []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
}

// names holds, for every open object, the member names seen so far, folded.
type names struct {
	frames []frame
	flat   [][]byte
}

type frame struct {
	start int // in flat, while the object is small
	large map[string]struct{}
}

func (s *names) push() { s.frames = append(s.frames, frame{start: len(s.flat)}) }

func (s *names) pop() {
	if len(s.frames) == 0 {
		return
	}
	last := len(s.frames) - 1
	s.flat, s.frames = s.flat[:s.frames[last].start], s.frames[:last]
}

// add reports false if the innermost object has the name already.
func (s *names) add(name []byte) bool {
	f := &s.frames[len(s.frames)-1]
	if f.large != nil {
		return addFolded(f.large, name)
	}
	for _, have := range s.flat[f.start:] {
		if equalFold(have, name) {
			return false
		}
	}
	if s.flat = append(s.flat, name); len(s.flat)-f.start > 16 {
		f.large = make(map[string]struct{}, 64)
		for _, have := range s.flat[f.start:] {
			addFolded(f.large, have)
		}
	}
	return true
}

func addFolded(set map[string]struct{}, name []byte) bool {
	folded := make([]byte, len(name))
	for i, c := range name {
		folded[i] = lower(c)
	}
	if _, ok := set[string(folded)]; ok {
		return false
	}
	set[string(folded)] = struct{}{}
	return true
}

// guard is one cheap look at the bytes before any parsing, so that the worst
// input costs nothing: a megabyte of brackets ends at the 33rd.
func guard(body []byte) error {
	if len(bytes.TrimLeft(body, " \t\r\n")) == 0 {
		return Bad(InvalidSyntax, "The body is empty. Send a JSON object.")
	}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return Bad(InvalidSyntax, "The body starts with a byte order mark. Send UTF-8 without one.")
	}
	depth := 0
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			end, nul := skipQuoted(body, i+1)
			if nul >= 0 {
				return Bad(InvalidSyntax, "There is a NUL character at byte %d. Remove it.", nul)
			}
			i = end
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return Bad(InvalidSyntax, "The body is nested deeper than %d levels at byte %d.", maxDepth, i)
			}
		case c == '}' || c == ']':
			depth--
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(body) && isNumberByte(body[end]) {
				end++
			}
			if tooLarge(body[i:end]) {
				return Bad(InvalidSyntax, "The number at byte %d is too large.", i)
			}
			i = end - 1
		case c == 0:
			return Bad(InvalidSyntax, "There is a NUL character at byte %d. Remove it.", i)
		}
	}
	return nil
}

// skipQuoted finds the closing quote of the string that starts at i, and the
// position of a NUL in it, -1 when there is none.
func skipQuoted(body []byte, i int) (end, nul int) {
	for ; i < len(body); i++ {
		switch body[i] {
		case '"':
			return i, -1
		case 0:
			return i, i
		case '\\':
			if bytes.HasPrefix(body[i+1:], []byte("u0000")) {
				return i, i
			}
			i++
		}
	}
	return i, -1
}

func isNumberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'
}

// tooLarge says whether a literal overflows every number type there is.
func tooLarge(literal []byte) bool {
	if len(literal) < 300 && bytes.IndexByte(literal, 'e') < 0 && bytes.IndexByte(literal, 'E') < 0 {
		return false
	}
	f, _ := strconv.ParseFloat(string(literal), 64)
	return math.IsInf(f, 0)
}

// atEnd expects dec to have nothing left.
func atEnd(dec *jsontext.Decoder) error {
	at := dec.InputOffset()
	if _, err := dec.ReadToken(); err == io.EOF {
		return nil
	}
	return Bad(InvalidSyntax, "Something follows the JSON value that ends at byte %d. Send one value only.", at)
}

// DecodeError turns an error of jsontext into the protocol's, with the place. An
// *Error passes through; nil stays nil.
func DecodeError(err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return Bad(InvalidSyntax, "The JSON ends in the middle of a value; the body was cut off.")
	case errors.As(err, &syntax):
		what, _, _ := strings.Cut(syntax.Err.Error(), " `") // what it quotes may be part of a secret
		return Bad(InvalidSyntax, "The body is not valid JSON: %s at byte %d.", what, syntax.ByteOffset)
	}
	return Bad(InvalidSyntax, "The body is not valid JSON.")
}

func duplicate(name string) *Error {
	return Bad(InvalidSyntax, "The name %q appears twice in one object; names do not depend on letter case. Send it once.", shorten(name))
}

// shorten keeps names that a client chose from filling details, notes and logs.
func shorten(s string) string { return clip(s, 80) }

// clip cuts text to about so many bytes, not within a character. Of a URN the end
// stays, where the name is that matters; of anything else the beginning.
func clip(s string, most int) string {
	switch {
	case len(s) <= most:
		return s
	case len(s) > 4 && equalFold(s[:4], "urn:"):
		return "..." + strings.ToValidUTF8(s[len(s)-most:], "")
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// unquoted is the text of a valid JSON string, shared with raw where it can be.
func unquoted(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // raw was validated when it was read
	return text
}
