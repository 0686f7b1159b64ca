package admin

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/directories"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

func newOps(t *testing.T) *Ops {
	t.Helper()
	store := &failing{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	registry, err := tenancy.Open(t.Context(), store, tenancy.Options{Leniencies: scimcore.LeniencyNames()})
	require.NoError(t, err)
	dirs, err := directories.New(store, directory.Options{})
	require.NoError(t, err)
	return &Ops{
		Registry:  registry,
		Store:     store,
		Directory: dirs.Of,
		Schemas:   dirs,
		BaseURL:   func(host string) string { return "https://" + host + "/scim/v2" },
		Version:   "test",
	}
}

// failing is a store that cannot read one partition.
type failing struct {
	kv.Store
	part kv.Partition
	err  error
}

func (f *failing) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	if p == f.part && f.err != nil {
		return f.err
	}
	return f.Store.View(ctx, p, fn)
}

// bothWays runs a test against the operations themselves and through the socket.
func bothWays(t *testing.T, test func(*testing.T, context.Context, Service, *Ops)) {
	ctx := WithCaller(t.Context(), "ada")
	t.Run("direct", func(t *testing.T) {
		ops := newOps(t)
		test(t, ctx, ops, ops)
	})
	t.Run("socket", func(t *testing.T) {
		ops := newOps(t)
		client, _ := start(t, ops)
		test(t, ctx, client, ops)
	})
}

func TestTenants(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, ops *Ops) {
		var gone []string
		ops.TenantGone = func(tn tenancy.Tenant) { gone = append(gone, tn.Name) }
		created, err := svc.TenantCreate(ctx, TenantSpec{Name: "acme", Hosts: []string{"SCIM.acme.example"}})
		require.NoError(t, err)
		require.Equal(t, Tenant{
			Name: "acme", Organization: "acme", Environment: "production",
			Hosts: []string{"scim.acme.example"}, BaseURLs: []string{"https://scim.acme.example/scim/v2"},
		}, created)

		_, err = svc.TenantCreate(ctx, TenantSpec{Name: "acme", Hosts: []string{"other.example"}})
		require.Equal(t, ExitFailed, ExitCode(err), "taken: %v", err)
		_, err = svc.TenantCreate(ctx, TenantSpec{Name: "no host"})
		require.Equal(t, ExitUsage, ExitCode(err), "invalid: %v", err)
		_, err = svc.TenantShow(ctx, TenantRef{Tenant: "globex"})
		require.Equal(t, ExitFailed, ExitCode(err), "unknown: %v", err)

		paused, err := svc.TenantPause(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, "paused", paused.State)
		resumed, err := svc.TenantResume(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, "active", resumed.State)

		list, err := svc.TenantList(ctx, None{})
		require.NoError(t, err)
		require.Equal(t, []TenantInfo{resumed}, list)

		_, err = svc.TenantDelete(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, []string{"acme"}, gone)
		list, err = svc.TenantList(ctx, None{})
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

func TestTenantSet(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, ops *Ops) {
		for _, name := range []string{"acme", "globex"} {
			_, err := svc.TenantCreate(ctx, TenantSpec{Name: name, Hosts: []string{name + ".example"}})
			require.NoError(t, err)
		}
		got, err := svc.TenantSet(ctx, TenantChange{Tenant: "acme", Profile: "strict"})
		require.NoError(t, err)
		require.Equal(t, []any{"strict", []string{"acme.example"}}, []any{got.Profile, got.Hosts})
		got, err = svc.TenantSet(ctx, TenantChange{Tenant: "acme", Hosts: []string{"ONE.example", "two.example"}})
		require.NoError(t, err)
		require.Equal(t, []any{"strict", []string{"one.example", "two.example"}}, []any{got.Profile, got.Hosts})

		for exit, bad := range map[int]TenantChange{
			ExitUsage:  {Tenant: "acme", Profile: "stern", Hosts: []string{"three.example"}},
			ExitFailed: {Tenant: "acme", Profile: "lenient", Hosts: []string{"globex.example"}},
		} {
			_, err := svc.TenantSet(ctx, bad)
			require.Equal(t, exit, ExitCode(err), "%v", err)
			now, err := svc.TenantShow(ctx, TenantRef{Tenant: "acme"})
			require.NoError(t, err)
			require.Equal(t, got, now, "a refused change changes nothing")
		}
		records, err := ops.Registry.Audit(ctx, "acme", 1, 10)
		require.NoError(t, err)
		require.Equal(t, "cli:ada", records[0].By)
	})
}

