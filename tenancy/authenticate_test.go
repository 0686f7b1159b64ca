package tenancy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/memkv"
)

func TestAUTH04_EveryReason(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		acme, staging, globex := w.at("acme"), w.at("acme-staging"), w.at("globex")
		live, text := w.token("acme", NewToken{})
		_, short := w.token("acme", NewToken{Name: "short", ExpiresIn: time.Hour})
		gone, revoked := w.token("acme", NewToken{Name: "gone"})
		require.NoError(t, w.RevokeToken(w.ctx, "acme", gone.ID, tester))
		_, fenced := w.token("acme", NewToken{Name: "fenced", AllowCIDRs: []string{"198.51.100.0/24", "2001:db8::1"}})
		never, _, err := NewTokenText(w.opts.Rand)
		require.NoError(t, err)
		w.clock.advance(time.Hour)

		for range 2 { // out of the store, then out of the cache
			for _, c := range []struct {
				at    *Tenant
				token string
				want  Reason
			}{
				{acme, text, ReasonNone}, {staging, text, ReasonWrongEnvironment}, {globex, text, ReasonWrongTenant},
				{acme, short, ReasonExpired}, {globex, short, ReasonExpired}, {acme, revoked, ReasonRevoked}, {staging, revoked, ReasonRevoked},
				{acme, never, ReasonUnknown}, {acme, fenced, ReasonNetwork}, {acme, "", ReasonMalformed}, {acme, "secret", ReasonMalformed},
				{acme, text[:len(text)-1], ReasonMalformed}, {acme, forge(text), ReasonUnknown},
			} {
				require.Equal(t, c.want, w.auth(c.at, c.token), "%s at %s", c.token, c.at.Name)
			}
		}
		_, refusal := w.Authenticate(w.ctx, globex, []byte(text), home, w.clock.now())
		require.Equal(t, Refusal{Reason: ReasonWrongTenant, TokenTenant: "acme", TokenPrefix: live.Prefix}, refusal)
		_, refusal = w.Authenticate(w.ctx, globex, []byte(forge(text)), home, w.clock.now())
		require.Equal(t, Refusal{Reason: ReasonUnknown}, refusal, "a guessed prefix names nobody")
		for addr, want := range map[string]Reason{
			"198.51.100.9": "", "::ffff:198.51.100.9": "", "2001:db8::1": "", "2001:db8::2": ReasonNetwork, "203.0.113.7": ReasonNetwork,
		} {
			_, refusal := w.Authenticate(w.ctx, acme, []byte(fenced), netip.MustParseAddr(addr), w.clock.now())
			require.Equal(t, want, refusal.Reason, addr)
		}
		_, refusal = w.Authenticate(w.ctx, acme, []byte(fenced), netip.Addr{}, w.clock.now())
		require.Equal(t, ReasonNetwork, refusal.Reason, "an unknown address is in no network")
	})
}

// forge keeps prefix and form of a token and changes its secret.
func forge(text string) string {
	b := []byte(text[:secretEnd])
	b[secretEnd-1] ^= 1
	if !isBase62(b[secretEnd-1]) {
		b[secretEnd-1] = '0' // whose own neighbour is a digit, so it cannot have been there
	}
	sum := checksum(b)
	return string(b) + string(sum[:])
}

func TestTEN02_TokensOpenTheirOwnTenantOnly(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	for owner := range atHosts {
		_, text := w.token(owner, NewToken{})
		for host := range atHosts {
			require.Equal(t, owner == host, w.auth(w.at(host), text) == ReasonNone, "token of %s at %s", owner, host)
		}
	}
}

