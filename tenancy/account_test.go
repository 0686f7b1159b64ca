package tenancy

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/memkv"
)

const password = "correct horse battery staple"

func (w *world) account(tenant, email string, permissions ...string) Account {
	w.t.Helper()
	a, err := w.CreateAccount(w.ctx, tenant, email, permissions, password, tester)
	require.NoError(w.t, err)
	return a
}

func TestAccountsAndSessions(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		acme, staging := w.at("acme"), w.at("acme-staging")
		a := w.account("acme", " Ada@Acme.Test ", PermissionSSO, PermissionSSO)
		require.Equal(t, "ada@acme.test", a.Email)
		_, err := w.CreateAccount(w.ctx, "acme", "ADA@acme.test", nil, password, tester)
		require.ErrorIs(t, err, ErrExists)
		list, err := w.Accounts(w.ctx, "acme")
		require.NoError(t, err)
		require.Equal(t, []Account{a}, list)

		s, err := w.SignIn(w.ctx, acme, "ADA@ACME.TEST", password, home)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(s.ID.Reveal()), 43)
		require.True(t, s.Allows(PermissionSSO))
		require.False(t, s.Allows("other"))
		require.Equal(t, "account:ada@acme.test", s.Actor().String())
		got, err := w.SessionByID(w.ctx, acme, s.ID.Reveal())
		require.NoError(t, err)
		require.Equal(t, Session{Tenant: acme.ID, Account: a.ID, Email: a.Email, Permissions: []string{PermissionSSO},
			CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt}, got)

		_, err = w.SessionByID(w.ctx, staging, s.ID.Reveal())
		require.ErrorIs(t, err, ErrNotFound, "a session is good for its tenant only")
		require.NoError(t, w.SignOut(w.ctx, staging, s.ID.Reveal()))
		_, err = w.SessionByID(w.ctx, acme, s.ID.Reveal())
		require.NoError(t, err, "another tenant cannot end it")
		_, err = w.SignIn(w.ctx, staging, "ada@acme.test", password, home)
		require.ErrorIs(t, err, ErrBadCredentials)

		require.NoError(t, w.SignOut(w.ctx, acme, s.ID.Reveal()))
		require.NoError(t, w.SignOut(w.ctx, acme, s.ID.Reveal()))
		_, err = w.SessionByID(w.ctx, acme, s.ID.Reveal())
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestSessionsEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, memkv.New(memkv.Options{}), Options{Clock: time.Now, SessionTTL: time.Hour})
		w.account("acme", "ada@acme.test")
		s, err := w.SignIn(w.ctx, w.at("acme"), "ada@acme.test", password, home)
		require.NoError(t, err)
		time.Sleep(time.Hour - time.Millisecond)
		_, err = w.SessionByID(w.ctx, w.at("acme"), s.ID.Reveal())
		require.NoError(t, err)
		time.Sleep(time.Millisecond)
		_, err = w.SessionByID(w.ctx, w.at("acme"), s.ID.Reveal())
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestSessionsOfAnAccountAreBounded(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{Limited: true}), Options{})
	row := &accountRow{ID: w.account("acme", "ada@acme.test").ID, Tenant: w.at("acme").ID, Email: "ada@acme.test"}
	var first Session
	for i := range maxSessions + 1 {
		s, err := w.openSession(w.ctx, w.at("acme"), row, w.now(), home)
		require.NoError(t, err)
		if i == 0 {
			first = s
		}
		w.clock.advance(time.Second)
	}
	_, err := w.SessionByID(w.ctx, w.at("acme"), first.ID.Reveal())
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, maxSessions, w.countRows(rowSession))
	w.clock.advance(24 * time.Hour)
	_, err = w.openSession(w.ctx, w.at("acme"), row, w.now(), home)
	require.NoError(t, err)
	require.Equal(t, 1, w.countRows(rowSession), "sessions that are over go at the next sign-in")
	require.Equal(t, 1, w.countRows(rowSessionOf))
}

func (w *world) countRows(kind byte) (n int) {
	keys, _ := rows(w.t, w.store)
	for _, k := range keys {
		if k[0] == kind {
			n++
		}
	}
	return n
}

// S12: the sixth failed sign-in in a minute is turned away, right password or not,
// and nothing tells an account that exists from one that does not.
func TestSixthFailedSignInIsTurnedAway(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	w.account("acme", "ada@acme.test")
	for _, email := range []string{"ada@acme.test", "nobody@acme.test"} {
		for range maxAttempts {
			_, err := w.SignIn(w.ctx, w.at("acme"), email, "wrong password", home)
			require.Equal(t, ErrBadCredentials, err)
			w.clock.advance(time.Second)
		}
		for _, p := range []string{"wrong password", password} {
			_, err := w.SignIn(w.ctx, w.at("acme"), strings.ToUpper(email), p, home)
			require.Equal(t, ErrTooManyAttempts, err)
		}
	}
	w.clock.advance(time.Minute)
	_, err := w.SignIn(w.ctx, w.at("acme"), "ada@acme.test", password, home)
	require.NoError(t, err)
}

