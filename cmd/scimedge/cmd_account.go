package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"scimedge/cmd/scimedge/admin"
)

type accountCmds struct {
	Create accountCreateCmd `cmd:"" help:"Create a person who can sign in to a tenant's token API, /api/v1."`
	List   accountListCmd   `cmd:"" help:"List the people who can sign in to a tenant's token API."`
}

type accountCreateCmd struct {
	tenantFlag
	Email         string   `required:"" help:"E-mail address to sign in with." placeholder:"ADDRESS"`
	Permission    []string `help:"What the person may do: sso:configure manages tokens and the schema. May be repeated." placeholder:"PERMISSION"`
	PasswordStdin bool     `help:"Read the password from the first line of standard input."`
	jsonFlag
}

func (accountCreateCmd) Help() string {
	return `The password comes from standard input, so that it stays out of the process list and the shell's history.

Example:
  scimedge account create --tenant acme --email ada@acme.example --permission sso:configure --password-stdin < password.txt`
}

func (c *accountCreateCmd) Run(a *app) error {
	if !c.PasswordStdin {
		return admin.Usage("the password is read from standard input only: add --password-stdin and pipe it in")
	}
	password, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	password = strings.TrimRight(password, "\r\n")
	if password == "" {
		return admin.Usage("standard input holds no password")
	}
	spec := admin.AccountSpec{Tenant: c.Tenant, Email: c.Email, Password: password, Permissions: c.Permission}
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		acc, err := svc.AccountCreate(ctx, spec)
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, acc, func(w io.Writer) {
			pairs(w, "account", acc.Email, "tenant", c.Tenant, "permissions", orDash(strings.Join(acc.Permissions, " ")))
		})
	})
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

type accountListCmd struct {
	tenantFlag
	jsonFlag
}

func (accountListCmd) Help() string { return "Example:\n  scimedge account list --tenant acme" }

func (c *accountListCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		accs, err := svc.AccountList(ctx, admin.TenantRef{Tenant: c.Tenant})
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, accs, func(w io.Writer) {
			var rows [][]string
			for _, acc := range accs {
				rows = append(rows, []string{acc.Email, strings.Join(acc.Permissions, ","), day(&acc.CreatedAt)})
			}
			table(w, "EMAIL PERMISSIONS CREATED", rows)
		})
	})
}
