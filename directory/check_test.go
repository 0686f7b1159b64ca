package directory_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// TestCheckFindsEveryDamage removes, in turn, every single row of a directory
// and sees that the check notices, and that repair brings back what can be
// derived.
func TestCheckFindsEveryDamage(t *testing.T) {
	rowsOf := func(w *world) (keys, values [][]byte) {
		require.NoError(t, w.store.View(ctx, tenant, func(r kv.Reader) error {
			for e, err := range r.Scan(kv.Range{}) {
				require.NoError(t, err)
				keys, values = append(keys, bytes.Clone(e.Key)), append(values, bytes.Clone(e.Value))
			}
			return nil
		}))
		return keys, values
	}
	build := func() *world {
		w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
		w.load(extended(`{"name":"badge","uniqueness":"server"}`))
		u, err := w.extUser("ada", `"badge":"b1"`)
		require.NoError(t, err)
		w.newGroup("eng", u, "stranger")
		_, err = w.patch(w.user, u, `[{"op":"replace","value":{"active":false}}]`)
		require.NoError(t, err)
		return w
	}
	w := build()
	keys, values := rowsOf(w)
	require.Greater(t, len(keys), 15)
	repairable := 0
	for i, k := range keys {
		_, err := w.store.Update(ctx, tenant, func(tx kv.Writer) error { return tx.Delete(k) })
		require.NoError(t, err)
		rep, err := w.Check(ctx, false)
		if k[0] == 's' { // without it there is no telling what to check
			require.Error(t, err)
			_, err = directory.LoadSchema(ctx, w.store, tenant)
			require.ErrorContains(t, err, "put back a copy")
		} else {
			require.NoError(t, err)
			// Of the log only the records' newest changes are vouched for.
			require.True(t, len(rep.Findings) > 0 || k[0] == 'l', "losing %q went unnoticed", k)
		}
		if bytes.IndexByte([]byte("!uxMn"), k[0]) >= 0 {
			_, err = w.Check(ctx, true)
			require.NoError(t, err)
			w.consistent()
			repairable++
		}
		_, err = w.store.Update(ctx, tenant, func(tx kv.Writer) error { return tx.Put(k, values[i]) })
		require.NoError(t, err)
		w.consistent()
	}
	require.Greater(t, repairable, 10)
}

func TestCheckFindsStrayRows(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
	u := w.newUser("ada")
	g := w.newGroup("eng", u)
	gid, _ := directory.ParseID(g)
	uid, _ := directory.ParseID(u)
	for _, k := range []kv.Key{
		kv.Key("x").Text("User").Text("displayName").Text("gone").Raw(uid[:]),
		kv.Key("u").Text("User").Text("userName").Text("gone"),
		kv.Key("M").Byte(2).Text("nobody").Raw(gid[:]).Uint64(1),
		kv.Key("m").Raw(gid[:]).Uint64(9).Byte(2).Text("nobody"),
		kv.Key("n").Text("Thing"),
		kv.Key("?").Text("what is this"),
	} {
		value := []byte(nil)
		if k[0] == 'u' {
			value = uid[:]
		}
		_, err := w.store.Update(ctx, tenant, func(tx kv.Writer) error { return tx.Put(k, value) })
		require.NoError(t, err)
		rep, err := w.Check(ctx, true)
		require.NoError(t, err)
		require.Len(t, rep.Findings, 1, "%q", k)
		require.Equal(t, 1, rep.Repaired)
		w.consistent()
	}
}

