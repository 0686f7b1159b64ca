package tenancy

import (
	"slices"
	"strings"
	"time"

	"scimedge/kv"
)

// Environment is what a tenant is for: production, staging, pilot, or any other
// name that keeps the rule of slugs. Isolation does not depend on it: two
// environments of an organization are two tenants.
type Environment = string

// DefaultEnvironment is the environment of a tenant that names none.
const DefaultEnvironment Environment = "production"

// Profiles say how SCIM requests of a tenant are read.
const (
	ProfileLenient = "lenient" // understands the dialects of identity providers
	ProfileStrict  = "strict"  // the RFCs to the letter
)

// maxHosts bounds the rows that one transaction on a tenant writes.
const maxHosts = 32

// Tenant is one isolated directory of one organization in one environment. A
// *Tenant handed out is never changed: a change makes a new one.
type Tenant struct {
	ID           string      `json:"id"` // 16 hexadecimal characters, random
	Name         string      `json:"name"`
	Organization string      `json:"organization"`
	Environment  Environment `json:"environment"`
	Hosts        []string    `json:"hosts"` // canonical, see CanonicalHost
	Paused       bool        `json:"paused"`
	PausedBy     string      `json:"paused_by,omitempty"`
	PausedAt     time.Time   `json:"paused_at,omitzero"`
	Profile      string      `json:"profile"`
	Settings     Settings    `json:"settings,omitzero"`
	CreatedAt    time.Time   `json:"created_at"`
	CreatedBy    string      `json:"created_by"`
}

// Partition is where the tenant's directory lives.
func (t *Tenant) Partition() kv.Partition { return kv.Partition(t.ID) }

func (t *Tenant) clone() Tenant {
	c := *t
	c.Hosts, c.Settings = slices.Clone(t.Hosts), t.Settings.clone()
	return c
}

// NewTenant is what CreateTenant needs to know.
type NewTenant struct {
	Name         string
	Organization string      // default: Name
	Environment  Environment // default: production
	Hosts        []string    // at least one; any spelling CanonicalHost accepts
	Profile      string      // default: lenient
}

// Actor is who did something, for the audit trail and for created_by.
type Actor struct {
	Kind string // cli, account, demo, system
	Name string
}

// String is the form in which an actor is recorded, such as account:ada@acme.test.
func (a Actor) String() string {
	switch {
	case a.Kind == "":
		return a.Name
	case a.Name == "":
		return a.Kind
	}
	return a.Kind + ":" + a.Name
}

// normalized checks n and fills in the defaults.
func (n NewTenant) normalized() (NewTenant, error) {
	if n.Organization == "" {
		n.Organization = n.Name
	}
	if n.Environment == "" {
		n.Environment = DefaultEnvironment
	}
	if n.Profile == "" {
		n.Profile = ProfileLenient
	}
	for _, f := range []struct{ field, value string }{
		{"name", n.Name}, {"organization", n.Organization}, {"environment", n.Environment},
	} {
		if err := checkSlug(f.field, f.value); err != nil {
			return n, err
		}
	}
	if err := checkProfile(n.Profile); err != nil {
		return n, err
	}
	hosts, err := canonicalHosts(n.Hosts)
	n.Hosts = hosts
	return n, err
}

// canonicalHosts returns the canonical forms without repetitions.
func canonicalHosts(raw []string) ([]string, error) {
	hosts := make([]string, 0, len(raw))
	for _, h := range raw {
		host, err := CanonicalHost(h)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 || len(hosts) > maxHosts {
		return nil, invalid("hosts", "a tenant has 1 to %d hosts, not %d; name the host that its identity provider calls", maxHosts, len(hosts))
	}
	return hosts, nil
}

func checkProfile(p string) error {
	if p != ProfileLenient && p != ProfileStrict {
		return invalid("profile", "profile %q is not known; use %s or %s", p, ProfileLenient, ProfileStrict)
	}
	return nil
}

// checkSlug keeps names usable as metric labels, in URLs and on a command line.
// What looks like an id is refused, so that "name or id" has one meaning, and
// the label values that metrics use for "none of them" are refused, too.
func checkSlug(field, s string) error {
	switch {
	case len(s) == 0 || len(s) > 63:
		return invalid(field, "%s must have 1 to 63 characters, not %d", field, len(s))
	case !isSlug(s):
		return invalid(field, "%s %q must consist of a-z, 0-9 and inner hyphens", field, s)
	case looksLikeID(s):
		return invalid(field, "%s %q looks like an id; choose another name", field, s)
	case s == "unknown" || s == "other" || s == string(kv.System):
		return invalid(field, "%s %q is reserved; choose another name", field, s)
	}
	return nil
}

func isSlug(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c == '-' && i > 0 && i < len(s)-1 {
			continue
		}
		if c < '0' || c > '9' && c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func looksLikeID(s string) bool {
	return len(s) == idLen && strings.Trim(s, "0123456789abcdef") == ""
}
