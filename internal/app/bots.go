package app

import (
	"context"
	"net/url"
	"strconv"
	"sync"
	"time"

	"otklik/internal/roster"
	"otklik/internal/source"
	"otklik/internal/source/telegram"
	"otklik/internal/source/tgweb"
)

// longPoll is how long a network may wait for news before it answers.
const longPoll = 25 * time.Second

// telegramKind opens bots of Telegram. A bot that sends notices too hears for both.
func (a *App) telegramKind() roster.Connector {
	var mu sync.Mutex
	limits := map[string]*telegram.Limits{} // by token
	o := telegram.Options{Now: a.Now, Log: a.Log, Wait: longPoll, Plain: a.Demo != nil, Limits: func(token string) *telegram.Limits {
		mu.Lock()
		defer mu.Unlock()
		if limits[token] == nil {
			limits[token] = &telegram.Limits{Off: a.Demo != nil}
		}
		return limits[token]
	}}
	return roster.Connector{
		Keyed:     true,
		Recognise: telegram.Recogniser{},
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) {
			mine := o
			if a.Config.Site != "" {
				mine.Hook = a.Config.Site + "/hooks/sources/" + strconv.FormatInt(s.Number, 10)
			}
			b, c, err := telegram.Open(s, key, mine)
			if err != nil {
				return c, err
			}
			b.Own = func(id string) bool {
				place, ok := a.Roster.Of(id)
				return ok && place.Own
			}
			if a.bot != nil && a.bot.Token == b.Token {
				b.Aside = a.bot.Hear
			}
			return c, nil
		},
	}
}

// listens reports whether a source listens to the bot of the token.
func (a *App) listens(token string) bool {
	for _, c := range a.Roster.Connections() {
		if b, ok := c.Puller.(*telegram.Bot); ok && b.Token == token {
			return true
		}
	}
	return false
}

// fileAddress returns where the bytes of an attachment are that only its bot can ask for.
func (a *App) fileAddress(ctx context.Context, id, name string) (string, error) {
	if s, ok := a.Roster.Of(id); ok && s.Via != "" {
		id = s.Via
	}
	for _, c := range a.Roster.Connections() {
		if b, ok := c.Puller.(*telegram.Bot); ok && b.ID() == id {
			return b.FileAddress(ctx, name)
		}
	}
	return "", source.Fail(source.Later, "Источник не подключён.", "no bot reads %s", id)
}

// previewKind opens public channels of Telegram by their pages.
func (a *App) previewKind() roster.Connector {
	o := tgweb.Options{Pace: &tgweb.Pace{}, Now: a.Now, Plain: a.Demo != nil}
	if a.Demo != nil {
		o.Pace.Gap = -1
	}
	return roster.Connector{
		Recognise: tgweb.Recogniser{Options: o},
		Open: func(s source.Source, _, _ source.Key) (source.Connection, error) {
			ch, c, err := tgweb.Open(s, o)
			if err != nil {
				return c, err
			}
			if u, err := url.Parse(ch.BaseURL); a.Demo != nil && err == nil && u.Host != "" { // the fake network keeps its own
				c.FileHosts = []string{u.Hostname()}
			}
			return c, nil
		},
	}
}