func TestAUTH05_ScopesAllow(t *testing.T) {
	for scopes, want := range map[string]string{ // which of read and write, by endpoint
		"scim":                 "Users:rw Groups:rw Me:rw Bulk:rw .search:rw",
		"scim:read":            "Users:r Groups:r Me:r Bulk:r .search:r",
		"scim:users":           "Users:rw Groups: Me:rw Bulk:rw .search:rw",
		"scim:users scim:read": "Users:rw Groups:r Me:rw Bulk:rw .search:rw",
	} {
		p := &Principal{grants: grantsOf(strings.Fields(scopes))}
		var got []string
		for _, endpoint := range []string{"Users", "Groups", "Me", "Bulk", ".search"} {
			s := endpoint + ":"
			if p.Allows(false, endpoint) {
				s += "r"
			}
			if p.Allows(true, endpoint) {
				s += "w"
			}
			got = append(got, s)
		}
		require.Equal(t, want, strings.Join(got, " "), scopes)
	}
	require.False(t, (&Principal{}).Allows(false, "Users"), "no scope, no access")
}

func TestAUTHA01_RevocationWinsOverTheCache(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		acme := w.at("acme")
		for i := range 200 {
			token, text := w.token("acme", NewToken{Name: fmt.Sprint(i)})
			if i%2 == 0 {
				require.Equal(t, ReasonNone, w.auth(acme, text))
			}
			require.NoError(t, w.RevokeToken(w.ctx, "acme", token.ID, tester))
			require.Equal(t, ReasonRevoked, w.auth(acme, text))
		}
	})
}

// Requests hammer a token while it is revoked: none that began after the
// revocation returned is let in, whatever was being looked up meanwhile.
func TestAUTHA01_RevocationUnderLoad(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{TokenCacheSize: 2})
	acme := w.at("acme")
	for i := range 100 {
		token, text := w.token("acme", NewToken{Name: fmt.Sprint(i)})
		var revoked atomic.Bool
		var wg sync.WaitGroup
		var after atomic.Int64
		for range 4 {
			wg.Go(func() {
				for after.Load() < 20 {
					late := revoked.Load()
					reason := w.auth(acme, text)
					if late {
						after.Add(1)
						if reason != ReasonRevoked {
							t.Errorf("accepted after the revocation: %q", reason)
						}
					}
				}
			})
		}
		require.NoError(t, w.RevokeToken(w.ctx, "acme", token.ID, tester))
		revoked.Store(true)
		wg.Wait()
	}
}

func TestAUTHA01_ExpiryIsCheckedOnEveryHit(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	_, text := w.token("acme", NewToken{ExpiresIn: time.Minute})
	require.Equal(t, ReasonNone, w.auth(w.at("acme"), text))
	w.clock.advance(time.Minute - time.Millisecond)
	require.Equal(t, ReasonNone, w.auth(w.at("acme"), text))
	w.clock.advance(time.Millisecond)
	require.Equal(t, ReasonExpired, w.auth(w.at("acme"), text))
	require.Equal(t, uint64(2), w.CacheStats().Hits)
}

// countingStore counts reads and can refuse them.
type countingStore struct {
	kv.Store
	views atomic.Int64
	fail  atomic.Bool
}

func (s *countingStore) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	s.views.Add(1)
	if s.fail.Load() {
		return errors.New("disk on fire")
	}
	return s.Store.View(ctx, p, fn)
}

func TestNegativeCacheSavesReadsAndForgets(t *testing.T) {
	store := &countingStore{Store: memkv.New(memkv.Options{})}
	w := newWorld(t, store, Options{NegativeCacheSize: 100})
	acme := w.at("acme")
	text, prefix, err := NewTokenText(w.opts.Rand)
	require.NoError(t, err)
	store.views.Store(0)
	for range 50 {
		require.Equal(t, ReasonUnknown, w.auth(acme, text))
		require.Equal(t, ReasonMalformed, w.auth(acme, text[:60]+"000"))
	}
	require.Equal(t, int64(1), store.views.Load(), "one read for the unknown token, none for bad checksums")
	w.clock.advance(5 * time.Second)
	require.Equal(t, ReasonUnknown, w.auth(acme, text))
	require.Equal(t, int64(2), store.views.Load())

	// A token made with a prefix that was just asked for is accepted at once.
	token := Token{ID: "0123456789abcdef", Tenant: acme.ID, Name: "x", Prefix: prefix.String(), Scopes: []string{ScopeSCIM}, ExpiresAt: w.clock.now().Add(day)}
	require.NoError(t, w.insertToken(w.ctx, acme, token, sha256.Sum256([]byte(text)), tester))
	w.cache.forget(prefix)
	require.Equal(t, ReasonNone, w.auth(acme, text))

	for range 300 {
		text, _, err := NewTokenText(w.opts.Rand)
		require.NoError(t, err)
		require.Equal(t, ReasonUnknown, w.auth(acme, text))
	}
	stats := w.CacheStats()
	require.Equal(t, 100, stats.NegativeEntries)
	require.Equal(t, 1, stats.Entries, "unknown tokens push no live one out")
}

