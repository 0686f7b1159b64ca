package directories_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/directories"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

// TestWritersMeetSchemaChanges lets many write while the schema changes again and
// again. A write that finds the schema moved is sent again, as an identity
// provider does it; in the end each is there once, and every index is whole.
func TestWritersMeetSchemaChanges(t *testing.T) {
	ctx := context.Background()
	for name, opts := range map[string]memkv.Options{"plain": {}, "limited": {Limited: true}} {
		t.Run(name, func(t *testing.T) {
			cache, err := directories.New(memkv.New(opts), directory.Options{})
			require.NoError(t, err)
			tenant := &tenancy.Tenant{ID: "0123456789abcdef", Name: "acme"}
			file := func(attribute string) []byte {
				return []byte(`{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"badge"` + attribute + `},{"name":"other"}]}],
					"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}]}`)
			}
			_, err = cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(""), By: "test"})
			require.NoError(t, err)
			const writers, each = 8, 60
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					for i := range each {
						if err := create(ctx, cache, tenant, fmt.Sprintf("u%d-%d", w, i)); err != nil {
							t.Errorf("writer %d: %v", w, err)
							return
						}
					}
				})
			}
			for i := range 30 {
				attribute := []string{`,"uniqueness":"server"`, `,"filterable":true`, ""}[i%3]
				_, err := cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(attribute), By: "test"})
				require.NoError(t, err)
			}
			wg.Wait()
			_, err = cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(`,"uniqueness":"server"`), By: "test"})
			require.NoError(t, err)
			dir, err := cache.Of(tenant)
			require.NoError(t, err)
			report, err := dir.Check(ctx, false)
			require.NoError(t, err)
			require.Empty(t, report.Findings)
			require.Equal(t, writers*each, report.Resources["User"])
			require.ErrorContains(t, create(ctx, cache, tenant, "u7-59"), "already has this value")
		})
	}
}

// create makes a user, however often it takes.
func create(ctx context.Context, cache *directories.Cache, tenant *tenancy.Tenant, name string) error {
	for {
		dir, err := cache.Of(tenant)
		if err != nil {
			return err
		}
		doc, err := scimcore.Parse(dir.Catalog().Type("User"), []byte(`{"userName":"`+name+`","urn:x:y:Ext":{"badge":"`+name+`"}}`), scimcore.Lenient(), nil)
		if err != nil {
			return err
		}
		if _, err = dir.Create(ctx, doc, directory.Cause{}); !errors.Is(err, kv.ErrConflict) {
			return err
		}
	}
}

// TestAFailedChangeIsTakenUp: a store that takes no writes for a while leaves a
// change half-way. Once it does again, the tenant's writes go on without anybody's
// help.
func TestAFailedChangeIsTakenUp(t *testing.T) {
	ctx := context.Background()
	full := &fullStore{Store: memkv.New(memkv.Options{})}
	cache, err := directories.New(full, directory.Options{})
	require.NoError(t, err)
	tenant := &tenancy.Tenant{ID: "0123456789abcdef", Name: "acme"}
	file := func(more string) []byte {
		return []byte(`{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"badge"` + more + `}]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}]}`)
	}
	_, err = cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(""), By: "test"})
	require.NoError(t, err)
	require.NoError(t, create(ctx, cache, tenant, "ada"))
	full.after.Store(1)
	_, err = cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(`,"uniqueness":"server"`), By: "test"})
	require.ErrorIs(t, err, kv.ErrNoSpace)
	full.after.Store(0)
	require.NoError(t, create(ctx, cache, tenant, "bob"))
	s, err := cache.Schema(ctx, tenant)
	require.NoError(t, err)
	require.Equal(t, uint64(2), s.Revision)
	dir, err := cache.Of(tenant)
	require.NoError(t, err)
	report, err := dir.Check(ctx, false)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

// fullStore is out of space after a number of updates; 0 is never.
type fullStore struct {
	kv.Store
	after atomic.Int32
}

func (s *fullStore) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if n := s.after.Load(); n < 0 || n > 0 && !s.after.CompareAndSwap(1, -1) {
		return 0, kv.ErrNoSpace
	}
	return s.Store.Update(ctx, p, fn)
}

func TestOneChangeAtATime(t *testing.T) {
	ctx := context.Background()
	held := &gate{Store: memkv.New(memkv.Options{}), entered: make(chan struct{}), open: make(chan struct{})}
	cache, err := directories.New(held, directory.Options{})
	require.NoError(t, err)
	tenant := &tenancy.Tenant{ID: "0123456789abcdef", Name: "acme"}
	off := []byte(`{"attributesOff":["` + scimcore.UserSchema + `:title"]}`)
	first := make(chan error)
	go func() {
		_, err := cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: off, By: "test"})
		first <- err
	}()
	<-held.entered
	_, err = cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: []byte(`{}`), By: "test"})
	require.ErrorIs(t, err, kv.ErrConflict)
	require.ErrorIs(t, cache.Resume(ctx, tenant), kv.ErrConflict)
	close(held.open)
	require.NoError(t, <-first)
	s, err := cache.Schema(ctx, tenant)
	require.NoError(t, err)
	require.Equal(t, uint64(1), s.Revision)
	require.Equal(t, string(off), string(s.Declaration.AppendFile(nil)))
}

// gate holds one update up until it is opened: the first after some have passed.
type gate struct {
	kv.Store
	pass          atomic.Int32
	entered, open chan struct{}
}

func (g *gate) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if g.pass.Add(-1) == -1 {
		close(g.entered)
		<-g.open
	}
	return g.Store.Update(ctx, p, fn)
}

// TestClearingAwayKeepsNobodyWaiting: once a new schema is in force, lists and
// writes go by it, while the rows of the indexes it dropped are still on their way
// out.
func TestClearingAwayKeepsNobodyWaiting(t *testing.T) {
	ctx := context.Background()
	held := &gate{Store: memkv.New(memkv.Options{}), entered: make(chan struct{}), open: make(chan struct{})}
	held.pass.Store(1 << 20)
	cache, err := directories.New(held, directory.Options{})
	require.NoError(t, err)
	tenant := &tenancy.Tenant{ID: "0123456789abcdef", Name: "acme"}
	file := func(more string) []byte {
		return []byte(`{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"badge"` + more + `}]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}]}`)
	}
	_, err = cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(`,"filterable":true`), By: "test"})
	require.NoError(t, err)
	require.NoError(t, create(ctx, cache, tenant, "ada"))
	changed := make(chan error)
	held.pass.Store(1) // the new schema passes, clearing away waits
	go func() {
		_, err := cache.SetSchema(ctx, tenant, directory.SchemaWrite{File: file(""), By: "test"})
		changed <- err
	}()
	<-held.entered
	dir, err := cache.Of(tenant)
	require.NoError(t, err)
	user := dir.Catalog().Type("User")
	listed := 0
	_, err = dir.List(ctx, directory.Query{Sources: []directory.Source{{Type: user}}, StartIndex: 1, Count: 9}, func(*scimcore.Resource) error { listed++; return nil })
	require.NoError(t, err)
	require.Equal(t, 1, listed)
	doc, err := scimcore.Parse(user, []byte(`{"userName":"bob","urn:x:y:Ext":{"badge":"b"}}`), scimcore.Lenient(), nil)
	require.NoError(t, err)
	_, err = dir.Create(ctx, doc, directory.Cause{})
	require.NoError(t, err)
	close(held.open)
	require.NoError(t, <-changed)
	report, err := dir.Check(ctx, false)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}
