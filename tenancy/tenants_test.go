package tenancy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/memkv"
)

func TestTEN01_TheHostDecidesTheTenant(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		for name, host := range atHosts {
			tenant, ok := w.Resolve(host)
			require.True(t, ok)
			require.Equal(t, name, tenant.Name)
			require.Equal(t, kv.Partition(tenant.ID), tenant.Partition())
			require.True(t, looksLikeID(tenant.ID))
		}
		for _, host := range []string{"", "test", "evil.test", "acme.test.", "ACME.TEST", "x.acme.test"} {
			_, ok := w.Resolve(host)
			require.False(t, ok, host)
		}
	})
}

func TestCreateTenantDefaultsAndRefusals(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		got, err := w.CreateTenant(w.ctx, NewTenant{Name: "initech", Hosts: []string{"Initech.test:443", "initech.test", "[::1]"}}, tester)
		require.NoError(t, err)
		require.Equal(t, []string{"initech.test", "[::1]"}, got.Hosts)
		require.Equal(t, []string{"initech", DefaultEnvironment, ProfileLenient, "cli:test"},
			[]string{got.Organization, got.Environment, got.Profile, got.CreatedBy})
		require.Equal(t, w.clock.now(), got.CreatedAt)

		many := make([]string, maxHosts+1)
		for i := range many {
			many[i] = fmt.Sprintf("h%d.test", i)
		}
		host := []string{"new.test"}
		for _, c := range []struct {
			n     NewTenant
			kind  error
			field string
		}{
			{NewTenant{Name: "acme", Hosts: host}, ErrExists, "name"},
			{NewTenant{Name: "new", Hosts: []string{"x.test", "acme.test"}}, ErrExists, "hosts"},
			{NewTenant{Name: "new"}, ErrInvalid, "hosts"},
			{NewTenant{Name: "new", Hosts: many}, ErrInvalid, "hosts"},
			{NewTenant{Name: "new", Hosts: []string{"a@b"}}, ErrInvalid, "host"},
			{NewTenant{Name: "", Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: "New", Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: "-a", Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: "a b", Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: strings.Repeat("a", 64), Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: "0123456789abcdef", Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: "unknown", Hosts: host}, ErrInvalid, "name"},
			{NewTenant{Name: "new", Environment: "Prod!", Hosts: host}, ErrInvalid, "environment"},
			{NewTenant{Name: "new", Organization: "a/b", Hosts: host}, ErrInvalid, "organization"},
			{NewTenant{Name: "new", Profile: "loose", Hosts: host}, ErrInvalid, "profile"},
		} {
			before, _ := rows(t, w.store)
			_, err := w.CreateTenant(w.ctx, c.n, tester)
			require.ErrorIs(t, err, c.kind, "%+v", c.n)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.field, e.Field)
			after, _ := rows(t, w.store)
			require.Equal(t, before, after, "a refused tenant leaves no row")
		}
		list, err := w.Tenants(w.ctx)
		require.NoError(t, err)
		require.Len(t, list, 4)
		require.True(t, slices.IsSortedFunc(list, func(a, b Tenant) int { return strings.Compare(a.Name, b.Name) }))
	})
}

func TestChangesOfATenantShowAtOnceAndSurviveARestart(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		_, text := w.token("acme", NewToken{})
		require.Equal(t, ReasonNone, w.auth(w.at("acme"), text))
		require.NoError(t, w.SetPaused(w.ctx, "acme", true, tester))
		require.NoError(t, w.SetPaused(w.ctx, "acme", true, tester), "twice changes nothing")
		require.True(t, w.at("acme").Paused)
		require.Equal(t, ReasonNone, w.auth(w.at("acme"), text), "reads go on; the edge holds writes back")
		require.Equal(t, "cli:test", w.at("acme").PausedBy)
		require.NoError(t, w.SetProfile(w.ctx, "acme", ProfileStrict, tester))
		require.ErrorIs(t, w.SetProfile(w.ctx, "acme", "x", tester), ErrInvalid)
		require.NoError(t, w.SetHosts(w.ctx, "acme", []string{"NEW.acme.test", "acme.test"}, tester))
		require.ErrorIs(t, w.SetHosts(w.ctx, "acme", []string{"globex.test"}, tester), ErrExists)

		again, err := Open(w.ctx, w.store, Options{Clock: w.clock.now})
		require.NoError(t, err)
		for _, r := range []*Registry{w.Registry, again} {
			tenant, ok := r.Resolve("new.acme.test")
			require.True(t, ok)
			require.True(t, tenant.Paused)
			require.Equal(t, ProfileStrict, tenant.Profile)
		}
		require.NoError(t, w.SetPaused(w.ctx, "acme", false, tester))
		require.Zero(t, w.at("acme").PausedAt)
		require.Equal(t, ReasonNone, w.auth(w.at("acme"), text))
		p, _ := w.Authenticate(w.ctx, w.at("acme"), []byte(text), home, w.clock.now())
		require.Same(t, w.at("acme"), p.Tenant)
		require.NoError(t, w.SetHosts(w.ctx, "acme", []string{"only.acme.test"}, tester))
		_, ok := w.Resolve("acme.test")
		require.False(t, ok)
		require.ErrorIs(t, w.SetPaused(w.ctx, "nobody", true, tester), ErrNotFound)
	})
}

