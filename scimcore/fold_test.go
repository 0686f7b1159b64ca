package scimcore

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestRES02_Fold(t *testing.T) {
	same := [][]string{
		{"bob", "BOB", "Bob", "\uff22\uff2f\uff22", "\uff42ob"}, // full-width letters
		{"caf\u00e9", "CAFE\u0301", "cafe\u0301"},               // NFC and NFD
		{"stra\u00dfe", "STRASSE", "Stra\u1e9ee"},               // full case folding
		{"\u03c3\u03b1\u03c2", "\u03a3\u0391\u03a3"},            // final sigma
		{"\u30ac", "\uff76\uff9e", "\u30ab\u3099"},              // half-width kana with its voicing mark
		{"kelvin", "\u212aelvin"},                               // Kelvin sign
		{"\u1fb3", "\u0391\u0345", "\u1fbc", "\u03b1\u0399"},    // iota subscript
		{"\u00e5", "\u212b", "A\u030a"},                         // Angstrom sign
		{"a\u0323\u0307", "A\u0307\u0323", "\u1ea1\u0307"},      // order of marks
	}
	for _, set := range same {
		for _, s := range set {
			require.Equal(t, Fold(set[0]), Fold(s), "%+q", s)
		}
	}
	for _, s := range []string{"o", "\u00f6", "\u043e"} {
		require.Equal(t, s, Fold(s), "letters that only look alike stay apart")
	}
}

func TestFoldProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		f := Fold(s)
		require.Equal(t, f, Fold(f), "folding what is folded changes nothing")
		require.Equal(t, f, Fold(norm.NFD.String(s)))
		require.Equal(t, f, Fold(norm.NFC.String(s)))
		require.Equal(t, "x"+f, string(AppendFold([]byte("x"), []byte(s))))
	})
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[ -~]{0,80}`).Draw(t, "s")
		require.Equal(t, strings.ToLower(s), Fold(s))
	})
}

// TestPlainFold holds the short way against the long one: every letter alone,
// and letters next to each other.
func TestPlainFold(t *testing.T) {
	var plain []rune
	for r := rune(0x80); r < 0x10000; r++ {
		if folded, ok := plainFold(r); ok {
			plain = append(plain, r)
			require.Equal(t, foldUnicode(string(r)), string(folded), "%U", r)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.SampledFrom(plain), rapid.RuneFrom([]rune("aBcZ .'-")))).Draw(t, "s")
		require.Equal(t, foldUnicode(s), Fold(s), "%+q", s)
	})
}

func TestFoldAllocations(t *testing.T) {
	text, dst := []byte("Bob.Jensen@Example.COM"), make([]byte, 0, 64)
	require.Zero(t, testing.AllocsPerRun(100, func() { dst = AppendFold(dst[:0], text) }))
	text = []byte("Jürgen Łukasz Юрий 山田 김")
	require.Zero(t, testing.AllocsPerRun(100, func() { dst = AppendFold(dst[:0], text) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = Fold("bob.jensen@example.com") }))
}

func TestIndexText(t *testing.T) {
	user, _ := stockTypes(t)
	at := func(path string) *Attr {
		a, ok := user.Resolve(path)
		require.True(t, ok)
		return a
	}
	require.Equal(t, "bob", IndexText(at("userName"), "BOB"))
	require.Equal(t, "A\u0301B", IndexText(user.ExternalID, "A\u0301B"), "case-exact values keep their bytes")
	require.Equal(t, "https://X/y", IndexText(at("profileUrl"), "https://X/y"))
	require.Equal(t, "true", IndexText(at("active"), "True"))
	device := customType(t)
	weight := device.Root.Sub("weight")
	for _, s := range []string{"10", "1e1", "10.0", "100e-1", "1.0E+1"} {
		require.Equal(t, IndexText(weight, "10"), IndexText(weight, s))
	}
	require.Equal(t, IndexText(weight, "-0.05"), IndexText(weight, "-5e-2"))
	require.NotEqual(t, IndexText(weight, "9007199254740993"), IndexText(weight, "9007199254740992"))

	t.Run("the order of dateTime texts is that of instants", func(t *testing.T) {
		times := []string{"2026-01-01T00:30:00+01:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.0010001Z", "2025-12-31T23:00:01-02:00"}
		var keys []string
		for _, s := range times {
			keys = append(keys, IndexText(at("meta.created"), s))
		}
		require.True(t, slices.IsSorted(keys), "%v", keys)
	})
}

// TestCompareDecimal holds the digit comparison against a slow one on exact integers.
func TestCompareDecimal(t *testing.T) {
	gen := rapid.Custom(func(t *rapid.T) [2]int {
		return [2]int{rapid.IntRange(-999, 999).Draw(t, "m"), rapid.IntRange(-4, 4).Draw(t, "e")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		value := func(x [2]int) int {
			v := x[0]
			for range x[1] + 4 {
				v *= 10
			}
			return v
		}
		sign := func(n int) int { return min(1, max(-1, n)) }
		x, y := spellNumber(t, a), spellNumber(t, b)
		require.True(t, validNumber(x), x)
		want := sign(value(a) - value(b))
		require.Equal(t, want, sign(compareDecimal([]byte(x), []byte(y))), "%s %s", x, y)
		require.Equal(t, want, strings.Compare(orderedNumber(x), orderedNumber(y)), "%s %s: %s %s", x, y, orderedNumber(x), orderedNumber(y))
	})
}

// spellNumber writes m * 10^e in one of its spellings.
func spellNumber(t *rapid.T, n [2]int) string {
	m, e := n[0], n[1]
	s := itoa(max(m, -m))
	if rapid.Bool().Draw(t, "point") && len(s) > 1 {
		e += len(s) - 1
		s = s[:1] + "." + s[1:] + strings.Repeat("0", rapid.IntRange(0, 2).Draw(t, "zeros"))
	}
	if e != 0 || rapid.Bool().Draw(t, "exp") {
		s += "e" + itoa(e)
	}
	if m < 0 {
		s = "-" + s
	}
	return s
}
