package portal

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/tenancy"
)

const extFile = `{"schemas":[{"id":"urn:x:y:Ext","name":"Ext","attributes":[{"name":"a"}]}],"resourceTypes":[{"name":"User","schemaExtensions":[{"schema":"urn:x:y:Ext"}]}]}`

func TestSchema(t *testing.T) {
	h := newHouse(t, nil)
	admin := h.signIn("acme.test", adminEmail)
	get := func() response {
		res := h.do(request{method: "GET", path: pathSchema, cookie: admin})
		require.Equal(t, 200, res.status, res.body)
		return res
	}
	put := func(query, file string) response {
		return h.do(request{method: "PUT", path: pathSchema + query, cookie: admin, body: file})
	}
	t.Run("nothing at first", func(t *testing.T) {
		res := get()
		require.Equal(t, "{}", res.body)
		require.Equal(t, `"0"`, string(res.header.Peek("ETag")))
	})
	t.Run("a dry run changes nothing", func(t *testing.T) {
		res := put("?dry_run=true", extFile)
		require.Equal(t, 200, res.status, res.body)
		require.Equal(t, []string{"User urn:x:y:Ext", "urn:x:y:Ext"}, decode[directory.SchemaChange](t, res.body).Added)
		require.Equal(t, "{}", get().body)
		requireProblem(t, 400, put("?dry_run=yes", extFile))
	})
	t.Run("a change says what it changed, and what is shown can be sent back", func(t *testing.T) {
		require.Equal(t, uint64(1), decode[directory.SchemaChange](t, put("", extFile).body).Revision)
		res := get()
		require.Equal(t, `"1"`, string(res.header.Peek("ETag")))
		require.Equal(t, `{"revision":1}`, put("", res.body).body)
		trail, err := h.registry.Audit(t.Context(), "acme", 0, 100)
		require.NoError(t, err)
		last := trail[len(trail)-1]
		require.Equal(t, []string{"schema.loaded", "account:" + adminEmail, "revision 1"}, []string{string(last.Action), last.By, last.Detail})
	})
	t.Run("all problems at once", func(t *testing.T) {
		p := requireProblem(t, 400, put("", strings.Replace(extFile, `{"name":"a"}`, `{"name":"1a"},{"name":"b","type":"text"}`, 1)))
		require.Contains(t, p.Detail, p.Errors[0])
		p = requireProblem(t, 400, put("", strings.Replace(extFile, `{"name":"a"}`, `{"name":"1a"},{"name":"2b"}`, 1)))
		require.Len(t, p.Errors, 2)
		require.Contains(t, p.Errors[1], "schema urn:x:y:Ext, attribute 2b: a name is a letter followed by")
		requireProblem(t, 400, put("", "{"))
		requireProblem(t, 413, put("", `{"schemas":"`+strings.Repeat("x", maxSchemaBody)+`"}`))
	})
	t.Run("what was declared before stands in the way", func(t *testing.T) {
		p := requireProblem(t, 409, put("", strings.Replace(extFile, `"name":"a"`, `"name":"a","type":"integer"`, 1)))
		require.Contains(t, p.Detail, "it was of type string")
	})
	t.Run("nobody overwrites what another changed meanwhile", func(t *testing.T) {
		for tag, status := range map[string]int{`"0"`: 412, `"2"`: 412, `W/"1"`: 412, `one`: 412, `""`: 412, `"1"`: 200, `"0", "1"`: 200, `*`: 200, ``: 200} {
			for _, query := range []string{"", "?dry_run=true"} {
				res := h.do(request{method: "PUT", path: pathSchema + query, cookie: admin, body: extFile, headers: []string{"If-Match: " + tag}})
				require.Equal(t, status, res.status, "%s: %s", tag, res.body)
				if status == 412 {
					require.Contains(t, requireProblem(t, 412, res).Detail, "the schema is at revision 1 by now: read it again")
				}
			}
		}
		require.Equal(t, `"1"`, string(get().header.Peek("ETag")))
	})
	t.Run("of one's own tenant", func(t *testing.T) {
		foreign := h.signIn("globex.test", "admin@globex.test")
		res := h.do(request{method: "GET", path: pathSchema, host: "globex.test", cookie: foreign})
		require.Equal(t, "{}", res.body)
	})
}

// lateSchemas changes the schema, and then fails or takes longer than a request may.
type lateSchemas struct {
	Schemas
	err error
}

func (l lateSchemas) SetSchema(context.Context, *tenancy.Tenant, directory.SchemaWrite) (directory.SchemaChange, error) {
	return directory.SchemaChange{Revision: 7}, l.err
}

func TestSchemaChangesAreRecorded(t *testing.T) {
	for name, row := range map[string]struct {
		err    error
		status int
		want   bool
	}{
		"SEC-A06 a change that failed half-way": {kv.ErrNoSpace, 507, true},
		"SEC-A06 a change":                      {nil, 200, true},
		"SEC-A06 a refused change is none":      {&directory.SchemaRefused{Clash: true, Problems: []string{"no"}}, 409, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			h.api.schemas = lateSchemas{err: row.err}
			admin := h.signIn("acme.test", adminEmail)
			require.Equal(t, row.status, h.do(request{method: "PUT", path: pathSchema, cookie: admin, body: extFile}).status)
			trail, err := h.registry.Audit(t.Context(), "acme", 0, 100)
			require.NoError(t, err)
			require.Equal(t, row.want, trail[len(trail)-1].Action == tenancy.ActionSchemaLoaded)
		})
	}
}
