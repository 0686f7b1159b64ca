package proxy

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
	"scimedge/tenancy"
)

// refusal is what a caller is told for a reason. The reason itself goes to the
// metric, the log and the tenant's activity page only: malformed, unknown,
// expired and revoked tokens, tokens of another tenant and those used from
// another network get one and the same answer, or probing would pay.
type refusal struct {
	status     int
	retryAfter int // seconds, with 503
	challenge  string
	detail     string
}

const (
	realm        = `Bearer realm="scim"`
	invalidToken = realm + `, error="invalid_token", error_description="The token is not valid for this host."`
)

func refusalFor(reason tenancy.Reason) refusal {
	switch reason {
	case tenancy.ReasonMissing:
		return refusal{401, 0, realm, "The request has no Authorization header. Send \"Authorization: Bearer <token>\" with a SCIM token of this host's tenant."}
	case tenancy.ReasonMissingScheme:
		return refusal{401, 0, realm + `, error="invalid_request", error_description="The Authorization header lacks the Bearer prefix."`,
			"The Authorization header lacks the Bearer prefix. Send \"Authorization: Bearer <token>\": the word Bearer, a space and the token."}
	case tenancy.ReasonUnavailable:
		return refusal{503, 1, "", "The token cannot be checked at the moment. Try again in a second."}
	}
	return refusal{401, 0, invalidToken, "The token is not valid for this host. Check that it was copied whole, has not expired or been revoked, and belongs to this environment; create a new one with `scimedge token create` or POST /api/v1/scim/tokens if in doubt."}
}

// authenticate finds out whose token this is, for the routes that need one. A
// token sent to discovery is not even looked at (DISC-A04).
func (r *request) authenticate() error {
	if r.action.open || r.action.raw {
		return nil
	}
	h := &r.ctx.Request.Header
	lines := h.PeekAll(fasthttp.HeaderAuthorization)
	inQuery := hasParam(r.target.query, "access_token")
	if len(lines) > 1 || len(lines) == 1 && inQuery {
		r.reason = "ambiguous"
		r.challenge(realm + `, error="invalid_request", error_description="The request carries more than one credential."`)
		return scimcore.Bad(scimcore.NoType, "The request carries more than one credential. Send one Authorization header and no access_token in the URL.")
	}
	var line []byte
	if len(lines) == 1 {
		line = lines[0]
	}
	token, reason := tenancy.ParseAuthorization(line)
	if reason == tenancy.ReasonMissing && inQuery {
		reason = tenancy.ReasonMalformed // a token in a URL ends up in logs; it is never accepted
	}
	if reason != tenancy.ReasonNone {
		return r.unauthorized(tenancy.Refusal{Reason: reason}, false)
	}
	now := r.began
	p, refused, known := r.edge.Registry.Recall(r.tenant, token, r.remote, now)
	if !known {
		if err := r.mayAskStore(); err != nil {
			return err
		}
		p, refused = r.edge.Registry.LookUp(r.edge.life, r.tenant, token, r.remote, now)
	}
	if refused.Reason != tenancy.ReasonNone {
		return r.unauthorized(refused, !known)
	}
	p.Touch(now)
	r.principal = p
	r.caller = p.Attach(func() any { return r.edge.newCaller(p) }).(*caller)
	r.bound = r.caller.bound
	return nil
}

// unauthorized refuses a credential; asked says that the store was asked for it.
func (r *request) unauthorized(refused tenancy.Refusal, asked bool) error {
	r.reason = string(refused.Reason)
	answer := refusalFor(refused.Reason)
	if refused.Reason == tenancy.ReasonUnavailable {
		r.edge.Logger.Error("token look-up failed", "request_id", r.reqID.String(), "tenant", r.tenant.Name, "error", refused.Err)
	} else {
		r.edge.Metrics.AuthFailure(r.tenant.Name, refused.TokenTenant, refused.TokenPrefix, r.reason)
	}
	r.refusedToken = refused
	if err := r.guessed(refused.Reason, asked); err != nil {
		return err
	}
	if answer.status == 503 {
		r.retryAfter(answer.retryAfter)
	} else {
		r.challenge(answer.challenge)
	}
	return scimcore.Errorf(answer.status, scimcore.NoType, "%s", answer.detail)
}

// authorize asks whether the token may do this here (RFC 7644, section 2).
func (r *request) authorize() error {
	if r.principal == nil {
		return nil
	}
	endpoint := r.action.scope
	if r.typ != nil {
		endpoint = r.typ.Endpoint
	}
	if !r.principal.Allows(r.action.write, endpoint) {
		r.refused(tenancy.ReasonScope)
		r.challenge(realm + `, error="insufficient_scope"`)
		return errScope()
	}
	if r.action.write && r.tenant.Paused {
		r.refused(tenancy.ReasonTenantPaused)
		r.retryAfter(pausedRetry)
		return scimcore.Errorf(503, scimcore.NoType, "Provisioning is paused for this tenant: reads go on, changes wait. Try again later.")
	}
	return nil
}

// pausedRetry is when a client should ask again whether a pause is over, in seconds.
const pausedRetry = 60

// refused counts why a caller we know was turned away.
func (r *request) refused(reason tenancy.Reason) {
	r.reason = string(reason)
	r.edge.Metrics.AuthFailure(r.tenant.Name, r.tenant.Name, r.principal.Token.Prefix, r.reason)
}

func errScope() error {
	return scimcore.Errorf(403, scimcore.NoType, "This token may not do that: its scopes do not cover the request. Create one with a wider scope: `scimedge token create --scope`, or POST /api/v1/scim/tokens.")
}

func (r *request) challenge(value string) {
	r.ctx.Response.Header.Set(fasthttp.HeaderWWWAuthenticate, value)
}

// hasParam looks for a query parameter by its plain name.
func hasParam(query []byte, name string) bool {
	for len(query) > 0 {
		var part []byte
		part, query, _ = bytes.Cut(query, []byte("&"))
		key, _, _ := bytes.Cut(part, []byte("="))
		if foldEqual(key, name) {
			return true
		}
	}
	return false
}
