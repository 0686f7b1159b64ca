package kv

import (
	"context"
	"errors"
	"iter"
)

// Partition names one isolated key space: a tenant's id, or [System]. A
// transaction works on exactly one partition, and no key of one partition can
// be reached from another.
type Partition string

// System is the partition of the server itself: organizations, tenants, hosts,
// tokens, accounts. Tenant partitions hold directories.
const System Partition = "system"

// Seq numbers the committed transactions of a partition: 1 for the first, one
// more for each that follows. It is the change-log number, the conflict guard
// and the watch cursor in one (K6). 0 means that nothing was ever committed.
type Seq uint64

// Limits says how much one transaction may write. Work that may exceed it has to
// be staged by the caller; nothing here splits a transaction (K4).
type Limits struct {
	MaxOps   int // puts and deletes, a DeleteRange counting each key it removes
	MaxBytes int // sum of the keys and values written
}

// Bounds of a single entry (K10).
const (
	MaxKeyLen   = 1024       // bytes; the shortest key is 1 byte
	MaxValueLen = 512 * 1024 // bytes; an empty value is allowed
)

// Errors an engine returns. All are compared with [errors.Is].
var (
	// ErrConflict: other transactions kept getting in the way until the retry
	// budget was spent (K7). Nothing was written; the caller may try again.
	ErrConflict = errors.New("kv: conflict: the transaction lost against others too often; try again")
	// ErrTooLarge: the transaction exceeds [Limits] or an entry its bounds.
	// Returned before anything is written (K7, K10).
	ErrTooLarge = errors.New("kv: transaction or entry too large")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("kv: store is closed")
	// ErrUnknownOutcome: the commit failed at the disk. The write may or may
	// not be there after a restart; the store takes no further write.
	ErrUnknownOutcome = errors.New("kv: commit failed, outcome unknown; restart after mending the disk")
	// ErrStopped: an earlier commit failed, so this write was not tried.
	ErrStopped = errors.New("kv: store stopped after a failed commit; restart after mending the disk")
	// ErrCorrupt: a record's checksum does not match its bytes.
	ErrCorrupt = errors.New("kv: record is damaged: checksum mismatch")
	// ErrNoSpace: the volume is full. Nothing was written; reads go on.
	ErrNoSpace = errors.New("kv: no space left for writes")
	// ErrReadOnly: Put, Delete, DeleteRange, Rollback on a finished transaction.
	ErrReadOnly = errors.New("kv: transaction is over")
)

// Store is an ordered transactional key-value store. The rules every engine
// keeps, named by the tests of kvtest:
//
//	K1  A transaction sees one snapshot plus its own writes, in Scan too.
//	K2  Transactions of a partition are serializable, phantoms included.
//	K3  An Update's fn may run more than once and must have no side effects. A
//	    View's fn runs once: it reads a snapshot that nothing can invalidate, and
//	    is where responses are rendered.
//	K4  All of a transaction is applied or nothing; it is never split.
//	K5  Slices handed out are valid until fn returns, and are read-only.
//	K6  Seq grows by exactly one per committed Update of a partition. An Update
//	    that wrote nothing commits nothing and returns the current Seq.
//	K7  ErrConflict comes only after the retry budget, ErrTooLarge before
//	    anything is written.
//	K8  What Update acknowledged is durable.
//	K9  A context cancelled before the commit leaves no trace.
//	K10 Keys have 1..MaxKeyLen bytes, values up to MaxValueLen.
//
// And one rule for callers: fn does not call the store. A View within a View can
// wait for ever.
type Store interface {
	// View runs fn on a snapshot of partition p. A partition nobody wrote to is empty.
	View(ctx context.Context, p Partition, fn func(Reader) error) error
	// Update runs fn and commits its writes atomically. It returns the Seq of
	// the commit, or fn's own error unchanged, with nothing written. A panic in
	// fn is raised again in the caller's goroutine, with nothing written.
	Update(ctx context.Context, p Partition, fn func(Writer) error) (Seq, error)
	// Watch yields the head of each partition that moved past after[p] (absent
	// means 0), and again whenever it moves on, until ctx ends. Heads of one
	// partition come in order; several commits may be folded into one Head.
	Watch(ctx context.Context, after map[Partition]Seq) iter.Seq2[Head, error]
	// Partitions yields the partitions that exist, in order.
	Partitions(ctx context.Context) iter.Seq2[Partition, error]
	// DropPartition removes p and all it holds; its removal is atomic for
	// readers and resumed after a crash. Dropping a missing partition is no error.
	DropPartition(ctx context.Context, p Partition) error
	Limits() Limits
	// Close waits for running transactions and releases the store.
	Close() error
}

// Head is a partition's newest committed Seq.
type Head struct {
	Partition Partition
	Seq       Seq
}

// Entry is one key and its value; both obey K5.
type Entry struct {
	Key   []byte
	Value []byte // nil when the range asked for keys only
}

// Range selects keys lo <= key < hi in byte order. An empty Lo starts at the
// first key, an empty Hi runs to the last.
type Range struct {
	Lo, Hi   []byte
	Reverse  bool // from the highest key down
	KeysOnly bool // leave Entry.Value nil, so that skipping over large values is cheap
}

// Reader reads one partition as of one snapshot.
type Reader interface {
	// Get returns the value of key, or nil, nil when there is none. An existing
	// empty value is returned as a non-nil empty slice.
	Get(key []byte) ([]byte, error)
	// Scan yields the entries of r in key order. An error ends the sequence.
	Scan(r Range) iter.Seq2[Entry, error]
	// Seq is the snapshot's sequence number in View; in Update it is the number
	// this transaction takes if it commits.
	Seq() Seq
}

// Writer reads and writes one partition within a transaction.
type Writer interface {
	Reader
	// Put stores a copy of v under a copy of k.
	Put(k, v []byte) error
	// Delete removes k; a missing key is no error.
	Delete(k []byte) error
	// DeleteRange removes lo <= key < hi.
	DeleteRange(lo, hi []byte) error
	// Savepoint marks the writes so far; Rollback undoes those made since the
	// mark, which stays usable. Rolling back also forgets younger marks.
	Savepoint() Mark
	Rollback(Mark) error
}

// Mark is a place in a transaction's writes to which Rollback can return.
type Mark int

// Health is implemented by engines that can stop taking writes.
type Health interface {
	// Failed returns why the store takes no writes, or nil while it does.
	Failed() error
}
