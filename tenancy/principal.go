package tenancy

import (
	"fmt"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Principal is a token that was presented and found good, with what the edge
// keeps about it between requests. It is shared by all requests of that token
// and holds no secret.
type Principal struct {
	Token  Token   // as of the moment it was read; LastUsedAt and State are not kept up to date
	Tenant *Tenant // the tenant the token belongs to

	grants   grants
	expires  int64 // Unix nanoseconds, 0: never
	used     *usage
	attached atomic.Pointer[any]
	attach   sync.Mutex
}

// Allows reports whether the token's scopes cover reading or writing at a SCIM
// endpoint: Users, Groups, Me, Bulk or .search (the one at the root). Operations
// inside a Bulk request, and the types of a search at the root, are asked about
// one by one.
func (p *Principal) Allows(write bool, endpoint string) bool { return p.grants.allows(write, endpoint) }

// Touch notes that the token was used. It is kept in memory until FlushLastUsed.
func (p *Principal) Touch(now time.Time) { p.used.touch(now.UnixMilli()) }

// Attach returns what build made for this principal, calling it once. A change
// of the token or its tenant makes a new principal, and build is called again.
func (p *Principal) Attach(build func() any) any {
	if v := p.attached.Load(); v != nil {
		return *v
	}
	p.attach.Lock()
	defer p.attach.Unlock()
	if v := p.attached.Load(); v != nil {
		return *v
	}
	v := build()
	p.attached.Store(&v)
	return v
}

// Format prints what may be logged: never more than the public prefix.
func (p *Principal) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "token "+p.Token.Prefix+" of "+p.Tenant.Name)
}

func (p *Principal) expiredAt(now time.Time) bool {
	return p.expires != 0 && now.UnixNano() >= p.expires
}

func (p *Principal) allowsFrom(remote netip.Addr) bool {
	if len(p.Token.AllowCIDRs) == 0 {
		return true
	}
	remote = remote.Unmap()
	for _, n := range p.Token.AllowCIDRs {
		if n.Contains(remote) {
			return true
		}
	}
	return false
}
