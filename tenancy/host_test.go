package tenancy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTENA01_CanonicalHost(t *testing.T) {
	label := strings.Repeat("a", 63)
	long := strings.Join([]string{label, label, label, strings.Repeat("a", 61)}, ".")
	for raw, want := range map[string]string{
		"acme.test": "acme.test", "ACME.Test": "acme.test", "acme.test:8443": "acme.test", "acme.test.": "acme.test",
		"Acme.test.:443": "acme.test", "localhost": "localhost", "xn--bcher-kva.test": "xn--bcher-kva.test",
		"127.0.0.1": "127.0.0.1", "127.0.0.1:80": "127.0.0.1", "127.0.0.1.": "127.0.0.1", "1a.test": "1a.test",
		"[::1]": "[::1]", "[::1]:8080": "[::1]", "[2001:DB8:0:0::1]": "[2001:db8::1]", "[::ffff:1.2.3.4]": "[::ffff:1.2.3.4]",
		long: long, label + ".test": label + ".test", "a--b.test": "a--b.test", "0xg.test": "0xg.test",
	} {
		got, err := CanonicalHost(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, got)
	}
	_, err := CanonicalHost("https://acme.test/scim/v2")
	require.ErrorContains(t, err, "without https:// and path")
	for _, raw := range []string{
		"", ".", "..", "acme..test", ".acme.test", "acme.test..", "a@b", "user@acme.test", "user:pw@acme.test", "acme.test@evil.test",
		"acme_x.test", "-acme.test", "acme-.test", "acme.test:", "acme.test:0", "acme.test:65536", "acme.test:8a", "acme.test:80:80",
		"acme.test:+80", "acme test", "acme.test ", " acme.test", "acme.test/", "acme.test?x", "acme.test#x", "a%2eb", "acme\x00.test",
		"acme.tést", "ACME.TEST\r\nX: y", "\u212aelvin.test", "::1", "[::1", "::1]", "[]", "[::1]x", "[::1]:", "[::1]:0", "[fe80::1%eth0]",
		"[127.0.0.1]", "1.2.3", "256.1.1.1", "1.2.3.4.5", "01.2.3.4", "0x7f.1", "1.2.3.0x4", "127.1", "2130706433", "a.0x",
		label + "a.test", long + "a", long + "." + label, strings.Repeat("a.", 200),
	} {
		got, err := CanonicalHost(raw)
		require.ErrorIs(t, err, ErrInvalid, "%q gave %q", raw, got)
	}
}

func TestCanonicalHostOfCanonicalHostDoesNotAllocate(t *testing.T) {
	for _, raw := range []string{"acme.test", "acme.test:8080", "127.0.0.1:80", "[::1]:80"} {
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = CanonicalHost(raw) }), raw)
	}
}

func FuzzCanonicalHost(f *testing.F) {
	for _, s := range []string{"acme.test:80", "[::1]:1", "A.b.", "1.2.3.4", "a@b", "xn--a", "0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		host, err := CanonicalHost(raw)
		if err != nil {
			require.Empty(t, host)
			return
		}
		again, err := CanonicalHost(host)
		require.NoError(t, err)
		require.Equal(t, host, again, "canonical forms are fixed points")
		require.Equal(t, strings.ToLower(host), host)
		require.LessOrEqual(t, len(host), maxHostLen)
		require.NotContains(t, strings.Trim(host, "[]"), "@")
		with, err := CanonicalHost(host + ":8443")
		require.NoError(t, err)
		require.Equal(t, host, with)
	})
}
