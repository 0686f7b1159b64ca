package admin

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

func TestTenantSettings(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, ops *Ops) {
		_, err := svc.TenantCreate(ctx, TenantSpec{Name: "acme", Hosts: []string{"acme.test"}})
		require.NoError(t, err)
		on, off := true, false
		got, err := svc.TenantSet(ctx, TenantChange{
			Tenant: "acme", Profile: tenancy.ProfileStrict,
			Leniencies: map[string]*bool{"pathless_patch": &on, "any_country": &off},
			Switches:   map[string]*bool{tenancy.SwitchBulk: &off},
		})
		require.NoError(t, err)
		require.Equal(t, map[string]bool{"pathless_patch": true}, got.Leniencies, "what the profile says anyway is no exception to it")
		require.Len(t, got.Switches, len(tenancy.Switches()))
		require.False(t, got.Switches[tenancy.SwitchBulk])
		require.True(t, got.Switches[tenancy.SwitchPatch])

		got, err = svc.TenantSet(ctx, TenantChange{Tenant: "acme", Leniencies: map[string]*bool{"pathless_patch": nil}, Switches: map[string]*bool{tenancy.SwitchBulk: nil}})
		require.NoError(t, err)
		require.Empty(t, got.Leniencies)
		require.True(t, got.Switches[tenancy.SwitchBulk])
		trail, err := ops.Registry.Audit(ctx, "acme", 0, 10)
		require.NoError(t, err)
		require.Equal(t, "bulk=default", trail[len(trail)-1].Detail[len("pathless_patch=default "):])
		require.Equal(t, "cli:ada", trail[len(trail)-1].By)

		_, err = svc.TenantSet(ctx, TenantChange{Tenant: "acme", Hosts: []string{"new.test"}, Switches: map[string]*bool{"pach": &on}})
		require.Equal(t, ExitUsage, ExitCode(err))
		got, err = svc.TenantShow(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, []string{"acme.test"}, got.Hosts, "nothing changes when a part of it cannot")
	})
}

func TestTokenOfAUser(t *testing.T) {
	bothWays(t, func(t *testing.T, ctx context.Context, svc Service, ops *Ops) {
		_, err := svc.TenantCreate(ctx, TenantSpec{Name: "acme", Hosts: []string{"acme.test"}})
		require.NoError(t, err)
		tenant, ok := ops.Registry.Resolve("acme.test")
		require.True(t, ok)
		dir, err := ops.Directory(tenant)
		require.NoError(t, err)
		doc, err := scimcore.Parse(dir.Catalog().Type("User"), []byte(`{"userName":"ada"}`), scimcore.Lenient(), nil)
		require.NoError(t, err)
		made, err := dir.Create(ctx, doc, directory.Cause{})
		require.NoError(t, err)

		_, err = svc.TokenCreate(ctx, TokenSpec{Tenant: "acme", Name: "ada", User: made.Resource.ID})
		require.NoError(t, err)
		list, err := svc.TokenList(ctx, TenantRef{Tenant: "acme"})
		require.NoError(t, err)
		require.Equal(t, made.Resource.ID, list[0].User)

		for id, code := range map[string]int{"ada": ExitUsage, "01980f2c-7d1e-7c3a-9b60-5f2f3a9e4c11": ExitFailed} {
			_, err = svc.TokenCreate(ctx, TokenSpec{Tenant: "acme", Name: "other", User: id})
			require.Equal(t, code, ExitCode(err), id)
		}
		_, err = svc.TokenCreate(ctx, TokenSpec{Tenant: "nobody", Name: "other", User: made.Resource.ID})
		require.Equal(t, ExitFailed, ExitCode(err))
	})
}
