package boltkv

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"scimedge/kv"
)

// sample makes a closed store with some data, without the room to grow at its
// end, and returns its path.
func sample(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sub", "store.db")
	s, err := Open(path, testOptions)
	require.NoError(t, err)
	fill(t, s, 0, 50)
	require.NoError(t, s.Close())
	f, err := os.Open(path)
	require.NoError(t, err)
	m, _, err := checkFile(f)
	require.NoError(t, errors.Join(err, f.Close()))
	require.NoError(t, os.Truncate(path, int64(m.pages)*m.pageSize))
	return path
}

func fill(t testing.TB, s *Store, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		_, err := s.Update(t.Context(), "p", func(w kv.Writer) error {
			return w.Put(sampleRow(i))
		})
		require.NoError(t, err)
	}
}

func sampleRow(i int) (k, v []byte) {
	return fmt.Appendf(nil, "key-%04d", i), fmt.Appendf(nil, "value %d, %0100d", i, i)
}

func edit(t testing.TB, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, change(b), 0o600))
}

func newestMeta(t testing.TB, path string) (page int64) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	m, _, err := checkFile(f)
	require.NoError(t, err)
	return int64(m.txid%2) * m.pageSize
}

func TestGuardRefuses(t *testing.T) {
	tests := []struct {
		name     string
		damage   func(t *testing.T, path string)
		want     error
		accepted bool // AcceptRollback opens it all the same
	}{
		{"zero length", func(t *testing.T, p string) { require.NoError(t, os.Truncate(p, 0)) }, ErrDamaged, false},
		{"a few bytes", func(t *testing.T, p string) { require.NoError(t, os.Truncate(p, 100)) }, ErrDamaged, false},
		{"half", func(t *testing.T, p string) {
			info, err := os.Stat(p)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(p, info.Size()/2))
		}, ErrDamaged, false},
		{"zeros", func(t *testing.T, p string) { edit(t, p, func(b []byte) []byte { clear(b); return b }) }, ErrDamaged, false},
		{"no store", func(t *testing.T, p string) {
			edit(t, p, func(b []byte) []byte {
				for i := range b {
					b[i] = byte(i * 7)
				}
				return b
			})
		}, ErrDamaged, false},
		{"newest meta page flipped", func(t *testing.T, p string) {
			at := newestMeta(t, p)
			edit(t, p, func(b []byte) []byte { b[at+pageHeader+50] ^= 4; return b })
		}, ErrRolledBack, true},
		{"newest meta page flipped, side file gone", func(t *testing.T, p string) {
			at := newestMeta(t, p)
			edit(t, p, func(b []byte) []byte { b[at+pageHeader+20] ^= 1; return b })
			require.NoError(t, os.Remove(p+".txid"))
		}, ErrRolledBack, true},
		{"both meta pages flipped", func(t *testing.T, p string) {
			edit(t, p, func(b []byte) []byte { b[pageHeader+50] ^= 4; b[4096+pageHeader+50] ^= 4; return b })
		}, ErrDamaged, false},
		{"store file lost", func(t *testing.T, p string) { require.NoError(t, os.Remove(p)) }, ErrRolledBack, true},
		{"older copy", func(t *testing.T, p string) {
			old, err := os.ReadFile(p)
			require.NoError(t, err)
			s, err := Open(p, testOptions)
			require.NoError(t, err)
			fill(t, s, 100, 101)
			require.NoError(t, s.Close())
			require.NoError(t, os.WriteFile(p, old, 0o600))
		}, ErrRolledBack, true},
		{"another store", func(t *testing.T, p string) {
			other := sample(t)
			s, err := Open(other, testOptions) // further on than the first
			require.NoError(t, err)
			fill(t, s, 100, 110)
			require.NoError(t, s.Close())
			require.NoError(t, os.Rename(other, p))
		}, ErrRolledBack, true},
		{"another program's bbolt file", func(t *testing.T, p string) {
			require.NoError(t, os.Remove(p))
			db, err := bbolt.Open(p, 0o600, nil)
			require.NoError(t, err)
			for range 100 {
				require.NoError(t, db.Update(func(*bbolt.Tx) error { return nil }))
			}
			require.NoError(t, db.Close())
		}, ErrDamaged, false},
		{"side file damaged", func(t *testing.T, p string) {
			edit(t, p+".txid", func(b []byte) []byte { b[20] ^= 1; return b })
		}, ErrRolledBack, true},
		{"root page overwritten", func(t *testing.T, p string) {
			edit(t, p, func(b []byte) []byte {
				for page := 2; page < len(b)/4096; page++ {
					clear(b[page*4096 : page*4096+16])
				}
				return b
			})
		}, ErrDamaged, false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			path := sample(t)
			tc.damage(t, path)
			_, err := Open(path, testOptions)
			require.ErrorIs(t, err, tc.want)
			require.Contains(t, err.Error(), "Cure:")
			t.Log(err)
			opts := testOptions
			opts.AcceptRollback = true
			s, err := Open(path, opts)
			if !tc.accepted {
				require.ErrorIs(t, err, tc.want)
				return
			}
			require.NoError(t, err)
			fill(t, s, 200, 201)
			require.NoError(t, s.Close())
			s = openTest(t, path, testOptions) // accepted for good
			fill(t, s, 201, 202)
		})
	}
}

