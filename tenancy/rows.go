package tenancy

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/go-json-experiment/json"

	"scimedge/kv"
)

// What the rows hold, as JSON. Members may be added; readers ignore those they
// do not know, and the format number rises when an old reader would go wrong.

const currentFormat = 1

type formatRow struct {
	Format int `json:"format"`
}

type organizationRow struct {
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

type deletionRow struct {
	Tenant    string    `json:"tenant"`
	DeletedAt time.Time `json:"deleted_at"`
}

type tokenRow struct {
	ID          string         `json:"id"`
	Tenant      string         `json:"tenant"`
	Name        string         `json:"name"`
	Prefix      string         `json:"prefix"`
	Hash        [32]byte       `json:"hash"` // SHA-256 of the whole text
	Environment string         `json:"environment"`
	IdP         string         `json:"idp"`
	Scopes      []string       `json:"scopes"`
	AllowCIDRs  []netip.Prefix `json:"allow_cidrs,omitempty"`
	User        string         `json:"user,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	CreatedBy   string         `json:"created_by"`
	ExpiresAt   time.Time      `json:"expires_at,omitzero"`
	RevokedAt   time.Time      `json:"revoked_at,omitzero"`
	RevokedBy   string         `json:"revoked_by,omitempty"`
}

func newTokenRow(t Token, hash [32]byte) *tokenRow {
	return &tokenRow{
		ID: t.ID, Tenant: t.Tenant, Name: t.Name, Prefix: t.Prefix, Hash: hash, Environment: t.Environment,
		IdP: t.IdP, Scopes: t.Scopes, AllowCIDRs: t.AllowCIDRs, User: t.User, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy,
		ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt, RevokedBy: t.RevokedBy,
	}
}

func (r *tokenRow) token() Token {
	return Token{
		ID: r.ID, Tenant: r.Tenant, Name: r.Name, Prefix: r.Prefix, Environment: r.Environment,
		IdP: r.IdP, Scopes: r.Scopes, AllowCIDRs: r.AllowCIDRs, User: r.User, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
		ExpiresAt: r.ExpiresAt, RevokedAt: r.RevokedAt, RevokedBy: r.RevokedBy,
	}
}

type accountRow struct {
	ID          string    `json:"id"`
	Tenant      string    `json:"tenant"`
	Email       string    `json:"email"`
	Permissions []string  `json:"permissions"`
	Password    string    `json:"password"` // argon2id in PHC form
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by"`
}

type sessionRow struct {
	Tenant    string    `json:"tenant"`
	Account   string    `json:"account"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// getRow reads the row at k, or nil when there is none.
func getRow[T any](rd kv.Reader, k []byte) (*T, error) {
	b, err := rd.Get(k)
	if err != nil || b == nil {
		return nil, err
	}
	return decodeRow[T](k, b)
}

// decodeRow copies what it needs out of b, which dies with the transaction.
func decodeRow[T any](k, b []byte) (*T, error) {
	row := new(T)
	if err := json.Unmarshal(b, row); err != nil {
		// The decoder's own message may quote the row, and rows hold hashes.
		return nil, fmt.Errorf("%w: row %q of the system partition cannot be decoded", kv.ErrCorrupt, k[:1])
	}
	return row, nil
}

func putRow(w kv.Writer, k []byte, row any) error {
	b, err := json.Marshal(row, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encoding row %q: %w", k[:1], err)
	}
	return w.Put(k, b)
}

// present reports whether there is a row at k.
func present(rd kv.Reader, k []byte) (bool, error) {
	b, err := rd.Get(k)
	return b != nil, err
}
