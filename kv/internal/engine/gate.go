package engine

import (
	"fmt"
	"sync"

	"scimedge/kv"
)

// MaxPartitionLen bounds a partition's name in bytes, the same for all engines.
const MaxPartitionLen = 255

// CheckPartition refuses names that no engine can hold.
func CheckPartition(p kv.Partition) error {
	if len(p) == 0 || len(p) > MaxPartitionLen {
		return fmt.Errorf("kv: partition name of %d bytes, want 1 to %d", len(p), MaxPartitionLen)
	}
	return nil
}

// Gate counts running transactions, so that Close can refuse new ones and wait
// for the others. A WaitGroup alone cannot: its Add races with its Wait.
type Gate struct {
	mu      sync.Mutex
	running int
	closed  bool
	idle    chan struct{} // made by the first Close, closed when nothing runs
}

// Enter admits a transaction, to be ended by Leave, or returns kv.ErrClosed.
func (g *Gate) Enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return kv.ErrClosed
	}
	g.running++
	return nil
}

// Leave ends a transaction.
func (g *Gate) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if g.closed && g.running == 0 {
		close(g.idle)
	}
}

// Close refuses further transactions and waits for the running ones. It reports
// whether it was the first to close.
func (g *Gate) Close() (first bool) {
	g.mu.Lock()
	first = !g.closed
	if first {
		g.closed = true
		g.idle = make(chan struct{})
		if g.running == 0 {
			close(g.idle)
		}
	}
	idle := g.idle
	g.mu.Unlock()
	<-idle
	return first
}
