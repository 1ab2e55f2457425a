package tgweb

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/telegram"
)

// Settings are what an administrator sets of a channel.
type Settings struct {
	Name     string `json:"name,omitempty"`     // user name; by the source's id when empty
	Host     string `json:"host,omitempty"`     // Host when empty
	Pages    int    `json:"pages,omitempty"`    // newest pages that are read each time, 1 to 5
	Back     int    `json:"back,omitempty"`     // pages that are read at the first time, up to 50
	Comments bool   `json:"comments,omitempty"` // comments are read by the widget of discussions
}

// Options are what all channels share.
type Options struct {
	Host  string // of Recogniser: Host when empty
	HTTP  *http.Client
	Pace  *Pace
	Now   func() time.Time
	Plain bool // a host without TLS is taken, too: the fake
}

// every is how often a channel is read where nothing else is said.
const every = 2 * time.Minute

// SourceID returns the id of a channel's source.
func SourceID(name string) string { return "tgweb:" + strings.ToLower(name) }

// Open returns the connection of a channel.
func Open(s source.Source, o Options) (*Channel, source.Connection, error) {
	bad := func(what, sentence string) (*Channel, source.Connection, error) {
		return nil, source.Connection{}, fault.New(fault.Invalid, "tgweb: source %s: %s", s.ID, what).Say(sentence).Mend("mend the settings of the source; docs/channels/telegram.md names them")
	}
	var set Settings
	if raw := bytes.TrimSpace(s.Settings); len(raw) > 0 {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&set); err != nil {
			return bad("settings: "+err.Error(), "Настройки канала записаны с ошибкой.")
		}
		if _, err := dec.Token(); err != io.EOF {
			return bad("settings: text behind the object", "Настройки канала записаны с ошибкой.")
		}
	}
	name := strings.TrimPrefix(cmp.Or(set.Name, strings.TrimPrefix(s.ID, "tgweb:")), "@")
	u, err := url.Parse(cmp.Or(set.Host, Host))
	switch link, ok := telegram.ParseLink(&url.URL{Scheme: "https", Host: "t.me", Path: "/" + name}); {
	case !ok || link.Name != name:
		return bad("no name of a channel", "Нужно имя канала, как в его адресе: латинские буквы, цифры и подчёркивание.")
	case err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(o.Plain && u.Scheme == "http"):
		return bad("host is no https address", "Адрес «host» должен начинаться с https://.")
	case set.Pages < 0 || set.Pages > 5:
		return bad("pages", "«pages» — от 1 до 5.")
	case set.Back < 0 || set.Back > 50:
		return bad("back", "«back» — от 0 до 50.")
	}
	c := &Channel{Name: name, Source: s.ID, HTTP: o.HTTP, Pace: o.Pace, Now: o.Now, Own: s.Own, Pages: set.Pages, Back: set.Back, Talks: set.Comments}
	if set.Host != "" {
		c.BaseURL = strings.TrimSuffix(set.Host, "/") + "/"
	}
	return c, source.Connection{
		Puller: c, Name: cmp.Or(s.Name, "@"+name), URL: cmp.Or(s.URL, c.base()+name), Channel: message.Telegram, Territory: s.Territory, Own: s.Own, Every: cmp.Or(s.Every, every), FileHosts: FileHosts,
	}, nil
}

// A Recogniser knows public channels by links to them and to their posts. It looks at the
// channel's page for its title.
type Recogniser struct{ Options }

// Recognise implements source.Recogniser.
func (r Recogniser) Recognise(ctx context.Context, u *url.URL) (*source.Guess, error) {
	l, ok := telegram.ParseLink(u)
	if !ok || l.Name == "" || strings.HasSuffix(strings.ToLower(l.Name), "bot") {
		return nil, nil //nolint:nilnil // the contract of Recogniser: another network
	}
	g := &source.Guess{Source: source.Source{
		ID: SourceID(l.Name), Kind: source.Preview, Channel: message.Telegram, Name: "@" + l.Name, URL: Host + l.Name, Settings: json.RawMessage(`{"name":"` + l.Name + `"}`),
	}}
	c := &Channel{Name: l.Name, HTTP: r.HTTP, Pace: r.Pace, Now: r.Now, BaseURL: r.Host}
	page, err := (&round{Channel: c}).page(ctx, 0)
	var e *source.Error
	switch {
	case err == nil:
		g.Name = cmp.Or(page.Title, g.Name)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errNoPreview):
		g.Source = source.Source{Kind: source.Telegram, Channel: message.Telegram, Name: "@" + l.Name, URL: Host + l.Name}
		g.Needs = "Открытой страницы нет: это группа, человек или канал, который запретил предпросмотр. Добавьте туда бота, и место появится здесь само."
	case errors.As(err, &e):
		g.Needs = e.Sentence
	}
	return g, nil
}
