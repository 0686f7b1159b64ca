package tenancy

// Reason is why a request was not let in. The set is closed: it is a label of
// metrics. A caller is told less than this; see the contract on 401s.
type Reason string

// The reasons. The empty one means that the request was let in.
const (
	ReasonNone             Reason = ""
	ReasonMissing          Reason = "missing"           // no Authorization header
	ReasonMissingScheme    Reason = "missing_scheme"    // a header without "Bearer"
	ReasonMalformed        Reason = "malformed"         // no token, or not one of our form
	ReasonUnknown          Reason = "unknown"           // never issued, or long gone
	ReasonExpired          Reason = "expired"           //
	ReasonRevoked          Reason = "revoked"           //
	ReasonWrongTenant      Reason = "wrong_tenant"      // a live token of another organization
	ReasonWrongEnvironment Reason = "wrong_environment" // a live token of a sibling tenant
	ReasonScope            Reason = "scope"             // the token's scopes do not cover the request
	ReasonNetwork          Reason = "network"           // called from an address the token excludes
	ReasonTenantPaused     Reason = "tenant_paused"     // a write to a paused tenant; the edge's to find, as reads go on
	// ReasonUnavailable means that the store could not be asked: a fault of
	// ours, to be answered as one and never as a refusal.
	ReasonUnavailable Reason = "unavailable"
)

// ParseAuthorization takes the token out of an Authorization header: the scheme
// Bearer in any case, one or more spaces, and a b64token (RFC 6750 section 2.1).
// The token is a part of header.
func ParseAuthorization(header []byte) ([]byte, Reason) {
	for len(header) > 0 && isBlank(header[0]) {
		header = header[1:]
	}
	for len(header) > 0 && isBlank(header[len(header)-1]) {
		header = header[:len(header)-1]
	}
	const scheme = "bearer"
	switch {
	case len(header) == 0:
		return nil, ReasonMissing
	case len(header) < len(scheme) || !equalFold(header[:len(scheme)], scheme):
		return nil, ReasonMissingScheme
	case len(header) == len(scheme): // the scheme alone: an unset secret at the provider
		return nil, ReasonMalformed
	case header[len(scheme)] != ' ':
		return nil, ReasonMissingScheme
	}
	token := header[len(scheme):]
	for token[0] == ' ' { // ends, since the last byte is not blank
		token = token[1:]
	}
	if !isB64Token(token) {
		return nil, ReasonMalformed
	}
	return token, ReasonNone
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// equalFold compares ASCII letters only, unlike bytes.EqualFold, which takes
// other letters for a k or an s.
func equalFold(b []byte, lower string) bool {
	for i := range len(lower) {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func isB64Token(b []byte) bool {
	end := len(b)
	for end > 0 && b[end-1] == '=' {
		end--
	}
	for _, c := range b[:end] {
		switch {
		case isBase62(c):
		case c == '-', c == '.', c == '_', c == '~', c == '+', c == '/':
		default:
			return false
		}
	}
	return end > 0
}
