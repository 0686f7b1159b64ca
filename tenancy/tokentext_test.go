package tenancy

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAUTH11_TokenTextHas256BitsAndAChecksum(t *testing.T) {
	form := regexp.MustCompile(`^scim_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$`)
	seen := map[string]bool{}
	for range 1000 {
		text, prefix, err := NewTokenText(rand.Reader)
		require.NoError(t, err)
		require.Regexp(t, form, text)
		require.False(t, seen[text])
		seen[text] = true
		parsed, ok := ParseTokenText([]byte(text))
		require.True(t, ok)
		require.Equal(t, prefix, parsed)
		require.Equal(t, text[5:13], parsed.String())
	}
}

func TestTokenTextReportsMissingRandomness(t *testing.T) {
	for n := range 40 {
		_, _, err := NewTokenText(iotest.TimeoutReader(bytes.NewReader(make([]byte, n))))
		require.Error(t, err)
	}
	_, _, err := NewTokenText(iotest.ErrReader(errors.New("no entropy")))
	require.ErrorContains(t, err, "no entropy")
}

func TestBase62IsTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "number")
		var out [secretLen]byte
		putBase62(out[:], [32]byte(b))
		n := new(big.Int)
		for _, c := range out {
			n.Mul(n, big.NewInt(62)).Add(n, big.NewInt(int64(strings.IndexByte(base62, c))))
		}
		if n.Cmp(new(big.Int).SetBytes(b)) != 0 {
			t.Fatalf("%x became %s", b, out)
		}
	})
}

// Any single change is seen without asking the store.
func TestTokenTextEveryEditIsMalformed(t *testing.T) {
	text, _, err := NewTokenText(rand.Reader)
	require.NoError(t, err)
	for i := range len(text) {
		for _, c := range []byte("0Az_-\x00 é") {
			edited := []byte(text)
			if edited[i] == c {
				continue
			}
			edited[i] = c
			_, ok := ParseTokenText(edited)
			require.False(t, ok, "%q", edited)
		}
		_, ok := ParseTokenText([]byte(text[:i]))
		require.False(t, ok)
	}
	for _, s := range []string{"", "scim_", text + "0", text + "\n", " " + text, strings.ToUpper(text), strings.Replace(text, "scim", "SCIM", 1)} {
		_, ok := ParseTokenText([]byte(s))
		require.False(t, ok, s)
	}
}

func FuzzParseTokenText(f *testing.F) {
	text, _, err := NewTokenText(rand.Reader)
	require.NoError(f, err)
	f.Add([]byte(text))
	f.Add([]byte("scim_"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := ParseTokenText(b); ok {
			sum := checksum(b[:secretEnd])
			require.Equal(t, tokenStart+p.String()+"_"+string(b[prefixEnd+1:secretEnd])+string(sum[:]), string(b))
		}
	})
}
