// Package directories is where a tenant becomes a directory: it turns what
// tenancy knows of a tenant (its profile and settings) into the options of package
// directory, and keeps each directory once made, since a directory holds the locks
// that order its staged writes. The command and the test harness both stand on it.
//
// It may import kv, scimcore, directory and tenancy. It does no HTTP.
package directories

import (
	"sync"
	"sync/atomic"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// Cache holds the directories of one store. It is safe for concurrent use.
type Cache struct {
	store   kv.Store
	catalog *scimcore.Catalog
	base    directory.Options

	lenient    scimcore.Dialect
	leniencies []scimcore.Leniency

	mu        sync.RWMutex
	byKey     map[cacheKey]*directory.Directory
	forgotten int // how often one was let go of

	changes    sync.Map     // tenant id -> nothing: whose schema is being changed
	unfinished sync.Map     // tenant id -> nothing: whose change of schema failed half-way
	failed     atomic.Int32 // how many of those there are
}

// cacheKey is what makes a directory another one: no less, or a tenant would be
// read as it was; and no more, as two directories do not know of each other's locks.
type cacheKey struct {
	tenant  string
	dialect scimcore.Dialect
}

// New returns an empty cache. base is what all directories have in common; the
// dialect follows each tenant's profile and settings.
func New(store kv.Store, base directory.Options) (*Cache, error) {
	catalog, err := scimcore.NewCatalog(scimcore.UserType(), scimcore.GroupType())
	if err != nil {
		return nil, err
	}
	return &Cache{
		store: store, catalog: catalog, base: base,
		lenient: scimcore.Lenient(), leniencies: scimcore.Leniencies(),
		byKey: map[cacheKey]*directory.Directory{},
	}, nil
}

// Of returns the directory of t, from memory once it was made.
func (c *Cache) Of(t *tenancy.Tenant) (*directory.Directory, error) {
	if c.failed.Load() > 0 {
		c.tryAgain(t)
	}
	key := cacheKey{t.ID, c.dialect(t)}
	c.mu.RLock()
	dir, forgotten := c.byKey[key], c.forgotten
	c.mu.RUnlock()
	if dir != nil {
		return dir, nil
	}
	// Reading and compiling a schema takes its time: nobody else waits for it.
	catalog, revision, err := c.schema(t)
	if err != nil {
		return nil, err
	}
	opts := c.options(key)
	opts.Revision = revision
	c.mu.Lock()
	defer c.mu.Unlock()
	if dir := c.byKey[key]; dir != nil {
		return dir, nil
	}
	dir = directory.New(c.store, t.Partition(), catalog, opts)
	if forgotten == c.forgotten { // else what was read may be old by now: good for this once
		c.byKey[key] = dir
	}
	return dir, nil
}

// options is how the directory of a key behaves.
func (c *Cache) options(key cacheKey) directory.Options {
	o := c.base
	o.Dialect = key.dialect
	o.Moved = func() { c.Forget(key.tenant) }
	return o
}

// dialect is that of the tenant's profile with its own choices over it. It is
// asked for every request and makes nothing where nothing was chosen.
func (c *Cache) dialect(t *tenancy.Tenant) scimcore.Dialect {
	d := c.lenient
	if t.Profile == tenancy.ProfileStrict {
		d = scimcore.Strict()
	}
	if len(t.Settings.Leniencies) == 0 {
		return d
	}
	return c.overridden(d, t.Settings.Leniencies)
}

func (c *Cache) overridden(d scimcore.Dialect, choices map[string]bool) scimcore.Dialect {
	for _, l := range c.leniencies {
		if on, chosen := choices[l.Name]; chosen {
			l.Set(&d, on)
		}
	}
	return d
}

// Forget lets go of a tenant's directories, when it was deleted or its schema
// became another.
func (c *Cache) Forget(tenantID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgotten++
	for key := range c.byKey {
		if key.tenant == tenantID {
			delete(c.byKey, key)
		}
	}
}
