package kvtest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"scimedge/kv"
)

// Benchmark measures the transaction that creating a user makes: a 1.4 KB document
// under an ascending id and 4 index rows under random keys, by 1, 32 and 64
// writers. tx/s counts acknowledged transactions.
func Benchmark(b *testing.B, open func(b *testing.B) kv.Store) {
	for _, writers := range []int{1, 32, 64} {
		b.Run(fmt.Sprintf("update/writers=%d", writers), func(b *testing.B) {
			s := open(b)
			Writers(b, writers, func(n uint64) error {
				_, err := s.Update(b.Context(), "tenant", func(w kv.Writer) error { return WriteUser(w, n) })
				return err
			})
		})
	}
	b.Run("get", func(b *testing.B) {
		s := open(b)
		key := binary.BigEndian.AppendUint64([]byte("r"), 1)
		if _, err := s.Update(b.Context(), "tenant", func(w kv.Writer) error { return WriteUser(w, 1) }); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			err := s.View(b.Context(), "tenant", func(r kv.Reader) error {
				v, err := r.Get(key)
				if len(v) != documentSize {
					return fmt.Errorf("%d bytes", len(v))
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

const documentSize = 1400

var document = make([]byte, documentSize)

// WriteUser makes the writes of user n.
func WriteUser(w interface{ Put(k, v []byte) error }, n uint64) error {
	key := make([]byte, 0, 64)
	if err := w.Put(binary.BigEndian.AppendUint64(append(key, 'r'), n), document); err != nil {
		return err
	}
	for i := range 4 {
		k := binary.BigEndian.AppendUint64(append(key, 'x', byte(i)), rand.Uint64())
		if err := w.Put(binary.BigEndian.AppendUint64(k, n), nil); err != nil {
			return err
		}
	}
	return nil
}

// Writers runs fn b.N times from the given number of goroutines and reports tx/s.
func Writers(b *testing.B, writers int, fn func(n uint64) error) {
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Uint64
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for n := next.Add(1); n <= uint64(b.N); n = next.Add(1) {
				if err := fn(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
}
