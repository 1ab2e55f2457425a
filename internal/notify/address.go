package notify

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/notice"
)

const (
	codeTime    = 30 * time.Minute
	codeTries   = 5
	addressMost = 10 // of one person
)

// Offers reports whether a channel is configured here.
func (n *Notifier) Offers(c notice.Channel) bool { return n.Channels[c] != nil }

// Choose stores what a person wants to be told of.
func (n *Notifier) Choose(ctx context.Context, who account.ID, c notice.Choice) (err error) {
	defer fault.Wrap(&err, "notify.Choose(%d)", who)
	c.Account = who
	if err := c.Valid(); err != nil {
		return err
	}
	return n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		old, err := tx.Posts().Choice(ctx, who)
		if err != nil {
			return err
		}
		c.Digested = old.Digested
		if c.Digest != old.Digest || c.DigestHour != old.DigestHour { // the next one comes at its own hour, not at once
			c.Digested = n.Now()
		}
		return tx.Posts().SaveChoice(ctx, c)
	})
}

// AddMail stores a mailbox and sends it a code, which proves that it is its owner's.
func (n *Notifier) AddMail(ctx context.Context, who account.ID, to string) (err error) {
	defer fault.Wrap(&err, "notify.AddMail(%d)", who)
	ch := n.Channels[notice.Mail]
	if ch == nil {
		return off(notice.Mail)
	}
	to = strings.TrimSpace(to)
	at, err := mail.ParseAddress(to)
	if err != nil || at.Address != to || utf8.RuneCountInString(to) > 200 || strings.ContainsAny(to, "\r\n<>") || !strings.Contains(to[strings.LastIndexByte(to, '@')+1:], ".") {
		return fault.New(fault.Invalid, "no address of mail").At("mail").Say("Это не адрес почты. Напишите его целиком, например ivanova@example.ru.")
	}
	a := notice.Address{Account: who, Channel: notice.Mail, To: to, Label: covered(to), State: notice.Unproved, Code: digits(), CodeUntil: n.Now().Add(codeTime), At: n.Now()}
	err = n.Store.Change(ctx, incident.People, func(tx incident.Tx) error { return add(ctx, tx, &a, n.Now()) })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	p := &Parcel{Name: fmt.Sprintf("code-%d-%d", a.ID, n.Now().UnixNano()), Subject: "Код для уведомлений Отклика: " + a.Code,
		Lines: []Line{{Text: "Код: " + a.Code + ". Введите его на странице «Что и куда присылать» в течение получаса. Если вы этого не просили, ничего не делайте: без кода писем больше не будет."}}}
	if err := ch.Send(ctx, to, p); err != nil {
		var no *Refusal
		if errors.As(err, &no) {
			return fault.New(fault.Invalid, "mail: %w", err).At("mail").Say(no.Why)
		}
		return fault.New(fault.Unavailable, "mail: %w", err).At("mail").Say("Письмо с кодом не ушло: почтовый сервер не отвечает или отказал. Адрес записан; попробуйте ещё раз через несколько минут.")
	}
	return nil
}

// AskTelegram makes a code that the person gives to the bot.
func (n *Notifier) AskTelegram(ctx context.Context, who account.ID) (code string, err error) {
	defer fault.Wrap(&err, "notify.AskTelegram(%d)", who)
	if n.Channels[notice.Telegram] == nil {
		return "", off(notice.Telegram)
	}
	a := notice.Address{Account: who, Channel: notice.Telegram, Label: "личный чат", State: notice.Unproved, Code: rand.Text(), CodeUntil: n.Now().Add(codeTime), At: n.Now()}
	return a.Code, n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		list, err := tx.Posts().Addresses(ctx, who)
		if err != nil {
			return err
		}
		a.ID = 0
		for _, old := range list { // a new code takes the place of one that was not used
			if old.Channel == notice.Telegram && old.State == notice.Unproved {
				a.ID = old.ID
			}
		}
		if a.ID == 0 && len(list) >= addressMost {
			return fault.New(fault.Conflict, "%d addresses", len(list)).Say("Адресов уже десять. Уберите лишние.")
		}
		return tx.Posts().SaveAddress(ctx, &a)
	})
}

