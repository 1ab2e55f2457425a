// Package telegram carries notices to people's private chats with a bot, and links a
// person's chat by a one-time code.
//
// A bot cannot read back what it sent, and there is no key against sending twice
// (docs: Telegram Bot API): a try whose end is not known is ErrUnclear.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"otklik/internal/botapi"
	"otklik/internal/fault"
	"otklik/internal/notify"
)

// textLimit is how long a message may be, in UTF-16 units; cut well below it.
const textLimit = 3500

// A Bot sends parcels and listens for codes.
type Bot struct {
	Token string
	URL   string // botapi.API when empty
	// Link links the chat in which a code was given, and returns what the person is told.
	Link func(ctx context.Context, code, chat string) (answer string)
	// Leave forgets the chat, and reports whether it was linked.
	Leave func(ctx context.Context, chat string) bool
	// Heard reports whether somebody else listens with the same token and hands on what
	// people write (see Hear): Telegram gives each update once, and ends the first of two
	// that ask. Nil: nobody does.
	Heard func() bool
	Log   *slog.Logger
	Wait  time.Duration // of one long poll; 50 s when zero

	name atomic.Pointer[string]
}

// Idempotent implements notify.Channel.
func (*Bot) Idempotent() bool { return false }

// Name returns the bot's user name, "" until Telegram has told it.
func (b *Bot) Name() string {
	if n := b.name.Load(); n != nil {
		return *n
	}
	return ""
}

// Send implements notify.Channel; to is the id of a chat.
func (b *Bot) Send(ctx context.Context, to string, p *notify.Parcel) error {
	return b.say(ctx, to, text(p), !p.Urgent)
}

func (b *Bot) say(ctx context.Context, chat, words string, quiet bool) error {
	id, err := strconv.ParseInt(chat, 10, 64)
	if err != nil {
		return &notify.Refusal{Why: "Чат не найден. Привяжите Telegram заново.", Err: errors.New("no id of a chat")}
	}
	return b.call(ctx, "sendMessage", map[string]any{"chat_id": id, "text": words, "disable_notification": quiet, "link_preview_options": map[string]bool{"is_disabled": true}}, nil)
}

// call asks for a method and tells its failures apart as the sender of notices does.
func (b *Bot) call(ctx context.Context, method string, args map[string]any, result any) error {
	err := (&botapi.Client{Token: b.Token, URL: b.URL}).Call(ctx, method, args, result)
	var refused *botapi.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, botapi.ErrNotMade):
		return unavailable(err)
	case !errors.As(err, &refused):
		return errors.Join(notify.ErrUnclear, err)
	}
	switch code := refused.Code; {
	case code == http.StatusForbidden, code == http.StatusBadRequest && refused.Says("chat not found"):
		return &notify.Refusal{Why: "Бот остановлен или чат удалён. Откройте бота в Telegram и привяжите его заново.", Err: refused}
	case code == http.StatusTooManyRequests:
		return &notify.Pause{After: max(refused.RetryAfter, time.Second), Err: refused}
	case code == http.StatusUnauthorized, code == http.StatusNotFound:
		return fault.New(fault.Unavailable, "telegram does not take the token (%d)", code).Say("Telegram не принимает токен бота: администратору нужно исправить его.")
	case code >= http.StatusInternalServerError && method == "sendMessage":
		return errors.Join(notify.ErrUnclear, err)
	}
	return unavailable(refused)
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "telegram: %w", err).Say("Telegram не отвечает. Пробуем ещё.")
}

// Run listens for codes until ctx ends.
func (b *Bot) Run(ctx context.Context) error {
	wait := b.Wait
	if wait == 0 {
		wait = 50 * time.Second
	}
	offset, pause := int64(0), time.Duration(0)
	for ctx.Err() == nil {
		err := b.named(ctx)
		if b.Heard != nil && b.Heard() {
			if offset = 0; sleep(ctx, heardEvery) != nil {
				return nil
			}
			continue
		}
		if err == nil {
			err = b.listen(ctx, &offset, wait)
		}
		if err == nil {
			pause = 0
			continue
		}
		pause = min(max(2*pause, time.Second), 5*time.Minute)
		var later *notify.Pause
		if errors.As(err, &later) {
			pause = max(pause, later.After)
		}
		if ctx.Err() == nil {
			b.Log.Warn("the bot for notices hears nothing", "error", err)
		}
		_ = sleep(ctx, pause)
	}
	return nil
}

