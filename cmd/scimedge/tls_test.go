package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// writeCert makes a self-signed certificate for hosts, which is its own authority.
func writeCert(dir string, hosts ...string) (certFiles, error) {
	f := certFiles{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return f, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return f, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return f, err
	}
	if err := os.WriteFile(f.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return f, err
	}
	return f, os.WriteFile(f.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600)
}

// scriptHosts are the hosts the scripts have certificates for; no tenant has the
// last one.
func scriptHosts() []string {
	return []string{"acme.localhost", "staging.acme.localhost", "globex.localhost", "old.acme.localhost"}
}

// setupTLS gives a script a certificate for the guide's hosts, which curl trusts.
func setupTLS(env *testscript.Env) error {
	f, err := writeCert(env.WorkDir, scriptHosts()...)
	env.Setenv("CURL_CA_BUNDLE", f.cert)
	env.Setenv("SSL_CERT_FILE", f.cert)
	return err
}

func TestCertificates(t *testing.T) {
	acme, err := writeCert(t.TempDir(), "acme.example")
	require.NoError(t, err)
	wild, err := writeCert(t.TempDir(), "*.globex.example")
	require.NoError(t, err)
	var warned, lacking []string
	c, err := newCertificates(map[string]certFiles{"acme.example": acme, "*.globex.example": wild}, func(host string, err error) {
		warned = append(warned, host)
	}, func(name string) { lacking = append(lacking, name) })
	require.NoError(t, err)
	for name, want := range map[string]string{
		"acme.example": "acme.example", "ACME.example.": "acme.example",
		"a.globex.example": "*.globex.example", "globex.example": "", "a.b.globex.example": "", "evil.example": "", "": "",
	} {
		got, err := c.forHello(&tls.ClientHelloInfo{ServerName: name})
		if want == "" {
			require.Error(t, err, name)
			require.Contains(t, lacking, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, want, got.Leaf.Subject.CommonName, name)
	}

	serial := func() *big.Int {
		got, err := c.forHello(&tls.ClientHelloInfo{ServerName: "acme.example"})
		require.NoError(t, err)
		return got.Leaf.SerialNumber
	}
	before := serial()
	require.NoError(t, os.WriteFile(acme.cert, []byte("half a file"), 0o600))
	require.Equal(t, []string{"acme.example"}, c.reload())
	require.Equal(t, before, serial(), "a bad file leaves the old certificate in force")
	require.Equal(t, []string{"acme.example"}, warned)

	_, err = writeCert(filepath.Dir(acme.cert), "acme.example")
	require.NoError(t, err)
	require.Empty(t, c.reload())
	require.NotEqual(t, before, serial(), "a renewed certificate is taken up")
}
