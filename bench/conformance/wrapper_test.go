package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"scimedge/bench/conformance"
	"scimedge/internal/proxytest"
)

// call is a request on its way to the real server.
type call struct {
	method, path string // path below /scim/v2
	query        url.Values
	header       http.Header
	body         []byte
}

// reply is an answer on its way back.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send is the rest of the way to the server.
type send func(call) reply

// layer stands between the client and the server, and may change what either says.
type layer func(next send, c call) reply

// object decodes the body; of what is no object it makes an empty one.
func (r reply) object() map[string]any {
	var o map[string]any
	_ = json.Unmarshal(r.body, &o)
	if o == nil {
		o = map[string]any{}
	}
	return o
}

// with is r with another body.
func (r reply) with(o map[string]any) reply {
	r.body, _ = json.Marshal(o)
	return r
}

func scimError(status int, scimType string) reply {
	text := http.Header{"Content-Type": {"application/scim+json"}}
	return reply{status: status, header: text}.with(map[string]any{
		"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": itoa(status), "scimType": scimType, "detail": "refused by a layer of the test",
	})
}

// target is a server behind layers, the last of them nearest to the client.
type target struct {
	*proxytest.Stack
	url string
}

func newTarget(t *testing.T, layers ...layer) *target {
	t.Helper()
	x := &target{Stack: proxytest.New(t)}
	x.url = x.behind(t, layers...)
	return x
}

// behind serves the same server behind other layers.
func (x *target) behind(t *testing.T, layers ...layer) string {
	t.Helper()
	next := send(func(c call) reply { return x.forward(t, c) })
	for _, l := range layers {
		inner := next
		next = func(c call) reply { return l(inner, c) }
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client went away
		}
		got := next(call{method: r.Method, path: strings.TrimPrefix(r.URL.EscapedPath(), "/scim/v2"), query: r.URL.Query(), header: r.Header, body: body})
		for name, values := range got.header {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(got.status)
		if got.status != http.StatusNoContent && got.status != http.StatusNotModified && r.Method != http.MethodHead {
			_, _ = w.Write(got.body)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/scim/v2"
}

// forward asks the real server.
func (x *target) forward(t *testing.T, c call) reply {
	uri := "http://" + x.Addr + "/scim/v2" + c.path
	if len(c.query) > 0 {
		uri += "?" + c.query.Encode()
	}
	var body io.Reader
	if c.body != nil && c.method != http.MethodGet && c.method != http.MethodDelete && c.method != http.MethodHead {
		body = bytes.NewReader(c.body)
	}
	req, err := http.NewRequest(c.method, uri, body)
	if err != nil {
		t.Errorf("%s %s: %v", c.method, uri, err)
		return scimError(http.StatusInternalServerError, "")
	}
	req.Header, req.Host = c.header.Clone(), x.Host
	req.Header.Del("Content-Length")
	if _, has := req.Header["User-Agent"]; !has {
		req.Header["User-Agent"] = nil
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Errorf("%s %s: %v", c.method, uri, err)
		return scimError(http.StatusInternalServerError, "")
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("%s %s: %v", c.method, uri, err)
	}
	return reply{status: res.StatusCode, header: res.Header, body: got}
}

// run checks url, which leads to x, and wants the server to be as empty afterwards
// as it was before.
func (x *target) run(t *testing.T, url string, only ...string) *conformance.Report {
	t.Helper()
	rep, err := conformance.Run(t.Context(), conformance.Options{URL: url, Host: x.Host, Token: x.Token, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// outcomes is the status of each check that neither passed nor was skipped.
func outcomes(rep *conformance.Report) map[string]conformance.Status {
	out := map[string]conformance.Status{}
	for _, s := range rep.Sections {
		for _, c := range s.Checks {
			if c.Status != conformance.Passed && c.Status != conformance.NotOffered {
				out[c.ID] = c.Status
			}
		}
	}
	return out
}
