package portal

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
	"scimedge/tenancy"
)

func (h *house) use(token string) tenancy.Reason {
	tenant, _ := h.registry.Resolve("acme.test")
	_, refusal := h.registry.Authenticate(h.t.Context(), tenant, []byte(token), netip.MustParseAddr("192.0.2.1"), time.Now())
	return refusal.Reason
}

func TestTheLifeOfAToken(t *testing.T) {
	h := newHouse(t, nil)
	cookie := h.signIn("acme.test", adminEmail)
	res := h.do(request{method: "POST", path: pathTokens, cookie: cookie, body: `{"name":"okta-prod","expires_in_days":90,"idp":"okta"}`})
	require.Equal(t, 201, res.status, res.body)
	require.Equal(t, "no-store", string(res.header.Peek("Cache-Control")))
	created := decode[createdToken](t, res.body)
	require.Equal(t, tenancy.ReasonNone, h.use(created.Token))
	require.Equal(t, []any{"okta-prod", "okta", "production", "account:" + adminEmail, "active", created.Token[5:13]},
		[]any{created.Name, created.IdP, created.Environment, created.CreatedBy, created.State, created.Prefix})
	require.WithinDuration(t, time.Now().Add(90*24*time.Hour), *created.ExpiresAt, time.Minute)

	res = h.do(request{method: "GET", path: pathTokens, cookie: cookie})
	require.Equal(t, 200, res.status)
	require.Equal(t, "no-store", string(res.header.Peek("Cache-Control")))
	require.NotContains(t, res.body, created.Token[14:], "the plaintext is shown once")
	list := decode[struct {
		Tokens []map[string]any `json:"tokens"`
	}](t, res.body).Tokens
	require.Len(t, list, 1)
	for _, member := range []string{"id", "name", "prefix", "environment", "idp", "created_at", "created_by", "expires_at", "last_used_at", "state"} {
		require.Contains(t, list[0], member)
	}
	require.Equal(t, created.ID, list[0]["id"])

	res = h.do(request{method: "DELETE", path: pathTokens + "/" + created.ID, cookie: cookie})
	require.Equal(t, 204, res.status)
	require.Equal(t, tenancy.ReasonRevoked, h.use(created.Token))
	res = h.do(request{method: "GET", path: pathTokens, cookie: cookie})
	require.Contains(t, res.body, `"state":"revoked"`)
	requireProblem(t, 404, h.do(request{method: "DELETE", path: pathTokens + "/nosuch", cookie: cookie}))

	trail, err := h.registry.Audit(t.Context(), "acme", 0, 100)
	require.NoError(t, err)
	last := trail[len(trail)-1]
	require.Equal(t, []any{tenancy.ActionTokenRevoked, "account:" + adminEmail, created.ID}, []any{last.Action, last.By, last.Target})
}

func TestEmptyListIsAList(t *testing.T) {
	h := newHouse(t, nil)
	res := h.do(request{method: "GET", path: pathTokens, cookie: h.signIn("acme.test", adminEmail)})
	require.JSONEq(t, `{"tokens":[]}`, res.body)
}

