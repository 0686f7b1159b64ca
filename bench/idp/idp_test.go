package idp

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"scimedge/bench/internal/fakescim"
	"scimedge/bench/scimclient"
)

func client(t *testing.T, s *fakescim.Server) *scimclient.Client {
	t.Helper()
	c, err := scimclient.New(scimclient.Options{BaseURL: s.URL, Host: s.Host, Token: s.Token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestEveryProviderSyncsAndSyncsAgain(t *testing.T) {
	for _, p := range All() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			s := fakescim.New(t)
			s.Host = "acme.localhost"
			c := client(t, s)
			plan := Plan{Users: 120, Groups: 5, Seed: 42, Domain: "acme.example"}
			var last Progress
			calls := 0
			rep, err := p.Sync(t.Context(), c, plan, func(p Progress) { last = p; calls++ })
			if err != nil {
				t.Fatal(err)
			}
			if s.Count("users") != 120 || s.Count("groups") != 5 {
				t.Errorf("%d users and %d groups remain, want 120 and 5", s.Count("users"), s.Count("groups"))
			}
			if last.UsersDone != 120 || last.GroupsDone != 5 || last.Phase != "done" || calls < 125 {
				t.Errorf("last progress %+v after %d calls", last, calls)
			}
			n := rep.Counts
			if n.UsersUpdated != 24 || n.Deactivated != 12 || n.Reactivated != 6 || n.UsersLinked != 0 || n.MembersRemoved == 0 {
				t.Errorf("counts %+v", n)
			}
			if err := Verify(t.Context(), c, rep); err != nil {
				t.Error(err)
			}

			again, err := p.Sync(t.Context(), c, plan, nil)
			if err != nil {
				t.Fatalf("second sync: %v", err)
			}
			if again.Counts.UsersLinked != 120 || again.Counts.GroupsLinked != 5 {
				t.Errorf("second sync: counts %+v", again.Counts)
			}
			if s.Count("users") != 120 || s.Count("groups") != 5 {
				t.Errorf("after the second sync there are %d users and %d groups", s.Count("users"), s.Count("groups"))
			}
			if err := Verify(t.Context(), c, again); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSmallPlans(t *testing.T) {
	for _, plan := range []Plan{{}, {Users: 1}, {Users: 1, Groups: 1}, {Groups: 2}, {Users: 7, Groups: 12}} {
		for _, p := range All() {
			c := client(t, fakescim.New(t))
			rep, err := p.Sync(t.Context(), c, plan, nil)
			if err != nil {
				t.Fatalf("%s %+v: %v", p.Name(), plan, err)
			}
			if len(rep.Users) != plan.Users || len(rep.Groups) != plan.Groups {
				t.Errorf("%s %+v: %d users, %d groups", p.Name(), plan, len(rep.Users), len(rep.Groups))
			}
		}
	}
	if _, err := Okta().Sync(t.Context(), nil, Plan{Users: -1}, nil); err == nil {
		t.Error("a plan of -1 users was taken")
	}
}

// Each case spoils one answer; the sync must end with an error that says what was
// expected.
func TestWrongAnswersAreErrors(t *testing.T) {
	isUser := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/Users") }
	field := func(method, name string, value any) func(*http.Request, int, map[string]any) (int, map[string]any) {
		return func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
			if r.Method == method && isUser(r) && status < 300 && body != nil {
				body[name] = value
			}
			return status, body
		}
	}
	cases := []struct {
		name     string
		provider Provider
		tamper   func(*http.Request, int, map[string]any) (int, map[string]any)
		want     string
	}{
		{"other userName", Okta(), field("POST", "userName", "somebody.else"), "userName"},
		{"active as text", Entra(), field("PATCH", "active", "False"), "as a boolean"},
		{"password echoed", Okta(), field("POST", "password", "1mz050nq"), "no password"},
		{"total as text", Okta(), field("GET", "totalResults", "1"), "want an integer"},
		{"no Resources", Entra(), field("GET", "Resources", nil), "Resources as an array"},
		{"wrong external id", Okta(), field("POST", "externalId", "x"), "externalId"},
		{"refused", Entra(), func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
			if r.Method == "PATCH" {
				return 400, map[string]any{"detail": "no"}
			}
			return status, body
		}, "status 200 or 204"},
		{"group emptied by a remove", Entra(), func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
			if strings.Contains(r.URL.RawQuery, "members%20eq") {
				body["totalResults"], body["itemsPerPage"], body["Resources"] = 0, 0, []any{}
			}
			return status, body
		}, "a list of one"},
		{"members shown although excluded", Entra(), func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
			if strings.HasSuffix(r.URL.RawQuery, "excludedAttributes=members") && status == 200 {
				body["members"] = []any{}
			}
			return status, body
		}, "no members"},
		{"a member lost", mustProvider(t, "authentik"), func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
			if m, ok := body["members"].([]any); ok && len(m) > 0 {
				body["members"] = m[1:]
			}
			return status, body
		}, "1 of them missing"},
		{"endless list", mustProvider(t, "pocket-id"), func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
			if r.URL.Query().Get("count") == "1000" {
				body["totalResults"], body["itemsPerPage"], body["Resources"] = 5, 0, []any{}
			}
			return status, body
		}, "ask for ever"},
		{"wrong content type", mustProvider(t, "onelogin"), nil, "content type"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := fakescim.New(t)
			s.Tamper = c.tamper
			provider := c.provider
			if c.tamper == nil { // OneLogin that would be answered with scim+json
				p := oneLogin()
				p.identity.Accept = "application/scim+json"
				provider = p
			}
			_, err := provider.Sync(t.Context(), client(t, s), Plan{Users: 30, Groups: 2, Seed: 1}, nil)
			var m *scimclient.Mismatch
			if !errors.As(err, &m) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got error %v, want a Mismatch with %q", err, c.want)
			}
			if strings.Contains(err.Error(), s.Token) {
				t.Error("the error shows the token")
			}
		})
	}
}

