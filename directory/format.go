package directory

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"scimedge/kv"
)

// Format is the version of the key layout and record codecs this code writes. A
// directory of a newer format is refused: an older binary would misread it.
const Format = 1

// head is the row that says what a partition holds.
type head struct {
	Format  int   `json:"format"`
	Created int64 `json:"created"` // unix milliseconds
}

// format proves that the partition is of a format this code knows, and marks a
// fresh one with the present format.
func (d *Directory) format(ctx context.Context) error {
	fresh := false
	err := d.store.View(ctx, d.part, func(r kv.Reader) error {
		v, err := r.Get(headKey())
		if err != nil || v == nil {
			fresh = v == nil
			return err
		}
		return checkHead(v)
	})
	if err != nil || !fresh {
		return err
	}
	b, err := json.Marshal(head{Format, d.opts.Clock().UnixMilli()})
	if err != nil {
		return err
	}
	_, err = d.store.Update(ctx, d.part, func(tx kv.Writer) error {
		if v, err := tx.Get(headKey()); err != nil || v != nil {
			return err
		}
		return tx.Put(headKey(), b)
	})
	return err
}

func checkHead(v []byte) error {
	var h head
	if err := json.Unmarshal(v, &h); err != nil {
		return fmt.Errorf("directory: the head row is damaged: %w; put back a copy of the data folder", err)
	}
	if h.Format > Format {
		return fmt.Errorf("directory: the store has format %d, this program knows up to %d; start the newer program that wrote it", h.Format, Format)
	}
	return nil
}
