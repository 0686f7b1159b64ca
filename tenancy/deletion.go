package tenancy

import (
	"context"

	"scimedge/kv"
)

// Deleting a tenant is work without a bound, so it is staged:
//
//  1. One transaction takes the tenant's record, name and hosts away and leaves
//     a deletion row. From here on nothing of the tenant can be reached: no host
//     leads to it, and a token without a tenant record is unknown.
//  2. The directory's partition is dropped.
//  3. Tokens, accounts, sessions and the audit trail go in chunks.
//
// A crash anywhere in between is made good by Open, which runs 2 and 3 for every
// deletion row. The row itself stays until then: a request that was being
// answered during stage 1 may have written to the partition after stage 2, and a
// start is the one moment when no such request can be left.

// DeleteTenant removes a tenant with everything that belongs to it. When it
// returns an error after the first stage, the tenant is gone for every caller
// and the rest is removed at the next start.
func (r *Registry) DeleteTenant(ctx context.Context, name string, by Actor) error {
	known, err := r.find(name)
	if err != nil {
		return err
	}
	now := r.now()
	_, err = r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		t, err := readTenant(w, known)
		if err != nil {
			return err
		}
		doomed := []kv.Key{idKey(rowTenant, t.ID), textKey(rowName, t.Name)}
		for _, h := range t.Hosts {
			doomed = append(doomed, textKey(rowHost, h))
		}
		for _, k := range doomed {
			if err := w.Delete(k); err != nil {
				return err
			}
		}
		if err := leaveOrganization(w, t); err != nil {
			return err
		}
		if err := putRow(w, idKey(rowDeletion, t.ID), deletionRow{Tenant: t.ID, DeletedAt: now}); err != nil {
			return err
		}
		// In the server's own trail, since the tenant's goes with the tenant.
		return record(w, "", entry{At: now, By: by, Action: ActionTenantDeleted, Target: t.Name, Detail: t.ID})
	})
	if err != nil {
		return err
	}
	err = r.refresh(ctx, known.ID)
	r.cache.forgetTenant(known.ID)
	if err != nil {
		return err
	}
	if err := r.removeRemains(ctx, known.ID); err != nil {
		return err
	}
	r.usage.forgetTenant(known.ID)
	return nil
}

func (r *Registry) resumeDeletions(ctx context.Context) error {
	var doomed []string
	err := r.store.View(ctx, kv.System, func(rd kv.Reader) error {
		doomed = nil
		for e, err := range rd.Scan(kv.Prefix(key(rowDeletion))) {
			if err != nil {
				return err
			}
			row, err := decodeRow[deletionRow](e.Key, e.Value)
			if err != nil {
				return err
			}
			doomed = append(doomed, row.Tenant)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range doomed {
		if err := r.removeRemains(ctx, id); err != nil {
			return err
		}
		_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error { return w.Delete(idKey(rowDeletion, id)) })
		if err != nil {
			return err
		}
		r.opts.Logger.Info("removed what was left of a deleted tenant", "tenant_id", id)
	}
	return nil
}

// removeRemains runs the stages 2 and 3. It may be repeated at any time.
func (r *Registry) removeRemains(ctx context.Context, id string) error {
	if err := r.store.DropPartition(ctx, kv.Partition(id)); err != nil {
		return err
	}
	// Rows that other rows are found by go with them, in the same transaction.
	sweeps := []struct {
		rows kv.Key
		also func(kv.Entry) (kv.Key, error)
	}{
		{idKey(rowToken, id), func(e kv.Entry) (kv.Key, error) {
			row, err := decodeRow[tokenRow](e.Key, e.Value)
			if err != nil {
				return nil, err
			}
			return textKey(rowPrefix, row.Prefix), nil
		}},
		{idKey(rowSessionOf, id), func(e kv.Entry) (kv.Key, error) {
			return key(rowSession).Raw(e.Key[1+2*idLen:]), nil
		}},
		{idKey(rowTokenName, id), nil}, {idKey(rowLastUsed, id), nil},
		{idKey(rowAccount, id), nil}, {idKey(rowEmail, id), nil},
		{textKey(rowAudit, id), nil}, {textKey(rowAuditHead, id), nil},
	}
	for _, s := range sweeps {
		for done := false; !done; {
			_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) (err error) {
				done, err = sweep(w, s.rows, s.also, r.chunk()/2)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep deletes at most n rows that start with prefix, and reports whether these
// were the last.
func sweep(w kv.Writer, prefix kv.Key, also func(kv.Entry) (kv.Key, error), n int) (bool, error) {
	rows := kv.Prefix(prefix)
	rows.KeysOnly = also == nil
	var doomed []kv.Key
	seen := 0
	for e, err := range w.Scan(rows) {
		if err != nil {
			return false, err
		}
		if seen++; seen > n {
			break
		}
		doomed = append(doomed, append(kv.Key(nil), e.Key...))
		if also != nil {
			k, err := also(e)
			if err != nil {
				return false, err
			}
			doomed = append(doomed, k)
		}
	}
	for _, k := range doomed {
		if err := w.Delete(k); err != nil {
			return false, err
		}
	}
	return seen <= n, nil
}
