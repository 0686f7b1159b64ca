package directory

import (
	"context"
	"errors"

	"scimedge/kv"
	"scimedge/scimcore"
)

// BatchOp is one operation of a [Directory.Batch].
type BatchOp struct {
	Write
	// Needs are the places of the creates in the batch that this operation names,
	// itself included if it does.
	Needs []int
}

// BatchResult is what became of one operation. It says what happened to what, and
// holds no content: a batch may change one large resource a thousand times.
type BatchResult struct {
	Result
	Err error // nil when the operation was done
	// Processed is false for what was left undone since too many others failed.
	Processed bool
}

// Batch runs writes as [scimcore.BulkOrder] orders them and returns a result for
// each, in the order given. It is not one transaction: every operation is done whole
// or not at all, by itself, and what fails takes with it only what needs it. But as
// many as is fair to others share a transaction, since what a write costs is its
// commit. stopAfter is how many may fail before the rest is left undone; 0 is any
// number.
//
// An operation that needs a failed one fails with 409 without being run.
// Operations that need each other are done together or not at all. ops is used up.
func (d *Directory) Batch(ctx context.Context, ops []BatchOp, stopAfter int) []BatchResult {
	needs := make([][]int, len(ops))
	for i := range ops {
		needs[i] = ops[i].Needs
	}
	b := &batch{
		d: d, ops: ops, units: scimcore.BulkOrder(needs), out: make([]BatchResult, len(ops)),
		stopAfter: stopAfter, now: d.opts.Clock().UnixMilli(), looks: batchLooks,
	}
	for i := range ops {
		ops[i].looks = &b.looks
	}
	b.introduce()
	for at := 0; at < len(b.units) && !b.stopped(); {
		at = b.share(ctx, at)
	}
	return b.out
}

// A transaction takes operations until it has cost so many rows, or has so many
// units, whether they fail or not: no batch keeps other writers waiting for longer
// than a large PATCH does. A new user is some 16 rows.
const (
	batchCost  = 4096
	batchUnits = 256
)

// batchLooks bounds what the patches of a batch may look at together: ten times
// what a single one may.
const batchLooks = 2_000_000

type batch struct {
	d         *Directory
	ops       []BatchOp
	units     [][]int // places of operations, in the order of execution
	out       []BatchResult
	failed    int
	stopAfter int
	now       int64
	looks     int // left to the patches
}

func (b *batch) stopped() bool { return b.stopAfter > 0 && b.failed >= b.stopAfter }

// introduce makes the resources of a circle known to each other before any of them
// is there.
func (b *batch) introduce() {
	for _, unit := range b.units {
		if !b.circular(unit) {
			continue
		}
		beside := map[ID]byte{}
		for _, i := range unit {
			for what, typ := range memberTypes {
				if w := &b.ops[i].Write; w.create && typ != "" && w.kind.Name == typ {
					beside[w.id] = byte(what)
				}
			}
		}
		for _, i := range unit {
			b.ops[i].beside = beside
		}
	}
}

// circular reports whether the operations of a unit name each other, or the only
// one itself.
func (b *batch) circular(unit []int) bool {
	if len(unit) > 1 {
		return true
	}
	for _, n := range b.ops[unit[0]].Needs {
		if n == unit[0] {
			return true
		}
	}
	return false
}

