package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
	"scimedge/kv/boltkv"
	"scimedge/metrics"
	"scimedge/proxy"
	"scimedge/tenancy"
)

const (
	drainTime     = 25 * time.Second // systemd and Kubernetes kill after 30 s or more
	lastUsedEvery = 5 * time.Second
)

// server is a running scimedge: the services below and what they share.
type server struct {
	core
	cfg     configs.Config
	opening boltkv.Options
	log     *slog.Logger
	running *running

	metrics   *metrics.Set
	edge      *proxy.Edge
	certs     *certificates
	ops       *admin.Ops
	edgeAddr  string // as bound, which matters for port 0
	adminAddr string

	adminHTTP   *http.Server
	adminSocket *admin.Server

	// life ends when the server stops; background services watch it.
	life context.Context
	end  context.CancelFunc
	// failed carries the error of a listener that gave up by itself.
	failed chan error
	// serving is what /readyz goes by: after the last start, until the first stop.
	serving    atomic.Bool
	background sync.WaitGroup
}

// startServer starts all services, with a store opened as opening says. When it
// returns, every listener answers.
func startServer(ctx context.Context, cfg configs.Config, opening boltkv.Options, log *slog.Logger) (*server, error) {
	s := &server{cfg: cfg, opening: opening, log: log, failed: make(chan error, 3)}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if s.running, err = startAll(ctx, log, s.services()); err != nil {
		s.end()
		return nil, err
	}
	s.serving.Store(true)
	return s, nil
}

// services is the whole server, in the order in which its parts need each other.
func (s *server) services() []service {
	return []service{
		{"store", s.openStore, s.closeStore},
		{"tenants", s.openRegistry, s.flushLastUsed},
		{"unfinished work", s.resumeStaged, nil},
		{"last-used flusher", s.startFlusher, s.stopBackground},
		{"admin listener", s.startAdminListener, s.stopAdminListener},
		{"admin socket", s.startAdminSocket, s.stopAdminSocket},
		{"edge", s.startEdge, s.stopEdge},
	}
}

// stop drains and stops everything.
func (s *server) stop() error {
	s.serving.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return s.running.stopAll(ctx)
}

// wait returns when ctx ends, or with the error of a listener that gave up.
func (s *server) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

func (s *server) openStore(ctx context.Context) (err error) {
	// Metrics come first of all: the store reports its commits to them.
	s.metrics = metrics.New(s.metricOptions())
	opts := s.opening
	opts.Logger, opts.OnCommit = s.log, s.metrics.Commits("boltkv")
	s.store, err = openStore(ctx, s.cfg, opts)
	return err
}

func (s *server) closeStore(context.Context) error { return s.store.Close() }

func (s *server) openRegistry(ctx context.Context) error {
	if err := s.openTenants(ctx, s.cfg, s.log); err != nil {
		return err
	}
	s.ops = s.core.ops(s.cfg)
	s.ops.Serving = true
	s.ops.TenantGone = s.forgetTenant
	s.ops.BaseURL = func(host string) string { return scimBaseURL(s.cfg, s.edgeAddr, host) }
	return nil
}

// forgetTenant lets go of what is kept in memory of a deleted tenant.
func (s *server) forgetTenant(t tenancy.Tenant) {
	s.dirs.Forget(t.ID)
	s.metrics.ForgetTenant(t.Name)
}

func (s *server) flushLastUsed(ctx context.Context) error {
	if err := s.store.Failed(); err != nil {
		return nil // it takes no writes, and said so when it failed
	}
	return s.registry.FlushLastUsed(ctx)
}

// resumeStaged finishes what a crash interrupted, before anyone can ask for it.
func (s *server) resumeStaged(ctx context.Context) error {
	tenants, err := s.registry.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := s.dirs.Resume(ctx, &t); err != nil {
			return admin.Failed("tenant %s: %v", t.Name, err)
		}
	}
	return nil
}

// startFlusher writes last-used times now and then, so that using a token never
// costs a transaction.
func (s *server) startFlusher(context.Context) error {
	s.background.Go(func() {
		tick := time.NewTicker(lastUsedEvery)
		defer tick.Stop()
		for {
			select {
			case <-s.life.Done():
				return
			case <-tick.C:
				if err := s.flushLastUsed(s.life); err != nil && s.life.Err() == nil {
					s.log.Warn("last-used times were not written; trying again", "error", err)
				}
			}
		}
	})
	return nil
}

func (s *server) stopBackground(context.Context) error {
	s.end()
	s.background.Wait()
	return nil
}

// listen takes a TCP address, or says who might have it and what to do.
func listen(ctx context.Context, what, addr, cure string) (net.Listener, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case isAddrInUse(err):
		return nil, admin.Failed("%s: %s is taken by another program: stop it, or choose another address with %s", what, addr, cure)
	}
	return nil, admin.Failed("%s: %v", what, err)
}

// serveUntilStopped runs a listener's loop. Should it end by itself, so does scimedge.
func (s *server) serveUntilStopped(what string, serve func() error) {
	s.background.Go(func() {
		if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) && s.life.Err() == nil {
			s.failed <- admin.Failed("%s: %v", what, err)
		}
	})
}
