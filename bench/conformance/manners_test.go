package conformance_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/bench/conformance"
)

// TestNothingIsLeftBehind, even where a create is answered with an error.
func TestNothingIsLeftBehind(t *testing.T) {
	x := newTarget(t, func(next send, c call) reply {
		r := next(c)
		if c.method == http.MethodPost && c.path == "/Users" {
			return scimError(http.StatusBadGateway, "")
		}
		return r
	})
	require.False(t, x.run(t, x.url, "CRT", "PATCH-16").Counts.OK())
	x.Get(t, "/Users?count=0").Status(http.StatusOK).Has("totalResults", 0)
}

// TestStopped: a run that is stopped removes what it made.
func TestStopped(t *testing.T) {
	x := newTarget(t)
	ctx, cancel := context.WithCancel(t.Context())
	made := 0
	url := x.behind(t, func(next send, c call) reply {
		r := next(c)
		if r.status == http.StatusCreated {
			if made++; made == 5 {
				cancel() // in the middle of a check
			}
		}
		return r
	})
	_, err := conformance.Run(ctx, conformance.Options{URL: url, Host: x.Host, Token: x.Token, Only: []string{"FLT"}})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "stopped during FLT-01")
	require.Equal(t, 5, made)
	x.Get(t, "/Users?count=0").Status(http.StatusOK).Has("totalResults", 0)
}

// TestOthersAreLeftAlone: neither a server that does not understand the filter of
// the last look-up, nor a bulk answer that names somebody else, costs anybody.
func TestOthersAreLeftAlone(t *testing.T) {
	x := newTarget(t, func(next send, c call) reply {
		switch {
		case c.path == "/ServiceProviderConfig":
			r := next(c)
			o := r.object()
			o["bulk"] = map[string]any{"supported": true, "maxOperations": 10, "maxPayloadSize": 1000}
			return r.with(o)
		case c.path == "/Bulk":
			list := next(call{method: http.MethodGet, path: "/Users", header: c.header}).object()["Resources"].([]any)
			location := list[0].(map[string]any)["meta"].(map[string]any)["location"]
			return scimError(http.StatusOK, "").with(map[string]any{
				"schemas":    []any{"urn:ietf:params:scim:api:messages:2.0:BulkResponse"},
				"Operations": []any{map[string]any{"method": "POST", "status": "201", "location": location}},
			})
		}
		c.query.Del("filter")
		return next(c)
	})
	kept := []string{x.CreateUser(t, "ada@example.com"), x.CreateGroup(t, "Engineering")}
	x.run(t, x.url, "BULK-03", "LIST", "FLT-01.eq")
	x.Get(t, "/Users/"+kept[0]).Status(http.StatusOK)
	x.Get(t, "/Groups/"+kept[1]).Status(http.StatusOK)
	x.Get(t, "/Users?count=0").Status(http.StatusOK).Has("totalResults", 1)
}

// TestBusyServer: 429 is waited out, as long as the server says; one that does not
// say how long is taken at its word.
func TestBusyServer(t *testing.T) {
	asked := map[string]bool{}
	busy := func(after string) layer {
		return func(next send, c call) reply {
			key := after + c.method + c.path + c.query.Encode() + string(c.body)
			if !asked[key] && c.method != http.MethodGet {
				asked[key] = true
				r := scimError(http.StatusTooManyRequests, "")
				if after != "" {
					r.header.Set("Retry-After", after)
				}
				return r
			}
			return next(c)
		}
	}
	x := newTarget(t, busy("0"))
	require.Empty(t, outcomes(x.run(t, x.url, "CRT-02", "PUT", "DEL-01")))
	for _, after := range []string{"", "soon", "3600"} {
		require.Equal(t, conformance.Failed, outcomes(x.run(t, x.behind(t, busy(after)), "CRT-02.status"))["CRT-02.status"], after)
	}
}

// TestTheTokenStaysOut of every form of the report, should the server echo it.
func TestTheTokenStaysOut(t *testing.T) {
	x := newTarget(t, func(next send, c call) reply {
		r := next(c)
		if c.method == http.MethodPost {
			r.status = http.StatusTeapot
			return r.with(map[string]any{"detail": "refused " + c.header.Get("Authorization")})
		}
		return r
	})
	rep := x.run(t, x.url, "CRT", "AUTH", "PATCH-16", "SCH")
	require.NotZero(t, rep.Counts.Failed)
	var text, junit strings.Builder
	require.NoError(t, rep.WriteText(&text, true))
	require.NoError(t, rep.WriteJUnit(&junit))
	b, err := json.Marshal(rep)
	require.NoError(t, err)
	for _, form := range []string{text.String(), junit.String(), string(b)} {
		require.NotContains(t, form, x.Token)
		require.NotContains(t, form, url.QueryEscape(x.Token))
		require.Contains(t, form, "(the token)")
	}
}
