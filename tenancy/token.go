package tenancy

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// State is what a token is good for at one moment.
type State string

// The states of a token.
const (
	StateActive   State = "active"
	StateExpiring State = "expiring" // accepted, and ends within 30 days
	StateExpired  State = "expired"
	StateRevoked  State = "revoked"
)

const day = 24 * time.Hour

// Lifetimes of tokens.
const (
	DefaultLifetime = 365 * day
	MaxLifetime     = 3650 * day // more is "never", which the configuration has to allow
	ExpiryNotice    = 30 * day   // how long before its end a token counts as expiring
)

// IdPGeneric is the identity provider of a token that names none.
const IdPGeneric = "generic"

// IdPs lists the identity providers a token can be declared for. The list is
// closed because the value is a label of metrics.
func IdPs() []string {
	return []string{
		"okta", "entra", "onelogin", "jumpcloud", "pingone", "pingfederate", "google",
		"rippling", "keycloak", "authentik", "cyberark", "duo", "sailpoint", IdPGeneric,
	}
}

// Token is a credential of an identity provider, without its secret: what is
// held here may be listed and logged.
type Token struct {
	ID          string
	Tenant      string // the tenant's id
	Name        string
	Prefix      string
	Environment Environment
	IdP         string
	Scopes      []string
	AllowCIDRs  []netip.Prefix // empty: from anywhere
	User        string         // id of the user that /Me stands for; empty: nobody
	CreatedAt   time.Time
	CreatedBy   string
	ExpiresAt   time.Time // zero: never
	LastUsedAt  time.Time // zero: not yet
	RevokedAt   time.Time // zero: not revoked
	RevokedBy   string
	State       State // as of the moment it was listed
}

// StateAt is the token's state at the moment now.
func (t *Token) StateAt(now time.Time) State {
	switch {
	case !t.RevokedAt.IsZero():
		return StateRevoked
	case t.ExpiresAt.IsZero():
		return StateActive
	case !now.Before(t.ExpiresAt):
		return StateExpired
	case !now.Before(t.ExpiresAt.Add(-ExpiryNotice)):
		return StateExpiring
	}
	return StateActive
}

// MarshalJSON gives the form the API and the command line list tokens in: all
// members are always there, a time that has not come is null.
func (t Token) MarshalJSON() ([]byte, error) {
	orNull := func(at time.Time) *time.Time {
		if at.IsZero() {
			return nil
		}
		return &at
	}
	return json.Marshal(struct {
		ID          string         `json:"id"`
		Name        string         `json:"name"`
		Prefix      string         `json:"prefix"`
		Environment Environment    `json:"environment"`
		IdP         string         `json:"idp"`
		Scopes      []string       `json:"scopes"`
		AllowCIDRs  []netip.Prefix `json:"allow_cidrs"`
		User        string         `json:"user,omitempty"`
		CreatedAt   time.Time      `json:"created_at"`
		CreatedBy   string         `json:"created_by"`
		ExpiresAt   *time.Time     `json:"expires_at"`
		LastUsedAt  *time.Time     `json:"last_used_at"`
		RevokedAt   *time.Time     `json:"revoked_at"`
		RevokedBy   string         `json:"revoked_by,omitempty"`
		State       State          `json:"state"`
	}{
		t.ID, t.Name, t.Prefix, t.Environment, t.IdP, t.Scopes, t.AllowCIDRs, t.User, t.CreatedAt, t.CreatedBy,
		orNull(t.ExpiresAt), orNull(t.LastUsedAt), orNull(t.RevokedAt), t.RevokedBy, t.State,
	})
}

// NewToken is what CreateToken needs to know. Of ExpiresIn, ExpiresAt and Never
// at most one may be given; none means DefaultLifetime.
type NewToken struct {
	Name       string
	ExpiresIn  time.Duration
	ExpiresAt  time.Time
	Never      bool
	IdP        string   // default: generic
	Scopes     []string // default: scim
	AllowCIDRs []string // addresses or networks
	User       string   // id of the user that /Me stands for; default: nobody
}

