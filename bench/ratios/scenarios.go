package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scimedge/bench/harness"
	"scimedge/bench/load"
	"scimedge/bench/scimclient"
)

// outsiders are users of the large tenant beyond its large group, so that there is
// somebody to add.
const outsiders = 1000

// page is what floor http is to answer.
type page struct {
	Path   string      `json:"path"`
	Header [][2]string `json:"header"`
	Body   []byte      `json:"body"`
}

// learn asks the server for one user and makes the floor's page of the answer.
func learn(ctx context.Context, t harness.Tenant, id string) (page, error) {
	c, err := scimclient.New(scimclient.Options{BaseURL: t.BaseURL, Host: t.Host, Token: t.Token})
	if err != nil {
		return page{}, err
	}
	defer c.Close()
	path := "/Users/" + url.PathEscape(id)
	res, err := c.Do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return page{}, err
	}
	if res.Status != http.StatusOK || len(res.Body) == 0 {
		return page{}, &scimclient.Mismatch{Step: "learning the page", Method: "GET", Path: path, Want: "status 200 with a body", Status: res.Status, Got: res.Body}
	}
	p := page{Path: "/scim/v2/Users/{id}", Body: res.Body}
	for name, values := range res.Header {
		// What the HTTP library writes by itself stays its own work on both sides.
		if !slices.Contains([]string{"Date", "Content-Length", "Connection", "Server"}, name) {
			p.Header = append(p.Header, [2]string{name, values[0]})
		}
	}
	return p, nil
}

func (m *measurement) get(ctx context.Context) (err error) {
	edge, tenant, err := m.session(ctx, "reads", m.o.small)
	if err != nil {
		return err
	}
	p, err := learn(ctx, tenant, edge.UserIDs()[0])
	if err != nil {
		return err
	}
	floor, err := harness.StartFloor(m.o.floor, "http")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.Stop()) }()
	var at struct {
		Addr string `json:"addr"`
	}
	if err := floor.Ask(p, &at); err != nil {
		return err
	}
	bare, err := edge.Elsewhere(load.Options{URL: "http://" + at.Addr + "/scim/v2", Host: tenant.Host, Token: tenant.Token}, 1)
	if err != nil {
		return err
	}
	spec := load.Spec{Scenario: "get", Clients: 16, Requests: m.o.gets}
	a := &side{name: "scimedge", process: m.server.Process, session: edge, spec: spec}
	b := &side{name: "bare fasthttp+router", process: floor, session: bare, spec: spec}
	if err := m.takeTurns(ctx, a, b); err != nil {
		return err
	}
	return m.keep("get", "GET /Users/{id} of random users against a handler that writes the same body and headers.",
		map[string]any{"clients": spec.Clients, "requests a round": spec.Requests, "users": m.o.small, "bytes of the body": len(p.Body), "headers": len(p.Header)},
		ratio("server CPU per request", "us", a, b, cpu, 2.0), ratio("p50 latency", "us", a, b, latency, 0))
}

// order and done are the conversation with floor kv.
type order struct {
	Transactions int `json:"transactions"`
	Writers      int `json:"writers"`
}

type done struct {
	Transactions int     `json:"transactions"`
	Seconds      float64 `json:"seconds"`
	StoreBytes   int64   `json:"store_bytes"`
}

