// Package kv is the seam between scimedge and a database: an ordered,
// transactional key-value store with serializable partitions.
//
// It holds the contract ([Store], [Reader], [Writer] and the rules K1 to K10),
// the [Overlay] every engine runs transactions on, and the order-preserving key
// codec ([Key]). Engines live below it (boltkv, memkv) and pass the
// conformance suite in kvtest whole.
//
// It may import the standard library and tidwall/btree, nothing else. Data
// enters through [Store.Update] and leaves through [Store.View]; what a key or
// a value means is the business of the callers (directory, tenancy, events).
package kv
