package harness

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a child that is measured.
type Process struct {
	cmd   *exec.Cmd
	log   *tail
	ended chan struct{} // closed when it is gone
	err   error         // why it ended; read it after ended

	// The conversation with a floor; nil for a server.
	in  io.WriteCloser
	out *bufio.Reader
}

// start runs bin. What it says on its standard error (and, without talk, its
// standard output) is kept for error messages.
func start(bin string, talk bool, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(bin, args...), log: &tail{}, ended: make(chan struct{})}
	p.cmd.Stderr = p.log
	// The child ends with us even when we are killed.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if talk {
		in, err := p.cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		out, err := p.cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	} else {
		p.cmd.Stdout = p.log
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	if !talk {
		go p.reap()
	}
	return p, nil
}

func (p *Process) reap() {
	p.err = p.cmd.Wait()
	close(p.ended)
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log is the end of what the process said.
func (p *Process) Log() string { return p.log.String() }

// StartFloor starts a floor, which is driven by Ask.
func StartFloor(bin string, args ...string) (*Process, error) { return start(bin, true, args...) }

// Ask sends one JSON line and reads one.
func (p *Process) Ask(request, answer any) error {
	b, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err = p.in.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("harness: %w: %s", err, p.Log())
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("harness: the floor gave no answer: %w: %s", err, p.Log())
	}
	return json.Unmarshal(line, answer)
}

// Stop asks the process to end and waits, at most ten seconds.
func (p *Process) Stop() error {
	if p.in != nil {
		_ = p.in.Close()
		go p.reap()
	} else {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("harness: %s did not end within 10 s: %s", filepath.Base(p.cmd.Path), p.Log())
	}
	if p.err != nil {
		return fmt.Errorf("harness: %s: %w: %s", filepath.Base(p.cmd.Path), p.err, p.Log())
	}
	return nil
}

// CPU is the processor time the process has had, user and system. The scheduler's
// own count per thread is exact to the nanosecond; the usual one in /proc/PID/stat
// counts in steps of 10 ms, which a few hundred requests do not fill. Threads that
// have ended are not in it, and a Go program hardly ever ends one.
func (p *Process) CPU() (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.PID()))
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, f := range files {
		b, err := os.ReadFile(f)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // ended between the listing and now
		}
		if err != nil {
			return 0, err
		}
		ran, _, _ := bytes.Cut(b, []byte(" "))
		n, err := strconv.ParseInt(string(ran), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("harness: %s: %w", f, err)
		}
		sum += n
	}
	if sum > 0 {
		return time.Duration(sum), nil
	}
	return p.coarseCPU()
}

// coarseCPU serves kernels without schedstat.
func (p *Process) coarseCPU() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	if err != nil {
		return 0, fmt.Errorf("harness: %w: %s", err, p.Log())
	}
	// The name in brackets may hold spaces; fields are counted from behind it.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 13 {
		return 0, fmt.Errorf("harness: /proc/%d/stat has %d fields", p.PID(), len(f))
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// tail keeps the last 8 KiB written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if len(t.b) > 8<<10 {
		t.b = append(t.b[:0], t.b[len(t.b)-8<<10:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}
