package directory

import (
	"context"
	"errors"

	"scimedge/kv"
)

// writeStaged does a write whose members are too many for one transaction. It
// works the outcome out on a snapshot, in memory. If little changes, that is
// applied as it stands; else the members are written as a new generation that no
// record names yet, and a last, small transaction makes it the one in force.
// Readers see the old members or the new ones, never a half; a crash leaves a job
// that removes what was written in vain.
func (d *Directory) writeStaged(ctx context.Context, w Write, now int64) (Result, error) {
	defer d.busy.own(w.id)()
	for range writeRetries {
		res, err := d.stageOnce(ctx, w, now)
		if !errors.Is(err, errMoved) {
			return res, err
		}
	}
	return Result{}, kv.ErrConflict
}

func (d *Directory) stageOnce(ctx context.Context, w Write, now int64) (res Result, err error) {
	draft, members, err := d.draft(ctx, w)
	if err != nil {
		return Result{}, err
	}
	if 4*len(members.did.order) <= d.store.Limits().MaxOps { // two rows each, and as much again for the rest
		return d.applyDraft(ctx, w, draft, members, now)
	}
	return d.flip(ctx, w, draft, members, now)
}

// applyDraft makes the changes of a draft in one transaction, provided the group
// is still what the draft was made from.
func (d *Directory) applyDraft(ctx context.Context, w Write, draft *edit, members *draftMembers, now int64) (res Result, err error) {
	_, err = d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		e, err := d.begin(tx, w)
		if err != nil {
			return err
		}
		if moved(draft.old, e.old) {
			return errMoved
		}
		dead, err := deadRefs(tx)
		if err != nil {
			return err
		}
		live := &liveMembers{d: d, w: tx, group: w.id, gen: e.gen, dead: dead}
		if err := live.apply(&members.did); err != nil {
			return err
		}
		e.doc, e.notes, e.members = draft.doc, draft.notes, live
		res, err = d.finish(newTxn(tx, now), e)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	res.Resource.Rows = d.rowsLater(ctx, w.kind, w.id)
	return res, nil
}

// flip writes the members of a draft as a new generation and makes it the one in
// force.
func (d *Directory) flip(ctx context.Context, w Write, draft *edit, members *draftMembers, now int64) (res Result, err error) {
	gen := draft.gen + 1
	if err := d.writeGeneration(ctx, w.id, gen, members); err != nil {
		_ = d.purge(context.WithoutCancel(ctx), w.id, gen)
		return Result{}, err
	}
	old := draft.gen
	_, err = d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		e, err := d.begin(tx, w)
		if err != nil {
			return err
		}
		spoilt, err := tx.Get(purgeKey(w.id, gen))
		if err != nil {
			return err
		}
		if moved(draft.old, e.old) || len(spoilt) > 0 {
			return errMoved
		}
		e.doc, e.notes, e.gen, e.members = draft.doc, draft.notes, gen, members
		if res, err = d.finish(newTxn(tx, now), e); err != nil {
			return err
		}
		if res.Change == nil {
			return errUnchanged
		}
		if err := tx.Delete(purgeKey(w.id, gen)); err != nil {
			return err
		}
		return tx.Put(purgeKey(w.id, old), nil)
	})
	// Clearing away goes on whatever became of the request: the outcome stands,
	// and should this fail, the job stays for Resume.
	tidy := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		_ = d.purge(tidy, w.id, old)
	default:
		_ = d.purge(tidy, w.id, gen)
	}
	if err != nil && !errors.Is(err, errUnchanged) {
		return Result{}, err
	}
	res.Resource.Rows = d.rowsLater(ctx, w.kind, w.id)
	return res, nil
}

// errUnchanged ends a staged write that turned out to change nothing.
var errUnchanged = errors.New("directory: nothing changed")

// draft runs w against a snapshot with all members in memory.
func (d *Directory) draft(ctx context.Context, w Write) (e *edit, members *draftMembers, err error) {
	err = d.store.View(ctx, d.part, func(r kv.Reader) error {
		if e, err = d.begin(r, w); err != nil {
			return err
		}
		dead, err := deadRefs(r)
		if err != nil {
			return err
		}
		if members, err = d.loadMembers(r, w.id, e.gen, dead); err != nil {
			return err
		}
		e.members = members
		return w.mutate(e)
	})
	if members != nil {
		members.r = nil // it ended with the snapshot
	}
	return e, members, err
}

func moved(before, now *record) bool {
	return before != nil && before.version != now.version
}

// writeGeneration writes members as generation gen, in as many transactions as
// it takes, after leaving a job that removes them should this be the last we
// hear of it.
func (d *Directory) writeGeneration(ctx context.Context, group ID, gen uint64, m *draftMembers) error {
	if err := d.purge(ctx, group, gen); err != nil { // left by a write that died here
		return err
	}
	if _, err := d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		return tx.Put(purgeKey(group, gen), nil)
	}); err != nil {
		return err
	}
	for rest := m.order; len(rest) > 0; {
		chunk := rest[:d.chunkOf(rest, m)]
		rest = rest[len(chunk):]
		if _, err := d.store.Update(ctx, d.part, func(tx kv.Writer) error {
			for _, r := range chunk {
				v := m.rows[r]
				if v == nil {
					continue
				}
				if err := stillThere(tx, ref(r), v[0]); err != nil {
					return err
				}
				if err := tx.Put(memberKey(group, gen, ref(r)), v); err != nil {
					return err
				}
				if err := tx.Put(reverseKey(ref(r), group, gen), nil); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// stillThere proves that a member was not deleted since the draft looked it up.
// From here on its deletion finds the row and spoils the generation.
func stillThere(tx kv.Reader, to ref, what byte) error {
	typ := memberTypes[what]
	if typ == "" {
		return nil
	}
	v, err := tx.Get(resourceKey(typ, ID(to[1:])))
	if err == nil && v == nil {
		return errMoved
	}
	return err
}

// chunkOf is how many of refs go into one transaction, at two rows each; at least one.
func (d *Directory) chunkOf(refs []string, m *draftMembers) int {
	lim := d.store.Limits()
	lim.MaxOps = min(lim.MaxOps, rowsPerTx)
	bytes := 0
	for i, r := range refs {
		bytes += 2*(len(r)+32) + len(m.rows[r])
		if i > 0 && (2*(i+1) > lim.MaxOps || bytes > lim.MaxBytes) {
			return i
		}
	}
	return len(refs)
}
