package proxytest

import (
	"context"
	"testing"

	"scimedge/directory"
	"scimedge/tenancy"
)

// Tenant is one tenant with a token for it; its methods speak as that token.
type Tenant struct {
	Name, Host   string
	Token        string // plaintext
	Prefix       string // the token's public part
	TokenID      string
	Organization string

	s *Stack
}

// AddTenant makes a tenant with a token called test.
func (s *Stack) AddTenant(n tenancy.NewTenant) *Tenant {
	s.t.Helper()
	made, err := s.Registry.CreateTenant(context.Background(), n, tester())
	s.must(err)
	t := &Tenant{Name: made.Name, Host: made.Hosts[0], Organization: made.Organization, s: s}
	t.TokenID, t.Prefix, t.Token = t.newToken(s.t, tenancy.NewToken{Name: "test", IdP: "okta"})
	return t
}

func tester() tenancy.Actor { return tenancy.Actor{Kind: "system", Name: "test"} }

func (x *Tenant) newToken(t testing.TB, n tenancy.NewToken) (id, prefix, text string) {
	t.Helper()
	made, text, err := x.s.Registry.CreateToken(context.Background(), x.Name, n, tester())
	if err != nil {
		t.Fatal(err)
	}
	return made.ID, made.Prefix, text
}

// WithToken is the tenant seen through another token of it.
func (x *Tenant) WithToken(t testing.TB, n tenancy.NewToken) *Tenant {
	t.Helper()
	c := *x
	c.TokenID, c.Prefix, c.Token = x.newToken(t, n)
	return &c
}

// Revoke revokes the token.
func (x *Tenant) Revoke(t testing.TB) {
	t.Helper()
	if err := x.s.Registry.RevokeToken(context.Background(), x.Name, x.TokenID, tester()); err != nil {
		t.Fatal(err)
	}
}

// SetPaused pauses or resumes the tenant.
func (x *Tenant) SetPaused(t testing.TB, paused bool) {
	t.Helper()
	if err := x.s.Registry.SetPaused(context.Background(), x.Name, paused, tester()); err != nil {
		t.Fatal(err)
	}
}

// SetProfile makes the tenant lenient or strict.
func (x *Tenant) SetProfile(t testing.TB, profile string) {
	t.Helper()
	if err := x.s.Registry.SetProfile(context.Background(), x.Name, profile, tester()); err != nil {
		t.Fatal(err)
	}
}

// Set changes single settings of the tenant.
func (x *Tenant) Set(t testing.TB, c tenancy.SettingsChange) {
	t.Helper()
	if err := x.s.Registry.SetSettings(context.Background(), x.Name, c, tester()); err != nil {
		t.Fatal(err)
	}
}

// SetLeniency switches one leniency on or off, whatever the profile says of it.
func (x *Tenant) SetLeniency(t testing.TB, name string, on bool) {
	t.Helper()
	x.Set(t, tenancy.SettingsChange{Leniencies: map[string]*bool{name: &on}})
}

// SetSwitch switches something the tenant can have or not.
func (x *Tenant) SetSwitch(t testing.TB, name tenancy.Switch, on bool) {
	t.Helper()
	x.Set(t, tenancy.SettingsChange{Switches: map[tenancy.Switch]*bool{name: &on}})
}

// LoadSchema makes a schema file the tenant's.
func (x *Tenant) LoadSchema(t testing.TB, file string) directory.SchemaChange {
	t.Helper()
	change, err := x.TryLoadSchema(t, file)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

// TryLoadSchema is LoadSchema of a file that may be refused.
func (x *Tenant) TryLoadSchema(t testing.TB, file string) (directory.SchemaChange, error) {
	t.Helper()
	made, ok := x.s.Registry.Resolve(x.Host)
	if !ok {
		t.Fatalf("host %s is gone", x.Host)
	}
	return x.s.dirs.SetSchema(context.Background(), made, directory.SchemaWrite{File: []byte(file), By: "test"})
}

// Directory is the tenant's directory, for looking behind the edge.
func (x *Tenant) Directory(t testing.TB) *directory.Directory {
	t.Helper()
	made, ok := x.s.Registry.Resolve(x.Host)
	if !ok {
		t.Fatalf("host %s is gone", x.Host)
	}
	return x.s.DirectoryOf(made)
}

// BaseURL is the SCIM root as the tenant's clients see it.
func (x *Tenant) BaseURL() string { return "http://" + x.Host + "/scim/v2" }
