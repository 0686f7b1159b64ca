package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"scimedge/kv/boltkv"
)

type serveCmd struct {
	AcceptRollback bool `help:"For one start: take the store file as it is although a newer one was in use here. What was committed after it is lost, and revoked tokens may be live again. Where the file is missing, begin without any data."`
}

func (serveCmd) Help() string {
	return `Without a configuration everything has its safe default: data in ./data, SCIM on 127.0.0.1:8080, metrics and health on 127.0.0.1:9464.

The server refuses a store file that is older than the one last used in its folder, since starting with it would lose what was committed meanwhile without a word. --accept-rollback starts with it all the same. Give it once, and never in a unit file: it switches that guard off.

SIGTERM lets the requests under way finish and stops with exit code 0; SIGHUP reads the configuration and the certificates again.

Example:
  scimedge serve
  scimedge serve --config /etc/scimedge/scimedge.yaml
  scimedge serve --accept-rollback`
}

func (c *serveCmd) Run(a *app) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := a.config()
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	s, err := startServer(ctx, cfg, boltkv.Options{AcceptRollback: c.AcceptRollback}, serverLog(a.err, level))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	s.announce(a.out)

	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-hup:
			s.reload(a)
		case <-ctx.Done():
			s.log.Info("stopping: letting the requests under way finish")
			// From here on a second signal ends the process the hard way.
			stop()
			return nil
		case err := <-s.failed:
			return err
		}
	}
}

// announce prints one line per listener, and that all of them answer.
func (s *server) announce(w io.Writer) {
	scheme := "http"
	if len(s.cfg.TLS) > 0 {
		scheme = "https"
	}
	pairs(w,
		"edge", scheme+"://"+s.edgeAddr+"  SCIM and /api/v1",
		"admin", "http://"+s.adminAddr+"  /metrics /livez /readyz",
		"socket", socketPath(s.cfg)+"  management commands",
	)
	fmt.Fprintln(w, "ready")
}

// serverLog writes one line per event, secrets left out by their types.
func serverLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
