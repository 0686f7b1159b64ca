package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"scimedge/bench/idp"
	"scimedge/bench/scimclient"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sync:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, messages io.Writer) error {
	fs := flag.NewFlagSet("sync", flag.ContinueOnError)
	fs.SetOutput(messages)
	provider := fs.String("provider", "all", "okta, entra, entra-optscim, onelogin, jumpcloud, authentik, keycloak, pocket-id, or all")
	token := fs.String("token", "", "bearer token")
	host := fs.String("host", "", "Host header, instead of the URL's host")
	users := fs.Int("users", 200, "users that remain")
	groups := fs.Int("groups", 5, "groups that remain")
	seed := fs.Int64("seed", 1, "the same seed makes the same people")
	remote := fs.Bool("allow-remote", false, "the target is not this machine, and is yours to write to")
	asJSON := fs.Bool("json", false, "print the reports as one JSON document")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() != 1 {
		return errors.New("want one argument, the SCIM base URL; flags come before it")
	}
	if !*remote && !scimclient.IsLoopback(fs.Arg(0)) {
		return errors.New("the target is not this machine: add -allow-remote if it is yours to write to")
	}
	providers := idp.All()
	if *provider != "all" {
		one, err := idp.ByName(*provider)
		if err != nil {
			return err
		}
		providers = []idp.Provider{one}
	}
	c, err := scimclient.New(scimclient.Options{BaseURL: fs.Arg(0), Host: *host, Token: *token})
	if err != nil {
		return err
	}
	defer c.Close()
	var reports []idp.Report
	for i, p := range providers {
		// Providers share the tenant, so each has people and groups of its own.
		plan := idp.Plan{Users: *users, Groups: *groups, Seed: *seed + int64(i), Domain: p.Name() + ".example"}
		if len(providers) > 1 {
			plan.GroupPrefix = p.Name() + " "
		}
		rep, err := p.Sync(ctx, c, plan, nil)
		if err == nil {
			err = idp.Verify(ctx, c, rep)
		}
		reports = append(reports, rep)
		if !*asJSON {
			fmt.Fprintf(out, "%-14s %s\n", p.Name(), summary(rep, err))
		}
		if err != nil {
			return err
		}
	}
	if *asJSON {
		return json.NewEncoder(out).Encode(reports)
	}
	return nil
}

func summary(r idp.Report, err error) string {
	n := r.Counts
	s := fmt.Sprintf("%d users (%d created, %d found), %d changed, %d off, %d on again, %d deleted; %d groups, %d members added, %d removed; %d requests in %s",
		len(r.Users), n.UsersCreated, n.UsersLinked, n.UsersUpdated, n.Deactivated, n.Reactivated, n.UsersDeleted,
		len(r.Groups), n.MembersAdded, n.MembersRemoved, r.Requests, time.Duration(r.Elapsed).Round(time.Millisecond))
	if err != nil {
		return "FAILED after " + s
	}
	return strings.TrimSpace(s) + "; verified"
}
