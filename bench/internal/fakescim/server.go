package fakescim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is the fake. Its exported fields are set before the first request.
type Server struct {
	URL   string // base URL, ends in /scim/v2
	Host  string // the Host every request must carry, when set
	Token string
	// Tamper may spoil an answer, to see whether a client notices.
	Tamper func(r *http.Request, status int, body map[string]any) (int, map[string]any)
	// MaxOperations is published in the ServiceProviderConfig.
	MaxOperations int

	requests atomic.Int64
	mu       sync.Mutex
	next     int
	kinds    map[string]*kind
}

type kind struct {
	typ, schema, unique string
	order               []string
	byID                map[string]map[string]any
}

// New starts a server that stops with the test.
func New(t testing.TB) *Server {
	s := &Server{Token: "scim_test", MaxOperations: 1000, kinds: map[string]*kind{
		"users":  {typ: "User", schema: "urn:ietf:params:scim:schemas:core:2.0:User", unique: "userName", byID: map[string]map[string]any{}},
		"groups": {typ: "Group", schema: "urn:ietf:params:scim:schemas:core:2.0:Group", byID: map[string]map[string]any{}},
	}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL = h.URL + "/scim/v2"
	return s
}

// Requests is how many requests came in.
func (s *Server) Requests() int64 { return s.requests.Load() }

// Count is how many resources of a kind ("users", "groups") there are.
func (s *Server) Count(of string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kinds[of].byID)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	status, body := s.answer(r)
	if s.Tamper != nil {
		status, body = s.Tamper(r, status, body)
	}
	if body == nil {
		w.WriteHeader(status)
		return
	}
	contentType := "application/scim+json"
	if r.Header.Get("Accept") == "application/json" {
		contentType = "application/json"
	}
	b, _ := json.Marshal(body)
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func (s *Server) answer(r *http.Request) (int, map[string]any) {
	if s.Host != "" && r.Host != s.Host {
		return scimError(404, "host not configured here")
	}
	path, found := strings.CutPrefix(r.URL.Path, "/scim/v2/")
	if !found {
		return scimError(404, "no such path")
	}
	if path == "ServiceProviderConfig" {
		return 200, s.config()
	}
	if r.Header.Get("Authorization") != "Bearer "+s.Token {
		return scimError(401, "invalid token")
	}
	if path == "Schemas" {
		return 200, list(nil, 0, 1)
	}
	name, id, _ := strings.Cut(path, "/")
	k := s.kinds[strings.ToLower(name)]
	if k == nil {
		return scimError(404, "no such endpoint")
	}
	var in map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			return scimError(400, err.Error())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.serve(r.Method, k, id, in, r.URL.Query())
}

func (s *Server) serve(method string, k *kind, id string, in map[string]any, q url.Values) (int, map[string]any) {
	if id == "" {
		switch method {
		case http.MethodGet:
			return k.find(q)
		case http.MethodPost:
			return s.create(k, in)
		}
		return scimError(405, "method")
	}
	res, ok := k.byID[id]
	if !ok {
		return scimError(404, "resource "+id+" not found")
	}
	switch method {
	case http.MethodGet:
		return 200, project(res, q)
	case http.MethodPut:
		normalise(k, in)
		in["id"], in["meta"] = id, res["meta"]
		k.byID[id] = in
		return 200, clone(in)
	case http.MethodPatch:
		work := clone(res)
		if err := patch(work, in); err != nil {
			return scimError(400, err.Error())
		}
		normalise(k, work)
		k.byID[id] = work
		if k.typ == "Group" {
			return 204, nil
		}
		return 200, clone(work)
	case http.MethodDelete:
		delete(k.byID, id)
		return 204, nil
	}
	return scimError(405, "method")
}

func (s *Server) create(k *kind, in map[string]any) (int, map[string]any) {
	for _, other := range k.byID { // group names are not unique in SCIM
		if k.unique != "" && strings.EqualFold(text(other[k.unique]), text(in[k.unique])) {
			return scimError(409, k.unique+" is taken")
		}
	}
	s.next++
	id := fmt.Sprintf("%s-%06d", k.typ, s.next)
	in["id"] = id
	in["meta"] = map[string]any{"resourceType": k.typ, "location": s.URL + "/" + k.typ + "s/" + id}
	normalise(k, in)
	k.byID[id] = in
	k.order = append(k.order, id)
	return 201, clone(in)
}

func (s *Server) config() map[string]any {
	yes := map[string]any{"supported": true}
	return map[string]any{
		"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":   yes, "sort": yes, "etag": yes, "changePassword": yes,
		"filter":                map[string]any{"supported": true, "maxResults": 200},
		"bulk":                  map[string]any{"supported": false, "maxOperations": s.MaxOperations, "maxPayloadSize": 1 << 20},
		"authenticationSchemes": []any{},
	}
}

func scimError(status int, detail string) (int, map[string]any) {
	return status, map[string]any{
		"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": fmt.Sprint(status), "detail": detail,
	}
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func clone(in map[string]any) map[string]any {
	b, _ := json.Marshal(in)
	var out map[string]any
	_ = json.Unmarshal(b, &out)
	return out
}
