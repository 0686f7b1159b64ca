package proxy

import (
	"bytes"
	"log/slog"
	"net/netip"
	"time"

	"scimedge/directory"
	"scimedge/metrics"
	"scimedge/scimcore"
)

// Observer is told of every request after it was answered. It runs on the
// request's goroutine, so it must not wait: what it wants to keep for longer it
// queues, and drops when the queue is full.
type Observer interface {
	Observe(Observation)
}

// Observation is what may be kept about a request: who, what and how it ended,
// never a value that was sent or stored. It holds no reference into the request.
type Observation struct {
	Time        time.Time
	RequestID   string
	Tenant      string // name; empty when the host is unknown
	TenantID    string
	Environment string
	Host        string // canonical; empty when it is unknown
	// HostAsked is the host that no tenant has, as it was sent, cut to what a
	// name can have; empty for one that a tenant has. It is foreign text.
	HostAsked string
	Remote    netip.Addr
	// Token is the public prefix, of the token that was accepted or of the
	// genuine one that was refused; TokenTenant is the tenant it belongs to.
	Token, TokenTenant string
	IdP                string
	Method             string
	Op                 metrics.Op
	Code               int
	Reason             string // why it was refused, a closed set; empty when it was not
	ScimType           string // of a SCIM error that has one, a closed set
	Duration           time.Duration
	BodyIn, BodyOut    int
	Seq                uint64 // of the change it made, the last one of a bulk request; 0 for none
	Err                error  // behind an answer of 5xx; for the log only
}

func (r *request) observation(status int, took time.Duration) Observation {
	o := Observation{
		Time: r.began, RequestID: r.reqID.String(), Host: r.host(), Remote: r.remote,
		Method: methodName(r.ctx.Method()), Op: r.op, Code: status, Reason: r.reason, Duration: took,
		BodyIn: len(r.body), BodyOut: r.sent(), Err: r.failed,
		Token: r.refusedToken.TokenPrefix, TokenTenant: r.refusedToken.TokenTenant,
	}
	if t := r.tenant; t != nil {
		o.Tenant, o.TenantID, o.Environment = t.Name, t.ID, string(t.Environment)
	}
	if p := r.principal; p != nil {
		o.Token, o.TokenTenant, o.IdP = p.Token.Prefix, p.Tenant.Name, p.Token.IdP
	}
	o.Seq = r.seq
	if r.change != nil {
		o.Seq = uint64(r.change.Seq)
	}
	if o.Reason == reasonUnknownHost {
		o.HostAsked = r.hostAsked()
	}
	if r.scim && status >= 400 {
		o.ScimType = scimTypeOf(r.ctx.Response.Body())
	}
	return o
}

// reasonUnknownHost is the reason of a request to a host that no tenant has.
const reasonUnknownHost = "tenant_unknown"

// hostAsked is the host that findTenant looked for in vain.
func (r *request) hostAsked() string {
	h := &r.ctx.Request.Header
	raw := h.Host()
	if r.edge.trusts(addrOf(r.ctx.RemoteAddr())) {
		if fwd := lastOf(h.Peek("X-Forwarded-Host")); len(fwd) > 0 {
			raw = fwd
		}
	}
	const most = 253 // what DNS allows
	return string(raw[:min(len(raw), most)])
}

// scimTypeOf takes the scimType out of an error as [scimcore.AppendError] writes
// it: before the detail, which alone holds words of a request.
func scimTypeOf(body []byte) string {
	head, _, _ := bytes.Cut(body, []byte(`"detail":`))
	_, rest, _ := bytes.Cut(head, []byte(`"scimType":"`))
	typ, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(typ)
}

// methodName keeps the method to a closed set.
func methodName(m []byte) string {
	for _, known := range [...]string{"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"} {
		if string(m) == known {
			return known
		}
	}
	return "OTHER"
}

// sent is the size of the body that goes out.
func (r *request) sent() int {
	if resp := &r.ctx.Response; !resp.IsBodyStream() && !resp.SkipBody {
		return len(resp.Body())
	}
	return 0
}

// count adds the request to the metrics.
func (r *request) count(status int, took time.Duration) {
	m, b := r.edge.Metrics, r.bound
	if b == nil {
		tenant := metrics.UnknownTenant
		if r.tenant != nil {
			tenant = r.tenant.Name
		}
		b = m.Anonymous(tenant)
	}
	b.Request(r.op, status)
	m.End(r.op, took, len(r.body), r.sent())
	if r.reason == reasonUnknownHost {
		m.AuthFailure(metrics.UnknownTenant, "", "", r.reason)
	}
	for _, n := range r.notes {
		b.Quirk(string(n.Kind))
	}
	if r.noop && r.typ != nil {
		b.Noop(resourceLabel(r.typ))
	}
	countChange(b, r.change)
}

// resourceLabel is a type as a label: what tenants declare is without bound.
func resourceLabel(t *scimcore.Type) string {
	switch t.Name {
	case "User", "Group":
		return t.Name
	}
	return "other"
}

// countChange turns a committed change into the events dashboards know.
func countChange(b *metrics.Bound, c *directory.Change) {
	switch {
	case c == nil:
	case c.Type == "User":
		b.Event(userEvent(c), 1)
	case c.Type == "Group":
		switch {
		case c.Op == directory.Created:
			b.Event(metrics.GroupCreated, 1)
		case c.Op == directory.Deleted:
			b.Event(metrics.GroupDeleted, 1)
		case len(c.Attributes) > 0:
			b.Event(metrics.GroupUpdated, 1)
		}
		if c.AddedCount > 0 {
			b.Event(metrics.MemberAdded, c.AddedCount)
		}
		if c.RemovedCount > 0 {
			b.Event(metrics.MemberRemoved, c.RemovedCount)
		}
	}
}

func userEvent(c *directory.Change) metrics.Event {
	switch {
	case c.Op == directory.Created:
		return metrics.UserCreated
	case c.Op == directory.Deleted:
		return metrics.UserDeleted
	case c.Deactivated:
		return metrics.UserDeactivated
	case c.Reactivated:
		return metrics.UserReactivated
	}
	return metrics.UserUpdated
}

// foreignTenant is the tenant of a token that was used for another one.
func (o Observation) foreignTenant() string {
	if o.TokenTenant == o.Tenant {
		return ""
	}
	return o.TokenTenant
}

// logObserver is the default: one line for each write and each error.
type logObserver struct{ log *slog.Logger }

func (l logObserver) Observe(o Observation) {
	if !o.Op.Write() && o.Seq == 0 && o.Code < 400 {
		return
	}
	attrs := []any{
		"request_id", o.RequestID, "tenant", o.Tenant, "token", o.Token, "idp", o.IdP, "op", o.Op.String(),
		"method", o.Method, "code", o.Code, "dur", o.Duration, "remote", o.Remote.String(),
	}
	for _, a := range [...]struct{ name, value string }{
		{"reason", o.Reason}, {"scim_type", o.ScimType}, {"host", o.HostAsked}, {"token_tenant", o.foreignTenant()},
	} {
		if a.value != "" {
			attrs = append(attrs, a.name, a.value)
		}
	}
	switch {
	case o.Err != nil:
		l.log.Error("request failed", append(attrs, "error", o.Err)...)
	case o.Code >= 400:
		l.log.Warn("request refused", attrs...)
	default:
		l.log.Info("request", attrs...)
	}
}
