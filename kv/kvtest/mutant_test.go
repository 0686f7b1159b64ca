package kvtest_test

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/kv/kvtest"
	"scimedge/kv/memkv"
)

// A suite is worth what it refuses: each mutant is memkv broken in one way, and
// must fail the subtest named with it. Mutants run in a child process, for their
// failures must not be this test's.
var mutants = []struct {
	name, caughtBy string
	wrap           func(kv.Store) kv.Store
}{
	{"shares partitions", "K1_partitions_are_apart", func(s kv.Store) kv.Store {
		return update{s, func(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
			return s.Update(ctx, "tenant", fn)
		}}
	}},
	{"scan misses own writes", "K1_own_writes_in_scan", writer(func(w kv.Writer) kv.Writer { return staleScan{w} })},
	{"reverse scan goes forward", "K1_own_writes_in_scan", writer(func(w kv.Writer) kv.Writer { return noReverse{w} })},
	{"scan misses the last key", "K1_model", writer(func(w kv.Writer) kv.Writer { return shortScan{w} })},
	{"loses updates", "K2_no_lost_update", func(s kv.Store) kv.Store { return update{s, unlocked(s)} }},
	{"lets phantoms in", "K2_no_phantom", func(s kv.Store) kv.Store { return update{s, unlocked(s)} }},
	{"commits what failed", "K4_failed_fn_leaves_nothing", func(s kv.Store) kv.Store {
		return update{s, func(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (seq kv.Seq, err error) {
			seq, _ = s.Update(ctx, p, func(w kv.Writer) error { err = fn(w); return nil })
			return seq, err
		}}
	}},
	{"splits a transaction", "K4_never_half", func(s kv.Store) kv.Store { return &splitter{Store: s} }},
	{"keeps the caller's slices", "K5_copies_what_it_is_given", writer(func(w kv.Writer) kv.Writer { return &aliasing{Writer: w} })},
	{"commits nothing", "K6_nothing_written", func(s kv.Store) kv.Store {
		return update{s, func(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
			return s.Update(ctx, p, func(w kv.Writer) error {
				if err := fn(w); err != nil {
					return err
				}
				return w.Delete([]byte("touch"))
			})
		}}
	}},
	{"has no limits", "K7_too_large", writer(func(w kv.Writer) kv.Writer { return swallow{w} })},
	{"commits when cancelled", "K9_cancelled_within", func(s kv.Store) kv.Store {
		return update{s, func(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
			return s.Update(context.WithoutCancel(ctx), p, fn)
		}}
	}},
	{"does not roll back", "Savepoint_and_rollback", writer(func(w kv.Writer) kv.Writer { return noRollback{w} })},
	{"deletes the upper bound too", "DeleteRange", writer(func(w kv.Writer) kv.Writer { return inclusive{w} })},
	{"watches from the start", "Watch", func(s kv.Store) kv.Store { return forgetful{s} }},
	{"drops nothing", "DropPartition", func(s kv.Store) kv.Store { return noDrop{s} }},
}

const mutantEnv = "SCIMEDGE_KV_MUTANT"

func TestMutantChild(t *testing.T) {
	for _, m := range mutants {
		if m.name == os.Getenv(mutantEnv) {
			kvtest.Run(t, func(*testing.T) kv.Store { return m.wrap(memkv.New(memkv.Options{})) })
		}
	}
}

func TestMutantsAreRefused(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMutantChild$/^"+m.caughtBy, "-test.v",
				"-test.timeout=60s", "-rapid.nofailfile", "-rapid.shrinktime=1ms")
			cmd.Env = append(os.Environ(), mutantEnv+"="+m.name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "the suite passed a broken engine")
			require.Contains(t, string(out), "--- FAIL: TestMutantChild/"+m.caughtBy)
		})
	}
}

type update struct {
	kv.Store
	fn func(context.Context, kv.Partition, func(kv.Writer) error) (kv.Seq, error)
}

func (u update) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	return u.fn(ctx, p, fn)
}

// writer breaks the Writer that fn is given.
func writer(wrap func(kv.Writer) kv.Writer) func(kv.Store) kv.Store {
	return func(s kv.Store) kv.Store {
		return update{s, func(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
			return s.Update(ctx, p, func(w kv.Writer) error { return fn(wrap(w)) })
		}}
	}
}

