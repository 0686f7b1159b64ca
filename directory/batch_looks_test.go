package directory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// What the patches of a batch may look at is bounded all together, and what a store
// makes a transaction do twice counts once.
func TestBatchLooks(t *testing.T) {
	for name, opts := range map[string]memkv.Options{"plain": {}, "hostile": {Hostile: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, memkv.New(opts), directory.Options{Dialect: scimcore.Lenient()})
			many := make([]string, 1500)
			for i := range many {
				many[i] = fmt.Sprint("m", i)
			}
			g := w.newGroup("g", many...)
			b := &batchOf{world: w}
			// 100 operations of 1,500 comparisons each: 13 of these may be done.
			ops := "[" + strings.Repeat(`,{"op":"remove","path":"members[display eq \"x\"]"}`, 100)[1:] + "]"
			for range 16 {
				b.patch(w.group, g, ops)
			}
			var want []int
			for i := range 16 {
				want = append(want, map[bool]int{true: 400}[i >= 13])
			}
			out := b.run(0, want...)
			require.ErrorContains(t, out[13].Err, "requests of their own")
			b.ops = nil
			b.patch(w.group, g, ops)
			b.run(0, 0)
		})
	}
}
