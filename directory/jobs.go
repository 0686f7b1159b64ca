package directory

import (
	"bytes"
	"context"

	"scimedge/kv"
)

// Resume makes the directory ready for use: it refuses a newer format, and finishes
// what a crash left half done: a change of schema, and what [Directory.resumeJobs]
// clears away. Call it before serving, and while no change of schema is under way
// here. It may put another schema into force: d is out of date then.
func (d *Directory) Resume(ctx context.Context) error {
	if err := d.resumeSchema(ctx); err != nil {
		return err
	}
	return d.resumeJobs(ctx)
}

// resumeJobs clears away what a crash or a failed request left: generations of
// members that no record names, and memberships of deleted resources. Readers
// never see either.
func (d *Directory) resumeJobs(ctx context.Context) error {
	var jobs [][]byte
	err := d.store.View(ctx, d.part, func(r kv.Reader) error {
		for e, err := range r.Scan(keysOnly(kv.Prefix(key(rowJob)))) {
			if err != nil {
				return err
			}
			jobs = append(jobs, bytes.Clone(e.Key))
		}
		return nil
	})
	for _, j := range jobs {
		if err != nil {
			return err
		}
		switch j[1] {
		case jobDead:
			err = d.bury(ctx, ref(j[2:]))
		case jobPurge:
			if group, gen, ok := cutGroupGen(j); ok {
				unlock := d.busy.own(group)
				err = d.purge(ctx, group, gen)
				unlock()
			}
		}
	}
	return err
}

// purge removes generation gen of a group's member rows, unless the group's
// record names it, and then the job itself. The caller owns the group's lock or
// knows that nobody else can be writing this generation.
func (d *Directory) purge(ctx context.Context, group ID, gen uint64) error {
	perTx := max(1, min(rowsPerTx, d.store.Limits().MaxOps-2)/2)
	for {
		done := false
		_, err := d.store.Update(ctx, d.part, func(tx kv.Writer) error {
			done = true
			inForce, err := d.names(tx, group, gen)
			if err != nil {
				return err
			}
			if !inForce {
				refs, err := firstMembers(tx, group, gen, perTx)
				if err != nil {
					return err
				}
				for _, r := range refs {
					if err := tx.Delete(memberKey(group, gen, r)); err != nil {
						return err
					}
					if err := tx.Delete(reverseKey(r, group, gen)); err != nil {
						return err
					}
				}
				done = len(refs) < perTx
			}
			if !done {
				return nil
			}
			return deleteIfThere(tx, purgeKey(group, gen))
		})
		if err != nil || done {
			return err
		}
	}
}

// rowsPerTx bounds how many rows a transaction of staged work writes or clears
// away: every other write waits for it.
const rowsPerTx = 4000

// deleteIfThere spares the commit that deleting a missing key would cost.
func deleteIfThere(tx kv.Writer, k []byte) error {
	if v, err := tx.Get(k); err != nil || v == nil {
		return err
	}
	return tx.Delete(k)
}

// names reports whether the group exists and gen is its generation in force.
func (d *Directory) names(r kv.Reader, group ID, gen uint64) (bool, error) {
	k, rec, err := d.groupRecord(r, group)
	return k != nil && rec.gen == gen, err
}

// groupRecord finds a resource that has members, whatever its type; a nil kind
// says that there is none.
func (d *Directory) groupRecord(r kv.Reader, id ID) (*kind, record, error) {
	for _, k := range d.grouping {
		v, err := r.Get(resourceKey(k.Name, id))
		if err != nil {
			return nil, record{}, err
		}
		if v != nil {
			rec, err := decodeRecord(v)
			return k, rec, err
		}
	}
	return nil, record{}, nil
}

func firstMembers(r kv.Reader, group ID, gen uint64, n int) ([]ref, error) {
	prefix := memberPrefix(group, gen)
	var refs []ref
	for e, err := range r.Scan(keysOnly(kv.Prefix(prefix))) {
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref(bytes.Clone(e.Key[len(prefix):])))
		if len(refs) == n {
			break
		}
	}
	return refs, nil
}

