package directory

import (
	"bytes"
	"context"
	"errors"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Errors that send a write another way instead of reaching the caller.
var (
	// errDead: the write names a deleted resource whose memberships are still
	// being cleared away; that job has to end first.
	errDead = errors.New("directory: a member is being removed")
	// errLarge: the write has to look at too many members to do so inside a
	// transaction.
	errLarge = errors.New("directory: too many members for one transaction")
	// errMoved: the group changed while a staged write prepared its new members.
	errMoved = errors.New("directory: the group changed meanwhile")
)

// Create stores doc as a new resource of its type, with an id of ours, and
// returns it. 409 uniqueness when a unique value is taken; 400 when required
// attributes are missing. doc is used up.
func (d *Directory) Create(ctx context.Context, doc *scimcore.Doc, c Cause) (Result, error) {
	id, err := NewID()
	if err != nil {
		return Result{}, err
	}
	return d.write(ctx, d.PrepareCreate(id, doc, c))
}

// Replace makes doc the whole of the resource's readWrite attributes (RFC 7644,
// section 3.5.1). Members that doc does not name are removed. 404 when the id is
// unknown, 409 uniqueness, 400 mutability for a changed immutable attribute.
func (d *Directory) Replace(ctx context.Context, t *scimcore.Type, id string, doc *scimcore.Doc, pre Precondition, c Cause) (Result, error) {
	return d.write(ctx, d.PrepareReplace(t, id, doc, pre, c))
}

// Patch applies p, all of it or nothing (RFC 7644, section 3.5.2).
func (d *Directory) Patch(ctx context.Context, t *scimcore.Type, id string, p *scimcore.Patch, pre Precondition, c Cause) (Result, error) {
	return d.write(ctx, d.PreparePatch(t, id, p, pre, c))
}

// edit is one run of a Write: the resource before and after.
type edit struct {
	Write
	old     *record       // nil when the resource is new
	oldDoc  *scimcore.Doc // nil when the resource is new
	doc     *scimcore.Doc
	members editor // nil for types without members
	gen     uint64 // the generation of members in force after this write
	notes   scimcore.Notes
}

func (e *edit) sets(a *scimcore.Attr) (scimcore.Set, error) {
	if a != e.kind.members {
		return nil, scimcore.Bad(scimcore.Mutable, "%s is read-only; change the members of the group instead", a.Path)
	}
	return e.members, nil
}

// write runs w in one transaction or, when that grows too large, in stages.
func (d *Directory) write(ctx context.Context, w Write) (res Result, err error) {
	if w.refused != nil {
		return Result{}, w.refused
	}
	now := d.opts.Clock().UnixMilli()
	for range writeRetries {
		res, err = d.writeOnce(ctx, w, now)
		if w.mutate == nil {
			return res, err
		}
		if errors.Is(err, errLarge) || errors.Is(err, kv.ErrTooLarge) && w.kind.members != nil {
			res, err = d.writeStaged(ctx, w, now)
		}
		if !errors.Is(err, errDead) {
			return res, err
		}
		if err := d.resumeJobs(ctx); err != nil {
			return Result{}, err
		}
	}
	return Result{}, kv.ErrConflict
}

// writeRetries bounds how often a write waits for a removal to end.
const writeRetries = 8

func (d *Directory) writeOnce(ctx context.Context, w Write, now int64) (res Result, err error) {
	defer d.hold(w)()
	var t *txn
	_, err = d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		t = newTxn(tx, now)
		res, err = d.run(t, w)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	d.tidy(ctx, t)
	if w.mutate != nil {
		res.Resource.Rows = d.rowsLater(ctx, w.kind, w.id)
	}
	return res, nil
}

// run does w inside a transaction.
func (d *Directory) run(tx *txn, w Write) (Result, error) {
	e, err := d.begin(tx, w)
	if err != nil {
		return Result{}, err
	}
	if w.mutate == nil {
		return d.remove(tx, e)
	}
	if w.kind.members != nil {
		dead, err := deadRefs(tx)
		if err != nil {
			return Result{}, err
		}
		e.members = &liveMembers{d: d, w: tx, group: w.id, gen: e.gen, dead: dead, beside: w.beside}
	}
	if err := w.mutate(e); err != nil {
		return Result{}, err
	}
	return d.finish(tx, e)
}

// begin loads what w is about to change and checks its precondition. What it
// returns does not alias the store's memory.
func (d *Directory) begin(r kv.Reader, w Write) (*edit, error) {
	if err := d.writable(r); err != nil {
		return nil, err
	}
	e := &edit{Write: w, gen: 1}
	if w.create {
		return e, nil
	}
	v, err := r.Get(resourceKey(w.kind.Name, w.id))
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, notFound(w.kind)
	}
	old, err := decodeRecord(bytes.Clone(v))
	if err != nil {
		return nil, err
	}
	if w.pre != nil {
		if err := w.pre(old.version, old.modified); err != nil {
			return nil, err
		}
	}
	e.old, e.gen = &old, old.gen
	e.oldDoc = scimcore.NewDoc(w.kind.Type)
	return e, scimcore.ReadStored(e.oldDoc, w.kind.Type, old.json)
}

