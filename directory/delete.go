package directory

import (
	"context"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Delete removes a resource for good: its document, its index rows, and it as a
// member of every group (RFC 7644, section 3.6). A second Delete is a 404.
func (d *Directory) Delete(ctx context.Context, t *scimcore.Type, id string, pre Precondition, c Cause) (Result, error) {
	k := d.kinds[t]
	at, ok := ParseID(id)
	if !ok {
		return Result{}, notFound(k)
	}
	if k.members != nil {
		defer d.busy.own(at)()
	}
	now := d.opts.Clock().UnixMilli()
	var gone *edit
	var ch *Change
	staged := false
	_, err := d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		e, err := d.begin(tx, writing{kind: k, id: at, pre: pre, cause: c})
		if err != nil {
			return err
		}
		gone = e
		if ch, err = d.erase(tx, e, now); err != nil {
			return err
		}
		staged, err = d.leaveGroups(tx, e, now)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	// What is left is invisible already; should this fail, Resume takes it up.
	tidy := context.WithoutCancel(ctx)
	if staged {
		_ = d.bury(tidy, idRef(at))
	}
	if k.members != nil {
		_ = d.purge(tidy, at, gone.gen)
	}
	return Result{Change: ch, Notes: c.Notes}, nil
}

// erase removes the record and index rows of e and counts and logs it; a
// group's members are left to a job.
func (d *Directory) erase(tx kv.Writer, e *edit, now int64) (*Change, error) {
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
		Time: now, Type: e.kind.Name, ID: e.id.String(), Op: Deleted,
		Token: e.cause.Token, RequestID: e.cause.RequestID, Resource: e.old.json, RemovedCount: int(e.old.members),
	}
	ch.note(e.cause.Notes)
	return ch, ch.put(tx, 0)
}

// leaveGroups takes a deleted resource out of its groups, here and now if one
// transaction can hold it, else by a job; staged says which.
func (d *Directory) leaveGroups(tx kv.Writer, e *edit, now int64) (staged bool, err error) {
	me := idRef(e.id)
	// Half the transaction is left to the resource's own rows.
	fits := d.store.Limits().MaxOps / 2 / opsPerDeparture
	in, err := memberships(tx, me, fits+1)
	if err != nil || len(in) == 0 {
		return false, err
	}
	if len(in) > fits {
		return true, tx.Put(deadKey(me), nil)
	}
	return false, d.depart(tx, me, in, 1, now, e.cause)
}
