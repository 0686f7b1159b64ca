package directory_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

func benchWorld(b *testing.B, bolt bool) *world {
	if bolt {
		return newWorld(b, openBolt(b), directory.Options{Dialect: scimcore.Lenient()})
	}
	return newWorld(b, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
}

func BenchmarkGet(b *testing.B) { benchmarkGet(b, 1) }

// BenchmarkGetNested shows what the groups above cost.
func BenchmarkGetNested(b *testing.B) {
	for _, levels := range []int{0, 2, 5} {
		b.Run(fmt.Sprintf("levels%d", levels), func(b *testing.B) { benchmarkGet(b, levels) })
	}
}

// benchmarkGet reads a user who is in one group and in those above it.
func benchmarkGet(b *testing.B, levels int) {
	w := benchWorld(b, true)
	id := w.newUser("ada")
	for in := id; levels > 0; levels-- {
		in = w.newGroup("eng", in)
	}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		err := w.Get(ctx, w.user, id, func(r *scimcore.Resource) (err error) {
			buf, err = scimcore.AppendResource(buf[:0], r, "https://x.example/scim/v2", nil)
			return err
		})
		require.NoError(b, err)
	}
}

// BenchmarkFilterNestedGroup counts the users that are in a group by way of
// another, next to those who are in it themselves.
func BenchmarkFilterNestedGroup(b *testing.B) {
	w := benchWorld(b, false)
	users := make([]string, 10_000)
	for i := range users {
		users[i] = w.newUser(fmt.Sprintf("user%d", i))
	}
	inner := w.newGroup("inner", users...)
	for name, group := range map[string]string{"direct": inner, "indirect": w.newGroup("outer", inner)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, total := w.page(w.user, `groups.value eq "`+group+`"`, 1, 0)
				require.Equal(b, len(users), total)
			}
		})
	}
}

// BenchmarkCreate is durable: 64 writers share the fsyncs.
func BenchmarkCreate(b *testing.B) {
	w := benchWorld(b, true)
	var n atomic.Int64
	b.SetParallelism(32) // times GOMAXPROCS
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w.newUser(fmt.Sprintf("user%d", n.Add(1)))
		}
	})
}

// BenchmarkBatch creates a thousand users for one client, by themselves and as one
// batch: what differs is the number of commits.
func BenchmarkBatch(b *testing.B) {
	const size = 1000
	for _, step := range []int{1, size} {
		b.Run(fmt.Sprintf("by%d", step), func(b *testing.B) {
			w := benchWorld(b, true)
			n := 0
			before := w.seq()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				for range size / step {
					ops := &batchOf{world: w}
					for range step {
						n++
						ops.create(w.user, fmt.Sprintf(`{"userName":"user%d","externalId":"x%d","emails":[{"value":"user%d@acme.example","type":"work"}]}`, n, n, n))
					}
					w.Batch(ctx, ops.ops, 0)
				}
			}
			b.ReportMetric(float64(w.seq()-before)/float64(b.N), "commits/op")
		})
	}
}

// BenchmarkAddMember shows that the cost of adding one member does not depend on
// how many there are.
func BenchmarkAddMember(b *testing.B) {
	for _, size := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("into%d", size), func(b *testing.B) {
			w := benchWorld(b, true)
			ids := make([]string, size)
			for i := range ids {
				id, err := directory.NewID()
				require.NoError(b, err)
				ids[i] = id.String()
			}
			g := w.newGroup("large", ids...)
			u := w.newUser("ada")
			add := `[{"op":"add","path":"members","value":[{"value":"` + u + `"}]}]`
			remove := `[{"op":"remove","path":"members[value eq \"` + u + `\"]"}]`
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				_, err := w.patch(w.group, g, add)
				require.NoError(b, err)
				_, err = w.patch(w.group, g, remove)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkFilterUserName(b *testing.B) {
	for _, size := range []int{1_000, 20_000} {
		b.Run(fmt.Sprintf("of%d", size), func(b *testing.B) {
			w := benchWorld(b, false)
			for i := range size {
				w.newUser(fmt.Sprintf("user%d", i))
			}
			q := directory.Query{Sources: w.sources(`userName eq "user77"`, "", w.user), Count: 100}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				_, err := w.List(ctx, q, func(*scimcore.Resource) error { return nil })
				require.NoError(b, err)
			}
		})
	}
}