func TestTokens(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, _ *Ops) {
		_, err := svc.TenantCreate(ctx, TenantSpec{Name: "acme", Hosts: []string{"acme.example"}})
		require.NoError(t, err)
		made, err := svc.TokenCreate(ctx, TokenSpec{Tenant: "acme", Name: "okta-prod", IDP: "okta", ExpiresIn: 90 * 24 * time.Hour})
		require.NoError(t, err)
		require.Contains(t, made.Token, made.Prefix)
		require.WithinDuration(t, time.Now().Add(90*24*time.Hour), *made.ExpiresAt, time.Minute)
		for name, spec := range map[string]TokenSpec{
			"idp":   {Tenant: "acme", Name: "x", IDP: "oktta"},
			"never": {Tenant: "acme", Name: "x", ExpiresIn: Never},
			"both":  {Tenant: "acme", Name: "x", ExpiresIn: time.Hour, ExpiresAt: time.Now().Add(time.Hour)},
		} {
			_, err := svc.TokenCreate(ctx, spec)
			require.Equal(t, ExitUsage, ExitCode(err), "%s: %v", name, err)
		}

		list, err := svc.TokenList(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "cli:ada", list[0].CreatedBy, "the caller is on record, over the socket too")
		require.Nil(t, list[0].LastUsedAt)

		_, err = svc.TokenRevoke(ctx, TokenRef{Tenant: "acme", ID: "0000000000000000"})
		require.Equal(t, ExitFailed, ExitCode(err))
		revoked, err := svc.TokenRevoke(ctx, TokenRef{Tenant: "acme", ID: made.Prefix})
		require.NoError(t, err, "by prefix")
		require.Equal(t, made.ID, revoked.ID)
		list, err = svc.TokenList(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, "revoked", list[0].State)
	})
}

func TestAccounts(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, _ *Ops) {
		_, err := svc.TenantCreate(ctx, TenantSpec{Name: "acme", Hosts: []string{"acme.example"}})
		require.NoError(t, err)
		spec := AccountSpec{Tenant: "acme", Email: "Ada@acme.example", Password: "correct horse battery staple", Permissions: []string{"sso:configure"}}
		made, err := svc.AccountCreate(ctx, spec)
		require.NoError(t, err)
		require.Equal(t, "ada@acme.example", made.Email)
		_, err = svc.AccountCreate(ctx, spec)
		require.Equal(t, ExitFailed, ExitCode(err), "taken: %v", err)
		spec.Permissions = []string{"sso:everything"}
		_, err = svc.AccountCreate(ctx, spec)
		require.Equal(t, ExitUsage, ExitCode(err), "invalid: %v", err)
		list, err := svc.AccountList(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, []Account{made}, list)
	})
}

func TestCheckAndStatus(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, ops *Ops) {
		st, err := svc.Status(ctx, None{})
		require.NoError(t, err)
		require.Equal(t, "test", st.Version)

		for _, name := range []string{"acme", "globex"} {
			_, err := svc.TenantCreate(ctx, TenantSpec{Name: name, Hosts: []string{name + ".example"}})
			require.NoError(t, err)
		}
		report, err := svc.Check(ctx, CheckSpec{})
		require.NoError(t, err)
		require.Zero(t, report.Findings)
		require.Len(t, report.Tenants, 2)
		require.Equal(t, 1, report.Tenants[0].Counted["audit records"])
		report, err = svc.Check(ctx, CheckSpec{Tenant: "globex", Repair: true})
		require.NoError(t, err)
		require.Equal(t, "globex", report.Tenants[0].Tenant)
		_, err = svc.Check(ctx, CheckSpec{Tenant: "nobody"})
		require.Equal(t, ExitFailed, ExitCode(err))

		require.Nil(t, report.System, "one tenant was asked for")

		// What cannot be read in one place is a finding there.
		acme, err := svc.TenantShow(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		broken := ops.Store.(*failing)
		broken.part, broken.err = kv.Partition(acme.ID), errors.New("the disk is on fire")
		report, err = svc.Check(ctx, CheckSpec{})
		require.NoError(t, err)
		require.Contains(t, report.Tenants[0].Findings[0].Problem, "the disk is on fire")
		require.Equal(t, 1, report.Tenants[0].Counted["audit records"], "which are elsewhere")
		require.Equal(t, []int{1, 1, 0, 0}, []int{report.Findings, len(report.Tenants[0].Findings), len(report.Tenants[1].Findings), len(report.System.Findings)})
		broken.part = kv.System
		report, err = svc.Check(ctx, CheckSpec{})
		require.NoError(t, err)
		require.Equal(t, []int{4, 1, 1, 2}, []int{report.Findings, len(report.Tenants[0].Findings), len(report.Tenants[1].Findings), len(report.System.Findings)},
			"the trails are in the system's part")
		broken.err = kv.ErrClosed
		_, err = svc.Check(ctx, CheckSpec{})
		require.Equal(t, ExitFailed, ExitCode(err), "the server stops: that is no finding")
		broken.err = nil

		ops.Serving = true
		_, err = svc.Check(ctx, CheckSpec{Repair: true})
		require.ErrorContains(t, err, "stop the server")
	})
}

