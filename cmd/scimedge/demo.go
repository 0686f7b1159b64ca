package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"scimedge/bench/idp"
	"scimedge/bench/scimclient"
	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
	"scimedge/kv/boltkv"
)

type demoCmd struct {
	Listen      string `default:"127.0.0.1:8080" help:"Address of SCIM and the token API." placeholder:"ADDR"`
	AdminListen string `default:"127.0.0.1:9464" help:"Address of metrics and health." placeholder:"ADDR"`
	Data        string `help:"Keep the data in this folder, or in that of --data-dir; a temporary one is used and removed if both are left out." placeholder:"DIR" type:"path"`
	Users       int    `default:"200" help:"Users that each identity provider provisions."`
	Once        bool   `help:"Exit after the sync."`
}

func (demoCmd) Help() string {
	return `Starts a server with two tenants, lets a simulated Okta and a simulated Microsoft Entra provision users and groups into them over HTTP, and prints curl lines to look at the result. Ctrl-C ends it.

Example:
  scimedge demo
  scimedge demo --data ./demo-data --users 1000`
}

// demoGroups is how many groups each identity provider provisions.
const demoGroups = 5

// demoTenant is one of the two syncs of the demo.
type demoTenant struct {
	name, host, domain string
	idp                idp.Provider
	seed               int64

	baseURL string
	token   string
	report  idp.Report
}

func demoTenants() []*demoTenant {
	return []*demoTenant{
		{name: "acme", host: "acme.localhost", domain: "acme.example", idp: idp.Okta(), seed: 1},
		{name: "globex", host: "globex.localhost", domain: "globex.example", idp: idp.Entra(), seed: 2},
	}
}

func (c *demoCmd) Run(a *app) (err error) {
	if c.Users < 1 {
		return admin.Usage("--users %d: the demo wants at least one user", c.Users)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx = admin.WithCaller(ctx, "demo")
	dir := cmp.Or(c.Data, a.dataDir)
	if dir == "" {
		if dir, err = os.MkdirTemp("", "scimedge-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	cfg := configs.Default()
	cfg.DataDir, cfg.Listen, cfg.Admin.Listen = dir, c.Listen, c.AdminListen
	if err := cfg.Validate(); err != nil {
		return admin.Usage("%v", err)
	}

	s, err := startServer(ctx, cfg, boltkv.Options{}, quietLog(a.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()

	if err := c.fill(ctx, a, s); err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C in the middle of it
		}
		return err
	}
	if c.Once {
		return nil
	}
	fmt.Fprintln(a.out, "\nready - Ctrl-C ends it")
	return s.wait(ctx)
}

// fill makes the tenants, lets the identity providers sync, and prints the result.
func (c *demoCmd) fill(ctx context.Context, a *app, s *server) error {
	fmt.Fprint(a.out, demoPicture)
	tenants := demoTenants()
	for _, t := range tenants {
		if err := t.prepare(ctx, s); err != nil {
			return err
		}
	}
	signIn, err := createSignIn(ctx, s.ops, tenants[0])
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := t.sync(ctx, a, c.Users); err != nil {
			return err
		}
	}
	printDemo(a.out, s, tenants, signIn)
	return nil
}

// prepare makes the tenant, unless an earlier demo did, and a fresh token.
func (t *demoTenant) prepare(ctx context.Context, s *server) error {
	have, err := s.ops.TenantList(ctx, admin.None{})
	if err != nil {
		return err
	}
	found := false
	for _, h := range have {
		found = found || h.Name == t.name
	}
	if !found {
		spec := admin.TenantSpec{Name: t.name, Organization: t.name, Hosts: []string{t.host}}
		if _, err := s.ops.TenantCreate(ctx, spec); err != nil {
			return err
		}
	}
	_, port, err := net.SplitHostPort(s.edgeAddr)
	if err != nil {
		return err
	}
	t.baseURL = "http://" + net.JoinHostPort(t.host, port) + "/scim/v2"
	// Names are unique among live tokens, and a kept folder has those of earlier starts.
	name := fmt.Sprintf("%s-demo-%s", t.idp.Name(), time.Now().Format("20060102-150405.000"))
	token, err := s.ops.TokenCreate(ctx, admin.TokenSpec{Tenant: t.name, Name: name, IDP: t.idp.Name()})
	t.token = token.Token
	return err
}

// sync lets the identity provider provision its people over HTTP.
func (t *demoTenant) sync(ctx context.Context, a *app, users int) error {
	client, err := scimclient.New(scimclient.Options{BaseURL: t.baseURL, Token: t.token})
	if err != nil {
		return err
	}
	defer client.Close()
	bar := newProgress(a.err, fmt.Sprintf("%-5s -> %-6s", t.idp.Name(), t.name))
	plan := idp.Plan{Users: users, Groups: demoGroups, Seed: t.seed, Domain: t.domain}
	t.report, err = t.idp.Sync(ctx, client, plan, bar.show)
	bar.finish()
	if err != nil {
		return fmt.Errorf("the simulated %s sync into %s: %w", t.idp.Name(), t.name, err)
	}
	return nil
}
