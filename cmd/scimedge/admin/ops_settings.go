package admin

import (
	"context"

	"scimedge/directory"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// leniencies are those of the tenant's own choice that its profile does not have anyway.
func leniencies(t tenancy.Tenant) map[string]bool {
	profile := scimcore.Lenient()
	if t.Profile == tenancy.ProfileStrict {
		profile = scimcore.Strict()
	}
	out := map[string]bool{}
	for _, l := range scimcore.Leniencies() {
		if on, chosen := t.Settings.Leniencies[l.Name]; chosen && on != l.On(profile) {
			out[l.Name] = on
		}
	}
	return out
}

func switches(t tenancy.Tenant) map[string]bool {
	out := map[string]bool{}
	for _, s := range tenancy.Switches() {
		out[s.Name] = t.Settings.On(s.Name)
	}
	return out
}

// checkUser refuses to bind a token to a user that is not there: the id is long,
// and /Me would be 404 for good.
func (o *Ops) checkUser(ctx context.Context, tenant, id string) error {
	if _, ok := directory.ParseID(id); !ok {
		return nil // none, or the registry says what an id looks like
	}
	t, err := o.Registry.TenantByName(ctx, tenant)
	if err != nil {
		return explain(err)
	}
	dir, err := o.Directory(&t)
	if err != nil {
		return explain(err)
	}
	err = dir.Get(ctx, dir.Catalog().Type("User"), id, func(*scimcore.Resource) error { return nil })
	if err != nil {
		return Failed("the token was not made, as /Me would stand for nobody: %v", err)
	}
	return nil
}
