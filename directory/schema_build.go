package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"scimedge/kv"
	"scimedge/scimcore"
)

// finishChange takes a change of schema from wherever it stands to its end:
// build the new indexes, flip, remove the rows of the old ones. When two
// resources share a value that is to be unique, what was built is removed again
// and the old schema stays: a [SchemaRefused].
func (d *Directory) finishChange(ctx context.Context, s *schemaState) error {
	var failed error
	if s.Next != nil {
		after := *s
		if failed = d.buildIndexes(ctx, s); failed == nil {
			after.flip()
		} else {
			after.Next, after.Build, after.Drop = nil, nil, s.Build
		}
		if err := d.putState(ctx, s, &after, nil); err != nil {
			return errors.Join(failed, err)
		}
		s = &after
	}
	return errors.Join(failed, d.dropIndexes(ctx, s))
}

// resumeSchema takes up a change that a crash interrupted. One that turns out to
// be refused is undone; there is nobody left to tell.
func (d *Directory) resumeSchema(ctx context.Context) error {
	s, err := loadState(ctx, d.store, d.part)
	if err != nil || s.Next == nil && s.Drop == nil {
		return err
	}
	err = d.finishChange(ctx, s)
	var no *SchemaRefused
	if errors.As(err, &no) {
		return nil
	}
	return err
}

// still proves that the schema row is the one that was read.
func (s *schemaState) still(r kv.Reader) error {
	row, err := r.Get(schemaKey())
	if err == nil && !bytes.Equal(row, s.raw) {
		return errSchemaMoved
	}
	return err
}

// buildIndexes writes the rows of the indexes in s.Build. It starts over after a
// crash: writing a row again changes nothing. No resource changes meanwhile,
// since every write waits for the end.
func (d *Directory) buildIndexes(ctx context.Context, s *schemaState) error {
	_, cat, err := compileSchema(s.Next)
	if err != nil {
		return err
	}
	for _, t := range cat.Types() {
		b := builder{d: d, s: s, t: t}
		for _, ix := range indexesOf(t) {
			for _, n := range s.Build {
				if ix.of(t.Name) == n {
					b.indexes = append(b.indexes, ix)
				}
			}
		}
		if len(b.indexes) == 0 {
			continue
		}
		if err := b.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// builder writes index rows of one type.
type builder struct {
	d       *Directory
	s       *schemaState
	t       *scimcore.Type
	indexes []index

	from []byte     // key of the next resource to look at
	rows []ownedRow // computed and not yet written
}

type ownedRow struct {
	indexRow
	id ID
}

// looksPerView bounds how long one read transaction of a builder lasts, and
// rowsPerView what it holds in memory.
const (
	looksPerView = 1000
	rowsPerView  = 10 * looksPerView
)

func (b *builder) run(ctx context.Context) error {
	for more := true; more; {
		if err := b.d.store.View(ctx, b.d.part, func(r kv.Reader) (err error) {
			more, err = b.collect(r)
			return err
		}); err != nil {
			return err
		}
		for len(b.rows) > 0 {
			chunk := b.rows[:min(len(b.rows), max(1, b.d.store.Limits().MaxOps/2), looksPerView)]
			if err := b.write(ctx, chunk); err != nil {
				return err
			}
			b.rows = b.rows[len(chunk):]
		}
	}
	return nil
}

// collect computes the rows of the next resources; more says that others follow.
func (b *builder) collect(r kv.Reader) (more bool, err error) {
	all := kv.Prefix(resourcePrefix(b.t.Name))
	prefix := len(all.Lo)
	if b.from != nil {
		all.Lo = b.from
	}
	looked := 0
	for e, err := range r.Scan(all) {
		if err != nil {
			return false, err
		}
		if looked++; looked > looksPerView || len(b.rows) > rowsPerView {
			b.from = bytes.Clone(e.Key)
			return true, nil
		}
		rec, err := decodeRecord(e.Value)
		if err != nil {
			return false, err
		}
		doc := scimcore.NewDoc(b.t)
		if err := scimcore.ReadStored(doc, b.t, rec.json); err != nil {
			return false, err
		}
		id := ID(e.Key[prefix:])
		for _, ix := range b.indexes {
			eachText(doc, ix.attr, func(text string) {
				b.rows = append(b.rows, ownedRow{indexRow{ix.key(b.t, id, text), ix.unique, ix.attr}, id})
			})
		}
	}
	return false, nil
}

func (b *builder) write(ctx context.Context, chunk []ownedRow) error {
	_, err := b.d.store.Update(ctx, b.d.part, func(tx kv.Writer) error {
		if err := b.s.still(tx); err != nil {
			return err
		}
		for _, row := range chunk {
			if !row.unique {
				if err := tx.Put([]byte(row.key), nil); err != nil {
					return err
				}
				continue
			}
			holder, err := tx.Get([]byte(row.key))
			if err != nil {
				return err
			}
			if holder != nil && !bytes.Equal(holder, row.id[:]) {
				return &SchemaRefused{Clash: true, Problems: []string{fmt.Sprintf(
					"attribute %s: it cannot be unique, since %s %s and %s have the same value; change one of them and load the schema again",
					row.attr.Path, b.t.Name, ID(holder), row.id)}}
			}
			if err := tx.Put([]byte(row.key), row.id[:]); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// dropIndexes removes the rows of the indexes in s.Drop, a number at a time, and
// then strikes them off the schema row.
func (d *Directory) dropIndexes(ctx context.Context, s *schemaState) error {
	if s.Drop == nil {
		return nil
	}
	perTx := max(1, min(rowsPerTx, d.store.Limits().MaxOps-2))
	for _, n := range s.Drop {
		for done := false; !done; {
			if _, err := d.store.Update(ctx, d.part, func(tx kv.Writer) error {
				if err := s.still(tx); err != nil {
					return err
				}
				var keys [][]byte
				for e, err := range tx.Scan(keysOnly(kv.Prefix(n.prefix()))) {
					if err != nil {
						return err
					}
					if keys = append(keys, bytes.Clone(e.Key)); len(keys) == perTx {
						break
					}
				}
				for _, k := range keys {
					if err := tx.Delete(k); err != nil {
						return err
					}
				}
				done = len(keys) < perTx
				return nil
			}); err != nil {
				return err
			}
		}
	}
	after := *s
	after.Drop = nil
	return d.putState(ctx, s, &after, nil)
}
