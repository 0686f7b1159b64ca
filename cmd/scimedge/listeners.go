package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"scimedge/internal/admin"
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
		Registry: s.registry, Directories: s.dirs.of, Metrics: s.metrics,
		TrustedProxies: s.cfg.TrustedProxies, Logger: s.log,
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
	})
	if err == nil {
		deps.TLS = s.certs.config()
	}
	return deps, err
}

func (s *server) stopEdge(ctx context.Context) error { return s.edge.Shutdown(ctx) }

// plainHTTPAllowed refuses to send tokens over a network in the clear: without
// TLS of our own, somebody trusted has to end it in front of us.
func plainHTTPAllowed(addr string, tls, trusted bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return admin.Failed("listen: %q is not an address such as 127.0.0.1:8080: %v", addr, err)
	}
	ip, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && ip.IsLoopback()
	if tls || trusted || loopback {
		return nil
	}
	return admin.Failed("listen: %s is reachable from the network and would take tokens over plain HTTP: set tls, or name the proxies that end TLS in trusted_proxies, or listen on 127.0.0.1", addr)
}

func isAddrInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// scimBaseURL is where an identity provider reaches a host. Behind a trusted
// proxy the world sees https on its usual port, whatever we listen on.
func scimBaseURL(host, edgeAddr string, tls, trusted bool) string {
	_, port, _ := net.SplitHostPort(edgeAddr)
	switch {
	case trusted && !tls:
		return "https://" + host + "/scim/v2"
	case tls && port == "443":
		return "https://" + host + "/scim/v2"
	case tls:
		return "https://" + host + ":" + port + "/scim/v2"
	}
	return "http://" + host + ":" + port + "/scim/v2"
}
