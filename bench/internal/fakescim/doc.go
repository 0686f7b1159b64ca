// Package fakescim is a small lenient SCIM server in memory, for the tests of the
// simulated clients only. It knows just enough (eq filters, PATCH as identity
// providers send it) to let a right client through; it is no reference for what a
// SCIM server should do.
//
// It imports the standard library only.
package fakescim
