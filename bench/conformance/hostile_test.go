package conformance_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/bench/conformance"
)

// TestServersThatTalkNonsense: whatever comes back, the run ends with a report, and
// not a good one. All of them announce everything, so that every check is asked.
func TestServersThatTalkNonsense(t *testing.T) {
	const everything = `{"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":3,"maxPayloadSize":100},"filter":{"supported":true,"maxResults":5},
		"sort":{"supported":true},"etag":{"supported":true},"pagination":{"cursor":true,"index":true}}`
	const types = `{"Resources":[{"endpoint":"/Users","name":"User","schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}]},{"endpoint":"/Groups"}]}`
	for name, answer := range map[string]http.HandlerFunc{
		"an empty object": say(http.StatusOK, `{}`),
		"a list":          say(http.StatusOK, `[]`),
		"null":            say(http.StatusOK, `null`),
		"no JSON":         say(http.StatusOK, `<html>`),
		"nothing":         say(http.StatusNoContent, ``),
		"always created":  say(http.StatusCreated, `{"id":"1","meta":7,"emails":{},"members":[null,1,"x"],"schemas":7,"Operations":[null]}`),
		"wrong types":     say(http.StatusOK, `{"id":[],"Resources":{},"totalResults":[],"Operations":7,"nextCursor":{},"status":{}}`),
		"always an error": say(http.StatusInternalServerError, `{"status":500}`),
		"an endless walk": say(http.StatusOK, `{"totalResults":1e9,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"1"}],"nextCursor":"more","schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}`),
		"hanging up": func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = c.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			met := false
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/ServiceProviderConfig":
					fmt.Fprint(w, everything)
				case strings.HasPrefix(r.URL.Path, "/ResourceTypes"):
					fmt.Fprint(w, types)
				case !met:
					met = true // the first request asks whether anybody is there
					fmt.Fprint(w, `{}`)
				default:
					answer(w, r)
				}
			}))
			defer s.Close()
			rep, err := conformance.Run(t.Context(), conformance.Options{URL: s.URL, Token: "x"})
			require.NoError(t, err)
			require.False(t, rep.Counts.OK(), rep.Verdict)
			require.Greater(t, rep.Counts.Failed+rep.Counts.Blocked, 200, rep.Verdict)
			require.Less(t, rep.Requests, int64(12000))
			require.NoError(t, rep.WriteText(&strings.Builder{}, true))
			require.NoError(t, rep.WriteJUnit(&strings.Builder{}))
		})
	}
}

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}
