package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"scimedge/bench/internal/fakescim"
)

func options(s *fakescim.Server) Options {
	return Options{URL: s.URL, Host: s.Host, Token: s.Token, Clients: 4, Requests: 60, Users: 40, GroupSize: 10, Seed: 1}
}

func TestEveryScenarioMeasuresAndCleansUp(t *testing.T) {
	s := fakescim.New(t)
	s.Host = "acme.localhost"
	o := options(s)
	o.Scenarios = []string{"all"}
	phases := map[string]int64{}
	o.Progress = func(p Progress) { phases[p.Phase] = p.Done }
	res, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Scenarios) != len(Scenarios()) {
		t.Errorf("%d results, want %d", len(res.Scenarios), len(Scenarios()))
	}
	for _, r := range res.Scenarios {
		if r.Requests != 60 || r.Errors != 0 || r.PerSecond <= 0 || len(r.Ops) == 0 {
			t.Errorf("%s: %+v", r.Name, r)
		}
		for _, op := range r.Ops {
			if op.P50 < 1 || op.P50 > op.P99 || op.P99 > op.Max {
				t.Errorf("%s %s: quantiles out of order: %+v", r.Name, op.Op, op)
			}
		}
	}
	if s.Count("users") != 0 || s.Count("groups") != 0 {
		t.Errorf("%d users and %d groups were left behind", s.Count("users"), s.Count("groups"))
	}
	if phases["seeding"] != 40 || phases["get"] != 60 {
		t.Errorf("progress %v", phases)
	}
	var text bytes.Buffer
	if err := res.WriteText(&text); err != nil || !strings.Contains(text.String(), "filter-username") {
		t.Errorf("%v: %s", err, &text)
	}
	b, err := json.Marshal(res)
	if err != nil || strings.Contains(string(b)+text.String(), s.Token) {
		t.Errorf("%v: the result shows the token", err)
	}
}

func TestKeepLeavesTheUsers(t *testing.T) {
	s := fakescim.New(t)
	o := options(s)
	o.Scenarios, o.Keep = []string{"create"}, true
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if s.Count("users") != 100 {
		t.Errorf("%d users, want the 40 seeded and the 60 measured", s.Count("users"))
	}
}

func TestGrowAndShrinkAreEachOthersOpposite(t *testing.T) {
	s := fakescim.New(t)
	o := options(s)
	ses, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	g, err := ses.AddGroups(t.Context(), "small", 5, 10)
	if err != nil {
		t.Fatal(err)
	}
	sizes := func() (out []int) {
		x := ses.target.exchange()
		defer x.release()
		for _, id := range g.ids {
			got, err := x.do("GET", "/Groups/"+id, nil, 200, 0)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, bytes.Count(got, []byte(`"value"`)))
		}
		return out
	}
	for range 2 {
		for _, step := range []struct {
			scenario string
			want     int
		}{{"member-grow", 12}, {"member-shrink", 10}} {
			if _, err := ses.Run(t.Context(), Spec{Scenario: step.scenario, Clients: 3, Requests: 10, Groups: g}); err != nil {
				t.Fatal(err)
			}
			for i, n := range sizes() {
				if n != step.want {
					t.Errorf("after %s group %d has %d members, want %d", step.scenario, i, n, step.want)
				}
			}
		}
	}
	if err := ses.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenLoopCountsFromTheTimeDue(t *testing.T) {
	s := fakescim.New(t)
	first := true
	s.Tamper = func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
		if r.Method == "GET" && first { // the single client is held up once
			first = false
			time.Sleep(100 * time.Millisecond)
		}
		return status, body
	}
	o := options(s)
	o.Clients, o.Rate, o.Requests, o.Scenarios = 1, 200, 20, []string{"get"}
	res, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	op := res.Scenarios[0].Ops[0]
	// At 200/s the 19 others were due during the stall: half of them waited 50 ms.
	if op.P50 < 20_000 {
		t.Errorf("p50 is %d us: the stall is hidden", op.P50)
	}
}

func TestFailuresAreCountedAndNothingMeasuredIsAnError(t *testing.T) {
	s := fakescim.New(t)
	n := 0
	s.Tamper = func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
		if r.Method == "GET" {
			if n++; n%2 == 0 {
				return 503, nil
			}
		}
		return status, body
	}
	o := options(s)
	o.Clients, o.Scenarios = 1, []string{"get"}
	res, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r := res.Scenarios[0]; r.Errors != 30 || r.Failures["status 503"] != 30 || r.Ops[0].Requests != 30 || len(r.Samples) == 0 {
		t.Errorf("%+v", r)
	}
	s.Tamper = func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
		if r.Method == "GET" {
			return 500, nil
		}
		return status, body
	}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "measured nothing") {
		t.Errorf("all requests failed, and the error is %v", err)
	}
	o.Token = "scim_wrong"
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "status 401") {
		t.Errorf("with a wrong token the error is %v", err)
	}
}

func TestTimeBoundsARun(t *testing.T) {
	s := fakescim.New(t)
	o := options(s)
	o.Requests, o.Duration = 0, 150*time.Millisecond
	res, err := Run(t.Context(), o)
	if err != nil || res.Scenarios[0].Seconds > 5 || res.Scenarios[0].Requests == 0 {
		t.Errorf("%v: %+v", err, res)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.Duration = time.Minute
	o.Progress = func(p Progress) {
		if p.Phase == "mixed" && p.Done > 0 {
			cancel()
		}
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("after Ctrl-C the error is %v", err)
	}
	if s.Count("users") != 0 {
		t.Errorf("%d users left behind after Ctrl-C", s.Count("users"))
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{URL: "http://127.0.0.1:1/scim/v2", Token: "t"}
	for name, change := range map[string]func(*Options){
		"remote": func(o *Options) { o.URL = "http://192.0.2.1/scim/v2" }, "clients": func(o *Options) { o.Clients = 5000 },
		"scenario": func(o *Options) { o.Scenarios = []string{"nope"} }, "users": func(o *Options) { o.Users = -1 },
		"URL": func(o *Options) { o.URL = "ftp://127.0.0.1" }, "duration": func(o *Options) { o.Duration = -1 },
	} {
		o := good
		change(&o)
		if _, err := Open(t.Context(), o); err == nil {
			t.Errorf("%s: options were taken", name)
		} else if (name == "remote") != errors.Is(err, ErrRemote) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
