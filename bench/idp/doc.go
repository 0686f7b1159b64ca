// Package idp simulates identity providers: faithful clients that provision made-up
// people and groups into a SCIM server the way Okta, Entra and others do.
//
// Each provider is a table of the exact requests it sends, in the order and with
// the quoting, letter case and odd value types it is known for (okta.go, entra.go,
// ...; the facts come from vendors' documentation and open-source clients). One
// engine runs every table: connection test, users, their lifecycle, groups and
// memberships. A request an identity provider does not send has an empty list in
// its table, and the engine skips it.
//
// Of the User-Agent headers only Okta's is known; the others are stand-ins, and Entra
// sends none here.
//
// Every answer is checked as the real client would, and some more: status, content
// type, identifiers, the fields just written. The first wrong answer ends the sync
// with an error that names the request, what was expected and what came.
//
// A sync may be repeated against the same server: it finds what is there, as the
// real ones do, and ends in the same state.
//
// It imports bench/people, bench/scimclient and the standard library, and reaches
// the server over HTTP only.
package idp
