package main

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"scimedge/cmd/scimedge/admin"
	"scimedge/tenancy"
)

type tokenCmds struct {
	Create tokenCreateCmd `cmd:"" help:"Create a token for an identity provider."`
	List   tokenListCmd   `cmd:"" help:"List a tenant's tokens, never their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token, from the next request on."`
}

type tokenCreateCmd struct {
	tenantFlag
	Name      string   `required:"" help:"Name that tells where it is used, such as okta-prod." placeholder:"NAME"`
	Expires   string   `default:"365d" help:"Life (90d, 12h), a day (2027-12-31), or never where the configuration allows it."`
	IDP       string   `name:"idp" help:"Identity provider it is for, such as okta, entra or onelogin." placeholder:"IDP"`
	Scope     []string `help:"What it may do; everything if left out. May be repeated." placeholder:"SCOPE"`
	AllowCIDR []string `name:"allow-cidr" help:"Network it may be used from; any if left out. May be repeated." placeholder:"CIDR"`
	Me        string   `help:"Id of the user that /Me stands for; nobody if left out." placeholder:"USER_ID"`
	jsonFlag
}

func (tokenCreateCmd) Help() string {
	return `Standard output is the token alone, so that it can be kept in a variable. It is shown this once and stored nowhere.

Example:
  scimedge token create --tenant acme --name okta-prod --idp okta
  TOKEN=$(scimedge token create --tenant acme --name pilot --expires 30d)`
}

func (c *tokenCreateCmd) Run(a *app) error {
	spec := admin.TokenSpec{Tenant: c.Tenant, Name: c.Name, IDP: c.IDP, Scopes: c.Scope, CIDRs: c.AllowCIDR, User: c.Me}
	var err error
	if spec.ExpiresIn, spec.ExpiresAt, err = parseExpiry(c.Expires); err != nil {
		return err
	}
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		t, err := svc.TokenCreate(ctx, spec)
		if err != nil {
			return err
		}
		expires := "never expires"
		if t.ExpiresAt != nil {
			expires = "expires " + day(t.ExpiresAt)
		}
		a.say("token %s (%s) for tenant %s, %s environment, %s; it is shown this once:", t.Name, t.Prefix, c.Tenant, t.Environment, expires)
		return a.print(c.jsonFlag, t, func(w io.Writer) { _, _ = io.WriteString(w, t.Token+"\n") })
	})
}

// parseExpiry reads a life in days or any Go duration, a day, or never.
func parseExpiry(s string) (in time.Duration, at time.Time, err error) {
	if s == "never" {
		return admin.Never, at, nil
	}
	if n, ok := strings.CutSuffix(s, "d"); ok {
		// 100 years bound the product well below an overflow.
		if days, err := strconv.Atoi(n); err == nil && days > 0 && days <= 36500 {
			return time.Duration(days) * 24 * time.Hour, at, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, at, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return 0, at, nil
		}
	}
	return 0, at, admin.Usage("--expires %q is neither a life such as 365d or 12h, nor a day such as 2027-12-31, nor never", s)
}

type tokenListCmd struct {
	tenantFlag
	jsonFlag
}

func (tokenListCmd) Help() string {
	return `The columns SCOPES and NETWORKS are there when any token is bounded in what it may do or in where it may be used from, ME when any stands for a user.

Example:
  scimedge token list --tenant acme`
}

func (c *tokenListCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		ts, err := svc.TokenList(ctx, admin.TenantRef{Tenant: c.Tenant})
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, ts, func(w io.Writer) {
			bounded := slices.ContainsFunc(ts, isBounded)
			header := "ID NAME PREFIX ENVIRONMENT IDP STATE CREATED BY EXPIRES LAST-USED"
			if bounded {
				header += " SCOPES NETWORKS"
			}
			bound := slices.ContainsFunc(ts, func(t admin.Token) bool { return t.User != "" })
			if bound {
				header += " ME"
			}
			var rows [][]string
			for _, t := range ts {
				row := []string{t.ID, t.Name, t.Prefix, t.Environment, t.IDP, t.State,
					day(&t.CreatedAt), t.CreatedBy, day(t.ExpiresAt), moment(t.LastUsedAt)}
				if bounded {
					row = append(row, strings.Join(t.Scopes, ","), strings.Join(t.AllowCIDRs, ","))
				}
				if bound {
					row = append(row, t.User)
				}
				rows = append(rows, row)
			}
			table(w, header, rows)
		})
	})
}

// isBounded reports whether a token may do less, or from fewer places, than one
// that was made without saying anything about it.
func isBounded(t admin.Token) bool {
	return len(t.AllowCIDRs) > 0 || !slices.Equal(t.Scopes, []string{tenancy.ScopeSCIM})
}

type tokenRevokeCmd struct {
	tenantFlag
	ID string `arg:"" help:"Id or prefix of the token, as token list shows it."`
	jsonFlag
}

func (tokenRevokeCmd) Help() string {
	return "Example:\n  scimedge token revoke --tenant acme 3f9a1c0b77de4412"
}

func (c *tokenRevokeCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		t, err := svc.TokenRevoke(ctx, admin.TokenRef{Tenant: c.Tenant, ID: c.ID})
		if err != nil {
			return err
		}
		a.say("token %s (%s) is refused from the next request on", t.Name, t.Prefix)
		return a.print(c.jsonFlag, t, func(io.Writer) {})
	})
}
