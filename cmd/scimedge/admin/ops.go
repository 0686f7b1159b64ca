package admin

import (
	"context"
	"errors"
	"os"
	"time"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/tenancy"
)

// Ops does the operations on the store that this process holds.
type Ops struct {
	Registry *tenancy.Registry
	// Store is what the registry stands on, for Check.
	Store kv.Store
	// Directory returns the directory of a tenant.
	Directory func(*tenancy.Tenant) (*directory.Directory, error)
	Schemas   Schemas
	// BaseURL is the SCIM base URL under which a host is reached.
	BaseURL func(host string) string
	Version string
	// Serving says that requests are answered from this store meanwhile.
	Serving bool
	// TenantGone is told of a deleted tenant, so that nothing remembers it; may be nil.
	TenantGone func(tenancy.Tenant)
}

var _ Service = (*Ops)(nil)

type callerKey struct{}

// WithCaller says who asked for an operation, for the audit trail.
func WithCaller(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, callerKey{}, name)
}

func caller(ctx context.Context) string {
	name, _ := ctx.Value(callerKey{}).(string)
	return name
}

func actor(ctx context.Context) tenancy.Actor {
	return tenancy.Actor{Kind: "cli", Name: caller(ctx)}
}

// explain gives an error of tenancy its exit code.
func explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tenancy.ErrInvalid):
		return Usage("%v", err)
	}
	return Failed("%v", err)
}

// Status says who answers.
func (o *Ops) Status(context.Context, None) (Status, error) {
	return Status{PID: os.Getpid(), Version: o.Version}, nil
}

// TenantCreate makes a tenant, and its organization if that is new.
func (o *Ops) TenantCreate(ctx context.Context, in TenantSpec) (Tenant, error) {
	t, err := o.Registry.CreateTenant(ctx, tenancy.NewTenant{
		Name: in.Name, Organization: in.Organization, Environment: in.Environment, Hosts: in.Hosts,
	}, actor(ctx))
	if err != nil {
		return Tenant{}, explain(err)
	}
	return o.tenant(t), nil
}

func (o *Ops) tenant(t tenancy.Tenant) Tenant {
	out := Tenant{Name: t.Name, Organization: t.Organization, Environment: t.Environment, Hosts: t.Hosts}
	for _, h := range t.Hosts {
		out.BaseURLs = append(out.BaseURLs, o.BaseURL(h))
	}
	return out
}

func (o *Ops) info(ctx context.Context, t tenancy.Tenant) (TenantInfo, error) {
	out := TenantInfo{Tenant: o.tenant(t), ID: t.ID, State: "active", Profile: t.Profile, CreatedAt: t.CreatedAt}
	out.Leniencies, out.Switches = leniencies(t), switches(t)
	if t.Paused {
		out.State = "paused"
	}
	dir, err := o.Directory(&t)
	if err != nil {
		return out, explain(err)
	}
	counts, err := dir.Counts(ctx)
	if err != nil {
		return out, explain(err)
	}
	out.Users, out.Groups = counts.Users, counts.Groups
	tokens, err := o.Registry.Tokens(ctx, t.ID)
	if err != nil {
		return out, explain(err)
	}
	for _, token := range tokens {
		if token.State == tenancy.StateActive || token.State == tenancy.StateExpiring {
			out.Tokens++
		}
	}
	return out, nil
}

