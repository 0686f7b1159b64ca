package tenancy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	stdjson "encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"scimedge/kv/memkv"
)

func TestCreateTokenDefaults(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		token, text := w.token("acme", NewToken{Name: "Okta – prod"})
		prefix, ok := ParseTokenText([]byte(text))
		require.True(t, ok)
		require.Equal(t, prefix.String(), token.Prefix)
		require.Equal(t, w.at("acme").ID, token.Tenant)
		require.Equal(t, []any{DefaultEnvironment, IdPGeneric, []string{ScopeSCIM}, "cli:test", StateActive},
			[]any{token.Environment, token.IdP, token.Scopes, token.CreatedBy, token.State})
		require.Equal(t, w.clock.now().Add(365*day), token.ExpiresAt)
		list, err := w.Tokens(w.ctx, token.Tenant)
		require.NoError(t, err)
		require.Equal(t, []Token{token}, list)
		others, err := w.Tokens(w.ctx, "acme-staging")
		require.NoError(t, err)
		require.Empty(t, others)
	})
}

func TestAUTH12_TokensHaveAnEnd(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	now := w.clock.now()
	for _, n := range []NewToken{
		{Never: true}, {ExpiresIn: -time.Hour}, {ExpiresIn: MaxLifetime + day}, {ExpiresIn: 1<<63 - 1}, {ExpiresIn: time.Microsecond},
		{ExpiresAt: now}, {ExpiresAt: now.Add(-day)}, {ExpiresAt: now.Add(MaxLifetime + day)}, {ExpiresAt: now.Add(1<<63 - 1)},
		{ExpiresIn: day, ExpiresAt: now.Add(day)}, {ExpiresIn: day, Never: true},
	} {
		n.Name = "x"
		_, text, err := w.CreateToken(w.ctx, "acme", n, tester)
		require.ErrorIs(t, err, ErrInvalid, "%+v", n)
		require.Empty(t, text)
	}
	allowed := newWorld(t, memkv.New(memkv.Options{}), Options{NeverExpires: true})
	token, text := allowed.token("acme", NewToken{Never: true})
	require.Zero(t, token.ExpiresAt)
	allowed.clock.advance(100 * 365 * day)
	require.Equal(t, ReasonNone, allowed.auth(allowed.at("acme"), text))
	require.Equal(t, StateActive, token.StateAt(allowed.clock.now()))
}

func TestTokenStates(t *testing.T) {
	now := newClock().now()
	for want, token := range map[State]Token{
		StateActive:   {ExpiresAt: now.Add(ExpiryNotice + time.Millisecond)},
		StateExpiring: {ExpiresAt: now.Add(ExpiryNotice)},
		StateExpired:  {ExpiresAt: now},
		StateRevoked:  {ExpiresAt: now.Add(-day), RevokedAt: now},
	} {
		require.Equal(t, want, token.StateAt(now))
	}
}

func TestCreateTokenRefusals(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	for field, list := range map[string][]NewToken{
		"name":   {{}, {Name: strings.Repeat("é", 65)}, {Name: "a\nb"}, {Name: " a"}, {Name: "a\u202eb"}, {Name: "a\xff"}, {Name: "\x1b[31m"}},
		"idp":    {{Name: "x", IdP: "okta2"}, {Name: "x", IdP: "Okta"}},
		"scopes": {{Name: "x", Scopes: []string{"admin"}}, {Name: "x", Scopes: []string{""}}},
		"allow_cidrs": {
			{Name: "x", AllowCIDRs: []string{"x"}}, {Name: "x", AllowCIDRs: []string{"10.0.0.0/33"}},
			{Name: "x", AllowCIDRs: []string{"::ffff:10.0.0.0/104"}}, {Name: "x", AllowCIDRs: []string{"fe80::1%eth0"}},
			{Name: "x", AllowCIDRs: make([]string, 65)},
		},
	} {
		for _, n := range list {
			_, _, err := w.CreateToken(w.ctx, "acme", n, tester)
			var e *Error
			require.ErrorAs(t, err, &e, "%+v", n)
			require.Equal(t, field, e.Field, "%+v", n)
		}
	}
	_, _, err := w.CreateToken(w.ctx, "nobody", NewToken{Name: "x"}, tester)
	require.ErrorIs(t, err, ErrNotFound)
	for _, idp := range IdPs() {
		_, _, err := w.CreateToken(w.ctx, "acme", NewToken{Name: idp, IdP: idp}, tester)
		require.NoError(t, err)
	}
}

func TestTokenNamesAreUniqueAmongLiveTokens(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		first, _ := w.token("acme", NewToken{Name: "Okta", ExpiresIn: day})
		_, _, err := w.CreateToken(w.ctx, "acme", NewToken{Name: "okta"}, tester)
		require.ErrorIs(t, err, ErrExists)
		w.token("acme-staging", NewToken{Name: "Okta"}) // another tenant
		w.clock.advance(2 * day)
		second, _ := w.token("acme", NewToken{Name: "okta"}) // the first has expired
		require.NoError(t, w.RevokeToken(w.ctx, "acme", first.ID, tester))
		_, _, err = w.CreateToken(w.ctx, "acme", NewToken{Name: "OKTA"}, tester)
		require.ErrorIs(t, err, ErrExists, "revoking the expired one does not free the name")
		require.NoError(t, w.RevokeToken(w.ctx, "acme", second.ID, tester))
		w.token("acme", NewToken{Name: "OKTA"})
	})
}

