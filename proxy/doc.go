// Package proxy is the edge: the HTTP server in front of the directories.
//
// A request passes the steps of pipeline.go in order, each of which may refuse
// it: message, target, host, route, token, scope, body, handler. What it is
// allowed to reach is decided before its body is read; a directory is reached
// only through the tenant that both the Host and the token name.
//
// Data enters as fasthttp requests and as the rooms handed over in [Deps]; it
// leaves as responses, as metrics, and as one [Observation] a request to an
// [Observer]. Errors become status codes in errors.go and nowhere else. The
// server's settings and the reasons for them are in server.go.
//
// It may import internal/httpx, scimcore, directory, tenancy, kv (for its error
// values), metrics, fasthttp and its router; never portal, which cmd mounts.
package proxy
