package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"scimedge/kv"
	"scimedge/kv/boltkv"
)

// shape is what one transaction writes: a record under a time-ordered key, index
// rows under random ones, a count that every transaction reads and writes, and a
// change row under its sequence number. It is what creating a user writes.
type shape struct{ record, change, indexRows int }

// order asks for a number of transactions, done is the answer.
type order struct {
	Transactions int `json:"transactions"`
	Writers      int `json:"writers"`
}

type done struct {
	Transactions int     `json:"transactions"`
	Seconds      float64 `json:"seconds"`
	StoreBytes   int64   `json:"store_bytes"`
}

const (
	maxTransactions = 10_000_000
	maxWriters      = 1024
)

func serveKV(ctx context.Context, l *lines, dir string, sh shape) (err error) {
	path := filepath.Join(dir, "floor.db")
	store, err := boltkv.Open(path, boltkv.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	w := newWriter(store, sh)
	for {
		var o order
		if err := l.next(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if o.Transactions < 1 || o.Transactions > maxTransactions || o.Writers < 1 || o.Writers > maxWriters {
			return fmt.Errorf("order %+v: want 1..%d transactions and 1..%d writers", o, maxTransactions, maxWriters)
		}
		took, err := w.write(ctx, o)
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if err := l.answer(done{o.Transactions, took.Seconds(), info.Size()}); err != nil {
			return err
		}
	}
}

type writer struct {
	store  kv.Store
	shape  shape
	filler []byte
	next   atomic.Uint64
}

func newWriter(s kv.Store, sh shape) *writer {
	w := &writer{store: s, shape: sh, filler: make([]byte, max(sh.record, sh.change)+256)}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range w.filler {
		w.filler[i] = byte(' ' + r.IntN(95))
	}
	return w
}

func (w *writer) write(ctx context.Context, o order) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var taken atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range o.Writers {
		wg.Go(func() {
			for ctx.Err() == nil && taken.Add(1) <= int64(o.Transactions) {
				if err := w.one(ctx); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start), context.Cause(ctx)
}

// one is one durable transaction.
func (w *writer) one(ctx context.Context) error {
	n := w.next.Add(1)
	id := orderedID(n)
	_, err := w.store.Update(ctx, "floor", func(tx kv.Writer) error { return w.rows(tx, n, id) })
	return err
}

func (w *writer) rows(tx kv.Writer, n uint64, id []byte) error {
	at := int(n % 256) // so that no two rows are alike
	name := fmt.Sprintf("given.family.%x@example.com", n*0x9E3779B97F4A7C15)
	unique := kv.Key{'u'}.Text("User").Text("userName").Text(name)
	taken, err := tx.Get(unique)
	if err != nil {
		return err
	}
	if taken != nil {
		return fmt.Errorf("%s exists", name)
	}
	put := func(k, v []byte) {
		if err == nil {
			err = tx.Put(k, v)
		}
	}
	put(kv.Key{'r'}.Text("User").Raw(id), w.filler[at:at+w.shape.record])
	put(unique, id)
	for i := range w.shape.indexRows - 1 {
		put(kv.Key{'x'}.Text("User").Text(fmt.Sprintf("attribute%d", i)).Text(name).Raw(id), []byte{})
	}
	if err == nil {
		err = count(tx)
	}
	put(kv.Key{'l'}.Uint64(uint64(tx.Seq())).Raw([]byte{0, 0}), w.filler[at:at+w.shape.change])
	return err
}

func count(tx kv.Writer) error {
	key := kv.Key{'n'}.Text("User")
	old, err := tx.Get(key)
	if err != nil {
		return err
	}
	var n [16]byte
	copy(n[:], old)
	binary.BigEndian.PutUint64(n[:8], binary.BigEndian.Uint64(n[:8])+1)
	return tx.Put(key, n[:])
}

// orderedID is 16 bytes that grow with n in front and look random behind, as
// UUIDv7 does.
func orderedID(n uint64) []byte {
	id := binary.BigEndian.AppendUint64(nil, n)
	return binary.BigEndian.AppendUint64(id, n*0x9E3779B97F4A7C15)
}
