package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"scimedge/bench/harness"
	"scimedge/bench/load"
	"scimedge/bench/scimclient"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "lists:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	fs := flag.NewFlagSet("lists", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "Example:\n  go run ./bench/lists -users 100000 -out bench/results\n\nFlags:")
		fs.PrintDefaults()
	}
	bin := fs.String("bin", "bin/scimedge", "the server's binary")
	users := fs.Int("users", 100_000, "users of the tenant")
	rounds := fs.Int("rounds", 5, "rounds of each scenario")
	out := fs.String("out", "", "folder for the results; only printed if left out")
	timeout := fs.Duration("timeout", 20*time.Minute, "bound of the whole run")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *users < 200 || *users > 1_000_000 || *rounds < 1 || *rounds > 100 {
		return errors.New("want 200 to 1000000 -users and 1 to 100 -rounds")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, *timeout, fmt.Errorf("not done within %s", *timeout))
	defer cancel()
	dir, err := os.MkdirTemp("", "scimedge-lists-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := harness.StartServer(ctx, *bin, dir, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	tenant, err := server.Tenant(ctx, "large")
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := load.Open(ctx, load.Options{URL: tenant.BaseURL, Host: tenant.Host, Token: tenant.Token, Users: *users, Clients: 64, Keep: true, Seed: 1}); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d users created in %.1f s\n", *users, time.Since(start).Seconds())
	client, err := scimclient.New(scimclient.Options{BaseURL: tenant.BaseURL, Host: tenant.Host, Token: tenant.Token})
	if err != nil {
		return err
	}
	defer client.Close()
	m := &measurement{server: server, client: client, users: *users, rounds: *rounds}
	if err := m.all(ctx); err != nil {
		return fmt.Errorf("%w (server: %s)", err, server.Log())
	}
	page := m.markdown(harness.ThisMachine(dir), server.Version(ctx), server.StoreBytes())
	fmt.Println(page)
	if *out == "" {
		return nil
	}
	return os.WriteFile(*out+"/lists.md", []byte(page), 0o644)
}
