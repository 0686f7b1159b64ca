package directories_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
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
			_, err = cache.SetSchema(ctx, tenant, file(""), "test", false)
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
				_, err := cache.SetSchema(ctx, tenant, file(attribute), "test", false)
				require.NoError(t, err)
			}
			wg.Wait()
			_, err = cache.SetSchema(ctx, tenant, file(`,"uniqueness":"server"`), "test", false)
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

func TestOneChangeAtATime(t *testing.T) {
	ctx := context.Background()
	held := &gate{Store: memkv.New(memkv.Options{}), entered: make(chan struct{}), open: make(chan struct{})}
	cache, err := directories.New(held, directory.Options{})
	require.NoError(t, err)
	tenant := &tenancy.Tenant{ID: "0123456789abcdef", Name: "acme"}
	off := []byte(`{"attributesOff":["` + scimcore.UserSchema + `:title"]}`)
	first := make(chan error)
	go func() {
		_, err := cache.SetSchema(ctx, tenant, off, "test", false)
		first <- err
	}()
	<-held.entered
	_, err = cache.SetSchema(ctx, tenant, []byte(`{}`), "test", false)
	require.ErrorIs(t, err, kv.ErrConflict)
	require.ErrorIs(t, cache.Resume(ctx, tenant), kv.ErrConflict)
	close(held.open)
	require.NoError(t, <-first)
	s, err := cache.Schema(ctx, tenant)
	require.NoError(t, err)
	require.Equal(t, uint64(1), s.Revision)
	require.Equal(t, string(off), string(s.Declaration.AppendFile(nil)))
}

// gate holds the first update up until it is opened.
type gate struct {
	kv.Store
	once          sync.Once
	entered, open chan struct{}
}

func (g *gate) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	g.once.Do(func() { close(g.entered); <-g.open })
	return g.Store.Update(ctx, p, fn)
}
