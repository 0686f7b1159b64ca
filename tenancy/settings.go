package tenancy

import (
	"context"
	"maps"
	"slices"
	"strings"

	"scimedge/kv"
)

// Settings are what a tenant has chosen otherwise than its profile and the
// defaults say. The zero value chooses nothing.
type Settings struct {
	// Leniencies overrides single leniencies of the profile, by the names of
	// scimcore.Leniencies; a name this program does not know has no effect.
	Leniencies map[string]bool `json:"leniencies,omitempty"`
	// Switches overrides the defaults of Switches.
	Switches map[string]bool `json:"switches,omitempty"`
}

// Switch is the name of something a tenant can have or not.
type Switch = string

// The switches.
const (
	SwitchPatch                  Switch = "patch"
	SwitchBulk                   Switch = "bulk"
	SwitchRequireIfMatch         Switch = "require_if_match"
	SwitchRefuseSensitiveFilters Switch = "refuse_sensitive_filters"
	SwitchClaimInteropProfile    Switch = "claim_interop_profile"
)

// SwitchInfo describes a switch.
type SwitchInfo struct {
	Name    Switch
	Default bool
	About   string // what it does, in a line
}

var switches = []SwitchInfo{
	{SwitchPatch, true, "PATCH is offered; off, it is answered 501"},
	{SwitchBulk, true, "Bulk is offered; off, it is answered 501"},
	{SwitchRequireIfMatch, false, "PUT, PATCH and DELETE without If-Match are answered 428"},
	{SwitchRefuseSensitiveFilters, false, "filters in a URL that name personal data are answered 403"},
	{SwitchClaimInteropProfile, false, "ServiceProviderConfig claims the interop profile, if the tenant keeps to it"},
}

// Switches lists every switch.
func Switches() []SwitchInfo { return slices.Clone(switches) }

// On reports whether a switch is on. It reads memory only and makes nothing, so
// it may be asked for every request.
func (s *Settings) On(name Switch) bool {
	if on, set := s.Switches[name]; set {
		return on
	}
	for i := range switches {
		if switches[i].Name == name {
			return switches[i].Default
		}
	}
	return false
}

func (s *Settings) clone() Settings {
	return Settings{Leniencies: maps.Clone(s.Leniencies), Switches: maps.Clone(s.Switches)}
}

// SettingsChange says what of the settings becomes another, by name: nil takes
// an override back, and what is not named stays.
type SettingsChange struct {
	Leniencies map[string]*bool
	Switches   map[string]*bool
}

// CheckSettings refuses names that are not known, so that a caller can find out before
// it changes anything else.
func (r *Registry) CheckSettings(c SettingsChange) error {
	var names []string
	for _, s := range switches {
		names = append(names, s.Name)
	}
	for _, f := range []struct {
		field, noun string
		known       []string
		changes     map[string]*bool
	}{
		{"leniencies", "leniency", r.opts.Leniencies, c.Leniencies},
		{"switches", "switch", names, c.Switches},
	} {
		for _, name := range slices.Sorted(maps.Keys(f.changes)) {
			if !slices.Contains(f.known, name) {
				return invalid(f.field, "there is no %s %q; choose from %s", f.noun, clip(name), strings.Join(f.known, ", "))
			}
		}
	}
	return nil
}

// SetSettings changes single settings of a tenant, from the next request on. A
// name that is not known is ErrInvalid.
func (r *Registry) SetSettings(ctx context.Context, name string, c SettingsChange, by Actor) error {
	if err := r.CheckSettings(c); err != nil {
		return err
	}
	now := r.now()
	return r.changeTenant(ctx, name, func(w kv.Writer, t *Tenant) (bool, error) {
		var did []string
		did = override(&t.Settings.Leniencies, c.Leniencies, did)
		did = override(&t.Settings.Switches, c.Switches, did)
		if len(did) == 0 {
			return false, nil
		}
		return true, record(w, t.ID, entry{At: now, By: by, Action: ActionTenantSettings, Target: t.Name, Detail: strings.Join(did, " ")})
	})
}

// override puts changes into have, and appends those that make a difference to
// did, in the order of their names.
func override(have *map[string]bool, changes map[string]*bool, did []string) []string {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		was, set := (*have)[name]
		to := changes[name]
		switch {
		case to == nil && !set, to != nil && set && was == *to:
			continue
		case to == nil:
			delete(*have, name)
		case *have == nil:
			*have = map[string]bool{name: *to}
		default:
			(*have)[name] = *to
		}
		did = append(did, name+"="+position(to))
	}
	if len(*have) == 0 {
		*have = nil // as before the first override
	}
	return did
}

func position(to *bool) string {
	switch {
	case to == nil:
		return "default"
	case *to:
		return "on"
	}
	return "off"
}
