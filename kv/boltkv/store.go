package boltkv

import (
	"context"
	"fmt"
	"iter"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"scimedge/kv"
	"scimedge/kv/internal/engine"
)

// Buckets of the file. Partitions share the top level with the two others, so
// that a look-up costs one descent; the prefix keeps the names apart.
var (
	metaBucket      = []byte("meta")  // about the file: storeIDKey, formatKey
	trashBucket     = []byte("trash") // dropped partitions, each in a bucket of its own
	partitionPrefix = "p/"
)

func bucketName(p kv.Partition) []byte { return []byte(partitionPrefix + string(p)) }

// Store is a kv.Store in one bbolt file.
type Store struct {
	opts      Options
	path      string
	db        *bbolt.DB
	file      *os.File // bbolt's own handle, to look at the meta pages
	fresh     bool     // Open made the file
	side      *sideFile
	reserve   *reserve
	gate      engine.Gate
	heads     engine.Heads
	snapshots snapshots
	overlays  kv.OverlayPool

	requests sync.Pool
	queue    chan *request
	turnOver chan struct{} // a writer gives the turn back to the committer
	sweep    chan struct{} // there is trash
	quit     chan struct{} // closed by Close, when no transaction runs any more
	workers  sync.WaitGroup
	sweeping atomic.Bool // tests wait for it to fall

	committed uint64 // bbolt's number of the last commit; the committer's

	failure atomic.Pointer[error]
	wedged  bool // bbolt holds its locks for ever; owned by the committer, then by Close
}

var (
	_ kv.Store  = (*Store)(nil)
	_ kv.Health = (*Store)(nil)
)

// View implements kv.Store.
func (s *Store) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
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
	sn, err := s.snapshot()
	if err != nil {
		return err
	}
	var r *reader
	defer func() { s.release(sn, r) }()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	if r, err = sn.reader(p); err != nil {
		return err
	}
	return fn(r)
}

// open finds the partition's bucket.
func (r *reader) open(tx *bbolt.Tx) (err error) {
	defer r.rescue(nil, &err)
	name := bucketName(r.p)
	r.seed = partitionSeed(name)
	if r.bucket = tx.Bucket(name); r.bucket != nil {
		r.seq = kv.Seq(r.bucket.Sequence())
	}
	return nil
}

// Watch implements kv.Store.
func (s *Store) Watch(ctx context.Context, after map[kv.Partition]kv.Seq) iter.Seq2[kv.Head, error] {
	return s.heads.Watch(ctx, after)
}

// Partitions implements kv.Store. Names are read in pieces, so that no
// transaction is open while the caller works on one.
func (s *Store) Partitions(ctx context.Context) iter.Seq2[kv.Partition, error] {
	const piece = 256
	return func(yield func(kv.Partition, error) bool) {
		from := []byte(partitionPrefix)
		for {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			var names []kv.Partition
			err := s.readNames(from, func(name kv.Partition, _ kv.Seq) bool {
				names = append(names, name)
				return len(names) < piece
			})
			if err != nil {
				yield("", err)
				return
			}
			for _, p := range names {
				if !yield(p, nil) {
					return
				}
			}
			if len(names) < piece {
				return
			}
			from = append(bucketName(names[piece-1]), 0) // the next possible name
		}
	}
}

// readNames calls fn for each partition from the bucket name from on.
func (s *Store) readNames(from []byte, fn func(kv.Partition, kv.Seq) bool) (err error) {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	tx, err := s.db.Begin(false)
	if err != nil {
		return fmt.Errorf("boltkv: begin read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	defer (&reader{}).rescue(from, &err)
	c := tx.Cursor()
	for k, _ := c.Seek(from); k != nil; k, _ = c.Next() {
		name, ok := strings.CutPrefix(string(k), partitionPrefix)
		if !ok {
			break // partitions are neighbours; what follows is the trash
		}
		if !fn(kv.Partition(name), kv.Seq(tx.Bucket(k).Sequence())) {
			break
		}
	}
	return nil
}

// loadHeads fills heads at Open. Sequences lie in the top-level pages, so this
// reads none of the partitions' own.
func (s *Store) loadHeads() error {
	var heads []kv.Head
	err := s.readNames([]byte(partitionPrefix), func(p kv.Partition, seq kv.Seq) bool {
		heads = append(heads, kv.Head{Partition: p, Seq: seq})
		return true
	})
	for _, h := range heads {
		s.heads.Set(h.Partition, h.Seq)
	}
	return err
}

// Limits implements kv.Store.
func (s *Store) Limits() kv.Limits { return s.opts.Limits }

// Failed implements kv.Health.
func (s *Store) Failed() error {
	if err := s.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Close implements kv.Store. A second Close does nothing.
func (s *Store) Close() error {
	s.heads.Close()
	if !s.gate.Close() {
		return nil
	}
	close(s.quit)
	s.workers.Wait()
	if s.wedged {
		// bbolt's Close would wait for its own locks. The process is about to
		// end; the kernel then drops mapping and file lock.
		return fmt.Errorf("boltkv: store not closed: %w", s.Failed())
	}
	s.snapshots.suspend() // bbolt's Close waits for every reader
	err := s.db.Close()
	// Only now: the side file must never be ahead of the store.
	if sideErr := s.side.close(); err == nil {
		err = sideErr
	}
	return err
}
