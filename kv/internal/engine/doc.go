// Package engine holds what every engine needs and the contract does not show:
// [Gate] (Close waits for running transactions), [Heads] (Watch) and
// [CheckPartition].
//
// It may import kv and the standard library. Engines call it on each
// transaction; nothing outside kv can.
package engine
