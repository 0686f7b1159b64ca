package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"scimedge/cmd/scimedge/admin"
)

type checkCmd struct {
	Tenant string `help:"Check this tenant only." placeholder:"NAME"`
	Repair bool   `help:"Rewrite what can be derived from sound rows; only while no server runs."`
	jsonFlag
}

func (checkCmd) Help() string {
	return `Compares every resource with its indexes, memberships and counts, and says what it counted. Exit code 1 when anything is found.

Example:
  scimedge check
  scimedge check --tenant acme --json`
}

func (c *checkCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		report, err := svc.Check(ctx, admin.CheckSpec{Tenant: c.Tenant, Repair: c.Repair})
		if err != nil {
			return err
		}
		if err := a.print(c.jsonFlag, report, func(w io.Writer) { printCheck(w, report) }); err != nil {
			return err
		}
		switch {
		case report.Findings == 0:
		case c.Repair:
			return admin.Failed("%d findings, %d repaired: check again", report.Findings, report.Repaired)
		default:
			return admin.Failed("%d findings: copy the data folder before anything else, then try --repair", report.Findings)
		}
		return nil
	})
}

func printCheck(w io.Writer, report admin.CheckReport) {
	for _, t := range report.Tenants {
		var counted []string
		for _, what := range slices.Sorted(maps.Keys(t.Counted)) {
			counted = append(counted, fmt.Sprintf("%d %s", t.Counted[what], what))
		}
		state := "ok"
		if len(t.Findings) > 0 {
			state = fmt.Sprintf("%d FINDINGS", len(t.Findings))
		}
		fmt.Fprintf(w, "%s: %s (%s)\n", t.Tenant, state, strings.Join(counted, ", "))
		for _, f := range t.Findings {
			fmt.Fprintf(w, "  %s\n    %s\n", f.Problem, f.Cure)
		}
	}
	fmt.Fprintf(w, "%d tenants checked, %d findings\n", len(report.Tenants), report.Findings)
}
