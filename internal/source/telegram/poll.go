package telegram

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"otklik/internal/source"
)

const (
	pageSize   = 100             // updates of one call, Telegram's most
	albumWait  = 2 * time.Second // for the parts of an album, which has no end marker
	ackTime    = 3 * time.Second
	albumTries = 3
)

// Poll implements source.Puller. The updates that it returns are confirmed to Telegram by
// the next Poll, with the cursor behind them: until that is stored, they come again.
// Telegram forgets what was confirmed, and what waited for 24 hours.
func (b *Bot) Poll(ctx context.Context, cursor []byte) (source.Batch, error) {
	if err := ctx.Err(); err != nil {
		return source.Batch{}, err
	}
	me, err := b.self(ctx)
	if err != nil {
		return source.Batch{}, err
	}
	mem := remember(cursor)
	if b.HookURL != "" {
		return b.watch(ctx, mem)
	}
	updates, err := b.updates(ctx, mem.next(b.now()), b.Wait)
	if err != nil {
		return source.Batch{}, err
	}
	full := len(updates) >= pageSize
	if updates, err = b.whole(ctx, mem, updates); err != nil {
		return source.Batch{}, err
	}
	r := &reading{Bot: b, me: me, mem: mem, seen: b.now()}
	for k := range updates {
		u := &updates[k]
		mem.Offset, mem.At = u.ID+1, r.seen.Unix()
		n, edited := u.carried()
		switch {
		case b.aside(ctx, u):
		case n == nil || n.Album == "" || edited:
			r.take(ctx, u, nil)
		case slices.IndexFunc(updates, func(v update) bool { return sameAlbum(&v, n) }) == k: // the others are in it
			r.take(ctx, lowest(updates, n), parts(updates, n))
		}
	}
	b.acknowledge(ctx, r.presses)
	return source.Batch{Messages: r.messages, Found: r.found, Cursor: mem.bytes(), More: full}, nil
}

// updates asks for what is new. An update that cannot be read is passed over: it would
// hold up all others for ever.
func (b *Bot) updates(ctx context.Context, offset int64, wait time.Duration) ([]update, error) {
	args := map[string]any{"offset": offset, "limit": pageSize, "timeout": int(wait.Seconds()), "allowed_updates": allowed}
	ctx, cancel := context.WithTimeout(ctx, wait+callTime)
	defer cancel()
	var raw []json.RawMessage
	if err := b.rested(troubled("getUpdates", false, b.client().Call(ctx, "getUpdates", args, &raw))); err != nil {
		return nil, err
	}
	var list []update
	for _, one := range raw {
		u, err := parse(one)
		if err != nil || u.ID <= 0 {
			if b.Log != nil {
				b.Log.Warn("an update of Telegram cannot be read", "source", b.ID())
			}
			continue
		}
		list = append(list, *u)
	}
	return list, nil
}

// whole waits for the parts of albums that are still on their way. Nothing of what is
// waited for is confirmed, so that a stop in between loses none of it.
func (b *Bot) whole(ctx context.Context, mem *memory, updates []update) ([]update, error) {
	wait := b.Albums
	if wait == 0 {
		wait = albumWait
	}
	offset := mem.next(b.now())
	for range albumTries {
		first := slices.IndexFunc(updates, func(u update) bool { n, edited := u.carried(); return n != nil && n.Album != "" && !edited })
		if first < 0 || wait < 0 {
			return updates, nil
		}
		if len(updates) >= pageSize && first > 0 { // the rest of it may be on the next page: begin that with it
			return updates[:first], nil
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
		more, err := b.updates(ctx, offset, 0)
		if err != nil {
			return nil, err
		}
		if len(more) <= len(updates) {
			return updates, nil
		}
		updates = more
	}
	return updates, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func sameAlbum(u *update, n *note) bool {
	m, edited := u.carried()
	return m != nil && !edited && m.Album == n.Album && m.Chat.ID == n.Chat.ID
}

// parts returns the parts of an album, in order.
func parts(updates []update, n *note) (list []*note) {
	for k := range updates {
		if sameAlbum(&updates[k], n) {
			m, _ := updates[k].carried()
			list = append(list, m)
		}
	}
	slices.SortFunc(list, byID)
	return list
}

// lowest returns the update of an album's first part, which names it.
func lowest(updates []update, n *note) *update {
	var least *update
	for k := range updates {
		u := &updates[k]
		if !sameAlbum(u, n) {
			continue
		}
		m, _ := u.carried()
		if least == nil {
			least = u
		} else if l, _ := least.carried(); m.ID < l.ID {
			least = u
		}
	}
	return least
}

// acknowledge tells Telegram that presses were seen, so that the button rests. One that
// is not acknowledged in time only turns a while longer.
func (b *Bot) acknowledge(ctx context.Context, presses []string) {
	if len(presses) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	for _, id := range presses {
		_ = b.client().Call(ctx, "answerCallbackQuery", map[string]any{"callback_query_id": id}, nil)
	}
}
