package scimcore

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

func itoa(n int) string { return strconv.Itoa(n) }

// compare parses operator and value after the attribute named by name and makes
// the clause. All that can be settled before the first resource is seen, is.
func (p *filterParser) compare(a *Attr, name token) (*fnode, error) {
	if p.clauses++; p.clauses > maxFilterClauses {
		return nil, p.fail(name.pos, "more than %d comparisons: ask in several requests", maxFilterClauses)
	}
	opToken := p.next()
	op := parseOp(opToken.text)
	if opToken.kind != tokenWord || op == OpNone {
		return nil, p.found(opToken, "an operator", "eq, ne, co, sw, ew, gt, ge, lt, le or pr")
	}
	if op == OpPr {
		return p.clause(a, OpPr, false, literal{}), nil
	}
	value := p.next()
	switch {
	case value.kind != tokenString && value.kind != tokenWord:
		return nil, p.found(value, "a value to compare with", `write a string as "text"`)
	case p.src[value.pos-1] != ' ':
		return nil, p.fail(value.pos, "a space is missing before the value")
	case value.word("null"):
		if op != OpEq && op != OpNe {
			return nil, p.fail(opToken.pos, `%s cannot be asked of null: use "%s pr"`, op, a.Path)
		}
		return p.clause(a, OpPr, op == OpEq, literal{}), nil
	}
	if a.Type == Complex {
		sub := a.Sub("value")
		if sub == nil || a.Container {
			return nil, p.fail(name.pos, "%s has several parts: name the one to compare, such as %s", a.Path, a.Subs[0].Path)
		}
		a = sub
	}
	if !operates(op, a.Type) {
		return nil, p.fail(opToken.pos, "%s does not apply to %s, which is %s: use %s", op, a.Path, typeWords[a.Type], operators(a.Type))
	}
	lit, err := p.literal(a, value)
	if err != nil {
		return nil, err
	}
	if op == OpNe {
		return p.clause(a, OpEq, true, lit), nil
	}
	return p.clause(a, op, false, lit), nil
}

func (p *filterParser) clause(a *Attr, op Op, neg bool, lit literal) *fnode {
	c := &clause{op: op, neg: neg, attr: a, lit: lit}
	for x := a; x != p.elem && x.Parent != nil; x = x.Parent {
		c.chain = append([]*Attr{x}, c.chain...)
	}
	c.impliedFalse = op == OpEq && !lit.b && a.Type == Boolean && a.Parent.MultiValued && equalFold(a.Name, "primary")
	return &fnode{kind: nodeClause, clause: c}
}

// operates is the table of operators that make sense for a type (FLT-14 to
// FLT-16). A substring of a dateTime, a number or a base64 text means nothing.
func operates(op Op, t DataType) bool {
	switch op {
	case OpEq, OpNe, OpPr:
		return true
	case OpCo, OpSw, OpEw:
		return t == String || t == Reference
	default:
		return t != Boolean && t != Binary
	}
}

func operators(t DataType) string {
	var list []string
	for op := OpEq; op <= OpPr; op++ {
		if operates(op, t) {
			list = append(list, op.String())
		}
	}
	return strings.Join(list, ", ")
}

var typeWords = [...]string{
	String: "a string", Boolean: "a boolean", Decimal: "a decimal", Integer: "an integer",
	DateTime: "a dateTime", Binary: "a binary", Reference: "a reference", Complex: "complex",
}

// literal reads t as a value of a.
func (p *filterParser) literal(a *Attr, t token) (literal, error) {
	text, quoted, err := p.literalText(t)
	if err != nil {
		return literal{}, err
	}
	wrong := func(expected string) error { return p.found(t, expected, a.Path+" is "+typeWords[a.Type]) }
	switch a.Type {
	case Boolean:
		is := equalFold(text, "true")
		if !is && !equalFold(text, "false") || quoted && !p.d.BooleanStrings {
			return literal{}, wrong("true or false")
		}
		if quoted {
			p.notes.Add(NoteBoolean, a.Path)
		}
		return literal{text: strconv.FormatBool(is), b: is}, nil
	case Integer, Decimal:
		if quoted || !validNumber(text) {
			return literal{}, wrong("a number without quotes")
		}
		return literal{text: text, num: []byte(text)}, nil
	}
	if !quoted {
		if !p.d.UnquotedLiterals || otherQuote(text) {
			return literal{}, p.found(t, "a value in double quotes", a.Path+` eq "text"`)
		}
		p.notes.Add(NoteUnquoted, a.Path)
	}
	if a.Type == DateTime {
		at, ok := parseDateTime([]byte(text))
		if !ok {
			return literal{}, wrong(`a time such as "2026-01-31T08:00:00Z"`)
		}
		return literal{text: text, at: at}, nil
	}
	return literal{text: text, key: []byte(IndexText(a, text))}, nil
}

// otherQuote reports whether text starts with a quotation mark JSON does not
// know. Taking it as part of the value would find nothing and say nothing.
func otherQuote(text string) bool {
	for _, q := range []string{"'", "`", "“", "”", "„", "‘", "’"} {
		if strings.HasPrefix(text, q) {
			return true
		}
	}
	return false
}

// literalText decodes a JSON string, or takes a word as it is.
func (p *filterParser) literalText(t token) (text string, quoted bool, err error) {
	if t.kind == tokenWord {
		if t.text[0] == '"' {
			return "", false, p.fail(t.pos, "the string that starts here has no closing quote")
		}
		if strings.ContainsFunc(t.text, func(r rune) bool { return r < ' ' }) {
			return "", false, p.fail(t.pos, "the value holds a control character: write it as a JSON string")
		}
		return t.text, false, nil
	}
	b, err := jsontext.AppendUnquote(nil, t.text)
	if err != nil {
		return "", false, p.fail(t.pos, `the string is not valid JSON: write \" for a quote and \\ for a backslash inside it`)
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", false, p.fail(t.pos, "the string holds a NUL character, which no value has")
	}
	return string(b), true, nil
}
