// Package tenancy knows who may reach which directory: organizations, their
// tenants and hosts, the tokens of identity providers, the people who sign in
// to the portal, their sessions, and the audit trail of all of it.
//
// It may import kv, golang.org/x/crypto and golang-lru, never an HTTP package
// or a metrics library. Clock and randomness are handed in through [Options].
//
// Data enters through the methods of [Registry], each of which is one
// transaction (deleting a tenant is staged, see deletion.go), and everything
// lives in the partition kv.System in the rows listed in keys.go. An audit
// record is written in the same transaction as what it records.
//
// Data leaves in two ways. The request path reads memory only: [Registry.Resolve]
// is one atomic load and a map look-up, [Registry.Authenticate] a look-up in a
// bounded cache that never outlives a revocation. Everything else reads the
// store. Plaintext tokens, session ids and passwords leave exactly once, to the
// caller who made them; only hashes are kept.
package tenancy
