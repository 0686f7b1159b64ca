package load

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"scimedge/bench/scimclient"
)

// Options say what to measure and where. URL and Token are required.
type Options struct {
	URL   string // SCIM base URL, such as http://127.0.0.1:8080/scim/v2
	Host  string // sent instead of the host of URL
	Token string
	// Scenarios run one after the other; the default is "mixed", and "all" stands
	// for each of them.
	Scenarios []string
	// Clients is how many requests may be under way at once, default 16.
	Clients int
	// Requests and Duration bound each scenario; the first to be reached ends it.
	// The default is 10 s.
	Requests int
	Duration time.Duration
	// Rate makes the loop open: so many requests a second are due. 0 is closed.
	Rate float64
	// Users is how many are created before anything is measured, default 1,000.
	Users int
	// GroupSize is how many of them are in the group that member-add changes,
	// default 100. As many users as there are clients stay outside of it.
	GroupSize int
	// Keep leaves what was created on the server.
	Keep bool
	// AllowRemote allows a target that is not this machine.
	AllowRemote bool
	Seed        int64
	// Progress is told now and then how far things are; it may be nil.
	Progress func(Progress)
}

// Progress is how far the current phase ("seeding", a scenario's name, "removing")
// is. Total is 0 when only time bounds it.
type Progress struct {
	Phase string
	Done  int64
	Total int64
}

// Bounds, so that a typing error does not become an attack.
const (
	maxClients  = 1024
	maxRequests = 50_000_000
	maxUsers    = 2_000_000
	maxDuration = 24 * time.Hour
)

// ErrRemote is returned for a target that is not this machine.
var ErrRemote = errors.New("load: the target is not this machine; allow it explicitly if it is yours to load")

func (o Options) withDefaults() Options {
	if len(o.Scenarios) == 0 {
		o.Scenarios = []string{"mixed"}
	}
	if slices.Contains(o.Scenarios, "all") {
		o.Scenarios = nil
		for _, s := range Scenarios() {
			o.Scenarios = append(o.Scenarios, s.Name)
		}
	}
	if o.Clients == 0 {
		o.Clients = 16
	}
	if o.Requests == 0 && o.Duration == 0 {
		o.Duration = 10 * time.Second
	}
	if o.Users == 0 {
		o.Users = 1000
	}
	if o.GroupSize == 0 {
		o.GroupSize = 100
	}
	return o
}

func (o Options) validate() error {
	var bad []string
	within := func(name string, v, lo, hi int) {
		if v < lo || v > hi {
			bad = append(bad, fmt.Sprintf("%s is %d, want %d..%d", name, v, lo, hi))
		}
	}
	within("clients", o.Clients, 1, maxClients)
	within("requests", o.Requests, 0, maxRequests)
	within("users", o.Users, 1, maxUsers)
	within("group size", o.GroupSize, 0, maxUsers)
	if o.Duration < 0 || o.Duration > maxDuration {
		bad = append(bad, fmt.Sprintf("duration is %s, want 0..%s", o.Duration, maxDuration))
	}
	if o.Rate < 0 || o.Rate > 1e6 {
		bad = append(bad, fmt.Sprintf("rate is %g, want 0..1e6", o.Rate))
	}
	for _, name := range o.Scenarios {
		if _, ok := findScenario(name); !ok {
			bad = append(bad, fmt.Sprintf("no scenario %q; there are %s, all", name, strings.Join(scenarioNames(), ", ")))
		}
	}
	if len(bad) > 0 {
		return errors.New("load: " + strings.Join(bad, "; "))
	}
	if !o.AllowRemote && !scimclient.IsLoopback(o.URL) {
		return ErrRemote
	}
	return nil
}
