package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// listener keeps a server accepting: fasthttp ends Serve on the first error of
// Accept, and running out of file descriptors is one. It also counts the
// connections of each address, with trusted proxies exempt.
type listener struct {
	net.Listener
	perIP  int
	exempt func(netip.Addr) bool
	sleep  func(time.Duration)

	mu    sync.Mutex
	conns map[netip.Addr]int
}

// Accept waits out what passes by itself: no descriptors left, no memory for a
// socket, a connection that was reset before it could be accepted.
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
		if !l.admit(addr) {
			_ = c.Close() // before any byte is spent on it
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

func (l *listener) admit(a netip.Addr) bool {
	if !a.IsValid() || l.exempt(a) {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns[a] >= l.perIP {
		return false
	}
	l.conns[a]++
	return true
}

func (l *listener) leave(a netip.Addr) {
	if !a.IsValid() || l.exempt(a) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns[a]--; l.conns[a] <= 0 {
		delete(l.conns, a)
	}
}

// conn is one accepted connection.
type conn struct {
	net.Conn
	leave   func()
	lingers atomic.Bool
	once    sync.Once
	err     error
}

// Bounds of a lingering close.
const (
	lingerTime  = time.Second
	lingerBytes = 4 << 20
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
