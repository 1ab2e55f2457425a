package max

import (
	"context"
	"sync"
	"time"
)

// Calls that MAX allows: in all, and changes in one chat.
const (
	callsPerSecond  = 30
	writesPerSecond = 2
)

// Limits spaces calls. Bots that share a token share one Limits. The zero value is ready.
type Limits struct {
	Off bool // no limit: a fake network

	mu   sync.Mutex
	free map[string]time.Time // when the next call may go; "" = of any kind
}

// wait returns when the next call may go. chat is where a writing call writes, "" for a
// reading one.
func (l *Limits) wait(ctx context.Context, chat string) error {
	if l.Off {
		return ctx.Err()
	}
	now := time.Now()
	l.mu.Lock()
	at := l.take("", now, time.Second/callsPerSecond)
	if chat != "" {
		if later := l.take(chat, now, time.Second/writesPerSecond); later.After(at) {
			at = later
		}
	}
	if len(l.free) > 1000 {
		for key, t := range l.free {
			if t.Before(now) {
				delete(l.free, key)
			}
		}
	}
	l.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

func (l *Limits) take(key string, now time.Time, every time.Duration) time.Time {
	if l.free == nil {
		l.free = map[string]time.Time{}
	}
	at := l.free[key]
	if at.Before(now) {
		at = now
	}
	l.free[key] = at.Add(every)
	return at
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
