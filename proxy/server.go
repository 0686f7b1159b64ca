package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
)

// newServer sets fasthttp up. What is not the default is there for a reason
// measured or read in its source: see the comments.
func (e *Edge) newServer() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:         e.handle,
		HeaderReceived:  e.headerReceived,
		ContinueHandler: mayContinue,
		ErrorHandler:    e.protocolError,
		Logger:          serverLog{e.Logger},

		ReadTimeout:        e.Limits.ReadTimeout, // without one a slow sender holds a connection for ever
		WriteTimeout:       e.Limits.WriteTimeout,
		IdleTimeout:        e.Limits.IdleTimeout,
		ReadBufferSize:     e.Limits.HeaderBytes, // also bounds the header
		MaxRequestsPerConn: 10_000,
		Concurrency:        e.maxConns() + 64, // the listener refuses first, in our own words
		CloseOnShutdown:    true,

		// The body is read after authentication, see body.go.
		StreamRequestBody:            true,
		MaxRequestBodySize:           e.Limits.BodyBytes,
		DisablePreParseMultipartForm: true, // would read the body, and into files

		SecureErrorLogMessage: true, // parse errors quote the header, with the token in it
		NoDefaultServerHeader: true,
		NoDefaultContentType:  true,
	}
}

// Serve answers connections from ln until Shutdown. The listener is closed then.
func (e *Edge) Serve(ln net.Listener) error {
	var l net.Listener = &listener{
		Listener: ln, most: e.maxConns(), perIP: e.Limits.ConnectionsPerIP, exempt: e.trusts,
		plain: e.TLS == nil, sleep: time.Sleep, conns: map[netip.Addr]int{},
	}
	if e.TLS != nil {
		l = tls.NewListener(l, e.TLS)
	}
	if !e.opened(l) {
		return l.Close()
	}
	return e.server.Serve(l)
}

// opened keeps l for Shutdown to close. fasthttp knows a listener only some time
// after Serve was called, and a Shutdown before that would pass it by.
func (e *Edge) opened(l net.Listener) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.listeners = append(e.listeners, l)
	}
	return !e.stopped
}

// maxConns leaves the process some descriptors for everything else.
func (e *Edge) maxConns() int { return min(e.Limits.Connections, fileLimit()-512) }

// Shutdown stops accepting, lets the requests under way finish, and gives up on
// the rest when ctx ends.
func (e *Edge) Shutdown(ctx context.Context) error {
	defer e.kill()
	e.mu.Lock()
	e.stopped = true
	for _, l := range e.listeners {
		_ = l.Close() // twice does no harm
	}
	e.mu.Unlock()
	if err := e.server.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("draining: %w", err)
	}
	return nil
}

// mayContinue answers Expect: 100-continue: whoever shows no credential is not
// asked for a body that would be refused. The portal's sign-in carries its own.
func mayContinue(h *fasthttp.RequestHeader) bool {
	return len(h.Peek(fasthttp.HeaderAuthorization)) > 0 || !scimPath(h.RequestURI())
}

// headerReceived bounds what is read before the handler runs. Nobody gets
// memory for a body without at least showing a credential; a large body gets
// more time, in proportion to its size.
func (e *Edge) headerReceived(h *fasthttp.RequestHeader) (c fasthttp.RequestConfig) {
	if len(h.Peek(fasthttp.HeaderAuthorization)) == 0 {
		c.MaxRequestBodySize = 1
		return c
	}
	c.MaxRequestBodySize = e.bodyLimit(largeBodies(h.RequestURI()))
	if n := h.ContentLength(); n > e.Limits.BodyBytes && n <= c.MaxRequestBodySize {
		c.ReadTimeout = e.Limits.ReadTimeout + time.Duration(n/e.Limits.BodyBytes)*time.Second
	}
	return c
}

func (e *Edge) bodyLimit(large bool) int {
	if large {
		return e.Limits.LargeBodyBytes
	}
	return e.Limits.BodyBytes
}

// largeBodies guesses from the raw target, before routing, whether large bodies
// are allowed. Only time depends on the guess; the limit is the route's.
func largeBodies(uri []byte) bool {
	path, _, _ := bytes.Cut(uri, []byte("?"))
	for _, name := range []string{"/groups", "/bulk"} {
		for i := 0; i+len(name) <= len(path); i++ {
			if path[i] == '/' && foldEqual(path[i:i+len(name)], name) {
				return true
			}
		}
	}
	return false
}

// protocolError answers what fasthttp could not parse. There is no tenant and no
// path to go by, so the answer is a SCIM error, and the connection is closed.
func (e *Edge) protocolError(ctx *fasthttp.RequestCtx, err error) {
	status, detail := 400, "The request is not valid HTTP."
	var tooBig *fasthttp.ErrSmallBuffer
	var netErr net.Error
	switch {
	case errors.As(err, &tooBig):
		status, detail = 431, "The request's header is too large."
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status, detail = 413, "The request's body is too large."
	case errors.As(err, &netErr) && netErr.Timeout():
		status, detail = 408, "The request did not arrive in time."
	case strings.Contains(err.Error(), "unsupported http version"):
		status, detail = 505, "This server speaks HTTP/1.1 and HTTP/1.0."
	}
	e.Metrics.Begin()
	r := e.begin(ctx)
	defer e.finish(r)
	r.scim, r.reason = true, "protocol"
	linger(ctx.Conn())
	r.fail(scimcore.Errorf(status, scimcore.NoType, "%s", detail))
}

// serverLog passes fasthttp's own messages on, for debugging only: any stranger
// can cause them. Its errors quote the request in places, tokens included,
// whatever SecureErrorLogMessage says, so what is quoted is cut off.
type serverLog struct{ *slog.Logger }

func (l serverLog) Printf(format string, args ...any) {
	for i, a := range args {
		if err, ok := a.(error); ok {
			text, _, quoted := strings.Cut(err.Error(), `"`)
			if quoted {
				text += "..."
			}
			args[i] = text
		}
	}
	l.Debug("http server", "message", fmt.Sprintf(format, args...))
}

// fileLimit is how many file descriptors the process may have.
func fileLimit() int {
	var rl syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &rl); err != nil || rl.Cur > 1<<20 {
		return 1 << 20
	}
	return max(int(rl.Cur), 1024)
}
