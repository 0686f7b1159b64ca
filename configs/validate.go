package configs

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Validate reports every problem at once, one a line, each with its key and what
// to do.
func (c *Config) Validate() error {
	var p problems
	if c.Version != Version {
		p.add("version", "this program reads version %d, not %d", Version, c.Version)
	}
	if c.DataDir == "" {
		p.add("data_dir", "name the folder that holds the store")
	}
	c.validateListeners(&p)
	c.validateURLs(&p)
	for _, host := range slices.Sorted(maps.Keys(c.TLS)) {
		if f := c.TLS[host]; f.Cert == "" || f.Key == "" {
			p.add("tls."+host, "give both files, cert and key")
		}
	}
	between(&p, "sessions.ttl", c.Sessions.TTL, time.Minute, 30*24*time.Hour)
	between(&p, "metrics.max_token_series", c.Metrics.MaxTokenSeries, 1, 1_000_000)
	c.Limits.validate(&p)
	return errors.Join(p...)
}

type problems []error

func (p *problems) add(key, format string, args ...any) {
	*p = append(*p, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
}

func between[T cmp.Ordered](p *problems, key string, v, lo, hi T) {
	if v < lo || v > hi {
		p.add(key, "%v is out of range: choose from %v to %v", v, lo, hi)
	}
}

// validateListeners refuses to take tokens over a network in the clear: without
// TLS of our own, somebody trusted has to end it in front of us. The admin
// listener has neither TLS nor a password, so it leaves the machine only on request.
func (c *Config) validateListeners(p *problems) {
	for _, l := range []struct{ key, addr string }{{"listen", c.Listen}, {"admin.listen", c.Admin.Listen}} {
		host, port, err := net.SplitHostPort(l.addr)
		n, portErr := strconv.Atoi(port)
		if err != nil || portErr != nil || n < 0 || n > 65535 {
			p.add(l.key, "%q is not an address such as 127.0.0.1:8080", l.addr)
			continue
		}
		if l.key == "listen" && !loopback(host) && len(c.TLS) == 0 && len(c.TrustedProxies) == 0 {
			p.add(l.key, "%s is reachable from the network and would take tokens over plain HTTP: set tls, or name the proxies that end TLS in trusted_proxies, or listen on 127.0.0.1", l.addr)
		}
		if l.key == "admin.listen" && !loopback(host) && !c.Admin.AllowRemote {
			p.add(l.key, "%s is reachable from the network, and metrics name tenants and tokens, in the clear and without a password: listen on 127.0.0.1, or set admin.allow_remote: true if only monitoring can reach it", l.addr)
		}
	}
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// validateURLs keeps to what can be appended to: RFC 7644 section 1.3 builds
// every endpoint by adding segments to the base, which a query would swallow.
func (c *Config) validateURLs(p *problems) {
	if c.PublicURL != "" {
		u := base(p, "public_url", strings.Replace(c.PublicURL, "{host}", "host", 1))
		if u != nil && (u.Hostname() != "host" || !strings.Contains(c.PublicURL, "://{host}") || strings.Trim(u.Path, "/") != "") {
			p.add("public_url", "%q must be a scheme and {host}, such as https://{host}", c.PublicURL)
		}
	}
	if c.Upstream != "" {
		base(p, "upstream", c.Upstream)
	}
	for _, tenant := range slices.Sorted(maps.Keys(c.Upstreams)) {
		base(p, "upstreams."+tenant, c.Upstreams[tenant])
	}
}

func base(p *problems, key, raw string) *url.URL {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		p.add(key, "this is not a URL such as https://portal.example.com")
	case u.User != nil:
		p.add(key, "a URL with a user name or password in it is refused") // and not repeated
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		p.add(key, "a base URL carries no query and no fragment, since paths are appended to it")
	default:
		return u
	}
	return nil
}

func (l *Limits) validate(p *problems) {
	between(p, "limits.max_body", l.MaxBody, 16<<10, 64<<20)
	between(p, "limits.max_group_body", l.MaxGroupBody, 16<<10, 256<<20)
	between(p, "limits.body_bytes_in_flight", l.BodyBytesInFlight, 1<<20, 16<<30)
	between(p, "limits.max_header", l.MaxHeader, 4<<10, 256<<10)
	between(p, "limits.connections", l.Connections, 1, 1_000_000)
	between(p, "limits.connections_per_ip", l.ConnectionsPerIP, 1, 1_000_000)
	between(p, "limits.page_size", l.PageSize, 1, 10_000)
	between(p, "limits.max_page_size", l.MaxPageSize, 1, 10_000)
	between(p, "limits.scan_budget", l.ScanBudget, 1000, 100_000_000)
	between(p, "limits.bulk_operations", l.BulkOperations, 1, MaxBulkOperations)
	rate(p, "limits.rate_per_token", l.RatePerToken)
	rate(p, "limits.rate_per_tenant", l.RatePerTenant)
	between(p, "limits.failed_auth_per_source", l.FailedAuthPerSource, 10, 1_000_000)
	for _, t := range []struct {
		key string
		d   time.Duration
	}{
		{"read", l.ReadTimeout}, {"write", l.WriteTimeout}, {"idle", l.IdleTimeout}, {"request", l.RequestTimeout},
	} {
		between(p, "limits."+t.key+"_timeout", t.d, time.Second, time.Hour)
	}
	between(p, "limits.cursor_life", l.CursorLife, time.Minute, 24*time.Hour)
	if l.PageSize > l.MaxPageSize {
		p.add("limits.page_size", "%d is more than limits.max_page_size, %d", l.PageSize, l.MaxPageSize)
	}
	if l.MaxBody > l.MaxGroupBody {
		p.add("limits.max_body", "%v is more than limits.max_group_body, %v", l.MaxBody, l.MaxGroupBody)
	}
	if l.MaxGroupBody > l.BodyBytesInFlight {
		p.add("limits.max_group_body", "%v is more than limits.body_bytes_in_flight, %v, so it could never be taken", l.MaxGroupBody, l.BodyBytesInFlight)
	}
}

// leastRate is what identity providers rely on: below it a sync falls behind, and
// they may suspend it.
const leastRate = 25

func rate(p *problems, key string, perSecond int) {
	if perSecond != 0 && (perSecond < leastRate || perSecond > 1_000_000) {
		p.add(key, "%d requests a second is out of range: choose 0 for no limit, or from %d, which identity providers rely on, to 1000000", perSecond, leastRate)
	}
}
