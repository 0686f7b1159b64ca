package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what Run measured. It marshals to JSON as it is; WriteText is for
// people.
type Result struct {
	Target    string           `json:"target"`
	Host      string           `json:"host,omitempty"`
	Started   time.Time        `json:"started"`
	Scenarios []ScenarioResult `json:"scenarios"`
}

// ScenarioResult is one scenario. Latencies are in microseconds.
type ScenarioResult struct {
	Name      string           `json:"scenario"`
	Clients   int              `json:"clients"`
	Rate      float64          `json:"rate_per_second,omitempty"` // asked for; 0 is a closed loop
	Users     int              `json:"users"`                     // seeded before
	GroupSize int              `json:"group_size,omitempty"`
	Seconds   float64          `json:"seconds"`
	Requests  int64            `json:"requests"`
	Errors    int64            `json:"errors"`
	PerSecond float64          `json:"per_second"` // answered rightly
	Ops       []OpResult       `json:"ops"`
	Failures  map[string]int64 `json:"failures,omitempty"`
	Samples   []string         `json:"failure_samples,omitempty"`
}

// OpResult is one kind of request within a scenario; failed ones are not in it.
type OpResult struct {
	Op       string  `json:"op"`
	Requests int64   `json:"requests"`
	Mean     float64 `json:"mean_us"`
	P50      int64   `json:"p50_us"`
	P95      int64   `json:"p95_us"`
	P99      int64   `json:"p99_us"`
	Max      int64   `json:"max_us"`
}

// tally is what one client saw.
type tally struct {
	ops     map[string]*hdrhistogram.Histogram
	errors  map[string]int64
	samples []string
}

// Histograms reach from a microsecond to two minutes with three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(2*time.Minute/time.Microsecond), 3)
}

func (t *tally) add(op string, took time.Duration, err error) {
	if err != nil {
		class := "other"
		if f, ok := err.(*failure); ok {
			class = f.class
		}
		t.errors[class]++
		if len(t.samples) < 3 {
			t.samples = append(t.samples, err.Error())
		}
		return
	}
	h := t.ops[op]
	if h == nil {
		h = newHistogram()
		t.ops[op] = h
	}
	us := min(max(took.Microseconds(), 1), h.HighestTrackableValue())
	_ = h.RecordValue(us) // within its range by the line above
}

func (r *ScenarioResult) collect(tallies []*tally, elapsed time.Duration) {
	all := map[string]*hdrhistogram.Histogram{}
	for _, t := range tallies {
		for op, h := range t.ops {
			if all[op] == nil {
				all[op] = newHistogram()
			}
			all[op].Merge(h)
		}
		for class, n := range t.errors {
			if r.Failures == nil {
				r.Failures = map[string]int64{}
			}
			r.Failures[class] += n
			r.Errors += n
		}
		if len(r.Samples) < 5 {
			r.Samples = append(r.Samples, t.samples...)
		}
	}
	var right int64
	for _, op := range slices.Sorted(maps.Keys(all)) {
		h := all[op]
		right += h.TotalCount()
		r.Ops = append(r.Ops, OpResult{
			Op: op, Requests: h.TotalCount(), Mean: h.Mean(), Max: h.Max(),
			P50: h.ValueAtQuantile(50), P95: h.ValueAtQuantile(95), P99: h.ValueAtQuantile(99),
		})
	}
	r.Requests = right + r.Errors
	r.Seconds = elapsed.Seconds()
	if r.Seconds > 0 {
		r.PerSecond = float64(right) / r.Seconds
	}
}

func (r *ScenarioResult) firstError() string {
	if len(r.Samples) == 0 {
		return "no request was sent in time"
	}
	return r.Samples[0]
}

// WriteText writes a table.
func (r Result) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scenario\top\tclients\trequests\terrors\treq/s\tp50\tp95\tp99\tmax\t")
	for _, s := range r.Scenarios {
		fmt.Fprintf(t, "%s\t\t%d\t%d\t%d\t%.0f\t\t\t\t\t\n", s.Name, s.Clients, s.Requests, s.Errors, s.PerSecond)
		for _, o := range s.Ops {
			fmt.Fprintf(t, "\t%s\t\t%d\t\t\t%s\t%s\t%s\t%s\t\n", o.Op, o.Requests, ms(o.P50), ms(o.P95), ms(o.P99), ms(o.Max))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range r.Scenarios {
		for class, n := range s.Failures {
			fmt.Fprintf(w, "%s: %d failed: %s\n", s.Name, n, class)
		}
		for _, text := range s.Samples {
			fmt.Fprintf(w, "  such as: %s\n", text)
		}
	}
	return nil
}

func ms(us int64) string { return fmt.Sprintf("%.2f ms", float64(us)/1000) }
