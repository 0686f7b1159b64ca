package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"scimedge/kv"
	"scimedge/scimcore"
)

// SchemaChange is what a change of schema did, or would do.
type SchemaChange struct {
	// Revision is the number of the schema in force afterwards.
	Revision uint64 `json:"revision"`
	scimcore.SchemaDiff
	Indexed   []string `json:"indexed,omitempty"`   // type and attribute whose stored values get an index
	Unindexed []string `json:"unindexed,omitempty"` // whose index goes
}

// Stands reports whether the change is in force, or on its way there, although
// [Directory.SetSchema] ended with err: what was begun is taken up again.
func (c *SchemaChange) Stands(err error) bool {
	var no *SchemaRefused
	return c.Revision > 0 && !errors.As(err, &no)
}

// SchemaWrite asks for a change of schema.
type SchemaWrite struct {
	File   []byte
	By     string // for whom, for the record
	DryRun bool   // only say what it would do
	// IfRevision are the revisions that the file was made for; nil is any.
	IfRevision []uint64
}

// SetSchema makes the declarations of a schema file those of the tenant, merged
// with what was declared before, see [scimcore.Merge].
//
// Where stored values need another index it takes many transactions: meanwhile
// reads go on and writes end with kv.ErrConflict. A crash in between is taken up
// by [Directory.Resume]. Afterwards d is out of date: make a new one, at the latest
// when [Options].Moved says so.
//
// The error is a [SchemaRefused] when the file cannot be taken, and kv.ErrConflict
// when d is out of date or another change is under way. A change that failed
// half-way is returned with the error.
func (d *Directory) SetSchema(ctx context.Context, w SchemaWrite) (SchemaChange, error) {
	next, err := scimcore.ParseSchemaFile(w.File)
	if err != nil {
		return SchemaChange{}, refused(err, false)
	}
	s, err := loadState(ctx, d.store, d.part)
	if err != nil {
		return SchemaChange{}, err
	}
	if w.IfRevision != nil && !slices.Contains(w.IfRevision, s.revision) {
		return SchemaChange{}, &SchemaRefused{Outdated: true, Problems: []string{fmt.Sprintf(
			"the schema is at revision %d by now: read it again, and bring your change to that", s.revision)}}
	}
	if s.revision != d.opts.Revision || s.Next != nil || s.Drop != nil {
		return SchemaChange{}, errSchemaMoved
	}
	c, err := d.planChange(s, next)
	if err != nil {
		return SchemaChange{}, err
	}
	if w.DryRun || c.out.Empty() {
		err = d.store.View(ctx, d.part, c.provable)
		return c.out, err
	}
	c.out.Revision++
	after := *s
	after.At, after.By = d.opts.Clock().UnixMilli(), w.By
	after.Next, after.Build, after.Drop = c.next, c.build, c.drop
	if len(c.build) == 0 {
		after.flip()
	}
	if err := d.putState(ctx, s, &after, c.begin); err != nil {
		return SchemaChange{}, err
	}
	// From here on the change is under way, whatever becomes of the request.
	return c.out, d.finishChange(context.WithoutCancel(ctx), &after)
}

// schemaPlan is a change of schema before it meets a transaction.
type schemaPlan struct {
	out         SchemaChange
	next        jsontext.Value
	build, drop []indexName
}

func (d *Directory) planChange(s *schemaState, next *scimcore.Declaration) (*schemaPlan, error) {
	now, err := scimcore.ParseDeclaration(s.Declaration)
	if err != nil {
		return nil, err
	}
	merged, diff, err := scimcore.Merge(now, next)
	if err != nil {
		return nil, refused(err, true)
	}
	cat, err := merged.Catalog()
	if err != nil {
		return nil, refused(err, true)
	}
	p := &schemaPlan{out: SchemaChange{Revision: s.revision, SchemaDiff: diff}, next: merged.Append(nil)}
	for _, was := range d.cat.Types() {
		if t := cat.Type(was.Name); t != nil { // else there are no resources of it
			p.compare(d.kinds[was], indexesOf(t))
		}
	}
	return p, nil
}

// compare finds the indexes of a type that come and go. An attribute that was
// never declared has no values to index.
func (p *schemaPlan) compare(k *kind, is []index) {
	for _, ix := range is {
		if n := ix.of(k.Name); !holds(k.indexes, n) && everHad(k.Type, ix.name) {
			p.build = append(p.build, n)
			p.out.Indexed = append(p.out.Indexed, n.text())
		}
	}
	for _, ix := range k.indexes {
		if n := ix.of(k.Name); !holds(is, n) {
			p.drop = append(p.drop, n)
			p.out.Unindexed = append(p.out.Unindexed, n.text())
		}
	}
}

func (ix index) of(typ string) indexName { return indexName{typ, ix.name, ix.unique} }

func (n indexName) text() string {
	if n.Unique {
		return n.Type + " " + n.Name + " (unique)"
	}
	return n.Type + " " + n.Name
}

func holds(list []index, n indexName) bool {
	for _, ix := range list {
		if ix.name == n.Name && ix.unique == n.Unique {
			return true
		}
	}
	return false
}

func everHad(t *scimcore.Type, path string) bool {
	for i := range t.Len() {
		if t.Attr(i).Path == path {
			return true
		}
	}
	return false
}

// provable proves that no resource is left of the types that go.
func (p *schemaPlan) provable(r kv.Reader) error {
	for _, typ := range p.out.TypesRemoved {
		v, err := r.Get(countKey(typ))
		if err != nil {
			return err
		}
		c, err := decodeCounts(v)
		if err != nil {
			return err
		}
		if c.total > 0 {
			return &SchemaRefused{Clash: true, Problems: []string{fmt.Sprintf(
				"resource type %s: there are %d resources of it; delete them first, or leave the type in the file", typ, c.total)}}
		}
	}
	return nil
}

// begin is what the first transaction of a change does beside its row.
func (p *schemaPlan) begin(tx kv.Writer) error {
	if err := p.provable(tx); err != nil {
		return err
	}
	for _, typ := range p.out.TypesRemoved {
		if err := deleteIfThere(tx, countKey(typ)); err != nil {
			return err
		}
	}
	return nil
}

// flip makes Next the schema in force.
func (s *schemaState) flip() {
	s.revision++
	s.Declaration, s.Next, s.Build = s.Next, nil, nil
}

// putState replaces the schema row, provided it is still was, and marks the
// partition as one that has it. also may add to the transaction.
func (d *Directory) putState(ctx context.Context, was, is *schemaState, also func(kv.Writer) error) error {
	row, err := is.encode()
	if err != nil {
		return err
	}
	_, err = d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		if err := was.still(tx); err != nil {
			return err
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := raiseFormat(tx, is.At); err != nil {
			return err
		}
		return tx.Put(schemaKey(), row)
	})
	is.raw = row
	if err == nil && is.revision != was.revision && d.opts.Moved != nil {
		d.opts.Moved()
	}
	return err
}
