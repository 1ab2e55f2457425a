package demo

import (
	"encoding/json"
	"strings"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/feed"
	"otklik/internal/source/feed/feedfake"
	"otklik/internal/source/page"
	"otklik/internal/source/page/pagefake"
)

// newsSite is a site of news with a feed, articles and comments below them.
func newsSite() *Network {
	return &Network{
		Name: "Степной вестник", Sort: "Сайт новостей", path: "news",
		About:  "Лента и статьи с комментариями. Центр читает и то и другое; ответ дают вручную.",
		source: source.Source{ID: "feed:news.demo", Kind: source.Feed, Channel: message.News, Name: "Степной вестник", Territory: Region, Every: siteEvery},
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := feedfake.New(feedfake.Options{Name: n.Name, Now: c.now, Snapshot: c.snapshot})
			return paper{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"url": n.URL + "feed.xml", "articles": true, "comments": json.RawMessage(feedfake.Comments), "zone": "Asia/Krasnoyarsk", "days": 30}
		},
		open: func(s source.Source, _ source.Key, in within) (source.Connection, error) {
			return feed.Open(s, in.site())
		},
	}
}

type paper struct{ *feedfake.Fake }

func (p paper) say(back int, author, words string) error {
	list := p.Articles()
	if len(list) == 0 {
		return errNothing
	}
	_, err := p.Comment(list[min(back, len(list)-1)], 0, author, words)
	return err
}

func (p paper) post(words string) { p.Publish(titled(words)) }

// forum is a forum of the old kind, in windows-1251.
func forum() *Network {
	return &Network{
		Name: "Форум Усть-Абакана", Sort: "Форум", path: "forum", home: "Усть-Абакан",
		About:  "Темы и сообщения, как на старых форумах. Центр читает их по рецепту; ответ дают вручную.",
		source: source.Source{ID: "page:forum.demo", Kind: source.Page, Channel: message.Forum, Name: "Форум Усть-Абакана", Territory: "Усть-Абаканский", Every: siteEvery},
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := pagefake.New(pagefake.Options{Name: n.Name, Now: c.now, Snapshot: c.snapshot, Zone: krasnoyarsk()})
			return board{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"url": n.URL, "recipe": json.RawMessage(pagefake.Recipe), "days": 30}
		},
		open: func(s source.Source, _ source.Key, in within) (source.Connection, error) {
			return page.Open(s, in.site())
		},
	}
}

type board struct{ *pagefake.Fake }

func (b board) say(back int, author, words string) error {
	list := b.Topics()
	if len(list) == 0 {
		return errNothing
	}
	_, err := b.Post(list[min(back, len(list)-1)], author, words, 0)
	return err
}

func (b board) post(words string) {
	title, text := titled(words)
	b.Topic("Модератор", title, text)
}

// titled parts a line of places.txt: «title | text».
func titled(words string) (title, text string) {
	title, text, _ = strings.Cut(words, "|")
	return strings.TrimSpace(title), strings.TrimSpace(text)
}
