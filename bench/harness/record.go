package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Series is one side of a comparison: a figure for each round.
type Series struct {
	What   string    `json:"what"`
	Rounds []float64 `json:"rounds"`
	Median float64   `json:"median"`
}

// NewSeries computes the median.
func NewSeries(what string, rounds []float64) Series {
	return Series{What: what, Rounds: rounds, Median: Median(rounds)}
}

// Median of v; 0 of nothing.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

// Ratio compares two series taken in turns within one run, so that what else the
// machine did meets both.
type Ratio struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Of    Series  `json:"of"` // divided by To
	To    Series  `json:"to"`
	Value float64 `json:"value"`
	// Limit is what was promised: at most, or with AtLeast at least. 0: no promise.
	Limit   float64 `json:"limit,omitempty"`
	AtLeast bool    `json:"at_least,omitempty"`
}

// NewRatio divides the medians.
func NewRatio(name, unit string, of, to Series, limit float64, atLeast bool) Ratio {
	r := Ratio{Name: name, Unit: unit, Of: of, To: to, Limit: limit, AtLeast: atLeast}
	if to.Median > 0 {
		r.Value = of.Median / to.Median
	}
	return r
}

// Measured says whether there is anything in it.
func (r Ratio) Measured() bool { return r.Of.Median > 0 && r.To.Median > 0 }

// Holds says whether the promise is kept, or true without one.
func (r Ratio) Holds() bool {
	switch {
	case r.Limit == 0:
		return true
	case !r.Measured():
		return false
	case r.AtLeast:
		return r.Value >= r.Limit
	}
	return r.Value <= r.Limit
}

// Record is one comparison as it is kept.
type Record struct {
	Scenario   string         `json:"scenario"`
	About      string         `json:"about"`
	Date       time.Time      `json:"date"`
	Version    string         `json:"version"`
	Machine    Machine        `json:"machine"`
	StoreBytes int64          `json:"store_bytes"` // at the end
	Parameters map[string]any `json:"parameters"`
	Ratios     []Ratio        `json:"ratios"`
}

// Write keeps r as dir/ratio-SCENARIO.json and rewrites dir/ratios.md from all the
// records that are there.
func (r Record) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "ratio-"+r.Scenario+".json"), append(b, '\n'), 0o644); err != nil {
		return err
	}
	all, err := readRecords(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "ratios.md"), []byte(Markdown(all)), 0o644)
}

func readRecords(dir string) ([]Record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "ratio-*.json"))
	if err != nil {
		return nil, err
	}
	var out []Record
	for _, f := range files {
		b, err := os.ReadFile(f)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var r Record
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err != nil {
			return nil, fmt.Errorf("harness: %s: %w", filepath.Base(f), err)
		}
		out = append(out, r)
	}
	return out, nil
}

// Markdown is the page of all records.
func Markdown(all []Record) string {
	var b strings.Builder
	b.WriteString("# Ratios\n\nWritten by `go run ./bench/ratios`; see bench/README.md for how to read it. Each ratio is one of medians of rounds taken in turns.\n\n")
	b.WriteString("| scenario | ratio | of | to | value | promised | holds |\n|---|---|---|---|---|---|---|\n")
	for _, r := range all {
		for _, x := range r.Ratios {
			fmt.Fprintf(&b, "| %s | %s | %s: %s %s | %s: %s %s | **%.2f** | %s | %s |\n", r.Scenario, x.Name,
				x.Of.What, figure(x.Of.Median), x.Unit, x.To.What, figure(x.To.Median), x.Unit, x.Value, x.promise(), x.verdict())
		}
	}
	for _, r := range all {
		m := r.Machine
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n- %s, %s\n- %s, %d cores, %d GiB, Linux %s, store on %s, %s\n- store %.1f MB at the end\n",
			r.Scenario, r.About, r.Date.Format("2006-01-02 15:04 MST"), r.Version, m.CPU, m.Cores, m.MemoryGiB, m.Kernel, m.FileSystem, m.Go, float64(r.StoreBytes)/1e6)
		keys := make([]string, 0, len(r.Parameters))
		for k := range r.Parameters {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			fmt.Fprintf(&b, "- %s: %v\n", k, r.Parameters[k])
		}
		for _, x := range r.Ratios {
			fmt.Fprintf(&b, "- %s, rounds in %s: %s %s; %s %s\n", x.Name, x.Unit, x.Of.What, list(x.Of.Rounds), x.To.What, list(x.To.Rounds))
		}
	}
	return b.String()
}

func (r Ratio) promise() string {
	switch {
	case r.Limit == 0:
		return ""
	case r.AtLeast:
		return fmt.Sprintf("at least %.2g", r.Limit)
	}
	return fmt.Sprintf("at most %.2g", r.Limit)
}

func (r Ratio) verdict() string {
	switch {
	case r.Limit == 0:
		return ""
	case r.Holds():
		return "yes"
	}
	return "**no**"
}

func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func list(v []float64) string {
	s := make([]string, len(v))
	for i, x := range v {
		s[i] = figure(x)
	}
	return strings.Join(s, " ")
}