// check turns the request into a token record, still without id and prefix.
func (n NewToken) check(now time.Time, neverAllowed bool) (Token, error) {
	var t Token
	var err error
	if err = checkTokenName(n.Name); err != nil {
		return t, err
	}
	t.Name = n.Name
	if t.ExpiresAt, err = n.expiry(now, neverAllowed); err != nil {
		return t, err
	}
	if t.IdP = n.IdP; t.IdP == "" {
		t.IdP = IdPGeneric
	}
	if !slices.Contains(IdPs(), t.IdP) {
		return t, invalid("idp", "the identity provider %q is not known; use one of %s", clip(t.IdP), strings.Join(IdPs(), ", "))
	}
	if t.Scopes, err = checkScopes(n.Scopes); err != nil {
		return t, err
	}
	if t.AllowCIDRs, err = parseCIDRs(n.AllowCIDRs); err != nil {
		return t, err
	}
	t.User = n.User
	return t, checkUserID(n.User)
}

// checkUserID wants the form of a resource id, a UUID in lower case. Whether the
// user exists is for a caller to find out who knows the directory.
func checkUserID(id string) error {
	if id == "" {
		return nil
	}
	ok := len(id) == 36
	for i := 0; ok && i < len(id); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			ok = id[i] == '-'
		} else {
			ok = strings.IndexByte("0123456789abcdef", id[i]) >= 0
		}
	}
	if !ok {
		return invalid("user", "%q is not the id of a user; ids look like 01980f2c-7d1e-7c3a-9b60-5f2f3a9e4c11", clip(id))
	}
	return nil
}

func (n NewToken) expiry(now time.Time, neverAllowed bool) (time.Time, error) {
	given := 0
	for _, is := range []bool{n.ExpiresIn != 0, !n.ExpiresAt.IsZero(), n.Never} {
		if is {
			given++
		}
	}
	at := now.Add(DefaultLifetime)
	switch {
	case given > 1:
		return at, invalid("expires_at", "a token has one expiry: give a duration, a time or never, not several")
	case n.Never && !neverAllowed:
		return at, invalid("expires_at", "tokens that never expire are not allowed here; the configuration has to permit them (tokens.never_expires)")
	case n.Never:
		return time.Time{}, nil
	case n.ExpiresIn != 0:
		// Compared before adding, since now.Add of an absurd duration wraps around.
		if n.ExpiresIn < 0 || n.ExpiresIn > MaxLifetime {
			return at, invalid("expires_in", "a token lives for more than nothing and at most %d days", int(MaxLifetime/day))
		}
		at = now.Add(n.ExpiresIn)
	case !n.ExpiresAt.IsZero():
		at = n.ExpiresAt
	}
	at = storedTime(at)
	if !at.After(now) || at.Sub(now) > MaxLifetime {
		return at, invalid("expires_at", "the expiry must lie in the future and at most %d days away", int(MaxLifetime/day))
	}
	return at, nil
}

func checkTokenName(name string) error {
	n := utf8.RuneCountInString(name)
	if n < 1 || n > 64 || !utf8.ValidString(name) || strings.TrimSpace(name) != name {
		return invalid("name", "a token's name has 1 to 64 characters and does not begin or end with a space; okta-prod would do")
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return invalid("name", "a token's name consists of visible characters; %+q holds another", clip(name))
		}
	}
	return nil
}

// parseCIDRs reads networks, and single addresses as networks of one. An
// IPv4-mapped network is refused: callers are compared by their plain address.
func parseCIDRs(texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	if len(texts) > 64 {
		return nil, invalid("allow_cidrs", "a token is limited to at most 64 networks")
	}
	for _, s := range texts {
		p, err := netip.ParsePrefix(s)
		if addr, addrErr := netip.ParseAddr(s); addrErr == nil && addr.Zone() == "" {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() {
			return nil, invalid("allow_cidrs", "%q is not a network such as 203.0.113.0/24 or 2001:db8::/32", clip(s))
		}
		if p = p.Masked(); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// storedTime is the precision times are kept in, so that a value reads back as
// it was written.
func storedTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
