package boltkv

import (
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"scimedge/kv"
	"scimedge/kv/internal/engine"
)

const (
	sweepChunk   = 2000 // keys removed in one commit
	sideInterval = 10 * time.Second
)

// DropPartition implements kv.Store. It moves the partition's bucket into the
// trash, one commit however large it is; the housekeeper then empties the trash
// in small commits between those of the writers, and goes on after a restart.
func (s *Store) DropPartition(ctx context.Context, p kv.Partition) error {
	if err := engine.CheckPartition(p); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	err := s.submitAdmin(ctx, func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketName(p)) == nil {
			return errNothingToDo
		}
		trash, err := tx.CreateBucketIfNotExists(trashBucket)
		if err != nil {
			return err
		}
		n, err := trash.NextSequence()
		if err != nil {
			return err
		}
		// A bucket of its own, for p may be dropped again before this is gone.
		bin, err := trash.CreateBucket(binary.BigEndian.AppendUint64(nil, n))
		if err != nil {
			return err
		}
		return tx.MoveBucket(bucketName(p), nil, bin)
	}, func() { s.heads.Drop(p) })
	if err == nil {
		s.startSweep()
	}
	return err
}

func (s *Store) startSweep() {
	s.sweeping.Store(true)
	select {
	case s.sweep <- struct{}{}:
	default:
	}
}

// housekeep does what no request should wait for: it empties the trash and syncs
// the side file.
func (s *Store) housekeep() {
	defer s.workers.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(sideInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-tick.C:
			if err := s.side.sync(); err != nil {
				s.opts.Logger.Warn("side file not synced", "path", s.side.path, "error", err)
			}
		case <-s.sweep:
			s.sweeping.Store(true)
			s.emptyTrash(ctx)
			s.sweeping.Store(false)
		}
	}
}

// emptyTrash works in chunks through the committer like any writer, and so gives
// way to writers between them, and to Close.
func (s *Store) emptyTrash(ctx context.Context) {
	for {
		if s.gate.Enter() != nil {
			return // closing; the next Open resumes
		}
		done := false
		err := s.submitAdmin(ctx, func(tx *bbolt.Tx) (err error) {
			done, err = emptySome(tx, sweepChunk)
			return err
		}, nil)
		s.gate.Leave()
		if err != nil {
			s.opts.Logger.Warn("dropped partition not removed yet; it is resumed at the next start or drop",
				"path", s.path, "error", err)
			return
		}
		if done {
			return
		}
	}
}

// emptySome removes up to n keys of the trash, and a bin that is empty.
func emptySome(tx *bbolt.Tx, n int) (done bool, err error) {
	trash := tx.Bucket(trashBucket)
	if trash == nil {
		return true, errNothingToDo
	}
	name, _ := trash.Cursor().First()
	if name == nil {
		return true, errNothingToDo
	}
	bin := trash.Bucket(name)
	inner, _ := bin.Cursor().First()
	if inner == nil {
		return false, trash.DeleteBucket(name)
	}
	dropped := bin.Bucket(inner)
	keys := make([][]byte, 0, n)
	c := dropped.Cursor()
	for k, _ := c.First(); k != nil && len(keys) < n; k, _ = c.Next() {
		keys = append(keys, k)
	}
	if len(keys) < n { // the rest fits this commit
		return false, trash.DeleteBucket(name)
	}
	for _, k := range keys {
		if err := dropped.Delete(k); err != nil {
			return false, err
		}
	}
	return false, nil
}
