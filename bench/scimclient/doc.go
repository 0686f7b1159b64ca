// Package scimclient is a plain HTTP client for SCIM servers: it sends the bytes
// it is given, under the names it is given, and says what came back.
//
// It knows no resource types. Callers hand in a method, a path under the base URL
// (already escaped, so that a simulated identity provider keeps its own quoting
// habits) and a body; they get the status, the header and the body, and turn a
// wrong answer into a [Mismatch] that names request, expectation and answer.
//
// It imports the standard library only.
package scimclient
