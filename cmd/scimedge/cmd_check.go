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
	return `Reads every row of the store, compares every resource with its indexes, memberships and counts, follows the audit trails, and says what it counted. Exit code 1 when anything is found. A tenant that cannot be checked is a finding, and the others are checked all the same.

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
			return admin.Failed("%s, %d repaired: check again", count(report.Findings, "findings"), report.Repaired)
		default:
			return admin.Failed("%s: copy the data folder before anything else, then try --repair", count(report.Findings, "findings"))
		}
		return nil
	})
}

func printCheck(w io.Writer, report admin.CheckReport) {
	for _, t := range report.Tenants {
		printPart(w, t.Tenant, t.Counted, t.Findings)
	}
	checked := count(len(report.Tenants), "tenants")
	if s := report.System; s != nil {
		printPart(w, "system", s.Counted, s.Findings)
		checked += " and the system"
	}
	fmt.Fprintf(w, "%s checked, %s\n", checked, count(report.Findings, "findings"))
}

// printPart prints what was counted and found in one part of the store.
func printPart(w io.Writer, name string, counted map[string]int, findings []admin.Finding) {
	var counts []string
	for _, what := range slices.Sorted(maps.Keys(counted)) {
		counts = append(counts, count(counted[what], what))
	}
	state := "ok"
	if len(findings) > 0 {
		state = count(len(findings), "FINDINGS")
	}
	fmt.Fprintf(w, "%s: %s (%s)\n", name, state, strings.Join(counts, ", "))
	for _, f := range findings {
		fmt.Fprintf(w, "  %s\n    %s\n", f.Problem, f.Cure)
	}
}

// count writes "2 rows" and "1 row". Names are given in the plural, with an s.
func count(n int, what string) string {
	if n == 1 {
		what = what[:len(what)-1]
	}
	return fmt.Sprintf("%d %s", n, what)
}
