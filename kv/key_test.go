package kv_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"scimedge/kv"
)

// Text that stresses the escaping: few bytes, those it gives a meaning among them.
var textGen = rapid.Custom(func(t *rapid.T) string {
	return string(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 'a', 'b', 0xFE, 0xFF}), 0, 6).Draw(t, "text"))
})

type parts struct {
	kind byte
	a, b string
	n    uint64
}

var partsGen = rapid.Custom(func(t *rapid.T) parts {
	return parts{
		rapid.SampledFrom([]byte("rux")).Draw(t, "kind"),
		textGen.Draw(t, "a"), textGen.Draw(t, "b"),
		rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64()).Draw(t, "n"),
	}
})

func (p parts) key() []byte { return kv.Key(nil).Byte(p.kind).Text(p.a).Uint64(p.n).Text(p.b) }

func (p parts) compare(q parts) int {
	if p.kind != q.kind {
		return int(p.kind) - int(q.kind)
	}
	if c := bytes.Compare([]byte(p.a), []byte(q.a)); c != 0 {
		return c
	}
	if p.n != q.n {
		if p.n < q.n {
			return -1
		}
		return 1
	}
	return bytes.Compare([]byte(p.b), []byte(q.b))
}

func sign(n int) int { return min(max(n, -1), 1) }

func TestKeyKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := partsGen.Draw(t, "p"), partsGen.Draw(t, "q")
		if got, want := sign(bytes.Compare(p.key(), q.key())), sign(p.compare(q)); got != want {
			t.Fatalf("%+v against %+v: keys compare %d, parts %d", p, q, got, want)
		}
	})
}

func TestKeyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := partsGen.Draw(t, "p")
		rest := p.key()[1:]
		a, rest, ok := kv.CutText(rest)
		if !ok || a != p.a {
			t.Fatalf("text %q came back as %q, %v", p.a, a, ok)
		}
		n, rest, ok := kv.CutUint64(rest)
		if !ok || n != p.n {
			t.Fatalf("number %d came back as %d, %v", p.n, n, ok)
		}
		b, rest, ok := kv.CutText(append(rest, "tail"...))
		if !ok || b != p.b || string(rest) != "tail" {
			t.Fatalf("text %q came back as %q, %v, rest %q", p.b, b, ok, rest)
		}
	})
}

// A part is not a prefix of a longer one, and TextPrefix bounds just its own.
func TestTextPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, text := textGen.Draw(t, "prefix"), textGen.Draw(t, "text")
		key := kv.Key(nil).Byte('u').Text(text)
		r := kv.Prefix(kv.Key(nil).Byte('u').TextPrefix(s))
		in := bytes.Compare(key, r.Lo) >= 0 && (len(r.Hi) == 0 || bytes.Compare(key, r.Hi) < 0)
		if want := bytes.HasPrefix([]byte(text), []byte(s)); in != want {
			t.Fatalf("%q under prefix %q: %v, want %v", text, s, in, want)
		}
	})
}

func TestKeyBytes(t *testing.T) {
	require.Equal(t, "ua\x00\x01\x00\xff\x00\x01", string(kv.Key(nil).Byte('u').Text("a").Text("\x00")))
	require.Equal(t, "\x00\x01", string(kv.Key(nil).Text("")))
	require.Equal(t, "a\x00\xff", string(kv.Key(nil).TextPrefix("a\x00")))
	require.Equal(t, "\x00\x00\x00\x00\x00\x00\x01\x02", string(kv.Key(nil).Uint64(258)))
	require.Equal(t, bytes.Repeat([]byte{0xFF}, 8), []byte(kv.Key(nil).Uint64(math.MaxUint64)))
	require.Equal(t, "rid", string(kv.Key("r").Raw([]byte("id"))))
}

func TestCutRefusesForeignBytes(t *testing.T) {
	for _, b := range []string{"", "a", "a\x00", "\x00", "a\x00\x02", "a\x00\xff", "a\x00\xffb\x00", "a\x00\x00\x01"} {
		_, _, ok := kv.CutText([]byte(b))
		require.False(t, ok, "%q", b)
	}
	_, _, ok := kv.CutUint64(make([]byte, 7))
	require.False(t, ok)
}

func TestPrefixEnd(t *testing.T) {
	for prefix, want := range map[string][]byte{
		"":              nil,
		"\xff":          nil,
		"\xff\xff":      nil,
		"a":             []byte("b"),
		"a\xff":         []byte("b"),
		"a\xff\xff":     []byte("b"),
		"\x00":          {1},
		"a\xfe":         []byte("a\xff"),
		"\xff\x00":      []byte("\xff\x01"),
		"a\x00\xff\xff": []byte("a\x01"),
	} {
		given := []byte(prefix)
		require.Equal(t, want, kv.PrefixEnd(given), "%q", prefix)
		require.Equal(t, prefix, string(given), "the prefix is not changed")
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix, key := []byte(textGen.Draw(t, "prefix")), []byte(textGen.Draw(t, "key"))
		end := kv.PrefixEnd(prefix)
		in := bytes.Compare(key, prefix) >= 0 && (end == nil || bytes.Compare(key, end) < 0)
		if in != bytes.HasPrefix(key, prefix) {
			t.Fatalf("key %q, prefix %q, end %q", key, prefix, end)
		}
	})
}

// FuzzKeyCodec: what CutText accepts, Text writes again byte for byte, so there is
// one encoding of a text; and any bytes can be given to it.
func FuzzKeyCodec(f *testing.F) {
	for _, s := range []string{"", "a", "a\x00\x01", "\x00\xff\x00\x01", "a\x00\x01rest", "\x00\x00\x01", "é\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01", "\xff\xff\x00\x01"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		given := bytes.Clone(b)
		s, rest, ok := kv.CutText(b)
		if !bytes.Equal(b, given) {
			t.Fatal("the input was changed")
		}
		if ok {
			if again := append(kv.Key(nil).Text(s), rest...); !bytes.Equal(again, b) {
				t.Fatalf("%q reads as %q, which writes as %q", b, s, again)
			}
		}
		text := string(b)
		if got, rest, ok := kv.CutText(kv.Key(nil).Text(text)); !ok || got != text || len(rest) > 0 {
			t.Fatalf("%q came back as %q, rest %q, %v", text, got, rest, ok)
		}
		if n, rest, ok := kv.CutUint64(b); ok && !bytes.Equal(append(kv.Key(nil).Uint64(n), rest...), b) {
			t.Fatalf("number %d", n)
		}
	})
}
