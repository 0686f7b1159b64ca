package idp

import (
	"context"
	"strings"
	"sync"
	"time"

	"scimedge/bench/people"
	"scimedge/bench/scimclient"
)

// Name is the provider's name, lower case.
func (p profile) Name() string { return p.name }

// Sync runs the table: connection test, users, their lifecycle, groups.
func (p profile) Sync(ctx context.Context, c *scimclient.Client, plan Plan, progress func(Progress)) (Report, error) {
	if err := plan.validate(); err != nil {
		return Report{Provider: p.name}, err
	}
	client := c.As(p.identity)
	r := &run{
		p:        p,
		plan:     plan,
		dir:      people.New(plan.Seed, plan.Domain),
		session:  &session{name: p.name, contentType: p.contentType, client: client, render: newRenderer()},
		chunk:    p.chunk,
		users:    make([]UserState, plan.Users),
		managers: min(10, plan.Users/10),
		found:    map[string]scimclient.Object{},
		tell:     progress,
	}
	r.report.Provider = p.name
	r.now = Progress{Provider: p.name, UsersTotal: plan.Users, GroupsTotal: plan.Groups}
	start, before := time.Now(), client.Requests()
	err := r.everything(ctx)
	r.report.Elapsed = Elapsed(time.Since(start))
	r.report.Requests = client.Requests() - before
	for _, u := range r.users {
		if u.ID != "" { // not reached when the sync ended early
			r.report.Users = append(r.report.Users, u)
		}
	}
	for _, g := range r.groups {
		if g.ID != "" {
			r.report.Groups = append(r.report.Groups, g)
		}
	}
	return r.report, err
}

// run is one sync under way.
type run struct {
	p        profile
	plan     Plan
	dir      people.Directory
	session  *session
	chunk    int
	managers int // the first so many users manage the others

	// found is what discovery saw, by userName and displayName. It is written
	// between the phases that read it.
	found map[string]scimclient.Object

	users  []UserState // each element is written by the worker that has its user
	groups []GroupState

	mu     sync.Mutex // guards what follows
	report Report
	now    Progress
	tell   func(Progress)
}

func (r *run) everything(ctx context.Context) error {
	r.groups = make([]GroupState, r.plan.Groups)
	steps := []struct {
		phase string
		do    func(context.Context) error
	}{
		{"connecting", r.connect},
		{"discovering", r.discover},
		{"rehearsing", r.rehearse},
		{"managers", func(ctx context.Context) error { return r.provision(ctx, 0, r.managers) }},
		{"users", func(ctx context.Context) error { return r.provision(ctx, r.managers, r.plan.Users) }},
		{"changes", r.lifecycle},
		{"leavers", r.leavers},
		{"groups", r.provisionGroups},
		{"discovering", r.discover},
		{"done", func(context.Context) error { return nil }},
	}
	for _, s := range steps {
		r.progress(func(p *Progress) { p.Phase = s.phase })
		if err := s.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// progress changes what is told, and tells it.
func (r *run) progress(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.now)
	r.now.Requests = r.session.client.Requests()
	if r.tell != nil {
		r.tell(r.now)
	}
}

func (r *run) count(change func(*Counts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.report.Counts)
}

func (r *run) connect(ctx context.Context) error {
	v := &vars{GUID: r.dir.GUID(-1)}
	for _, c := range r.p.connect {
		a, err := r.session.send(ctx, "test connection", c, v)
		if err != nil {
			return err
		}
		if c.is != config || !r.p.chunkByServer {
			continue
		}
		// Less than one means "do not cut", as authentik reads it.
		if most, err := a.object.Int("bulk/maxOperations"); err == nil && most >= 1 {
			r.chunk = min(r.chunk, most)
		}
	}
	return nil
}

// discover walks every page of every list, as the providers do that import first.
func (r *run) discover(ctx context.Context) error {
	for _, c := range r.p.discover {
		for seen, total := 0, 1; seen < total; {
			v := &vars{StartIndex: seen + 1}
			a, err := r.session.send(ctx, "discover", c, v)
			if err != nil {
				return err
			}
			total, _ = a.object.Int("totalResults")
			rows := a.object.List("Resources")
			for _, row := range rows {
				r.found[foundKey(row)] = row
			}
			step := len(rows)
			if r.p.byReturn {
				step, _ = a.object.Int("itemsPerPage")
			}
			if step == 0 && seen < total {
				path, _ := r.session.render.text(c.path, v)
				return &scimclient.Mismatch{Step: r.p.name + ": discover", Method: c.method, Path: path,
					Want: "rows while totalResults says there are more (the real client would ask for ever)", Status: a.status}
			}
			seen += step
		}
	}
	return nil
}

// foundKey is what a discovered resource is matched by: users by userName, groups,
// which have none, by displayName.
func foundKey(row scimclient.Object) string {
	if name := row.Text("userName"); name != "" {
		return "user " + strings.ToLower(name)
	}
	return "group " + row.Text("displayName")
}

// rehearse takes a test user and a test group through their lives.
func (r *run) rehearse(ctx context.Context) error {
	if !r.p.rehearse {
		return nil
	}
	extra := r.plan.Users + r.leaverCount()
	if err := r.passThrough(ctx, extra); err != nil {
		return err
	}
	return r.testGroup(ctx, r.plan.Groups+1, "Test group of "+r.p.name, nil)
}

// parallel calls fn for from..to-1 in order, a few at a time, and returns the first
// error after all running calls ended.
func parallel(ctx context.Context, workers, from, to int, fn func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(workers, to-from) {
		wg.Go(func() {
			for i := range next {
				if err := fn(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
feed:
	for i := from; i < to; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// firstResource is what a look-up found.
func firstResource(a answer) (scimclient.Object, bool) {
	if a.object == nil {
		return nil, false
	}
	rows := a.object.List("Resources")
	if len(rows) == 0 || strings.TrimSpace(rows[0].Text("id")) == "" {
		return nil, false
	}
	return rows[0], true
}
