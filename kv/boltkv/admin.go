package boltkv

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"scimedge/kv"
)

// errNothingToDo ends an admin transaction without a commit and without an error.
var errNothingToDo = errors.New("nothing to do")

// submitAdmin runs fn on the file in a commit of its own, and after, if it
// succeeded, before any later commit.
func (s *Store) submitAdmin(ctx context.Context, fn func(*bbolt.Tx) error, after func()) error {
	r := s.newRequest(ctx, "")
	r.admin, r.after = fn, after
	if err := s.submit(r); err != nil {
		return err
	}
	err := r.err
	s.recycle(r)
	return err
}

// runAdmin runs work on the file in a commit of its own.
func (s *Store) runAdmin(r *request) {
	if !r.state.CompareAndSwap(queued, taken) {
		s.recycle(r)
		return
	}
	before := s.committed
	s.answer(r, 0, s.tryAdmin(r))
	if s.committed != before {
		s.noteCommitted()
	}
}

func (s *Store) tryAdmin(r *request) error {
	if err := s.Failed(); err != nil {
		return fmt.Errorf("%w: %w", kv.ErrStopped, err)
	}
	tx, err := s.beginWrite()
	if err != nil {
		return err
	}
	if err := guarded(r, tx); err != nil {
		s.rollback(tx)
		if errors.Is(err, errNothingToDo) {
			return nil
		}
		return err
	}
	if err := s.commitTx(tx); err != nil {
		return err
	}
	if r.after != nil {
		r.after()
	}
	return nil
}

func guarded(r *request, tx *bbolt.Tx) (err error) {
	defer (&reader{p: r.p}).rescue(nil, &err)
	return r.admin(tx)
}
