package tenancy

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"scimedge/kv"
)

// errPrefixTaken makes CreateToken draw again; 62^8 prefixes make that rare.
var errPrefixTaken = errors.New("prefix taken")

// CreateToken makes a token for a tenant, named or by id, and returns its
// plaintext: here and never again.
func (r *Registry) CreateToken(ctx context.Context, tenant string, n NewToken, by Actor) (Token, string, error) {
	known, err := r.find(tenant)
	if err != nil {
		return Token{}, "", err
	}
	now := r.now()
	t, err := n.check(now, r.opts.NeverExpires)
	if err != nil {
		return Token{}, "", err
	}
	if t.ID, err = newID(r.opts.Rand); err != nil {
		return Token{}, "", err
	}
	t.Tenant, t.Environment = known.ID, known.Environment
	t.CreatedAt, t.CreatedBy = now, by.String()
	for {
		text, prefix, err := NewTokenText(r.opts.Rand)
		if err != nil {
			return Token{}, "", err
		}
		t.Prefix = prefix.String()
		err = r.insertToken(ctx, known, t, sha256.Sum256([]byte(text)), by)
		if errors.Is(err, errPrefixTaken) {
			continue
		}
		if err != nil {
			return Token{}, "", err
		}
		r.cache.forget(prefix) // it may be remembered as standing for no token
		t.State = t.StateAt(now)
		return t, text, nil
	}
}

func (r *Registry) insertToken(ctx context.Context, tenant *Tenant, t Token, hash [32]byte, by Actor) error {
	_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		if _, err := readTenant(w, tenant); err != nil {
			return err
		}
		if taken, err := present(w, textKey(rowPrefix, t.Prefix)); err != nil || taken {
			return cmpErr(err, errPrefixTaken)
		}
		rowKey := idKey(rowToken, t.Tenant, t.ID)
		if taken, err := present(w, rowKey); err != nil || taken {
			return cmpErr(err, exists("", "the random id of the token is taken; try again"))
		}
		if err := claimTokenName(w, &t); err != nil {
			return err
		}
		if err := w.Put(textKey(rowPrefix, t.Prefix), rowKey); err != nil {
			return err
		}
		if err := putRow(w, rowKey, newTokenRow(t, hash)); err != nil {
			return err
		}
		return record(w, t.Tenant, entry{At: t.CreatedAt, By: by, Action: ActionTokenCreated, Target: t.ID, Detail: t.Name + " " + t.Prefix})
	})
	return err
}

// claimTokenName makes names unique among live tokens: an expired token gives
// its name up to the next.
func claimTokenName(w kv.Writer, t *Token) error {
	k := tokenNameKey(t.Tenant, t.Name)
	holder, err := w.Get(k)
	if err != nil {
		return err
	}
	if holder != nil {
		row, err := getRow[tokenRow](w, idKey(rowToken, t.Tenant, string(holder)))
		if err != nil {
			return err
		}
		if row != nil {
			if old := row.token(); old.StateAt(t.CreatedAt) != StateExpired {
				return exists("name", "a live token is named %q; choose another name or revoke that one", old.Name)
			}
		}
	}
	return w.Put(k, []byte(t.ID))
}

// Tokens lists all tokens of a tenant, the newest first, revoked and expired
// ones included.
func (r *Registry) Tokens(ctx context.Context, tenant string) ([]Token, error) {
	known, err := r.find(tenant)
	if err != nil {
		return nil, err
	}
	now := r.now()
	var out []Token
	err = r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		out = []Token{}
		for e, err := range rd.Scan(kv.Prefix(idKey(rowToken, known.ID))) {
			if err != nil {
				return err
			}
			row, err := decodeRow[tokenRow](e.Key, e.Value)
			if err != nil {
				return err
			}
			t := row.token()
			if t.LastUsedAt, err = r.readLastUsed(rd, t.Tenant, t.ID); err != nil {
				return err
			}
			t.State = t.StateAt(now)
			out = append(out, t)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Token) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

// RevokeToken ends a token. When it returns, no request that begins later is
// let in with it. Revoking twice is no error and records nothing new.
func (r *Registry) RevokeToken(ctx context.Context, tenant, tokenID string, by Actor) error {
	known, err := r.find(tenant)
	if err != nil {
		return err
	}
	missing := notFound("the tenant has no token %q; the list of tokens shows their ids", clip(tokenID))
	if !looksLikeID(tokenID) {
		return missing
	}
	now := r.now()
	var prefix Prefix
	_, err = r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		k := idKey(rowToken, known.ID, tokenID)
		row, err := getRow[tokenRow](w, k)
		if err != nil || row == nil {
			return cmpErr(err, missing)
		}
		copy(prefix[:], row.Prefix)
		if !row.RevokedAt.IsZero() {
			return nil
		}
		row.RevokedAt, row.RevokedBy = now, by.String()
		if err := releaseTokenName(w, row); err != nil {
			return err
		}
		if err := putRow(w, k, row); err != nil {
			return err
		}
		return record(w, known.ID, entry{At: now, By: by, Action: ActionTokenRevoked, Target: row.ID, Detail: row.Name + " " + row.Prefix})
	})
	if prefix != (Prefix{}) {
		// On a failed commit, too: whether it took effect may be unknown.
		r.cache.forget(prefix)
	}
	return err
}

// releaseTokenName frees the name unless a later token took it over.
func releaseTokenName(w kv.Writer, row *tokenRow) error {
	k := tokenNameKey(row.Tenant, row.Name)
	holder, err := w.Get(k)
	if err != nil || string(holder) != row.ID {
		return err
	}
	return w.Delete(k)
}
