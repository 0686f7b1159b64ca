package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
	"scimedge/directory"
	"scimedge/internal/buildinfo"
	"scimedge/internal/directories"
	"scimedge/kv/boltkv"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// core is the part of a server that a management command needs as well: the
// store and what stands on it.
type core struct {
	store    *boltkv.Store
	registry *tenancy.Registry
	dirs     *directories.Cache
}

// openCore opens the store and reads the tenants.
func openCore(ctx context.Context, cfg configs.Config, log *slog.Logger) (*core, error) {
	store, err := openStore(ctx, cfg, boltkv.Options{Logger: log})
	if err != nil {
		return nil, err
	}
	c := &core{store: store}
	if err := c.openTenants(ctx, cfg, log); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return c, nil
}

func openStore(ctx context.Context, cfg configs.Config, opts boltkv.Options) (*boltkv.Store, error) {
	// Only the server's own user may look inside.
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, admin.Failed("data_dir: %v", err)
	}
	store, err := boltkv.Open(storePath(cfg), opts)
	switch {
	case errors.Is(err, boltkv.ErrLocked):
		return nil, storeTaken(ctx, cfg)
	case errors.Is(err, fs.ErrPermission):
		return nil, admin.Failed("%v: run scimedge as the user that owns %s", err, cfg.DataDir)
	case err != nil:
		return nil, admin.Failed("%v", err)
	}
	return store, nil
}

// storeTaken says who has the store, as far as that can be found out.
func storeTaken(ctx context.Context, cfg configs.Config) error {
	client, err := admin.Dial(ctx, socketPath(cfg))
	if err == nil {
		defer client.Close()
		if st, err := client.Status(ctx, admin.None{}); err == nil {
			return admin.Failed("a scimedge server (process %d, version %s) is running on the store in %s: stop it first, or choose another data_dir", st.PID, st.Version, cfg.DataDir)
		}
	}
	return admin.Failed("another scimedge process has the store in %s open and does not answer at its admin socket: wait until it has started or stopped, or choose another data_dir", cfg.DataDir)
}

func (c *core) openTenants(ctx context.Context, cfg configs.Config, log *slog.Logger) error {
	var err error
	if c.dirs, err = directories.New(c.store, directory.Options{ScanBudget: cfg.Limits.ScanBudget}); err != nil {
		return fmt.Errorf("resource types: %w", err)
	}
	c.registry, err = tenancy.Open(ctx, c.store, tenancy.Options{
		Logger: log, NeverExpires: cfg.Tokens.NeverExpires, SessionTTL: cfg.Sessions.TTL,
		Leniencies: scimcore.LeniencyNames(),
	})
	return err
}

// ops is the management of this core.
func (c *core) ops(cfg configs.Config) *admin.Ops {
	return &admin.Ops{
		Registry:  c.registry,
		Store:     c.store,
		Directory: c.dirs.Of,
		Schemas:   c.dirs,
		BaseURL:   func(host string) string { return scimBaseURL(cfg, cfg.Listen, host) },
		Version:   buildinfo.Get().Version,
	}
}

func (c *core) close(ctx context.Context) error {
	return errors.Join(c.registry.FlushLastUsed(ctx), c.store.Close())
}

// quietLog is for commands: their log is for trouble only.
func quietLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}
