package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"scimedge/kv/boltkv"
)

func TestHTTPAnswersTheGivenBytes(t *testing.T) {
	in, drive := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(t.Context(), []string{"http"}, in, out); _ = out.Close() }()
	b, _ := json.Marshal(page{Path: "/scim/v2/Users/{id}", Header: [][2]string{{"Content-Type", "application/scim+json"}, {"ETag", `W/"1"`}}, Body: []byte(`{"id":"x"}`)})
	go func() { _, _ = drive.Write(append(b, '\n')) }()
	var hello struct{ Addr string }
	if err := json.NewDecoder(answers).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	var res fasthttp.Response
	var req fasthttp.Request
	req.SetRequestURI("http://" + hello.Addr + "/scim/v2/Users/anything")
	if err := fasthttp.Do(&req, &res); err != nil {
		t.Fatal(err)
	}
	if string(res.Body()) != `{"id":"x"}` || string(res.Header.ContentType()) != "application/scim+json" || string(res.Header.Peek("ETag")) != `W/"1"` {
		t.Errorf("%s", &res)
	}
	_ = drive.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestKVWritesWhatWasOrdered(t *testing.T) {
	var out bytes.Buffer
	in := strings.NewReader(`{"transactions":50,"writers":8}` + "\n" + `{"transactions":30,"writers":4}` + "\n")
	if err := run(t.Context(), []string{"kv", "-dir", t.TempDir(), "-record", "500"}, in, &out); err != nil {
		t.Fatal(err)
	}
	var a, b done
	d := json.NewDecoder(&out)
	if err := d.Decode(&a); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&b); err != nil {
		t.Fatal(err)
	}
	if a.Transactions != 50 || b.Transactions != 30 || a.Seconds <= 0 || a.StoreBytes == 0 {
		t.Errorf("%+v %+v", a, b)
	}
}

func TestBadOrdersAreErrors(t *testing.T) {
	for _, c := range []struct{ args, in string }{
		{"", ""}, {"other", ""}, {"kv", ""}, {"http", ""}, {"kv -dir " + t.TempDir(), `{"transactions":0}` + "\n"}, {"kv -dir " + t.TempDir(), "nonsense\n"},
	} {
		if err := run(t.Context(), strings.Fields(c.args), strings.NewReader(c.in), io.Discard); err == nil {
			t.Errorf("floor %s with %q gave no error", c.args, c.in)
		}
	}
}

// BenchmarkKV is boltkv alone, with the writers of the create comparison.
func BenchmarkKV(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			store, err := boltkv.Open(b.TempDir()+"/floor.db", boltkv.Options{})
			if err != nil {
				b.Fatal(err)
			}
			w := newWriter(store, shape{record: 1400, change: 1400, indexRows: 7})
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := w.write(context.Background(), order{Transactions: b.N, Writers: writers}); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkHTTP is the bare handler without a network, for its allocations.
func BenchmarkHTTP(b *testing.B) {
	s := bareServer(page{Path: "/scim/v2/Users/{id}", Body: bytes.Repeat([]byte("x"), 1400)})
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI("/scim/v2/Users/018f3c6a-0000-7000-8000-000000000000")
	b.ReportAllocs()
	for b.Loop() {
		ctx.Response.Reset()
		s.Handler(&ctx)
	}
}
