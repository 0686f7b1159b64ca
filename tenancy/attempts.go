package tenancy

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Five failed sign-ins a minute for one account; the sixth is turned away
// unseen, with the right password, too.
const (
	maxAttempts   = 5
	attemptWindow = time.Minute
)

// attemptLimiter counts failed sign-ins by account, existing or not. Its memory
// is bounded; pushing an entry out takes as many sign-ins as it has places, each
// of which costs a password hash.
type attemptLimiter struct {
	mu      sync.Mutex
	byEmail *lru.Cache[string, []time.Time]
}

func newAttemptLimiter() (*attemptLimiter, error) {
	c, err := lru.New[string, []time.Time](10_000)
	return &attemptLimiter{byEmail: c}, err
}

// begin counts an attempt as failed until success says otherwise, so that
// attempts made side by side do not slip through. It reports whether the attempt
// may be made.
func (l *attemptLimiter) begin(account string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	times, _ := l.byEmail.Get(account)
	recent := make([]time.Time, 0, maxAttempts)
	for _, t := range times {
		if now.Sub(t) < attemptWindow {
			recent = append(recent, t)
		}
	}
	if len(recent) >= maxAttempts {
		return false
	}
	l.byEmail.Add(account, append(recent, now))
	return true
}

func (l *attemptLimiter) success(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byEmail.Remove(account)
}
