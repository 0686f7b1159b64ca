package boltkv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// WriteTo writes a copy of the store, as of one moment, while it goes on working.
// The read transaction is open until w has taken all: w must be a local file, not
// a network peer, and [Store.Backup] is the better way for nearly all.
func (s *Store) WriteTo(ctx context.Context, w io.Writer) (n int64, err error) {
	if err := s.gate.Enter(); err != nil {
		return 0, err
	}
	defer s.gate.Leave()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	err = recovered(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			n, err = tx.WriteTo(ctxWriter{ctx, w})
			return err
		})
	})
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // bbolt does not wrap what the writer returned
	}
	return n, err
}

// ctxWriter ends a long copy when its context ends.
type ctxWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c ctxWriter) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}

// Backup writes a copy to a new local file at path: made aside, synced, checked
// like a store about to be opened, and only then given its name. It does not
// replace an existing file. To restore, stop the server, put the copy in place of
// the store and start once with Options.AcceptRollback.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".part-*")
	if err != nil {
		return fmt.Errorf("boltkv: backup: %w", err)
	}
	defer func() {
		_ = os.Remove(f.Name())
		if err != nil {
			err = fmt.Errorf("boltkv: backup to %s: %w", path, err)
		}
	}()
	_, err = s.WriteTo(ctx, f)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		_, _, err = checkFile(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// Stats describes the store file, for metrics and the operator.
type Stats struct {
	Bytes         int64 // size of the file
	PageSize      int
	FreePages     int // ready for use
	PendingPages  int // free as soon as older readers have ended
	FreelistBytes int // rewritten by each commit
	OpenReads     int // read transactions
	Queued        int // writers waiting for the committer
	Sweeping      bool
}

// Stats returns current figures.
func (s *Store) Stats() (Stats, error) {
	if err := s.gate.Enter(); err != nil {
		return Stats{}, err
	}
	defer s.gate.Leave()
	info, err := s.file.Stat()
	if err != nil {
		return Stats{}, err
	}
	b := s.db.Stats()
	return Stats{
		Bytes:         info.Size(),
		PageSize:      s.db.Info().PageSize,
		FreePages:     b.FreePageN,
		PendingPages:  b.PendingPageN,
		FreelistBytes: b.FreelistInuse,
		OpenReads:     b.OpenTxN,
		Queued:        len(s.queue),
		Sweeping:      s.sweeping.Load(),
	}, nil
}
