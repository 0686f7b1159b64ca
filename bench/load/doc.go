// Package load puts measured load on any SCIM server, over HTTP only.
//
// A [Session] is a target with users and groups of its own making in it; scenarios
// run against those. A scenario is closed (each client sends its next request when
// it has the answer) or, with a rate, open (requests are due at fixed times, and
// latency counts from the time a request was due, so that a stall is not hidden by
// the requests that were not sent meanwhile). Latencies go into HDR histograms, one
// for each kind of request.
//
// Runs are bounded in requests and time; the target must be this machine unless
// [Options].AllowRemote says otherwise; what a session made, Close removes.
//
// It imports bench/people, bench/scimclient, fasthttp's client (net/http's own cost
// would be the larger part of the measurement), hdrhistogram and the standard
// library.
package load
