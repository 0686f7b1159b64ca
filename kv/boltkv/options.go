package boltkv

import (
	"log/slog"
	"time"

	"scimedge/kv"
)

// Options of a [Store]. The zero value is right for production.
type Options struct {
	// InitialMmapSize is the address space mapped at once, in bytes; the
	// default is 8 GiB. While the file is smaller it never has to be remapped,
	// and remapping waits for all readers while all others wait for it.
	InitialMmapSize int
	// LockTimeout is how long Open waits for another process to let go of the
	// file. The default is 1 s; negative waits without end.
	LockTimeout time.Duration
	// AcceptRollback opens a store that is older than, or another than, the
	// side file says, and starts empty where the store file is missing. It is
	// the operator's word that losing the difference is wanted: set it for the
	// one start after restoring a backup.
	AcceptRollback bool
	// Limits of one transaction; the default is 50,000 operations and 32 MiB.
	Limits kv.Limits
	// QueueLength bounds the writers waiting for the committer, default 4,096.
	// When it is full, Update waits until its context ends.
	QueueLength int
	// A batch, the transactions sharing one commit, takes in no more once it
	// has this many transactions, operations, bytes, or has been gathering for
	// this long. Defaults: 512, 20,000, 8 MiB, 10 ms.
	BatchTransactions int
	BatchOps          int
	BatchBytes        int
	BatchTime         time.Duration
	// FillPercent is how full bbolt leaves a page it splits, 0.1 to 1; the
	// default is bbolt's own, 0.5. Keys that mostly ascend want 0.9 or more.
	FillPercent float64
	// ReserveBytes is the size of the file path+".reserve", kept so that the
	// system partition (where tokens are revoked) can be written for a while
	// on a full volume. The default is 4 MiB; negative means none.
	ReserveBytes int64
	// OnCommit is told of every commit: how long it took at the disk, and how
	// many transactions and operations it carried. It runs on the committer, so
	// it must be quick.
	OnCommit func(d time.Duration, transactions, ops int)
	// Logger is told what cannot be returned to a caller. The default discards.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	def(&o.InitialMmapSize, 8<<30)
	def(&o.LockTimeout, time.Second)
	def(&o.Limits.MaxOps, 50_000)
	def(&o.Limits.MaxBytes, 32<<20)
	def(&o.QueueLength, 4096)
	def(&o.BatchTransactions, 512)
	def(&o.BatchOps, 20_000)
	def(&o.BatchBytes, 8<<20)
	def(&o.BatchTime, 10*time.Millisecond)
	def(&o.FillPercent, 0.5)
	def(&o.ReserveBytes, 4<<20)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
