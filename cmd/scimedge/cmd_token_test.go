package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/cmd/scimedge/admin"
)

func TestParseExpiry(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"365d": 365 * 24 * time.Hour, "1d": 24 * time.Hour, "12h": 12 * time.Hour, "never": admin.Never,
	} {
		in, at, err := parseExpiry(text)
		require.NoError(t, err, text)
		require.Equal(t, want, in, text)
		require.True(t, at.IsZero(), text)
	}
	_, at, err := parseExpiry("2027-12-31")
	require.NoError(t, err)
	require.Equal(t, time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC), at)
	for _, text := range []string{"", "0d", "-1d", "365", "d", "soon", "99999999999999d", "-5h", "2027-13-01"} {
		_, _, err := parseExpiry(text)
		require.Equal(t, admin.ExitUsage, admin.ExitCode(err), text)
	}
}
