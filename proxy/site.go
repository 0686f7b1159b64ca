package proxy

import (
	"strings"
	"sync"
	"sync/atomic"

	"scimedge/scimcore"
	"scimedge/tenancy"
)

// site is a tenant as seen under one scheme, host and port: the base of its
// locations and its discovery documents, made once for each schema of the tenant.
type site struct {
	tenant *tenancy.Tenant
	host   string // canonical
	origin string // scheme://host[:port]
	base   string // origin + /scim/v2

	discovery atomic.Pointer[discovery]
}

// sites caches site values. Clients choose the port in a Host header, so the
// number kept is bounded: when there are too many, all are forgotten.
type sites struct {
	mu    sync.RWMutex
	known map[string]*site // by origin
}

const maxSites = 1024

// of returns the site for the host as sent, which is kept in locations with its
// port, in lower case. raw is known to be a valid host.
func (s *sites) of(tenant *tenancy.Tenant, host string, raw []byte, secure bool) *site {
	var buf [300]byte
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	key := appendLower(append(buf[:0], scheme...), raw)
	s.mu.RLock()
	known := s.known[string(key)]
	s.mu.RUnlock()
	if known != nil && known.tenant == tenant { // a changed tenant is another pointer
		return known
	}
	origin := string(key)
	made := &site{tenant: tenant, host: strings.Clone(host), origin: origin, base: origin + "/scim/v2"}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSites {
		s.known = map[string]*site{}
	}
	s.known[origin] = made
	return made
}

// location writes the URI of a resource.
func (s *site) location(dst []byte, endpoint, id string) []byte {
	return scimcore.AppendLocation(dst, s.base, endpoint, id)
}
