package load

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

const requestTimeout = 60 * time.Second

// target is where requests go.
type target struct {
	client *fasthttp.HostClient
	base   string // path of the base URL, without a slash at the end
	scheme string
	host   string // as sent
	auth   string
}

func newTarget(o Options) (*target, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("load: URL %q: want http://HOST/PATH or https://HOST/PATH", o.URL)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	dialTo := u.Hostname()
	if name := strings.ToLower(dialTo); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		dialTo = "127.0.0.1" // RFC 6761, whatever the resolver knows
	}
	t := &target{
		base:   strings.TrimRight(u.EscapedPath(), "/"),
		scheme: u.Scheme,
		host:   u.Host,
		auth:   "Bearer " + o.Token,
		client: &fasthttp.HostClient{
			Addr:                     net.JoinHostPort(dialTo, port),
			IsTLS:                    u.Scheme == "https",
			MaxConns:                 maxClients,
			MaxIdleConnDuration:      30 * time.Second,
			ReadTimeout:              requestTimeout,
			WriteTimeout:             requestTimeout,
			MaxResponseBodySize:      256 << 20,
			NoDefaultUserAgentHeader: true,
			DisablePathNormalizing:   true,
		},
	}
	if o.Host != "" {
		t.host = o.Host
	}
	return t, nil
}

// exchange is one client's request and response, used again and again.
type exchange struct {
	t   *target
	req *fasthttp.Request
	res *fasthttp.Response
	// due is when the request should have been sent; zero means now. took is what
	// the last one cost, counted from there.
	due  time.Time
	took time.Duration
}

func (t *target) exchange() *exchange {
	return &exchange{t: t, req: fasthttp.AcquireRequest(), res: fasthttp.AcquireResponse()}
}

func (x *exchange) release() {
	fasthttp.ReleaseRequest(x.req)
	fasthttp.ReleaseResponse(x.res)
}

// do sends one request and wants one of two statuses (the second may be 0). The
// body it returns is valid until the next request.
func (x *exchange) do(method, path string, body []byte, want, or int) ([]byte, error) {
	x.req.Reset()
	x.res.Reset()
	x.req.Header.SetMethod(method)
	x.req.SetRequestURI(x.t.scheme + "://" + x.t.client.Addr + x.t.base + path)
	x.req.UseHostHeader = true
	x.req.Header.SetHost(x.t.host)
	x.req.Header.Set("Authorization", x.t.auth)
	x.req.Header.Set("Accept", "application/scim+json")
	x.req.Header.SetUserAgent("scimedge-bench")
	if body != nil {
		x.req.Header.SetContentType("application/scim+json")
		x.req.SetBodyRaw(body)
	}
	start := x.due
	if start.IsZero() {
		start = time.Now()
	}
	x.due = time.Time{}
	err := x.t.client.DoTimeout(x.req, x.res, requestTimeout)
	x.took = time.Since(start)
	if err != nil {
		return nil, &failure{class: "transport", text: fmt.Sprintf("%s %s: %v", method, path, err)}
	}
	got := x.res.Body()
	if status := x.res.StatusCode(); status != want && (or == 0 || status != or) {
		return nil, &failure{
			class: fmt.Sprintf("status %d", status),
			text:  fmt.Sprintf("%s %s: status %d, want %d: %.300q", method, path, status, want, got),
		}
	}
	return got, nil
}

// failure is a request that did not do what it should; class groups them.
type failure struct{ class, text string }

func (f *failure) Error() string { return f.text }

func wrong(format string, args ...any) error {
	return &failure{class: "wrong answer", text: fmt.Sprintf(format, args...)}
}
