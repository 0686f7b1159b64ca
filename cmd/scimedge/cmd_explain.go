package main

import (
	"context"
	"fmt"
	"io"

	"scimedge/cmd/scimedge/admin"
)

type explainCmd struct {
	Filter string `arg:"" help:"The filter, as it stands in a request."`
	Tenant string `help:"Name of the tenant; may be left out where there is one only." placeholder:"NAME"`
	Type   string `default:"User" help:"Resource type to look in." placeholder:"TYPE"`
	jsonFlag
}

func (explainCmd) Help() string {
	return `Says which index answers a filter in a tenant, how many candidates it leaves, and whether each of them has to be read. Nothing but that is read.

Example:
  scimedge explain 'userName eq "ada@acme.example"'
  scimedge explain --tenant acme --type Group 'members eq "0190a1b2-0000-7000-8000-000000000000" or displayName sw "eng"'`
}

func (c *explainCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		out, err := svc.Explain(ctx, admin.ExplainSpec{Tenant: c.Tenant, Type: c.Type, Filter: c.Filter})
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, out, func(w io.Writer) { fmt.Fprint(w, out.Plan) })
	})
}
