package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
	"scimedge/scimcore"
)

// fixture is a request as it came over the wire, served again and again.
type fixture struct {
	ctx  fasthttp.RequestCtx
	wire []byte
	br   *bufio.Reader
	src  *bytes.Reader
	s    *proxytest.Stack
}

// silent is a stack that keeps no observations.
func silent(tb testing.TB, opts ...proxytest.Option) *proxytest.Stack {
	return proxytest.New(tb, append(opts, proxytest.WithDeps(func(d *proxy.Deps) { d.Observer = nowhere{} }))...)
}

type nowhere struct{}

func (nowhere) Observe(proxy.Observation) {}

func newFixture(s *proxytest.Stack, method, path string, body any, headers ...string) *fixture {
	f := &fixture{s: s, src: bytes.NewReader(nil)}
	data, _ := body.(string)
	f.wire = fmt.Appendf(nil, "%s /scim/v2%s HTTP/1.1\r\nHost: acme.test\r\nAuthorization: Bearer %s\r\nAccept: application/scim+json\r\nUser-Agent: bench\r\n", method, path, s.Token)
	for _, h := range headers {
		f.wire = append(f.wire, h+"\r\n"...)
	}
	if data != "" {
		f.wire = fmt.Appendf(f.wire, "Content-Type: application/scim+json\r\nContent-Length: %d\r\n", len(data))
	}
	f.wire = append(append(f.wire, "\r\n"...), data...)
	f.ctx.Init2(loopback{addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}}, nil, false)
	f.br = bufio.NewReaderSize(f.src, 16<<10)
	return f
}

// parse reads the request anew, as the server does; serve answers it.
func (f *fixture) parse(tb testing.TB) {
	f.ctx.Request.Reset()
	f.ctx.Response.Reset()
	f.src.Reset(f.wire)
	f.br.Reset(f.src)
	if err := f.ctx.Request.Header.Read(f.br); err != nil {
		tb.Fatal(err)
	}
	if err := f.ctx.Request.ContinueReadBodyStream(f.br, 1<<20, false); err != nil {
		tb.Fatal(err)
	}
}

func (f *fixture) serve(tb testing.TB, status int) {
	f.s.Edge.Handler(&f.ctx)
	if got := f.ctx.Response.StatusCode(); got != status {
		tb.Fatalf("status %d, want %d: %s", got, status, f.ctx.Response.Body())
	}
}

// loopback is the connection of a request that never was on a network.
type loopback struct {
	net.Conn
	addr *net.TCPAddr
}

func (l loopback) RemoteAddr() net.Addr { return l.addr }
func (l loopback) LocalAddr() net.Addr  { return l.addr }

// A GET is on the hot path of every identity provider. What the edge itself adds
// to reading and rendering the resource is the request id and one closure.
func TestGetAllocations(t *testing.T) {
	s := silent(t, proxytest.WithBolt())
	id := s.CreateUser(t, "ada")
	f := newFixture(s, "GET", "/Users/"+id, nil)
	f.parse(t)
	f.serve(t, 200)
	whole := testing.AllocsPerRun(500, func() {
		f.ctx.Response.Reset()
		f.s.Edge.Handler(&f.ctx)
	})
	dir := s.Directory(t)
	typ, buf := dir.Catalog().Type("User"), make([]byte, 0, 4096)
	read := testing.AllocsPerRun(500, func() {
		_ = dir.Get(context.Background(), typ, id, func(r *scimcore.Resource) (err error) {
			buf, err = scimcore.AppendResource(buf[:0], r, s.BaseURL(), nil)
			return err
		})
	})
	t.Logf("%.0f allocations, %.0f of them in directory and store", whole, read)
	require.LessOrEqual(t, whole-read, 5.0) // 2, and a few more where the race detector empties pools
}

func benchmark(b *testing.B, f *fixture, status int) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		f.parse(b)
		f.serve(b, status)
	}
}

func BenchmarkGetUser(b *testing.B) {
	s := silent(b, proxytest.WithBolt())
	benchmark(b, newFixture(s, "GET", "/Users/"+s.CreateUser(b, "ada"), nil), 200)
}

func BenchmarkGetUserNotModified(b *testing.B) {
	s := silent(b, proxytest.WithBolt())
	id := s.CreateUser(b, "ada")
	tag := s.Get(b, "/Users/"+id).ETag()
	benchmark(b, newFixture(s, "GET", "/Users/"+id, nil, "If-None-Match: "+tag), 304)
}

func BenchmarkFilterUserName(b *testing.B) {
	s := silent(b, proxytest.WithBolt())
	s.CreateUsers(b, "u", 20)
	benchmark(b, newFixture(s, "GET", "/Users?filter=userName%20eq%20%22u0007%22&startIndex=1&count=100", nil), 200)
}

func BenchmarkList100(b *testing.B) {
	s := silent(b, proxytest.WithBolt())
	s.CreateUsers(b, "u", 100)
	benchmark(b, newFixture(s, "GET", "/Users?startIndex=1&count=100", nil), 200)
}

func BenchmarkDiscovery(b *testing.B) {
	s := silent(b)
	benchmark(b, newFixture(s, "GET", "/ServiceProviderConfig", nil), 200)
}

func BenchmarkRefused(b *testing.B) {
	s := silent(b, proxytest.WithLimits(proxy.Limits{FailedAuthPerSource: 1 << 30}))
	s.Token = s.Token[:len(s.Token)-1] + "x"
	benchmark(b, newFixture(s, "GET", "/Users", nil), 401)
}

func BenchmarkPatchUserInMemory(b *testing.B) {
	s := silent(b)
	id := s.CreateUser(b, "ada")
	body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}`
	benchmark(b, newFixture(s, "PATCH", "/Users/"+id, body), 200)
}

// Over loopback, client included.
func BenchmarkGetUserLoopback(b *testing.B) {
	s := silent(b, proxytest.WithBolt())
	id := s.CreateUser(b, "ada")
	client := &http.Client{}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequest("GET", "http://"+s.Addr+"/scim/v2/Users/"+id, nil)
			req.Host = s.Host
			req.Header.Set("Authorization", "Bearer "+s.Token)
			resp, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}