func TestOneSourceCannotTryManyAccounts(t *testing.T) {
	l, err := newAttemptLimiter()
	require.NoError(t, err)
	now := newClock().now()
	for i := range maxSourceAttempts {
		addr := netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)) // one network is one source
		require.True(t, l.begin(sourceOf(addr), maxSourceAttempts, now))
	}
	require.False(t, l.begin(sourceOf(netip.MustParseAddr("2001:db8::ffff")), maxSourceAttempts, now))
	require.True(t, l.begin(sourceOf(netip.MustParseAddr("2001:db8:0:1::1")), maxSourceAttempts, now))
	require.True(t, l.begin(sourceOf(netip.Addr{}), maxSourceAttempts, now))
	require.Equal(t, sourceOf(netip.MustParseAddr("::ffff:192.0.2.1")), sourceOf(netip.MustParseAddr("192.0.2.1")))
	l.undo(sourceOf(netip.MustParseAddr("2001:db8::1")))
	require.True(t, l.begin(sourceOf(netip.MustParseAddr("2001:db8::1")), maxSourceAttempts, now))
}

func TestSideBySideAttemptsDoNotSlipThrough(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	var tried, turned atomic.Int64
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			switch _, err := w.SignIn(w.ctx, w.at("acme"), "ada@acme.test", "wrong password", home); err {
			case ErrBadCredentials:
				tried.Add(1)
			case ErrTooManyAttempts:
				turned.Add(1)
			}
		})
	}
	wg.Wait()
	require.Equal(t, []int64{maxAttempts, 12 - maxAttempts}, []int64{tried.Load(), turned.Load()})
}

func TestCreateAccountRefusals(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	for _, email := range []string{"", "ada", "@x", "ada@", "a@b@c", "a b@c", "a\x00@b", strings.Repeat("a", 250) + "@b.test", "a\xff@b"} {
		_, err := w.CreateAccount(w.ctx, "acme", email, nil, password, tester)
		require.ErrorIs(t, err, ErrInvalid, "%q", email)
		_, err = w.SignIn(w.ctx, w.at("acme"), email, password, home)
		require.Equal(t, ErrBadCredentials, err)
	}
	for _, p := range []string{"", "short", strings.Repeat("x", MaxPassword+1), "not utf-8 \xff"} {
		_, err := w.CreateAccount(w.ctx, "acme", "ada@acme.test", nil, p, tester)
		require.ErrorIs(t, err, ErrInvalid)
	}
	_, err := w.CreateAccount(w.ctx, "acme", "ada@acme.test", []string{"root"}, password, tester)
	require.ErrorIs(t, err, ErrInvalid)
	_, err = w.CreateAccount(w.ctx, "nobody", "ada@acme.test", nil, password, tester)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestPasswordHashesAreArgon2idInPHCForm(t *testing.T) {
	h := newPasswordHasher(1, Options{}.withDefaults().Rand)
	phc, err := h.hash(t.Context(), password)
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, phc)
	again, err := h.hash(t.Context(), password)
	require.NoError(t, err)
	require.NotEqual(t, phc, again, "salted")
	for p, want := range map[string]bool{password: true, password + "x": false, "": false} {
		ok, err := h.verify(t.Context(), p, phc)
		require.NoError(t, err)
		require.Equal(t, want, ok)
	}
	ok, err := h.verify(t.Context(), password, "")
	require.NoError(t, err)
	require.False(t, ok, "no hash opens nothing")
	for _, broken := range []string{"x", "$argon2i$v=19$m=1,t=1,p=1$a$b", strings.Replace(phc, "p=1", "p=0", 1), strings.Replace(phc, "t=2", "t=0", 1), phc[:60], strings.Replace(phc, "m=19456", "m=4000000000", 1)} {
		_, err := h.verify(t.Context(), password, broken)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "$")
	}
}

func TestAuditIsChainedAndEditsShow(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		w.account("acme", "ada@acme.test", PermissionSSO)
		token, _ := w.token("acme", NewToken{})
		require.NoError(t, w.RevokeToken(w.ctx, "acme", token.ID, tester))
		require.NoError(t, w.SetPaused(w.ctx, "acme", true, tester))
		trail, err := w.Audit(w.ctx, "acme", 0, 100)
		require.NoError(t, err)
		var actions []Action
		for i, rec := range trail {
			require.Equal(t, uint64(i+1), rec.N)
			require.Equal(t, "cli:test", rec.By)
			actions = append(actions, rec.Action)
		}
		require.Equal(t, []Action{ActionTenantCreated, ActionAccountCreated, ActionTokenCreated, ActionTokenRevoked, ActionTenantPaused}, actions)
		page, err := w.Audit(w.ctx, "acme", 2, 2)
		require.NoError(t, err)
		require.Equal(t, trail[2:4], page)
		n, err := w.VerifyAudit(w.ctx, "acme")
		require.NoError(t, err)
		require.Equal(t, uint64(5), n)

		id := w.at("acme").ID
		tampering := func(change func(kv.Writer) error) {
			_, err := w.store.Update(w.ctx, kv.System, change)
			require.NoError(t, err)
			_, err = w.VerifyAudit(w.ctx, "acme")
			require.ErrorIs(t, err, kv.ErrCorrupt)
		}
		put := func(rec AuditRecord) {
			_, err := w.store.Update(w.ctx, kv.System, func(wr kv.Writer) error { return putRow(wr, auditKey(id, rec.N), rec) })
			require.NoError(t, err)
		}
		for i := range trail {
			edited := trail[i]
			edited.By = "account:mallory@acme.test"
			tampering(func(wr kv.Writer) error { return putRow(wr, auditKey(id, edited.N), edited) })
			put(trail[i])
			tampering(func(wr kv.Writer) error { return wr.Delete(auditKey(id, edited.N)) })
			put(trail[i])
		}
		_, err = w.VerifyAudit(w.ctx, "acme")
		require.NoError(t, err)
		extra := trail[4]
		extra.N = 6
		tampering(func(wr kv.Writer) error { return putRow(wr, auditKey(id, 6), extra) })
	})
}
