// Package metrics holds every Prometheus instrument of the server and is the
// only importer of client_golang.
//
// Data enters in three ways: through a [Bound], the counters of one token
// resolved once and kept with it, so that counting a request needs no label
// look-up; through the methods of [Set] for what no token stands for; and
// through the functions in [Sources], which are called at scrape time only, so
// that counts of users, groups and tokens cost the write path nothing. Data
// leaves through [Set.Handler], for the admin listener.
//
// The number of series is bounded by what the operator configured, never by what
// a client sends: label values are closed sets, names of tenants, and public
// prefixes of tokens that exist. Beyond Options.MaxTokenSeries tokens the rest is
// counted together as token="other".
//
// It may import client_golang and the standard library, nothing of the project.
package metrics
