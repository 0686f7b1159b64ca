package main

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"
)

// page is what the bare server answers, learnt from the server it is compared with.
type page struct {
	Path   string      `json:"path"` // router pattern, such as /scim/v2/Users/{id}
	Header [][2]string `json:"header"`
	Body   []byte      `json:"body"`
}

// serveHTTP answers the page that the first line brings until the input ends.
func serveHTTP(l *lines) error {
	var p page
	if err := l.next(&p); err != nil {
		return fmt.Errorf("no page: %w", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := bareServer(p)
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(ln) }()
	if err := l.answer(map[string]string{"addr": ln.Addr().String()}); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- l.next(&struct{}{}) }()
	select {
	case err = <-failed:
	case err = <-ended:
		if err == io.EOF {
			err = nil
		}
		_ = s.Shutdown()
	}
	return err
}

// bareServer is a router and a handler that writes known bytes: no Host look-up, no
// token, no store. Its buffers and timeouts are those the edge must have too.
func bareServer(p page) *fasthttp.Server {
	r := router.New()
	r.GET(p.Path, func(ctx *fasthttp.RequestCtx) {
		for _, h := range p.Header {
			ctx.Response.Header.Set(h[0], h[1])
		}
		ctx.SetBody(p.Body)
	})
	return &fasthttp.Server{
		Handler:               r.Handler,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          30 * time.Second,
		IdleTimeout:           60 * time.Second,
		ReadBufferSize:        16 << 10,
		NoDefaultServerHeader: true,
		NoDefaultContentType:  true,
		CloseOnShutdown:       true,
	}
}