func TestFillAfterAChangeIsDropped(t *testing.T) {
	c, err := newTokenCache(10, 10, time.Second)
	require.NoError(t, err)
	now, p := newClock().now(), Prefix{1}
	stale, fresh := &cachedToken{}, &cachedToken{}
	epoch := c.currentEpoch()
	c.forget(p)
	require.Same(t, stale, c.fill(epoch, p, stale, now), "the request itself goes on")
	require.Nil(t, c.fill(epoch, p, nil, now))
	_, known := c.get(p, now)
	require.False(t, known)
	epoch = c.currentEpoch()
	require.Same(t, fresh, c.fill(epoch, p, fresh, now))
	require.Same(t, fresh, c.fill(epoch, p, stale, now), "the first to fill wins")
}

func TestAFailingStoreIsNotARefusal(t *testing.T) {
	store := &countingStore{Store: memkv.New(memkv.Options{})}
	w := newWorld(t, store, Options{})
	_, cached := w.token("acme", NewToken{Name: "a"})
	_, cold := w.token("acme", NewToken{Name: "b"})
	acme := w.at("acme")
	require.Equal(t, ReasonNone, w.auth(acme, cached))
	store.fail.Store(true)
	require.Equal(t, ReasonNone, w.auth(acme, cached))
	p, refusal := w.Authenticate(w.ctx, acme, []byte(cold), home, w.clock.now())
	require.Nil(t, p)
	require.Equal(t, ReasonUnavailable, refusal.Reason)
	require.ErrorContains(t, refusal.Err, "disk on fire")
	store.fail.Store(false)
	require.Equal(t, ReasonNone, w.auth(acme, cold))
}

func TestAttachBuildsOncePerPrincipal(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	_, text := w.token("acme", NewToken{})
	var built atomic.Int64
	get := func() any {
		p, _ := w.Authenticate(w.ctx, w.at("acme"), []byte(text), home, w.clock.now())
		return p.Attach(func() any { return built.Add(1) })
	}
	var wg sync.WaitGroup
	require.Equal(t, int64(1), get())
	for range 8 {
		wg.Go(func() { get() })
	}
	wg.Wait()
	require.Equal(t, int64(1), built.Load())
	require.NoError(t, w.SetProfile(w.ctx, "acme", ProfileStrict, tester))
	require.Equal(t, int64(2), get(), "a change of the tenant makes a new principal")
}

func TestAuthenticateHitDoesNotAllocate(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	_, text := w.token("acme", NewToken{AllowCIDRs: []string{"203.0.113.0/24"}})
	header, now := []byte("Bearer "+text), w.clock.now()
	require.Zero(t, testing.AllocsPerRun(1000, func() { hit(w, header, now) }))
}

func hit(w *world, header []byte, now time.Time) {
	tenant, _ := w.Resolve("acme.test")
	token, _ := ParseAuthorization(header)
	p, _ := w.Authenticate(w.ctx, tenant, token, home, now)
	p.Touch(now)
	p.Attach(func() any { return w })
	if !p.Allows(true, "Users") {
		panic("scope")
	}
}
