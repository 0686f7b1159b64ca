package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
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
	return cfg, supported(cfg)
}

// supported refuses settings that nothing acts on yet: a limit that is believed
// in force and is not would be worse than none.
func supported(cfg configs.Config) error {
	var without []string
	for _, key := range changedSettings(configs.Default(), cfg) {
		switch key {
		case "upstream", "upstreams", "limits.rate_per_token", "limits.rate_per_tenant", "limits.patch_operations", "limits.filter_bytes":
			without = append(without, key)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return admin.Failed("this version cannot do %s yet: take it out of the configuration", strings.Join(without, ", "))
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
	if _, err := os.Stat(storePath(cfg)); need == needsStore && errors.Is(err, os.ErrNotExist) {
		return admin.Failed("there is no store in %s: set data_dir with --config or --data-dir, or begin with `scimedge tenant create`", cfg.DataDir)
	}
	core, err := openCore(ctx, cfg, quietLog(a.err))
	if err != nil {
		return err
	}
	return errors.Join(op(ctx, core.ops(cfg)), core.close(ctx))
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
