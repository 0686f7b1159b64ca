package tenancy

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// argon2id with 19 MiB and two passes, as OWASP advises at least. It costs tens
// of milliseconds and its memory, so it stands behind a semaphore: a flood of
// sign-ins waits instead of exhausting the machine.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// Bounds of a password, in bytes.
const (
	MinPassword = 8
	MaxPassword = 1024
)

type passwordHasher struct {
	slots chan struct{}
	rand  io.Reader
}

func newPasswordHasher(concurrent int, rand io.Reader) *passwordHasher {
	return &passwordHasher{slots: make(chan struct{}, concurrent), rand: rand}
}

func checkPassword(password string) error {
	if len(password) < MinPassword || len(password) > MaxPassword || !utf8.ValidString(password) {
		return invalid("password", "a password has %d to %d bytes of valid UTF-8", MinPassword, MaxPassword)
	}
	return nil
}

// hash returns the PHC string of a password under a fresh salt.
func (h *passwordHasher) hash(ctx context.Context, password string) (string, error) {
	var salt [argonSalt]byte
	if _, err := io.ReadFull(h.rand, salt[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	p := argonParams{memory: argonMemory, time: argonTime, threads: argonThreads, salt: salt[:]}
	sum, err := h.run(ctx, password, p, argonKey)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.time, p.threads, enc.EncodeToString(p.salt), enc.EncodeToString(sum)), nil
}

// verify compares a password with a PHC string. For an empty string it does the
// same work and says no, so that an account that does not exist takes as long as
// one that does.
func (h *passwordHasher) verify(ctx context.Context, password, phc string) (bool, error) {
	if phc == "" {
		p := argonParams{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, argonSalt)}
		_, err := h.run(ctx, password, p, argonKey)
		return false, err
	}
	p, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	sum, err := h.run(ctx, password, p, uint32(len(want)))
	return err == nil && subtle.ConstantTimeCompare(sum, want) == 1, err
}

func (h *passwordHasher) run(ctx context.Context, password string, p argonParams, keyLen uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.threads, keyLen), nil
}

type argonParams struct {
	memory, time uint32
	threads      uint8
	salt         []byte
}

// parsePHC reads $argon2id$v=19$m=19456,t=2,p=1$salt$hash. Its errors quote
// nothing of it.
func parsePHC(phc string) (p argonParams, hash []byte, err error) {
	broken := fmt.Errorf("the stored password hash cannot be read; set a new password")
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, broken
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, nil, broken
	}
	p.salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || p.time == 0 || p.threads == 0 || p.memory > 1<<20 {
		return p, nil, broken
	}
	hash, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(hash) < 16 {
		return p, nil, broken
	}
	return p, hash, nil
}
