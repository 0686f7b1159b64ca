package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"scimedge/bench/scimclient"
)

const crashClients = 16

// TestKilledServerLosesNothing kills the server with SIGKILL in the middle of a
// load of creates, patches, deletes, memberships and bulk requests, again and again. After each
// restart every acknowledged write is there, no refused one is, requests cut off
// took effect whole or not at all, and the consistency check finds nothing.
//
// SCIMEDGE_CRASH_ROUNDS sets the rounds, SCIMEDGE_CRASH_SEED repeats a run.
func TestKilledServerLosesNothing(t *testing.T) {
	rounds, seed := envNumber(t, "SCIMEDGE_CRASH_ROUNDS", 20), envNumber(t, "SCIMEDGE_CRASH_SEED", int(time.Now().UnixNano()))
	t.Logf("repeat with SCIMEDGE_CRASH_SEED=%d", seed)
	c := newCrasher(t, uint64(seed))
	acknowledged, refused, cutOff := 0, 0, 0
	for round := range rounds {
		p := c.start()
		if round == 0 {
			c.createGroup()
		} else {
			c.verify(round)
		}
		c.load(p, round)
		for _, w := range c.workers {
			acknowledged, refused, cutOff = acknowledged+w.acknowledged, refused+w.refused, cutOff+w.cutOff
			w.acknowledged, w.refused, w.cutOff = 0, 0, 0
		}
		out, err := exec.Command("scimedge", "check", "--data-dir", c.dir).CombinedOutput()
		require.NoError(t, err, "round %d: %s", round, out)
	}
	p := c.start()
	c.verify(rounds)
	require.NoError(t, p.stop())
	t.Logf("%d rounds: %d writes acknowledged, %d refused, %d cut off", rounds, acknowledged, refused, cutOff)
	require.Positive(t, cutOff, "no kill hit a request under way")
	require.Positive(t, refused)
}

func envNumber(t *testing.T, name string, fallback int) int {
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

type crasher struct {
	t       *testing.T
	rand    *rand.Rand
	dir     string
	token   string
	client  *scimclient.Client
	group   string
	workers []*crashWorker
}

func newCrasher(t *testing.T, seed uint64) *crasher {
	c := &crasher{t: t, rand: rand.New(rand.NewPCG(seed, 0)), dir: t.TempDir()}
	run := func(args ...string) string {
		out, err := exec.Command("scimedge", append([]string{"--data-dir", c.dir}, args...)...).Output()
		require.NoError(t, err, "%v", args)
		return strings.TrimSpace(string(out))
	}
	run("tenant", "create", "acme", "--host", "acme.localhost")
	c.token = run("token", "create", "--tenant", "acme", "--name", "crash")
	for i := range crashClients {
		c.workers = append(c.workers, &crashWorker{c: c, index: i, rand: rand.New(rand.NewPCG(seed, uint64(i+1))), ledger: ledger{}})
	}
	return c
}

func (c *crasher) start() *process {
	env := append(os.Environ(), "SCIMEDGE_LISTEN=127.0.0.1:0", "SCIMEDGE_ADMIN_LISTEN=127.0.0.1:0")
	p, err := startProcess(c.dir, env, "serve", "--data-dir", c.dir)
	require.NoError(c.t, err)
	c.t.Cleanup(p.kill)
	c.client, err = scimclient.New(scimclient.Options{
		BaseURL: "http://" + p.edge + "/scim/v2", Host: "acme.localhost", Token: c.token, MaxConns: crashClients, Timeout: patience,
	})
	require.NoError(c.t, err)
	return p
}

func (c *crasher) createGroup() {
	res, err := c.client.Do(c.t.Context(), "POST", "/Groups", []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"everyone"}`))
	require.NoError(c.t, err)
	require.Equal(c.t, 201, res.Status, "%s", res.Body)
	o, err := scimclient.Parse(res.Body)
	require.NoError(c.t, err)
	c.group = o.Text("id")
}

// load runs all clients until a random number of writes was acknowledged, and
// kills the server at that moment, with the others' requests under way.
func (c *crasher) load(p *process, round int) {
	var acknowledged atomic.Int64
	limit := int64(50 + c.rand.IntN(550))
	var kill sync.Once
	var clients sync.WaitGroup
	for _, w := range c.workers {
		clients.Go(func() {
			for w.step(round) {
				if acknowledged.Add(1) >= limit {
					kill.Do(func() { _ = p.cmd.Process.Kill() })
				}
			}
			// A wrong answer ends its client; the others must not go on for ever.
			kill.Do(func() { _ = p.cmd.Process.Kill() })
		})
	}
	clients.Wait()
	<-p.done
	c.client.Close()
	for _, w := range c.workers {
		require.Empty(c.t, w.wrong, "round %d: an answer that no rule allows", round)
	}
}

// verify reads the whole directory and settles every client's ledger with it.
func (c *crasher) verify(round int) {
	members := map[string]bool{}
	group := c.get("/Groups/" + c.group)
	for _, m := range group.List("members") {
		members[m.Text("value")] = true
	}
	have := make([]map[string]found, len(c.workers))
	for i := range have {
		have[i] = map[string]found{}
	}
	seen := 0
	for total := 1; seen < total; {
		page := c.get(fmt.Sprintf("/Users?startIndex=%d&count=1000", seen+1))
		rows := page.List("Resources")
		var err error
		total, err = page.Int("totalResults")
		require.NoError(c.t, err)
		require.True(c.t, len(rows) > 0 || total == 0, "a page without rows")
		for _, u := range rows {
			var owner, n, r int
			name := u.Text("userName")
			_, err := fmt.Sscanf(name, "c%d-r%d-n%d", &owner, &r, &n)
			require.NoError(c.t, err, name)
			id := u.Text("id")
			have[owner][name] = found{id, state{true, u.Text("title"), members[id]}}
			delete(members, id)
		}
		seen += len(rows)
	}
	require.Empty(c.t, members, "round %d: members that are no users", round)
	var wrong []string
	for i, w := range c.workers {
		wrong = append(wrong, w.ledger.settle(have[i])...)
	}
	require.Empty(c.t, wrong, "after round %d", round-1)
}

func (c *crasher) get(path string) scimclient.Object {
	res, err := c.client.Do(c.t.Context(), "GET", path, nil)
	require.NoError(c.t, err)
	require.Equal(c.t, 200, res.Status, "%s: %s", path, res.Body)
	o, err := scimclient.Parse(res.Body)
	require.NoError(c.t, err)
	return o
}

// crashWorker is one client with users, randomness and a ledger of its own.
type crashWorker struct {
	c      *crasher
	index  int
	n      int
	rand   *rand.Rand
	ledger ledger
	wrong  []string

	acknowledged, refused, cutOff int
}

// step sends one write and notes the outcome. It returns false when the server
// is gone.
func (w *crashWorker) step(round int) bool {
	name := w.ledger.any(w.rand.IntN(1 << 30))
	if name == "" {
		return w.create(round)
	}
	if w.rand.IntN(100) == 0 { // seldom, as the directory is read whole in each round
		return w.createMany(round)
	}
	e := w.ledger[name]
	after := e.now
	switch w.rand.IntN(10) {
	case 0, 1, 2, 3:
		return w.create(round)
	case 4, 5:
		after.title = fmt.Sprintf("title %d", w.rand.IntN(1e6))
		return w.write(e, after, 200, "PATCH", "/Users/"+e.id, patchOp("replace", "title", after.title))
	case 6, 7:
		op := "add"
		if after.member = !after.member; !after.member {
			op = "remove"
		}
		return w.write(e, after, 204, "PATCH", "/Groups/"+w.c.group, patchOp(op, "members", []map[string]string{{"value": e.id}}))
	case 8:
		return w.write(e, state{}, 204, "DELETE", "/Users/"+e.id, nil)
	}
	// A write that must be refused: the name is taken.
	body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"title":"refused"}`, strings.ToUpper(name))
	return w.write(e, e.now, 409, "POST", "/Users", []byte(body))
}