// TestFormats: a partition is marked in the transaction that first writes its
// schema, and a newer format is refused whatever way one goes.
func TestFormats(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient()})
	head := func() (v string) {
		require.NoError(t, w.store.View(ctx, tenant, func(r kv.Reader) error {
			row, err := r.Get([]byte("!"))
			v = string(row)
			return err
		}))
		return v
	}
	set := func(v string) {
		_, err := w.store.Update(ctx, tenant, func(tx kv.Writer) error { return tx.Put([]byte("!"), []byte(v)) })
		require.NoError(t, err)
	}
	w.newUser("ada")
	require.NoError(t, w.Resume(ctx))
	require.Empty(t, head(), "what an older program can read is not marked")
	cut := w.Directory
	w.Directory = directory.New(&stopping{w.store, 0}, tenant, w.Catalog(), directory.Options{})
	_, err := w.SetSchema(ctx, directory.SchemaWrite{File: []byte(extended(`{"name":"badge"}`)), By: "test"})
	require.Error(t, err)
	require.Empty(t, head(), "no schema, no mark")
	w.Directory = cut
	w.load(extended(`{"name":"badge"}`))
	require.Contains(t, head(), `"format":2`)
	marked := head()
	w.load(`{}`)
	require.Equal(t, marked, head())

	for _, v := range []string{`{"format":99}`, `{"format":3,"created":1}`} {
		set(v)
		_, err := directory.LoadSchema(ctx, w.store, tenant)
		require.ErrorContains(t, err, "newer program")
		require.ErrorContains(t, w.Resume(ctx), "newer program")
		_, err = w.SetSchema(ctx, directory.SchemaWrite{File: []byte(`{}`), By: "test", DryRun: true})
		require.ErrorContains(t, err, "newer program")
		rep, err := w.Check(ctx, true)
		require.NoError(t, err)
		require.Len(t, rep.Findings, 1)
		require.Zero(t, rep.Repaired)
	}
	set(`{"format":1,"created":7}`)
	rep, err := w.Check(ctx, true)
	require.NoError(t, err)
	require.Equal(t, 1, rep.Repaired)
	require.Equal(t, `{"format":2,"created":7}`, head())
}

// TestCheckGoesOnAfterDamage makes each row in turn unreadable: it is reported,
// and so is damage of another kind that lies behind it.
func TestCheckGoesOnAfterDamage(t *testing.T) {
	base := memkv.New(memkv.Options{})
	store := &damagedStore{Store: base}
	w := newWorld(t, store, directory.Options{Dialect: scimcore.Lenient()})
	require.NoError(t, w.Resume(ctx))
	w.newGroup("eng", w.newUser("ada"), "stranger")
	stray := kv.Key("x").Text("User").Text("zzz").Raw(make([]byte, 16))
	_, err := base.Update(ctx, tenant, func(tx kv.Writer) error { return tx.Put(stray, nil) })
	require.NoError(t, err)
	var keys []string
	require.NoError(t, base.View(ctx, tenant, func(r kv.Reader) error {
		for e, err := range r.Scan(kv.Range{KeysOnly: true}) {
			require.NoError(t, err)
			keys = append(keys, string(e.Key))
		}
		return nil
	}))
	for _, k := range keys {
		store.bad = k
		rep, err := w.Check(ctx, false)
		require.NoError(t, err)
		problems := ""
		for _, f := range rep.Findings {
			problems += f.Problem + "\n"
		}
		require.Contains(t, problems, "damaged on disk", "%q", k)
		if k != string(stray) {
			require.Contains(t, problems, "no resource that calls for it", "%q", k)
		}
		require.NotContains(t, problems, "ada", "findings name no people")
	}
	store.bad = ""
	_, err = w.Check(ctx, true)
	require.NoError(t, err)
}

// damagedStore has one row that cannot be read.
type damagedStore struct {
	kv.Store
	bad string
}

func (s *damagedStore) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, p, func(r kv.Reader) error { return fn(damagedReader{r, s.bad}) })
}

type damagedReader struct {
	kv.Reader
	bad string
}

func (r damagedReader) Get(k []byte) ([]byte, error) {
	if r.bad != "" && string(k) == r.bad {
		return nil, kv.ErrCorrupt
	}
	return r.Reader.Get(k)
}
