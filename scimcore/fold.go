package scimcore

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Fold prepares s for comparison without regard to case: width variants, case
// and the composed and decomposed spellings of one text all become the same
// (RFC 7644, section 5; the rules of RFC 8265, UsernameCaseMapped, without its
// prohibitions, since a directory must be able to hold what an IdP already has).
// ASCII that is already lower case comes back as it is.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c-'A' < 26 {
			var small [64]byte
			return string(AppendFold(small[:0], []byte(s)))
		}
	}
	return s
}

// AppendFold appends the folded form of s to dst. Names in the scripts of
// [plainFold] cost no allocation beyond the growth of dst.
func AppendFold(dst, s []byte) []byte {
	start := len(dst)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c-'A' < 26 {
				c |= 0x20
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		folded, plain := plainFold(r)
		if !plain {
			return append(dst[:start], foldUnicode(string(s))...)
		}
		dst = utf8.AppendRune(dst, folded)
		i += size
	}
	return dst
}

// plainFold folds the letters most names are written in, one by one, as far as
// they fold to one letter and stay composed next to any other of them. A scan of
// a directory full of umlauts would otherwise take thirty times as long.
func plainFold(r rune) (rune, bool) {
	switch {
	case r == 0xDF, r == 0x130, r == 0x149, r == 0x17F: // these fold to two letters, or to ASCII
		return 0, false
	case r >= 0xC0 && r < 0x180, r >= 0x400 && r < 0x460: // Latin, Cyrillic
		return unicode.ToLower(r), true
	case r >= 0x4E00 && r < 0xA000, r >= 0xAC00 && r < 0xD7A4, // Han, Hangul
		r >= 0x3041 && r < 0x3097, r >= 0x30A1 && r < 0x30FB: // Hiragana, Katakana
		return r, true
	}
	return 0, false
}

// foldUnicode is the rare path. Case folding runs on the decomposed form, since
// only there do canonically equal texts fold alike (Unicode, definition D145).
// Folding and composing can each uncover work for the other in exotic
// sequences, so it is repeated until the text stands still; keys that did not
// stand still would let two spellings of one userName pass as different.
func foldUnicode(s string) string {
	caser := cases.Fold()
	for range 4 {
		next := norm.NFC.String(caser.String(norm.NFD.String(width.Fold.String(s))))
		if next == s {
			break
		}
		s = next
	}
	return s
}

// exact reports whether values of a are compared byte by byte. References and
// binaries are case-exact by their type (RFC 7643, sections 2.3.6 and 2.3.7),
// whatever their schema says.
func (a *Attr) exact() bool {
	return a.CaseExact || a.Type == Reference || a.Type == Binary
}

// IndexText is the form of s in which values of a are equal exactly when their
// texts are, and in which the order of texts is that of values: the form for
// index keys, for sorting and for [Condition.Value].
//
// A case-exact value stays as it is, byte for byte, NFC included: ids and
// externalIds are opaque to us, and two spellings an IdP keeps apart must not
// become one here.
func IndexText(a *Attr, s string) string {
	switch {
	case a.Type == DateTime:
		if t, ok := parseDateTime([]byte(s)); ok {
			return t.UTC().Format(instantLayout)
		}
		return s
	case a.Type == Integer, a.Type == Decimal:
		return orderedNumber(s)
	case a.exact():
		return s
	}
	return Fold(s)
}

// instantLayout has a fixed width, so that the order of texts is that of time.
const instantLayout = "2006-01-02T15:04:05.000000000Z"
