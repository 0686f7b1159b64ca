package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scimedge/bench/harness"
	"scimedge/bench/load"
)

func TestFlags(t *testing.T) {
	o, err := parse([]string{"-only", "get,member", "-users", "500"})
	if err != nil {
		t.Fatal(err)
	}
	if !o.wants("get") || !o.wants("member") || o.wants("create") || o.users != 500 {
		t.Errorf("%+v", o)
	}
	for _, bad := range []string{"-only nothing", "-users 0", "-rounds -1", "-members 5000", "-unknown"} {
		if _, err := parse(strings.Fields(bad)); err == nil {
			t.Errorf("ratios %s gave no error", bad)
		}
	}
}

func TestNothingMeasuredIsAnError(t *testing.T) {
	m := &measurement{}
	if err := m.verdict(); err == nil {
		t.Error("no record is no error")
	}
	kept := harness.NewRatio("a", "us", harness.NewSeries("x", []float64{1}), harness.NewSeries("y", []float64{1}), 2, false)
	broken := harness.NewRatio("b", "us", harness.NewSeries("x", []float64{3}), harness.NewSeries("y", []float64{1}), 2, false)
	empty := harness.NewRatio("c", "us", harness.NewSeries("x", nil), harness.NewSeries("y", []float64{1}), 2, false)
	for _, c := range []struct {
		ratios  []harness.Ratio
		enforce bool
		want    bool
	}{
		{[]harness.Ratio{kept}, true, false}, {[]harness.Ratio{kept, broken}, false, false}, {[]harness.Ratio{kept, broken}, true, true}, {[]harness.Ratio{kept, empty}, false, true},
	} {
		m := &measurement{o: options{enforce: c.enforce}, records: []harness.Record{{Ratios: c.ratios}}}
		if err := m.verdict(); (err != nil) != c.want {
			t.Errorf("%v, enforced %v: %v", c.ratios, c.enforce, err)
		}
	}
}

// binary is the server to measure: SCIMEDGE_BIN, or what make build made.
func binary(tb testing.TB) string {
	bin := os.Getenv("SCIMEDGE_BIN")
	if bin == "" {
		bin = filepath.Join("..", "..", "bin", "scimedge")
	}
	if _, err := os.Stat(bin); err != nil {
		tb.Skip("no server binary: make build, or set SCIMEDGE_BIN")
	}
	return bin
}

// TestSmallRun measures almost nothing, to see that all four comparisons work
// against the real binary. Its figures are worthless.
func TestSmallRun(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the server")
	}
	o, err := parse([]string{"-bin", binary(t), "-dir", t.TempDir(), "-out", filepath.Join(t.TempDir(), "results"),
		"-users", "60", "-small", "30", "-rounds", "1", "-gets", "200", "-creates", "100", "-filters", "100", "-members", "10"})
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ratio-get.json", "ratio-create.json", "ratio-filter.json", "ratio-member.json", "ratios.md"} {
		if _, err := os.Stat(filepath.Join(o.out, name)); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkServer is the real binary over loopback: ns/op is the wall time of one
// request among the clients, server-us/op the CPU it cost the server.
func BenchmarkServer(b *testing.B) {
	ctx := context.Background()
	server, err := harness.StartServer(ctx, binary(b), b.TempDir(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	})
	t, err := server.Tenant(ctx, "bench")
	if err != nil {
		b.Fatal(err)
	}
	s, err := load.Open(ctx, load.Options{URL: t.BaseURL, Host: t.Host, Token: t.Token, Keep: true, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	groups, err := s.AddGroups(ctx, "bench", 1, 100)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		scenario string
		clients  int
	}{{"get", 16}, {"filter-username", 16}, {"list-page", 16}, {"create", 64}, {"patch-user", 64}, {"member-add", 16}} {
		b.Run(c.scenario, func(b *testing.B) {
			before, err1 := server.CPU()
			res, err2 := s.Run(ctx, load.Spec{Scenario: c.scenario, Clients: c.clients, Requests: b.N, Groups: groups})
			after, err3 := server.CPU()
			if err := errors.Join(err1, err2, err3); err != nil || res.Errors > 0 {
				b.Fatal(err, res.Samples)
			}
			b.ReportMetric(float64((after-before).Nanoseconds())/1000/float64(res.Requests), "server-us/op")
			b.ReportMetric(float64(res.Ops[0].P99), "p99-us")
		})
	}
}
