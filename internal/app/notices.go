package app

import (
	"context"
	"path/filepath"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/notify"
	"otklik/internal/notify/mail"
	"otklik/internal/notify/push"
	"otklik/internal/notify/telegram"
	"otklik/internal/seal"
	"otklik/internal/store"
)

// openNotices makes what carries notices to the people of the desk.
func (a *App) openNotices(ctx context.Context) error {
	channels := map[notice.Channel]notify.Channel{}
	if m := a.Config.Mail; m != nil {
		channels[notice.Mail] = &mail.Sender{Server: m.Server, From: m.From, User: m.User, Password: m.Password.Reveal(), Secret: m.Secret, Now: a.Now}
	}
	if b := a.Config.Bot; b != nil {
		a.bot = &telegram.Bot{Token: b.Token.Reveal(), URL: b.URL, Log: a.Log,
			Link:  func(ctx context.Context, code, chat string) string { return a.Notices.LinkChat(ctx, code, chat) },
			Leave: func(ctx context.Context, chat string) bool { return a.Notices.LeaveChat(ctx, chat) },
			Heard: func() bool { return a.listens(b.Token.Reveal()) }}
		channels[notice.Telegram] = a.bot
	}
	if p := a.Config.Push; p != nil {
		key, err := a.pushKey(ctx)
		switch {
		case err == nil:
			channels[notice.Push] = push.New(key, p.Subject, a.Now, false)
		case fault.Is(err, fault.Invalid): // the rest of the product must not wait for it
			a.Log.Error("browsers get no notices: the key of web push cannot be opened; bring otklik.key back, or set push.key", "error", err)
		default:
			return err
		}
	}
	a.Notices = notify.New(notify.Options{Store: a.DB, Channels: channels, Topics: a.Topics, Zone: a.zoneAt, Tell: a.tell, Site: a.Config.Site, Now: a.Now, Log: a.Log,
		Alone: func(ctx context.Context) (notify.Lease, error) {
			if l, err := a.DB.Alone(ctx, store.Notifying); l != nil {
				return l, err
			} else { // no typed nil in an interface
				return nil, err
			}
		}})
	return nil
}

// pushSecret is the setting under which the key of web push stands, sealed like the
// tokens of sources. It is beside the subscriptions that are bound to it: what is
// restored from a copy fits together.
const pushSecret = "push.key"

// pushKey returns the key that signs what leaves for browsers: the configured one, else
// the one that was made when it was first asked for. Of two processes that make one, the
// first is right.
func (a *App) pushKey(ctx context.Context) (*push.Key, error) {
	if s := a.Config.Push.Key; s != "" {
		return push.ParseKey(s.Reveal())
	}
	box, err := seal.Keyed(filepath.Join(a.Dir, seal.Name))
	if err != nil {
		return nil, err
	}
	stored, err := a.DB.Setting(ctx, "", pushSecret)
	if fault.Is(err, fault.NotFound) {
		made, failed := push.NewKey()
		if failed != nil {
			return nil, failed
		}
		err = a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			return store.SettingsOf(tx).Add(ctx, "", pushSecret, box.Seal(pushSecret, made.Secret()))
		})
		if err == nil || fault.Is(err, fault.Conflict) {
			stored, err = a.DB.Setting(ctx, "", pushSecret)
		}
	}
	if err != nil {
		return nil, err
	}
	secret, err := box.Open(pushSecret, stored)
	if err != nil {
		return nil, err
	}
	return push.ParseKey(secret)
}

// tell passes an event on to open pages, and wakes what carries notices.
func (a *App) tell(e live.Event) {
	a.Hub.Publish(e)
	if len(e.For) > 0 && a.Notices != nil {
		a.Notices.Wake()
	}
}

// hearBot listens to the bot for notices, where there is one.
func (a *App) hearBot(ctx context.Context) error {
	if a.bot == nil {
		return nil
	}
	return a.bot.Run(ctx)
}

const forgetEvery = 6 * time.Hour

// forgetNotices removes notices that nobody looks for any more.
func (a *App) forgetNotices(ctx context.Context) error {
	for {
		if err := a.Desk.ForgetNotices(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("old notices cannot be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(forgetEvery):
		}
	}
}
