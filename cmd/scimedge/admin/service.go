package admin

import (
	"context"
	"encoding/json"
	"time"

	"scimedge/directory"
)

// Service is everything an operator can do. Ops does it, Client asks for it.
// Errors are *Error.
type Service interface {
	Status(context.Context, None) (Status, error)

	TenantCreate(context.Context, TenantSpec) (Tenant, error)
	TenantList(context.Context, None) ([]TenantInfo, error)
	TenantShow(context.Context, TenantRef) (TenantInfo, error)
	TenantSet(context.Context, TenantChange) (TenantInfo, error)
	TenantPause(context.Context, TenantRef) (TenantInfo, error)
	TenantResume(context.Context, TenantRef) (TenantInfo, error)
	TenantDelete(context.Context, TenantRef) (None, error)

	TokenCreate(context.Context, TokenSpec) (NewToken, error)
	TokenList(context.Context, TenantRef) ([]Token, error)
	TokenRevoke(context.Context, TokenRef) (Token, error)

	AccountCreate(context.Context, AccountSpec) (Account, error)
	AccountList(context.Context, TenantRef) ([]Account, error)

	SchemaLoad(context.Context, SchemaSpec) (SchemaChange, error)
	SchemaShow(context.Context, TenantRef) (Schema, error)

	Check(context.Context, CheckSpec) (CheckReport, error)
	Explain(context.Context, ExplainSpec) (Explanation, error)
}

// None is the input or output of an operation that has none.
type None struct{}

// Status describes the process that holds the store.
type Status struct {
	PID     int    `json:"pid"`
	Version string `json:"version"`
}

// TenantSpec asks for a tenant.
type TenantSpec struct {
	Name         string   `json:"name"`
	Organization string   `json:"organization,omitempty"` // empty means the tenant's name
	Environment  string   `json:"environment,omitempty"`  // empty means production
	Hosts        []string `json:"hosts"`
}

// TenantRef names a tenant.
type TenantRef struct {
	Tenant string `json:"tenant"`
}

// TenantChange says what of a tenant becomes another; what is empty stays.
type TenantChange struct {
	Tenant  string   `json:"tenant"`
	Profile string   `json:"profile,omitempty"` // lenient or strict
	Hosts   []string `json:"hosts,omitempty"`   // in place of all it has
	// Leniencies and Switches by name; null takes an override back.
	Leniencies map[string]*bool `json:"leniencies,omitempty"`
	Switches   map[string]*bool `json:"switches,omitempty"`
}

// Tenant is what `tenant create` prints.
type Tenant struct {
	Name         string   `json:"name"`
	Organization string   `json:"organization"`
	Environment  string   `json:"environment"`
	Hosts        []string `json:"hosts"`
	BaseURLs     []string `json:"base_urls"`
}

// TenantInfo is a tenant as `tenant list` and `tenant show` print it.
type TenantInfo struct {
	Tenant
	ID      string `json:"id"`
	State   string `json:"state"`   // active or paused
	Profile string `json:"profile"` // lenient or strict
	// Leniencies are those that differ from the profile, Switches all there are.
	Leniencies map[string]bool `json:"leniencies"`
	Switches   map[string]bool `json:"switches"`
	CreatedAt  time.Time       `json:"created_at"`
	Users      int             `json:"users"`
	Groups     int             `json:"groups"`
	Tokens     int             `json:"tokens"` // those that are live
}

// TokenSpec asks for a token.
type TokenSpec struct {
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	// ExpiresIn is the life of the token; 0 means the default, [Never] no end.
	ExpiresIn time.Duration `json:"expires_in,omitempty"`
	// ExpiresAt is the end of its life instead.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	IDP       string    `json:"idp,omitempty"`
	Scopes    []string  `json:"scopes,omitempty"`
	CIDRs     []string  `json:"cidrs,omitempty"`
	User      string    `json:"user,omitempty"` // id of the user that /Me stands for
}

// Never is the ExpiresIn of a token that does not expire.
const Never time.Duration = -1

