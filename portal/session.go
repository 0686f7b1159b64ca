package portal

import (
	"time"

	"github.com/valyala/fasthttp"

	"scimedge/internal/httpx"
)

type signInBody struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// signedIn is the answer of GET /api/v1/session.
type signedIn struct {
	Email       string    `json:"email"`
	Permissions []string  `json:"permissions"`
	Tenant      string    `json:"tenant"`
	Environment string    `json:"environment"`
	ExpiresAt   time.Time `json:"expires_at"`
}

func (a *API) signIn(c *call) error {
	if !c.scope.Secure && !c.scope.Remote.Unmap().IsLoopback() {
		return fail(fasthttp.StatusForbidden, "signing in needs HTTPS; call this host by https")
	}
	var body signInBody
	if p := httpx.ReadJSON(c.http, maxBody, &body); p != nil {
		return refusal{p}
	}
	for _, f := range []struct{ name, value string }{{"email", body.Email}, {"password", body.Password}} {
		if f.value == "" {
			return refusal{httpx.NewProblem(fasthttp.StatusBadRequest, "give your e-mail address and your password").In(f.name)}
		}
	}
	s, err := a.registry.SignIn(c, c.scope.Tenant, body.Email, body.Password, c.scope.Remote)
	if err != nil {
		return err
	}
	setCookie(c, s.ID.Reveal(), s.ExpiresAt)
	c.http.SetStatusCode(fasthttp.StatusNoContent)
	return nil
}

func (a *API) signOut(c *call) error {
	if id := readCookie(c); id != "" {
		if err := a.registry.SignOut(c, c.scope.Tenant, id); err != nil {
			return err
		}
	}
	setCookie(c, "", fasthttp.CookieExpireDelete)
	c.http.SetStatusCode(fasthttp.StatusNoContent)
	return nil
}

func (a *API) whoAmI(c *call) error {
	s, t := c.session, c.scope.Tenant
	httpx.WriteJSON(c.http, fasthttp.StatusOK, signedIn{
		Email: s.Email, Permissions: s.Permissions, Tenant: t.Name, Environment: t.Environment, ExpiresAt: s.ExpiresAt,
	})
	return nil
}
