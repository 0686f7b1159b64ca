package proxy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"scimedge/directory"
	"scimedge/scimcore"
)

// cursors makes and reads the cursors of RFC 9865. One is the place where a page
// ended, sealed: nobody can read the value in it or make one up, and nothing is
// kept for it here. It is bound to the tenant, the token and the query, and grants
// nothing by itself: every page is authorised like the first (CUR-15).
type cursors struct {
	aead cipher.AEAD
	life time.Duration
}

func newCursors(key [32]byte, life time.Duration) (cursors, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return cursors{}, fmt.Errorf("cursor key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return cursors{aead, life}, err
}

// errCursor is the one answer to a cursor that was forged, damaged, made for
// another query, token or tenant, or never existed (CUR-18).
func errCursor() error {
	return scimcore.Bad(scimcore.InvalidCursor, "The cursor does not belong to this query of this token. Send the cursor of the former page unchanged, with the same filter and sort, or start again without one.")
}

// cursorHeader is what comes before the position: when it was made, in unix
// seconds, and the page size it was made for.
const cursorHeader = 8 + 4

var cursorText = base64.RawURLEncoding // unreserved characters only (CUR-02)

// seal makes the cursor of the page that follows one of count resources at most.
func (c cursors) seal(q fingerprint, count int, next directory.Position, now time.Time) (string, error) {
	plain := binary.BigEndian.AppendUint64(make([]byte, 0, 128), uint64(now.Unix()))
	plain = binary.BigEndian.AppendUint32(plain, uint32(count))
	plain = next.Encode(plain)
	nonce := make([]byte, c.aead.NonceSize(), c.aead.NonceSize()+len(plain)+c.aead.Overhead())
	if _, err := io.ReadFull(rand.Reader, nonce); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return cursorText.EncodeToString(c.aead.Seal(nonce, nonce, plain, q[:])), nil
}

// open reads a cursor: where the page begins, and the page size it was made for.
func (c cursors) open(text string, q fingerprint, now time.Time) (p directory.Position, count int, err error) {
	b, err := cursorText.Strict().DecodeString(text)
	n := c.aead.NonceSize()
	if err != nil || len(b) < n {
		return p, 0, errCursor()
	}
	plain, err := c.aead.Open(nil, b[:n], b[n:], q[:])
	if err != nil || len(plain) < cursorHeader {
		return p, 0, errCursor()
	}
	if made := time.Unix(int64(binary.BigEndian.Uint64(plain)), 0); now.Sub(made) > c.life {
		return p, 0, scimcore.Bad(scimcore.ExpiredCursor, "The cursor is older than %d seconds. Start again without one.", int(c.life/time.Second))
	}
	p, ok := directory.ParsePosition(plain[cursorHeader:])
	if !ok {
		return p, 0, errCursor()
	}
	return p, int(binary.BigEndian.Uint32(plain[8:])), nil
}
