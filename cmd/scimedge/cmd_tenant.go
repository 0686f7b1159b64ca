package main

import (
	"cmp"
	"context"
	"io"
	"strconv"
	"strings"

	"scimedge/cmd/scimedge/admin"
)

type tenantCmds struct {
	Create tenantCreateCmd `cmd:"" help:"Create a tenant reached by one or more hosts."`
	List   tenantListCmd   `cmd:"" help:"List the tenants."`
	Show   tenantShowCmd   `cmd:"" help:"Show one tenant."`
	Set    tenantSetCmd    `cmd:"" help:"Change a tenant's profile, leniencies, switches or hosts."`
	Pause  tenantPauseCmd  `cmd:"" help:"Refuse the tenant's writes; reads go on, data and tokens stay."`
	Resume tenantResumeCmd `cmd:"" help:"Take the tenant's writes again."`
	Delete tenantDeleteCmd `cmd:"" help:"Delete a tenant with its users, groups, tokens and accounts."`
}

type tenantCreateCmd struct {
	Name         string   `arg:"" help:"Name: a-z, 0-9 and hyphens."`
	Host         []string `required:"" sep:"none" help:"Host name the identity provider calls; may be repeated." placeholder:"HOST"`
	Organization string   `help:"Organization it belongs to; the tenant's name if left out." placeholder:"ORG"`
	Environment  string   `default:"production" help:"What it is for, such as production, staging or pilot." placeholder:"ENV"`
	jsonFlag
}

func (tenantCreateCmd) Help() string {
	return `Example:
  scimedge tenant create acme --host scim.acme.example
  scimedge tenant create acme-staging --host staging.acme.example --organization acme --environment staging`
}

func (c *tenantCreateCmd) Run(a *app) error {
	spec := admin.TenantSpec{Name: c.Name, Organization: c.Organization, Environment: c.Environment, Hosts: c.Host}
	return a.manage(creates, func(ctx context.Context, svc admin.Service) error {
		t, err := svc.TenantCreate(ctx, spec)
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, t, func(w io.Writer) { printTenant(w, t) })
	})
}

func printTenant(w io.Writer, t admin.Tenant) {
	pairs(w,
		"tenant", t.Name,
		"organization", t.Organization,
		"environment", t.Environment,
		"hosts", strings.Join(t.Hosts, " "),
		"base URL", strings.Join(t.BaseURLs, " "),
	)
}

type tenantListCmd struct{ jsonFlag }

func (tenantListCmd) Help() string { return "Example:\n  scimedge tenant list" }

func (c *tenantListCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		ts, err := svc.TenantList(ctx, admin.None{})
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, ts, func(w io.Writer) {
			var rows [][]string
			for _, t := range ts {
				rows = append(rows, []string{t.Name, t.Organization, t.Environment, t.State,
					strconv.Itoa(t.Users), strconv.Itoa(t.Groups), strconv.Itoa(t.Tokens), strings.Join(t.Hosts, ",")})
			}
			table(w, "NAME ORGANIZATION ENVIRONMENT STATE USERS GROUPS TOKENS HOSTS", rows)
		})
	})
}

// oneTenant is what show, set, pause and resume have in common.
type oneTenant struct {
	Name string `arg:"" help:"Name of the tenant."`
	jsonFlag
}

func (c *oneTenant) do(a *app, op func(admin.Service) func(context.Context, admin.TenantRef) (admin.TenantInfo, error)) error {
	return c.show(a, func(ctx context.Context, svc admin.Service) (admin.TenantInfo, error) {
		return op(svc)(ctx, admin.TenantRef{Tenant: c.Name})
	})
}

// show prints the tenant that op leaves behind.
func (c *oneTenant) show(a *app, op func(context.Context, admin.Service) (admin.TenantInfo, error)) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		t, err := op(ctx, svc)
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, t, func(w io.Writer) {
			printTenant(w, t.Tenant)
			pairs(w,
				"state       ", t.State, // as wide as "organization", so that both blocks line up
				"profile", t.Profile,
				"leniencies", cmp.Or(positions(t.Leniencies), "as the profile has them"),
				"switches", positions(t.Switches),
				"created", moment(&t.CreatedAt),
				"users", strconv.Itoa(t.Users),
				"groups", strconv.Itoa(t.Groups),
				"live tokens", strconv.Itoa(t.Tokens),
			)
		})
	})
}

type tenantShowCmd struct{ oneTenant }

func (tenantShowCmd) Help() string { return "Example:\n  scimedge tenant show acme" }

func (c *tenantShowCmd) Run(a *app) error {
	return c.do(a, func(s admin.Service) func(context.Context, admin.TenantRef) (admin.TenantInfo, error) {
		return s.TenantShow
	})
}

type tenantPauseCmd struct{ oneTenant }

func (tenantPauseCmd) Help() string {
	return `Writes are answered 503 with Retry-After until the tenant is resumed, so that the identity provider tries again later. Reads and discovery go on; to stop those, revoke the token.

Example:
  scimedge tenant pause acme`
}

func (c *tenantPauseCmd) Run(a *app) error {
	return c.do(a, func(s admin.Service) func(context.Context, admin.TenantRef) (admin.TenantInfo, error) {
		return s.TenantPause
	})
}

type tenantResumeCmd struct{ oneTenant }

func (tenantResumeCmd) Help() string { return "Example:\n  scimedge tenant resume acme" }

func (c *tenantResumeCmd) Run(a *app) error {
	return c.do(a, func(s admin.Service) func(context.Context, admin.TenantRef) (admin.TenantInfo, error) {
		return s.TenantResume
	})
}

type tenantDeleteCmd struct {
	Name string `arg:"" help:"Name of the tenant."`
	Yes  bool   `help:"Yes, delete it with everything in it."`
}

func (tenantDeleteCmd) Help() string {
	return `There is no way back: users, groups, tokens, accounts and history of the tenant go.

Example:
  scimedge tenant delete acme-staging --yes`
}

func (c *tenantDeleteCmd) Run(a *app) error {
	if !c.Yes {
		return admin.Usage("deleting tenant %q removes its users, groups, tokens and accounts for good: add --yes if that is wanted, or use `scimedge tenant pause %s`", c.Name, c.Name)
	}
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		if _, err := svc.TenantDelete(ctx, admin.TenantRef{Tenant: c.Name}); err != nil {
			return err
		}
		a.say("tenant %s is deleted", c.Name)
		return nil
	})
}
