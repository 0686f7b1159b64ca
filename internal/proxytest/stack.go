package proxytest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scimedge/directory"
	"scimedge/internal/directories"
	"scimedge/kv"
	"scimedge/kv/boltkv"
	"scimedge/kv/memkv"
	"scimedge/metrics"
	"scimedge/portal"
	"scimedge/proxy"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// Stack is a running server. The embedded tenant is Acme.
type Stack struct {
	*Tenant
	Acme    *Tenant // acme.test, production
	Staging *Tenant // staging.acme.test, the same organization
	Globex  *Tenant // globex.test, another one

	Store    kv.Store
	Registry *tenancy.Registry
	Metrics  *metrics.Set
	Edge     *proxy.Edge
	Addr     string // of the listener
	Log      *Log   // what the server logged

	t      testing.TB
	cfg    config
	dirs   *directories.Cache
	client *http.Client
	seen   *observations
}

type config struct {
	deps    proxy.Deps
	store   kv.Store
	bolt    bool
	mem     memkv.Options
	options directory.Options
}

// Option changes how a Stack is built.
type Option func(*config)

// WithBolt keeps the data in a boltkv file instead of memory.
func WithBolt() Option { return func(c *config) { c.bolt = true } }

// WithStore keeps the data in a store of the caller's, who closes it.
func WithStore(s kv.Store) Option { return func(c *config) { c.store = s } }

// WithMem sets the mode of the in-memory store; the default is plain.
func WithMem(o memkv.Options) Option { return func(c *config) { c.mem = o } }

// WithDirectory changes how directories behave; Dialect follows the tenant's profile.
func WithDirectory(o directory.Options) Option { return func(c *config) { c.options = o } }

// WithLimits sets the limits of the edge.
func WithLimits(l proxy.Limits) Option { return func(c *config) { c.deps.Limits = l } }

// WithAPI mounts something else in place of the portal.
func WithAPI(a proxy.API) Option { return func(c *config) { c.deps.API = a } }

// WithDeps changes anything else the edge is given.
func WithDeps(change func(*proxy.Deps)) Option { return func(c *config) { change(&c.deps) } }

// New starts a stack and sees to its end.
func New(t testing.TB, opts ...Option) *Stack {
	t.Helper()
	s := &Stack{t: t, seen: &observations{}, Log: &Log{}}
	for _, o := range opts {
		o(&s.cfg)
	}
	s.Store = s.openStore()
	clock := s.cfg.deps.Clock
	ctx := context.Background()
	registry, err := tenancy.Open(ctx, s.Store, tenancy.Options{Clock: clock, NeverExpires: true, Leniencies: scimcore.LeniencyNames()})
	s.must(err)
	s.Registry = registry
	s.Metrics = metrics.New(metrics.Options{Version: "test"})

	base := s.cfg.options
	if base.Clock == nil {
		base.Clock = clock
	}
	s.dirs, err = directories.New(s.Store, base)
	s.must(err)

	deps := s.cfg.deps
	deps.Registry, deps.Directories, deps.Metrics = registry, s.dirs.Of, s.Metrics
	deps.Logger = slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if deps.Observer == nil {
		deps.Observer = s.seen
	}
	if deps.API == nil {
		deps.API = portal.New(portal.Deps{Registry: registry, Schemas: s.dirs, Logger: deps.Logger})
	}
	s.Edge, err = proxy.New(deps)
	s.must(err)

	s.Acme = s.AddTenant(tenancy.NewTenant{Name: "acme", Hosts: []string{"acme.test"}})
	s.Staging = s.AddTenant(tenancy.NewTenant{Name: "acme-staging", Organization: "acme", Environment: "staging", Hosts: []string{"staging.acme.test"}})
	s.Globex = s.AddTenant(tenancy.NewTenant{Name: "globex", Hosts: []string{"globex.test"}})
	s.Tenant = s.Acme
	s.listen()
	return s
}

func (s *Stack) openStore() kv.Store {
	if s.cfg.store != nil {
		return s.cfg.store
	}
	var store kv.Store = memkv.New(s.cfg.mem)
	if s.cfg.bolt {
		bolt, err := boltkv.Open(filepath.Join(s.t.TempDir(), "test.db"), boltkv.Options{})
		s.must(err)
		store = bolt
	}
	s.t.Cleanup(func() { s.must(store.Close()) })
	return store
}

func (s *Stack) listen() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	s.Addr = ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.Edge.Serve(ln) }()
	s.client = &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DisableCompression:  true,
			MaxIdleConnsPerHost: 64,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", s.Addr)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.t.Cleanup(func() {
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Edge.Shutdown(ctx); err != nil {
			s.t.Errorf("shutting down: %v", err)
		}
		if err := <-served; err != nil {
			s.t.Errorf("serving: %v", err)
		}
		s.check()
	})
}

// check proves that every directory is consistent, whatever the test did to it.
func (s *Stack) check() {
	tenants, err := s.Registry.Tenants(context.Background())
	s.must(err)
	for i := range tenants {
		report, err := s.DirectoryOf(&tenants[i]).Check(context.Background(), false)
		if err != nil {
			s.t.Errorf("checking %s: %v", tenants[i].Name, err)
		}
		for _, f := range report.Findings {
			s.t.Errorf("directory of %s is inconsistent: %s", tenants[i].Name, f.Problem)
		}
	}
}

// DirectoryOf gives the directory of a tenant, as the edge sees it.
func (s *Stack) DirectoryOf(t *tenancy.Tenant) *directory.Directory {
	s.t.Helper()
	d, err := s.dirs.Of(t)
	s.must(err)
	return d
}

// Schemas reads and changes what tenants declare.
func (s *Stack) Schemas() portal.Schemas { return s.dirs }

func (s *Stack) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// MetricsText is what /metrics answers.
func (s *Stack) MetricsText() string {
	rec := httptest.NewRecorder()
	s.Metrics.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	b, _ := io.ReadAll(rec.Result().Body)
	return string(b)
}

// Metric adds up the series of a metric whose labels contain all of the given
// ones, such as Metric("scimedge_requests_total", `op="user.get"`, `code="200"`).
func (s *Stack) Metric(name string, labels ...string) float64 {
	sum := 0.0
line:
	for line := range strings.Lines(s.MetricsText()) {
		series, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if base, _, _ := strings.Cut(series, "{"); !ok || base != name {
			continue
		}
		if i := strings.LastIndex(line, "} "); i >= 0 { // a label may hold a space
			series, value = line[:i+1], strings.TrimSpace(line[i+2:])
		}
		for _, l := range labels {
			if !strings.Contains(series, l) {
				continue line
			}
		}
		v, err := strconv.ParseFloat(value, 64)
		s.must(err)
		sum += v
	}
	return sum
}

// keptObservations bounds what a long test collects.
const keptObservations = 10_000

// observations keeps what the edge reported last.
type observations struct {
	mu  sync.Mutex
	all []proxy.Observation
}

func (o *observations) Observe(v proxy.Observation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) == keptObservations {
		o.all = append(o.all[:0], o.all[keptObservations/2:]...)
	}
	o.all = append(o.all, v)
}

// Observations is what the edge reported so far, or the last of it.
func (s *Stack) Observations() []proxy.Observation {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	return append([]proxy.Observation(nil), s.seen.all...)
}

// LastReason is the reason of the most recent request with that status. It
// waits a moment, since a client reads its answer before the server has counted it.
func (s *Stack) LastReason(status int) string {
	for range 200 {
		all := s.Observations()
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].Code == status {
				return all[i].Reason
			}
		}
		time.Sleep(time.Millisecond)
	}
	return ""
}

// Log collects what the server logged.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
