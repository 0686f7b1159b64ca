package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Server is a scimedge of the harness's own, in a folder of its own.
type Server struct {
	*Process
	bin     string
	config  string
	dataDir string
	addr    string
	admin   string
}

// Tenant is one tenant of a Server with a token for it.
type Tenant struct {
	BaseURL string // at the loopback address
	Host    string
	Token   string
}

// StartServer starts bin with its data under dir, adds extra to the configuration
// (YAML, may be empty), and waits until the server says that it is ready.
func StartServer(ctx context.Context, bin, dir, extra string) (*Server, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, config: filepath.Join(dir, "scimedge.yaml"), dataDir: filepath.Join(dir, "data"), addr: ports[0], admin: ports[1]}
	yaml := fmt.Sprintf("version: 1\ndata_dir: %q\nlisten: %s\nadmin:\n  listen: %s\n%s", s.dataDir, ports[0], ports[1], extra)
	if err := os.WriteFile(s.config, []byte(yaml), 0o600); err != nil {
		return nil, err
	}
	if s.Process, err = start(bin, false, "--config", s.config, "serve"); err != nil {
		return nil, err
	}
	if err := s.waitReady(ctx, "http://"+ports[1]+"/readyz"); err != nil {
		_ = s.Stop()
		return nil, err
	}
	return s, nil
}

// waitReady asks for at most 20 seconds.
func (s *Server) waitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.ended:
			return fmt.Errorf("harness: the server ended: %v: %s", s.err, s.Log())
		case <-ctx.Done():
			return fmt.Errorf("harness: the server was not ready in time: %s", s.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Tenant creates a tenant and a token for it.
func (s *Server) Tenant(ctx context.Context, name string) (Tenant, error) {
	t := Tenant{BaseURL: "http://" + s.addr + "/scim/v2", Host: name + ".localhost"}
	if err := s.command(ctx, nil, "tenant", "create", name, "--host", t.Host, "--json"); err != nil {
		return t, err
	}
	var made struct {
		Token string `json:"token"`
	}
	err := s.command(ctx, &made, "token", "create", "--tenant", name, "--name", "bench", "--json")
	t.Token = made.Token
	if err == nil && t.Token == "" {
		err = errors.New("harness: token create gave no token")
	}
	return t, err
}

// Version is what the binary says of itself.
func (s *Server) Version(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, s.bin, "version").Output()
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func (s *Server) command(ctx context.Context, answer any, args ...string) error {
	cmd := exec.CommandContext(ctx, s.bin, append([]string{"--config", s.config}, args...)...)
	var errs tail
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("harness: scimedge %s: %w: %s", args[0]+" "+args[1], err, errs.String())
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(out, answer); err != nil {
		// Not the output itself: it may hold a token.
		return fmt.Errorf("harness: scimedge %s: the output is no JSON document: %w", args[0]+" "+args[1], err)
	}
	return nil
}

// StoreBytes is the size of the largest file of the data folder, the store.
func (s *Server) StoreBytes() int64 {
	var largest int64
	_ = filepath.WalkDir(s.dataDir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // a file that vanished is not the store
		}
		if info, err := e.Info(); err == nil {
			largest = max(largest, info.Size())
		}
		return nil
	})
	return largest
}

// freePorts finds loopback addresses nobody listens at. Another process could take
// one before the server does; then the server says so and the run fails.
func freePorts(n int) ([]string, error) {
	var out []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // after all were found, so that they differ
		out = append(out, l.Addr().String())
	}
	return out, nil
}
