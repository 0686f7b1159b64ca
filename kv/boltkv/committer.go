package boltkv

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"

	"scimedge/kv"
)

// batch is the transactions that share one bbolt transaction and so one commit.
type batch struct {
	tx      *bbolt.Tx
	parts   map[kv.Partition]*partition
	waiting []*request // answered after the commit
	written int        // transactions to be committed
	ops     int
	bytes   int
	started time.Time
}

// partition is one partition within a batch.
type partition struct {
	reader // over the bbolt transaction, with the writes of the batch so far
	dirty  bool
}

// commitLoop is the one goroutine that writes. It ends when Close has seen the
// last writer leave.
func (s *Store) commitLoop() {
	defer s.workers.Done()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // see rescue
	b := &batch{parts: make(map[kv.Partition]*partition)}
	for {
		select {
		case r := <-s.queue:
			s.gather(b, r)
		case <-s.quit:
			return
		}
	}
}

// gather runs r and all that wait behind it, and commits. It never waits for
// company: while one batch is at the disk the next one queues up by itself.
func (s *Store) gather(b *batch, r *request) {
	b.started = time.Now()
	yielded := false
	for r != nil {
		if r.admin != nil {
			s.commit(b)
			s.runAdmin(r)
			return
		}
		s.take(b, r)
		r = nil
		if len(b.waiting) >= s.opts.BatchTransactions || b.ops >= s.opts.BatchOps ||
			b.bytes >= s.opts.BatchBytes || time.Since(b.started) >= s.opts.BatchTime {
			break
		}
		select {
		case r = <-s.queue:
		default:
			if !yielded {
				// Writers answered a moment ago are about to come back; let
				// them run once rather than commit a batch of one.
				yielded = true
				runtime.Gosched()
				select {
				case r = <-s.queue:
				default:
				}
			}
		}
	}
	s.commit(b)
}

// take gives r its turn and applies what it wrote to b.
func (s *Store) take(b *batch, r *request) {
	if !r.state.CompareAndSwap(queued, taken) {
		s.recycle(r) // its caller has gone
		return
	}
	part, err := s.admit(b, r)
	if err != nil {
		s.answer(r, 0, err)
		return
	}
	r.reader = &reader{bucket: part.bucket, p: part.p, seed: part.seed, seq: part.seq}
	r.overlay = s.overlays.New(r.reader, kv.OverlayOptions{Seq: part.seq + 1, Limits: s.opts.Limits, Spare: sumSize})
	r.wake <- struct{}{}
	<-s.turnOver

	r.seq, r.err = part.seq, r.fnErr
	switch {
	case r.unwound:
		s.answer(r, 0, nil) // its goroutine is unwinding and reads no answer
		return
	case r.err != nil:
		r.seq = 0
	case r.ctx.Err() != nil: // K9: from here on there is no way back
		s.answer(r, 0, r.ctx.Err())
		return
	case !r.overlay.Empty():
		if err := b.apply(part, r.overlay, s.opts.FillPercent); err != nil {
			s.abort(b, r, err)
			return
		}
		r.seq = part.seq
	}
	if !part.dirty {
		// Founded on committed state only, so it need not wait for the disk.
		s.answer(r, r.seq, r.err)
		return
	}
	b.waiting = append(b.waiting, r)
}

// admit refuses writers that came to a stopped, closed or full store, and opens
// the batch and the partition for the others.
func (s *Store) admit(b *batch, r *request) (*partition, error) {
	if err := s.Failed(); err != nil {
		return nil, fmt.Errorf("%w: %w", kv.ErrStopped, err)
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.reserve.admit(r.p); err != nil {
		return nil, err
	}
	if b.tx == nil {
		tx, err := s.beginWrite()
		if err != nil {
			return nil, err
		}
		b.tx = tx
	}
	part := b.parts[r.p]
	if part == nil {
		part = &partition{reader: reader{p: r.p}}
		if err := part.open(b.tx); err != nil {
			return nil, err
		}
		b.parts[r.p] = part
	}
	return part, nil
}

// apply writes an overlay into the bbolt transaction. After an error the bbolt
// transaction holds half of it and must be rolled back.
func (b *batch) apply(part *partition, o *kv.Overlay, fill float64) (err error) {
	defer part.rescue(nil, &err)
	if part.bucket == nil {
		if part.bucket, err = b.tx.CreateBucket(bucketName(part.p)); err != nil {
			return err
		}
	}
	part.bucket.FillPercent = fill
	for w := range o.Writes() {
		if w.Delete {
			err = part.bucket.Delete(w.Key)
		} else {
			err = part.bucket.Put(w.Key, seal(part.seed, w.Key, w.Value))
		}
		if err != nil {
			return err
		}
	}
	part.dirty = true
	part.seq++
	b.written++
	b.ops += o.Ops()
	b.bytes += o.Bytes()
	return part.bucket.SetSequence(uint64(part.seq))
}

// commit makes the batch durable and answers all who wait for it.
func (s *Store) commit(b *batch) {
	if b.tx == nil {
		return
	}
	if b.written == 0 {
		s.rollback(b.tx)
		b.reset()
		return
	}
	start := time.Now()
	err := s.commitTx(b.tx)
	took := time.Since(start)
	if err != nil {
		for _, r := range b.waiting {
			s.answer(r, 0, err)
		}
		b.reset()
		return
	}
	for p, part := range b.parts {
		if part.dirty {
			s.heads.Set(p, part.seq)
		}
	}
	for _, r := range b.waiting {
		s.answer(r, r.seq, r.err)
	}
	s.noteCommitted()
	if s.opts.OnCommit != nil {
		s.opts.OnCommit(took, b.written, b.ops)
	}
	b.reset()
}

// abort gives up a batch whose bbolt transaction r has spoilt. Nothing was
// written; the neighbours are told to try again.
func (s *Store) abort(b *batch, r *request, err error) {
	if !errors.Is(err, kv.ErrCorrupt) {
		err = fmt.Errorf("boltkv: apply: %w", err)
	}
	s.rollback(b.tx)
	s.answer(r, 0, err)
	for _, w := range b.waiting {
		s.answer(w, 0, fmt.Errorf("%w (a transaction in the same commit met: %v)", kv.ErrConflict, err))
	}
	b.reset()
}

func (b *batch) reset() {
	b.tx = nil
	clear(b.parts)
	clear(b.waiting)
	b.waiting = b.waiting[:0]
	b.written, b.ops, b.bytes = 0, 0, 0
}

// answer hands r back to its caller. The overlay's memory is free again only
// now: bbolt keeps references to values until the commit.
func (s *Store) answer(r *request, seq kv.Seq, err error) {
	if r.overlay != nil {
		s.overlays.Release(r.overlay)
	}
	r.seq, r.err = seq, err
	r.wake <- struct{}{}
}
