package metrics

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "scimedge"

// Options say what a Set measures.
type Options struct {
	// MaxTokenSeries is how many tokens get series of their own; 0 means 5,000.
	MaxTokenSeries int
	// Version, Commit and StoreFormat label build_info.
	Version, Commit, StoreFormat string
	Sources                      Sources
}

// Set is every instrument of one server, with a registry of its own. It is safe
// for concurrent use.
type Set struct {
	registry *prometheus.Registry
	max      int

	requests      *prometheus.CounterVec
	bulkOps       *prometheus.CounterVec
	clients       *prometheus.CounterVec
	authFailures  *prometheus.CounterVec
	rateLimited   *prometheus.CounterVec
	events        *prometheus.CounterVec
	noops         *prometheus.CounterVec
	quirks        *prometheus.CounterVec
	requestBytes  *prometheus.HistogramVec
	responseBytes *prometheus.HistogramVec
	commit        *prometheus.HistogramVec
	batch         *prometheus.HistogramVec
	overflow      prometheus.Counter
	logDropped    prometheus.Counter
	panics        prometheus.Counter
	inFlight      prometheus.Gauge

	byOp [opCount]opInstruments

	mu     sync.Mutex
	tokens map[tokenKey]*Bound // those with series of their own
	shared map[tokenKey]*Bound // anonymous requests, and token="other", of a tenant
}

// opInstruments are the histograms of one operation, resolved once.
type opInstruments struct {
	duration, requestBytes, responseBytes prometheus.Observer
}

type tokenKey struct{ tenant, token string }

// New makes the instruments.
func New(opts Options) *Set {
	if opts.MaxTokenSeries <= 0 {
		opts.MaxTokenSeries = 5000
	}
	s := &Set{
		registry: prometheus.NewRegistry(),
		max:      opts.MaxTokenSeries,
		tokens:   map[tokenKey]*Bound{},
		shared:   map[tokenKey]*Bound{},
	}
	s.requests = s.counters("requests_total", "Requests answered, by token, operation and HTTP status.", "tenant", "token", "op", "code")
	s.bulkOps = s.counters("bulk_operations_total", "Operations inside bulk requests, by token, operation and the status each got.", "tenant", "token", "op", "code")
	s.clients = s.counters("client_requests_total", "Authenticated requests: which identity provider, with which token, calls which environment.", "tenant", "environment", "idp", "token")
	s.authFailures = s.counters("auth_failures_total", "Requests refused for their credentials, by the exact reason.", "tenant", "token_tenant", "token", "reason")
	s.rateLimited = s.counters("rate_limited_total", "Requests refused because a token or tenant was over its rate, or, without a token, because too many from their address failed to authenticate.", "tenant", "token")
	s.events = s.counters("provisioning_events_total", "Committed changes, by what they did.", "tenant", "token", "event")
	s.noops = s.counters("provisioning_noops_total", "Writes that changed nothing.", "tenant", "token", "resource")
	s.quirks = s.counters("quirk_normalised_total", "Uses of a leniency: what an identity provider sent that the standard does not allow.", "tenant", "token", "kind")
	durations := s.histograms(prometheus.HistogramOpts{
		Name: "request_duration_seconds", Help: "Time from the parsed header to the finished answer.",
		Buckets:                         []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}, "op")
	sizes := prometheus.ExponentialBuckets(256, 4, 9) // 256 bytes to 16 MiB
	s.requestBytes = s.histograms(prometheus.HistogramOpts{Name: "request_body_bytes", Help: "Size of request bodies.", Buckets: sizes}, "op")
	s.responseBytes = s.histograms(prometheus.HistogramOpts{Name: "response_body_bytes", Help: "Size of response bodies.", Buckets: sizes}, "op")
	s.commit = s.histograms(prometheus.HistogramOpts{
		Name: "kv_commit_duration_seconds", Help: "Time of one durable commit of the store, shared by all writes in it.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, "engine")
	s.batch = s.histograms(prometheus.HistogramOpts{
		Name: "kv_batch_writes", Help: "Transactions that shared one commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 11),
	}, "engine")
	s.overflow = s.counter("metrics_overflow_total", "Times a token got no series of its own because metrics.max_token_series was reached.")
	s.logDropped = s.counter("log_dropped_total", "Request log entries dropped because a consumer was too slow.")
	s.panics = s.counter("panics_total", "Handler panics answered with 500.")
	s.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "requests_in_flight", Help: "Requests being served."})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": clean(opts.Version), "commit": clean(opts.Commit), "go_version": runtime.Version(), "store_format": clean(opts.StoreFormat)},
	})
	build.Set(1)
	s.registry.MustRegister(s.inFlight, build, &sampled{src: opts.Sources, set: s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for op := range s.byOp {
		name := Op(op).String()
		s.byOp[op] = opInstruments{durations.WithLabelValues(name), s.requestBytes.WithLabelValues(name), s.responseBytes.WithLabelValues(name)}
	}
	return s
}

// Handler serves the metrics, in OpenMetrics form to those who ask for it. One
// broken source does not hide the other metrics.
func (s *Set) Handler() http.Handler {
	return promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError})
}

func (s *Set) counters(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	s.registry.MustRegister(v)
	return v
}

func (s *Set) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
	s.registry.MustRegister(c)
	return c
}

func (s *Set) histograms(o prometheus.HistogramOpts, label string) *prometheus.HistogramVec {
	o.Namespace = namespace
	v := prometheus.NewHistogramVec(o, []string{label})
	s.registry.MustRegister(v)
	return v
}
