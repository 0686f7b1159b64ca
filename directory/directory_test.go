package directory_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/boltkv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

var ctx = context.Background()

const tenant kv.Partition = "t1"

// engines are the stores every test runs on: the fast one, the one that re-runs
// and poisons, the one whose transactions are tiny, and the real one.
var engines = map[string]func(t testing.TB) kv.Store{
	"memkv":   func(testing.TB) kv.Store { return memkv.New(memkv.Options{}) },
	"hostile": func(testing.TB) kv.Store { return memkv.New(memkv.Options{Hostile: true}) },
	"limited": func(testing.TB) kv.Store { return memkv.New(memkv.Options{Limited: true}) },
	"boltkv":  openBolt,
}

func openBolt(t testing.TB) kv.Store {
	s, err := boltkv.Open(filepath.Join(t.TempDir(), "store.db"), boltkv.Options{InitialMmapSize: 1 << 26})
	require.NoError(t, err)
	return s
}

// world is one directory under test with short ways to use it.
type world struct {
	*directory.Directory
	testing.TB
	store       kv.Store
	user, group *scimcore.Type
	dialect     scimcore.Dialect
}

// onEach runs fn as a subtest on every engine.
func onEach(t *testing.T, fn func(w *world)) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) { fn(newWorld(t, open(t), directory.Options{Dialect: scimcore.Lenient()})) })
	}
}

// newWorld sees to it that the consistency check runs in the cleanup of every test.
func newWorld(t testing.TB, store kv.Store, opts directory.Options) *world {
	t.Helper()
	cat, err := scimcore.NewCatalog(scimcore.UserType(), scimcore.GroupType())
	require.NoError(t, err)
	w := &world{
		Directory: directory.New(store, tenant, cat, opts), TB: t, store: store,
		user: cat.Type("User"), group: cat.Type("Group"), dialect: opts.Dialect,
	}
	t.Cleanup(func() {
		w.consistent()
		require.NoError(t, store.Close())
	})
	return w
}

func (w *world) consistent() directory.CheckReport {
	w.Helper()
	rep, err := w.Check(ctx, false)
	require.NoError(w, err)
	require.Empty(w, rep.Findings)
	return rep
}

func (w *world) create(t *scimcore.Type, body string) (string, error) {
	w.Helper()
	doc, err := scimcore.Parse(t, []byte(body), w.dialect, nil)
	require.NoError(w, err)
	res, err := w.Create(ctx, doc, directory.Cause{Token: "tok", RequestID: "req"})
	return res.Resource.ID, err
}

func (w *world) newUser(name string) string {
	w.Helper()
	id, err := w.create(w.user, fmt.Sprintf(`{"userName":%q,"externalId":"x-%s","emails":[{"value":"%s@acme.example","type":"work"}]}`, name, name, name))
	require.NoError(w, err)
	return id
}

func (w *world) newGroup(name string, members ...string) string {
	w.Helper()
	id, err := w.create(w.group, fmt.Sprintf(`{"displayName":%q,"members":%s}`, name, memberList(members)))
	require.NoError(w, err)
	return id
}

func memberList(ids []string) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"value":%q}`, id)
	}
	return b.String() + "]"
}

func (w *world) patch(t *scimcore.Type, id, ops string) (directory.Result, error) {
	w.Helper()
	p, err := scimcore.ParsePatch(t, []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":`+ops+`}`), w.dialect, nil)
	require.NoError(w, err)
	return w.Patch(ctx, t, id, p, nil, directory.Cause{})
}

// json is the whole resource as a client would see it.
func (w *world) json(t *scimcore.Type, id string) string {
	w.Helper()
	var out []byte
	err := w.Get(ctx, t, id, func(r *scimcore.Resource) (err error) {
		out, err = scimcore.AppendResource(nil, r, "https://x.example/scim/v2", nil)
		return err
	})
	require.NoError(w, err)
	return string(out)
}

// rows lists the values of a row attribute.
func (w *world) rows(t *scimcore.Type, id, attr string) []string {
	w.Helper()
	out := []string{}
	require.NoError(w, w.Get(ctx, t, id, func(r *scimcore.Resource) error {
		return r.Rows(t.Root.Sub(attr), func(row scimcore.Row) bool {
			out = append(out, row.Value)
			return true
		})
	}))
	return out
}

// find lists the ids a filter selects.
func (w *world) find(t *scimcore.Type, filter string) []string {
	w.Helper()
	ids, total := w.page(t, filter, 1, 1_000_000)
	require.Len(w, ids, total)
	return ids
}

func (w *world) page(t *scimcore.Type, filter string, start, count int) (ids []string, total int) {
	w.Helper()
	ids, page := w.list(directory.Query{Sources: w.sources(filter, "", t), StartIndex: start, Count: count})
	return ids, page.Total
}

// sources compiles a filter and an order, such as "userName" or "-userName" for
// descending, for types.
func (w *world) sources(filter, order string, types ...*scimcore.Type) (out []directory.Source) {
	w.Helper()
	by, desc := strings.CutPrefix(order, "-")
	for _, t := range types {
		s := directory.Source{Type: t}
		var err error
		if filter != "" {
			s.Filter, err = scimcore.ParseFilterAmong(t, types, filter, w.dialect, nil)
			require.NoError(w, err)
		}
		s.Order, err = scimcore.ParseOrder(t, types, by, map[bool]string{true: "descending"}[desc])
		require.NoError(w, err)
		out = append(out, s)
	}
	return out
}

func (w *world) list(q directory.Query) (ids []string, page directory.Page) {
	w.Helper()
	ids = []string{}
	page, err := w.List(ctx, q, func(r *scimcore.Resource) error {
		ids = append(ids, r.ID)
		return nil
	})
	require.NoError(w, err)
	require.Equal(w, len(ids), page.Count)
	return ids, page
}

func (w *world) changes() (out []directory.Change) {
	w.Helper()
	require.NoError(w, w.Changes(ctx, 0, -1, func(c *directory.Change) bool {
		out = append(out, *c)
		return true
	}))
	return out
}

func requireSCIM(t testing.TB, err error, status int, typ scimcore.ErrorType) {
	t.Helper()
	var e *scimcore.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, status, e.Status, e.Detail)
	require.Equal(t, typ, e.Type, e.Detail)
}
