package main

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/configs"
)

func TestSCIMBaseURL(t *testing.T) {
	tls := map[string]configs.CertFiles{"acme.example": {}}
	proxies := configs.CIDRs{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tc := range []struct {
		cfg  configs.Config
		addr string
		want string
	}{
		{configs.Config{}, "127.0.0.1:8080", "http://acme.example:8080/scim/v2"},
		{configs.Config{}, "127.0.0.1:80", "http://acme.example/scim/v2"},
		{configs.Config{TLS: tls}, ":443", "https://acme.example/scim/v2"},
		{configs.Config{TLS: tls}, ":8443", "https://acme.example:8443/scim/v2"},
		{configs.Config{TrustedProxies: proxies}, ":8080", "https://acme.example/scim/v2"},
		{configs.Config{PublicURL: "https://{host}:9443/"}, "127.0.0.1:8080", "https://acme.example:9443/scim/v2"},
	} {
		require.Equal(t, tc.want, scimBaseURL(tc.cfg, tc.addr, "acme.example"))
	}
}

// The names come from the configuration's own keys, so that the message can be
// looked up in the file.
func TestChangedSettings(t *testing.T) {
	old, now := configs.Default(), configs.Default()
	require.Empty(t, changedSettings(old, now))
	now.Listen = "127.0.0.1:1"
	now.Limits.PageSize = 7
	now.Upstreams = map[string]string{"acme": "http://127.0.0.1:2"}
	require.Equal(t, []string{"listen", "upstreams", "limits.page_size"}, changedSettings(old, now))
}
