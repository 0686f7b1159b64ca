package tenancy

import (
	"context"
	"slices"
	"strings"
	"time"

	"scimedge/kv"
)

// CreateTenant makes a tenant, and its organization if that is new. A name or a
// host that is taken is ErrExists.
func (r *Registry) CreateTenant(ctx context.Context, n NewTenant, by Actor) (Tenant, error) {
	n, err := n.normalized()
	if err != nil {
		return Tenant{}, err
	}
	id, err := newID(r.opts.Rand)
	if err != nil {
		return Tenant{}, err
	}
	now := r.now()
	t := Tenant{
		ID: id, Name: n.Name, Organization: n.Organization, Environment: n.Environment, Hosts: n.Hosts,
		Profile: n.Profile, CreatedAt: now, CreatedBy: by.String(),
	}
	_, err = r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		for _, k := range []kv.Key{idKey(rowTenant, id), idKey(rowDeletion, id)} {
			if taken, err := present(w, k); err != nil || taken {
				return cmpErr(err, exists("", "the random id of the tenant is taken; try again"))
			}
		}
		if taken, err := present(w, textKey(rowName, t.Name)); err != nil || taken {
			return cmpErr(err, exists("name", "there is a tenant %q already; choose another name", t.Name))
		}
		if err := w.Put(textKey(rowName, t.Name), []byte(id)); err != nil {
			return err
		}
		if err := claimHosts(w, id, t.Hosts); err != nil {
			return err
		}
		if err := joinOrganization(w, &t); err != nil {
			return err
		}
		if err := putRow(w, idKey(rowTenant, id), t); err != nil {
			return err
		}
		return record(w, id, entry{At: now, By: by, Action: ActionTenantCreated, Target: t.Name, Detail: strings.Join(t.Hosts, " ")})
	})
	if err != nil {
		return Tenant{}, err
	}
	return t.clone(), r.refresh(ctx, id)
}

// cmpErr returns the fault of the store when there is one, else the verdict.
func cmpErr(fault, verdict error) error {
	if fault != nil {
		return fault
	}
	return verdict
}

func claimHosts(w kv.Writer, tenant string, hosts []string) error {
	for _, h := range hosts {
		taken, err := present(w, textKey(rowHost, h))
		if err != nil || taken {
			// Which tenant holds it is not said: the two may belong to strangers.
			return cmpErr(err, exists("hosts", "the host %s belongs to a tenant already; choose another host or delete that tenant", h))
		}
		if err := w.Put(textKey(rowHost, h), []byte(tenant)); err != nil {
			return err
		}
	}
	return nil
}

func joinOrganization(w kv.Writer, t *Tenant) error {
	known, err := present(w, textKey(rowOrganization, t.Organization))
	if err != nil {
		return err
	}
	if !known {
		row := organizationRow{Name: t.Organization, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy}
		if err := putRow(w, textKey(rowOrganization, t.Organization), row); err != nil {
			return err
		}
	}
	return w.Put(memberKey(t.Organization, t.ID), nil)
}

// leaveOrganization removes the organization with its last tenant.
func leaveOrganization(w kv.Writer, t *Tenant) error {
	if err := w.Delete(memberKey(t.Organization, t.ID)); err != nil {
		return err
	}
	rest := kv.Prefix(textKey(rowMember, t.Organization))
	rest.KeysOnly = true
	for _, err := range w.Scan(rest) {
		return err // somebody is left, or the store is at fault
	}
	return w.Delete(textKey(rowOrganization, t.Organization))
}

// SetPaused pauses or resumes a tenant: identity providers are turned away, and
// nothing is lost. Setting what is set already changes nothing.
func (r *Registry) SetPaused(ctx context.Context, name string, paused bool, by Actor) error {
	now, action := r.now(), ActionTenantResumed
	if paused {
		action = ActionTenantPaused
	}
	return r.changeTenant(ctx, name, func(w kv.Writer, t *Tenant) (bool, error) {
		if t.Paused == paused {
			return false, nil
		}
		t.Paused, t.PausedBy, t.PausedAt = paused, "", time.Time{}
		if paused {
			t.PausedBy, t.PausedAt = by.String(), now
		}
		return true, record(w, t.ID, entry{At: now, By: by, Action: action, Target: t.Name})
	})
}

// SetProfile chooses how the tenant's SCIM requests are read.
func (r *Registry) SetProfile(ctx context.Context, name, profile string, by Actor) error {
	if err := checkProfile(profile); err != nil {
		return err
	}
	now := r.now()
	return r.changeTenant(ctx, name, func(w kv.Writer, t *Tenant) (bool, error) {
		if t.Profile == profile {
			return false, nil
		}
		t.Profile = profile
		return true, record(w, t.ID, entry{At: now, By: by, Action: ActionTenantProfile, Target: t.Name, Detail: profile})
	})
}

// SetHosts replaces the hosts of a tenant.
func (r *Registry) SetHosts(ctx context.Context, name string, hosts []string, by Actor) error {
	hosts, err := canonicalHosts(hosts)
	if err != nil {
		return err
	}
	now := r.now()
	return r.changeTenant(ctx, name, func(w kv.Writer, t *Tenant) (bool, error) {
		if slices.Equal(t.Hosts, hosts) {
			return false, nil
		}
		var added []string
		for _, h := range hosts {
			if !slices.Contains(t.Hosts, h) {
				added = append(added, h)
			}
		}
		for _, h := range t.Hosts {
			if slices.Contains(hosts, h) {
				continue
			}
			if err := w.Delete(textKey(rowHost, h)); err != nil {
				return false, err
			}
		}
		if err := claimHosts(w, t.ID, added); err != nil {
			return false, err
		}
		t.Hosts = hosts
		return true, record(w, t.ID, entry{At: now, By: by, Action: ActionTenantHosts, Target: t.Name, Detail: strings.Join(hosts, " ")})
	})
}

// changeTenant runs change on the tenant's record in one transaction and makes
// the outcome visible. Cached principals point to the tenant as it was, so they
// go, too.
func (r *Registry) changeTenant(ctx context.Context, name string, change func(kv.Writer, *Tenant) (bool, error)) error {
	known, err := r.find(name)
	if err != nil {
		return err
	}
	_, err = r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		t, err := readTenant(w, known)
		if err != nil {
			return err
		}
		changed, err := change(w, t)
		if err != nil || !changed {
			return err
		}
		return putRow(w, idKey(rowTenant, t.ID), t)
	})
	if err != nil {
		return err
	}
	err = r.refresh(ctx, known.ID)
	r.cache.forgetTenant(known.ID)
	return err
}

// readTenant reads the record of a tenant known from memory, which may have
// been deleted since.
func readTenant(rd kv.Reader, known *Tenant) (*Tenant, error) {
	t, err := getRow[Tenant](rd, idKey(rowTenant, known.ID))
	if err == nil && t == nil {
		err = notFound("the tenant %q was deleted", known.Name)
	}
	return t, err
}