func (w *crashWorker) create(round int) bool {
	e, body := w.newUser(round)
	return w.write(e, state{exists: true}, 201, "POST", "/Users", body)
}

func (w *crashWorker) newUser(round int) (e *entry, body []byte) {
	w.n++
	name := fmt.Sprintf("c%d-r%d-n%d", w.index, round, w.n)
	e = &entry{}
	w.ledger[name] = e
	return e, fmt.Appendf(nil, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"active":true}`, name)
}

// createMany makes users by one bulk request, so many that it takes several
// transactions. Cut off, each of them is there or not (BULK-A09).
func (w *crashWorker) createMany(round int) bool {
	const many = 300
	var entries [many]*entry
	body := []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[`)
	for i := range entries {
		var user []byte
		entries[i], user = w.newUser(round)
		body = fmt.Appendf(body, `{"method":"POST","path":"/Users","bulkId":"%d","data":%s},`, i, user)
	}
	body = append(body[:len(body)-1], ']', '}')
	res, err := w.c.client.Do(w.c.t.Context(), "POST", "/Bulk", body)
	if err != nil {
		w.cutOff++
		for _, e := range entries {
			e.orElse = &state{exists: true}
		}
		return false
	}
	var results []scimclient.Object
	if o, err := scimclient.Parse(res.Body); err == nil {
		results = o.List("Operations")
	}
	for i, e := range entries {
		if len(results) != many || results[i].Text("status") != "201" {
			w.wrong = append(w.wrong, fmt.Sprintf("POST /Bulk: %d: %.300s", res.Status, res.Body))
			return false
		}
		_, e.id, _ = strings.Cut(results[i].Text("location"), "/Users/")
		e.now = state{exists: true}
	}
	w.acknowledged++
	return true
}

// write sends one request that makes e's state after, if it is answered with want.
func (w *crashWorker) write(e *entry, after state, want int, method, path string, body []byte) bool {
	res, err := w.c.client.Do(w.c.t.Context(), method, path, body)
	switch {
	case err != nil:
		w.cutOff++
		e.orElse = &after
		return false
	case res.Status != want:
		w.wrong = append(w.wrong, fmt.Sprintf("%s %s: %d, not %d: %.300s", method, path, res.Status, want, res.Body))
		return false
	case want == 409:
		w.refused++
		return true
	}
	w.acknowledged++
	e.now = after
	if want == 201 {
		o, err := scimclient.Parse(res.Body)
		if err != nil || o.Text("id") == "" {
			w.wrong = append(w.wrong, fmt.Sprintf("POST: no id in %.300s", res.Body))
			return false
		}
		e.id = o.Text("id")
	}
	return true
}

func patchOp(op, path string, value any) []byte {
	body, err := json.Marshal(map[string]any{
		"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []map[string]any{{"op": op, "path": path, "value": value}},
	})
	if err != nil {
		panic(err) // maps and strings always marshal
	}
	return body
}
