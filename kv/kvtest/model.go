package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"scimedge/kv"
)

// model is a partition as a naive map, sorted whenever it is read.
type model map[string]string

func (m model) list(r kv.Range) (out []string) {
	ks := slices.Sorted(maps.Keys(m))
	if r.Reverse {
		slices.Reverse(ks)
	}
	for _, k := range ks {
		if k < string(r.Lo) || len(r.Hi) > 0 && k >= string(r.Hi) {
			continue
		}
		if !r.KeysOnly {
			k += "=" + m[k]
		}
		out = append(out, k)
	}
	return out
}

// step is one operation, drawn before the transaction, for fn may run again.
type step struct {
	op     string
	k, v   string
	r      kv.Range
	choose int
}

var stepGen = rapid.Custom(func(t *rapid.T) step {
	s := step{
		op: rapid.SampledFrom([]string{"put", "put", "put", "delete", "range", "get", "scan", "scan",
			"mark", "rollback", "touch"}).Draw(t, "op"),
		k: string(keyGen.Draw(t, "k")),
		v: rapid.StringN(0, 6, 20).Draw(t, "v"),
	}
	s.choose = rapid.IntRange(0, 5).Draw(t, "choose")
	s.r = kv.Range{Reverse: rapid.Bool().Draw(t, "reverse"), KeysOnly: rapid.Bool().Draw(t, "keys")}
	if rapid.Bool().Draw(t, "lo") {
		s.r.Lo = keyGen.Draw(t, "from")
	}
	if rapid.Bool().Draw(t, "hi") {
		s.r.Hi = keyGen.Draw(t, "to")
	}
	return s
})

// Few short keys, so that writes meet each other.
var keyGen = rapid.SliceOfN(rapid.SampledFrom([]byte{0, 'a', 'b', 'c', 0xFF}), 1, 3)

type saved struct {
	mark  kv.Mark
	state model
}

// run does the steps on w and on a copy of m and compares what both say.
func (m model) run(w kv.Writer, steps []step) (model, error) {
	m = maps.Clone(m)
	var marks []saved
	for i, s := range steps {
		if err := m.step(w, s, &marks); err != nil {
			return nil, fmt.Errorf("step %d %+v: %w", i, s, err)
		}
	}
	got, err := list(w, kv.Range{})
	if err == nil && !slices.Equal(got, m.list(kv.Range{})) {
		err = fmt.Errorf("at the end: %q, want %q", got, m.list(kv.Range{}))
	}
	return m, err
}

func (m model) step(w kv.Writer, s step, marks *[]saved) error {
	switch s.op {
	case "put":
		m[s.k] = s.v
		return w.Put([]byte(s.k), []byte(s.v))
	case "delete":
		delete(m, s.k)
		return w.Delete([]byte(s.k))
	case "range":
		for _, k := range m.list(kv.Range{Lo: s.r.Lo, Hi: s.r.Hi, KeysOnly: true}) {
			delete(m, k)
		}
		return w.DeleteRange(s.r.Lo, s.r.Hi)
	case "get":
		got, err := w.Get([]byte(s.k))
		want, ok := m[s.k]
		if err == nil && (string(got) != want || (got != nil) != ok) {
			err = fmt.Errorf("got %q, want %q, %v", got, want, ok)
		}
		return err
	case "scan":
		got, err := list(w, s.r)
		if want := m.list(s.r); err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("got %q, want %q", got, want)
		}
		return err
	case "touch":
		return m.touch(w, s)
	case "mark":
		*marks = append(*marks, saved{w.Savepoint(), maps.Clone(m)})
	case "rollback":
		if len(*marks) == 0 {
			return nil
		}
		i := s.choose % len(*marks)
		younger := (*marks)[i+1:]
		*marks = (*marks)[:i+1]
		clear(m)
		maps.Copy(m, (*marks)[i].state)
		if err := w.Rollback((*marks)[i].mark); err != nil {
			return err
		}
		for _, y := range younger {
			if w.Rollback(y.mark) == nil {
				return errors.New("a forgotten mark was accepted")
			}
		}
	}
	return nil
}

// touch writes while it scans: it deletes what it stands on and puts a key that
// may lie ahead or behind; the scan must follow the model as it changes.
func (m model) touch(w kv.Writer, s step) error {
	var last []byte
	n := 0
	for e, err := range w.Scan(s.r) {
		if err != nil {
			return err
		}
		want, ok := m.next(s.r, last)
		if !ok || want != string(e.Key) {
			return fmt.Errorf("scan went from %q to %q, want %q", last, e.Key, want)
		}
		last = bytes.Clone(e.Key)
		if n++; n == 1+s.choose%3 {
			delete(m, string(last))
			m[s.k] = s.v
			if err := errors.Join(w.Delete(last), w.Put([]byte(s.k), []byte(s.v))); err != nil {
				return err
			}
		}
	}
	if want, ok := m.next(s.r, last); ok {
		return fmt.Errorf("scan ended at %q, want %q", last, want)
	}
	return nil
}

func (m model) next(r kv.Range, last []byte) (string, bool) {
	for _, k := range m.list(kv.Range{Lo: r.Lo, Hi: r.Hi, Reverse: r.Reverse, KeysOnly: true}) {
		if last == nil || r.Reverse && k < string(last) || !r.Reverse && k > string(last) {
			return k, true
		}
	}
	return "", false
}

func testModel(f *fixture) {
	rapid.Check(f.T, func(rt *rapid.T) {
		p := freshPartition()
		state := model{}
		for range rapid.IntRange(1, 5).Draw(rt, "transactions") {
			steps := rapid.SliceOfN(stepGen, 0, 40).Draw(rt, "steps")
			fail := rapid.IntRange(0, 4).Draw(rt, "fail") == 0
			var after model
			_, err := f.tryUpdate(p, func(w kv.Writer) (err error) {
				after, err = state.run(w, steps)
				if err == nil && fail {
					err = errStop
				}
				return err
			})
			switch {
			case fail && errors.Is(err, errStop):
			case err != nil:
				rt.Fatal(err)
			default:
				state = after
			}
			err = f.s.View(f.Context(), p, func(r kv.Reader) error {
				for _, rg := range []kv.Range{{}, {Reverse: true}, {KeysOnly: true, Lo: []byte("a")}} {
					got, err := list(r, rg)
					if err != nil {
						return err
					}
					if want := state.list(rg); !slices.Equal(got, want) {
						return fmt.Errorf("committed: %q, want %q", got, want)
					}
				}
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		}
	})
}
