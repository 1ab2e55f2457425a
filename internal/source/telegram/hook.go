package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"otklik/internal/source"
)

// secretHeader carries what only Telegram and we know.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// Secret returns the secret of the webhook. It is made of the token, so that none has to be
// kept, and a new token makes a new one.
func (b *Bot) Secret() string {
	mac := hmac.New(sha256.New, []byte(b.Token))
	mac.Write([]byte("otklik webhook " + b.ID()))
	return hex.EncodeToString(mac.Sum(nil))
}

// Receive implements source.Receiver: one update a call. Parts of an album come in calls of
// their own; each waits for the others and brings the whole, which intake knows to be one.
func (b *Bot) Receive(ctx context.Context, c source.Call) (source.Received, error) {
	if !hmac.Equal([]byte(c.Header(secretHeader)), []byte(b.Secret())) {
		return source.Received{}, source.Fail(source.Person, "Вебхук вызван с чужим секретом: выключите и включите источник, чтобы назначить его заново.", "telegram: a call with a wrong secret")
	}
	u, err := parse(c.Body)
	if err != nil || u.ID <= 0 {
		return source.Received{}, source.Fail(source.Permanent, "Пришёл вызов, который не похож на Telegram.", "telegram: a call of %d bytes that is no update", len(c.Body))
	}
	me, err := b.self(ctx)
	if err != nil {
		return source.Received{}, err
	}
	done := source.Received{ID: "u" + strconv.FormatInt(u.ID, 10)}
	if b.aside(ctx, u) {
		return done, nil
	}
	var list []*note
	named := u
	if n, edited := u.carried(); n != nil && n.Album != "" && !edited {
		if named, list, err = b.gather(ctx, u, n); err != nil {
			return source.Received{}, err
		}
	}
	r := &reading{Bot: b, me: me, seen: b.now()}
	b.reading.Lock()
	if b.known == nil {
		b.known = remember(nil)
	}
	r.mem = b.known
	r.take(ctx, named, list)
	b.reading.Unlock()
	b.acknowledge(ctx, r.presses)
	done.Batch = source.Batch{Messages: r.messages, Found: r.found}
	return done, nil
}

// An album is what has come of one.
type album struct {
	updates []update
	last    time.Time // when the last part came
}

const (
	albumKept  = time.Minute
	albumsMost = 1000
)

// gather waits until no further part has come for a while and returns all of them.
func (b *Bot) gather(ctx context.Context, u *update, n *note) (*update, []*note, error) {
	wait := b.Albums
	if wait == 0 {
		wait = albumWait
	}
	key := Ref{Chat: n.Chat.ID}.String() + " " + n.Album
	b.mu.Lock()
	if b.albums == nil {
		b.albums = map[string]*album{}
	}
	for k, a := range b.albums {
		if time.Since(a.last) > albumKept || len(b.albums) > albumsMost {
			delete(b.albums, k)
		}
	}
	a := b.albums[key]
	if a == nil {
		a = &album{}
		b.albums[key] = a
	}
	if !slices.ContainsFunc(a.updates, func(v update) bool { return v.ID == u.ID }) {
		a.updates = append(a.updates, *u)
		a.last = time.Now()
	}
	b.mu.Unlock()
	for range albumTries {
		if wait > 0 {
			if err := sleep(ctx, wait); err != nil {
				return nil, nil, err
			}
		}
		b.mu.Lock()
		quiet := time.Since(a.last) >= wait
		b.mu.Unlock()
		if quiet {
			break
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	updates := slices.Clone(a.updates)
	return lowest(updates, n), parts(updates, n), nil
}

// watch is Poll of a bot that is called: it keeps the webhook set, asks Telegram how it
// fares, and stores what Receive has learned.
func (b *Bot) watch(ctx context.Context, stored *memory) (source.Batch, error) {
	var info struct {
		URL     string `json:"url"`
		Waiting int    `json:"pending_update_count"`
		FailAt  int64  `json:"last_error_date"`
	}
	if err := b.call(ctx, "getWebhookInfo", false, nil, &info); err != nil {
		return source.Batch{}, err
	}
	if info.URL != b.HookURL {
		args := map[string]any{"url": b.HookURL, "secret_token": b.Secret(), "allowed_updates": allowed, "max_connections": 40}
		if err := b.call(ctx, "setWebhook", false, args, nil); err != nil {
			return source.Batch{}, err
		}
		info.FailAt = 0
	}
	b.reading.Lock()
	if b.known == nil {
		b.known = stored
	} else {
		b.known.merge(stored)
	}
	cursor := b.known.bytes()
	b.reading.Unlock()
	if info.Waiting > 0 && b.now().Sub(unix(info.FailAt)) < 5*time.Minute {
		e := source.Fail(source.Later, "Telegram не может передать сообщения по адресу вебхука ("+waiting(info.Waiting)+"): проверьте, открыт ли адрес из интернета и действителен ли его сертификат.", "telegram: the webhook fails, %d updates wait", info.Waiting)
		e.After = time.Minute
		return source.Batch{}, e
	}
	return source.Batch{Cursor: cursor}, nil
}

func waiting(n int) string { return "ждут отправки: " + strconv.Itoa(n) }
