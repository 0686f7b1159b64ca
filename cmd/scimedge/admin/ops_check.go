package admin

import (
	"context"
	"errors"
	"fmt"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/tenancy"
)

// Cures of what this file finds.
const (
	cureAudit  = "put the last good copy of the data folder beside this one and compare; a repair would hide what happened"
	cureRow    = "stop the server, keep the data folder for inspection, and put back the last good copy of it"
	cureFailed = "look at the disk and the log; if the disk is sound, this is a bug: report it, and put back the last good copy of the data folder if the server needs it"
)

// maxFindings keeps the report on a badly damaged part readable.
const maxFindings = 1000

// Check compares every resource of the tenants with its indexes, memberships and
// counts, and follows their audit trails. Unless one tenant was asked for, it
// reads every row of the server's own part of the store as well. What keeps one
// part from being checked is a finding there, and the others are checked all the same.
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
		switch {
		case errors.Is(err, tenancy.ErrNotFound):
			continue // deleted since
		case err != nil:
			return report, explain(err)
		}
		report.Tenants = append(report.Tenants, one)
		report.Findings += len(one.Findings)
		report.Repaired += one.Repaired
	}
	if in.Tenant == "" {
		if report.System, err = o.checkSystem(ctx); err != nil {
			return report, explain(err)
		}
		report.Findings += len(report.System.Findings)
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

// givenUp reports whether err is about the check itself, and not about what it read.
func givenUp(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, kv.ErrClosed) || errors.Is(err, tenancy.ErrNotFound)
}

func (o *Ops) checkTenant(ctx context.Context, t tenancy.Tenant, repair bool) (TenantCheck, error) {
	out := TenantCheck{Tenant: t.Name, Counted: map[string]int{}, Findings: []Finding{}}
	var found directory.CheckReport
	dir, err := o.Directory(&t)
	if err == nil {
		found, err = dir.Check(ctx, repair)
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
	if err != nil {
		if givenUp(ctx, err) {
			return out, err
		}
		out.Findings = append(out.Findings, Finding{Problem: fmt.Sprintf("the check came to no end: %v", err), Cure: cureFailed})
	}
	return out, o.checkAudit(ctx, t.ID, out.Counted, &out.Findings)
}

// checkAudit follows the trail of a tenant, or the server's own for "".
func (o *Ops) checkAudit(ctx context.Context, tenant string, counted map[string]int, findings *[]Finding) error {
	records, err := o.Registry.VerifyAudit(ctx, tenant)
	if err != nil {
		if givenUp(ctx, err) {
			return err
		}
		*findings = append(*findings, Finding{Problem: err.Error(), Cure: cureAudit})
	}
	counted["audit records"] = int(records)
	return nil
}

// checkSystem reads every row of the server's own part of the store, and with it
// proves their checksums, and follows the server's audit trail.
func (o *Ops) checkSystem(ctx context.Context) (*SystemCheck, error) {
	out := &SystemCheck{Counted: map[string]int{}, Findings: []Finding{}}
	err := o.Store.View(ctx, kv.System, func(r kv.Reader) error {
		for e, err := range r.Scan(kv.Range{KeysOnly: true}) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			out.Counted["rows"]++
			if _, err := r.Get(e.Key); errors.Is(err, kv.ErrCorrupt) {
				if len(out.Findings) < maxFindings {
					out.Findings = append(out.Findings, Finding{Problem: fmt.Sprintf("row %s is damaged on disk", rowName(e.Key)), Cure: cureRow})
				}
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		if givenUp(ctx, err) {
			return nil, err
		}
		out.Findings = append(out.Findings, Finding{Problem: fmt.Sprintf("the rows could not all be read: %v", err), Cure: cureRow})
	}
	return out, o.checkAudit(ctx, "", out.Counted, &out.Findings)
}

// rowName names a row by its kind and the rest of its key in hexadecimal, which
// may hold an e-mail address.
func rowName(k []byte) string { return fmt.Sprintf("%q %x", k[:1], k[1:]) }
