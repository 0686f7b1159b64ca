package directory

import (
	"time"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Directory is one tenant's users and groups. It is safe for concurrent use and
// holds no state that is not in the store.
type Directory struct {
	store    kv.Store
	part     kv.Partition
	cat      *scimcore.Catalog
	kinds    map[*scimcore.Type]*kind
	grouping []*kind // the kinds that have members
	opts     Options
	busy     groupLocks
}

// kind is a resource type with what the directory adds to it.
type kind struct {
	*scimcore.Type
	indexes []index
	members *scimcore.Attr // Group.members; nil for types that have no members
	groups  *scimcore.Attr // User.groups, computed from memberships; nil elsewhere
	active  *scimcore.Attr // nil for types without it
}

// Options say how a directory behaves.
type Options struct {
	Dialect scimcore.Dialect
	// Clock gives the time of a change; nil means time.Now.
	Clock func() time.Time
	// ScanBudget is the most resources and members a query may look at when no index
	// helps; beyond it the answer is 400 tooMany, or a short page by cursor. A page
	// shows no more rows of members and groups than that either, but of its last
	// resource. 0 means no bound.
	ScanBudget int
	// Revision is that of the schema the catalog was made from, see [LoadSchema].
	// Writes and lists end with kv.ErrConflict once another one is in force.
	Revision uint64
	// Moved is called when another schema came into force through this directory,
	// which is out of date from then on, while its indexes are still being cleared
	// away. nil calls nothing.
	Moved func()
}

// New returns the directory kept in partition p. It does no I/O.
func New(store kv.Store, p kv.Partition, cat *scimcore.Catalog, opts Options) *Directory {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	d := &Directory{store: store, part: p, cat: cat, opts: opts, kinds: map[*scimcore.Type]*kind{}}
	for _, t := range cat.Types() {
		k := &kind{Type: t, indexes: indexesOf(t), active: activeOf(t)}
		for _, a := range t.Root.Subs {
			switch {
			case a.Rows && a.Mutability == scimcore.ReadOnly:
				k.groups = a
			case a.Rows:
				k.members = a
			}
		}
		d.kinds[t] = k
		if k.members != nil {
			d.grouping = append(d.grouping, k)
		}
	}
	return d
}

// activeOf finds the flag "active" of a type; nil when it has none. One that is
// retired still counts: the numbers kept are those of stored values.
func activeOf(t *scimcore.Type) *scimcore.Attr {
	for i := range t.Len() {
		if a := t.Attr(i); a.Parent == t.Root && a.Path == "active" && a.Type == scimcore.Boolean && !a.MultiValued {
			return a
		}
	}
	return nil
}

// Catalog is the set of resource types this directory serves.
func (d *Directory) Catalog() *scimcore.Catalog { return d.cat }

// Dialect is the set of leniencies in force.
func (d *Directory) Dialect() scimcore.Dialect { return d.opts.Dialect }

// Cause says who made a change and by which request; it becomes part of the
// change record. Token is the public prefix, never a secret.
type Cause struct {
	Token     string
	RequestID string
	Notes     []scimcore.Note // the leniencies the request used
}

// Precondition decides inside the transaction whether a write may go on, given
// the resource's present version and when it was last modified, in unix
// milliseconds. Its error is returned as it is. It must be pure, as it may run
// more than once. nil means no condition.
type Precondition func(version uint64, modified int64) error

// Result is what a write left behind.
type Result struct {
	// Resource is the resource as this write left it, owned by the caller. Its
	// Rows read the store when called.
	Resource scimcore.Resource
	// Change is the record added to the change log; nil when nothing changed.
	Change *Change
	// Notes are the leniencies used, those of Cause included.
	Notes []scimcore.Note
}
