package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"scimedge/bench/harness"
	"scimedge/bench/scimclient"
)

// pageSize is how many users a page of every scenario holds at most.
const pageSize = 100

// measurement is one run of the command.
type measurement struct {
	server *harness.Server
	client *scimclient.Client
	users  int
	rounds int
	rows   []row
}

// row is what one scenario came to, per request.
type row struct {
	name, request string
	requests      int // a round
	cpu, latency  harness.Series
	objects, kib  harness.Series
}

// list is an answer, as far as it is looked at.
type list struct {
	TotalResults int    `json:"totalResults"`
	NextCursor   string `json:"nextCursor"`
	Resources    []struct {
		ID string `json:"id"`
	} `json:"Resources"`
}

func (m *measurement) get(ctx context.Context, query string) (list, error) {
	var l list
	path := "/Users?" + query
	res, err := m.client.Do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return l, err
	}
	if res.Status != http.StatusOK {
		return l, &scimclient.Mismatch{Step: "list", Method: "GET", Path: path, Want: "status 200", Status: res.Status, Got: res.Body}
	}
	return l, json.Unmarshal(res.Body, &l)
}

// all runs the scenarios in turn.
func (m *measurement) all(ctx context.Context) error {
	last := m.users/pageSize*9/10*pageSize + 1 // page 900 of 1,000
	filter := func(f string) string { return "count=100&filter=" + url.QueryEscape(f) }
	for _, s := range []struct {
		name, query string
		requests    int
	}{
		{"first page", "count=100", 200},
		{"a page far behind, out of turn", fmt.Sprintf("startIndex=%d&count=100", last+1), 20},
		{"userName eq", filter(`userName eq "nobody@example.com"`), 500},
		{"userName co, an index is read", filter(`userName co "zzz"`), 10},
		{"title co, everybody is read", filter(`title co "zzz"`), 5},
		{"sorted by userName, an index has the order", "count=100&sortBy=userName", 200},
		{"sorted by name.familyName, everybody is read", "count=100&sortBy=name.familyName", 5},
	} {
		err := m.measure(ctx, s.name, "GET /Users?"+s.query, s.requests, func(ctx context.Context, _ int) error {
			_, err := m.get(ctx, s.query)
			return err
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(m.walkByIndex(ctx, last), m.walkByCursor(ctx))
}

// walkByIndex pages through all from the first page to the last, as a client that
// imports everybody does, and measures the beginning and the part around page 900.
func (m *measurement) walkByIndex(ctx context.Context, last int) error {
	const part = 50 // pages
	at, seen := 1, 0
	step := func(ctx context.Context, _ int) error {
		l, err := m.get(ctx, fmt.Sprintf("startIndex=%d&count=%d", at, pageSize))
		at, seen = at+len(l.Resources), seen+len(l.Resources)
		return err
	}
	rounds := m.rounds
	m.rounds = 1 // a walk goes on: each part of it is met once
	defer func() { m.rounds = rounds }()
	pages := min(part, m.users/pageSize/4)
	if err := m.measure(ctx, "a walk by startIndex, its first pages", "GET /Users?startIndex=..&count=100", pages, step); err != nil {
		return err
	}
	for at < last {
		if err := step(ctx, 0); err != nil {
			return err
		}
	}
	if err := m.measure(ctx, "the same walk around page 900", "GET /Users?startIndex=..&count=100", pages, step); err != nil {
		return err
	}
	for before := -1; before != seen; {
		before = seen
		if err := step(ctx, 0); err != nil {
			return err
		}
	}
	return m.everybody(seen)
}

func (m *measurement) walkByCursor(ctx context.Context) error {
	for _, s := range []struct{ name, order string }{{"a walk by cursor through all", ""}, {"the same, sorted by userName", "&sortBy=userName"}} {
		seen := 0
		next := func(cursor string) (list, error) {
			l, err := m.get(ctx, fmt.Sprintf("count=%d&cursor=%s%s", pageSize, cursor, s.order))
			seen += len(l.Resources)
			return l, err
		}
		pages := (m.users + pageSize - 1) / pageSize
		l := list{}
		rounds := m.rounds
		m.rounds = 1
		err := m.measure(ctx, s.name, "GET /Users?cursor=..&count=100"+s.order, pages, func(context.Context, int) (err error) {
			l, err = next(l.NextCursor)
			return err
		})
		m.rounds = rounds
		if err != nil {
			return err
		}
		if l.NextCursor != "" {
			return fmt.Errorf("%s: there is a cursor after the last page", s.name)
		}
		if err := m.everybody(seen); err != nil {
			return err
		}
	}
	return nil
}

func (m *measurement) everybody(seen int) error {
	if seen != m.users {
		return fmt.Errorf("a walk met %d of %d users", seen, m.users)
	}
	return nil
}

// measure runs a scenario in rounds, after one for warming up where there are
// several.
func (m *measurement) measure(ctx context.Context, name, request string, requests int, ask func(context.Context, int) error) error {
	var cpu, latency, objects, kib []float64
	first := 0
	if m.rounds > 1 {
		first = -1
	}
	for round := first; round < m.rounds; round++ {
		before, err := m.figures(ctx)
		if err != nil {
			return err
		}
		start := time.Now()
		for i := range requests {
			if err := ask(ctx, i); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		took := time.Since(start)
		after, err := m.figures(ctx)
		if err != nil {
			return err
		}
		if round < 0 {
			continue
		}
		n := float64(requests)
		cpu = append(cpu, float64((after.cpu-before.cpu).Microseconds())/n)
		latency = append(latency, float64(took.Microseconds())/n)
		objects = append(objects, (after.objects-before.objects)/n)
		kib = append(kib, (after.bytes-before.bytes)/n/1024)
	}
	m.rows = append(m.rows, row{name, request, requests, harness.NewSeries(name, cpu), harness.NewSeries(name, latency), harness.NewSeries(name, objects), harness.NewSeries(name, kib)})
	fmt.Fprintf(os.Stderr, "%s: %.0f us CPU, %.0f allocations a request\n", name, harness.Median(cpu), harness.Median(objects))
	return nil
}

// figures are the server's counters.
type figures struct {
	cpu            time.Duration
	objects, bytes float64
}

func (m *measurement) figures(ctx context.Context) (f figures, err error) {
	if f.cpu, err = m.server.CPU(); err != nil {
		return f, err
	}
	f.objects, f.bytes, err = m.server.Allocated(ctx)
	return f, err
}

func (m *measurement) markdown(machine harness.Machine, version string, store int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Lists\n\nWritten by `make lists`: %d users, pages of %d, one request at a time; medians of rounds, per request. A walk is one round.\n\n", m.users, pageSize)
	b.WriteString("| what | server CPU, us | latency, us | allocations | KiB allocated | against the first page |\n|---|---|---|---|---|---|\n")
	base := m.rows[0].cpu.Median
	for _, r := range m.rows {
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.0f | %.0f | %.2f |\n", r.name, r.cpu.Median, r.latency.Median, r.objects.Median, r.kib.Median, r.cpu.Median/base)
	}
	fmt.Fprintf(&b, "\n- %s, %s\n- %s, %d cores, %d GiB, Linux %s, %s, %s\n- store %.1f MB\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), version,
		machine.CPU, machine.Cores, machine.MemoryGiB, machine.Kernel, machine.FileSystem, machine.Go, float64(store)/1e6)
	for _, r := range m.rows {
		fmt.Fprintf(&b, "- %s: `%s`, %d requests a round, CPU in us: %.0f\n", r.name, r.request, r.requests, r.cpu.Rounds)
	}
	return b.String()
}