func (m *measurement) create(ctx context.Context) (err error) {
	const clients = 64
	edge, tenant, err := m.session(ctx, "writes", m.o.small)
	if err != nil {
		return err
	}
	p, err := learn(ctx, tenant, edge.UserIDs()[0])
	if err != nil {
		return err
	}
	// The record holds the user and little more; its change holds every attribute
	// once more, as the value after the change.
	size := len(p.Body)
	dir := filepath.Join(m.dir, "kv")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	floor, err := harness.StartFloor(m.o.floor, "kv", "-dir", dir, "-record", fmt.Sprint(size), "-change", fmt.Sprint(size), "-index-rows", fmt.Sprint(m.o.indexRows))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.Stop()) }()
	a := &side{name: "scimedge", process: m.server.Process, session: edge, spec: load.Spec{Scenario: "create", Clients: clients, Requests: m.o.creates}}
	b := &side{name: "boltkv alone"}
	var last done
	alone := func() (sample, error) {
		before, err := floor.CPU()
		if err != nil {
			return sample{}, err
		}
		if err := floor.Ask(order{m.o.creates, clients}, &last); err != nil {
			return sample{}, err
		}
		after, err := floor.CPU()
		return sample{perSecond: float64(last.Transactions) / last.Seconds, cpuMicros: float64((after - before).Nanoseconds()) / 1000 / float64(last.Transactions)}, err
	}
	for i := range m.o.rounds + 1 {
		one, err := alone()
		if err != nil {
			return err
		}
		got, err := m.round(ctx, a)
		if err != nil {
			return err
		}
		m.say("create: round %d: scimedge %.0f/s (%.0f us CPU), boltkv alone %.0f/s (%.0f us CPU)", i, got.perSecond, got.cpuMicros, one.perSecond, one.cpuMicros)
		if i > 0 {
			a.samples, b.samples = append(a.samples, got), append(b.samples, one)
		}
	}
	rate := func(s sample) float64 { return s.perSecond }
	return m.keep("create", "POST /Users by 64 clients over loopback, every one durable when answered, against 64 writers at boltkv with as many rows and bytes. The clients of scimedge share the machine's cores with it.",
		map[string]any{"clients": clients, "creates a round": m.o.creates, "bytes of record and change": size, "index rows": m.o.indexRows, "store of boltkv alone, bytes": last.StoreBytes},
		harness.NewRatio("durable creates a second", "/s", a.series(rate), b.series(rate), 0.5, true), ratio("CPU per create", "us", a, b, cpu, 0))
}

// filterAndMember share the large tenant, which takes longest to fill.
func (m *measurement) filterAndMember(ctx context.Context) error {
	large, _, err := m.session(ctx, "large", m.o.users+outsiders)
	if err != nil {
		return err
	}
	if m.o.wants("filter") {
		if err := m.filter(ctx, large); err != nil {
			return err
		}
	}
	if m.o.wants("member") {
		return m.member(ctx, large)
	}
	return nil
}

func (m *measurement) filter(ctx context.Context, large *load.Session) error {
	small, _, err := m.session(ctx, "small", m.o.small)
	if err != nil {
		return err
	}
	spec := load.Spec{Scenario: "filter-username", Clients: 16, Requests: m.o.filters}
	a := &side{name: fmt.Sprintf("%d users", m.o.users+outsiders), process: m.server.Process, session: large, spec: spec}
	b := &side{name: fmt.Sprintf("%d users", m.o.small), process: m.server.Process, session: small, spec: spec}
	if err := m.takeTurns(ctx, a, b); err != nil {
		return err
	}
	return m.keep("filter", `GET /Users?filter=userName eq "..." of random users, in two tenants of one store.`,
		map[string]any{"clients": spec.Clients, "requests a round": spec.Requests},
		ratio("server CPU per request", "us", a, b, cpu, 1.2), ratio("p50 latency", "us", a, b, latency, 1.2))
}

// member adds outsiders to the large group, and as many to groups of ten, each of
// which gets few, so that they stay small. One client at a time: with more the
// members of one group would share a commit, and a share of it would be measured.
func (m *measurement) member(ctx context.Context, large *load.Session) error {
	m.say("making groups of %d and 10 members", m.o.users)
	big, err := large.AddGroups(ctx, "big", 1, m.o.users)
	if err != nil {
		return err
	}
	tens, err := large.AddGroups(ctx, "ten", max(1, m.o.members/2), 10)
	if err != nil {
		return err
	}
	turn := func(g *load.GroupSet, name string) *side {
		spec := load.Spec{Scenario: "member-grow", Clients: 1, Requests: m.o.members, Groups: g}
		undo := spec
		undo.Scenario = "member-shrink"
		return &side{name: name, process: m.server.Process, session: large, spec: spec, after: &undo}
	}
	a, b := turn(big, fmt.Sprintf("group of %d", m.o.users)), turn(tens, "groups of 10")
	if err := m.takeTurns(ctx, a, b); err != nil {
		return err
	}
	return m.keep("member", strings.Join([]string{"PATCH /Groups/{id} that adds one member, one request at a time, each with a disk flush of its own.",
		"What was added is removed after each round."}, " "),
		map[string]any{"clients": 1, "members a round": m.o.members, "small groups": max(1, m.o.members/2), "users": m.o.users + outsiders},
		ratio("server CPU per request", "us", a, b, cpu, 1.3), ratio("p50 latency", "us", a, b, latency, 1.3))
}
