package directories

import (
	"context"
	"errors"
	"fmt"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// schema is the catalog of t and its revision. Tenants that declare nothing share one.
func (c *Cache) schema(t *tenancy.Tenant) (*scimcore.Catalog, uint64, error) {
	s, err := directory.LoadSchema(context.Background(), c.store, t.Partition())
	if err != nil {
		return nil, 0, fmt.Errorf("tenant %s: %w", t.Name, err)
	}
	if s.Revision == 0 {
		return c.catalog, 0, nil
	}
	return s.Catalog, s.Revision, nil
}

// Schema reads what t declares.
func (c *Cache) Schema(ctx context.Context, t *tenancy.Tenant) (*directory.Schema, error) {
	return directory.LoadSchema(ctx, c.store, t.Partition())
}

// SetSchema makes a schema file that of t, see [directory.Directory.SetSchema].
// It is in force from the next call of Of on. kv.ErrConflict while another change
// of the tenant's schema is under way.
func (c *Cache) SetSchema(ctx context.Context, t *tenancy.Tenant, w directory.SchemaWrite) (directory.SchemaChange, error) {
	var change directory.SchemaChange
	err := c.exclusively(t, func() error {
		dir, err := c.Of(t)
		if err != nil || w.DryRun {
			if err == nil {
				change, err = dir.SetSchema(ctx, w)
			}
			return err
		}
		// What a crash left of an earlier change comes first.
		if err := dir.Resume(ctx); err != nil {
			return err
		}
		c.Forget(t.ID)
		if dir, err = c.Of(t); err != nil {
			return err
		}
		defer c.Forget(t.ID)
		change, err = dir.SetSchema(ctx, w)
		return err
	})
	return change, err
}

// Resume finishes what a crash left half done in the directory of t.
func (c *Cache) Resume(ctx context.Context, t *tenancy.Tenant) error {
	return c.exclusively(t, func() error {
		dir, err := c.Of(t)
		if err != nil {
			return err
		}
		defer c.Forget(t.ID)
		return dir.Resume(ctx)
	})
}

// exclusively runs one change of a tenant's schema at a time, and remembers one
// that failed and may have left writers waiting.
func (c *Cache) exclusively(t *tenancy.Tenant, run func() error) error {
	if _, busy := c.changes.LoadOrStore(t.ID, nil); busy {
		return fmt.Errorf("another change of the schema is under way: %w", kv.ErrConflict)
	}
	defer c.changes.Delete(t.ID)
	err := run()
	var no *directory.SchemaRefused
	if err == nil || errors.As(err, &no) {
		if _, was := c.unfinished.LoadAndDelete(t.ID); was {
			c.failed.Add(-1)
		}
	} else if _, was := c.unfinished.LoadOrStore(t.ID, nil); !was {
		c.failed.Add(1)
	}
	return err
}

// tryAgain takes up a change of schema that failed, as when the volume was full:
// until it has ended, the tenant's writes are told to come back. Whoever asks
// next for the directory sets it going, and does not wait for it.
func (c *Cache) tryAgain(t *tenancy.Tenant) {
	if _, failed := c.unfinished.Load(t.ID); !failed {
		return
	}
	if _, busy := c.changes.Load(t.ID); busy {
		return
	}
	again := *t
	go func() { _ = c.Resume(context.Background(), &again) }() // should it fail, the next one tries
}
