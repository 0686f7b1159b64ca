package kvtest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

// Option tells Run what an engine can do beyond the contract's minimum.
type Option func(*suite)

// Reopen lets Run test durability (K8): fn closes the store and opens it again on
// the same data.
func Reopen(fn func(t *testing.T, s kv.Store) kv.Store) Option {
	return func(s *suite) { s.reopen = fn }
}

type suite struct {
	open   func(t *testing.T) kv.Store
	reopen func(t *testing.T, s kv.Store) kv.Store
}

// Run runs the whole suite against stores made by open, which must be empty. Run
// closes them; a cleanup of open's may close them again.
func Run(t *testing.T, open func(t *testing.T) kv.Store, opts ...Option) {
	su := &suite{open: open}
	for _, o := range opts {
		o(su)
	}
	tests := []struct {
		name string
		run  func(*fixture)
	}{
		{"K1 get and scan", testGetScan},
		{"K1 own writes in scan", testOwnWrites},
		{"K1 writes while scanning", testWriteWhileScanning},
		{"K1 snapshot stays", testSnapshot},
		{"K1 partitions are apart", testPartitionsApart},
		{"K1 model", testModel},
		{"K2 no lost update", testCounters},
		{"K2 no write skew", testWriteSkew},
		{"K2 no phantom", testPhantom},
		{"K3 fn may run again", testRerun},
		{"K4 failed fn leaves nothing", testFailedFn},
		{"K4 panic leaves nothing", testPanic},
		{"K4 goexit leaves nothing", testGoexit},
		{"K4 never half", testNeverHalf},
		{"K5 copies what it is given", testCopies},
		{"K5 over is over", testOver},
		{"K6 seq counts commits", testSeq},
		{"K6 nothing written, nothing committed", testNothingWritten},
		{"K7 too large", testTooLarge},
		{"K7 delete range counts keys", testDeleteRangeLimit},
		{"K8 durable", su.testDurable},
		{"K9 cancelled before", testCancelledBefore},
		{"K9 cancelled within", testCancelledWithin},
		{"K9 cancelled in the queue", testCancelledQueued},
		{"K10 bounds", testBounds},
		{"Savepoint and rollback", testSavepoint},
		{"DeleteRange", testDeleteRange},
		{"Watch", testWatch},
		{"Watch ends", testWatchEnds},
		{"Partitions", testPartitions},
		{"DropPartition", testDrop},
		{"DropPartition under writers", testDropConcurrent},
		{"Close", testClose},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() { _ = s.Close() })
			tc.run(&fixture{T: t, s: s, p: "tenant"})
		})
	}
}

// fixture is one subtest: a fresh store and a partition to work in.
type fixture struct {
	*testing.T
	s kv.Store
	p kv.Partition
}

// tryUpdate runs Update and tries again where the engine gave up on a conflict,
// which it may at any time (K7).
func (f *fixture) tryUpdate(p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	return retry(f.s, f.Context(), p, fn)
}

func retry(s kv.Store, ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (seq kv.Seq, err error) {
	for range 1000 {
		if seq, err = s.Update(ctx, p, fn); !errors.Is(err, kv.ErrConflict) {
			return seq, err
		}
	}
	return seq, err
}

func (f *fixture) update(fn func(kv.Writer) error) kv.Seq {
	f.Helper()
	seq, err := f.tryUpdate(f.p, fn)
	require.NoError(f, err)
	return seq
}

func (f *fixture) view(fn func(kv.Reader) error) {
	f.Helper()
	require.NoError(f, f.s.View(f.Context(), f.p, fn))
}

// put commits pairs "key=value".
func (f *fixture) put(pairs ...string) kv.Seq {
	f.Helper()
	return f.update(func(w kv.Writer) error { return putAll(w, pairs...) })
}

func putAll(w kv.Writer, pairs ...string) error {
	for _, p := range pairs {
		k, v := pair(p)
		if err := w.Put(k, v); err != nil {
			return err
		}
	}
	return nil
}

func pair(s string) (k, v []byte) {
	for i := range s {
		if s[i] == '=' {
			return []byte(s[:i]), []byte(s[i+1:])
		}
	}
	return []byte(s), nil
}

// list reads a range as pairs; with KeysOnly as keys, checking that values are nil.
func list(r kv.Reader, rg kv.Range) (out []string, err error) {
	for e, err := range r.Scan(rg) {
		switch {
		case err != nil:
			return nil, err
		case !rg.KeysOnly && e.Value == nil:
			return nil, fmt.Errorf("scan gave a nil value for %q", e.Key)
		case rg.KeysOnly && e.Value != nil:
			return nil, fmt.Errorf("scan gave a value for %q though keys only were asked for", e.Key)
		case rg.KeysOnly:
			out = append(out, string(e.Key))
		default:
			out = append(out, string(e.Key)+"="+string(e.Value))
		}
	}
	return out, nil
}

// content is all that partition p holds.
func (f *fixture) content(p kv.Partition) (out []string) {
	f.Helper()
	require.NoError(f, f.s.View(f.Context(), p, func(r kv.Reader) (err error) {
		out, err = list(r, kv.Range{})
		return err
	}))
	return out
}

func rng(lo, hi string) kv.Range { return kv.Range{Lo: []byte(lo), Hi: []byte(hi)} }

func reverse(r kv.Range) kv.Range { r.Reverse = true; return r }

func keys(r kv.Range) kv.Range { r.KeysOnly = true; return r }

var partitionNumber atomic.Uint64

func freshPartition() kv.Partition {
	return kv.Partition(fmt.Sprintf("p%06d", partitionNumber.Add(1)))
}