// LinkChat links the chat in which a code was given, and returns what its person is told.
func (n *Notifier) LinkChat(ctx context.Context, code, chat string) (answer string) {
	linked := false
	err := n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		linked = false
		a, err := tx.Posts().ByCode(ctx, notice.Telegram, code, n.Now())
		if fault.Is(err, fault.NotFound) {
			return nil
		} else if err != nil {
			return err
		}
		had, err := tx.Posts().ByTarget(ctx, notice.Telegram, chat)
		if err != nil {
			return err
		}
		for _, o := range had { // linked anew, or to another account
			if o.ID != a.ID {
				if err := tx.Posts().DropAddress(ctx, o.ID); err != nil {
					return err
				}
			}
		}
		a.To, a.State, a.CodeUntil, a.Why, a.At = chat, notice.Good, time.Time{}, "", n.Now()
		linked = true
		return tx.Posts().SaveAddress(ctx, a)
	})
	switch {
	case err != nil:
		n.Log.Warn("a chat cannot be linked", "error", err)
		return "Сейчас не получается. Пришлите код ещё раз через минуту."
	case !linked:
		return "Код не подходит: он живёт полчаса и действует один раз. Возьмите новый на странице «Что и куда присылать»."
	}
	return "Готово: уведомления Отклика будут приходить сюда. Остановить: /stop"
}

// LeaveChat forgets a chat, and reports whether it was linked.
func (n *Notifier) LeaveChat(ctx context.Context, chat string) (linked bool) {
	err := n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		had, err := tx.Posts().ByTarget(ctx, notice.Telegram, chat)
		linked = len(had) > 0
		for _, o := range had {
			if err := tx.Posts().DropAddress(ctx, o.ID); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		n.Log.Warn("a chat cannot be forgotten", "error", err)
	}
	return linked
}

// Bot returns the user name of the bot that people write to, "" while it is not known.
func (n *Notifier) Bot() string {
	if b, ok := n.Channels[notice.Telegram].(interface{ Name() string }); ok {
		return b.Name()
	}
	return ""
}

// add stores an address that waits for its code, in place of one that leads there
// already. Codes are not asked for endlessly.
func add(ctx context.Context, tx incident.Tx, a *notice.Address, now time.Time) error {
	list, err := tx.Posts().Addresses(ctx, a.Account)
	if err != nil {
		return err
	}
	for _, old := range list {
		switch {
		case old.Channel != a.Channel || old.To != a.To:
		case old.State == notice.Good && a.State == notice.Unproved:
			return fault.New(fault.Conflict, "the address is proved already").At(string(a.Channel)).Say("Этот адрес уже подтверждён.")
		case a.State == notice.Unproved && now.Sub(old.At) < time.Minute:
			return fault.New(fault.Conflict, "a code was sent a moment ago").At(string(a.Channel)).Say("Код только что отправлен. Подождите минуту и проверьте папку «Спам».")
		default:
			a.ID = old.ID
		}
	}
	if a.ID == 0 && len(list) >= addressMost {
		return fault.New(fault.Conflict, "%d addresses", len(list)).At(string(a.Channel)).Say("Адресов уже десять. Уберите лишние.")
	}
	return tx.Posts().SaveAddress(ctx, a)
}

// Prove takes the code that was sent to an address of the person.
func (n *Notifier) Prove(ctx context.Context, who account.ID, id int64, code string) (err error) {
	defer fault.Wrap(&err, "notify.Prove(%d)", who)
	var refused error
	err = n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		refused = nil
		a, err := own(ctx, tx, who, id)
		if err != nil {
			return err
		}
		switch {
		case a.State == notice.Good:
			return nil
		case a.Tries >= codeTries:
			return fault.New(fault.Conflict, "too many codes").At("code").Say("Слишком много неверных кодов. Попросите новый.")
		case !a.CodeUntil.After(n.Now()):
			return fault.New(fault.Conflict, "the code is old").At("code").Say("Код устарел: он живёт полчаса. Попросите новый.")
		}
		found, err := tx.Posts().ByCode(ctx, a.Channel, strings.TrimSpace(code), n.Now())
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if found == nil || found.ID != a.ID { // the try is counted, so the transaction stands
			a.Tries++
			refused = fault.New(fault.Invalid, "a wrong code").At("code").Say(fmt.Sprintf("Код не подходит. Осталось попыток: %d.", codeTries-a.Tries))
		} else {
			a.State, a.CodeUntil, a.Tries, a.Why, a.At = notice.Good, time.Time{}, 0, "", n.Now()
		}
		return tx.Posts().SaveAddress(ctx, a)
	})
	if err != nil {
		return err
	}
	return refused
}

