package directory

import (
	"bytes"
	"slices"
	"sync"
)

// groupLocks lets ordinary writes to a group run side by side while a staged
// one, which takes several transactions, has the group to itself. It spares
// staged writes from starting over; what keeps them right is the version check
// in their last transaction.
type groupLocks struct {
	mu   sync.Mutex
	held map[ID]*groupLock
}

type groupLock struct {
	sync.RWMutex
	users int
}

// share waits until no staged write has the group and returns the unlocking func.
func (g *groupLocks) share(id ID) (unlock func()) {
	l := g.enter(id)
	l.RLock()
	return func() { l.RUnlock(); g.leave(id, l) }
}

// own waits until nobody else writes to the group and returns the unlocking func.
func (g *groupLocks) own(id ID) (unlock func()) {
	l := g.enter(id)
	l.Lock()
	return func() { l.Unlock(); g.leave(id, l) }
}

// hold locks the groups that writes are about to change, each once and all in one
// order, so that writes of several groups cannot wait for each other in a circle.
// A delete has its group to itself. It returns the unlocking func.
func (d *Directory) hold(ws ...Write) (unlock func()) {
	var alone map[ID]bool // whether a group is wanted alone
	for _, w := range ws {
		if w.refused != nil || w.kind.members == nil || w.create {
			continue
		}
		if alone == nil {
			alone = make(map[ID]bool, len(ws))
		}
		alone[w.id] = alone[w.id] || w.mutate == nil
	}
	ids := make([]ID, 0, len(alone))
	for id := range alone {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	unlocks := make([]func(), 0, len(ids))
	for _, id := range ids {
		if alone[id] {
			unlocks = append(unlocks, d.busy.own(id))
		} else {
			unlocks = append(unlocks, d.busy.share(id))
		}
	}
	return func() {
		for _, unlock := range unlocks {
			unlock()
		}
	}
}

func (g *groupLocks) enter(id ID) *groupLock {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.held[id]
	if l == nil {
		if g.held == nil {
			g.held = map[ID]*groupLock{}
		}
		l = &groupLock{}
		g.held[id] = l
	}
	l.users++
	return l
}

func (g *groupLocks) leave(id ID, l *groupLock) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(g.held, id)
	}
}
