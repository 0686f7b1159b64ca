package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlainHTTPNeedsLoopbackOrATrustedProxy(t *testing.T) {
	for _, tc := range []struct {
		addr         string
		tls, trusted bool
		ok           bool
	}{
		{"127.0.0.1:8080", false, false, true},
		{"[::1]:8080", false, false, true},
		{"localhost:8080", false, false, true},
		{"0.0.0.0:8080", false, false, false},
		{":8080", false, false, false},
		{"192.0.2.1:8080", false, false, false},
		{"scim.acme.example:8080", false, false, false},
		{":8443", true, false, true},
		{":8080", false, true, true},
		{"8080", true, true, false},
	} {
		err := plainHTTPAllowed(tc.addr, tc.tls, tc.trusted)
		require.Equal(t, tc.ok, err == nil, "%+v: %v", tc, err)
	}
}

func TestSCIMBaseURL(t *testing.T) {
	for _, tc := range []struct {
		addr         string
		tls, trusted bool
		want         string
	}{
		{"127.0.0.1:8080", false, false, "http://acme.example:8080/scim/v2"},
		{":443", true, false, "https://acme.example/scim/v2"},
		{":8443", true, false, "https://acme.example:8443/scim/v2"},
		{":8080", false, true, "https://acme.example/scim/v2"},
	} {
		require.Equal(t, tc.want, scimBaseURL("acme.example", tc.addr, tc.tls, tc.trusted))
	}
}
