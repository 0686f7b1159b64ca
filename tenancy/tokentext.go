package tenancy

import (
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
)

// The text of a token:
//
//	scim_ PPPPPPPP _ SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS CCCCCC
//	      prefix     secret: 43 digits for 256 bits                checksum
//
// in base62. The prefix is public: it names the token in lists, logs and
// metrics. The checksum is the CRC-32 of everything before it, so that a
// mistyped or truncated token is told apart from an unknown one without asking
// the store, and so that secret scanners can recognise ours.
const (
	tokenStart  = "scim_"
	prefixLen   = 8
	secretLen   = 43
	checksumLen = 6

	prefixEnd    = len(tokenStart) + prefixLen
	secretEnd    = prefixEnd + 1 + secretLen
	tokenTextLen = secretEnd + checksumLen

	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// Prefix is the public part of a token's text.
type Prefix [prefixLen]byte

func (p Prefix) String() string { return string(p[:]) }

// NewTokenText makes a token out of 256 bits from rand and returns its prefix, too.
func NewTokenText(rand io.Reader) (string, Prefix, error) {
	var prefix Prefix
	if err := randomDigits(rand, prefix[:]); err != nil {
		return "", prefix, err
	}
	var secret [32]byte
	if _, err := io.ReadFull(rand, secret[:]); err != nil {
		return "", prefix, fmt.Errorf("reading randomness: %w", err)
	}
	text := make([]byte, 0, tokenTextLen)
	text = append(text, tokenStart...)
	text = append(text, prefix[:]...)
	text = append(text, '_')
	text = append(text, make([]byte, secretLen)...)
	putBase62(text[prefixEnd+1:], secret)
	sum := checksum(text)
	return string(append(text, sum[:]...)), prefix, nil
}

// ParseTokenText returns the prefix of a token whose form and checksum are
// right. Whether such a token was ever issued is for the store to say.
func ParseTokenText(text []byte) (Prefix, bool) {
	var prefix Prefix
	if len(text) != tokenTextLen || string(text[:len(tokenStart)]) != tokenStart || text[prefixEnd] != '_' {
		return prefix, false
	}
	for i, c := range text[len(tokenStart):] {
		if i != prefixLen && !isBase62(c) {
			return prefix, false
		}
	}
	if checksum(text[:secretEnd]) != [checksumLen]byte(text[secretEnd:]) {
		return prefix, false
	}
	copy(prefix[:], text[len(tokenStart):])
	return prefix, true
}

func isBase62(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func checksum(text []byte) (sum [checksumLen]byte) {
	n := crc32.ChecksumIEEE(text)
	for i := checksumLen - 1; i >= 0; i-- {
		sum[i] = base62[n%62]
		n /= 62
	}
	return sum
}

// randomDigits fills dst with evenly distributed digits: bytes beyond the last
// multiple of 62 are drawn again.
func randomDigits(rand io.Reader, dst []byte) error {
	var b [1]byte
	for i := 0; i < len(dst); {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return fmt.Errorf("reading randomness: %w", err)
		}
		if b[0] < 4*62 {
			dst[i] = base62[b[0]%62]
			i++
		}
	}
	return nil
}

// putBase62 writes the 256-bit number n into the 43 digits of dst, which are
// just enough: 62^43 > 2^256.
func putBase62(dst []byte, n [32]byte) {
	var limbs [4]uint64 // most significant first
	for i, b := range n {
		limbs[i/8] = limbs[i/8]<<8 | uint64(b)
	}
	for d := len(dst) - 1; d >= 0; d-- {
		var rem uint64
		for i := range limbs {
			limbs[i], rem = bits.Div64(rem, limbs[i], 62)
		}
		dst[d] = base62[rem]
	}
}