// authentik links by the 409 where its discovery missed a user.
func TestLinkAfterConflict(t *testing.T) {
	s := fakescim.New(t)
	hide := func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
		if r.Method == "GET" && strings.HasPrefix(r.URL.RawQuery, "startIndex=") {
			body["totalResults"], body["itemsPerPage"], body["Resources"] = 0, 0, []any{}
		}
		return status, body
	}
	s.Tamper = hide
	p, c, plan := mustProvider(t, "authentik"), client(t, s), Plan{Users: 12, Seed: 3}
	for _, linked := range []int{0, 12} {
		rep, err := p.Sync(t.Context(), c, plan, nil)
		if err != nil || rep.Counts.UsersLinked != linked {
			t.Fatalf("%+v, %v; want %d linked", rep.Counts, err, linked)
		}
	}
	// A name that is taken, by nobody who can be found.
	s.Tamper = func(r *http.Request, status int, body map[string]any) (int, map[string]any) {
		if strings.Contains(r.URL.RawQuery, "filter=") {
			body["totalResults"], body["itemsPerPage"], body["Resources"] = 0, 0, []any{}
		}
		return hide(r, status, body)
	}
	if _, err := p.Sync(t.Context(), c, plan, nil); err == nil || !strings.Contains(err.Error(), "does not find") {
		t.Errorf("got %v", err)
	}
}

func mustProvider(t *testing.T, name string) Provider {
	t.Helper()
	p, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestByName(t *testing.T) {
	if p, err := ByName("OKTA"); err != nil || p.Name() != "okta" {
		t.Errorf("ByName(OKTA) = %v, %v", p, err)
	}
	if _, err := ByName("none"); err == nil || !strings.Contains(err.Error(), "entra") {
		t.Errorf("ByName(none) = %v, want an error that lists the names", err)
	}
}
