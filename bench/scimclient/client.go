package scimclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxBody bounds the answer that is read into memory. A group of 100,000 members
// is about 15 MB with references, so this is generous and still finite.
const maxBody = 256 << 20

// Options say whom to talk to. BaseURL is required.
type Options struct {
	// BaseURL is the SCIM base, such as http://127.0.0.1:8080/scim/v2.
	BaseURL string
	// Host is sent in place of the host of BaseURL, so that a tenant can be
	// reached at the loopback address without a name server knowing its name.
	Host string
	// Token is sent as "Authorization: Bearer Token"; empty sends no such header.
	Token string
	// Timeout of one request. The default is 60 s, after which Okta hangs up too.
	Timeout time.Duration
	// MaxConns bounds the connections. The default is 16.
	MaxConns int
}

// Identity is how a client presents itself. An empty field sends no such header.
type Identity struct {
	UserAgent   string
	Accept      string
	ContentType string // of requests with a body
}

// Client sends requests to one SCIM base URL. It is safe for concurrent use.
type Client struct {
	base     string
	opts     Options
	identity Identity
	http     *http.Client
	requests *atomic.Int64
}

// New returns a client that presents itself plainly; see [Client.As].
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("scimclient: base URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return nil, fmt.Errorf("scimclient: base URL %q: want http://HOST/PATH or https://HOST/PATH", o.BaseURL)
	}
	if o.Timeout == 0 {
		o.Timeout = 60 * time.Second
	}
	if o.MaxConns == 0 {
		o.MaxConns = 16
	}
	transport := &http.Transport{
		DialContext:           dialLoopbackNames,
		MaxConnsPerHost:       o.MaxConns,
		MaxIdleConnsPerHost:   o.MaxConns,
		IdleConnTimeout:       30 * time.Second,
		ResponseHeaderTimeout: o.Timeout,
		// No proxy from the environment and no compression: what is sent is what
		// the caller wrote.
		DisableCompression: true,
	}
	return &Client{
		base:     strings.TrimRight(o.BaseURL, "/"),
		opts:     o,
		identity: Identity{UserAgent: "scimedge-bench", Accept: "application/scim+json", ContentType: "application/scim+json"},
		http: &http.Client{
			Transport: transport,
			Timeout:   o.Timeout,
			// No SCIM client of ours expects a redirect, and following one would
			// carry the token to a place nobody named.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		requests: new(atomic.Int64),
	}, nil
}

// As returns a client that shares c's connections and presents itself as id.
func (c *Client) As(id Identity) *Client {
	d := *c
	d.identity = id
	return &d
}

// Requests is how many requests were sent by c and the clients made of it by As.
func (c *Client) Requests() int64 { return c.requests.Load() }

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Response is an answer, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Request is a request with headers of its own.
type Request struct {
	Method string
	Path   string // appended to the base URL as it is
	// Header takes the place of what the client would send by itself. A name
	// without a value leaves that header out.
	Header http.Header
	Body   []byte
}

// Do sends one request to path, which is appended to the base URL as it is. It
// fails only when no whole answer came; any status is an answer.
func (c *Client) Do(ctx context.Context, method, path string, body []byte) (*Response, error) {
	return c.Send(ctx, Request{Method: method, Path: path, Body: body})
}

// Send is [Client.Do] for a request that differs from the usual ones in its headers.
func (c *Client) Send(ctx context.Context, r Request) (*Response, error) {
	method, path, body := r.Method, r.Path, r.Body
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	if err != nil {
		return nil, fmt.Errorf("scimclient: %s %s: %w", method, path, err)
	}
	if c.opts.Host != "" {
		req.Host = c.opts.Host
	}
	if c.opts.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.opts.Token)
	}
	// Setting an empty User-Agent keeps net/http from sending its own.
	req.Header.Set("User-Agent", c.identity.UserAgent)
	if c.identity.Accept != "" {
		req.Header.Set("Accept", c.identity.Accept)
	}
	if body != nil && c.identity.ContentType != "" {
		req.Header.Set("Content-Type", c.identity.ContentType)
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	c.requests.Add(1)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("scimclient: %w", err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err == nil && len(got) > maxBody {
		err = errors.New("answer larger than 256 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("scimclient: %s %s: reading the answer: %w", method, path, err)
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Body: got}, nil
}

// dialLoopbackNames dials localhost and its subdomains at 127.0.0.1, as RFC 6761
// has it, whatever the resolver of the machine knows of them.
func dialLoopbackNames(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && isLocalhostName(host) {
		addr = net.JoinHostPort("127.0.0.1", port)
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	return d.DialContext(ctx, network, addr)
}

func isLocalhostName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// IsLoopback says whether rawURL names this machine: a loopback address, or
// localhost or a name under it. Load is aimed elsewhere only on purpose.
func IsLoopback(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	if isLocalhostName(u.Hostname()) {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}