// share runs units from at on in one transaction and returns the first it left over.
func (b *batch) share(ctx context.Context, at int) int {
	end := min(at+batchUnits, len(b.units))
	next, failed, looks := at, b.failed, b.looks
	var t *txn
	var apart error // why the unit at next does not fit in with those before it
	unlock := b.hold(b.units[at:end])
	_, err := b.d.store.Update(ctx, b.d.part, func(w kv.Writer) error {
		t, b.failed, b.looks, next, apart = newTxn(w, b.now), failed, looks, at, nil
		b.forget(b.units[at:end]) // what an earlier run came to
		for ; next < end && t.cost < batchCost && !b.stopped(); next++ {
			err := b.run(t, b.units[next])
			if sharesNot(err) {
				apart = err
				return nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		b.d.tidy(ctx, t)
	}
	unlock()
	switch {
	case err != nil:
		if next == at {
			next = end // the store did not so much as begin
		}
		b.lost(b.units[at:next], err)
	case apart != nil && next == at:
		return b.alone(ctx, at, apart)
	}
	return next
}

func (b *batch) forget(units [][]int) {
	for _, unit := range units {
		for _, i := range unit {
			b.out[i] = BatchResult{}
		}
	}
}

// sharesNot reports whether an operation failed for want of room, or has to wait
// for a job: reasons that its neighbours have nothing to do with.
func sharesNot(err error) bool {
	return errors.Is(err, kv.ErrTooLarge) || errors.Is(err, errLarge) || errors.Is(err, errDead)
}

func (b *batch) hold(units [][]int) (unlock func()) {
	var ws []Write
	for _, unit := range units {
		for _, i := range unit {
			ws = append(ws, b.ops[i].Write)
		}
	}
	return b.d.hold(ws...)
}

// run does one unit, all of it or nothing, inside a transaction that it shares with
// others. It returns an error only if the unit has no result: the transaction is
// then as it was before.
func (b *batch) run(t *txn, unit []int) error {
	if b.hopeless(unit) {
		return nil
	}
	start := t.point()
	for _, i := range unit {
		res, err := b.d.run(t, b.ops[i].Write)
		if err == nil {
			b.out[i] = BatchResult{Result: lean(res), Processed: true}
			continue
		}
		if err := t.undo(start); err != nil {
			return err
		}
		if sharesNot(err) {
			return err
		}
		b.fail(unit, i, err)
		return nil
	}
	return nil
}

// lean leaves out what a result has of the resource's content.
func lean(res Result) Result {
	res.Resource.Stored, res.Resource.Rows = nil, nil
	if c := res.Change; c != nil {
		c.Resource, c.Added, c.Removed, c.Unresolved = nil, nil, nil, nil
		for i := range c.Attributes {
			c.Attributes[i].Before, c.Attributes[i].After = nil, nil
		}
	}
	return res
}

// hopeless fails a unit of which an operation cannot be run, or needs one that failed.
func (b *batch) hopeless(unit []int) bool {
	for _, i := range unit {
		if err := b.ops[i].refused; err != nil {
			b.fail(unit, i, err)
			return true
		}
	}
	for _, i := range unit {
		for _, n := range b.ops[i].Needs {
			if b.out[n].Processed && b.out[n].Err != nil {
				b.fail(unit, i, scimcore.Errorf(409, scimcore.NoType,
					"Operation %d, whose bulkId this one refers to, failed, so this one was not tried. Mend that one and send both again.", n+1))
				return true
			}
		}
	}
	return false
}

// fail gives a unit its results: err to the operation at fault, 409 to those that
// are not possible without it, unless they could not have been run either.
func (b *batch) fail(unit []int, fault int, err error) {
	for _, i := range unit {
		why := err
		switch {
		case i == fault:
		case b.ops[i].refused != nil:
			why = b.ops[i].refused
		default:
			why = scimcore.Errorf(409, scimcore.NoType,
				"This operation and operation %d refer to each other, and that one failed, so neither was done. Mend that one and send both again.", fault+1)
		}
		b.out[i] = BatchResult{Err: why, Processed: true}
		b.failed++
	}
}

// lost says of the operations of a transaction that was not committed why.
func (b *batch) lost(units [][]int, err error) {
	for _, unit := range units {
		for _, i := range unit {
			if b.out[i].Err == nil {
				b.out[i] = BatchResult{Err: err, Processed: true}
				b.failed++
			}
		}
	}
}

// alone runs a unit that does not fit in with others: one operation the way it
// would go by itself, in stages if it takes them. Those of a circle have to share a
// transaction, so there is no other way for them.
func (b *batch) alone(ctx context.Context, at int, why error) (next int) {
	unit := b.units[at]
	if !b.circular(unit) {
		i := unit[0]
		res, err := b.d.write(ctx, b.ops[i].Write)
		if err != nil {
			b.fail(unit, i, err)
			return at + 1
		}
		b.out[i] = BatchResult{Result: lean(res), Processed: true}
		return at + 1
	}
	if errors.Is(why, errDead) {
		if err := b.d.resumeJobs(ctx); err != nil {
			b.fail(unit, unit[0], err)
			return at + 1
		}
		return at
	}
	b.fail(unit, unit[0], scimcore.Errorf(409, scimcore.NoType,
		"Operations that refer to each other in a circle are done together, and these are too large for that. Create the groups without members first, then add the members."))
	return at + 1
}
