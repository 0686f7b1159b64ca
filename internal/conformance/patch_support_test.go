package conformance_test

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// patchBase is the user that the tables of PATCH start from. ENT stands for the
// URN of the enterprise extension, here and in operations, and ada-NUMBER for a
// name of the user's own.
const patchBase = `{"schemas":["` + proxytest.UserSchema + `","ENT"],"userName":"ada-NUMBER","externalId":"E1","title":"Lead","active":true,
	"name":{"givenName":"Ada","familyName":"Byron"},
	"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"h@x.example","type":"home"}],
	"addresses":[{"type":"work","streetAddress":"1 A St","region":"RA"},{"type":"work","region":"RB"},{"type":"home","region":"RC"}],
	"ENT":{"department":"Sales","employeeNumber":"7","manager":{"value":"m-1"}}}`

func withURN(s string) string { return strings.ReplaceAll(s, "ENT", proxytest.EnterpriseSchema) }

// patchBody puts operations, written as JSON, into a PATCH.
func patchBody(ops string) string {
	return withURN(`{"schemas":["` + proxytest.PatchSchema + `"],"Operations":[` + ops + `]}`)
}

// patchRow is a PATCH of patchBase that succeeds. want is a JSON object of the
// attributes that differ afterwards, null for those that are gone; all others
// must be as before. "" is no change at all.
type patchRow struct{ name, ops, want string }

// patchRefusal is a PATCH of patchBase that is refused with 400.
type patchRefusal struct {
	name, ops, scimType string
	details             []string
}

func bothProfiles() []string { return []string{tenancy.ProfileLenient, tenancy.ProfileStrict} }

// patchStack is a stack with a tenant of the given profile.
func patchStack(t *testing.T, profile string, opts ...proxytest.Option) *proxytest.Stack {
	t.Helper()
	s := proxytest.New(t, opts...)
	s.SetProfile(t, profile)
	return s
}

// patchUser makes one patchBase; numbers tell those of one tenant apart.
func patchUser(t *testing.T, x *proxytest.Tenant, number int) *proxytest.Response {
	t.Helper()
	body := strings.ReplaceAll(patchBase, "NUMBER", strconv.Itoa(number))
	return x.Post(t, "/Users", withURN(body)).Status(201)
}

// patchesApply runs each row on a user of its own and compares the answer, and
// what a GET tells afterwards, with the user as it was.
func patchesApply(t *testing.T, profile string, rows []patchRow) {
	t.Helper()
	s := patchStack(t, profile)
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			before := patchUser(t, s.Tenant, i)
			after := s.Patch(t, "/Users/"+before.ID(), patchBody(row.ops)).Status(200).
				HasHeader("Content-Type", "application/scim+json").HasHeader("Content-Location", before.Location())
			want := attributesOf(t, before.Body)
			if row.want != "" {
				for name, v := range attributesOf(t, withURN(row.want)) {
					if want[name] = v; v == nil {
						delete(want, name)
					}
				}
			}
			require.Equal(t, want, attributesOf(t, after.Body))
			require.Equal(t, row.want == "", before.ETag() == after.ETag(), "the version moves exactly if something changed")
			got := s.Get(t, "/Users/"+before.ID()).Status(200)
			require.JSONEq(t, got.Body, after.Body, "the answer is the resource as stored")
			require.Equal(t, got.ETag(), after.ETag())
		})
	}
}

// patchesFail runs each row and proves that nothing was changed by it.
func patchesFail(t *testing.T, profile string, rows []patchRefusal) {
	t.Helper()
	s := patchStack(t, profile)
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			before := patchUser(t, s.Tenant, i)
			s.Patch(t, "/Users/"+before.ID(), patchBody(row.ops)).Error(400, row.scimType, row.details...).
				HasHeader("Content-Type", "application/scim+json")
			unchanged(t, s.Tenant, "/Users/"+before.ID(), before)
		})
	}
}

// unchanged proves that a resource is byte for byte what an earlier answer said.
func unchanged(t *testing.T, x *proxytest.Tenant, path string, before *proxytest.Response) {
	t.Helper()
	got := x.Get(t, path).Status(200)
	require.Equal(t, before.Body, got.Body, "nothing may have been changed")
	require.Equal(t, before.ETag(), got.ETag())
}

// attributesOf is a JSON object without meta, which moves with every change.
func attributesOf(t *testing.T, body string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &m), body)
	delete(m, "meta")
	return m
}

// handClock is a clock that moves only by hand.
type handClock struct{ ms atomic.Int64 }

func newHandClock() *handClock {
	c := &handClock{}
	c.ms.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *handClock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *handClock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }
func (c *handClock) option() proxytest.Option {
	return proxytest.WithDeps(func(d *proxy.Deps) { d.Clock = c.now })
}

// tally counts what a store is asked for: the rows it handed out and those written.
type tally struct {
	kv.Store
	reads, writes atomic.Int64
}

func (s *tally) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, p, func(r kv.Reader) error { return fn(tallyReader{r, s}) })
}

func (s *tally) Update(ctx context.Context, p kv.Partition, fn func(kv.Writer) error) (kv.Seq, error) {
	return s.Store.Update(ctx, p, func(w kv.Writer) error { return fn(tallyWriter{w, s}) })
}

// during is how many rows f read and wrote.
func (s *tally) during(f func()) (reads, writes int64) {
	r, w := s.reads.Load(), s.writes.Load()
	f()
	return s.reads.Load() - r, s.writes.Load() - w
}

type tallyReader struct {
	kv.Reader
	s *tally
}

func (r tallyReader) Get(key []byte) ([]byte, error) {
	r.s.reads.Add(1)
	return r.Reader.Get(key)
}

func (r tallyReader) Scan(rg kv.Range) iter.Seq2[kv.Entry, error] {
	return tallyScan(r.s, r.Reader.Scan(rg))
}

type tallyWriter struct {
	kv.Writer
	s *tally
}

func (w tallyWriter) Get(key []byte) ([]byte, error) {
	w.s.reads.Add(1)
	return w.Writer.Get(key)
}

func (w tallyWriter) Scan(rg kv.Range) iter.Seq2[kv.Entry, error] {
	return tallyScan(w.s, w.Writer.Scan(rg))
}

func (w tallyWriter) Put(k, v []byte) error {
	w.s.writes.Add(1)
	return w.Writer.Put(k, v)
}

func (w tallyWriter) Delete(k []byte) error {
	w.s.writes.Add(1)
	return w.Writer.Delete(k)
}

func tallyScan(s *tally, all iter.Seq2[kv.Entry, error]) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range all {
			s.reads.Add(1)
			if !yield(e, err) {
				return
			}
		}
	}
}

// versionOf is the version in a tag: what it says beyond that, of the groups an
// answer shows, differs from projection to projection (docs/adr/0003).
func versionOf(tag string) string {
	version, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), "-")
	return version
}