func TestGuardAccepts(t *testing.T) {
	for name, change := range map[string]func(path string){
		"nothing":                func(string) {},
		"side file gone":         func(path string) { require.NoError(t, os.Remove(path+".txid")) },
		"side file never filled": func(path string) { require.NoError(t, os.Truncate(path+".txid", 0)) },
		"older meta page flipped": func(path string) {
			at := 4096 - newestMeta(t, path)
			edit(t, path, func(b []byte) []byte { b[at+pageHeader+50] ^= 4; return b })
		},
		"side file behind, as after a power cut": func(path string) {
			edit(t, path+".txid", func(b []byte) []byte {
				rec, err := decodeSide(b)
				require.NoError(t, err)
				rec.txid -= 10
				return rec.encode()
			})
		},
	} {
		path := sample(t)
		change(path)
		s, err := Open(path, testOptions)
		require.NoError(t, err, name)
		require.NoError(t, s.View(t.Context(), "p", func(r kv.Reader) error {
			k, want := sampleRow(49)
			got, err := r.Get(k)
			require.Equal(t, want, got, name)
			return err
		}))
		require.NoError(t, s.Close())
	}
}

func TestLockedByAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	openTest(t, path, testOptions)
	opts := testOptions
	opts.LockTimeout = time.Millisecond
	_, err := Open(path, opts)
	require.ErrorIs(t, err, ErrLocked)
}

func TestFileModes(t *testing.T) {
	path := sample(t)
	for p, want := range map[string]fs.FileMode{path: 0o600, path + ".txid": 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), p)
	}
	left, err := filepath.Glob(path + ".new-*")
	require.NoError(t, err)
	require.Empty(t, left)
}

// Bit flips anywhere in the file: Open refuses, or reads give the right value or
// an error; a wrong value never, and never a crash.
func TestBitFlips(t *testing.T) {
	good, err := os.ReadFile(sample(t))
	require.NoError(t, err)
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(1, 2))
	var refused, failed, missing int
	for round := range 400 {
		path := filepath.Join(dir, fmt.Sprintf("%d.db", round))
		bad := append([]byte(nil), good...)
		at := rnd.IntN(len(bad))
		bad[at] ^= 1 << rnd.IntN(8)
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		s, err := Open(path, testOptions)
		if err != nil {
			refused++
			continue
		}
		for i := range 50 {
			k, want := sampleRow(i)
			err := s.View(t.Context(), "p", func(r kv.Reader) error {
				got, err := r.Get(k)
				if err == nil && got == nil {
					missing++ // a damaged key; see TestEveryFlipInARecord
				} else if err == nil {
					require.Equal(t, string(want), string(got), "byte %d", at)
				}
				return err
			})
			if err != nil {
				require.ErrorIs(t, err, kv.ErrCorrupt)
				failed++
			}
		}
		_ = s.View(t.Context(), "p", func(r kv.Reader) error {
			for e, err := range r.Scan(kv.Range{}) {
				if err != nil {
					return err
				}
				var i int
				_, err := fmt.Sscanf(string(e.Key), "key-%d", &i)
				require.NoError(t, err)
				_, want := sampleRow(i)
				require.Equal(t, string(want), string(e.Value))
			}
			return nil
		})
		require.NoError(t, s.Close())
		_ = os.Remove(path)
	}
	t.Logf("%d files refused, %d reads failed, %d keys not found", refused, failed, missing)
}

// Every single bit of one stored record, key, value and checksum: found by Scan.
func TestEveryFlipInARecord(t *testing.T) {
	path := sample(t)
	s, err := Open(path, testOptions)
	require.NoError(t, err)
	k, v := sampleRow(7)
	stored := append(append([]byte(nil), k...), seal(partitionSeed(bucketName("p")), k, append([]byte(nil), v...))...)
	require.NoError(t, s.Close())
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	step := 1
	if testing.Short() {
		step = 37
	}
	for bit := 0; bit < len(stored)*8; bit += step {
		bad := append([]byte(nil), good...)
		// Older versions of its page lie about: change them all.
		n := 0
		for at := 0; at+len(stored) <= len(bad); at++ {
			if string(good[at:at+len(stored)]) == string(stored) {
				bad[at+bit/8] ^= 1 << (bit % 8)
				n++
			}
		}
		require.Positive(t, n)
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		s, err := Open(path, testOptions)
		require.NoError(t, err)
		err = s.View(t.Context(), "p", func(r kv.Reader) error {
			for _, err := range r.Scan(kv.Range{}) {
				if err != nil {
					return err
				}
			}
			return nil
		})
		require.ErrorIs(t, err, kv.ErrCorrupt, "bit %d", bit)
		require.NoError(t, s.Close())
	}
}
