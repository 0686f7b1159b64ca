package proxy

import (
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// checkOffered answers 501 for what the tenant has switched off (RFC 7644,
// section 3.12).
func (r *request) checkOffered() error {
	if r.action.offer == "" {
		return nil
	}
	return r.offers(r.action.offer)
}

// offers answers 501 for a switch that is off.
func (r *request) offers(name tenancy.Switch) error {
	if !r.tenant.Settings.On(name) {
		return scimcore.Errorf(501, scimcore.NoType, "This tenant does not offer that: %s is switched off. ServiceProviderConfig says what it offers.", name)
	}
	return nil
}

// refuseSensitive answers 403 when a filter in the URL asks about a, and the
// tenant wants no personal data there, since URLs end up in the logs of everything
// in between (RFC 7644, section 7.5.2). nil is nothing personal.
func (r *request) refuseSensitive(a *scimcore.Attr) error {
	if a == nil || !r.ctx.IsGet() && !r.ctx.IsHead() || !r.tenant.Settings.On(tenancy.SwitchRefuseSensitiveFilters) {
		return nil
	}
	at := r.site.base
	if r.typ != nil {
		at += "/" + r.typ.Endpoint
	}
	return scimcore.Errorf(403, scimcore.Sensitive, "A filter on %s holds personal data, which this tenant does not take in a URL. Send it in the body of POST %s/.search.", a.Path, at)
}

// featuresOf is what a tenant offers: what the server does, less what the tenant
// has switched off.
func (e *Edge) featuresOf(t *tenancy.Tenant, d scimcore.Dialect) scimcore.Features {
	f := e.Features()
	f.Patch = f.Patch && t.Settings.On(tenancy.SwitchPatch)
	f.Bulk = f.Bulk && t.Settings.On(tenancy.SwitchBulk)
	f.InteropProfile = d == scimcore.Strict() && f.Patch && f.Filter && f.MaxPageSize >= interopPage &&
		!t.Settings.On(tenancy.SwitchRequireIfMatch) && !t.Settings.On(tenancy.SwitchRefuseSensitiveFilters)
	return f
}

// interopPage is the page a client of the interop profile may ask for.
const interopPage = 100
