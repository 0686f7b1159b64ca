package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"scimedge/bench/harness"
	"scimedge/bench/load"
)

// measurement is one run of the command.
type measurement struct {
	o       options
	dir     string
	log     io.Writer
	machine harness.Machine
	server  *harness.Server
	version string
	records []harness.Record
}

func (m *measurement) all(ctx context.Context) (err error) {
	var extra []byte
	if m.o.config != "" {
		if extra, err = os.ReadFile(m.o.config); err != nil {
			return err
		}
	}
	if m.server, err = harness.StartServer(ctx, m.o.bin, m.dir, string(extra)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.server.Stop()) }()
	m.version = m.server.Version(ctx)

	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		// The small ones first: what they cost is compared with a floor whose store
		// is as small.
		{"get", m.get}, {"create", m.create}, {"filter", m.filterAndMember}, {"member", nil},
	}
	for _, s := range steps {
		if s.do == nil || !m.o.wants(s.name) && (s.name != "filter" || !m.o.wants("member")) {
			continue
		}
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w (server: %s)", s.name, err, m.server.Log())
		}
	}
	return nil
}

func (m *measurement) say(format string, args ...any) {
	fmt.Fprintf(m.log, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// session makes a tenant with users in it. What it holds stays until the folder
// goes.
func (m *measurement) session(ctx context.Context, tenant string, users int) (*load.Session, harness.Tenant, error) {
	t, err := m.server.Tenant(ctx, tenant)
	if err != nil {
		return nil, t, err
	}
	start := time.Now()
	s, err := load.Open(ctx, load.Options{URL: t.BaseURL, Host: t.Host, Token: t.Token, Users: users, Clients: 64, Keep: true, Seed: 1})
	if err != nil {
		return nil, t, err
	}
	m.say("tenant %s: %d users created in %.1f s", tenant, users, time.Since(start).Seconds())
	return s, t, nil
}

// sample is one round of one side.
type sample struct {
	cpuMicros float64 // server CPU per request
	p50       float64 // us
	perSecond float64
}

// side is what takes turns.
type side struct {
	name    string
	process *harness.Process
	session *load.Session
	spec    load.Spec
	// after, if any, undoes what a round did; it is not measured.
	after   *load.Spec
	samples []sample
}

// round measures one side once. A failed request makes the whole run fail: a wrong
// answer may be a cheap one.
func (m *measurement) round(ctx context.Context, s *side) (sample, error) {
	before, err := s.process.CPU()
	if err != nil {
		return sample{}, err
	}
	res, err := s.session.Run(ctx, s.spec)
	if err != nil {
		return sample{}, err
	}
	after, err := s.process.CPU()
	if err != nil {
		return sample{}, err
	}
	if res.Errors > 0 || len(res.Ops) != 1 {
		return sample{}, fmt.Errorf("%s: %d of %d requests failed: %q", s.name, res.Errors, res.Requests, res.Samples)
	}
	out := sample{
		cpuMicros: float64((after - before).Nanoseconds()) / 1000 / float64(res.Requests),
		p50:       float64(res.Ops[0].P50),
		perSecond: res.PerSecond,
	}
	if s.after != nil {
		if res, err = s.session.Run(ctx, *s.after); err == nil && res.Errors > 0 {
			err = fmt.Errorf("%s: undoing: %d requests failed: %q", s.name, res.Errors, res.Samples)
		}
	}
	return out, err
}

// takeTurns runs one round for warming up and then the rounds that count. Which
// side goes first changes, so that neither always meets the other's leftovers.
func (m *measurement) takeTurns(ctx context.Context, a, b *side) error {
	for i := range m.o.rounds + 1 {
		pair := []*side{a, b}
		if i%2 == 1 {
			pair = []*side{b, a}
		}
		for _, s := range pair {
			got, err := m.round(ctx, s)
			if err != nil {
				return err
			}
			if i > 0 {
				s.samples = append(s.samples, got)
			}
			m.say("%s: round %d: %.1f us CPU, p50 %.0f us, %.0f/s", s.name, i, got.cpuMicros, got.p50, got.perSecond)
		}
	}
	return nil
}

func (s *side) series(of func(sample) float64) harness.Series {
	v := make([]float64, len(s.samples))
	for i, x := range s.samples {
		v[i] = of(x)
	}
	return harness.NewSeries(s.name, v)
}

func cpu(s sample) float64     { return s.cpuMicros }
func latency(s sample) float64 { return s.p50 }

// ratio divides a's figure by b's.
func ratio(name, unit string, a, b *side, of func(sample) float64, limit float64) harness.Ratio {
	return harness.NewRatio(name, unit, a.series(of), b.series(of), limit, false)
}

// keep adds the record, and writes it if that was asked for.
func (m *measurement) keep(scenario, about string, parameters map[string]any, ratios ...harness.Ratio) error {
	parameters["rounds"] = m.o.rounds
	r := harness.Record{
		Scenario: scenario, About: about, Date: time.Now().UTC().Truncate(time.Second), Version: m.version,
		Machine: m.machine, StoreBytes: m.server.StoreBytes(), Parameters: parameters, Ratios: ratios,
	}
	for _, x := range ratios {
		m.say("%s: %s: %.2f", scenario, x.Name, x.Value)
	}
	m.records = append(m.records, r)
	if m.o.out == "" {
		return nil
	}
	return r.Write(m.o.out)
}
