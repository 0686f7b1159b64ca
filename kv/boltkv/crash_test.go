package boltkv

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

// TestCrash kills a loaded process at a random moment, several times over on one
// store: what it acknowledged must be there, and no half of anything.
func TestCrash(t *testing.T) {
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("SCIMEDGE_CRASH_ROUNDS")); err == nil {
		rounds = n
	}
	path := filepath.Join(t.TempDir(), "store.db")
	acked := map[string]string{} // tag -> partition, over all rounds
	for round := range rounds {
		cmd, out := child(t, "load", path)
		delay := time.Duration(rand.IntN(20)) * time.Millisecond
		after := 1 + rand.IntN(400)
		acks, failure := readLedger(out, after, func() {
			time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
		})
		_ = cmd.Wait()
		require.Empty(t, failure)
		require.GreaterOrEqual(t, len(acks), after)
		for _, a := range acks {
			p, tag, _ := strings.Cut(a, " ")
			acked[tag] = p
		}
		checkPages(t, path)
		s, err := Open(path, testOptions)
		require.NoError(t, err, "round %d", round)
		verify(t, s, acked)
		require.NoError(t, s.Close())
	}
	t.Logf("%d rounds, %d acknowledged transactions", rounds, len(acked))
}

func verify(t *testing.T, s *Store, acked map[string]string) {
	t.Helper()
	rows := map[string]int{}
	for _, p := range []kv.Partition{"p0", "p1", "p2", "dropped"} {
		require.NoError(t, s.View(t.Context(), p, func(r kv.Reader) error {
			for e, err := range r.Scan(kv.Range{}) {
				if err != nil {
					return err
				}
				tag, _, _ := strings.Cut(string(e.Key), "/")
				if tag == "latest" {
					continue
				}
				if string(e.Value) != strings.Repeat(tag, 10) {
					return fmt.Errorf("wrong value under %q", e.Key)
				}
				rows[tag]++
			}
			return nil
		}))
	}
	for tag, n := range rows {
		require.Equal(t, rowsPerTx, n, "half a transaction: %s", tag)
	}
	for tag := range acked {
		require.Equal(t, rowsPerTx, rows[tag], "an acknowledged transaction is lost: %s", tag)
	}
}
