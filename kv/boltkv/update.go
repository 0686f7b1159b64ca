package boltkv

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"scimedge/kv"
	"scimedge/kv/internal/engine"
)

// request is one writer at the committer. Its owner passes from the caller to
// the committer and back over wake and Store.turnOver; state settles the one
// race, between a caller that gives up and the committer that calls it.
type request struct {
	ctx   context.Context
	p     kv.Partition
	admin func(*bbolt.Tx) error // set: not a transaction of a partition but work on the file, in a commit of its own
	after func()                // run by the committer when admin's commit has succeeded

	state state
	wake  chan struct{} // room for one: "your turn" and then "answered", or "answered" at once

	overlay *kv.Overlay // set: it is this writer's turn
	reader  *reader
	fnErr   error
	unwound bool // fn panicked or ended its goroutine

	seq kv.Seq
	err error
}

type state struct{ atomic.Int32 }

const (
	queued int32 = iota
	taken
	abandoned
)

func (s *Store) newRequest(ctx context.Context, p kv.Partition) *request {
	r, ok := s.requests.Get().(*request)
	if !ok {
		r = &request{wake: make(chan struct{}, 1)}
	}
	r.ctx, r.p = ctx, p
	r.state.Store(queued)
	return r
}

// recycle takes back a request nobody else refers to, its wake drained.
func (s *Store) recycle(r *request) {
	*r = request{wake: r.wake}
	s.requests.Put(r)
}

// Update implements kv.Store. fn runs in the caller's goroutine while the
// committer waits, so that a panic or a runtime.Goexit (a test's FailNow) in it
// unwinds there by itself, with its stack, and hurts nobody else.
func (s *Store) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if err := engine.CheckPartition(p); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := s.gate.Enter(); err != nil {
		return 0, err
	}
	defer s.gate.Leave()
	r := s.newRequest(ctx, p)
	if err := s.submit(r); err != nil {
		return 0, err
	}
	if r.overlay != nil {
		s.takeTurn(r, fn)
		<-r.wake
	}
	seq, err := r.seq, r.err
	s.recycle(r)
	return seq, err
}

// submit queues r and waits until the committer calls it or answers.
func (s *Store) submit(r *request) error {
	select {
	case s.queue <- r:
	default:
		select {
		case s.queue <- r:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
	select {
	case <-r.wake:
		return nil
	case <-r.ctx.Done():
		if r.state.CompareAndSwap(queued, abandoned) {
			return r.ctx.Err() // the committer recycles r when it comes across it
		}
		<-r.wake
		return nil
	}
}

// takeTurn runs fn and gives the turn back, whichever way fn ends.
func (s *Store) takeTurn(r *request, fn func(kv.Writer) error) {
	r.unwound = true
	defer func() {
		r.reader.over = true
		r.overlay.Finish()
		unwound := r.unwound
		s.turnOver <- struct{}{}
		if unwound {
			<-r.wake
			s.recycle(r)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	r.fnErr = fn(r.overlay)
	r.unwound = false
}
