// Package conformance asks a SCIM 2.0 server, any server, whether it does what the
// RFCs demand, and reports what it found in a form people and CI can read.
//
// The checks are tables, one per section, of [check]: the requirement, where it
// stands, how binding it is, what the server has to offer for it to apply, what to
// do when it fails, and a function that speaks to the server through a [probe].
// The probe keeps every request and answer, so that a failure shows what was said,
// and removes what the check made, whatever became of the check.
//
// What a server offers is read first, from its discovery endpoints. A feature that
// is not announced makes its checks "not offered"; one that is announced and does
// not work fails.
//
// It speaks HTTP only, through bench/scimclient, and imports bench/people and the
// standard library beside it. Requests come one after the other.
package conformance