// unlocked runs fn on a snapshot and applies what it wrote later, unchecked.
func unlocked(s kv.Store) func(context.Context, kv.Partition, func(kv.Writer) error) (kv.Seq, error) {
	return func(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (seq kv.Seq, err error) {
		err = s.View(ctx, p, func(r kv.Reader) error {
			o := kv.NewOverlay(r, kv.OverlayOptions{Limits: s.Limits()})
			if err := fn(o); err != nil {
				return err
			}
			seq, err = s.Update(ctx, p, func(w kv.Writer) error { return replay(o, w) })
			return err
		})
		return seq, err
	}
}

func replay(o *kv.Overlay, w kv.Writer) error {
	for x := range o.Writes() {
		err := w.Put(x.Key, x.Value)
		if x.Delete {
			err = w.Delete(x.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// splitter commits every write of a transaction on its own, and between two of
// them waits until somebody has looked, so that chance does not hide it.
type splitter struct {
	kv.Store
	views atomic.Int64
}

func (s *splitter) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	defer s.views.Add(1)
	return s.Store.View(ctx, p, fn)
}

func (s *splitter) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (seq kv.Seq, err error) {
	o := kv.NewOverlay(emptyReader{}, kv.OverlayOptions{})
	if err := fn(o); err != nil {
		return 0, err
	}
	for x := range o.Writes() {
		if seq, err = s.Store.Update(ctx, p, func(w kv.Writer) error { return w.Put(x.Key, x.Value) }); err != nil {
			return 0, err
		}
		seen := s.views.Load()
		for range 1_000 { // two: the first may have begun before the write
			if s.views.Load() > seen+1 {
				break
			}
			runtime.Gosched()
		}
	}
	return seq, nil
}

type emptyReader struct{}

func (emptyReader) Seq() kv.Seq                { return 0 }
func (emptyReader) Get([]byte) ([]byte, error) { return nil, nil }
func (emptyReader) Scan(kv.Range) iter.Seq2[kv.Entry, error] {
	return func(func(kv.Entry, error) bool) {}
}

// staleScan hides a write that Get shows.
type staleScan struct{ kv.Writer }

func (s staleScan) Scan(r kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range s.Writer.Scan(r) {
			if string(e.Value) != "two" && !yield(e, err) {
				return
			}
		}
	}
}

type noReverse struct{ kv.Writer }

func (n noReverse) Scan(r kv.Range) iter.Seq2[kv.Entry, error] {
	r.Reverse = false
	return n.Writer.Scan(r)
}

type shortScan struct{ kv.Writer }

func (s shortScan) Scan(r kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		var held *kv.Entry
		for e, err := range s.Writer.Scan(r) {
			if held != nil && !yield(*held, err) {
				return
			}
			held = &e
		}
	}
}

type aliasing struct {
	kv.Writer
	v []byte
}

func (a *aliasing) Put(k, v []byte) error {
	if string(k) == "key" {
		a.v = v
	}
	return a.Writer.Put(k, v)
}

func (a *aliasing) Get(k []byte) ([]byte, error) {
	if string(k) == "key" && a.v != nil {
		return a.v, nil
	}
	return a.Writer.Get(k)
}

type swallow struct{ kv.Writer }

func (s swallow) Put(k, v []byte) error { _ = s.Writer.Put(k, v); return nil }

type noRollback struct{ kv.Writer }

func (noRollback) Rollback(kv.Mark) error { return nil }

type inclusive struct{ kv.Writer }

func (i inclusive) DeleteRange(lo, hi []byte) error {
	if err := i.Delete(hi); err != nil {
		return err
	}
	return i.Writer.DeleteRange(lo, hi)
}

type forgetful struct{ kv.Store }

func (f forgetful) Watch(ctx context.Context, _ map[kv.Partition]kv.Seq) iter.Seq2[kv.Head, error] {
	return f.Store.Watch(ctx, nil)
}

type noDrop struct{ kv.Store }

func (noDrop) DropPartition(context.Context, kv.Partition) error { return nil }
