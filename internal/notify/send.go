package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
)

const (
	batchAtMost = 500             // notices that one message stands for
	lease       = 2 * time.Minute // after so long a try counts as interrupted
	tryTime     = 30 * time.Second
	firstPause  = 30 * time.Second // doubles
	longPause   = time.Hour
	triesAtMost = 14 // about seven hours
	lanes       = 4  // messages on their way at once
)

// sendAll tries every box once.
func (n *Notifier) sendAll(ctx context.Context, boxes []notice.Box) (tried int, err error) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	gate := make(chan struct{}, lanes)
	for _, b := range boxes {
		gate <- struct{}{}
		wait.Go(func() {
			defer func() { <-gate }()
			ok, fail := n.send(ctx, b)
			mu.Lock()
			defer mu.Unlock()
			if ok {
				tried++
			}
			err = errors.Join(err, fail)
		})
	}
	wait.Wait()
	return tried, err
}

// send tries what is due for one person on one channel. ok is false when there was nothing.
func (n *Notifier) send(ctx context.Context, b notice.Box) (ok bool, err error) {
	defer fault.Wrap(&err, "notify.send(%s to account %d)", b.Channel, b.Account)
	var l *load
	var who *reader
	ch := n.Channels[b.Channel]
	taken := false
	err = n.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		l, taken = nil, false
		list, err := tx.Posts().Take(ctx, b, n.Now(), n.Now().Add(lease), batchAtMost)
		if err != nil || len(list) == 0 {
			return err
		}
		taken = true
		if who, err = n.reader(ctx, tx, map[account.ID]*reader{}, b.Account); err != nil {
			return err
		}
		if ch != nil && list[0].Interrupted && !ch.Idempotent() {
			if list, err = n.calls(ctx, tx, list); err != nil || len(list) == 0 {
				return err
			}
		}
		if l, err = n.pack(ctx, tx, who, list); err != nil {
			return err
		}
		return tx.Posts().Settle(ctx, l.spared)
	})
	if err != nil || l == nil || len(l.send) == 0 {
		return taken && err == nil, err
	}
	var to []notice.Address
	for _, a := range who.addresses {
		if a.Channel == b.Channel && a.State == notice.Good {
			to = append(to, a)
		}
	}
	var end ending
	switch {
	case ch == nil:
		end.dead = "Этот способ отключён в настройках Отклика."
	case len(to) == 0:
		end.dead = "Адреса больше нет."
	default:
		end = n.try(ctx, ch, to, l)
	}
	// What was sent is noted although the service stops.
	return true, n.settle(context.WithoutCancel(ctx), b, l, end)
}

// calls leaves of a batch, of which nobody knows whether it left on a channel that would
// show it twice, what is sent again all the same: calls, where twice is better than
// never. The rest stands unknown.
func (n *Notifier) calls(ctx context.Context, tx incident.Tx, list []notice.Delivery) (again []notice.Delivery, err error) {
	told, err := tx.Posts().ByIDs(ctx, noticesOf(list))
	if err != nil {
		return nil, err
	}
	var rest []notice.Delivery
	for _, d := range list {
		if slices.ContainsFunc(told, func(t notice.Notice) bool { return t.ID == d.Notice && t.Kind == notice.Call }) {
			again = append(again, d)
			continue
		}
		d.State, d.Error = notice.Unknown, perhaps
		rest = append(rest, d)
	}
	return again, tx.Posts().Settle(ctx, rest)
}

// perhaps is the cause of Unknown.
const perhaps = "Неизвестно, дошло ли: связь прервалась."

// An ending is how a try ended.
type ending struct {
	sent    bool
	unclear bool             // it may have left; calls are sent again
	dead    string           // why it is given up
	broken  []notice.Address // that refuse for good, with Why
	again   time.Duration    // 0 = the usual pause
	err     error
}

// try sends a parcel to each address; one that took it is enough.
func (n *Notifier) try(ctx context.Context, ch Channel, to []notice.Address, l *load) (end ending) {
	for _, a := range to {
		// A stop waits for the try that was begun.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryTime)
		err := ch.Send(ctx, a.To, l.parcel)
		cancel()
		var no *Refusal
		var later *Pause
		switch {
		case err == nil:
			end.sent = true
		case errors.As(err, &no):
			end.broken = append(end.broken, refused(a, no, n.Now()))
		case errors.As(err, &later):
			end.again, end.err = later.After, err
		case errors.Is(err, ErrUnclear) && !ch.Idempotent():
			end.unclear, end.err = true, err
		default:
			end.err = err
		}
	}
	if !end.sent && !end.unclear && end.err == nil {
		end.dead = "Адрес больше не принимает уведомления."
	}
	return end
}

