package boltkv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

const childEnv = "SCIMEDGE_KV_CHILD"

// childMain turns this process into the child of a crash or fail-stop test when
// the parent asked for it; it does not return then.
func childMain() {
	role, path, ok := strings.Cut(os.Getenv(childEnv), ":")
	if !ok {
		return
	}
	err := map[string]func(string) error{"load": childLoad, "failstop": childFailStop}[role](path)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(t *testing.T, role, path string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+role+":"+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, out
}

// rowsPerTx rows carry one tag, so that half a transaction shows.
const rowsPerTx = 4

func writeTagged(ctx context.Context, s *Store, p kv.Partition, tag string) error {
	_, err := s.Update(ctx, p, func(w kv.Writer) error {
		for i := range rowsPerTx {
			if err := w.Put(fmt.Appendf(nil, "%s/%d", tag, i), []byte(strings.Repeat(tag, 10))); err != nil {
				return err
			}
		}
		return w.Put([]byte("latest/"+tag[:strings.Index(tag, "-")]), []byte(tag))
	})
	return err
}

// childLoad writes from several goroutines, drops partitions now and then, and
// prints a line for each transaction after it was acknowledged.
func childLoad(path string) error {
	s, err := Open(path, testOptions)
	if err != nil {
		return err
	}
	ctx := context.Background()
	round := os.Getpid()
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for n := 0; ; n++ {
				p := kv.Partition(fmt.Sprintf("p%d", g%3))
				tag := fmt.Sprintf("r%dg%d-%d", round, g, n)
				if err := writeTagged(ctx, s, p, tag); err != nil {
					fmt.Println("error:", err)
					return
				}
				fmt.Printf("ack %s %s\n", p, tag) // one write call: lines stay whole
			}
		})
	}
	wg.Go(func() {
		for {
			if err := writeTagged(ctx, s, "dropped", "x-1"); err != nil {
				return
			}
			if err := s.DropPartition(ctx, "dropped"); err != nil {
				return
			}
		}
	})
	wg.Wait()
	return errors.New("all writers ended")
}

// readLedger collects complete "ack" lines and calls enough when it has n.
func readLedger(r io.Reader, n int, enough func()) (acks []string, failure string) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return acks, failure
		}
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "ack "); ok {
			acks = append(acks, rest)
		} else {
			failure = line
		}
		if len(acks) == n {
			enough()
		}
	}
}

// childFailStop caps its own file size so that a commit fails at a write, and
// checks what the store says afterwards.
func childFailStop(path string) error {
	runtime.LockOSThread()
	s, err := Open(path, testOptions)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := writeTagged(ctx, s, "p", "before-1"); err != nil {
		return err
	}
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	// Writes beyond the present end now fail with EFBIG; Go ignores SIGXFSZ.
	lim := syscall.Rlimit{Cur: uint64(info.Size()), Max: uint64(info.Size())}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &lim); err != nil {
		return err
	}
	var unknown, stopped int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 4000 {
				_, err := s.Update(ctx, "p", func(w kv.Writer) error {
					return w.Put(fmt.Appendf(nil, "big%d-%d", g, n), make([]byte, 100_000))
				})
				mu.Lock()
				switch {
				case errors.Is(err, kv.ErrUnknownOutcome):
					unknown++
				case errors.Is(err, kv.ErrStopped):
					stopped++
				case err == nil && stopped > 0:
					stopped = -1 << 20
				}
				mu.Unlock()
				if err != nil && n > 1000 {
					return
				}
			}
		})
	}
	wg.Wait()
	fmt.Println("unknown", unknown > 0, "stopped", stopped > 0, "failed", s.Failed() != nil)
	err = s.View(ctx, "p", func(r kv.Reader) error {
		v, err := r.Get([]byte("before-1/0"))
		fmt.Println("reads", len(v) > 0)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.DropPartition(ctx, "p"); !errors.Is(err, kv.ErrStopped) {
		return fmt.Errorf("drop: %v", err)
	}
	return s.Close()
}

func TestFailStop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	cmd, out := child(t, "failstop", path)
	said, err := io.ReadAll(out)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait(), string(said))
	require.Equal(t, "unknown true stopped true failed true\nreads true\n", string(said))
	checkPages(t, path)
	s := openTest(t, path, testOptions)
	require.NoError(t, s.Failed(), "a restart clears it")
	require.NoError(t, writeTagged(t.Context(), s, "p", "after-1"))
}