func TestTokenRequestsAreChecked(t *testing.T) {
	h := newHouse(t, nil)
	cookie := h.signIn("acme.test", adminEmail)
	for _, c := range []struct {
		body   string
		status int
		field  string
	}{
		{`{"name":"default"}`, 201, ""},
		{`{"name":"dated","expires_at":"` + time.Now().AddDate(1, 0, 0).Format(time.RFC3339) + `"}`, 201, ""},
		{`{"name":"scoped","scopes":["scim:read"],"allow_cidrs":["10.0.0.0/8"]}`, 201, ""},
		{`{}`, 400, "name"}, {`{"name":""}`, 400, "name"}, {`{"name":"a\u001b[31m"}`, 400, "name"}, {`{"name":"Default"}`, 409, "name"},
		{`{"name":"x","expires_in_days":0}`, 400, "expires_in_days"}, {`{"name":"x","expires_in_days":-1}`, 400, "expires_in_days"},
		{`{"name":"x","expires_in_days":3651}`, 400, "expires_in_days"}, {`{"name":"x","expires_in_days":9223372036854775807}`, 400, "expires_in_days"},
		{`{"name":"x","expires_in_days":"90"}`, 400, "expires_in_days"}, {`{"name":"x","expires_at":"2001-01-01T00:00:00Z"}`, 400, "expires_at"},
		{`{"name":"x","expires_at":"0001-01-01T00:00:00Z"}`, 400, "expires_at"}, {`{"name":"x","expires_at":"tomorrow"}`, 400, "expires_at"},
		{`{"name":"x","never_expires":true}`, 400, "expires_at"}, {`{"name":"x","idp":"other"}`, 400, "idp"}, {`{"name":"x","scopes":["root"]}`, 400, "scopes"},
		{`{"name":"x","allow_cidrs":["10.0.0.0/99"]}`, 400, "allow_cidrs"}, {`{"name":"x","tenant":"globex"}`, 400, "tenant"},
		{`{"name":"x","expires_in_days":1,"expires_at":"2100-01-01T00:00:00Z"}`, 400, "expires_at"},
	} {
		res := h.do(request{method: "POST", path: pathTokens, cookie: cookie, body: c.body})
		if c.status == 201 {
			require.Equal(t, 201, res.status, res.body)
			continue
		}
		require.Equal(t, c.field, requireProblem(t, c.status, res).Field, "%s: %s", c.body, res.body)
	}
}

// brokenStore fails every write with an error of its choice.
type brokenStore struct {
	kv.Store
	err *atomic.Pointer[error]
}

func (s brokenStore) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if err := s.err.Load(); err != nil {
		return 0, *err
	}
	return s.Store.Update(ctx, p, fn)
}

func TestFaultsOfTheStoreAreAnsweredAndNotShown(t *testing.T) {
	var broken atomic.Pointer[error]
	h := newHouse(t, func(s kv.Store) kv.Store { return brokenStore{s, &broken} })
	cookie := h.signIn("acme.test", adminEmail)
	for _, c := range []struct {
		err    error
		status int
		retry  string
	}{
		{errors.New("secret detail of the disk"), 500, ""},
		{fmt.Errorf("secret detail: %w", kv.ErrConflict), 503, "1"},
		{fmt.Errorf("secret detail: %w", kv.ErrNoSpace), 507, ""},
		{fmt.Errorf("secret detail: %w", kv.ErrStopped), 503, ""},
		{fmt.Errorf("secret detail: %w", kv.ErrUnknownOutcome), 503, ""},
	} {
		broken.Store(&c.err)
		res := h.do(request{method: "POST", path: pathTokens, cookie: cookie, body: `{"name":"x"}`, headers: []string{"X-Request-Id: my-request-1"}})
		p := requireProblem(t, c.status, res)
		require.NotContains(t, res.body, "secret detail")
		require.Equal(t, "my-request-1", p.RequestID)
		require.Equal(t, c.retry, string(res.header.Peek("Retry-After")))
		require.Contains(t, h.log.String(), "secret detail")
		require.Contains(t, h.log.String(), "my-request-1")
	}
}

// S4: what is secret is in no log line and in no answer but the one it is for.
func TestNothingSecretIsLogged(t *testing.T) {
	var broken atomic.Pointer[error]
	h := newHouse(t, func(s kv.Store) kv.Store { return brokenStore{s, &broken} })
	cookie := h.signIn("acme.test", adminEmail)
	created := decode[createdToken](t, h.do(request{method: "POST", path: pathTokens, cookie: cookie, body: `{"name":"x"}`}).body)
	err := errors.New("disk")
	broken.Store(&err)
	h.do(request{method: "DELETE", path: pathTokens + "/" + created.ID, cookie: cookie})
	h.do(request{method: "POST", path: pathSession, body: `{"email":"` + adminEmail + `","password":"` + password + `"}`})
	_, id, _ := strings.Cut(cookie, "=")
	require.NotEmpty(t, h.log.String())
	for _, secret := range []string{password, id, created.Token, created.Token[14:]} {
		require.NotContains(t, h.log.String(), secret)
	}
}
