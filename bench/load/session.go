package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"scimedge/bench/people"
)

// Session is a target with users and groups of the session's own in it.
type Session struct {
	opts   Options
	target *target
	dir    people.Directory
	run    string // makes names differ from those of other runs
	next   atomic.Int64

	users  []account // seeded, in the order of their creation
	groups []*GroupSet

	mu      sync.Mutex
	created []string // ids of the users made by measured creates
}

type account struct{ id, name string }

// GroupSet is a number of groups with the same members.
type GroupSet struct {
	Name string
	Size int // members of each

	ids     []string
	outside []string // ids of users who are not members
	// Positions of the member-grow and member-shrink batches.
	grown, shrunk atomic.Int64
}

// Open connects to the target and seeds o.Users users.
func Open(ctx context.Context, o Options) (*Session, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	t, err := newTarget(o)
	if err != nil {
		return nil, err
	}
	s := &Session{
		opts: o, target: t, dir: people.New(o.Seed, "example.com"),
		run: strconv.FormatInt(time.Now().UnixMilli()%(36*36*36*36*36*36), 36),
	}
	return s, s.seed(ctx)
}

// seed creates the users, many at a time: one at a time each would wait for a disk
// flush of its own.
func (s *Session) seed(ctx context.Context) error {
	s.users = make([]account, s.opts.Users)
	return s.each(ctx, "seeding", max(s.opts.Clients, 64), len(s.users), func(x *exchange, i int) error {
		u, err := s.createUser(x)
		s.users[i] = u
		return err
	})
}

// AddGroups makes count groups whose members are the first size seeded users. At
// most 500,000 memberships are made with one request; a server that refuses a body
// of that size gets them in smaller pieces.
func (s *Session) AddGroups(ctx context.Context, name string, count, size int) (*GroupSet, error) {
	if size > len(s.users) || count < 1 {
		return nil, fmt.Errorf("load: %d groups of %d members: there are %d users", count, size, len(s.users))
	}
	g := &GroupSet{Name: name, Size: size, ids: make([]string, count)}
	inside := make([]string, size)
	for i := range inside {
		inside[i] = s.users[i].id
	}
	for _, u := range s.users[size:] {
		g.outside = append(g.outside, u.id)
	}
	s.groups = append(s.groups, g)
	return g, s.each(ctx, "groups", 16, count, func(x *exchange, i int) error {
		id, err := s.createGroup(x, fmt.Sprintf("bench %s %s %d", s.run, name, i), inside)
		g.ids[i] = id
		return err
	})
}

// memberChunk is how many members a request adds where one request for all was
// refused.
const memberChunk = 5000

func (s *Session) createGroup(x *exchange, name string, members []string) (string, error) {
	got, err := x.do("POST", "/Groups", groupBody(name, members), 201, 0)
	if err == nil {
		return idOf(got)
	}
	if len(members) <= memberChunk {
		return "", err
	}
	if got, err = x.do("POST", "/Groups", groupBody(name+" in pieces", nil), 201, 0); err != nil {
		return "", err
	}
	id, err := idOf(got)
	for rest := members; len(rest) > 0 && err == nil; {
		n := min(memberChunk, len(rest))
		_, err = x.do("PATCH", "/Groups/"+url.PathEscape(id), membersPatch("add", rest[:n]...), 204, 200)
		rest = rest[n:]
	}
	return id, err
}

// createUser creates the next person of the session.
func (s *Session) createUser(x *exchange) (account, error) {
	i := int(s.next.Add(1))
	p := s.dir.Person(i)
	a := account{name: s.run + "." + p.UserName}
	got, err := x.do("POST", "/Users", userBody(p, a.name), 201, 0)
	if err != nil {
		return a, err
	}
	a.id, err = idOf(got)
	if err == nil && i > len(s.users) { // made by a measured create, not by seeding
		s.mu.Lock()
		s.created = append(s.created, a.id)
		s.mu.Unlock()
	}
	return a, err
}

func idOf(body []byte) (string, error) {
	var r struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &r); err != nil || r.ID == "" {
		return "", wrong("the answer to a create has no id: %.300q", body)
	}
	return r.ID, nil
}

// Elsewhere is a session at another server that answers for the first n of s's
// users as s's server does. It creates nothing, so that it must not be closed.
func (s *Session) Elsewhere(o Options, n int) (*Session, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	t, err := newTarget(o)
	if err != nil {
		return nil, err
	}
	return &Session{opts: o, target: t, dir: s.dir, run: s.run, users: s.users[:min(n, len(s.users))]}, nil
}

// UserIDs are the ids of the seeded users.
func (s *Session) UserIDs() []string {
	out := make([]string, len(s.users))
	for i, u := range s.users {
		out[i] = u.id
	}
	return out
}

// Close removes what the session made, unless Options.Keep is set.
func (s *Session) Close(ctx context.Context) error {
	defer s.target.client.CloseIdleConnections()
	if s.opts.Keep {
		return nil
	}
	var paths []string
	for _, g := range s.groups { // first, so that no user has memberships left to clear
		for _, id := range g.ids {
			paths = append(paths, "/Groups/"+url.PathEscape(id))
		}
	}
	groups := len(paths)
	for _, id := range append(s.UserIDs(), s.created...) {
		paths = append(paths, "/Users/"+url.PathEscape(id))
	}
	remove := func(x *exchange, path string) error {
		if path == "/Users/" || path == "/Groups/" { // never came to be
			return nil
		}
		_, err := x.do("DELETE", path, nil, 204, 404)
		return err
	}
	err := s.each(ctx, "removing", 8, groups, func(x *exchange, i int) error { return remove(x, paths[i]) })
	return errors.Join(err, s.each(ctx, "removing", 64, len(paths)-groups, func(x *exchange, i int) error { return remove(x, paths[groups+i]) }))
}

// each calls fn for 0..n-1 with some clients at once. The first error ends it.
func (s *Session) each(ctx context.Context, phase string, clients, n int, fn func(x *exchange, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, done atomic.Int64
	stop := s.report(phase, &done, int64(n))
	defer stop()
	var wg sync.WaitGroup
	for range min(clients, n) {
		wg.Go(func() {
			x := s.target.exchange()
			defer x.release()
			for ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= int64(n) {
					return
				}
				if err := fn(x, int(i)); err != nil {
					cancel(fmt.Errorf("load: %s: %w", phase, err))
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// report tells progress ten times a second until the returned function is called.
func (s *Session) report(phase string, done *atomic.Int64, total int64) (stop func()) {
	if s.opts.Progress == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			s.opts.Progress(Progress{Phase: phase, Done: done.Load(), Total: total})
			select {
			case <-tick.C:
			case <-quit:
				s.opts.Progress(Progress{Phase: phase, Done: done.Load(), Total: total})
				return
			}
		}
	}()
	return func() { close(quit); <-ended }
}
