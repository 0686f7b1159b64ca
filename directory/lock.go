package directory

import "sync"

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
