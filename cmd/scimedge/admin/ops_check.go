package admin

import (
	"context"

	"scimedge/tenancy"
)

// Check compares every resource of the tenants with its indexes, memberships and
// counts, and follows their audit trails.
func (o *Ops) Check(ctx context.Context, in CheckSpec) (CheckReport, error) {
	report := CheckReport{Tenants: []TenantCheck{}}
	if in.Repair && o.Serving {
		return report, Failed("a repair needs the store to itself: stop the server, then run `scimedge check --repair`")
	}
	tenants, err := o.tenantsToCheck(ctx, in)
	if err != nil {
		return report, explain(err)
	}
	for _, t := range tenants {
		one, err := o.checkTenant(ctx, t, in.Repair)
		if err != nil {
			return report, Failed("checking tenant %s: %v", t.Name, err)
		}
		report.Tenants = append(report.Tenants, one)
		report.Findings += len(one.Findings)
		report.Repaired += one.Repaired
	}
	return report, nil
}

func (o *Ops) tenantsToCheck(ctx context.Context, in CheckSpec) ([]tenancy.Tenant, error) {
	if in.Tenant == "" {
		return o.Registry.Tenants(ctx)
	}
	t, err := o.Registry.TenantByName(ctx, in.Tenant)
	return []tenancy.Tenant{t}, err
}

func (o *Ops) checkTenant(ctx context.Context, t tenancy.Tenant, repair bool) (TenantCheck, error) {
	out := TenantCheck{Tenant: t.Name, Counted: map[string]int{}, Findings: []Finding{}}
	found, err := o.Directory(&t).Check(ctx, repair)
	if err != nil {
		return out, err
	}
	for typ, n := range found.Resources {
		out.Counted[typ+" resources"] = n
	}
	out.Counted["index rows"] = found.IndexRows
	out.Counted["memberships"] = found.Memberships
	out.Counted["changes"] = found.Changes
	for _, f := range found.Findings {
		out.Findings = append(out.Findings, Finding{Problem: f.Problem, Cure: f.Cure})
	}
	out.Repaired = found.Repaired
	records, err := o.Registry.VerifyAudit(ctx, t.ID)
	if err != nil {
		out.Findings = append(out.Findings, Finding{
			Problem: err.Error(), Cure: "Restore the last good backup beside this store and compare; a repair would hide what happened.",
		})
	}
	out.Counted["audit records"] = int(records)
	return out, nil
}
