package kv

// Key builds an order-preserving key out of parts, so that comparing two keys
// byte by byte orders them part by part. Variable-length text is escaped and
// terminated; fixed-length parts are written as they are. A nil Key is ready
// for use; every method returns the longer key, like append.
//
//	kv.Key(nil).Byte('u').Text("User").Text("username").Text("ada")
type Key []byte

// Escaping of text: 0x00 becomes 0x00 0xFF and the end is 0x00 0x01, so that
// "a" < "a\x00" < "ab" holds for the encoded forms too.
const (
	escape     = 0x00
	escapedNul = 0xFF
	terminator = 0x01
)

// Byte appends a single byte, typically the letter that names a kind of row.
func (k Key) Byte(b byte) Key { return append(k, b) }

// Raw appends a part of fixed length, such as a 16-byte id.
func (k Key) Raw(b []byte) Key { return append(k, b...) }

// Uint64 appends n as 8 big-endian bytes.
func (k Key) Uint64(n uint64) Key {
	return append(k, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// Text appends escaped, terminated text of any length and content.
func (k Key) Text(s string) Key {
	for i := 0; i < len(s); i++ {
		if s[i] == escape {
			k = append(k, escape, escapedNul)
			continue
		}
		k = append(k, s[i])
	}
	return append(k, escape, terminator)
}

// TextPrefix appends escaped text without its end: the lower bound of all texts
// that begin with s.
func (k Key) TextPrefix(s string) Key {
	k = k.Text(s)
	return k[:len(k)-2]
}

// CutText reads a part written by Text from the front of b and returns it with
// what follows. ok is false when b does not start with such a part.
func CutText(b []byte) (s string, rest []byte, ok bool) {
	text, rest, ok := ViewText(b)
	return string(text), rest, ok
}

// ViewText is CutText without a copy where none is needed: the text may be a part
// of b.
func ViewText(b []byte) (text, rest []byte, ok bool) {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] != escape {
			continue
		}
		if i+1 == len(b) {
			return nil, nil, false
		}
		switch b[i+1] {
		case terminator:
			if out == nil {
				return b[:i:i], b[i+2:], true
			}
			return unescape(b[:i]), b[i+2:], true
		case escapedNul:
			out = b[:0:0]
			out = append(out, 0) // remember that unescaping is needed
			i++
		default:
			return nil, nil, false
		}
	}
	return nil, nil, false
}

func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		out = append(out, b[i])
		if b[i] == escape {
			i++ // its 0xFF
		}
	}
	return out
}

// CutUint64 reads a number written by Uint64 from the front of b.
func CutUint64(b []byte) (n uint64, rest []byte, ok bool) {
	if len(b) < 8 {
		return 0, nil, false
	}
	for _, c := range b[:8] {
		n = n<<8 | uint64(c)
	}
	return n, b[8:], true
}

// PrefixEnd returns the smallest key greater than every key that starts with
// prefix, or nil when there is none (prefix empty or all 0xFF).
func PrefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xFF {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}

// Prefix is the Range of all keys that start with prefix.
func Prefix(prefix []byte) Range { return Range{Lo: prefix, Hi: PrefixEnd(prefix)} }
