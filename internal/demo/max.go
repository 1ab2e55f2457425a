package demo

import (
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/max"
	"otklik/internal/source/max/maxfake"
)

// maxChannel is a channel of MAX whose administrator our bot is.
func maxChannel() *Network {
	const token = "demo-max-bot"
	return &Network{
		Name: "Абакан сегодня", Sort: "MAX", path: "max", home: "Абакан",
		About:  "Канал с комментариями: бот центра — его администратор и отвечает под ними. Боту можно написать и лично.",
		source: source.Source{ID: "max:@otklik_demo_bot", Kind: source.Max, Channel: message.Max, Name: "Абакан сегодня: бот «Отклик»", Territory: "Абакан", Key: "Бот в MAX"},
		secret: token,
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := maxfake.New(maxfake.Options{Token: token, Bot: 1705, Name: "Отклик", Username: "otklik_demo_bot", Page: n.URL, Now: c.now, Snapshot: c.snapshot})
			if err == nil && len(f.Channels()) == 0 {
				f.Channel(n.Name)
			}
			return room{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"url": n.URL + "api", "page": n.URL, "settle": "2s"}
		},
		open: func(s source.Source, key source.Key, in within) (source.Connection, error) {
			return max.Open(s, key, max.Options{HTTP: in.client, Limits: &max.Limits{Off: true}, Now: in.now})
		},
	}
}

type room struct{ *maxfake.Fake }

func (r room) say(back int, author, words string) error {
	posts := r.Posts(r.Channels()[0])
	if len(posts) == 0 {
		return errNothing
	}
	_, err := r.Comment(posts[min(back, len(posts)-1)], "", r.Person(author), words)
	return err
}

func (r room) post(words string) { r.Post(r.Channels()[0], 0, words) }
