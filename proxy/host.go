package proxy

import (
	"bytes"
	"net/netip"

	"github.com/valyala/fasthttp"

	"scimedge/scimcore"
	"scimedge/tenancy"
)

// findTenant resolves the Host header to a tenant. There is one truth: the Host
// header (or X-Forwarded-Host, from a proxy that is trusted); a target that
// names another host is refused, since fasthttp and a proxy in front of it may
// disagree about which of the two counts.
func (r *request) findTenant() error {
	h := &r.ctx.Request.Header
	raw := h.Host()
	if len(raw) == 0 {
		r.reason = "host"
		return scimcore.Bad(scimcore.NoType, "The request names no host. Send one Host header.")
	}
	r.secure = r.ctx.IsTLS() || r.edge.Scheme == "https"
	peer := r.remote
	if r.edge.trusts(peer) {
		if fwd := lastOf(h.Peek("X-Forwarded-Host")); len(fwd) > 0 {
			raw = fwd
		}
		proto := lastOf(h.Peek("X-Forwarded-Proto"))
		r.secure = len(proto) == 0 || foldEqual(proto, "https")
		r.remote = r.edge.client(peer, h.PeekAll(fasthttp.HeaderXForwardedFor))
	}
	host, err := tenancy.CanonicalHost(view(raw))
	if err != nil {
		r.reason = "host"
		return scimcore.Bad(scimcore.NoType, "The Host header is not a host name.")
	}
	if r.target.authority != nil {
		other, err := tenancy.CanonicalHost(view(r.target.authority))
		if mine, errMine := tenancy.CanonicalHost(view(h.Host())); err != nil || errMine != nil || other != mine {
			r.reason = "host"
			return scimcore.Bad(scimcore.NoType, "The request target and the Host header name different hosts.")
		}
	}
	tenant, ok := r.edge.Registry.Resolve(host)
	if !ok {
		r.reason = "tenant_unknown"
		return scimcore.Errorf(404, scimcore.NoType, "This host is not configured here.")
	}
	r.tenant = tenant
	r.site = r.edge.sites.of(tenant, host, raw, r.secure)
	return nil
}

// trusts reports whether what a peer says about the client is believed.
func (e *Edge) trusts(peer netip.Addr) bool {
	for _, p := range e.TrustedProxies {
		if p.Contains(peer) {
			return true
		}
	}
	return false
}

// client walks X-Forwarded-For from its end, where our own proxies wrote, to the
// first address that is none of them.
func (e *Edge) client(peer netip.Addr, lines [][]byte) netip.Addr {
	for i := len(lines) - 1; i >= 0; i-- {
		line := lines[i]
		for len(line) > 0 {
			j := bytes.LastIndexByte(line, ',')
			a, err := netip.ParseAddr(string(bytes.TrimSpace(line[j+1:])))
			if err != nil {
				return peer
			}
			if peer = a.Unmap().WithZone(""); !e.trusts(peer) {
				return peer
			}
			line = line[:max(j, 0)]
		}
	}
	return peer
}

// lastOf is the last element of a header's list: what the nearest proxy wrote.
func lastOf(list []byte) []byte {
	return bytes.TrimSpace(list[bytes.LastIndexByte(list, ',')+1:])
}
