package configs

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A limit below what identity providers rely on would only make them give up.
func TestOPSA02_NoRateBelow25(t *testing.T) {
	for perSecond, valid := range map[int]bool{-1: false, 0: true, 1: false, 24: false, 25: true, 200: true, 1_000_000: true, 1_000_001: false} {
		for key, set := range map[string]func(*Limits, int){
			"rate_per_token":  func(l *Limits, n int) { l.RatePerToken = n },
			"rate_per_tenant": func(l *Limits, n int) { l.RatePerTenant = n },
		} {
			c := Default()
			set(&c.Limits, perSecond)
			if valid {
				require.NoError(t, c.Validate())
			} else {
				require.ErrorContains(t, c.Validate(), "limits."+key+": ", "%d", perSecond)
			}
		}
	}
}

func TestRatesAreOffAndGuessingIsSlowedByDefault(t *testing.T) {
	l := Default().Limits
	require.Equal(t, []int{0, 0, 300}, []int{l.RatePerToken, l.RatePerTenant, l.FailedAuthPerSource})
	_, err := load(t, "version: 1\nlimits: {failed_auth_per_source: 0}\n")
	require.ErrorContains(t, err, "limits.failed_auth_per_source")
	cfg, err := load(t, "version: 1\n", "SCIMEDGE_LIMITS_RATE_PER_TOKEN=200", "SCIMEDGE_LIMITS_FAILED_AUTH_PER_SOURCE=50")
	require.NoError(t, err)
	require.Equal(t, []int{200, 50}, []int{cfg.Limits.RatePerToken, cfg.Limits.FailedAuthPerSource})
}
