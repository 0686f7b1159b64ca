package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// maxSocketPath is what a unix socket's address can hold, less its final zero.
const maxSocketPath = 107

// maxRequest bounds a request's body; the largest carries a few host names.
const maxRequest = 1 << 20

// callerHeader carries who runs the command. It is believed: whoever can open the
// socket can open the store as well.
const callerHeader = "Scimedge-Caller"

// Server answers a Client over the socket.
type Server struct {
	http *http.Server
	ln   net.Listener
}

// Listen takes the socket at path. The caller holds the store's lock, so that a
// socket file already there was left by a process that is gone.
func Listen(path string, svc Service) (*Server, error) {
	if len(path) > maxSocketPath {
		return nil, Failed("the admin socket's path is %d bytes long and the system allows %d: choose a shorter data_dir (%s)", len(path), maxSocketPath, path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("admin socket: removing what a former process left: %w", err)
	}
	// A chmod afterwards would leave a moment in which others could connect. The
	// mask is the process's, and stricter than any file made meanwhile needs.
	mask := syscall.Umask(0o177)
	ln, err := net.Listen("unix", path)
	syscall.Umask(mask)
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	return &Server{ln: ln, http: &http.Server{Handler: handler(svc), ReadHeaderTimeout: 10 * time.Second}}, nil
}

// Serve answers until Shutdown.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown waits for running operations, until ctx ends, and removes the socket.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// handler is the table of operations; Client has the same names.
func handler(svc Service) http.Handler {
	mux := http.NewServeMux()
	for name, h := range map[string]http.HandlerFunc{
		"status":         answer(svc.Status),
		"tenant.create":  answer(svc.TenantCreate),
		"tenant.list":    answer(svc.TenantList),
		"tenant.show":    answer(svc.TenantShow),
		"tenant.set":     answer(svc.TenantSet),
		"tenant.pause":   answer(svc.TenantPause),
		"tenant.resume":  answer(svc.TenantResume),
		"tenant.delete":  answer(svc.TenantDelete),
		"token.create":   answer(svc.TokenCreate),
		"token.list":     answer(svc.TokenList),
		"token.revoke":   answer(svc.TokenRevoke),
		"account.create": answer(svc.AccountCreate),
		"account.list":   answer(svc.AccountList),
		"schema.load":    answer(svc.SchemaLoad),
		"schema.show":    answer(svc.SchemaShow),
		"check":          answer(svc.Check),
		"explain":        answer(svc.Explain),
	} {
		mux.HandleFunc("POST /"+name, h)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, Failed("the running server does not know the operation %q: use the scimedge command of its own version", r.URL.Path))
	})
	return mux
}

func answer[In, Out any](op func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		// Unknown fields are refused: a newer command must not believe that an
		// older server did what it did not understand.
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			fail(w, Failed("the running server does not understand this command: %v; use the scimedge command of its own version", err))
			return
		}
		out, err := op(WithCaller(r.Context(), r.Header.Get(callerHeader)), in)
		if err != nil {
			fail(w, asError(err))
			return
		}
		write(w, http.StatusOK, out)
	}
}

func fail(w http.ResponseWriter, e *Error) { write(w, e.httpStatus(), e) }

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // a new token passes here
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the peer is gone; there is nobody to tell
}
