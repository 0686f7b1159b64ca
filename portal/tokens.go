package portal

import (
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/internal/httpx"
	"scimedge/tenancy"
)

type tokenList struct {
	Tokens []tenancy.Token `json:"tokens"`
}

// newTokenBody asks for a token. Of the three ways to say when it expires at
// most one may be used; none means after 365 days.
type newTokenBody struct {
	Name          string     `json:"name"`
	ExpiresInDays *int       `json:"expires_in_days"`
	ExpiresAt     *time.Time `json:"expires_at"`
	NeverExpires  bool       `json:"never_expires"`
	IdP           string     `json:"idp"`
	Scopes        []string   `json:"scopes"`
	AllowCIDRs    []string   `json:"allow_cidrs"`
}

// createdToken is the one answer that holds the plaintext.
type createdToken struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Prefix      string     `json:"prefix"`
	Token       string     `json:"token"`
	Environment string     `json:"environment"`
	IdP         string     `json:"idp"`
	Scopes      []string   `json:"scopes"`
	CreatedAt   time.Time  `json:"created_at"`
	CreatedBy   string     `json:"created_by"`
	ExpiresAt   *time.Time `json:"expires_at"`
	State       string     `json:"state"`
}

func (a *API) listTokens(c *call) error {
	tokens, err := a.registry.Tokens(c, c.scope.Tenant.ID)
	if err != nil {
		return err
	}
	httpx.WriteJSON(c.http, fasthttp.StatusOK, tokenList{tokens})
	return nil
}

func (a *API) createToken(c *call) error {
	var body newTokenBody
	if p := httpx.ReadJSON(c.http, maxBody, &body); p != nil {
		return refusal{p}
	}
	n := tenancy.NewToken{
		Name: body.Name, IdP: body.IdP, Scopes: body.Scopes, AllowCIDRs: body.AllowCIDRs, Never: body.NeverExpires,
	}
	if d := body.ExpiresInDays; d != nil {
		const most = int(tenancy.MaxLifetime / (24 * time.Hour))
		if *d < 1 || *d > most {
			return refusal{httpx.NewProblem(fasthttp.StatusBadRequest, "a token lives for 1 to 3650 days").In("expires_in_days")}
		}
		n.ExpiresIn = time.Duration(*d) * 24 * time.Hour
	}
	if body.ExpiresAt != nil {
		if body.ExpiresAt.IsZero() {
			return refusal{httpx.NewProblem(fasthttp.StatusBadRequest, "the expiry must lie in the future").In("expires_at")}
		}
		n.ExpiresAt = *body.ExpiresAt
	}
	t, plaintext, err := a.registry.CreateToken(c, c.scope.Tenant.ID, n, c.session.Actor())
	if err != nil {
		return err
	}
	out := createdToken{
		ID: t.ID, Name: t.Name, Prefix: t.Prefix, Token: plaintext, Environment: t.Environment, IdP: t.IdP,
		Scopes: t.Scopes, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, State: string(t.State),
	}
	if !t.ExpiresAt.IsZero() {
		out.ExpiresAt = &t.ExpiresAt
	}
	httpx.WriteJSON(c.http, fasthttp.StatusCreated, out)
	return nil
}

// revokeToken answers when the token is refused everywhere in this process.
func (a *API) revokeToken(c *call) error {
	if err := a.registry.RevokeToken(c, c.scope.Tenant.ID, c.param, c.session.Actor()); err != nil {
		return err
	}
	c.http.SetStatusCode(fasthttp.StatusNoContent)
	return nil
}
