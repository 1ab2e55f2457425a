package max

import (
	"context"
	"sync"
	"time"

	"otklik/internal/source"
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

	calls source.Gauge
	chats map[string]*source.Gauge // writes, by chat
}

// busiest is how many chats a Limits counts writes of.
const busiest = 1000

// spend notes a call that goes now, by the clock of whoever calls.
func (l *Limits) spend(chat string, now time.Time) {
	l.calls.Spend(now, time.Second)
	if chat == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chats == nil || len(l.chats) >= busiest && l.chats[chat] == nil {
		l.chats = map[string]*source.Gauge{}
	}
	if l.chats[chat] == nil {
		l.chats[chat] = &source.Gauge{}
	}
	l.chats[chat].Spend(now, time.Second)
}

// Quotas implements source.Meter.
func (b *Bot) Quotas() []source.Quota {
	l, now := b.limits(), b.now()
	all := l.calls.Quota("запросы", callsPerSecond, time.Second, now)
	most := source.Quota{Name: "сообщения в один чат", Allowed: writesPerSecond, Per: time.Second}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.chats {
		if q := g.Quota(most.Name, most.Allowed, time.Second, now); q.Share() > most.Share() {
			most = q
		}
	}
	all.Whose, most.Whose, all.Free, most.Free = "бот", "самый занятый чат", l.Off, l.Off
	return []source.Quota{all, most}
}

func (b *Bot) limits() *Limits {
	if b.Limits != nil {
		return b.Limits
	}
	return &ownLimits
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