// heardEvery is how often it is looked whether somebody else still listens.
const heardEvery = 5 * time.Second

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// named asks once what the bot is called.
func (b *Bot) named(ctx context.Context) error {
	if b.Name() != "" {
		return nil
	}
	var me struct {
		Username string `json:"username"`
	}
	if err := b.call(ctx, "getMe", nil, &me); err != nil {
		return err
	}
	b.name.Store(&me.Username)
	return nil
}

// listen takes what people wrote to the bot; asking for what comes behind it confirms it.
func (b *Bot) listen(ctx context.Context, offset *int64, wait time.Duration) error {
	var updates []struct {
		ID      int64 `json:"update_id"`
		Message *struct {
			Text string `json:"text"`
			Chat struct {
				ID   int64  `json:"id"`
				Type string `json:"type"`
			} `json:"chat"`
		} `json:"message"`
	}
	ctx, cancel := context.WithTimeout(ctx, wait+20*time.Second)
	defer cancel()
	if err := b.call(ctx, "getUpdates", map[string]any{"offset": *offset, "timeout": int(wait.Seconds()), "allowed_updates": []string{"message"}}, &updates); err != nil {
		return err
	}
	for _, u := range updates {
		*offset = u.ID + 1
		m := u.Message
		if m == nil || m.Chat.Type != "private" { // in a group everybody would read it
			continue
		}
		chat := strconv.FormatInt(m.Chat.ID, 10)
		b.tell(ctx, chat, b.answer(ctx, chat, m.Text))
	}
	return nil
}

// answer does what a person asked for and returns what they are told.
func (b *Bot) answer(ctx context.Context, chat, text string) string {
	command, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch {
	case command == "/stop":
		b.Leave(ctx, chat)
		return left
	case command == "/start" && rest == "":
		return "Это бот уведомлений Отклика. Возьмите код на странице «Что и куда присылать» и пришлите его сюда."
	case command == "/start":
		command = strings.TrimSpace(rest)
	}
	if len(command) > 64 {
		command = ""
	}
	return b.Link(ctx, command, chat)
}

const left = "Больше сюда ничего не придёт. Вернуть: «Что и куда присылать» в Отклике."

// Hear takes what a person wrote to a bot that residents write to as well: a code, or the
// end of the notices. It reports whether that was for us; all else is not.
func (b *Bot) Hear(ctx context.Context, chat, text string) bool {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second) // residents wait behind it
	defer cancel()
	words := strings.TrimSpace(text)
	if words == "/stop" {
		if !b.Leave(ctx, chat) {
			return false
		}
		b.tell(ctx, chat, left)
		return true
	}
	words = strings.TrimSpace(strings.TrimPrefix(words, "/start "))
	if !code(words) {
		return false
	}
	b.tell(ctx, chat, b.Link(ctx, words, chat))
	return true
}

// code reports whether the words look like a code of a link: crypto/rand.Text.
func code(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

func (b *Bot) tell(ctx context.Context, chat, words string) {
	if err := b.say(ctx, chat, words, true); err != nil {
		b.Log.Warn("the bot for notices could not answer", "error", err)
	}
}

func text(p *notify.Parcel) string {
	var b strings.Builder
	more := p.More
	for k, l := range p.Lines {
		line := l.Text + "\n"
		if l.URL != "" {
			line += l.URL + "\n"
		}
		if b.Len() > 0 && len([]rune(b.String()))+len([]rune(line)) > textLimit {
			more += len(p.Lines) - k
			break
		}
		b.WriteString(line + "\n")
	}
	if more > 0 {
		fmt.Fprintf(&b, "И ещё уведомлений: %d.\n", more)
	}
	if p.All != "" {
		b.WriteString("Все: " + p.All)
	}
	return strings.TrimSpace(b.String())
}
