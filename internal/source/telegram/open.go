package telegram

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/botapi"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Settings are what an administrator sets of a bot; all may be left out.
type Settings struct {
	Name string  `json:"name,omitempty"` // user name, without «@»; for people
	API  string  `json:"api,omitempty"`  // botapi.API when empty
	Page string  `json:"page,omitempty"` // beginning of links; Page when empty
	Hook bool    `json:"hook,omitempty"` // Telegram calls us; else we poll
	Ours []int64 `json:"ours,omitempty"` // channels and groups that are our own
}

// Options are what all bots of the product share.
type Options struct {
	HTTP   *http.Client
	Limits func(token string) *Limits // of all that write with the token; nil: each bot its own
	Now    func() time.Time
	Log    *slog.Logger
	Wait   time.Duration // of one long poll
	Hook   string        // address at which Telegram can call this source; "" = it cannot
	Plain  bool          // an API without TLS is taken, too: the fakes
}

// Open returns a bot with its connection.
func Open(s source.Source, key source.Key, o Options) (*Bot, source.Connection, error) {
	var set Settings
	if raw := bytes.TrimSpace(s.Settings); len(raw) > 0 {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&set); err != nil {
			return nil, source.Connection{}, bad(s.ID, "settings: "+err.Error(), "Настройки бота записаны с ошибкой.")
		}
		if _, err := dec.Token(); err != io.EOF {
			return nil, source.Connection{}, bad(s.ID, "settings: text behind the object", "Настройки бота записаны с ошибкой.")
		}
	}
	token := strings.TrimSpace(key.Secret)
	id := botapi.BotID(token)
	if id == 0 {
		return nil, source.Connection{}, bad(s.ID, "no token of a bot", "Нужен токен бота, как его выдал @BotFather: число, двоеточие и набор букв.")
	}
	if number, err := strconv.ParseInt(strings.TrimPrefix(s.ID, "telegram:"), 10, 64); err == nil && number != id {
		return nil, source.Connection{}, bad(s.ID, "the token is of another bot", "Этот токен — другого бота: возьмите токен того же бота или добавьте новый источник.")
	}
	for name, address := range map[string]string{"api": set.API, "page": set.Page} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(o.Plain && u.Scheme == "http")) {
			return nil, source.Connection{}, bad(s.ID, name+" is no https address", "Адрес «"+name+"» должен начинаться с https://.")
		}
	}
	if set.Hook && !callable(o.Hook, o.Plain) {
		return nil, source.Connection{}, bad(s.ID, "hook without an address that Telegram calls", "Для вебхука нужен адрес сайта, открытый из интернета, с https:// и на порту 443, 80, 88 или 8443: задайте его в настройках Отклика или выберите опрос.")
	}
	b := &Bot{
		Token: token, Source: s.ID, BaseURL: set.API, PageURL: set.Page, HTTP: o.HTTP, Now: o.Now, Log: o.Log, Wait: o.Wait, Ours: set.Ours,
	}
	if b.PageURL != "" && !strings.HasSuffix(b.PageURL, "/") {
		b.PageURL += "/"
	}
	c := source.Connection{
		Puller: b, Publisher: b, Speaker: b, Name: s.Name, URL: s.URL, Channel: message.Telegram, Territory: s.Territory, Own: s.Own,
		Every: cmp.Or(s.Every, time.Second), FileHosts: b.FileHosts(),
	}
	if o.Limits != nil {
		b.Limits = o.Limits(token)
	}
	if set.Hook {
		c.Receiver = b
		b.HookURL, c.Every = o.Hook, cmp.Or(s.Every, 30*time.Second)
	}
	if c.URL == "" && set.Name != "" {
		c.URL = cmp.Or(b.PageURL, Page) + set.Name
	}
	return b, c, nil
}

// callable reports whether Telegram calls such an address.
func callable(address string, plain bool) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return plain || u.Scheme == "https" && slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port())
}

func bad(id, what, sentence string) error {
	return fault.New(fault.Invalid, "telegram: source %s: %s", id, what).Say(sentence)
}
