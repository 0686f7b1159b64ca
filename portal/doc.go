// Package portal is where people sign in to a tenant and manage its tokens: the
// JSON API under /api/v1.
//
// It may import internal/httpx, tenancy, directory and fasthttp, never proxy:
// cmd mounts it behind the edge. Data enters through [API.Handle] as a request
// together with its httpx.Scope, which holds the tenant the edge found; the
// portal never looks at the Host itself. It leaves as JSON, and as problem
// details when something is wrong.
//
// Every way in is a row of [Routes]: its method, its path and who may take it.
// What is not in the table does not exist, and a test walks the table with every
// kind of caller.
package portal
