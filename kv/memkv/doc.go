// Package memkv is the kv engine for unit tests: ordered maps in memory, nothing
// durable. Its Hostile mode makes callers that break the contract fail early, its
// Limited mode has the limits of the smallest engine to come.
//
// It may import kv and tidwall/btree. Data enters and leaves through the
// [kv.Store] it implements, and is gone when the Store is.
package memkv
