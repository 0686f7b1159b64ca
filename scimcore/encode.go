package scimcore

import "unicode/utf8"

// AppendStored writes d as it is kept at rest: canonical JSON, members in schema
// order, names as declared, no white space, without id, meta and the row
// attributes, which live beside it. It begins with the "schemas".
func (d *Doc) AppendStored(dst []byte) []byte {
	dst = append(dst, '{')
	mark := len(dst)
	for k := d.nodes[Root].first; k != 0; k = d.nodes[k].next {
		if a := d.nodes[k].attr; a == d.Type.ID || a == d.Type.Meta || a.Rows {
			continue
		}
		dst = d.appendMember(dst, k, len(dst) > mark)
	}
	return append(dst, '}')
}

func (d *Doc) appendMember(dst []byte, n NodeID, comma bool) []byte {
	if comma {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, d.nodes[n].attr.Name...) // no name or URN needs an escape
	return d.appendValue(append(dst, '"', ':'), n)
}

// AppendJSON writes the value of node n, such as one attribute, in canonical form.
func (d *Doc) AppendJSON(dst []byte, n NodeID) []byte { return d.appendValue(dst, n) }

// appendValue writes node n as JSON.
func (d *Doc) appendValue(dst []byte, n NodeID) []byte {
	v := &d.nodes[n]
	switch v.kind {
	case KindString:
		return appendString(dst, d.text[v.off:v.end])
	case KindNumber:
		return append(dst, d.text[v.off:v.end]...)
	case KindBool:
		if v.off == 1 {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case KindArray:
		dst = append(dst, '[')
		for k := v.first; k != 0; k = d.nodes[k].next {
			if k != v.first {
				dst = append(dst, ',')
			}
			dst = d.appendValue(dst, k)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for k := v.first; k != 0; k = d.nodes[k].next {
		dst = d.appendMember(dst, k, k != v.first)
	}
	return append(dst, '}')
}

// appendString writes s as a JSON string with the fewest escapes, so that equal
// text always has equal bytes.
func appendString[S ~string | ~[]byte](dst []byte, s S) []byte {
	return append(appendEscaped(append(dst, '"'), s), '"')
}

// appendEscaped is appendString without the quotes. Bytes that are not UTF-8
// become U+FFFD: no path leads there, but a response must stay JSON.
func appendEscaped[S ~string | ~[]byte](dst []byte, s S) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			_, size := decodeRune(s[i:])
			if size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i-1]...)
		start = i
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, s[start:]...)
}

// decodeRune is utf8.DecodeRune for either kind of text; size is 1 for a bad byte only.
func decodeRune[S ~string | ~[]byte](s S) (rune, int) {
	if len(s) > utf8.UTFMax {
		s = s[:utf8.UTFMax]
	}
	return utf8.DecodeRuneInString(string(s))
}
