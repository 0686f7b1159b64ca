package tenancy

import (
	"slices"
	"strings"
)

// Scopes of a token. Several add up, as scopes of OAuth do: a request is
// allowed when any of them allows it.
const (
	ScopeSCIM  = "scim"       // everything
	ScopeUsers = "scim:users" // users only, reading and writing
	ScopeRead  = "scim:read"  // everything, reading only
)

// grants is what the scopes of a token add up to.
type grants struct{ all, users, read bool }

func grantsOf(scopes []string) (g grants) {
	for _, s := range scopes {
		switch s {
		case ScopeSCIM:
			g.all = true
		case ScopeUsers:
			g.users = true
		case ScopeRead:
			g.read = true
		}
	}
	return g
}

// allows decides by action and endpoint. Bulk and the .search of the root reach
// every type: a token for users alone is let in and asked again, about the
// endpoint of each operation and of each type.
func (g grants) allows(write bool, endpoint string) bool {
	switch {
	case g.all, g.read && !write:
		return true
	case g.users:
		return endpoint == "Users" || endpoint == "Me" || endpoint == "Bulk" || endpoint == ".search"
	}
	return false
}

func checkScopes(scopes []string) ([]string, error) {
	if len(scopes) == 0 {
		return []string{ScopeSCIM}, nil
	}
	known := []string{ScopeSCIM, ScopeUsers, ScopeRead}
	var out []string
	for _, s := range scopes {
		if !slices.Contains(known, s) {
			return nil, invalid("scopes", "the scope %q is not known; use %s", clip(s), strings.Join(known, ", "))
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}
