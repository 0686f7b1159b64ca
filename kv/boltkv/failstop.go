package boltkv

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"scimedge/kv"
)

// commitTx commits tx and sorts a failure into the two kinds there are: one that
// provably left no trace (kv.ErrNoSpace), and all others, after which the store
// stops (kv.ErrUnknownOutcome).
//
// Stopping is the only honest answer to a failed fsync: the kernel may have
// dropped the dirty pages and reports the next fsync as a success, so that going
// on would acknowledge writes on top of pages that never reached the disk.
func (s *Store) commitTx(tx *bbolt.Tx) error {
	txid := uint64(tx.ID())
	err := recovered(tx.Commit)
	if err == nil {
		s.snapshots.resume()
		s.committed = txid
		return nil
	}
	s.rollback(tx)
	if !s.wedged && s.noTrace(err, txid) {
		s.reserve.spend()
		s.opts.Logger.Warn("volume full: write refused", "path", s.path, "error", err)
		return fmt.Errorf("%w: %w", kv.ErrNoSpace, err)
	}
	s.fail(err)
	return fmt.Errorf("%w: %w", kv.ErrUnknownOutcome, err)
}

// noteCommitted brings the side file up to the last commit. It comes after the
// answers: a side file that stays behind only weakens the next start's check.
func (s *Store) noteCommitted() {
	if err := s.side.record(s.committed); err != nil {
		s.opts.Logger.Warn("side file not written", "path", s.side.path, "error", err)
	}
}

// noTrace proves that the failed commit txid wrote nothing that counts, and that
// the store can go on. Three things must hold.
//
// The error is a write that found no space. A failed sync or mapping never
// qualifies, whatever its number: after it the page cache cannot be trusted.
//
// Both meta pages are whole and older than txid. A bbolt transaction comes to
// exist by its meta page alone; the pages written before it are free pages of
// every earlier transaction. Reading through the same page cache that took the
// write would show a meta page that was written, synced or not.
//
// bbolt has rolled back: its free list is again that of the last commit (rollback
// has seen to it, or the store is wedged). The next transaction writes each page
// it uses anew and in full.
func (s *Store) noTrace(err error, txid uint64) bool {
	var pathErr *fs.PathError
	if !errors.As(err, &pathErr) || pathErr.Op != "write" ||
		!errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return false
	}
	metas, err := readMetas(s.file)
	if err != nil {
		return false
	}
	for _, m := range metas {
		if m.err != nil || m.txid >= txid {
			return false
		}
	}
	return true
}

// rollback ends tx, which may have been ended already by a failed Commit.
func (s *Store) rollback(tx *bbolt.Tx) {
	err := recovered(tx.Rollback)
	s.snapshots.resume()
	if err != nil && !errors.Is(err, berrors.ErrTxClosed) {
		s.wedged = true
		s.fail(fmt.Errorf("rollback: %w", err))
	}
}

// fail stops the store for writes. The first cause is kept.
func (s *Store) fail(err error) {
	if s.failure.CompareAndSwap(nil, &err) {
		s.opts.Logger.Error("commit failed; the store takes no more writes until it is opened again",
			"path", s.path, "error", err)
	}
}

// recovered calls fn and makes a panic of bbolt an error.
func recovered(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bbolt panicked: %v", p)
		}
	}()
	return fn()
}
