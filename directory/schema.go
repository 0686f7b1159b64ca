package directory

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Schema is what a tenant declares, compiled. A partition without a schema row
// has the built-in types only, at revision 0.
type Schema struct {
	Revision    uint64
	Declaration *scimcore.Declaration
	Catalog     *scimcore.Catalog
	ChangedAt   time.Time
	ChangedBy   string
}

// LoadSchema reads the schema of the directory in partition p. It fails on a
// partition of a newer format.
func LoadSchema(ctx context.Context, store kv.Store, p kv.Partition) (*Schema, error) {
	s, err := loadState(ctx, store, p)
	if err != nil {
		return nil, err
	}
	out := &Schema{Revision: s.revision, ChangedBy: s.By}
	if s.revision > 0 {
		out.ChangedAt = time.UnixMilli(s.At).UTC()
	}
	out.Declaration, out.Catalog, err = compileSchema(s.Declaration)
	return out, err
}

// SchemaRefused says why a schema file is not taken, all reasons at once; each
// names where, what and what to do.
type SchemaRefused struct {
	// Clash says that the file is sound, and at odds with what is stored.
	Clash bool
	// Outdated says that the file was made for another revision than the one in force.
	Outdated bool
	Problems []string
}

func (e *SchemaRefused) Error() string { return strings.Join(e.Problems, "\n") }

func refused(err error, clash bool) error {
	out := &SchemaRefused{Clash: clash}
	if ps, ok := err.(scimcore.SchemaProblems); ok {
		for _, p := range ps {
			out.Problems = append(out.Problems, p.String())
		}
		return out
	}
	out.Problems = []string{err.Error()}
	return out
}

// errSchemaMoved ends a transaction of a directory whose schema is no longer the
// one in force, or is being changed: the client comes back in a moment.
var errSchemaMoved = fmt.Errorf("directory: the schema of the tenant changes: %w", kv.ErrConflict)

// schemaState is the schema row: the revision (8 bytes, big-endian), 1 while a
// change is under way and else 0, and the rest as JSON. What every write has to
// know comes first, so that proving it parses nothing.
type schemaState struct {
	revision uint64
	raw      []byte // the row as it was read

	At          int64          `json:"at"` // unix milliseconds of the last change
	By          string         `json:"by,omitempty"`
	Declaration jsontext.Value `json:"declaration"`
	// Next is what a change under way leads to, once the indexes in Build are
	// written. Until then nobody writes, and readers go on with Declaration.
	Next  jsontext.Value `json:"next,omitzero"`
	Build []indexName    `json:"build,omitzero"`
	// Drop lists indexes that no directory uses, once Next is empty: their rows
	// are on the way out.
	Drop []indexName `json:"drop,omitzero"`
}

// indexName is an index as its keys name it.
type indexName struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Unique bool   `json:"unique,omitzero"`
}

func (n indexName) prefix() kv.Key {
	kind := byte(rowIndex)
	if n.Unique {
		kind = rowUnique
	}
	return key(kind).Text(n.Type).Text(n.Name)
}

// errSchemaLost: going on without the schema would misread every document.
var errSchemaLost = errors.New("directory: the head row speaks of a schema row and there is none; put back a copy of the data folder")

const schemaHeader = 9

func (s *schemaState) encode() ([]byte, error) {
	b := binary.BigEndian.AppendUint64(nil, s.revision)
	changing := byte(0)
	if s.Next != nil {
		changing = 1
	}
	rest, err := json.Marshal(s)
	return append(append(b, changing), rest...), err
}

func decodeState(row []byte) (*schemaState, error) {
	if row == nil {
		return &schemaState{Declaration: jsontext.Value("{}")}, nil
	}
	s := &schemaState{raw: bytes.Clone(row)}
	if len(row) < schemaHeader {
		return nil, fmt.Errorf("directory: the schema row has %d bytes; put back a copy of the data folder", len(row))
	}
	s.revision = binary.BigEndian.Uint64(row)
	if err := json.Unmarshal(s.raw[schemaHeader:], s); err != nil {
		return nil, fmt.Errorf("directory: the schema row is damaged: %w; put back a copy of the data folder", err)
	}
	return s, nil
}

func loadState(ctx context.Context, store kv.Store, p kv.Partition) (s *schemaState, err error) {
	err = store.View(ctx, p, func(r kv.Reader) error {
		h, err := readHead(r)
		if err != nil {
			return err
		}
		row, err := r.Get(schemaKey())
		if err == nil && row == nil && h.Format >= formatSchema {
			err = errSchemaLost
		}
		if err != nil {
			return err
		}
		s, err = decodeState(row)
		return err
	})
	return s, err
}

func compileSchema(kept jsontext.Value) (*scimcore.Declaration, *scimcore.Catalog, error) {
	d, err := scimcore.ParseDeclaration(kept)
	if err != nil {
		return nil, nil, fmt.Errorf("directory: the kept schema cannot be used: %w", err)
	}
	cat, err := d.Catalog()
	return d, cat, err
}

// current proves that d was made from the schema in force. Every list asks, as
// its plan relies on the indexes of that schema.
func (d *Directory) current(r kv.Reader) error {
	_, err := d.schemaNow(r)
	return err
}

// writable proves the same for a write, which also waits for a change under way
// to end: it might miss an index that is being built.
func (d *Directory) writable(r kv.Reader) error {
	changing, err := d.schemaNow(r)
	if err == nil && changing {
		return errSchemaMoved
	}
	return err
}

func (d *Directory) schemaNow(r kv.Reader) (changing bool, err error) {
	row, err := r.Get(schemaKey())
	if err != nil {
		return false, err
	}
	revision := uint64(0)
	if len(row) >= schemaHeader {
		revision, changing = binary.BigEndian.Uint64(row), row[schemaHeader-1] != 0
	}
	if revision != d.opts.Revision {
		return changing, errSchemaMoved
	}
	return changing, nil
}