// membership is one reverse row: the group and generation that list a member.
type membership struct {
	group ID
	gen   uint64
}

func memberships(r kv.Reader, of ref, n int) ([]membership, error) {
	var out []membership
	for e, err := range r.Scan(keysOnly(kv.Prefix(reversePrefix(of)))) {
		if err != nil {
			return nil, err
		}
		group, gen, ok := cutGroupGen(e.Key)
		if !ok {
			continue
		}
		if out = append(out, membership{group, gen}); len(out) == n {
			break
		}
	}
	return out, nil
}

// opsPerDeparture is how many rows it takes to take a member out of one group:
// both membership rows, the record, two index rows and a change.
const opsPerDeparture = 6

// encode keeps of a cause what a change names, so that what a job does later is put
// down to the request that left it.
func (c Cause) encode() []byte {
	return kv.Key(nil).Text(c.Token).Text(c.RequestID)
}

// decodeCause reads what encode wrote; of anything else nobody is the cause.
func decodeCause(b []byte) (c Cause) {
	token, rest, ok := kv.CutText(b)
	if request, _, both := kv.CutText(rest); ok && both {
		c.Token, c.RequestID = token, request
	}
	return c
}

// bury takes a deleted resource out of the groups that list it, a number of
// groups at a time, and then removes the job.
func (d *Directory) bury(ctx context.Context, dead ref) error {
	perTx := max(1, min(rowsPerTx, d.store.Limits().MaxOps-4)/opsPerDeparture)
	now := d.opts.Clock().UnixMilli()
	for {
		done := false
		_, err := d.store.Update(ctx, d.part, func(tx kv.Writer) error {
			job, err := tx.Get(deadKey(dead))
			if err != nil {
				return err
			}
			in, err := memberships(tx, dead, perTx)
			if err != nil {
				return err
			}
			if err := d.depart(newTxn(tx, now), dead, in, decodeCause(job)); err != nil {
				return err
			}
			if done = len(in) < perTx; !done {
				return nil
			}
			return deleteIfThere(tx, deadKey(dead))
		})
		if err != nil || done {
			return err
		}
	}
}

// depart removes the memberships of a deleted resource and logs what became of
// each group.
func (d *Directory) depart(tx *txn, dead ref, in []membership, c Cause) error {
	left := 0
	for _, m := range in {
		if err := tx.Delete(memberKey(m.group, m.gen, dead)); err != nil {
			return err
		}
		if err := tx.Delete(reverseKey(dead, m.group, m.gen)); err != nil {
			return err
		}
		k, rec, err := d.groupRecord(tx, m.group)
		if err != nil {
			return err
		}
		if k == nil || rec.gen != m.gen {
			if err := spoil(tx, m); err != nil {
				return err
			}
			continue
		}
		if err := d.shrink(tx, k, m.group, rec); err != nil {
			return err
		}
		ch := &Change{
			Time: tx.now, Was: rec.modified, WasVersion: rec.version, Type: k.Name, ID: m.group.String(), Op: Updated, Token: c.Token, RequestID: c.RequestID,
			Removed: []string{dead.value()}, RemovedCount: 1,
		}
		if err := tx.log(ch); err != nil {
			return err
		}
		left++
	}
	return addCount(tx, membershipCount, -left, 0)
}

// spoil tells a staged write that its unfinished generation lost a member, so
// that it starts over.
func spoil(tx kv.Writer, m membership) error {
	k := purgeKey(m.group, m.gen)
	if v, err := tx.Get(k); err != nil || v == nil {
		return err
	}
	return tx.Put(k, []byte{1})
}

// shrink counts one member less in a group's record and moves its version on.
func (d *Directory) shrink(tx *txn, k *kind, id ID, rec record) error {
	if err := tx.Delete([]byte(modifiedKey(k.Type, rec.modified, id))); err != nil {
		return err
	}
	rec.json = bytes.Clone(rec.json)
	rec.members--
	rec.touch(tx.now, uint64(tx.Seq()))
	if err := tx.Put([]byte(modifiedKey(k.Type, rec.modified, id)), nil); err != nil {
		return err
	}
	return tx.Put(resourceKey(k.Name, id), rec.encode())
}
