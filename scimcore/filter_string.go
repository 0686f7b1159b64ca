package scimcore

import (
	"github.com/go-json-experiment/json/jsontext"
)

// String is f in canonical form: declared names with their URN where they need
// one, lower-case operators, JSON literals, as few parentheses as possible.
// Parsing it gives an equivalent filter.
func (f *Filter) String() string {
	return string(f.append(nil))
}

func (f *Filter) append(b []byte) []byte {
	return f.root.append(b, f.elem)
}

// append writes n as it stands inside the brackets of elem, or outside of any.
func (n *fnode) append(b []byte, elem *Attr) []byte {
	switch n.kind {
	case nodeAnd, nodeOr:
		word := " and "
		if n.kind == nodeOr {
			word = " or "
		}
		for i, k := range n.kids {
			if i > 0 {
				b = append(b, word...)
			}
			if k.kind == nodeOr {
				b = append(k.append(append(b, '('), elem), ')')
				continue
			}
			b = k.append(b, elem)
		}
		return b
	case nodeNot:
		b = append(b, "not ("...)
		return append(n.kids[0].append(b, elem), ')')
	case nodeElement:
		b = append(append(b, n.attr.Path...), '[')
		return append(n.kids[0].append(b, n.attr), ']')
	}
	return n.clause.append(b, elem)
}

func (c *clause) append(b []byte, elem *Attr) []byte {
	switch {
	case elem == nil:
		b = append(b, c.attr.Path...)
	case elem == c.attr:
		b = append(b, "value"...)
	default:
		b = append(b, c.attr.Name...)
	}
	op := c.op
	switch {
	case op == OpPr && c.neg:
		return append(b, " eq null"...)
	case op == OpPr:
		return append(b, " pr"...)
	case c.neg:
		op = OpNe
	}
	b = append(append(append(b, ' '), op.String()...), ' ')
	switch c.attr.Type {
	case Boolean, Integer, Decimal:
		return append(b, c.lit.text...)
	}
	b, _ = jsontext.AppendQuote(b, c.lit.text) // text is valid UTF-8
	return b
}