func TestTENA03_DeleteTenantLeavesNothing(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		clean, _ := rows(t, w.store)
		tenant, err := w.CreateTenant(w.ctx, NewTenant{Name: "doomed", Hosts: []string{"doomed.test"}}, tester)
		require.NoError(t, err)
		var texts []string
		for i := range 60 { // more rows than one transaction of the small store takes
			_, text := w.token("doomed", NewToken{Name: fmt.Sprintf("token %d", i)})
			texts = append(texts, text)
		}
		at, _ := w.Resolve("doomed.test")
		p, _ := w.Authenticate(w.ctx, at, []byte(texts[0]), home, w.clock.now())
		p.Touch(w.clock.now())
		require.NoError(t, w.FlushLastUsed(w.ctx))
		_, err = w.CreateAccount(w.ctx, "doomed", "ada@doomed.test", nil, "correct horse", tester)
		require.NoError(t, err)
		session, err := w.SignIn(w.ctx, at, "ada@doomed.test", "correct horse", home)
		require.NoError(t, err)
		_, err = w.store.Update(w.ctx, tenant.Partition(), func(wr kv.Writer) error { return wr.Put([]byte("r"), []byte("user")) })
		require.NoError(t, err)

		require.NoError(t, w.DeleteTenant(w.ctx, "doomed", tester))
		_, ok := w.Resolve("doomed.test")
		require.False(t, ok)
		for _, text := range texts {
			require.Equal(t, ReasonUnknown, w.auth(at, text))
		}
		_, err = w.SessionByID(w.ctx, at, session.ID.Reveal())
		require.ErrorIs(t, err, ErrNotFound)
		p.Touch(w.clock.now().Add(time.Hour))
		require.NoError(t, w.FlushLastUsed(w.ctx), "a late flush must not bring rows back")
		for part, err := range w.store.Partitions(w.ctx) {
			require.NoError(t, err)
			require.NotEqual(t, tenant.Partition(), part)
		}
		// A request that was on its way writes once more; the next start cleans up.
		_, err = w.store.Update(w.ctx, tenant.Partition(), func(wr kv.Writer) error { return wr.Put([]byte("r"), []byte("late")) })
		require.NoError(t, err)
		_, err = Open(w.ctx, w.store, Options{})
		require.NoError(t, err)
		for part, err := range w.store.Partitions(w.ctx) {
			require.NoError(t, err)
			require.NotEqual(t, tenant.Partition(), part)
		}
		left, _ := rows(t, w.store)
		var extra []string
		for _, k := range left {
			if !slices.Contains(clean, k) {
				extra = append(extra, k)
			}
		}
		require.Equal(t, []string{string(auditHeadKey("")), string(auditKey("", 1))}, sorted(extra), "only the server's own record of the deletion is left")
		n, err := w.VerifyAudit(w.ctx, "")
		require.NoError(t, err)
		require.Equal(t, uint64(1), n)
		require.ErrorIs(t, w.DeleteTenant(w.ctx, "doomed", tester), ErrNotFound)
	})
}

func sorted(s []string) []string { slices.Sort(s); return s }

// dropFails stops a deletion after its first stage, as a crash would.
type dropFails struct{ kv.Store }

func (dropFails) DropPartition(context.Context, kv.Partition) error { return errors.New("power cut") }

func TestTENA03_InterruptedDeletionIsUnreachableAndResumed(t *testing.T) {
	store := memkv.New(memkv.Options{Limited: true})
	w := newWorld(t, store, Options{})
	_, text := w.token("acme", NewToken{})
	at := w.at("acme")
	w.Registry.store = dropFails{store}
	require.ErrorContains(t, w.DeleteTenant(w.ctx, "acme", tester), "power cut")
	_, ok := w.Resolve("acme.test")
	require.False(t, ok)
	require.Equal(t, ReasonUnknown, w.auth(at, text))

	_, err := Open(w.ctx, dropFails{store}, Options{})
	require.ErrorContains(t, err, "power cut")
	r, err := Open(w.ctx, store, Options{})
	require.NoError(t, err)
	keys, _ := rows(t, store)
	for _, k := range keys {
		require.NotContains(t, k, at.ID)
	}
	_, err = r.CreateTenant(w.ctx, NewTenant{Name: "acme", Hosts: []string{"acme.test"}}, tester)
	require.NoError(t, err, "name and host are free again")
	again, ok := r.Resolve("acme.test")
	require.True(t, ok)
	require.NotEqual(t, at.ID, again.ID, "a new tenant never inherits")
}

func TestOpenRefusesANewerFormat(t *testing.T) {
	store := memkv.New(memkv.Options{})
	_, err := store.Update(t.Context(), kv.System, func(w kv.Writer) error {
		return putRow(w, key(rowFormat), formatRow{Format: currentFormat + 1})
	})
	require.NoError(t, err)
	_, err = Open(t.Context(), store, Options{})
	require.ErrorContains(t, err, "newer release")
}
