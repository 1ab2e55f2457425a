package site

import (
	"sync"
	"time"
)

// Sign-in is slowed down per login and per address, asking for a number per number and per address: after free failures each
// next try must wait twice as long, up to the longest wait.
const (
	freeTries   = 5
	firstWait   = 2 * time.Second
	longestWait = 15 * time.Minute
	forgetAfter = time.Hour
	mostTracked = 100_000 // keys in memory; beyond it the oldest knowledge is dropped
)

// A Throttle slows down whoever fails again and again. It is safe for concurrent use.
type Throttle struct {
	mu    sync.Mutex
	tries map[string]*tries
}

type tries struct {
	failed int
	last   time.Time
}

// NewThrottle returns a throttle that knows of no failures.
func NewThrottle() *Throttle { return &Throttle{tries: map[string]*tries{}} }

// Wait returns how long the keys still have to wait, 0 to go on.
func (t *Throttle) Wait(now time.Time, keys ...string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var longest time.Duration
	for _, k := range keys {
		if tr := t.tries[k]; tr != nil {
			longest = max(longest, tr.last.Add(pause(tr.failed)).Sub(now))
		}
	}
	return max(longest, 0)
}

func pause(failed int) time.Duration {
	over := failed - freeTries
	if over < 0 {
		return 0
	}
	return min(firstWait<<min(over, 10), longestWait)
}

// Fail counts a failure.
func (t *Throttle) Fail(now time.Time, keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tries) > mostTracked {
		t.forget(now)
	}
	for _, k := range keys {
		tr := t.tries[k]
		if tr == nil || now.Sub(tr.last) > forgetAfter {
			tr = &tries{}
			t.tries[k] = tr
		}
		tr.failed++
		tr.last = now
	}
}

// Clear forgets a key after a good sign-in.
func (t *Throttle) Clear(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, key)
}

func (t *Throttle) forget(now time.Time) {
	for k, tr := range t.tries {
		if now.Sub(tr.last) > forgetAfter {
			delete(t.tries, k)
		}
	}
	if len(t.tries) > mostTracked { // a flood of names: start again rather than grow
		clear(t.tries)
	}
}
