package idp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"scimedge/bench/scimclient"
)

// Provider is one simulated identity provider.
type Provider interface {
	Name() string
	// Sync provisions plan into the server behind c, telling progress as it goes
	// (never concurrently; progress may be nil). The report is useful on error
	// too: it says how far the sync came.
	Sync(ctx context.Context, c *scimclient.Client, plan Plan, progress func(Progress)) (Report, error)
}

// Plan says what to provision.
type Plan struct {
	Users  int    // that remain; a few more come and go where the provider deletes
	Groups int    // that remain
	Seed   int64  // the same seed makes the same people
	Domain string // of the addresses; default example.com
	// GroupPrefix stands before every group name, so that several providers can
	// share a tenant whose group names are unique.
	GroupPrefix string
}

// Bounds of a Plan, so that a typing error does not fill a disk.
const (
	maxUsers  = 1_000_000
	maxGroups = 10_000
)

func (p Plan) validate() error {
	if p.Users < 0 || p.Users > maxUsers || p.Groups < 0 || p.Groups > maxGroups {
		return fmt.Errorf("idp: plan of %d users and %d groups: want 0..%d and 0..%d", p.Users, p.Groups, maxUsers, maxGroups)
	}
	return nil
}

// Progress is how far a sync is. Phase is a word or two for people to read.
type Progress struct {
	Provider    string
	Phase       string
	UsersDone   int // provisioned: created, or found and updated
	UsersTotal  int
	GroupsDone  int // with all memberships in place
	GroupsTotal int
	Requests    int64
}

// Report is what a sync did and what the server must hold of it now.
type Report struct {
	Provider string       `json:"provider"`
	Counts   Counts       `json:"counts"`
	Requests int64        `json:"requests"`
	Elapsed  Elapsed      `json:"elapsed_seconds"`
	Users    []UserState  `json:"users"`
	Groups   []GroupState `json:"groups"`
}

// Counts says how often each kind of change was made.
type Counts struct {
	UsersCreated   int `json:"users_created"`
	UsersLinked    int `json:"users_linked"` // found by look-up instead of created
	UsersUpdated   int `json:"users_updated"`
	Deactivated    int `json:"users_deactivated"`
	Reactivated    int `json:"users_reactivated"`
	UsersDeleted   int `json:"users_deleted"`
	GroupsCreated  int `json:"groups_created"`
	GroupsLinked   int `json:"groups_linked"`
	GroupsRenamed  int `json:"groups_renamed"`
	GroupsDeleted  int `json:"groups_deleted"`
	MembersAdded   int `json:"members_added"`
	MembersRemoved int `json:"members_removed"`
}

// UserState is a user as the provider left it.
type UserState struct {
	ID         string `json:"id"`
	UserName   string `json:"userName"`
	FamilyName string `json:"familyName"`
	Active     bool   `json:"active"`
}

// GroupState is a group as the provider left it; Members are user ids.
type GroupState struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Members     []string `json:"members"`
}

// Elapsed is a duration that JSON shows in seconds.
type Elapsed time.Duration

// MarshalJSON writes the seconds with three decimals.
func (e Elapsed) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", time.Duration(e).Seconds()), nil
}

// All returns every provider, in the order of their names in the documentation.
func All() []Provider {
	tables := []profile{okta(), entra(), entraFlag(), oneLogin(), jumpCloud(), authentik(), keycloak(), pocketID()}
	out := make([]Provider, len(tables))
	for i, t := range tables {
		out[i] = t
	}
	return out
}

// Okta is the Okta Integration Network's SCIM 2.0 client.
func Okta() Provider { return okta() }

// Entra is Microsoft Entra's provisioning service with its default behaviour.
func Entra() Provider { return entra() }

// ByName returns the provider called name, in any letter case.
func ByName(name string) (Provider, error) {
	all := All()
	i := slices.IndexFunc(all, func(p Provider) bool { return strings.EqualFold(p.Name(), name) })
	if i < 0 {
		names := make([]string, len(all))
		for j, p := range all {
			names[j] = p.Name()
		}
		return nil, fmt.Errorf("idp: no provider %q; there are %s", name, strings.Join(names, ", "))
	}
	return all[i], nil
}
