package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/internal/proxytest"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/proxy"
	"scimedge/tenancy"
)

// results is the Operations of an answer as they stand there.
func results(t *testing.T, r *proxytest.Response) []map[string]any {
	t.Helper()
	var answer struct{ Operations []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(r.Body), &answer))
	return answer.Operations
}

func TestBULK_Results(t *testing.T) {
	s := proxytest.New(t)
	ada, gone, group := s.CreateUser(t, "ada"), s.CreateUser(t, "gone"), s.CreateGroup(t, "g")
	stale := s.Get(t, "/Users/"+ada).ETag()
	s.Patch(t, "/Users/"+ada, proxytest.Ops(proxytest.Op("replace", "title", "x"))).Status(200)
	r := ran(t, s.Tenant, []string{"201", "409", "200", "412", "404", "204", "204", "412", "412", "204", "200"},
		bulkOp("POST", "/Users", "new", proxytest.User("new")),
		bulkOp("POST", "/Users", "dup", proxytest.User("ada")),
		bulkOp("PUT", "/Users/"+ada, "", proxytest.User("ada", "title", "y"), "version", s.Get(t, "/Users/"+ada).ETag()),
		bulkOp("PUT", "/Users/"+ada, "", proxytest.User("ada", "title", "z"), "version", stale),
		bulkOp("PATCH", "/Users/"+randomID, "", proxytest.Ops(proxytest.Op("replace", "title", "x"))),
		bulkOp("PATCH", "/Groups/"+group, "grp", proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(ada)))),
		bulkOp("DELETE", "/Users/"+gone, "", nil),
		bulkOp("DELETE", "/Users/"+ada, "", nil, "version", stale),
		bulkOp("PATCH", "/Users/"+ada, "", proxytest.Ops(proxytest.Op("replace", "title", "z")), "version", stale),
		bulkOp("DELETE", "/Groups/"+group, "", nil, "version", "*"),
		bulkOp("PATCH", "/Users/"+ada, "", proxytest.Ops(proxytest.Op("replace", "title", "y"))))
	all := results(t, r)
	t.Run("BULK-14 BULK-20 BULK-12 a result each, and 200 for all", func(t *testing.T) { require.Len(t, all, 11) })
	t.Run("BULK-15 BULK-05 locations", func(t *testing.T) {
		for i, id := range []string{"", "-", ada, ada, randomID, "", gone, ada, ada, "", ada} {
			location := r.Str(fmt.Sprintf("Operations.%d.location", i))
			switch id {
			case "-":
				require.NotContains(t, all[i], "location", "a POST that failed")
			case "":
				require.NotEmpty(t, location)
			default:
				require.Equal(t, s.BaseURL()+"/Users/"+id, location)
			}
		}
		s.Get(t, "/Users/"+idAt(t, s.Tenant, r, 0)).Has("userName", "new").Has("meta.location", r.Str("Operations.0.location"))
	})
	t.Run("BULK-16 the status is text", func(t *testing.T) {
		for _, one := range all {
			require.IsType(t, "", one["status"])
		}
	})
	t.Run("BULK-17 BULK-18 a body for errors only", func(t *testing.T) {
		for i, one := range all {
			ok := strings.HasPrefix(one["status"].(string), "2")
			require.Equal(t, !ok, one["response"] != nil, "%d", i)
		}
		failedAt(t, r, 1, "409", "uniqueness", "userName")
		failedAt(t, r, 3, "412", "", "version")
		failedAt(t, r, 4, "404", "", "User")
	})
	t.Run("BULK-17 the error is that of the single call", func(t *testing.T) {
		for i, single := range map[int]*proxytest.Response{
			1: s.Post(t, "/Users", proxytest.User("ada")),
			4: s.Patch(t, "/Users/"+randomID, proxytest.Ops(proxytest.Op("replace", "title", "x"))),
			3: s.Put(t, "/Users/"+ada, proxytest.User("ada"), proxytest.Header("If-Match", stale)),
		} {
			body, _ := json.Marshal(all[i]["response"])
			require.JSONEq(t, single.Body, string(body))
		}
	})
	t.Run("BULK-19 versions", func(t *testing.T) {
		for i, has := range []bool{true, false, true, false, false, true, false, false, false, false, true} {
			require.Equal(t, has, all[i]["version"] != nil, "%d", i)
		}
		require.Equal(t, s.Get(t, "/Users/"+ada).ETag(), r.Str("Operations.2.version"), "nothing changed it since")
		require.Equal(t, r.Str("Operations.2.version"), r.Str("Operations.10.version"), "a PATCH that changes nothing")
		require.Equal(t, s.Get(t, "/Users/"+idAt(t, s.Tenant, r, 0)).ETag(), r.Str("Operations.0.version"))
		s.Get(t, "/Users/"+ada).Has("title", "y")
	})
	t.Run("BULK-07 the client's name for it", func(t *testing.T) {
		r.Has("Operations.0.bulkId", "new").Has("Operations.1.bulkId", "dup").HasNot("Operations.2.bulkId").Has("Operations.5.bulkId", "grp").Has("Operations.0.method", "POST").Has("Operations.6.method", "DELETE")
	})
	t.Run("BULK-20 all fail and it is still 200", func(t *testing.T) {
		ran(t, s.Tenant, []string{"404", "404"}, bulkOp("DELETE", "/Users/"+gone, "", nil), bulkOp("DELETE", "/Groups/"+group, "", nil))
	})
	t.Run("SCH-30 no password in an answer", func(t *testing.T) {
		ran(t, s.Tenant, []string{"201"}, bulkOp("POST", "/Users", "p", proxytest.User("secretive", "password", "t0ps3cret"))).Lacks("t0ps3cret")
	})
}