func TestRevokedTokensStayListed(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		token, _ := w.token("acme", NewToken{})
		require.ErrorIs(t, w.RevokeToken(w.ctx, "globex", token.ID, tester), ErrNotFound, "another tenant's token is not there")
		for _, id := range []string{"", "x", "0000000000000000", strings.Repeat("a", 2000)} {
			require.ErrorIs(t, w.RevokeToken(w.ctx, "acme", id, tester), ErrNotFound)
		}
		require.NoError(t, w.RevokeToken(w.ctx, "acme", token.ID, tester))
		at := w.clock.now()
		w.clock.advance(time.Hour)
		require.NoError(t, w.RevokeToken(w.ctx, "acme", token.ID, Actor{Kind: "cli", Name: "other"}))
		list, err := w.Tokens(w.ctx, "acme")
		require.NoError(t, err)
		require.Equal(t, StateRevoked, list[0].State)
		require.Equal(t, at, list[0].RevokedAt)
		require.Equal(t, "cli:test", list[0].RevokedBy)
		trail, err := w.Audit(w.ctx, "acme", 2, 10)
		require.NoError(t, err)
		require.Len(t, trail, 1, "revoking twice is recorded once")
	})
}

func TestFlushLastUsedWritesOnlyWhatChanged(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		for i := range 90 { // more than one transaction of the small store
			_, text := w.token("acme", NewToken{Name: fmt.Sprint("t", i)})
			p, _ := w.Authenticate(w.ctx, w.at("acme"), []byte(text), home, w.clock.now())
			p.Touch(w.clock.now())
			p.Touch(w.clock.now().Add(-time.Hour)) // a late one does not turn it back
		}
		used := w.clock.now()
		require.NoError(t, w.FlushLastUsed(w.ctx))
		before, _ := rows(t, w.store)
		require.NoError(t, w.FlushLastUsed(w.ctx))
		w.clock.advance(time.Minute)
		r, err := Open(w.ctx, w.store, Options{Clock: w.clock.now})
		require.NoError(t, err)
		list, err := r.Tokens(w.ctx, "acme")
		require.NoError(t, err)
		require.Len(t, list, 90)
		for _, token := range list {
			require.Equal(t, used, token.LastUsedAt)
		}
		after, _ := rows(t, w.store)
		require.Equal(t, before, after)
	})
}

func TestTokenListsMergeUnflushedUse(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{TokenCacheSize: 1})
	_, text := w.token("acme", NewToken{Name: "a"})
	p, _ := w.Authenticate(w.ctx, w.at("acme"), []byte(text), home, w.clock.now())
	p.Touch(w.clock.now())
	_, other := w.token("acme", NewToken{Name: "b"})
	require.Equal(t, ReasonNone, w.auth(w.at("acme"), other)) // evicts the first
	list, err := w.Tokens(w.ctx, "acme")
	require.NoError(t, err)
	for _, token := range list {
		require.Equal(t, token.Name == "a", token.LastUsedAt.Equal(w.clock.now()), token.Name)
	}
}

// AUTH-A02: the store holds the hash and the prefix, and nothing that is handed
// out holds either the plaintext or the hash.
func TestAUTHA02_NoSecretIsKeptOrPrinted(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	token, text := w.token("acme", NewToken{})
	require.Equal(t, ReasonNone, w.auth(w.at("acme"), text))
	_, err := w.CreateAccount(w.ctx, "acme", "ada@acme.test", nil, "correct horse", tester)
	require.NoError(t, err)
	session, err := w.SignIn(w.ctx, w.at("acme"), "ada@acme.test", "correct horse", home)
	require.NoError(t, err)
	p, _ := w.Authenticate(w.ctx, w.at("acme"), []byte(text), home, w.clock.now())

	sum := sha256.Sum256([]byte(text))
	secret := text[prefixEnd+1 : secretEnd]
	hashes := []string{hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[:]), string(sum[:]), fmt.Sprint(sum[:])}

	var printed []string
	for _, v := range []any{token, &token, p, session, &session, session.ID, []any{token, p, session}} {
		printed = append(printed, fmt.Sprintf("%v %+v %#v %s %q", v, v, v, v, v))
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		printed = append(printed, log.String())
		if _, isPrincipal := v.(*Principal); !isPrincipal {
			a, err := json.Marshal(v)
			require.NoError(t, err)
			b, err := stdjson.Marshal(v)
			require.NoError(t, err)
			printed = append(printed, string(a), string(b))
		}
	}
	b, err := json.Marshal(p)
	require.NoError(t, err)
	all := strings.Join(append(printed, string(b)), "\n")
	require.NotEmpty(t, all)
	for _, s := range append(hashes, secret, session.ID.Reveal(), "correct horse", "argon2id") {
		require.NotContains(t, all, s)
	}
	keys, values := rows(t, w.store)
	stored := strings.Join(keys, "\n") + strings.Join(values, "\n")
	for _, s := range []string{secret, session.ID.Reveal(), "correct horse"} {
		require.NotContains(t, stored, s)
	}
	require.Contains(t, stored, token.Prefix)
}

func TestTokenJSONHasTheMembersOfTheContract(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	token, _ := w.token("acme", NewToken{IdP: "okta"})
	b, err := stdjson.Marshal(token)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, stdjson.Unmarshal(b, &m))
	for _, name := range []string{"id", "name", "prefix", "environment", "idp", "created_at", "created_by", "expires_at", "last_used_at", "state"} {
		require.Contains(t, m, name)
	}
	require.Nil(t, m["last_used_at"])
	require.Equal(t, "2027-03-01T12:00:00Z", m["expires_at"])
}
