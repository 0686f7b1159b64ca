package configs

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scimedge.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func load(t *testing.T, text string, env ...string) (Config, error) {
	t.Helper()
	return Load(write(t, text), env)
}

func TestDefaultsAreValid(t *testing.T) {
	d := Default()
	require.NoError(t, d.Validate())
	cfg, err := Load("", nil)
	require.NoError(t, err)
	require.Equal(t, d, cfg)
	cfg, err = load(t, "# mine\nversion: 1\n")
	require.NoError(t, err)
	require.Equal(t, d, cfg)
}

func TestExampleIsTheDefaultsAndShowsEveryKey(t *testing.T) {
	cfg, err := load(t, Example())
	require.NoError(t, err)
	require.Equal(t, Default(), cfg)
	empty := Config{}
	for _, f := range fields(reflect.ValueOf(&empty).Elem(), "") {
		last := f.path[strings.LastIndexByte(f.path, '.')+1:]
		require.Regexp(t, `(?m)^ *`+last+`:`, Example(), f.path)
	}
	// Taken from the file, not from the defaults underneath.
	require.NoError(t, parse([]byte(Example()), &empty))
	require.Equal(t, Default(), empty)
}

func TestEverythingCanBeSet(t *testing.T) {
	cfg, err := load(t, `
version: 1
data_dir: /var/lib/scimedge
listen: "[::]:443"
public_url: https://{host}
tls: {acme.test: {cert: a.crt, key: a.key}}
trusted_proxies: [10.1.2.3/8, 192.0.2.1, "fd00::/8"]
upstream: https://portal.test/app
upstreams: {acme: "http://acme.internal:8000"}
tokens: {never_expires: true}
sessions: {ttl: 90m}
limits: {max_body: 2 MiB, max_header: 5000, read_timeout: 1m30s}
`)
	require.NoError(t, err)
	require.Equal(t, map[string]CertFiles{"acme.test": {"a.crt", "a.key"}}, cfg.TLS)
	require.Equal(t, CIDRs{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("fd00::/8")}, cfg.TrustedProxies)
	require.Equal(t, "https", cfg.PublicScheme())
	require.Equal(t, "http://acme.internal:8000", cfg.UpstreamOf("acme"))
	require.Equal(t, "https://portal.test/app", cfg.UpstreamOf("globex"))
	require.True(t, cfg.Tokens.NeverExpires)
	require.Equal(t, []any{90 * time.Minute, Bytes(2 << 20), Bytes(5000), 90 * time.Second, Bytes(32 << 20)},
		[]any{cfg.Sessions.TTL, cfg.Limits.MaxBody, cfg.Limits.MaxHeader, cfg.Limits.ReadTimeout, cfg.Limits.MaxGroupBody})
}

func TestUnknownKeysNameTheLineAndTheNearestKey(t *testing.T) {
	_, err := load(t, `version: 1
data_dirr: ./x
admin:
  listne: 127.0.0.1:1
limits:
  zzz: 1
tls:
  acme.test: {crt: a, key: b}
`)
	for _, want := range []string{
		`line 2, column 1: unknown key "data_dirr"; did you mean "data_dir"?`,
		`line 4, column 3: unknown key "admin.listne"; did you mean "listen"?`,
		`line 6, column 3: unknown key "limits.zzz"; the keys here are max_body,`,
		`line 8, column 15: unknown key "tls.acme.test.crt"; did you mean "cert"?`,
	} {
		require.ErrorContains(t, err, want)
	}
}

func TestBrokenFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "version: 1",
		"# nothing\n":                   "version: 1",
		"data_dir: x\n":                 "version: 1",
		"version: 2\n":                  "this program reads version 1, not 2",
		"version: 1\nversion: 1\n":      "line 2",
		"version: 1\nlisten: [\n":       "line 2",
		"- version: 1\n":                "line 1",
		"just text\n":                   "line 1",
		"version: 1\n---\nversion: 1\n": "one YAML document",
		"version: 1\nlimits: {page_size: many}\n":        "line 2",
		"version: 1\nlimits: {max_body: 1MB}\n":          "KiB, MiB or GiB",
		"version: 1\nlimits: {max_body: -1}\n":           "KiB, MiB or GiB",
		"version: 1\nlimits: {max_body: 99999999999GiB}": "KiB, MiB or GiB",
		"version: 1\nlimits: {read_timeout: soon}\n":     "soon",
		"version: 1\ntrusted_proxies: [a, 10.0.0.0/40]":  "10.0.0.0/40",
		"version: 1\ntrusted_proxies: {a: b}":            "list of networks",
	} {
		_, err := load(t, text)
		require.ErrorContains(t, err, want, "%q", text)
	}
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestEnvironmentOverridesTheFile(t *testing.T) {
	cfg, err := load(t, "version: 1\nlisten: 127.0.0.1:1\ndata_dir: a\n",
		"SCIMEDGE_LISTEN=127.0.0.1:2", "SCIMEDGE_ADMIN_LISTEN=127.0.0.1:3", "SCIMEDGE_LIMITS_MAX_BODY=512KiB", "SCIMEDGE_LIMITS_PAGE_SIZE=7",
		"SCIMEDGE_TRUSTED_PROXIES=10.0.0.0/8, fd00::/8", "SCIMEDGE_TOKENS_NEVER_EXPIRES=true", "SCIMEDGE_SESSIONS_TTL=1h", "SCIMEDGE_UPSTREAM=https://x.test",
		"SCIMEDGE_CONFIG=x", "SCIMEDGE_PORT=tcp://10.0.0.1:80", "OTHER=1", "broken")
	require.NoError(t, err)
	require.Equal(t, []any{"127.0.0.1:2", "127.0.0.1:3", Bytes(512 << 10), 7, true, time.Hour, "https://x.test", "a", 2},
		[]any{cfg.Listen, cfg.Admin.Listen, cfg.Limits.MaxBody, cfg.Limits.PageSize, cfg.Tokens.NeverExpires, cfg.Sessions.TTL, cfg.Upstream, cfg.DataDir, len(cfg.TrustedProxies)})
	_, err = load(t, "version: 1\n", "SCIMEDGE_LIMITS_PAGE_SIZE=x", "SCIMEDGE_TRUSTED_PROXIES=y", "SCIMEDGE_LIMITS_MAX_BODY=1MB")
	for _, want := range []string{"SCIMEDGE_LIMITS_PAGE_SIZE", "SCIMEDGE_TRUSTED_PROXIES", "SCIMEDGE_LIMITS_MAX_BODY"} {
		require.ErrorContains(t, err, want, "all at once")
	}
}

func TestHTTP01_ABaseCarriesNoQuery(t *testing.T) {
	for _, u := range []string{"https://{host}?x", "https://{host}/?", "https://{host}#x", "https://{host}/?a=b"} {
		c := Default()
		c.PublicURL = u
		require.ErrorContains(t, c.Validate(), "no query", u)
		c = Default()
		c.Upstream = strings.Replace(u, "{host}", "portal.test", 1)
		require.ErrorContains(t, c.Validate(), "no query", u)
	}
	for _, u := range []string{"https://acme.test", "{host}", "ftp://{host}", "https://{host}/scim", "https://x.{host}", "https://"} {
		c := Default()
		c.PublicURL = u
		require.ErrorContains(t, c.Validate(), "public_url", u)
	}
	c := Default()
	c.Upstream = "https://user:hunter2@portal.test"
	require.ErrorContains(t, c.Validate(), "user name")
	require.NotContains(t, c.Validate().Error(), "hunter2")
}

func TestAUTH10_PlainHTTPOffLoopbackNeedsATrustedProxy(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:80", ":80", "[::]:80", "10.0.0.1:80", "edge.internal:80"} {
		c := Default()
		c.Listen = addr
		require.ErrorContains(t, c.Validate(), "trusted_proxies", addr)
		c.TrustedProxies = CIDRs{netip.MustParsePrefix("10.0.0.0/8")}
		require.NoError(t, c.Validate())
		c.TrustedProxies, c.TLS = nil, map[string]CertFiles{"a.test": {"c", "k"}}
		require.NoError(t, c.Validate())
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:80", "[::1]:80", "127.9.9.9:80"} {
		c := Default()
		c.Listen = addr
		require.NoError(t, c.Validate(), addr)
	}
}