func TestBULK_Failures(t *testing.T) {
	ten := func(bad int) (ops []proxytest.M) {
		for i := range 10 {
			u := proxytest.User(fmt.Sprintf("u%d", i))
			if i == bad {
				delete(u, "userName")
			}
			ops = append(ops, bulkOp("POST", "/Users", fmt.Sprintf("u%d", i), u))
		}
		return ops
	}
	t.Run("BULK-12 one bad in ten", func(t *testing.T) {
		s := proxytest.New(t)
		r := s.Post(t, "/Bulk", bulkOf(ten(3)...)).Status(200).Len("Operations", 10)
		for i, status := range r.Strs("Operations", "status") {
			require.Equal(t, map[bool]string{true: "400", false: "201"}[i == 3], status)
		}
		s.Get(t, "/Users?count=0").Has("totalResults", 9)
	})
	for n := 1; n <= 2; n++ {
		t.Run(fmt.Sprintf("BULK-13 BULK-14 failOnErrors %d", n), func(t *testing.T) {
			s := proxytest.New(t)
			ops := ten(3)
			ops[5]["data"] = proxytest.User("u0") // taken by then
			body := bulkOf(ops...)
			body["failOnErrors"] = n
			want := [][]string{{"201", "201", "201", "400"}, {"201", "201", "201", "400", "201", "409"}}[n-1]
			answered(t, s.Tenant, want, body)
			s.Get(t, "/Users?count=0").Has("totalResults", len(want)-n)
		})
	}
	t.Run("BULK-13 fewer errors than that", func(t *testing.T) {
		body := bulkOf(ten(3)...)
		body["failOnErrors"] = 2
		proxytest.New(t).Post(t, "/Bulk", body).Status(200).Len("Operations", 10)
	})
	t.Run("BULK-13 BULK-A06 what was pulled forward is listed", func(t *testing.T) {
		s := proxytest.New(t)
		body := bulkOf(bulkOp("POST", "/Groups", "g", groupOf("g", "bulkId:late")), bulkOp("DELETE", "/Users/"+randomID, "", nil),
			bulkOp("POST", "/Users", "between", proxytest.User("between")), bulkOp("POST", "/Users", "late", proxytest.User("late")))
		body["failOnErrors"] = 1
		r := answered(t, s.Tenant, []string{"201", "404", "201"}, body)
		require.Equal(t, "late", r.Str("Operations.2.bulkId"))
	})
}