func TestSchemas(t *testing.T) {
	const file = `{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"a"}]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext","required":false}]}]}`
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, ops *Ops) {
		for _, name := range []string{"acme", "globex"} {
			_, err := svc.TenantCreate(ctx, TenantSpec{Name: name, Hosts: []string{name + ".example"}})
			require.NoError(t, err)
		}
		dry, err := svc.SchemaLoad(ctx, SchemaSpec{Tenant: "acme", File: file, DryRun: true})
		require.NoError(t, err)
		change, err := svc.SchemaLoad(ctx, SchemaSpec{Tenant: "acme", File: file})
		require.NoError(t, err)
		require.Equal(t, dry.Added, change.Added)
		require.Equal(t, uint64(1), change.Revision)
		shown, err := svc.SchemaShow(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, "cli:ada", shown.ChangedBy)
		require.NotNil(t, shown.ChangedAt)
		again, err := svc.SchemaLoad(ctx, SchemaSpec{Tenant: "acme", File: string(shown.Schema)})
		require.NoError(t, err)
		require.Equal(t, SchemaChange{Revision: 1}, again)
		trail, err := ops.Registry.Audit(ctx, "acme", 0, 10)
		require.NoError(t, err)
		require.Equal(t, tenancy.ActionSchemaLoaded, trail[len(trail)-1].Action)

		_, err = svc.SchemaLoad(ctx, SchemaSpec{Tenant: "acme", File: `{"schema":[],"types":[]}`})
		require.ErrorContains(t, err, `the member "schema" is not known`)
		require.ErrorContains(t, err, `the member "types" is not known`)
		_, err = svc.SchemaShow(ctx, TenantRef{Tenant: "nobody"})
		require.Error(t, err)

		schemas := ops.Schemas
		ops.Schemas = halfSchemas{schemas}
		_, err = svc.SchemaLoad(ctx, SchemaSpec{Tenant: "globex", File: file})
		require.Error(t, err)
		trail, err = ops.Registry.Audit(ctx, "globex", 0, 10)
		require.NoError(t, err)
		require.Equal(t, "revision 7", trail[len(trail)-1].Detail, "what is half done is recorded, as it will be whole")
		ops.Schemas = schemas

		// A schema row that cannot be read is a finding, and other tenants are checked.
		acme, err := ops.Registry.TenantByName(ctx, "acme")
		require.NoError(t, err)
		_, err = ops.Store.Update(ctx, acme.Partition(), func(w kv.Writer) error { return w.Put([]byte("s"), []byte("damaged row")) })
		require.NoError(t, err)
		dirs, err := directories.New(ops.Store, directory.Options{})
		require.NoError(t, err)
		ops.Directory = dirs.Of
		report, err := svc.Check(ctx, CheckSpec{})
		require.NoError(t, err)
		require.Equal(t, 1, report.Findings)
		require.Len(t, report.Tenants, 2)
		require.Contains(t, report.Tenants[0].Findings[0].Problem, "the schema row is damaged")
	})
}

// halfSchemas fails when the change is begun.
type halfSchemas struct{ Schemas }

func (halfSchemas) SetSchema(context.Context, *tenancy.Tenant, directory.SchemaWrite) (directory.SchemaChange, error) {
	return directory.SchemaChange{Revision: 7}, kv.ErrNoSpace
}
