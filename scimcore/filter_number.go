package scimcore

import (
	"bytes"
	"strconv"
)

// decimal is a JSON number taken apart: 0.d1d2d3... * 10^exp. Numbers are
// compared on their digits, because a float64 would make 9007199254740993 equal
// to 9007199254740992 (RFC 7643, section 2.3.3 keeps all digits).
type decimal struct {
	neg    bool
	digits []byte // of the literal; holds no leading or trailing zero, may hold one '.'
	exp    int64
}

// parseDecimal takes b apart. b must be a JSON number; anything else gives zero.
func parseDecimal(b []byte) decimal {
	var d decimal
	if len(b) > 0 && b[0] == '-' {
		d.neg, b = true, b[1:]
	}
	if i := bytes.IndexAny(b, "eE"); i >= 0 {
		// Out of range it saturates, which keeps the order.
		d.exp, _ = strconv.ParseInt(string(b[i+1:]), 10, 32)
		b = b[:i]
	}
	point := bytes.IndexByte(b, '.')
	if point < 0 {
		point = len(b)
	} else {
		b = bytes.TrimRight(b, "0")
	}
	lead := 0
	for lead < len(b) && (b[lead] == '0' || b[lead] == '.') {
		lead++
	}
	d.exp += int64(point - lead)
	if lead > point {
		d.exp++ // the point itself was skipped
	}
	d.digits = bytes.TrimRight(b[lead:], "0.")
	if len(d.digits) == 0 {
		return decimal{}
	}
	return d
}

// compareDecimal orders two JSON numbers by value.
func compareDecimal(x, y []byte) int {
	a, b := parseDecimal(x), parseDecimal(y)
	if a.sign() != b.sign() {
		return a.sign() - b.sign()
	}
	c := 0
	switch {
	case len(a.digits) == 0:
		return 0
	case a.exp != b.exp:
		c = 1
		if a.exp < b.exp {
			c = -1
		}
	default:
		c = compareDigits(a.digits, b.digits)
	}
	return c * a.sign()
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// compareDigits compares two runs of digits as fractions, stepping over a '.'.
func compareDigits(a, b []byte) int {
	for {
		if len(a) > 0 && a[0] == '.' {
			a = a[1:]
		}
		if len(b) > 0 && b[0] == '.' {
			b = b[1:]
		}
		switch {
		case len(a) == 0 && len(b) == 0:
			return 0
		case len(a) == 0:
			return -1
		case len(b) == 0:
			return 1
		case a[0] != b[0]:
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
}

// orderedNumber writes a JSON number in the one form all its spellings share, and
// in which texts are ordered as the numbers are. What is no number stays as it is.
//
// It is the exponent, in ten digits so that every one is positive, and the digits
// of the fraction behind it: 12 is 0.12e2, p5000000002.12. Those of a negative
// number are turned round, nine for nought, and end in ~, which no digit exceeds.
func orderedNumber(s string) string {
	if !validNumber(s) {
		return s
	}
	d := parseDecimal([]byte(s))
	if d.sign() == 0 {
		return "0"
	}
	const bias = 5_000_000_000
	out := append(make([]byte, 0, len(s)+16), 'p')
	out = strconv.AppendInt(out, bias+d.exp, 10)
	out = append(out, '.')
	for _, c := range d.digits {
		if c != '.' {
			out = append(out, c)
		}
	}
	if !d.neg {
		return string(out)
	}
	for i, c := range out {
		if c >= '0' && c <= '9' {
			out[i] = '0' + '9' - c
		}
	}
	out[0] = '-'
	return string(append(out, '~'))
}

// validNumber follows the number rule of RFC 8259, section 6. An exponent of
// more than three digits is refused: no directory value needs it.
func validNumber(s string) bool {
	i := 0
	digits := func() int {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i - from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	first := i
	if n := digits(); n == 0 || n > 1 && s[first] == '0' {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if digits() == 0 {
			return false
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if n := digits(); n == 0 || n > 3 {
			return false
		}
	}
	return i == len(s)
}
