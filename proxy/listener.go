package proxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/internal/httpx"
	"scimedge/scimcore"
)

// listener keeps a server accepting: fasthttp ends Serve on the first error of
// Accept, and running out of file descriptors is one. It also counts the
// connections of each address, with trusted proxies exempt.
type listener struct {
	closing sync.Once
	net.Listener
	most   int // connections at a time
	perIP  int // of them from one address
	exempt func(netip.Addr) bool
	plain  bool // not TLS: a refusal can be put into words
	sleep  func(time.Duration)

	mu    sync.Mutex
	open  int
	conns map[netip.Addr]int
}

// Accept waits out what passes by itself: no descriptors left, no memory for a
// socket, a connection that was reset before it could be accepted. Connections
// beyond the bounds are answered and closed at once.
func (l *listener) Accept() (net.Conn, error) {
	pause := 5 * time.Millisecond
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			if !passing(err) {
				return nil, err
			}
			l.sleep(pause)
			pause = min(2*pause, time.Second)
			continue
		}
		addr := addrOf(c.RemoteAddr())
		if status := l.admit(addr); status != 0 {
			l.refuse(c, status)
			continue
		}
		return &conn{Conn: c, leave: func() { l.leave(addr) }}, nil
	}
}

func passing(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ECONNABORTED, syscall.ENOBUFS, syscall.ENOMEM, syscall.EINTR, syscall.EPROTO} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// admit counts a connection in; the status to refuse it with is 0 if it may stay.
func (l *listener) admit(a netip.Addr) (status int) {
	counted := a.IsValid() && !l.exempt(a)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.open >= l.most:
		return 503
	case counted && l.conns[a] >= l.perIP:
		return 429
	case counted:
		l.conns[a]++
	}
	l.open++
	return 0
}

func (l *listener) leave(a netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if n, counted := l.conns[a]; counted && n > 1 {
		l.conns[a] = n - 1
	} else {
		delete(l.conns, a)
	}
}

// Close may be called again: Shutdown closes what fasthttp may not know yet.
func (l *listener) Close() (err error) {
	l.closing.Do(func() { err = l.Listener.Close() })
	return err
}

// refuse answers a connection that has no place, without reading from it. The
// few bytes fit into the socket's buffer, so nothing waits here.
func (l *listener) refuse(c net.Conn, status int) {
	if l.plain {
		e := scimcore.Errorf(status, scimcore.NoType, "There are too many connections. Try again in a second.")
		body := scimcore.AppendError(nil, e)
		id := httpx.NewRequestID(nil)
		_ = c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nConnection: close\r\nRetry-After: 1\r\nX-Request-Id: %s\r\nCache-Control: no-store\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			status, fasthttp.StatusMessage(status), id.Bytes(), typeSCIM, len(body), body)
	}
	_ = c.Close()
}

// conn is one accepted connection.
type conn struct {
	net.Conn
	leave   func()
	lingers atomic.Bool
	once    sync.Once
	err     error
}

// Bounds of a lingering close. Time is what counts; the bytes cover twice the
// largest body that is allowed by default, so that a client which sends one too
// large on a fast line still gets to read why it was refused.
const (
	lingerTime  = time.Second
	lingerBytes = 64 << 20
)

// Close closes once. When the client is still sending what was refused, closing
// at once would reset the connection and could destroy the answer on its way:
// the writing side is closed first and some of the rest is read and dropped.
func (c *conn) Close() error {
	c.once.Do(func() {
		if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.lingers.Load() && half.CloseWrite() == nil {
			_ = c.Conn.SetReadDeadline(time.Now().Add(lingerTime))
			_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
		}
		c.leave()
		c.err = c.Conn.Close()
	})
	return c.err
}

// linger marks a connection for a lingering close.
func linger(c net.Conn) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if c, ok := c.(*conn); ok {
		c.lingers.Store(true)
	}
}

// addrOf is the address without port or zone; invalid for what is not TCP.
func addrOf(a net.Addr) netip.Addr {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip, _ := netip.AddrFromSlice(t.IP)
	return ip.Unmap()
}
