package main

import (
	"fmt"
	"net/http"
	"strings"
)

// check is one thing that must hold for the server to be ready.
type healthCheck struct {
	name string
	fn   func() error
}

// adminPages serves /metrics, /livez and /readyz for monitoring. Everything but
// /metrics answers from memory, so that a probe each second costs nothing.
func adminPages(metrics http.Handler, checks []healthCheck) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	// Alive means that the process answers. A store that takes no writes still
	// serves reads, and restarting it before the disk is mended would end that.
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, r *http.Request) { health(w, r, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { health(w, r, checks) })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, "/metrics         Prometheus metrics\n/livez           the process answers\n/readyz          it can serve; /readyz?verbose says what was checked\n")
	})
	return mux
}

// health answers 200 when all checks pass, else 503. The failing ones are always
// named, the passing ones with ?verbose.
func health(w http.ResponseWriter, r *http.Request, checks []healthCheck) {
	var lines strings.Builder
	ok := true
	for _, c := range checks {
		if err := c.fn(); err != nil {
			ok = false
			fmt.Fprintf(&lines, "[-] %s: %v\n", c.name, err)
		} else if r.URL.Query().Has("verbose") {
			fmt.Fprintf(&lines, "[+] %s: ok\n", c.name)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	verdict := "ok"
	if !ok {
		verdict = "not ready"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintf(w, "%s%s\n", lines.String(), verdict)
}
