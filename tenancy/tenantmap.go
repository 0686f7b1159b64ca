package tenancy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"scimedge/kv"
)

// tenantMap is every tenant at one moment, as the request path sees it. It is
// replaced, never changed.
type tenantMap struct {
	byHost, byName, byID map[string]*Tenant
	ordered              []*Tenant // by name
}

func newTenantMap() *tenantMap {
	return &tenantMap{byHost: map[string]*Tenant{}, byName: map[string]*Tenant{}, byID: map[string]*Tenant{}}
}

func (m *tenantMap) clone() *tenantMap {
	return &tenantMap{
		byHost: maps.Clone(m.byHost), byName: maps.Clone(m.byName), byID: maps.Clone(m.byID),
		ordered: slices.Clone(m.ordered),
	}
}

func (m *tenantMap) place(name string) (int, bool) {
	return slices.BinarySearchFunc(m.ordered, name, func(t *Tenant, name string) int { return strings.Compare(t.Name, name) })
}

func (m *tenantMap) add(t *Tenant) {
	m.byName[t.Name], m.byID[t.ID] = t, t
	for _, h := range t.Hosts {
		m.byHost[h] = t
	}
	i, _ := m.place(t.Name)
	m.ordered = slices.Insert(m.ordered, i, t)
}

func (m *tenantMap) remove(id string) {
	t, ok := m.byID[id]
	if !ok {
		return
	}
	delete(m.byID, id)
	// A name or host that another tenant took since is left to it.
	if m.byName[t.Name] == t {
		delete(m.byName, t.Name)
	}
	for _, h := range t.Hosts {
		if m.byHost[h] == t {
			delete(m.byHost, h)
		}
	}
	m.ordered = slices.DeleteFunc(m.ordered, func(o *Tenant) bool { return o == t })
}

// loadTenants reads the whole map from the store.
func (r *Registry) loadTenants(ctx context.Context) error {
	r.reloadMu.Lock()
	defer r.reloadMu.Unlock()
	var m *tenantMap
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		m = newTenantMap()
		for e, err := range rd.Scan(kv.Prefix(key(rowTenant))) {
			if err != nil {
				return err
			}
			t, err := decodeRow[Tenant](e.Key, e.Value)
			if err != nil {
				return err
			}
			m.add(t)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading tenants: %w", err)
	}
	r.tenants.Store(m)
	return nil
}

// refresh brings one tenant of the map to what the store holds. Called after a
// commit, it makes the change visible to the request path before the caller is
// answered. It reads the store itself, under the lock, so that of two changes
// the later one is what stays, whoever comes here first.
func (r *Registry) refresh(ctx context.Context, id string) error {
	ctx = context.WithoutCancel(ctx) // the change is committed: it has to show
	r.reloadMu.Lock()
	defer r.reloadMu.Unlock()
	var t *Tenant
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) (err error) {
		t, err = getRow[Tenant](rd, idKey(rowTenant, id))
		return err
	})
	if err != nil {
		return fmt.Errorf("reading a tenant: %w", err)
	}
	m := r.tenants.Load().clone()
	m.remove(id)
	if t != nil {
		m.add(t)
	}
	r.tenants.Store(m)
	return nil
}

// Resolve returns the tenant of a canonical host (see CanonicalHost). It reads
// memory only and is meant for every request.
func (r *Registry) Resolve(host string) (*Tenant, bool) {
	t, ok := r.tenants.Load().byHost[host]
	return t, ok
}

// Tenants lists all tenants by name.
func (r *Registry) Tenants(context.Context) ([]Tenant, error) {
	m := r.tenants.Load()
	out := make([]Tenant, len(m.ordered))
	for i, t := range m.ordered {
		out[i] = t.clone()
	}
	return out, nil
}

// TenantByName returns the tenant of that name, or ErrNotFound.
func (r *Registry) TenantByName(_ context.Context, name string) (Tenant, error) {
	t, err := r.find(name)
	if err != nil {
		return Tenant{}, err
	}
	return t.clone(), nil
}

// find resolves a name or an id. The two cannot be confused: no name looks like
// an id.
func (r *Registry) find(nameOrID string) (*Tenant, error) {
	m := r.tenants.Load()
	if t, ok := m.byName[nameOrID]; ok {
		return t, nil
	}
	if t, ok := m.byID[nameOrID]; ok {
		return t, nil
	}
	return nil, notFound("there is no tenant %q; `tenant list` shows those there are", clip(nameOrID))
}