// Drop removes an address of the person.
func (n *Notifier) Drop(ctx context.Context, who account.ID, id int64) (err error) {
	defer fault.Wrap(&err, "notify.Drop(%d)", who)
	return n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		if _, err := own(ctx, tx, who, id); err != nil {
			return err
		}
		return tx.Posts().DropAddress(ctx, id)
	})
}

// Try sends a word to all proved addresses of the person at once, so that they see that
// it comes. It says by which channels it left, and Unavailable with the reasons when one did not.
func (n *Notifier) Try(ctx context.Context, who account.ID) (by []notice.Channel, err error) {
	defer fault.Wrap(&err, "notify.Try(%d)", who)
	list, err := n.Store.Reader().Posts().Addresses(ctx, who)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	var failed []string
	var broken []notice.Address
	for _, a := range list {
		ch := n.Channels[a.Channel]
		if a.State != notice.Good || ch == nil {
			continue
		}
		p := &Parcel{Name: fmt.Sprintf("try-%d-%d", a.ID, n.Now().UnixNano()), Subject: "Проверка уведомлений", Lines: []Line{{Text: "Это проверка: уведомления Отклика сюда доходят.", Path: "/desk/notices/settings"}}}
		if err := ch.Send(ctx, a.To, p); err != nil {
			var no *Refusal
			if errors.As(err, &no) {
				broken = append(broken, refused(a, no, n.Now()))
			}
			n.Log.Warn("a trial notice did not leave", "channel", string(a.Channel), "account", who, "error", err)
			failed = append(failed, a.Channel.Name())
		} else if !slices.Contains(by, a.Channel) {
			by = append(by, a.Channel)
		}
	}
	if len(broken) > 0 {
		var told []account.ID
		err := n.Store.Change(context.WithoutCancel(ctx), incident.People, func(tx incident.Tx) error {
			told = nil
			for k := range broken {
				more, err := n.noteRefused(ctx, tx, &broken[k])
				if err != nil {
					return err
				}
				told = append(told, more...)
			}
			return nil
		})
		if err != nil {
			return by, err
		}
		n.Tell(live.Event{For: told})
	}
	switch {
	case len(failed) > 0:
		return by, fault.New(fault.Unavailable, "%d addresses failed", len(failed)).Say("Не отправилось: " + strings.Join(failed, ", ") + ". Попробуйте позже или скажите администратору.")
	case len(by) == 0:
		return nil, fault.New(fault.Conflict, "no address").Say("Нет ни одного подтверждённого адреса: сначала добавьте почту, Telegram или этот браузер.")
	}
	return by, nil
}

func own(ctx context.Context, tx incident.Tx, who account.ID, id int64) (*notice.Address, error) {
	a, err := tx.Posts().Address(ctx, id)
	if err == nil && a.Account != who {
		err = fault.New(fault.NotFound, "address %d is of another account", id)
	}
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "address %d is not here", id).Say("Такого адреса у вас нет.")
	}
	return a, err
}

func off(c notice.Channel) error {
	return fault.New(fault.Conflict, "channel %s is not configured", c).At(string(c)).Say("Этот способ не подключён: администратор включает его в otklik.json (docs/notices.md).")
}

// digits returns a code that people retype.
func digits() string {
	k, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil { // crypto/rand never fails
		panic(err)
	}
	return fmt.Sprintf("%06d", k)
}

// covered shows an address to its owner alone: «i…@example.ru».
func covered(to string) string {
	name, host, _ := strings.Cut(to, "@")
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "…@" + host
}