// TenantList lists the tenants by name.
func (o *Ops) TenantList(ctx context.Context, _ None) ([]TenantInfo, error) {
	tenants, err := o.Registry.Tenants(ctx)
	if err != nil {
		return nil, explain(err)
	}
	out := make([]TenantInfo, 0, len(tenants))
	for _, t := range tenants {
		info, err := o.info(ctx, t)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

// TenantShow shows one tenant.
func (o *Ops) TenantShow(ctx context.Context, in TenantRef) (TenantInfo, error) {
	t, err := o.Registry.TenantByName(ctx, in.Tenant)
	if err != nil {
		return TenantInfo{}, explain(err)
	}
	return o.info(ctx, t)
}

// TenantSet changes how the tenant's requests are read, what it offers, and the
// hosts it is reached by. All is in force from the next request on.
func (o *Ops) TenantSet(ctx context.Context, in TenantChange) (TenantInfo, error) {
	// They are set one after the other: a name that is none must not be found out
	// after the hosts have changed.
	settings := tenancy.SettingsChange{Leniencies: in.Leniencies, Switches: in.Switches}
	if err := o.Registry.CheckSettings(settings); err != nil {
		return TenantInfo{}, explain(err)
	}
	switch in.Profile {
	case "", tenancy.ProfileLenient, tenancy.ProfileStrict:
	default:
		return TenantInfo{}, Usage("the profile %q is not known: use %s or %s", in.Profile, tenancy.ProfileLenient, tenancy.ProfileStrict)
	}
	if len(in.Hosts) > 0 {
		if err := o.Registry.SetHosts(ctx, in.Tenant, in.Hosts, actor(ctx)); err != nil {
			return TenantInfo{}, explain(err)
		}
	}
	if in.Profile != "" {
		if err := o.Registry.SetProfile(ctx, in.Tenant, in.Profile, actor(ctx)); err != nil {
			return TenantInfo{}, explain(err)
		}
	}
	if len(in.Leniencies)+len(in.Switches) > 0 {
		if err := o.Registry.SetSettings(ctx, in.Tenant, settings, actor(ctx)); err != nil {
			return TenantInfo{}, explain(err)
		}
	}
	return o.TenantShow(ctx, TenantRef{Tenant: in.Tenant})
}

// TenantPause refuses the tenant's writes from the next one on.
func (o *Ops) TenantPause(ctx context.Context, in TenantRef) (TenantInfo, error) {
	return o.setPaused(ctx, in, true)
}

// TenantResume takes the tenant's writes again.
func (o *Ops) TenantResume(ctx context.Context, in TenantRef) (TenantInfo, error) {
	return o.setPaused(ctx, in, false)
}

func (o *Ops) setPaused(ctx context.Context, in TenantRef, paused bool) (TenantInfo, error) {
	if err := o.Registry.SetPaused(ctx, in.Tenant, paused, actor(ctx)); err != nil {
		return TenantInfo{}, explain(err)
	}
	return o.TenantShow(ctx, in)
}

// TenantDelete removes a tenant with all it holds.
func (o *Ops) TenantDelete(ctx context.Context, in TenantRef) (None, error) {
	t, err := o.Registry.TenantByName(ctx, in.Tenant)
	if err != nil {
		return None{}, explain(err)
	}
	err = o.Registry.DeleteTenant(ctx, t.ID, actor(ctx))
	if err == nil && o.TenantGone != nil {
		o.TenantGone(t)
	}
	return None{}, explain(err)
}

// TokenCreate makes a token; its plaintext is in the answer and nowhere else.
func (o *Ops) TokenCreate(ctx context.Context, in TokenSpec) (NewToken, error) {
	spec := tenancy.NewToken{
		Name: in.Name, ExpiresAt: in.ExpiresAt, IdP: in.IDP, Scopes: in.Scopes, AllowCIDRs: in.CIDRs, User: in.User,
	}
	if in.ExpiresIn == Never {
		spec.Never = true
	} else {
		spec.ExpiresIn = in.ExpiresIn
	}
	if err := o.checkUser(ctx, in.Tenant, in.User); err != nil {
		return NewToken{}, err
	}
	t, text, err := o.Registry.CreateToken(ctx, in.Tenant, spec, actor(ctx))
	if err != nil {
		return NewToken{}, explain(err)
	}
	return NewToken{
		ID: t.ID, Name: t.Name, Prefix: t.Prefix, Token: text, Environment: t.Environment, ExpiresAt: orNil(t.ExpiresAt),
	}, nil
}

// TokenList lists a tenant's tokens, the newest first.
func (o *Ops) TokenList(ctx context.Context, in TenantRef) ([]Token, error) {
	tokens, err := o.Registry.Tokens(ctx, in.Tenant)
	if err != nil {
		return nil, explain(err)
	}
	out := make([]Token, 0, len(tokens))
	for _, t := range tokens {
		out = append(out, token(t))
	}
	return out, nil
}

// TokenRevoke ends a token, named by its id or its public prefix.
func (o *Ops) TokenRevoke(ctx context.Context, in TokenRef) (Token, error) {
	tokens, err := o.TokenList(ctx, TenantRef{Tenant: in.Tenant})
	if err != nil {
		return Token{}, err
	}
	for _, t := range tokens {
		if t.ID != in.ID && t.Prefix != in.ID {
			continue
		}
		if err := o.Registry.RevokeToken(ctx, in.Tenant, t.ID, actor(ctx)); err != nil {
			return Token{}, explain(err)
		}
		t.State = string(tenancy.StateRevoked)
		return t, nil
	}
	return Token{}, Failed("tenant %q has no token %q; `scimedge token list --tenant %s` shows the ids", in.Tenant, in.ID, in.Tenant)
}

func token(t tenancy.Token) Token {
	nets := make([]string, len(t.AllowCIDRs))
	for i, n := range t.AllowCIDRs {
		nets[i] = n.String()
	}
	return Token{
		ID: t.ID, Name: t.Name, Prefix: t.Prefix, Environment: t.Environment, IDP: t.IdP,
		Scopes: t.Scopes, AllowCIDRs: nets, User: t.User,
		CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy,
		ExpiresAt: orNil(t.ExpiresAt), LastUsedAt: orNil(t.LastUsedAt), State: string(t.State),
	}
}

func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
