package tenancy

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"time"

	"scimedge/kv"
)

// Refusal is why a token was not accepted, for metrics, the log and the tenant's
// own activity page. The tenant and the prefix are known only when the whole
// token was one of ours: a guessed prefix names nobody.
type Refusal struct {
	Reason      Reason
	TokenTenant string // name of the tenant the token belongs to
	TokenPrefix string
	Err         error // with ReasonUnavailable: what the store said
}

// Authenticate decides whether the bearer of token may speak for tenant, coming
// from remote at the moment now. Exactly one of principal and Refusal.Reason is
// set. The answer follows every change at once: a token that was revoked, or
// whose expiry has come, is refused from the next call on.
//
// A token in the cache costs no allocation and no access to the store; a token
// with a wrong checksum costs neither.
func (r *Registry) Authenticate(ctx context.Context, tenant *Tenant, token []byte, remote netip.Addr, now time.Time) (*Principal, Refusal) {
	if p, refused, known := r.Recall(tenant, token, remote, now); known {
		return p, refused
	}
	return r.LookUp(ctx, tenant, token, remote, now)
}

// Recall is the part of Authenticate that needs no store: known is false when
// only LookUp can tell. The two are apart for callers that ration look-ups.
func (r *Registry) Recall(tenant *Tenant, token []byte, remote netip.Addr, now time.Time) (p *Principal, refused Refusal, known bool) {
	prefix, ok := ParseTokenText(token)
	if !ok {
		return nil, Refusal{Reason: ReasonMalformed}, true
	}
	sum := sha256.Sum256(token) // before the look-up, so that both its answers cost the same
	t, known := r.cache.get(prefix, now)
	if !known {
		return nil, Refusal{}, false
	}
	p, refused = t.compare(sum, tenant, remote, now)
	return p, refused, true
}

// LookUp is the other part of Authenticate: it asks the store, and remembers.
func (r *Registry) LookUp(ctx context.Context, tenant *Tenant, token []byte, remote netip.Addr, now time.Time) (*Principal, Refusal) {
	prefix, ok := ParseTokenText(token)
	if !ok {
		return nil, Refusal{Reason: ReasonMalformed}
	}
	sum := sha256.Sum256(token)
	r.cache.misses.Add(1)
	t, err := r.readToken(ctx, prefix, now)
	if err != nil {
		return nil, Refusal{Reason: ReasonUnavailable, Err: err}
	}
	return t.compare(sum, tenant, remote, now)
}

// compare judges who knows the whole token; t is nil when its prefix is nobody's.
func (t *cachedToken) compare(sum [32]byte, tenant *Tenant, remote netip.Addr, now time.Time) (*Principal, Refusal) {
	if t == nil || subtle.ConstantTimeCompare(t.hash[:], sum[:]) != 1 {
		return nil, Refusal{Reason: ReasonUnknown}
	}
	p := t.principal
	if reason := p.judge(tenant, remote, now); reason != ReasonNone {
		return nil, Refusal{Reason: reason, TokenTenant: p.Tenant.Name, TokenPrefix: p.Token.Prefix}
	}
	return p, Refusal{}
}

// judge looks at a genuine token. Whether the token is alive comes first, so
// that wrong_tenant and wrong_environment always mean a live one.
func (p *Principal) judge(tenant *Tenant, remote netip.Addr, now time.Time) Reason {
	switch {
	case !p.Token.RevokedAt.IsZero():
		return ReasonRevoked
	case p.expiredAt(now):
		return ReasonExpired
	case p.Tenant.ID != tenant.ID && p.Tenant.Organization == tenant.Organization:
		return ReasonWrongEnvironment
	case p.Tenant.ID != tenant.ID:
		return ReasonWrongTenant
	case !p.allowsFrom(remote):
		return ReasonNetwork
	}
	return ReasonNone
}

// readToken looks a prefix up in the store and remembers the outcome.
func (r *Registry) readToken(ctx context.Context, prefix Prefix, now time.Time) (*cachedToken, error) {
	epoch := r.cache.currentEpoch()
	var row *tokenRow
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		row = nil
		k, err := rd.Get(textKey(rowPrefix, prefix.String()))
		if err != nil || k == nil {
			return err
		}
		row, err = getRow[tokenRow](rd, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	if row == nil {
		return r.cache.fill(epoch, prefix, nil, now), nil
	}
	tenant, ok := r.tenants.Load().byID[row.Tenant]
	if !ok {
		return nil, nil // being deleted, or just created: not worth remembering
	}
	t := row.token()
	p := &Principal{Token: t, Tenant: tenant, grants: grantsOf(t.Scopes), used: r.usage.of(t.Tenant, t.ID)}
	if !t.ExpiresAt.IsZero() {
		p.expires = t.ExpiresAt.UnixNano()
	}
	return r.cache.fill(epoch, prefix, &cachedToken{hash: row.Hash, principal: p}, now), nil
}