func TestBULK_Authorization(t *testing.T) {
	s := proxytest.New(t)
	ada, group := s.CreateUser(t, "ada"), s.CreateGroup(t, "g")
	patch := proxytest.Ops(proxytest.Op("add", "members", proxytest.Members(ada)))
	t.Run("BULK-A08 a token for users", func(t *testing.T) {
		users := s.WithToken(t, tenancy.NewToken{Name: "users", Scopes: []string{tenancy.ScopeUsers}})
		r := ran(t, users, []string{"201", "403", "403", "403", "204"}, bulkOp("POST", "/Users", "a", proxytest.User("bob")), bulkOp("POST", "/Groups", "b", groupOf("never")),
			bulkOp("PATCH", "/Groups/"+group, "", patch), bulkOp("DELETE", "/groups/"+group, "", nil), bulkOp("DELETE", "/Users/"+ada, "", nil))
		failedAt(t, r, 1, "403", "", "scope")
		require.Empty(t, s.MembersOf(t, group))
		require.Equal(t, 3.0, s.Metric("scimedge_auth_failures_total", `reason="scope"`, `token="`+users.Prefix+`"`))
	})
	t.Run("BULK-A08 AUTH-05 a token that reads", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		s.WithToken(t, tenancy.NewToken{Name: "reads", Scopes: []string{tenancy.ScopeRead}}).Post(t, "/Bulk", bulkOf(bulkOp("DELETE", "/Groups/"+group, "", nil))).Error(403, "", "scope")
	})
	t.Run("BULK-A08 a paused tenant", func(t *testing.T) {
		defer untouched(t, s.Tenant)()
		s.SetPaused(t, true)
		s.Post(t, "/Bulk", bulkOf(bulkOp("DELETE", "/Groups/"+group, "", nil))).Error(503, "", "paused").HasHeader("Retry-After", "*")
		s.SetPaused(t, false)
	})
	t.Run("TEN-03 nothing of another tenant", func(t *testing.T) {
		hank, staff := s.Globex.CreateUser(t, "hank"), s.Globex.CreateGroup(t, "staff")
		defer untouched(t, s.Globex)()
		r := ran(t, s.Tenant, []string{"404", "404", "404", "201", "404"},
			bulkOp("DELETE", "/Users/"+hank, "", nil), bulkOp("PATCH", "/Groups/"+staff, "", patch), bulkOp("PUT", "/Users/"+hank, "", proxytest.User("hank")),
			bulkOp("POST", "/Groups", "g", groupOf("dangling", hank)), bulkOp("PATCH", "/Users/"+randomID, "", patch))
		r.Lacks("globex")
		s.Get(t, "/Groups/"+idAt(t, s.Tenant, r, 3)).HasNot("members.0.type")
		s.Post(t, "/Bulk", bulkOf(bulkOp("DELETE", "/Groups/"+group, "", nil)), proxytest.Bearer(s.Globex.Token)).Error(401, "")
	})
}

