package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
	"scimedge/tenancy"
)

// app is what every command works with.
type app struct {
	stdio
	configFile string
	dataDir    string // of the flag; overrides the configuration
}

// config reads the configuration: file, then environment, then flags.
func (a *app) config() (configs.Config, error) {
	cfg, err := configs.Load(a.configFile, os.Environ())
	if err != nil {
		return cfg, admin.Failed("%v", err)
	}
	if a.dataDir != "" {
		cfg.DataDir = a.dataDir
	}
	if cfg.TLS, err = canonicalNames(cfg.TLS); err != nil {
		return cfg, admin.Failed("%s: %v", a.configFile, err) // tls comes from a file only
	}
	return cfg, supported(cfg)
}

// canonicalNames spells the host names of certificates as those of requests are
// spelled when the two are compared.
func canonicalNames(given map[string]configs.CertFiles) (map[string]configs.CertFiles, error) {
	out := make(map[string]configs.CertFiles, len(given))
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(given)) {
		name, wild := strings.CutPrefix(key, "*.")
		name, err := tenancy.CanonicalHost(name)
		if wild {
			name = "*." + name
		}
		switch _, twice := out[name]; {
		case err != nil:
			problems = append(problems, fmt.Errorf("tls.%s: %w", key, err))
		case twice:
			problems = append(problems, fmt.Errorf("tls.%s: the certificate of %s is named already: letter case, a port and a trailing dot do not tell names apart", key, name))
		default:
			out[name] = given[key]
		}
	}
	return out, errors.Join(problems...)
}

// supported refuses settings that nothing acts on yet: a limit that is believed
// in force and is not would be worse than none.
func supported(cfg configs.Config) error {
	var without []string
	for _, key := range changedSettings(configs.Default(), cfg) {
		switch key {
		case "upstream", "upstreams":
			without = append(without, key)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return admin.Failed("this version passes no requests on to an application: take %s out of the configuration, and let a proxy in front send other paths there", strings.Join(without, " and "))
}

// storeNeed says what a management command does where no store is yet.
type storeNeed bool

const (
	needsStore storeNeed = true  // it fails: an empty new store is not what was meant
	creates    storeNeed = false // it makes one: this is how an installation begins
)

// manage runs op against the running server, or else against the store itself.
func (a *app) manage(need storeNeed, op func(context.Context, admin.Service) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx = admin.WithCaller(ctx, whoAmI())
	cfg, err := a.config()
	if err != nil {
		return err
	}
	client, err := admin.Dial(ctx, socketPath(cfg))
	switch {
	case err == nil:
		defer client.Close()
		return op(ctx, client)
	case !errors.Is(err, admin.ErrNotRunning):
		return err
	}
	if need == needsStore && neverHadStore(cfg) {
		return admin.Failed("there is no store in %s: set data_dir with --config or --data-dir, or begin with `scimedge tenant create`", cfg.DataDir)
	}
	core, err := openCore(ctx, cfg, quietLog(a.err))
	if err != nil {
		return err
	}
	return errors.Join(op(ctx, core.ops(cfg)), core.close(ctx))
}

// neverHadStore reports whether there is no store, and no trace of one that was
// lost either: about a lost one the store itself says what to do.
func neverHadStore(cfg configs.Config) bool {
	_, err := os.Stat(storePath(cfg))
	side, sideErr := os.Stat(storePath(cfg) + ".txid")
	return errors.Is(err, os.ErrNotExist) && (sideErr != nil || side.Size() == 0)
}

func socketPath(cfg configs.Config) string { return filepath.Join(cfg.DataDir, "admin.sock") }

func storePath(cfg configs.Config) string { return filepath.Join(cfg.DataDir, "store.db") }

// whoAmI is the person at the terminal, for the audit trail: with sudo that is
// not the user the command runs as.
func whoAmI() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
