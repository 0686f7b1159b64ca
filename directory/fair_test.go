package directory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// weighing knows the most rows that a transaction wrote or deleted.
type weighing struct {
	kv.Store
	most int
}

type weighed struct {
	kv.Writer
	rows int
}

func (w *weighed) Put(k, v []byte) error { w.rows++; return w.Writer.Put(k, v) }

func (w *weighed) Delete(k []byte) error { w.rows++; return w.Writer.Delete(k) }

func (s *weighing) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	return s.Store.Update(ctx, p, func(tx kv.Writer) error {
		w := &weighed{Writer: tx}
		err := fn(w)
		s.most = max(s.most, w.rows)
		return err
	})
}

// TEN-03: tenants share the writer, so what is staged goes in small transactions,
// however much the store would take in one.
func TestStagedWorkIsFair(t *testing.T) {
	const fair = 4100
	s := &weighing{Store: memkv.New(memkv.Options{})}
	w := newWorld(t, s, directory.Options{Dialect: scimcore.Lenient()})
	w.load(extended(`{"name":"badge","filterable":true}`))
	many := make([]string, 15_000) // more than one transaction may change
	for i := range many {
		many[i] = fmt.Sprint("m", i)
	}
	gone := w.newUser("gone")
	b := &batchOf{world: w}
	for i := range 1500 {
		b.create(w.group, fmt.Sprintf(`{"displayName":"g%d","members":[{"value":%q}]}`, i, gone))
	}
	for i := range 4500 {
		b.create(w.user, fmt.Sprintf(`{"userName":"u%d","%s":{"badge":"b%d"}}`, i, extURN, i))
	}
	for _, res := range b.Batch(ctx, b.ops, 0) {
		require.NoError(t, res.Err)
	}
	large := ""
	for name, do := range map[string]func(){
		"a large group comes": func() { large = w.newGroup("large", many...) },
		"a user leaves": func() {
			_, err := w.Delete(ctx, w.user, gone, nil, directory.Cause{Token: "t"})
			require.NoError(t, err)
		},
		"an index comes and goes": func() {
			w.load(extended(`{"name":"badge"}`))
			w.load(extended(`{"name":"badge","uniqueness":"server"}`))
		},
	} {
		s.most = 0
		do()
		require.Less(t, s.most, fair, name)
	}
	s.most = 0
	_, err := w.Delete(ctx, w.group, large, nil, directory.Cause{Token: "t"})
	require.NoError(t, err)
	require.Less(t, s.most, fair, "a large group goes")
}
