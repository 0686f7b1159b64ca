package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"scimedge/bench/load"
	"scimedge/cmd/scimedge/admin"
)

type benchCmd struct {
	URL         string        `arg:"" help:"SCIM base URL, such as http://acme.localhost:8080/scim/v2."`
	Token       string        `required:"" env:"SCIMEDGE_BENCH_TOKEN" help:"Bearer token." placeholder:"TOKEN"`
	Host        string        `help:"Host header, instead of the URL's host." placeholder:"HOST"`
	Scenario    []string      `help:"What to measure: create, get, filter-username, list-page, patch-user, member-add, mixed, or all. May be repeated." placeholder:"NAME"`
	Clients     int           `default:"16" help:"Requests under way at once."`
	Duration    time.Duration `default:"10s" help:"How long each scenario runs."`
	Requests    int           `help:"End a scenario after this many requests." placeholder:"N"`
	Rate        float64       `help:"Send so many requests a second, whatever the answers take." placeholder:"N"`
	Users       int           `default:"1000" help:"Users to create beforehand."`
	GroupSize   int           `default:"100" help:"Members of the group that member-add changes."`
	Keep        bool          `help:"Leave what was created on the server."`
	AllowRemote bool          `help:"The target is not this machine, and is yours to load."`
	jsonFlag
}

func (benchCmd) Help() string {
	return `What is created for the measurement is removed in the end. Exit code 1 when any request was answered wrongly.

Example:
  scimedge bench http://acme.localhost:8080/scim/v2 --token "$TOKEN"
  scimedge bench http://127.0.0.1:8080/scim/v2 --host scim.acme.example --token "$TOKEN" --scenario all --clients 64 --json`
}

func (c *benchCmd) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	phases := phaseLines{a: a}
	res, err := load.Run(ctx, load.Options{
		URL: c.URL, Host: c.Host, Token: c.Token, Scenarios: c.Scenario,
		Clients: c.Clients, Requests: c.Requests, Duration: c.Duration, Rate: c.Rate,
		Users: c.Users, GroupSize: c.GroupSize, Keep: c.Keep, AllowRemote: c.AllowRemote,
		Progress: phases.show,
	})
	if errors.Is(err, load.ErrRemote) {
		return notThisMachine(c.URL, "load")
	}
	if err != nil {
		return admin.Failed("%v", err)
	}
	var textErr error
	if err := a.print(c.jsonFlag, res, func(w io.Writer) { textErr = res.WriteText(w) }); err != nil || textErr != nil {
		return errors.Join(err, textErr)
	}
	for _, s := range res.Scenarios {
		if s.Errors > 0 {
			return admin.Failed("%s: %d of %d requests were answered wrongly", s.Name, s.Errors, s.Requests)
		}
	}
	return nil
}

// notThisMachine refuses a target elsewhere, and a URL without a scheme, which
// cannot be told from one.
func notThisMachine(url, use string) error {
	if !strings.Contains(url, "://") {
		return admin.Usage("%s is no URL: begin it with http:// or https://", url)
	}
	return admin.Usage("%s is not this machine: add --allow-remote if the server is yours to %s", url, use)
}

// phaseLines tells once what a bench is busy with.
type phaseLines struct {
	a    *app
	last string
}

func (p *phaseLines) show(now load.Progress) {
	if now.Phase != p.last {
		p.last = now.Phase
		p.a.say("bench: %s", now.Phase)
	}
}
