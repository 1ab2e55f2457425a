package vk

import (
	"context"
	"sync"
	"time"
)

// Calls that VK allows per second and token; a service token's share grows with
// the application's audience, so we keep to the smallest.
const (
	readsPerSecond  = 3
	writesPerSecond = 20
)

// Limits spaces the calls of each token. Walls that share a token share one
// Limits. The zero value is ready.
type Limits struct {
	// PerSecond replaces the number of calls that a token may make in a second; a
	// negative value means no limit (a fake network). 0 keeps VK's own numbers.
	PerSecond float64
	// Reads is how many reading calls the service token may make in a second, when
	// VK allows the application more than 3.
	Reads float64

	// Pool reads the walls of others with all tokens that are known; nil: every wall is read
	// in its own rhythm with its own token.
	Pool *Pool

	mu       sync.Mutex
	free     map[string]time.Time // when the token's next call may go
	captchas map[string]*captcha  // by token
}

// wait returns when the token's next call may go.
func (l *Limits) wait(ctx context.Context, token string, write bool) error {
	rate := l.PerSecond
	switch {
	case rate < 0:
		return ctx.Err()
	case rate == 0 && write:
		rate = writesPerSecond
	case rate == 0:
		rate = max(readsPerSecond, l.Reads)
	}
	l.mu.Lock()
	if l.free == nil {
		l.free = map[string]time.Time{}
	}
	now := time.Now()
	at := l.free[token]
	if at.Before(now) {
		at = now
	}
	l.free[token] = at.Add(time.Duration(float64(time.Second) / rate))
	l.mu.Unlock()
	if !at.After(now) {
		return ctx.Err()
	}
	t := time.NewTimer(at.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
