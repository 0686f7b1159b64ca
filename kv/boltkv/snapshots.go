package boltkv

import (
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"scimedge/kv"
)

// snapshot is an open read transaction with the partitions looked up in it. One
// View uses it at a time.
type snapshot struct {
	tx    *bbolt.Tx
	parts map[kv.Partition]*reader
	epoch uint64
}

// maxIdleSnapshots bounds what is kept; more readers than this at once are busy
// with other things than opening transactions.
const maxIdleSnapshots = 64

// snapshots keeps the read transactions of finished Views for the next ones, as
// long as nothing is committed: opening one and finding its bucket costs more
// than most look-ups. While a write transaction is open nothing is kept, as an
// idle reader would hold pages back and, worse, make bbolt wait for ever when it
// has to map a grown file.
type snapshots struct {
	mu      sync.Mutex
	idle    []*snapshot
	epoch   uint64 // moves when a write transaction begins and when it ends
	writing bool
}

// take returns an idle snapshot of the newest commit, or the epoch a new one
// would belong to.
func (c *snapshots) take() (*snapshot, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.idle)
	if n == 0 {
		return nil, c.epoch
	}
	s := c.idle[n-1]
	c.idle = c.idle[:n-1]
	return s, c.epoch
}

// keep takes s back if it is still the newest and there is room.
func (c *snapshots) keep(s *snapshot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writing || s.epoch != c.epoch || len(c.idle) >= maxIdleSnapshots {
		return false
	}
	c.idle = append(c.idle, s)
	return true
}

// suspend ends all idle transactions and keeps none until resume. It comes before
// every write transaction and before closing.
func (c *snapshots) suspend() {
	c.mu.Lock()
	idle := c.idle
	c.idle, c.writing = nil, true
	c.epoch++
	c.mu.Unlock()
	for _, s := range idle {
		_ = s.tx.Rollback() // of a reader: it can only fail when it is over already
	}
}

// resume follows the end of a write transaction, before anyone is told of it.
func (c *snapshots) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	c.epoch++
}

// snapshot opens a read transaction, or takes one that a former View left.
func (s *Store) snapshot() (*snapshot, error) {
	sn, epoch := s.snapshots.take()
	if sn != nil {
		return sn, nil
	}
	tx, err := s.db.Begin(false)
	if err != nil {
		return nil, fmt.Errorf("boltkv: begin read: %w", err)
	}
	return &snapshot{tx: tx, parts: make(map[kv.Partition]*reader, 1), epoch: epoch}, nil
}

// release ends a View's use of sn. A reader that met damage is not used again.
func (s *Store) release(sn *snapshot, r *reader) {
	broken := r == nil || r.broken
	if r != nil {
		r.over = true
	}
	if broken || !s.snapshots.keep(sn) {
		_ = sn.tx.Rollback()
	}
}

// reader returns the reader of partition p in sn, fit for one more View.
func (sn *snapshot) reader(p kv.Partition) (*reader, error) {
	if r := sn.parts[p]; r != nil {
		r.over = false
		return r, nil
	}
	r := &reader{p: p, reusable: true}
	if err := r.open(sn.tx); err != nil {
		return nil, err
	}
	sn.parts[p] = r
	return r, nil
}

// beginWrite opens the one write transaction.
func (s *Store) beginWrite() (*bbolt.Tx, error) {
	s.snapshots.suspend()
	tx, err := s.db.Begin(true)
	if err != nil {
		s.snapshots.resume()
		return nil, fmt.Errorf("boltkv: begin write: %w", err)
	}
	return tx, nil
}