// NewToken is what `token create` prints; Token is the plaintext, which is shown
// here and kept nowhere.
type NewToken struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Prefix      string     `json:"prefix"`
	Token       string     `json:"token"`
	Environment string     `json:"environment"`
	ExpiresAt   *time.Time `json:"expires_at"`
}

// TokenRef names a token of a tenant, by its id or its public prefix.
type TokenRef struct {
	Tenant string `json:"tenant"`
	ID     string `json:"id"`
}

// Token is a token as `token list` prints it: never the secret, never its hash.
type Token struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Prefix      string     `json:"prefix"`
	Environment string     `json:"environment"`
	IDP         string     `json:"idp"`
	Scopes      []string   `json:"scopes"`
	AllowCIDRs  []string   `json:"allow_cidrs"` // empty: from anywhere
	User        string     `json:"user,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	CreatedBy   string     `json:"created_by"`
	ExpiresAt   *time.Time `json:"expires_at"`
	LastUsedAt  *time.Time `json:"last_used_at"`
	State       string     `json:"state"`
}

// AccountSpec asks for a person who can sign in to a tenant's token API.
type AccountSpec struct {
	Tenant      string   `json:"tenant"`
	Email       string   `json:"email"`
	Password    string   `json:"password"`
	Permissions []string `json:"permissions,omitempty"`
}

// Account is a person who can sign in.
type Account struct {
	ID          string    `json:"id"`
	Email       string    `json:"email"`
	Permissions []string  `json:"permissions"`
	CreatedAt   time.Time `json:"created_at"`
}

// SchemaSpec asks for a change of a tenant's schema.
type SchemaSpec struct {
	Tenant string `json:"tenant"`
	File   string `json:"file"` // what it holds
	DryRun bool   `json:"dry_run,omitempty"`
}

// SchemaChange is what `schema load` prints.
type SchemaChange = directory.SchemaChange

// Schema is what a tenant declares, as `schema show` prints it.
type Schema struct {
	Tenant    string          `json:"tenant"`
	Revision  uint64          `json:"revision"` // 0: nothing was ever declared
	ChangedAt *time.Time      `json:"changed_at"`
	ChangedBy string          `json:"changed_by"`
	Schema    json.RawMessage `json:"schema"`
}

// CheckSpec says what to check; an empty Tenant means all of them.
type CheckSpec struct {
	Tenant string `json:"tenant,omitempty"`
	// Repair rewrites what can be derived from sound rows. A running server
	// refuses it, as nobody may write meanwhile.
	Repair bool `json:"repair,omitempty"`
}

// ExplainSpec names a filter and where it is asked.
type ExplainSpec struct {
	Tenant string `json:"tenant,omitempty"` // may be left out where there is one only
	Type   string `json:"type"`             // name of a resource type
	Filter string `json:"filter"`
}

// Explanation is what `explain` prints.
type Explanation struct {
	Tenant string `json:"tenant"`
	Type   string `json:"type"`
	Filter string `json:"filter"` // in canonical form
	Plan   string `json:"plan"`   // for people, several lines
}

// CheckReport is what `check` prints.
type CheckReport struct {
	Tenants []TenantCheck `json:"tenants"`
	// System is the server's own part of the store: the rows of all tenants'
	// tokens, hosts and accounts. It is left out when one tenant was asked for.
	System   *SystemCheck `json:"system,omitempty"`
	Findings int          `json:"findings"`
	Repaired int          `json:"repaired"`
}

// SystemCheck is what was counted and found in the server's own part of the store.
type SystemCheck struct {
	Counted  map[string]int `json:"counted"`
	Findings []Finding      `json:"findings"`
}

// TenantCheck is what was counted and found in one tenant.
type TenantCheck struct {
	Tenant   string         `json:"tenant"`
	Counted  map[string]int `json:"counted"`
	Findings []Finding      `json:"findings"`
	Repaired int            `json:"repaired"`
}

// Finding is one thing that is not as it should be, and what to do about it.
type Finding struct {
	Problem string `json:"problem"`
	Cure    string `json:"cure"`
}