// finish stores the outcome of e with its indexes, counts and change record, or
// nothing at all when the resource is what it was before.
func (d *Directory) finish(tx *txn, e *edit) (Result, error) {
	notes := append(append([]scimcore.Note(nil), e.cause.Notes...), e.notes...)
	next := record{gen: e.gen, json: e.doc.AppendStored(nil)}
	var did memberSum
	if e.members != nil {
		did = e.members.delta().sum()
		next.label = e.doc.String(e.doc.Find(e.kind.Root.Sub("displayName")))
	}
	if e.old == nil {
		next.created, next.modified, next.version = tx.now, tx.now, uint64(tx.Seq())
	} else {
		next.created, next.modified, next.members = e.old.created, e.old.modified, e.old.members
		if !did.changed && bytes.Equal(next.json, e.old.json) {
			return Result{Resource: e.old.resource(e.kind.Type, e.id.String()), Notes: notes}, nil
		}
		next.touch(tx.now, uint64(tx.Seq()))
	}
	next.members += uint64(did.addedCount) - uint64(did.removedCount)
	if err := d.reindex(tx, e, &next); err != nil {
		return Result{}, err
	}
	if err := tx.Put(resourceKey(e.kind.Name, e.id), next.encode()); err != nil {
		return Result{}, err
	}
	if err := d.recount(tx, e, &did); err != nil {
		return Result{}, err
	}
	ch := d.describe(e, &next, &did, notes, tx.now)
	if err := tx.log(ch); err != nil {
		return Result{}, err
	}
	return Result{Resource: next.resource(e.kind.Type, e.id.String()), Change: ch, Notes: notes}, nil
}

// reindex writes the difference between the index rows before and after, and
// refuses a unique value that another resource holds.
func (d *Directory) reindex(tx kv.Writer, e *edit, next *record) error {
	var old []indexRow
	if e.old != nil {
		old = indexRows(e.kind.indexes, e.kind.Type, e.id, e.oldDoc, e.old.modified)
	}
	rows := indexRows(e.kind.indexes, e.kind.Type, e.id, e.doc, next.modified)
	for i, j := 0, 0; i < len(old) || j < len(rows); {
		switch {
		case j == len(rows) || i < len(old) && old[i].key < rows[j].key:
			if err := tx.Delete([]byte(old[i].key)); err != nil {
				return err
			}
			i++
		case i == len(old) || rows[j].key < old[i].key:
			if err := putIndex(tx, e, rows[j]); err != nil {
				return err
			}
			j++
		default:
			i, j = i+1, j+1
		}
	}
	return nil
}

func putIndex(tx kv.Writer, e *edit, row indexRow) error {
	if !row.unique {
		return tx.Put([]byte(row.key), nil)
	}
	holder, err := tx.Get([]byte(row.key))
	if err != nil {
		return err
	}
	if holder != nil && !bytes.Equal(holder, e.id[:]) {
		return scimcore.Errorf(409, scimcore.Unique,
			"%s: another %s already has this value; find it with the filter %s eq \"...\" and update it instead", row.attr.Path, e.kind.Name, row.attr.Path)
	}
	return tx.Put([]byte(row.key), e.id[:])
}

// recount keeps the number of resources and memberships.
func (d *Directory) recount(tx kv.Writer, e *edit, did *memberSum) error {
	total, inactive := 0, 0
	if e.old == nil {
		total = 1
	} else if e.isInactive(e.oldDoc) {
		inactive--
	}
	if e.doc != nil && e.isInactive(e.doc) {
		inactive++
	}
	if err := addCount(tx, e.kind.Name, total, inactive); err != nil {
		return err
	}
	return addCount(tx, membershipCount, did.addedCount-did.removedCount, 0)
}

const membershipCount = "Membership"

// isInactive reports whether "active" is there and false.
func (e *edit) isInactive(doc *scimcore.Doc) bool { return e.kind.inactive(doc) }

func (k *kind) inactive(doc *scimcore.Doc) bool {
	if k.active == nil {
		return false
	}
	n := doc.Find(k.active)
	return n != 0 && !doc.Bool(n)
}

func addCount(tx kv.Writer, what string, total, inactive int) error {
	if total == 0 && inactive == 0 {
		return nil
	}
	k := countKey(what)
	v, err := tx.Get(k)
	if err != nil {
		return err
	}
	c, err := decodeCounts(v)
	if err != nil {
		return err
	}
	c.total += uint64(total)
	c.inactive += uint64(inactive)
	return tx.Put(k, c.encode())
}

// describe makes the change record of e.
func (d *Directory) describe(e *edit, next *record, did *memberSum, notes []scimcore.Note, now int64) *Change {
	ch := &Change{
		Time: now, Type: e.kind.Name, ID: e.id.String(), Op: Updated, Token: e.cause.Token, RequestID: e.cause.RequestID,
		Added: did.added, Removed: did.removed, Unresolved: did.unresolved,
		AddedCount: did.addedCount, RemovedCount: did.removedCount, UnresolvedCount: did.unresolvedCount,
	}
	ch.note(notes)
	if e.old == nil {
		ch.Op, ch.Resource = Created, next.json
		return ch
	}
	ch.Was, ch.WasVersion, ch.Attributes = e.old.modified, e.old.version, diff(e.oldDoc, e.doc)
	was, is := e.isInactive(e.oldDoc), e.isInactive(e.doc)
	ch.Deactivated, ch.Reactivated = is && !was, was && !is
	return ch
}