func TestBULKA10_Counting(t *testing.T) {
	clock := newHandClock()
	s := proxytest.New(t, clock.option(), proxytest.WithLimits(proxy.Limits{RatePerToken: 25}))
	ada := s.CreateUser(t, "ada")
	ops := []proxytest.M{
		bulkOp("PATCH", "/Users/"+ada, "", proxytest.Ops(proxytest.Op("replace", "active", "False"))), // a leniency
		bulkOp("PATCH", "/Users/"+ada, "", proxytest.Ops(proxytest.Op("replace", "active", "False"))), // and nothing new
		bulkOp("POST", "/Users", "dup", proxytest.User("ada")),
		bulkOp("POST", "/Groups", "g", groupOf("g", ada)),
	}
	want := []string{"200", "200", "409", "201"}
	for i := range 96 {
		ops, want = append(ops, bulkOp("POST", "/Users", fmt.Sprint("u", i), proxytest.User(fmt.Sprint("u", i)))), append(want, "201")
	}
	r := ran(t, s.Tenant, want, ops...)
	t.Run("BULK-A10 metrics", func(t *testing.T) {
		for _, m := range []struct {
			value  float64
			name   string
			labels []string
		}{
			{96, "scimedge_bulk_operations_total", []string{`op="user.create"`, `code="201"`}}, {1, "scimedge_bulk_operations_total", []string{`op="user.create"`, `code="409"`}},
			{2, "scimedge_bulk_operations_total", []string{`op="user.patch"`, `code="200"`}}, {1, "scimedge_bulk_operations_total", []string{`op="group.create"`}},
			{100, "scimedge_bulk_operations_total", []string{`token="` + s.Prefix + `"`}},
			{97, "scimedge_provisioning_events_total", []string{`event="user.created"`}}, {1, "scimedge_provisioning_events_total", []string{`event="user.deactivated"`}},
			{1, "scimedge_provisioning_events_total", []string{`event="group.member_added"`}}, {1, "scimedge_provisioning_noops_total", []string{`resource="User"`}},
			{2, "scimedge_quirk_normalised_total", []string{`kind="boolean_string"`}},
		} {
			require.Equal(t, m.value, s.Metric(m.name, m.labels...), "%s %v", m.name, m.labels)
		}
	})
	t.Run("BULK-A10 the change log", func(t *testing.T) {
		changes := changesOf(t, s.Tenant)
		require.Len(t, changes, 1+98)
		seen := map[string]bool{}
		for _, c := range changes[1:] {
			at := fmt.Sprint(c.Seq, ".", c.Index)
			require.False(t, seen[at], at)
			seen[at] = true
			require.Equal(t, s.Prefix, c.Token)
			require.Equal(t, r.Headers.Get("X-Request-Id"), c.RequestID)
		}
		require.Equal(t, []string{"boolean_string:active"}, changes[1].Ignored)
		require.Empty(t, changes[2].Ignored)
	})
	t.Run("BULK-A10 the rate", func(t *testing.T) {
		// 50 at once and 25 a second; the bulk went into debt for 100, the create had one.
		s.Get(t, "/Users").Error(429, "").HasHeader("Retry-After", "3")
		log := s.Observations()
		bulk := log[slices.IndexFunc(log, func(o proxy.Observation) bool { return o.Op.String() == "bulk" })]
		require.Equal(t, uint64(lastChange(t, s.Tenant).Seq), bulk.Seq, "the request's entry in the log names its last change")
		clock.advance(2 * 1000 * 1000 * 1000)
		s.Get(t, "/Users").Error(429, "").HasHeader("Retry-After", "1")
		clock.advance(100 * 1000 * 1000)
		s.Get(t, "/Users").Status(200)
	})
}

func TestBULK_StoreFails(t *testing.T) {
	store := &spy{Store: memkv.New(memkv.Options{})}
	t.Cleanup(func() { _ = store.Close() })
	s := proxytest.New(t, proxytest.WithStore(store))
	s.Get(t, "/Users").Status(200) // the tenant's schema is known from here on
	ops := []proxytest.M{bulkOp("POST", "/Users", "a", proxytest.User("a")), bulkOp("POST", "/Users", "b", proxytest.M{"schemas": []string{proxytest.UserSchema}}), bulkOp("POST", "/Groups", "g", groupOf("g", "bulkId:a"))}
	for err, want := range map[error][]string{kv.ErrConflict: {"503", "503", "503"}, kv.ErrUnknownOutcome: {"500", "500", "500"}, kv.ErrNoSpace: {"507", "507", "507"}, context.DeadlineExceeded: {"503", "503", "503"}} {
		t.Run("BULK-20 BULK-17 ERR-A02 "+want[0], func(t *testing.T) {
			store.failing(func() error { return err }, func() {
				r := ran(t, s.Tenant, want, ops...)
				failedAt(t, r, 0, want[0], "", "")
				r.Lacks("kv:")
			})
			s.Get(t, "/Users?count=0").Has("totalResults", 0)
		})
	}
}
