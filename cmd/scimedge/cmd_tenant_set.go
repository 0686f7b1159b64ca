package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"scimedge/cmd/scimedge/admin"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

type tenantSetCmd struct {
	oneTenant
	Profile string   `help:"How SCIM requests are read: lenient understands the dialects of identity providers, strict keeps to the RFCs." placeholder:"lenient|strict"`
	Host    []string `sep:"none" help:"Host names the identity provider calls, in place of all it has; may be repeated." placeholder:"HOST"`

	Leniency []string `sep:"none" help:"One leniency other than the profile says; default goes by the profile again. May be repeated." placeholder:"NAME=on|off|default"`
	Switch   []string `sep:"none" help:"One switch; default puts it back. May be repeated." placeholder:"NAME=on|off|default"`
}

func (tenantSetCmd) Help() string {
	return `What is not given stays. It is in force from the next request on. Hosts that are left out lead nowhere from then on, so name the old one as well until the identity provider calls the new one.

Leniencies: ` + strings.Join(scimcore.LeniencyNames(), ", ") + `.

Switches:
` + switchHelp() + `
Example:
  scimedge tenant set acme --profile strict
  scimedge tenant set acme --leniency unquoted_literals=off --switch require_if_match=on
  scimedge tenant set acme --host scim.acme.example --host new.acme.example`
}

func switchHelp() string {
	var b strings.Builder
	for _, s := range tenancy.Switches() {
		fmt.Fprintf(&b, "  %s (%s): %s\n", s.Name, onOff(s.Default), s.About)
	}
	return b.String()
}

func (c *tenantSetCmd) Run(a *app) error {
	if c.Profile == "" && len(c.Host)+len(c.Leniency)+len(c.Switch) == 0 {
		return admin.Usage("there is nothing to set: give --leniency, --switch, --profile or --host")
	}
	change := admin.TenantChange{Tenant: c.Name, Profile: c.Profile, Hosts: c.Host}
	var err error
	if change.Leniencies, err = parsePositions("--leniency", c.Leniency); err != nil {
		return err
	}
	if change.Switches, err = parsePositions("--switch", c.Switch); err != nil {
		return err
	}
	return c.show(a, func(ctx context.Context, svc admin.Service) (admin.TenantInfo, error) {
		return svc.TenantSet(ctx, change)
	})
}

// parsePositions reads NAME=on, NAME=off and NAME=default, which is nil.
func parsePositions(flag string, texts []string) (map[string]*bool, error) {
	out := map[string]*bool{}
	for _, text := range texts {
		name, position, _ := strings.Cut(text, "=")
		if _, twice := out[name]; twice {
			return nil, admin.Usage("%s %s is given twice", flag, name)
		}
		on := position == "on"
		switch {
		case name == "" || !on && position != "off" && position != "default":
			return nil, admin.Usage("%s %q is not NAME=on, NAME=off or NAME=default", flag, text)
		case position == "default":
			out[name] = nil
		default:
			out[name] = &on
		}
	}
	return out, nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// positions lists settings in the order of their names, as they are given.
func positions(m map[string]bool) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, name+"="+onOff(m[name]))
	}
	return strings.Join(list, " ")
}
