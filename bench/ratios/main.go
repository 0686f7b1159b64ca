package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"scimedge/bench/harness"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	bin, floor, dir, out, config string
	only                         []string
	users, small, rounds         int
	gets, creates, filters       int
	members, indexRows           int
	enforce, keep                bool
	timeout                      time.Duration
}

func parse(args []string) (options, error) {
	var o options
	fs := flag.NewFlagSet("ratios", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "Example:\n  go run ./bench/ratios -users 100000 -out bench/results\n  go run ./bench/ratios -only get,create\n\nFlags:")
		fs.PrintDefaults()
	}
	only := fs.String("only", "", "comma-separated: get, create, filter, member; all if left out")
	fs.StringVar(&o.bin, "bin", "bin/scimedge", "the server's binary")
	fs.StringVar(&o.floor, "floor", "", "the floors' binary; built from ./bench/floor if left out")
	fs.StringVar(&o.dir, "dir", "", "folder for the stores; a temporary one if left out. Not on tmpfs, which is not durable")
	fs.StringVar(&o.out, "out", "", "folder for the results; only printed if left out")
	fs.StringVar(&o.config, "config", "", "file with more of the server's configuration (YAML)")
	fs.IntVar(&o.users, "users", 100_000, "users of the large tenant and members of the large group")
	fs.IntVar(&o.small, "small", 1000, "users of the small tenant")
	fs.IntVar(&o.rounds, "rounds", 5, "rounds of each side")
	fs.IntVar(&o.gets, "gets", 40_000, "requests a round of get")
	fs.IntVar(&o.creates, "creates", 6000, "users a round of create")
	fs.IntVar(&o.filters, "filters", 20_000, "requests a round of filter")
	fs.IntVar(&o.members, "members", 300, "members a round of member")
	fs.IntVar(&o.indexRows, "index-rows", 7, "index rows that creating a user writes, for the floor of create")
	fs.BoolVar(&o.enforce, "enforce", false, "exit with 1 when a promise is not kept")
	fs.BoolVar(&o.keep, "keep", false, "leave the stores in -dir")
	fs.DurationVar(&o.timeout, "timeout", 20*time.Minute, "bound of the whole run")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	return o, o.validate()
}

func (o options) validate() error {
	for _, name := range o.only {
		if !slices.Contains([]string{"get", "create", "filter", "member"}, name) {
			return fmt.Errorf("-only %s: there are get, create, filter, member", name)
		}
	}
	for name, v := range map[string]int{"users": o.users, "small": o.small, "rounds": o.rounds, "gets": o.gets, "creates": o.creates, "filters": o.filters, "members": o.members, "index-rows": o.indexRows} {
		if v < 1 || v > 1_000_000 {
			return fmt.Errorf("-%s %d: want 1..1000000", name, v)
		}
	}
	if o.small < 10 || o.users < 20 || o.members > outsiders {
		return fmt.Errorf("want at least 10 -small, 20 -users and at most %d -members", outsiders)
	}
	return nil
}

func (o options) wants(name string) bool { return len(o.only) == 0 || slices.Contains(o.only, name) }

func run(ctx context.Context, o options) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("not done within %s", o.timeout))
	defer cancel()
	if _, err := os.Stat(o.bin); err != nil {
		return fmt.Errorf("no server binary (make build makes one): %w", err)
	}
	dir, err := os.MkdirTemp(o.dir, "scimedge-ratios-")
	if err != nil {
		return err
	}
	if !o.keep {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if o.floor == "" && (o.wants("get") || o.wants("create")) {
		o.floor = filepath.Join(dir, "floor")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", o.floor, "scimedge/bench/floor")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building the floors: %w: %s", err, out)
		}
	}
	m := &measurement{o: o, dir: dir, log: os.Stderr, machine: harness.ThisMachine(dir)}
	if err := m.all(ctx); err != nil {
		return err
	}
	fmt.Println(harness.Markdown(m.records))
	return m.verdict()
}

// verdict turns what was measured into success or failure.
func (m *measurement) verdict() error {
	if len(m.records) == 0 {
		return errors.New("measured nothing")
	}
	var broken []string
	for _, r := range m.records {
		for _, x := range r.Ratios {
			if !x.Measured() {
				return fmt.Errorf("%s: %s: measured nothing", r.Scenario, x.Name)
			}
			if !x.Holds() {
				broken = append(broken, fmt.Sprintf("%s: %s is %.2f", r.Scenario, x.Name, x.Value))
			}
		}
	}
	if m.o.enforce && len(broken) > 0 {
		return errors.New("promises not kept: " + strings.Join(broken, "; "))
	}
	return nil
}
