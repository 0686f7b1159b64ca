package tenancy

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv/memkv"
)

// What many writers left in memory is what a fresh start reads.
func TestTheMapAgreesWithTheStore(t *testing.T) {
	everyMode(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range 10 {
					name := fmt.Sprintf("t%d-%d", g, i)
					_, err := w.CreateTenant(w.ctx, NewTenant{Name: name, Hosts: []string{name + ".test", name + ".b.test"}}, tester)
					if err == nil && i%2 == 0 {
						err = w.SetHosts(w.ctx, name, []string{name + ".c.test"}, tester)
					}
					if err == nil {
						err = w.SetPaused(w.ctx, "globex", i%2 == 0, tester)
					}
					if err == nil && i%3 == 0 {
						err = w.DeleteTenant(w.ctx, name, tester)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		fresh, err := Open(w.ctx, w.store, Options{})
		require.NoError(t, err)
		require.Equal(t, fresh.tenants.Load(), w.tenants.Load())
	})
}

func TestManyTenantsAreCheapToChange(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	for i := range 1000 {
		_, err := w.CreateTenant(w.ctx, NewTenant{Name: fmt.Sprint("t", i), Hosts: []string{fmt.Sprintf("t%d.test", i)}}, tester)
		require.NoError(t, err)
	}
	list, err := w.Tenants(w.ctx)
	require.NoError(t, err)
	require.Len(t, list, 1003)
}
