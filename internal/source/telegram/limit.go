package telegram

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"otklik/internal/source"
)

// What Telegram bears of one bot, as its documentation advises.
const (
	allPerSecond   = 30
	chatGap        = time.Second
	groupPerMinute = 20
	patience       = 5 * time.Second // longer than that nobody waits in a call
)

// Limits spaces what one bot writes: 30 a second in all, one a second in a chat, 20 a
// minute in a group. All that write with one token share one. The zero value is ready.
type Limits struct {
	Off bool             // no limit: a fake network
	Now func() time.Time // time.Now when nil

	mu    sync.Mutex
	all   time.Time             // when the next may go
	chats map[int64]time.Time   // alike, of a chat
	group map[int64][]time.Time // what went in the last minute
	wrote source.Gauge
}

// Quotas implements source.Meter.
func (b *Bot) Quotas() []source.Quota {
	l, now := b.limits(), b.now()
	all, most := l.wrote.Quota("сообщения", allPerSecond, time.Second, now), source.Quota{Name: "сообщения в одну группу", Whose: "самая занятая группа", Allowed: groupPerMinute, Per: time.Minute}
	all.Whose, all.Free, most.Free = "бот", l.Off, l.Off
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, went := range l.group {
		n := 0
		for k, at := range went {
			if now.Sub(at) < time.Minute {
				n++
			}
			if now.Sub(at) < time.Hour {
				first := k
				for first > 0 && at.Sub(went[first-1]) < time.Minute {
					first--
				}
				most.Peak = max(most.Peak, k-first+1)
			}
		}
		most.Used = max(most.Used, n)
	}
	return []source.Quota{all, most}
}

// rested notes that Telegram told us to wait.
func (b *Bot) rested(err error) error {
	var e *source.Error
	if errors.As(err, &e) && e.Code == http.StatusTooManyRequests {
		b.limits().wrote.Rest(b.now().Add(e.After))
	}
	return err
}

// wait returns when a message to the chat may go. One whose turn is far away is refused
// and was not sent.
func (l *Limits) wait(ctx context.Context, to int64) error {
	now := time.Now()
	if l.Now != nil {
		now = l.Now()
	}
	if err := ctx.Err(); err != nil || l.Off {
		l.wrote.Spend(now, time.Second)
		return err
	}
	at, ok := l.turn(to, now)
	if !ok {
		e := source.Fail(source.Flood, "В этот чат пишем чаще, чем разрешает Telegram: продолжим сами чуть позже.", "telegram: the turn of the chat is in %s", at.Sub(now).Round(time.Second))
		e.After = at.Sub(now)
		return e
	}
	l.wrote.Spend(at, time.Second)
	if at.After(now) {
		return sleep(ctx, at.Sub(now))
	}
	return nil
}

// turn books the next turn; ok is false where it is too far away, then none is booked.
func (l *Limits) turn(to int64, now time.Time) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chats == nil {
		l.chats, l.group = map[int64]time.Time{}, map[int64][]time.Time{}
	}
	at = now
	for _, free := range []time.Time{l.all, l.chats[to]} {
		if free.After(at) {
			at = free
		}
	}
	if to < 0 {
		if went := l.group[to]; len(went) >= groupPerMinute {
			if free := went[len(went)-groupPerMinute].Add(time.Minute); free.After(at) {
				at = free
			}
		}
	}
	if at.Sub(now) > patience {
		return at, false
	}
	l.all = latest(l.all, now).Add(time.Second / allPerSecond)
	l.chats[to] = at.Add(chatGap)
	if to < 0 {
		went := append(l.group[to], at)
		l.group[to] = went[max(0, len(went)-groupPerMinute):]
	}
	if len(l.chats) > 10_000 { // who waited longest is free by now
		for id, free := range l.chats {
			if free.Before(now) {
				delete(l.chats, id)
			}
		}
	}
	return at, true
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
