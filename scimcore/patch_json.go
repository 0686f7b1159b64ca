package scimcore

import "github.com/go-json-experiment/json/jsontext"

// These walk JSON that [CheckJSON] has passed, so they look for the ends of values
// only. The values they hand out are parts of the body, not copies.

// eachMember calls f for each member of an object.
func eachMember(raw jsontext.Value, f func(name []byte, v jsontext.Value) error) error {
	for i := nextValue(raw, skipTo(raw, '{')); i < len(raw) && raw[i] != '}'; {
		end := valueEnd(raw, i)
		name := unquoted(raw[i:end])
		start := nextValue(raw, end)
		end = valueEnd(raw, start)
		if err := f(name, raw[start:end]); err != nil {
			return err
		}
		i = nextValue(raw, end)
	}
	return nil
}

// eachElement calls f for each element of an array.
func eachElement(raw jsontext.Value, f func(v jsontext.Value) error) error {
	for i := nextValue(raw, skipTo(raw, '[')); i < len(raw) && raw[i] != ']'; {
		end := valueEnd(raw, i)
		if err := f(raw[i:end]); err != nil {
			return err
		}
		i = nextValue(raw, end)
	}
	return nil
}

// skipTo finds the position after the first c.
func skipTo(raw []byte, c byte) int {
	for i := range raw {
		if raw[i] == c {
			return i + 1
		}
	}
	return len(raw)
}

// nextValue passes white space, commas and colons.
func nextValue(raw []byte, i int) int {
	for i < len(raw) {
		switch raw[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
		default:
			return i
		}
	}
	return i
}

// valueEnd finds the end of the value that starts at raw[i].
func valueEnd(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i, _ = skipQuoted(raw, i+1)
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return min(i+1, len(raw))
		}
	}
	return i
}
