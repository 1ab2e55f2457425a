package app

import (
	"context"
	"time"

	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/notify"
	"otklik/internal/notify/mail"
	"otklik/internal/notify/telegram"
	"otklik/internal/store"
)

// openNotices makes what carries notices to the people of the desk.
func (a *App) openNotices() error {
	channels := map[notice.Channel]notify.Channel{}
	if m := a.Config.Mail; m != nil {
		channels[notice.Mail] = &mail.Sender{Server: m.Server, From: m.From, User: m.User, Password: m.Password.Reveal(), Secret: m.Secret, Now: a.Now}
	}
	if b := a.Config.Bot; b != nil {
		a.bot = &telegram.Bot{Token: b.Token.Reveal(), URL: b.URL, Log: a.Log,
			Link:  func(ctx context.Context, code, chat string) string { return a.Notices.LinkChat(ctx, code, chat) },
			Leave: func(ctx context.Context, chat string) { a.Notices.LeaveChat(ctx, chat) }}
		channels[notice.Telegram] = a.bot
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
