package demo

import (
	"strings"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
	"otklik/internal/source/tgweb"
	"otklik/internal/source/tgweb/tgwebfake"
)

// telegramChannel is a channel with its discussion group, and a bot in both.
func telegramChannel() *Network {
	const token, user = "4001705:demo-bot", "chernogorsk_ryadom"
	return &Network{
		Name: "Черногорск рядом", Sort: "Telegram", path: "telegram", home: "Черногорск",
		About:  "Канал с обсуждением: бот центра читает комментарии и отвечает под ними. Боту можно написать и лично.",
		source: source.Source{ID: "telegram:4001705", Kind: source.Telegram, Channel: message.Telegram, Name: "Черногорск рядом: бот @otklik_demo_bot", Territory: "Черногорск", Key: "Бот в Telegram"},
		secret: token,
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := telegramfake.New(telegramfake.Options{Token: token, Name: "otklik_demo_bot", Channel: n.Name, User: user, Lat: 53.8263, Lon: 91.3106, Now: c.now, Snapshot: c.snapshot})
			return chatter{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"name": "otklik_demo_bot", "api": strings.TrimSuffix(n.URL, "/"), "page": n.URL}
		},
		open: func(s source.Source, key source.Key, in within) (source.Connection, error) {
			limits := &telegram.Limits{Off: true}
			_, c, err := telegram.Open(s, key, telegram.Options{HTTP: in.client, Now: in.now, Plain: true, Limits: func(string) *telegram.Limits { return limits }})
			return c, err
		},
	}
}

type chatter struct{ *telegramfake.Fake }

func (c chatter) say(back int, author, words string) error {
	posts := c.Posts()
	if len(posts) == 0 {
		return errNothing
	}
	_, err := c.Comment(posts[min(back, len(posts)-1)], c.Person(author), words)
	return err
}

func (c chatter) post(words string) { c.Post(words) }

// telegramPages is a channel without our bot, read by its public pages.
func telegramPages() *Network {
	const name = "podslushano_sayan"
	return &Network{
		Name: "Подслушано: Саяногорск", Sort: "Telegram, открытый канал", path: "telegram-channel", home: "Саяногорск",
		About:  "Канал без нашего бота: центр читает его открытую страницу. Ответить там нельзя, поэтому ответ дают вручную.",
		source: source.Source{ID: tgweb.SourceID(name), Kind: source.Preview, Channel: message.Telegram, Name: "Подслушано: Саяногорск", Territory: "Саяногорск", Every: siteEvery},
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := tgwebfake.New(tgwebfake.Options{Name: name, Title: n.Name, Now: c.now, Snapshot: c.snapshot})
			return preview{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"name": name, "host": n.URL, "comments": true}
		},
		open: func(s source.Source, _ source.Key, in within) (source.Connection, error) {
			_, c, err := tgweb.Open(s, tgweb.Options{HTTP: in.client, Pace: &tgweb.Pace{Gap: -1}, Now: in.now, Plain: true})
			return c, err
		},
	}
}

// preview is a channel that publishes what its readers send.
type preview struct{ *tgwebfake.Fake }

func (p preview) say(_ int, _, words string) error { p.Post(words); return nil }

// post does nothing: such a channel publishes what its readers send, and no more.
func (p preview) post(string) {}
