package scimcore

import (
	"fmt"
	"strings"
)

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenPunct            // one of ( ) [ ]
	tokenString           // a JSON string, quotes included
	tokenWord             // any other run of characters without a space
)

type token struct {
	kind tokenKind
	pos  int
	text string
}

func (t token) is(punct string) bool { return t.kind == tokenPunct && t.text == punct }

func (t token) word(w string) bool { return t.kind == tokenWord && equalFold(t.text, w) }

func (t token) end() int { return t.pos + len(t.text) }

// describe names the token for an error. A string is not repeated: it may be
// personal data, and errors travel further than filters.
func (t token) describe() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenString:
		return "a quoted string"
	}
	return quoteShort(t.text)
}

// quoteShort quotes client text for an error, cut to a readable length and free
// of control characters.
func quoteShort(s string) string { return fmt.Sprintf("%q", clip(s, 60)) }

// lexer cuts a filter into tokens. It works on one line of text of bounded
// length and never looks back.
type lexer struct {
	src string
	pos int
}

// peek reads the next token without passing it.
func (l *lexer) peek() token {
	i := l.pos
	for i < len(l.src) && l.src[i] == ' ' {
		i++
	}
	if i == len(l.src) {
		return token{kind: tokenEnd, pos: i}
	}
	switch c := l.src[i]; c {
	case '(', ')', '[', ']':
		return token{kind: tokenPunct, pos: i, text: l.src[i : i+1]}
	case '"':
		if end := stringEnd(l.src, i); end > 0 {
			return token{kind: tokenString, pos: i, text: l.src[i:end]}
		}
		return token{kind: tokenWord, pos: i, text: l.src[i:]}
	}
	j := i
	for j < len(l.src) && !strings.ContainsRune(" ()[]\"", rune(l.src[j])) {
		j++
	}
	return token{kind: tokenWord, pos: i, text: l.src[i:j]}
}

// next passes the next token and returns it.
func (l *lexer) next() token {
	t := l.peek()
	l.pos = t.end()
	return t
}

// stringEnd finds the end of the JSON string that starts at s[i]; 0 if it has none.
func stringEnd(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return 0
}

// bracketEnd finds the ] that closes the [ at s[i], past quoted strings; 0 if
// there is none.
func bracketEnd(s string, i int) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '"':
			end := stringEnd(s, j)
			if end == 0 {
				return 0
			}
			j = end - 1
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return 0
}
