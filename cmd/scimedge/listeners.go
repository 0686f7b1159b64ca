package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"scimedge/cmd/scimedge/admin"
	"scimedge/configs"
	"scimedge/portal"
	"scimedge/proxy"
)

func (s *server) startAdminListener(ctx context.Context) error {
	ln, err := listen(ctx, "admin listener", s.cfg.Admin.Listen, "admin.listen or SCIMEDGE_ADMIN_LISTEN")
	if err != nil {
		return err
	}
	s.adminAddr = ln.Addr().String()
	s.adminHTTP = &http.Server{Handler: adminPages(s.metrics.Handler(), s.checks()), ReadHeaderTimeout: 10 * time.Second}
	s.serveUntilStopped("admin listener", func() error { return s.adminHTTP.Serve(ln) })
	return nil
}

func (s *server) stopAdminListener(ctx context.Context) error { return s.adminHTTP.Shutdown(ctx) }

// checks are what /readyz goes by.
func (s *server) checks() []healthCheck {
	return []healthCheck{
		{"store", s.store.Failed},
		{"tenants", func() error { _, err := s.registry.Tenants(s.life); return err }},
		{"edge listener", func() error {
			if !s.serving.Load() {
				return errors.New("starting or stopping")
			}
			return nil
		}},
	}
}

func (s *server) startAdminSocket(context.Context) (err error) {
	s.adminSocket, err = admin.Listen(socketPath(s.cfg), s.ops)
	if err != nil {
		return err
	}
	s.serveUntilStopped("admin socket", s.adminSocket.Serve)
	return nil
}

func (s *server) stopAdminSocket(ctx context.Context) error { return s.adminSocket.Shutdown(ctx) }

func (s *server) startEdge(ctx context.Context) error {
	deps, err := s.edgeDeps()
	if err != nil {
		return err
	}
	if s.edge, err = proxy.New(deps); err != nil {
		return fmt.Errorf("edge: %w", err)
	}
	ln, err := listen(ctx, "edge", s.cfg.Listen, "listen, SCIMEDGE_LISTEN or demo --listen")
	if err != nil {
		return err
	}
	s.edgeAddr = ln.Addr().String()
	s.serveUntilStopped("edge", func() error { return s.edge.Serve(ln) })
	return nil
}

// edgeDeps is what the edge is made of.
func (s *server) edgeDeps() (proxy.Deps, error) {
	deps := proxy.Deps{
		Registry: s.registry, Directories: s.dirs.Of, Metrics: s.metrics,
		API:            portal.New(portal.Deps{Registry: s.registry, Schemas: s.dirs, Logger: s.log}),
		TrustedProxies: s.cfg.TrustedProxies, Scheme: s.cfg.PublicScheme(), Limits: edgeLimits(s.cfg.Limits), Logger: s.log,
	}
	if len(s.cfg.TLS) == 0 {
		return deps, nil
	}
	files := map[string]certFiles{}
	for host, f := range s.cfg.TLS {
		files[host] = certFiles{f.Cert, f.Key}
	}
	var err error
	s.certs, err = newCertificates(files, func(host string, err error) {
		s.log.Error("a certificate could not be read again; the old one stays in use", "host", host, "error", err)
	}, func(name string) {
		s.log.Warn("no certificate for the name that a client asked for: add it to tls, or have the client call a name that is there",
			"server_name", name[:min(len(name), maxLoggedName)])
	})
	if err == nil {
		deps.TLS = s.certs.config()
	}
	return deps, err
}

// maxLoggedName is the longest a host name can be; more is not worth a log line.
const maxLoggedName = 253

func edgeLimits(l configs.Limits) proxy.Limits {
	return proxy.Limits{
		BodyBytes: int(l.MaxBody), LargeBodyBytes: int(l.MaxGroupBody), BodyBytesInFlight: int64(l.BodyBytesInFlight),
		HeaderBytes: int(l.MaxHeader), Connections: l.Connections, ConnectionsPerIP: l.ConnectionsPerIP,
		PageSize: l.PageSize, MaxPageSize: l.MaxPageSize, BulkOperations: l.BulkOperations, BulkOff: !l.Bulk,
		RatePerToken: l.RatePerToken, RatePerTenant: l.RatePerTenant, FailedAuthPerSource: l.FailedAuthPerSource,
		RateHeaders: l.RateLimitHeaders,
		ReadTimeout: l.ReadTimeout, WriteTimeout: l.WriteTimeout, IdleTimeout: l.IdleTimeout, RequestTimeout: l.RequestTimeout,
		CursorLife: l.CursorLife,
	}
}

func (s *server) stopEdge(ctx context.Context) error { return s.edge.Shutdown(ctx) }

func isAddrInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// scimBaseURL is where an identity provider reaches a host, with the edge
// listening on addr. Behind a trusted proxy the world sees https on its usual
// port, whatever we listen on, unless public_url says otherwise.
func scimBaseURL(cfg configs.Config, addr, host string) string {
	_, port, _ := net.SplitHostPort(addr) // validated with the configuration
	base := "http://" + host + ":" + port
	switch {
	case cfg.PublicURL != "":
		base = strings.TrimRight(strings.Replace(cfg.PublicURL, "{host}", host, 1), "/")
	case len(cfg.TLS) > 0 && port != "443":
		base = "https://" + host + ":" + port
	case len(cfg.TLS) > 0 || len(cfg.TrustedProxies) > 0:
		base = "https://" + host
	case port == "80":
		base = "http://" + host
	}
	return base + "/scim/v2"
}
