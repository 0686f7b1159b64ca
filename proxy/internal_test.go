package proxy

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/scimcore"
)

func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"/scim/v2/Users", "/scim/v2/../x", "http://a.x/scim?y", "//", "/%2e", "*", "", "/a%", "http://"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		target, err := cutTarget(raw)
		if err != nil {
			require.Equal(t, 400, err.Status)
			return
		}
		require.NotEmpty(t, target.path)
		require.Equal(t, byte('/'), target.path[0])
		require.NotContains(t, string(target.path), "/../")
		require.NotContains(t, string(target.path), "//")
		decoded := string(appendDecoded(nil, target.path))
		require.NotContains(t, decoded, "/..\x00")
		require.NotContains(t, decoded, "\\")
	})
}

// faulty fails to accept a few times before it hands out a connection.
type faulty struct {
	net.Listener
	errs []error
}

func (f *faulty) Accept() (net.Conn, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
	}
	a, _ := net.Pipe()
	return a, nil
}

func TestListenerOutlivesAShortageOfDescriptors(t *testing.T) {
	slept := 0
	l := &listener{
		Listener: &faulty{errs: []error{syscall.EMFILE, syscall.ENFILE, syscall.ECONNABORTED, syscall.EMFILE}},
		most:     10, perIP: 10, exempt: func(netip.Addr) bool { return false }, sleep: func(time.Duration) { slept++ }, conns: map[netip.Addr]int{},
	}
	c, err := l.Accept()
	require.NoError(t, err)
	require.Equal(t, 4, slept)
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())

	l.Listener = &faulty{errs: []error{syscall.EINVAL}}
	_, err = l.Accept()
	require.ErrorIs(t, err, syscall.EINVAL)
}

func TestStoreErrors(t *testing.T) {
	want := map[error]int{
		kv.ErrConflict: 503, kv.ErrUnknownOutcome: 500, kv.ErrStopped: 503, kv.ErrNoSpace: 507, kv.ErrTooLarge: 413,
		kv.ErrClosed: 503, kv.ErrCorrupt: 500, io.ErrUnexpectedEOF: 500,
	}
	for err, status := range want {
		var found *storeAnswer
		for _, a := range storeAnswers() {
			if errors.Is(err, a.is) {
				found = &a
			}
		}
		if found == nil {
			require.Equal(t, 500, status, "%v", err)
			continue
		}
		require.Equal(t, status, found.status, "%v", err)
		require.NotContains(t, found.detail, "kv:")
		if status == 503 {
			require.Positive(t, found.retryAfter)
		}
	}
}

func TestRouteTableIsWhole(t *testing.T) {
	rs := newRoutes(false)
	for _, spec := range routeTable(false) {
		for m, a := range spec.methods {
			require.NotNil(t, a.run, "%s %s", m, spec.pattern)
			if !a.open {
				require.True(t, a.endpointScope || a.scope != "", "%s %s asks for no right", m, spec.pattern)
			}
		}
		for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"} {
			found, _ := rs.router.Lookup(m, "/scim/v2"+spec.pattern, nil)
			require.NotNil(t, found, "%s %s", m, spec.pattern)
		}
	}
	require.Equal(t, "user.patch", opOf(verbPatch, &scimcore.Type{ResourceType: scimcore.ResourceType{Name: "User"}}).String())
	require.Equal(t, "group.delete", opOf(verbDelete, &scimcore.Type{ResourceType: scimcore.ResourceType{Name: "Group"}}).String())
}

func TestTEN03_WalksOfOthers(t *testing.T) {
	w, err := newWalks()
	require.NoError(t, err)
	now := time.Now()
	key := func(n int) walkKey { return newWalkKey(fingerprint{}, netip.Addr{}, n) }
	w.remember("acme", key(101), &directory.Page{Total: 7}, now)
	for n := range 20_000 {
		w.remember("globex", key(n), &directory.Page{}, now)
	}
	kept, ok := w.recall("acme", key(101), now)
	require.True(t, ok, "what another tenant asks pushes nothing out")
	require.Equal(t, 7, kept.total)
	_, ok = w.recall("globex", key(0), now)
	require.False(t, ok, "the room is bounded")
	_, ok = w.recall("initech", key(101), now)
	require.False(t, ok)
	_, ok = w.recall("acme", key(101), now.Add(walkLife))
	require.False(t, ok, "too late")
}
