package httpx

import (
	"net/netip"
	"time"

	"scimedge/tenancy"
)

// Scope is what is known about a request before anything looks inside it. The
// edge finds it out once; those behind it believe it and do not look at the Host
// or at forwarding headers themselves.
type Scope struct {
	RequestID string
	Tenant    *tenancy.Tenant // of the Host; nil when no tenant has it
	Start     time.Time
	Remote    netip.Addr // the client, behind trusted proxies, too
	BaseURL   string     // scheme://host as the client sees it, without a path
	Secure    bool       // whether the client came over TLS
}
