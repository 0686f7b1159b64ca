package proxy

import (
	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
)

// resolveMe turns /Me into the user that the token is bound to (RFC 7644, section
// 3.11): from here on the request is one on /Users/{id}, and Location says so. A
// token that stands for an identity provider is nobody's, which is 501.
func (r *request) resolveMe() error {
	if !r.action.me {
		return nil
	}
	user := r.principal.Token.User
	r.typ = r.dir.Catalog().Type("User")
	if user == "" || r.typ == nil {
		r.typ = nil
		return scimcore.Errorf(501, scimcore.NoType, "This token is not bound to a user, so /Me is nobody. Use /Users/{id}, or create a token with `scimedge token create --me USER_ID`.")
	}
	r.id = append(r.id[:0], user...)
	r.op = opOf(r.action.verb, r.typ)
	var buf [256]byte
	r.ctx.Response.Header.SetBytesV(fasthttp.HeaderLocation, r.site.location(buf[:0], r.typ.Endpoint, user))
	return nil
}
