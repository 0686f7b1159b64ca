package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// service is one part of a running server. A part may rely on those before it
// in the list, which are started first and stopped last.
type service struct {
	name  string
	start func(context.Context) error
	stop  func(context.Context) error // nil when there is nothing to stop
}

// running is the services that were started.
type running struct {
	log     *slog.Logger
	started []service
}

// startAll starts services in order. When one fails, those before it are stopped
// again, and the error says which one it was.
func startAll(ctx context.Context, log *slog.Logger, services []service) (*running, error) {
	r := &running{log: log}
	for _, s := range services {
		began := time.Now()
		if err := s.start(ctx); err != nil {
			return nil, errors.Join(err, r.stopAll(context.WithoutCancel(ctx)))
		}
		log.Info("started", "service", s.name, "took", time.Since(began).Round(time.Microsecond).String())
		r.started = append(r.started, s)
	}
	return r, nil
}

// stopAll stops in reverse. It goes on after an error, so that the store is
// closed whatever happened to a listener.
func (r *running) stopAll(ctx context.Context) error {
	var errs []error
	for i := len(r.started) - 1; i >= 0; i-- {
		s := r.started[i]
		if s.stop == nil {
			continue
		}
		began := time.Now()
		if err := s.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping the %s: %w", s.name, err))
			continue
		}
		r.log.Info("stopped", "service", s.name, "took", time.Since(began).Round(time.Microsecond).String())
	}
	r.started = nil
	return errors.Join(errs...)
}