// Metrics name tenants and tokens, and the admin listener asks nobody who they are.
func TestAUTH10_TheAdminListenerLeavesTheMachineOnlyOnRequest(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:9464", ":9464", "[::]:9464", "10.0.0.1:9464", "edge.internal:9464"} {
		c := Default()
		c.Admin.Listen = addr
		c.TLS = map[string]CertFiles{"a.test": {"c", "k"}} // which is the edge's alone
		require.ErrorContains(t, c.Validate(), "admin.allow_remote", addr)
		c.Admin.AllowRemote = true
		require.NoError(t, c.Validate(), addr)
	}
	cfg, err := load(t, "version: 1\nadmin: {listen: \"0.0.0.0:9464\", allow_remote: true}\n")
	require.NoError(t, err)
	require.True(t, cfg.Admin.AllowRemote)
	_, err = load(t, "version: 1\nadmin: {listen: \"0.0.0.0:9464\"}\n")
	require.ErrorContains(t, err, "admin.listen: 0.0.0.0:9464")
}

// Identity providers cut their PATCH requests by the published number, and a
// PATCH takes no more.
func TestBulkOperationsAreNeverMoreThanAPatchTakes(t *testing.T) {
	_, err := load(t, "version: 1\nlimits: {bulk_operations: 1001}\n")
	require.ErrorContains(t, err, "limits.bulk_operations: 1001 is out of range: choose from 1 to 1000")
	_, err = load(t, "version: 1\nlimits: {bulk_operations: 1000}\n")
	require.NoError(t, err)
}

func TestProtocolConstantsAreNoKeys(t *testing.T) {
	for _, key := range []string{"patch_operations", "filter_bytes"} {
		_, err := load(t, "version: 1\nlimits: {"+key+": 1000}\n")
		require.ErrorContains(t, err, `unknown key "limits.`+key+`"`)
	}
}

func TestValidateReportsAllProblems(t *testing.T) {
	c := Default()
	c.DataDir, c.Listen, c.Admin.Listen, c.Upstream = "", "x", "127.0.0.1:99999", "portal"
	c.TLS = map[string]CertFiles{"a.test": {Cert: "c"}}
	c.Limits = Limits{PageSize: 20_000, MaxPageSize: -10}
	err := c.Validate()
	for _, key := range []string{"data_dir", "listen", "admin.listen", "upstream", "tls.a.test"} {
		require.ErrorContains(t, err, key+":")
	}
	empty := Limits{}
	for _, f := range fields(reflect.ValueOf(&empty).Elem(), "limits") {
		if !strings.Contains(f.path, "rate_") && f.value.Kind() != reflect.Bool { // 0 is no limit, and false a choice
			require.ErrorContains(t, err, f.path+":")
		}
	}
	c = Default()
	c.Limits.PageSize, c.Limits.RatePerToken, c.Limits.BodyBytesInFlight = 2000, -1, 16<<20
	for _, want := range []string{"more than limits.max_page_size", "limits.rate_per_token", "could never be taken"} {
		require.ErrorContains(t, c.Validate(), want)
	}
}

func TestBytesReadBack(t *testing.T) {
	for _, b := range []Bytes{0, 1, 1000, 1 << 10, 1<<20 + 1, 3 << 20, 64 << 30} {
		var got Bytes
		require.NoError(t, setText(reflect.ValueOf(&got).Elem(), b.String()))
		require.Equal(t, b, got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Example())
	f.Add("version: 1\nlimits: {max_body: 1MiB}\n")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		cfg := Default()
		if parse([]byte(text), &cfg) == nil {
			_ = cfg.Validate()
		}
	})
}
