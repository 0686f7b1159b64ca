package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scimedge/cmd/scimedge/admin"
	"scimedge/tenancy"
)

// certRecheck is how often a handshake may look whether the files changed.
const certRecheck = 5 * time.Second

// certFiles names the files of one host's certificate.
type certFiles struct{ cert, key string }

// certificates holds the certificate of each host name and reads the files again
// when they change, so that a renewal needs no restart. A bad new file is not
// taken: the old certificate stays until it is mended.
type certificates struct {
	files map[string]certFiles
	warn  func(host string, err error) // a renewal that failed
	lacks func(name string)            // a client that no certificate is for

	checked atomic.Int64 // Unix nanoseconds
	mu      sync.Mutex
	current atomic.Pointer[map[string]loadedCert]
}

type loadedCert struct {
	*tls.Certificate
	stamp string
}

// newCertificates reads all files; at start every one has to be good.
func newCertificates(files map[string]certFiles, warn func(string, error), lacks func(string)) (*certificates, error) {
	c := &certificates{files: files, warn: warn, lacks: lacks}
	loaded := map[string]loadedCert{}
	for host, f := range files {
		cert, err := loadCert(f)
		if err != nil {
			return nil, admin.Failed("tls: %s: %v", host, err)
		}
		loaded[host] = cert
	}
	c.current.Store(&loaded)
	c.checked.Store(time.Now().UnixNano())
	return c, nil
}

func loadCert(f certFiles) (loadedCert, error) {
	stamp, err := f.stamp()
	if err != nil {
		return loadedCert{}, err
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return loadedCert{}, fmt.Errorf("%s with %s: %w", f.cert, f.key, err)
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return loadedCert{}, fmt.Errorf("%s: %w", f.cert, err)
		}
	}
	return loadedCert{&pair, stamp}, nil
}

// stamp changes whenever the files do.
func (f certFiles) stamp() (string, error) {
	var out strings.Builder
	for _, path := range []string{f.cert, f.key} {
		st, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%d.%d ", st.ModTime().UnixNano(), st.Size())
	}
	return out.String(), nil
}

// config is the TLS of the edge. TLS 1.2 is what the large identity providers
// ask for at least.
func (c *certificates) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.forHello, NextProtos: []string{"http/1.1"}}
}

func (c *certificates) forHello(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if now := time.Now().UnixNano(); now-c.checked.Load() > int64(certRecheck) {
		c.reload()
	}
	have := *c.current.Load()
	// Matched like a Host header: letter case and a trailing dot do not matter.
	name, err := tenancy.CanonicalHost(hello.ServerName)
	if err == nil {
		if cert, ok := have[name]; ok {
			return cert.Certificate, nil
		}
		if _, parent, ok := strings.Cut(name, "."); ok {
			if cert, ok := have["*."+parent]; ok {
				return cert.Certificate, nil
			}
		}
	}
	// A client that names no host, such as a health check by address, gets the
	// only certificate when there is just one.
	if len(have) == 1 && hello.ServerName == "" {
		for _, cert := range have {
			return cert.Certificate, nil
		}
	}
	c.lacks(hello.ServerName)
	return nil, fmt.Errorf("tls: no certificate for %q", hello.ServerName)
}

// reload reads the files that changed since they were last read. It returns the
// hosts whose new files are no good, and whose old certificates stay.
func (c *certificates) reload() (failed []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked.Store(time.Now().UnixNano())
	old := *c.current.Load()
	loaded := make(map[string]loadedCert, len(old))
	for host, f := range c.files {
		loaded[host] = old[host]
		if stamp, err := f.stamp(); err == nil && stamp == old[host].stamp {
			continue
		}
		cert, err := loadCert(f)
		if err != nil {
			c.warn(host, err)
			failed = append(failed, host)
			continue
		}
		loaded[host] = cert
	}
	c.current.Store(&loaded)
	slices.Sort(failed)
	return failed
}
