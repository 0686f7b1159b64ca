package tenancy

import (
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Secret is text that must not end up in a log, an error or a document: every
// way of printing it gives a placeholder. Reveal is the only way to the text.
type Secret string

const redacted = "[secret]"

// Reveal returns the text, for the one answer it belongs into.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// newID reads a random id of 16 hexadecimal characters.
func newID(rand io.Reader) (string, error) {
	var b [idLen / 2]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

func foldName(s string) string { return strings.ToLower(s) }
