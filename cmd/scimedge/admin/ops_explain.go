package admin

import (
	"context"
	"errors"
	"strings"

	"scimedge/scimcore"
	"scimedge/tenancy"
)

// Explain says how a filter would be answered in a tenant.
func (o *Ops) Explain(ctx context.Context, in ExplainSpec) (Explanation, error) {
	t, err := o.tenantOrOnly(ctx, in.Tenant)
	if err != nil {
		return Explanation{}, err
	}
	dir, err := o.Directory(&t)
	if err != nil {
		return Explanation{}, explain(err)
	}
	typ := dir.Catalog().Type(in.Type)
	if typ == nil {
		var names []string
		for _, have := range dir.Catalog().Types() {
			names = append(names, have.Name)
		}
		return Explanation{}, Usage("tenant %q has no resource type %q: it has %s", t.Name, in.Type, strings.Join(names, ", "))
	}
	f, err := scimcore.ParseFilter(typ, in.Filter, dir.Dialect(), nil)
	var wrong *scimcore.Error
	if errors.As(err, &wrong) {
		return Explanation{}, Usage("%s", wrong.Detail)
	}
	plan, err := dir.Explain(ctx, typ, f)
	if err != nil {
		return Explanation{}, Failed("%v", err)
	}
	return Explanation{Tenant: t.Name, Type: typ.Name, Filter: f.String(), Plan: plan}, nil
}

// tenantOrOnly finds a tenant by its name; without one it is the only one there is.
func (o *Ops) tenantOrOnly(ctx context.Context, name string) (tenancy.Tenant, error) {
	if name != "" {
		t, err := o.Registry.TenantByName(ctx, name)
		return t, explain(err)
	}
	all, err := o.Registry.Tenants(ctx)
	switch {
	case err != nil:
		return tenancy.Tenant{}, explain(err)
	case len(all) == 1:
		return all[0], nil
	}
	return tenancy.Tenant{}, Usage("there are %d tenants: say which one with --tenant; `scimedge tenant list` shows them", len(all))
}
