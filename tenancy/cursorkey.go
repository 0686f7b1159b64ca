package tenancy

import (
	"context"
	"fmt"
	"io"

	"scimedge/kv"
)

// CursorKey is the secret that the edge seals the cursors of lists with. It is
// made once for a store, so that a cursor outlives a restart.
func (r *Registry) CursorKey() [32]byte { return r.cursorKey }

// loadCursorKey reads the key, or makes it in a store that has none.
func (r *Registry) loadCursorKey(ctx context.Context) error {
	var fresh [32]byte
	if _, err := io.ReadFull(r.opts.Rand, fresh[:]); err != nil {
		return fmt.Errorf("reading randomness: %w", err)
	}
	_, err := r.store.Update(ctx, kv.System, func(w kv.Writer) error {
		b, err := w.Get(key(rowCursorKey))
		switch {
		case err != nil:
			return err
		case b == nil:
			r.cursorKey = fresh
			return w.Put(key(rowCursorKey), fresh[:])
		case len(b) != len(fresh):
			return fmt.Errorf("%w: the cursor key has %d bytes, want %d", kv.ErrCorrupt, len(b), len(fresh))
		}
		r.cursorKey = [32]byte(b)
		return nil
	})
	return err
}
