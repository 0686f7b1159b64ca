package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of these tests; nothing should come near it.
const patience = 30 * time.Second

// TestMain builds the binary once: these tests run the real thing.
func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "scimedge-bin")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-X scimedge/internal/buildinfo.version=v0.0.0-test", "-o", filepath.Join(dir, "scimedge"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building scimedge: %v\n%s", err, out)
		return 1
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		panic(err)
	}
	return m.Run()
}

// process is a running `scimedge serve` or `scimedge demo`.
type process struct {
	cmd         *exec.Cmd
	edge, admin string // addresses, host:port
	stderr      *lockedBuffer
	stdout      *lockedBuffer
	done        chan struct{} // closed when it ended
	err         error         // of Wait; read after done
}

// startProcess runs scimedge and waits until it says that it is ready.
func startProcess(dir string, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command("scimedge", args...), stderr: &lockedBuffer{}, stdout: &lockedBuffer{}, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = dir, env, p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	go func() {
		defer close(p.done)
		p.read(out, ready)
		p.err = p.cmd.Wait()
	}()
	select {
	case <-ready:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("scimedge %s ended before it was ready: %v\n%s%s", strings.Join(args, " "), p.err, p.stdout, p.stderr)
	case <-time.After(patience):
		p.kill()
		return nil, fmt.Errorf("scimedge %s was not ready in %s\n%s%s", strings.Join(args, " "), patience, p.stdout, p.stderr)
	}
}

// read takes the addresses from the lines that announce the listeners.
func (p *process) read(out io.Reader, ready chan<- struct{}) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(p.stdout, lines.Text())
		f := strings.Fields(lines.Text())
		switch {
		case len(f) > 1 && f[0] == "edge":
			p.edge = addressOf(f[1])
		case len(f) > 1 && f[0] == "admin":
			p.admin = addressOf(f[1])
		case len(f) > 0 && f[0] == "ready" && ready != nil:
			close(ready)
			ready = nil
		}
	}
}

func addressOf(url string) string {
	_, addr, _ := strings.Cut(url, "://")
	return addr
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop asks the process to end and waits for exit code 0.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return p.wait()
}

func (p *process) wait() error {
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("%w\n%s%s", p.err, p.stdout, p.stderr)
		}
		return nil
	case <-time.After(patience):
		// Its goroutines tell what it is waiting for.
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.done
		return fmt.Errorf("did not stop in %s\n%s", patience, p.stderr)
	}
}

// lockedBuffer is written by the process's reader while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
