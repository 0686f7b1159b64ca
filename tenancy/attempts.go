package tenancy

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Five failed sign-ins a minute for one account; the sixth is turned away
// unseen, with the right password, too. One source gets thirty, so that it cannot
// keep the password hasher busy by inventing accounts.
const (
	maxAttempts       = 5
	maxSourceAttempts = 30
	attemptWindow     = time.Minute
)

// attemptLimiter counts failed sign-ins by account, existing or not, and by
// source. Its memory is bounded; pushing an entry out takes as many sign-ins as
// it has places, each of which costs a password hash.
type attemptLimiter struct {
	mu    sync.Mutex
	times *lru.Cache[string, []time.Time] // oldest first
}

func newAttemptLimiter() (*attemptLimiter, error) {
	c, err := lru.New[string, []time.Time](10_000)
	return &attemptLimiter{times: c}, err
}

// begin counts an attempt as failed until undo or forget says otherwise, so that
// attempts made side by side do not slip through. It reports whether the attempt
// may be made.
func (l *attemptLimiter) begin(key string, most int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	times, _ := l.times.Get(key)
	recent := make([]time.Time, 0, len(times)+1)
	for _, t := range times {
		if now.Sub(t) < attemptWindow {
			recent = append(recent, t)
		}
	}
	if len(recent) >= most {
		return false
	}
	l.times.Add(key, append(recent, now))
	return true
}

// undo takes one attempt back.
func (l *attemptLimiter) undo(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if times, ok := l.times.Get(key); ok && len(times) > 0 {
		l.times.Add(key, times[:len(times)-1])
	}
}

// forget takes all attempts back.
func (l *attemptLimiter) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times.Remove(key)
}

// sourceOf groups addresses by who can pick among them: IPv6 by network.
func sourceOf(remote netip.Addr) string {
	remote = remote.Unmap()
	if !remote.Is6() {
		return "from " + remote.String()
	}
	network, _ := remote.WithZone("").Prefix(64) // 64 always fits
	return "from " + network.String()
}
