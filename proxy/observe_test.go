package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/proxy"
)

// last is the observation of the most recent request. A client reads its answer
// before the server has told the observer.
func last(t *testing.T, s *proxytest.Stack, before int) proxy.Observation {
	t.Helper()
	require.Eventually(t, func() bool { return len(s.Observations()) > before }, 10*time.Second, time.Millisecond)
	all := s.Observations()
	return all[len(all)-1]
}

// What an operator needs to know about a refusal, and no value of anybody's.
func TestObservationsSayWhatWasRefused(t *testing.T) {
	s := proxytest.New(t)
	observe := func(call func()) proxy.Observation {
		before := len(s.Observations())
		call()
		return last(t, s, before)
	}
	long := strings.Repeat("a", 60) + "." + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "test:65000"
	for host, want := range map[string]string{
		"Wrong.TEST:8443": "Wrong.TEST:8443",
		long:              long[:253],
	} {
		o := observe(func() { s.Get(t, "/Users", proxytest.Host(host)).Error(404, "") })
		require.Equal(t, []string{"tenant_unknown", want, "", ""}, []string{o.Reason, o.HostAsked, o.Host, o.ScimType})
	}
	for reason, foreign := range map[string]*proxytest.Tenant{"wrong_environment": s.Staging, "wrong_tenant": s.Globex} {
		o := observe(func() { s.Get(t, "/Users", proxytest.Bearer(foreign.Token)).Error(401, "") })
		require.Equal(t, []string{reason, "acme", foreign.Name, foreign.Prefix, ""}, []string{o.Reason, o.Tenant, o.TokenTenant, o.Token, o.HostAsked})
	}
	o := observe(func() { s.Get(t, `/Users?filter=nickName+eq+%22"detail":%22`).Error(400, "invalidFilter") })
	require.Equal(t, "invalidFilter", o.ScimType)
	o = observe(func() { s.Get(t, "/Users/nobody").Error(404, "") })
	require.Empty(t, o.ScimType)
	o = observe(func() { s.Get(t, "/Users").Status(200) })
	require.Empty(t, o.ScimType+o.HostAsked)
}
