package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/internal/proxytest"
	"scimedge/kv"
	"scimedge/tenancy"
)

// body writes out the abbreviations of the tables: $U is what every user needs,
// $G what every group needs, $N a name of its own, $E, $C and $P the URNs of the
// enterprise extension, the User and the Group.
func body(text, name string) string {
	return strings.NewReplacer(
		"$U", `"schemas":["`+proxytest.UserSchema+`"],"userName":"`+name+`"`,
		"$G", `"schemas":["`+proxytest.GroupSchema+`"],"displayName":"`+name+`"`,
		"$N", name, "$E", proxytest.EnterpriseSchema, "$C", proxytest.UserSchema, "$P", proxytest.GroupSchema,
	).Replace(text)
}

// profiled is a stack whose tenant Acme has the given profile.
func profiled(t *testing.T, profile string, opts ...proxytest.Option) *proxytest.Stack {
	t.Helper()
	s := proxytest.New(t, opts...)
	s.SetProfile(t, profile)
	return s
}

// made is a create that succeeds. want is a JSON object of paths and the values
// found there in the answer and in a GET; null stands for nothing.
type made struct{ name, body, want string }

func creates(t *testing.T, profile, endpoint string, rows []made) {
	t.Helper()
	s := profiled(t, profile)
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := s.Post(t, endpoint, body(row.body, "made"+strconv.Itoa(i))).Status(201)
			for _, r := range []*proxytest.Response{got, s.Get(t, endpoint+"/"+got.ID()).Status(200)} {
				var want map[string]any
				require.NoError(t, json.Unmarshal([]byte(body(row.want, "made"+strconv.Itoa(i))), &want))
				for path, v := range want {
					if v == nil {
						r.HasNot(path)
					} else {
						r.Has(path, v)
					}
				}
			}
		})
	}
}

// refusal is a create that is refused with 400 and stores nothing.
type refusal struct{ name, body, scimType, detail string }

func refuses(t *testing.T, profile, endpoint string, rows []refusal) {
	t.Helper()
	s := profiled(t, profile)
	for i, row := range rows {
		t.Run(row.name+" "+profile, func(t *testing.T) {
			defer untouched(t, s.Tenant)()
			s.Post(t, endpoint, body(row.body, "refused"+strconv.Itoa(i))).Error(400, row.scimType, row.detail).
				HasHeader("Content-Type", "application/scim+json")
		})
	}
}

func bothRefuse(t *testing.T, endpoint string, rows []refusal) {
	t.Helper()
	for _, profile := range []string{tenancy.ProfileLenient, tenancy.ProfileStrict} {
		refuses(t, profile, endpoint, rows)
	}
}

// untouched remembers what a tenant's directory holds; what it returns proves
// that nothing was stored since.
func untouched(t *testing.T, x *proxytest.Tenant) func() {
	t.Helper()
	before := footprint(t, x)
	return func() {
		t.Helper()
		require.Equal(t, before, footprint(t, x), "something was stored")
	}
}

func footprint(t *testing.T, x *proxytest.Tenant) string {
	t.Helper()
	counts, err := x.Directory(t).Counts(context.Background())
	require.NoError(t, err)
	return fmt.Sprintf("%+v after %d changes", counts, len(changesOf(t, x)))
}

// changesOf is the tenant's change log.
func changesOf(t *testing.T, x *proxytest.Tenant) (all []directory.Change) {
	t.Helper()
	require.NoError(t, x.Directory(t).Changes(context.Background(), 0, -1, func(c *directory.Change) bool {
		all = append(all, *c)
		return true
	}))
	return all
}

func lastChange(t *testing.T, x *proxytest.Tenant) directory.Change {
	t.Helper()
	all := changesOf(t, x)
	require.NotEmpty(t, all)
	return all[len(all)-1]
}

// below turns an absolute URI of the tenant into a path of the harness.
func below(t *testing.T, x *proxytest.Tenant, uri string) string {
	t.Helper()
	path, ok := strings.CutPrefix(uri, x.BaseURL())
	require.True(t, ok, "%q is not below %s", uri, x.BaseURL())
	return path
}

// named makes a path fit to stand in the name of a test, where a slash begins the
// next level.
func named(path string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(path, "http://acme.test"), "/", " "))
}

// randomID has the form of ours and names nothing.
const randomID = "0198a000-0000-7000-8000-000000000000"

// spy is a store that counts transactions on directories and can be made to fail.
type spy struct {
	kv.Store
	used  atomic.Int64
	fault atomic.Pointer[func() error] // runs in front of each transaction on a directory
}

func (s *spy) enter(p kv.Partition) error {
	if p == kv.System {
		return nil
	}
	s.used.Add(1)
	if f := s.fault.Load(); f != nil {
		return (*f)()
	}
	return nil
}

func (s *spy) failing(with func() error, during func()) {
	s.fault.Store(&with)
	defer s.fault.Store(nil)
	during()
}

func (s *spy) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	if err := s.enter(p); err != nil {
		return err
	}
	return s.Store.View(ctx, p, fn)
}

func (s *spy) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	if err := s.enter(p); err != nil {
		return 0, err
	}
	return s.Store.Update(ctx, p, fn)
}

// allRows yields every key and value of a store, keys with their partition.
func allRows(t *testing.T, store kv.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for p, err := range store.Partitions(context.Background()) {
		require.NoError(t, err)
		require.NoError(t, store.View(context.Background(), p, func(r kv.Reader) error {
			for e, err := range r.Scan(kv.Range{}) {
				if err != nil {
					return err
				}
				all[string(p)+"/"+string(e.Key)] = string(e.Value)
			}
			return nil
		}))
	}
	return all
}
