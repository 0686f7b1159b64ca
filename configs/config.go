package configs

import (
	"net/netip"
	"strings"
	"time"
)

// Version is the version of the configuration's form.
const Version = 1

// Config is everything that can be configured. The keys of the file are the yaml
// tags; scimedge.example.yaml says what each is for.
type Config struct {
	Version        int                  `yaml:"version"`
	DataDir        string               `yaml:"data_dir"`
	Listen         string               `yaml:"listen"`
	Admin          Admin                `yaml:"admin"`
	PublicURL      string               `yaml:"public_url"`
	TLS            map[string]CertFiles `yaml:"tls"` // by host name
	TrustedProxies CIDRs                `yaml:"trusted_proxies"`
	Upstream       string               `yaml:"upstream"`
	Upstreams      map[string]string    `yaml:"upstreams"` // by tenant name
	Tokens         Tokens               `yaml:"tokens"`
	Sessions       Sessions             `yaml:"sessions"`
	Metrics        Metrics              `yaml:"metrics"`
	Limits         Limits               `yaml:"limits"`
}

// Admin is the listener for operators.
type Admin struct {
	Listen      string `yaml:"listen"`
	AllowRemote bool   `yaml:"allow_remote"` // listen beyond loopback, in the clear
}

// CertFiles names the PEM files of one host's certificate.
type CertFiles struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Tokens says which tokens may be made.
type Tokens struct {
	NeverExpires bool `yaml:"never_expires"`
}

// Sessions are those of people signed in to the token API.
type Sessions struct {
	TTL time.Duration `yaml:"ttl"`
}

// Metrics bounds what is measured.
type Metrics struct {
	MaxTokenSeries int `yaml:"max_token_series"`
}

// MaxBulkOperations is how many operations a PATCH takes. Some identity providers
// cut their PATCH requests by the published bulk.maxOperations, even if it says that
// there is no bulk, so that number must not be larger, and has a switch beside it.
const MaxBulkOperations = 1000

// Limits bound what a request, an address and all requests together may cost.
type Limits struct {
	MaxBody           Bytes `yaml:"max_body"`             // one request body
	MaxGroupBody      Bytes `yaml:"max_group_body"`       // one request body of Groups and Bulk
	BodyBytesInFlight Bytes `yaml:"body_bytes_in_flight"` // all request bodies being held
	MaxHeader         Bytes `yaml:"max_header"`           // request line and headers

	Connections      int `yaml:"connections"`
	ConnectionsPerIP int `yaml:"connections_per_ip"`

	PageSize       int  `yaml:"page_size"`       // a list without count
	MaxPageSize    int  `yaml:"max_page_size"`   // published as filter.maxResults
	ScanBudget     int  `yaml:"scan_budget"`     // resources and members one filter may look at
	BulkOperations int  `yaml:"bulk_operations"` // published as bulk.maxOperations, see MaxBulkOperations
	Bulk           bool `yaml:"bulk"`            // whether bulk requests are taken

	RatePerToken        int `yaml:"rate_per_token"`         // requests a second, 0: no limit
	RatePerTenant       int `yaml:"rate_per_tenant"`        // requests a second, 0: no limit
	FailedAuthPerSource int `yaml:"failed_auth_per_source"` // a minute

	RateLimitHeaders bool `yaml:"rate_limit_headers"` // tell clients what is left of the rates

	ReadTimeout    time.Duration `yaml:"read_timeout"`
	WriteTimeout   time.Duration `yaml:"write_timeout"`
	IdleTimeout    time.Duration `yaml:"idle_timeout"`
	RequestTimeout time.Duration `yaml:"request_timeout"`

	CursorLife time.Duration `yaml:"cursor_life"` // published as pagination.cursorTimeout
}

// Default is the configuration of a file that says nothing but its version.
func Default() Config {
	return Config{
		Version:        Version,
		DataDir:        "./data",
		Listen:         "127.0.0.1:8080",
		Admin:          Admin{Listen: "127.0.0.1:9464"},
		TLS:            map[string]CertFiles{},
		TrustedProxies: CIDRs{},
		Upstreams:      map[string]string{},
		Sessions:       Sessions{TTL: 12 * time.Hour},
		Metrics:        Metrics{MaxTokenSeries: 5000},
		Limits: Limits{
			MaxBody: 1 << 20, MaxGroupBody: 32 << 20, BodyBytesInFlight: 64 << 20, MaxHeader: 16 << 10,
			Connections: 8192, ConnectionsPerIP: 256,
			PageSize: 100, MaxPageSize: 1000, ScanBudget: 250_000,
			BulkOperations: MaxBulkOperations, Bulk: true, FailedAuthPerSource: 300,
			ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
			IdleTimeout: 60 * time.Second, RequestTimeout: 30 * time.Second,
			CursorLife: time.Hour,
		},
	}
}

// PublicScheme is the scheme clients see, empty when the request itself tells.
func (c *Config) PublicScheme() string {
	scheme, _, ok := strings.Cut(c.PublicURL, "://")
	if !ok {
		return ""
	}
	return scheme
}

// UpstreamOf is the URL that gets the paths of a tenant that are not ours, empty
// when there is none.
func (c *Config) UpstreamOf(tenant string) string {
	if u, ok := c.Upstreams[tenant]; ok {
		return u
	}
	return c.Upstream
}

// CIDRs is a list of networks; a single address stands for itself.
type CIDRs []netip.Prefix
