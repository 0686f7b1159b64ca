package directory

import (
	"context"

	"scimedge/scimcore"
)

// Delete removes a resource for good: its document, its index rows, and it as a
// member of every group (RFC 7644, section 3.6). A second Delete is a 404.
func (d *Directory) Delete(ctx context.Context, t *scimcore.Type, id string, pre Precondition, c Cause) (Result, error) {
	return d.write(ctx, d.PrepareDelete(t, id, pre, c))
}

// remove is what a delete does inside a transaction.
func (d *Directory) remove(tx *txn, e *edit) (Result, error) {
	ch, err := d.erase(tx, e)
	if err != nil {
		return Result{}, err
	}
	if err := d.leaveGroups(tx, e); err != nil {
		return Result{}, err
	}
	if e.kind.members != nil {
		tx.purges = append(tx.purges, membership{e.id, e.gen})
	}
	return Result{Change: ch, Notes: e.cause.Notes}, nil
}

// tidy clears away what the deletes of a committed transaction left behind. It is
// invisible already; should this fail, Resume takes it up. The caller still holds
// the groups.
func (d *Directory) tidy(ctx context.Context, t *txn) {
	ctx = context.WithoutCancel(ctx)
	for _, r := range t.burials {
		_ = d.bury(ctx, r)
	}
	for _, m := range t.purges {
		_ = d.purge(ctx, m.group, m.gen)
	}
}

// erase removes the record and index rows of e and counts and logs it; a
// group's members are left to a job.
func (d *Directory) erase(tx *txn, e *edit) (*Change, error) {
	if err := tx.Delete(resourceKey(e.kind.Name, e.id)); err != nil {
		return nil, err
	}
	for _, row := range indexRows(e.kind.indexes, e.kind.Type, e.id, e.oldDoc, e.old.modified) {
		if err := tx.Delete([]byte(row.key)); err != nil {
			return nil, err
		}
	}
	inactive := 0
	if e.isInactive(e.oldDoc) {
		inactive = -1
	}
	if err := addCount(tx, e.kind.Name, -1, inactive); err != nil {
		return nil, err
	}
	if e.kind.members != nil {
		if err := addCount(tx, membershipCount, -int(e.old.members), 0); err != nil {
			return nil, err
		}
		if err := tx.Put(purgeKey(e.id, e.gen), nil); err != nil {
			return nil, err
		}
	}
	ch := &Change{
		Time: tx.now, Type: e.kind.Name, ID: e.id.String(), Op: Deleted,
		Token: e.cause.Token, RequestID: e.cause.RequestID, Resource: e.old.json, RemovedCount: int(e.old.members),
	}
	ch.note(e.cause.Notes)
	return ch, tx.log(ch)
}

// leaveGroups takes a deleted resource out of its groups, here and now if one
// transaction can hold it, else by a job.
func (d *Directory) leaveGroups(tx *txn, e *edit) error {
	me := idRef(e.id)
	// Half the transaction is left to the resource's own rows.
	fits := min(rowsPerTx, d.store.Limits().MaxOps/2) / opsPerDeparture
	in, err := memberships(tx, me, fits+1)
	if err != nil || len(in) == 0 {
		return err
	}
	if len(in) > fits {
		tx.burials = append(tx.burials, me)
		return tx.Put(deadKey(me), e.cause.encode())
	}
	return d.depart(tx, me, in, e.cause)
}
