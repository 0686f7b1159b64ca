package conformance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"scimedge/bench/people"
	"scimedge/bench/scimclient"
)

const (
	checkTimeout = 2 * time.Minute // of one check
	sweepTimeout = time.Minute     // of removing what it made, even when the run was stopped
	maxWait      = 10 * time.Second
)

// runner is one run against one server.
type runner struct {
	opts   Options
	client *scimclient.Client
	offer  *offer
	prefix string // begins every userName and displayName of this run
	seq    int
	people people.Directory
	left   []string // what could not be removed
}

// Run checks the server. Its error says that the server could not be checked at
// all, or that ctx ended; a server that fails checks is a result.
func Run(ctx context.Context, o Options) (*Report, error) {
	chosen, err := selected(o.Only)
	if err != nil {
		return nil, err
	}
	if !o.AllowRemote && !scimclient.IsLoopback(o.URL) {
		return nil, ErrRemote
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	client, err := scimclient.New(scimclient.Options{BaseURL: o.URL, Host: o.Host, Token: o.Token, Timeout: o.Timeout, MaxConns: 4})
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	defer client.Close()
	mark := make([]byte, 4)
	if _, err := rand.Read(mark); err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	r := &runner{opts: o, client: client, prefix: "scimcheck-" + hex.EncodeToString(mark), people: people.New(1, "example.com")}
	start := time.Now()
	if err := r.meet(ctx); err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	rep := r.report(start)
	total := 0
	for _, s := range chosen {
		total += len(s.checks)
	}
	done := 0
	for _, s := range chosen {
		out := Section{Key: s.key, Title: s.title}
		for _, c := range s.checks {
			got := r.check(ctx, c)
			if err := ctx.Err(); err != nil {
				r.sweep(ctx)
				return nil, fmt.Errorf("conformance: stopped during %s: %w", c.id, err)
			}
			out.Checks = append(out.Checks, got)
			done++
			if o.Progress != nil {
				o.Progress(Progress{Done: done, Total: total, Section: s.title, Last: got})
			}
		}
		rep.Sections = append(rep.Sections, out)
	}
	r.sweep(ctx)
	rep.finish(r, time.Since(start))
	return rep, nil
}

// meet reads what the server offers, and makes sure that it takes the token.
func (r *runner) meet(ctx context.Context) error {
	res, err := r.patiently(ctx, scimclient.Request{Method: http.MethodGet, Path: "/Users?count=1"})
	if err != nil {
		return err
	}
	if res.Status == http.StatusUnauthorized || res.Status == http.StatusForbidden {
		return fmt.Errorf("the server refuses this token (GET /Users: status %d): %s", res.Status, clip(r.text(res.Body), 300))
	}
	o := &offer{schemas: map[string]scimclient.Object{}, answers: map[string]int{}}
	read := func(path string) scimclient.Object {
		res, err := r.patiently(ctx, scimclient.Request{Method: http.MethodGet, Path: path})
		if err != nil || res.Status != http.StatusOK {
			return nil // the discovery checks say so
		}
		body, _ := scimclient.Parse(res.Body)
		return body
	}
	o.config = read("/ServiceProviderConfig")
	if res.Status >= 300 && o.config == nil {
		return fmt.Errorf("no SCIM server there (GET /Users: status %d); is this the SCIM base URL, and the right host? %s", res.Status, clip(r.text(res.Body), 300))
	}
	o.types = read("/ResourceTypes").List("Resources")
	for _, s := range read("/Schemas").List("Resources") {
		o.schemas[s.Text("id")] = s
	}
	for name, request := range probes() {
		if res, err := r.patiently(ctx, request); err == nil {
			o.answers[name] = res.Status
		}
	}
	r.offer = o
	return ctx.Err()
}

// check runs one check and removes what it made.
func (r *runner) check(ctx context.Context, c check) Check {
	out := Check{ID: c.id, Level: c.level, Ref: c.ref, Title: c.title, Cure: c.cure}
	if why := r.offer.lacksAny(c.needs); why != "" {
		out.Status, out.Got = NotOffered, why
		return out
	}
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	p := &probe{runner: r, ctx: limited}
	c.run(p)
	r.remove(ctx, p.made)
	out.judge(p)
	out.Seconds = time.Since(start).Seconds()
	return out
}

// remove deletes what a check made, the newest first: a group before its members.
func (r *runner) remove(ctx context.Context, list []made) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTimeout)
	defer cancel()
	for _, m := range slices.Backward(list) {
		if !m.sure {
			res, err := r.patiently(ctx, scimclient.Request{Method: http.MethodGet, Path: m.path})
			if err != nil || !r.ours(res) {
				continue
			}
		}
		res, err := r.patiently(ctx, scimclient.Request{Method: http.MethodDelete, Path: m.path})
		if err != nil || res.Status >= 300 && res.Status != http.StatusNotFound {
			r.left = append(r.left, m.path)
		}
	}
}

// ours reports whether a resource has a name of this run.
func (r *runner) ours(res *scimclient.Response) bool {
	o, _ := scimclient.Parse(res.Body)
	return r.named(o.Text("userName")) || r.named(o.Text("displayName"))
}

// named reports whether a name begins with the mark of this run.
func (r *runner) named(name string) bool {
	return len(name) > len(r.prefix) && strings.EqualFold(name[:len(r.prefix)], r.prefix)
}

// sweep looks for what was made without an answer saying so: a create that timed
// out, or one that should have been refused.
func (r *runner) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTimeout)
	defer cancel()
	for endpoint, name := range map[string]string{"/Users": "userName", "/Groups": "displayName"} {
		query := endpoint + "?count=100&filter=" + url.QueryEscape(name+` sw "`+r.prefix+`"`)
		res, err := r.patiently(ctx, scimclient.Request{Method: http.MethodGet, Path: query})
		if err != nil || res.Status != http.StatusOK {
			continue
		}
		body, _ := scimclient.Parse(res.Body)
		var found []made
		for _, o := range body.List("Resources") {
			// Only what is surely ours: a server may not understand the filter.
			if id := o.Text("id"); id != "" && r.named(o.Text(name)) {
				found = append(found, made{path: endpoint + "/" + url.PathEscape(id), sure: true})
			}
		}
		r.remove(ctx, found)
	}
}

// patiently sends r, and waits when the server asks for it: up to three times, and
// never longer than maxWait.
func (r *runner) patiently(ctx context.Context, q scimclient.Request) (*scimclient.Response, error) {
	for attempt := 0; ; attempt++ {
		res, err := r.client.Send(ctx, q)
		if err != nil || attempt == 3 || res.Status != http.StatusTooManyRequests && res.Status != http.StatusServiceUnavailable {
			return res, err
		}
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		wait := time.Duration(seconds) * time.Second
		if err != nil || wait > maxWait {
			return res, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
