// Package boltkv is the default kv engine: one bbolt file, a bucket per
// partition, one committer that shares each fsync among all waiting writers.
//
// It may import kv, bbolt and the standard library, and is the only importer of
// bbolt. Data enters through [Store.Update] and leaves through [Store.View] and
// [Store.Backup]. Beside the store file lies a side file (path + ".txid") with
// the highest committed transaction, by which [Open] notices that it was given
// an older or a foreign file.
//
// # How a write goes
//
// Update queues up. The committer opens one bbolt transaction, calls the writers
// in turn (each runs its own fn, in its own goroutine, on its own overlay over
// that transaction), applies the overlays of those that succeeded, commits once,
// and only then answers, even those whose fn failed: their error may be founded
// on what a neighbour had written but not yet committed.
//
// # What a caller must not do
//
// fn must not call Update of the same store: the committer waits for fn, and fn
// would wait for the committer. Update inside View's fn can deadlock too, when
// the commit has to remap the file and so waits for readers. A View must be
// short, above all never wait for a network peer: an open read transaction keeps
// freed pages from being reused, and freezes everybody when the file outgrows
// its mapping.
//
// # Trust
//
// Every value carries a CRC32C over partition, key and value; bbolt's own pages
// carry none. A failed commit stops the store: after a failed fsync nobody knows
// what is on the disk, and a later success would pretend that it is known.
package boltkv
