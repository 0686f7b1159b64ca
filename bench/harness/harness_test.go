package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMedianAndRatio(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := Median(c.in); got != c.want {
			t.Errorf("Median(%v) = %g, want %g", c.in, got, c.want)
		}
	}
	a, b := NewSeries("a", []float64{30, 10, 20}), NewSeries("b", []float64{10, 10, 10})
	for _, c := range []struct {
		limit   float64
		atLeast bool
		holds   bool
	}{{2, false, true}, {1.9, false, false}, {2, true, true}, {2.1, true, false}, {0, false, true}} {
		if r := NewRatio("x", "us", a, b, c.limit, c.atLeast); r.Value != 2 || r.Holds() != c.holds {
			t.Errorf("%+v: holds %v", r, r.Holds())
		}
	}
	if r := NewRatio("x", "us", Series{}, b, 2, false); r.Measured() || r.Holds() {
		t.Error("a ratio without figures holds")
	}
}

func TestRecordsAreKeptTogether(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"get", "create"} {
		r := Record{Scenario: name, Date: time.Now(), Machine: ThisMachine(dir), Parameters: map[string]any{"users": 5},
			Ratios: []Ratio{NewRatio("server CPU", "us", NewSeries("edge", []float64{2}), NewSeries("floor", []float64{1}), 1.5, false)}}
		if err := r.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "ratios.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| get |", "| create |", "**2.00**", "at most 1.5", "**no**", "users: 5"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in the page:\n%s", want, page)
		}
	}
	if strings.Contains(string(page), dir) {
		t.Error("the page shows a path of this machine")
	}
}

func TestCPUOfAProcess(t *testing.T) {
	p, err := start("/bin/sh", true, "-c", "i=0; while read x; do while [ $i -lt 200000 ]; do i=$((i+1)); done; echo 1; done")
	if err != nil {
		t.Fatal(err)
	}
	before, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	var answer int
	if err := p.Ask(1, &answer); err != nil || answer != 1 {
		t.Fatalf("%d, %v", answer, err)
	}
	after, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	if used := after - before; used < 10*time.Millisecond || used > 30*time.Second {
		t.Errorf("the loop took %s of CPU", used)
	}
	if coarse, err := p.coarseCPU(); err != nil || coarse < (after-before)/2 {
		t.Errorf("coarse count %s, %v; exact %s", coarse, err, after)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAServerThatEndsIsReported(t *testing.T) {
	bin, err := exec.LookPath("false")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := StartServer(t.Context(), bin, t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("got %v", err)
	}
}