func (n *Notifier) settle(ctx context.Context, b notice.Box, l *load, end ending) error {
	now := n.Now()
	gaveUp := false
	for k := range l.send {
		d := &l.send[k]
		switch {
		case end.sent:
			d.State, d.SentAt, d.Error = notice.Sent, now, ""
		case end.unclear && !slices.Contains(l.calls, d.Notice):
			d.State, d.Error = notice.Unknown, perhaps
		case end.dead != "":
			d.State, d.Error = notice.Dead, end.dead
		case d.Tries >= triesAtMost:
			d.State, d.Error, gaveUp = notice.Dead, sentence(end.err), true
		default:
			d.State, d.Error, d.NextAt = notice.Waiting, sentence(end.err), now.Add(max(end.again, pause(d.Tries)))
		}
	}
	if end.err != nil {
		n.Log.Warn("a notice did not leave", "channel", string(b.Channel), "account", b.Account, "try", l.send[0].Tries, "error", end.err)
	}
	var told []account.ID
	err := n.Store.Change(ctx, incident.Machine, func(tx incident.Tx) (err error) {
		told = nil
		if err := tx.Posts().Settle(ctx, l.send); err != nil {
			return err
		}
		for k := range end.broken {
			more, err := n.noteRefused(ctx, tx, &end.broken[k])
			if err != nil {
				return err
			}
			told = append(told, more...)
		}
		if gaveUp {
			more, err := n.complain(ctx, tx, b, fmt.Sprintf("channel:%s:%s", b.Channel, now.UTC().Format(time.DateOnly)), admins)
			if err != nil {
				return err
			}
			told = append(told, more...)
		}
		return nil
	})
	if err == nil && len(told) > 0 {
		slices.Sort(told)
		n.Tell(live.Event{For: slices.Compact(told)})
	}
	return err
}

// refused is an address that does not take messages any more. One that is gone is
// forgotten: what stands on tells its owner why.
func refused(a notice.Address, no *Refusal, now time.Time) notice.Address {
	a.State, a.Why, a.At = notice.Broken, no.Why, now
	if no.Gone {
		a.To = ""
	}
	return a
}

// noteRefused stores what refused returned, and tells of it once.
func (n *Notifier) noteRefused(ctx context.Context, tx incident.Tx, a *notice.Address) (told []account.ID, err error) {
	if err := tx.Posts().SaveAddress(ctx, a); fault.Is(err, fault.NotFound) {
		return nil, nil // its owner has removed it meanwhile
	} else if err != nil {
		return nil, err
	}
	to := owner | admins
	if a.To == "" {
		to = owner
	}
	return n.complain(ctx, tx, notice.Box{Account: a.Account, Channel: a.Channel}, fmt.Sprintf("address:%d:%d", a.ID, a.At.Unix()), to)
}

// Who is told that notices do not get through: the owner of an address, those who keep
// the accounts.
const (
	owner = 1 << iota
	admins
)

// complain tells of a channel that does not work for a person.
func (n *Notifier) complain(ctx context.Context, tx incident.Tx, b notice.Box, cause string, to int) (told []account.ID, err error) {
	if to&admins != 0 {
		who, err := tx.Accounts().Account(ctx, b.Account)
		if err != nil {
			return nil, err
		}
		keepers, err := tx.Notices().Roster(ctx, who.Place, lifecycle.Admin)
		if err != nil {
			return nil, err
		}
		for _, p := range keepers {
			told = append(told, p.ID)
		}
	}
	if to&owner != 0 {
		told = append(told, b.Account)
	}
	slices.Sort(told)
	told = slices.Compact(told)
	list := make([]notice.Notice, len(told))
	for k, id := range told {
		list[k] = notice.Notice{Account: id, Kind: notice.System, What: string(b.Channel), Cause: cause, Subject: int64(b.Account), At: n.Now()}
	}
	return told, tx.Notices().Write(ctx, list)
}

// pause returns how long to wait after so many tries.
func pause(tries int) time.Duration {
	return min(firstPause<<min(max(tries-1, 0), 20), longPause)
}

func sentence(err error) string {
	if s := fault.Sentence(err); s != "" {
		return s
	}
	return "Не удалось отправить: сервер не ответил или отказал. Пробуем ещё."
}
