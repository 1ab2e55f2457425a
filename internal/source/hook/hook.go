// Package hook opens the systems that push messages to us by the signed call (docs/intake.md):
// an aggregator, a portal, a chat-bot. Nothing is polled; package api takes the calls.
package hook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// Settings are those of a sender, as JSON.
type Settings struct {
	Stream    bool     `json:"stream,omitempty"`     // a whole public stream: the watches decide what is ours
	Files     []string `json:"files,omitempty"`      // hosts that keep its pictures, subdomains included
	PerMinute int      `json:"per_minute,omitempty"` // messages at most; 0 = no limit
	Open311   bool     `json:"open311,omitempty"`    // it files requests by Open311 with its secret as api_key, and signs no calls
}

const (
	manyHosts = 20
	hostLimit = 253
	fastest   = 1_000_000 // messages a minute
	leastKey  = 16        // bytes
)

// Prefix begins the ids of senders: «hook:portal».
const Prefix = "hook:"

// Open returns the connection of a sender.
func Open(s source.Source, key source.Key) (source.Connection, error) {
	set, err := parse(s.Settings)
	if err != nil {
		return source.Connection{}, err
	}
	sender := source.Sender{Source: s.ID, Number: s.Number, Territory: s.Territory, Stream: set.Stream, PerMinute: set.PerMinute, Open311: set.Open311, Paused: s.Paused, Until: key.Until}
	if sender.Key, err = Key(key.Secret); err != nil {
		return source.Connection{}, fault.New(fault.Invalid, "source %s: %w", s.ID, err).Say("Секрет этой системы не читается. Выпустите новый.")
	}
	if key.Before != "" {
		if sender.Was, err = Key(key.Before); err != nil {
			return source.Connection{}, err
		}
	}
	con := source.Connection{Sender: &sender, Name: s.Name, URL: s.URL, Channel: message.Hook, Territory: s.Territory, FileHosts: set.Files}
	if set.Open311 {
		con.Publisher = Shown{}
	}
	return con, nil
}

// Shown publishes replies to requests that came by Open311: what is published stands at the
// request's own address at once, where whoever filed it asks how it stands.
type Shown struct{}

// Publish implements source.Publisher.
func (Shown) Publish(_ context.Context, job reply.Job) (reply.Receipt, error) {
	return reply.Receipt{Native: "open311:" + job.Key}, nil
}

// Find implements source.Publisher.
func (Shown) Find(_ context.Context, job reply.Job) (reply.Receipt, bool, error) {
	return reply.Receipt{Native: "open311:" + job.Key}, true, nil
}

// Ability implements source.Publisher.
func (Shown) Ability() source.Ability { return source.Ability{Key: true, ReadBack: true} }

// Key reads a secret as Standard Webhooks writes it: «whsec_» and base64.
func Key(secret string) ([]byte, error) {
	given, ok := strings.CutPrefix(secret, "whsec_")
	b, err := base64.StdEncoding.DecodeString(given)
	if !ok || err != nil || len(b) < leastKey {
		return nil, errors.New("a secret is not whsec_ and the base64 of 16 bytes or more") // without its words
	}
	return b, nil
}

func bad(field, sentence string) error {
	return fault.New(fault.Invalid, "%s of a sender is wrong", field).At(field).Say(sentence)
}

func parse(raw json.RawMessage) (set Settings, err error) {
	if len(raw) > 0 {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&set); err != nil {
			return set, bad("settings", "Настройки системы не читаются: есть stream и open311 (да или нет), files (список хостов) и per_minute (число).")
		}
	}
	if set.Open311 && set.Stream {
		return set, bad("open311", "По Open311 присылают обращения, не поток: выберите «обращения к нам».")
	}
	if set.PerMinute < 0 || set.PerMinute > fastest {
		return set, bad("per_minute", fmt.Sprintf("Сообщений в минуту может быть от 1 до %d. Пустое поле — сколько пришлют.", fastest))
	}
	if len(set.Files) > manyHosts {
		return set, bad("files", fmt.Sprintf("Хостов больше %d. Оставьте те, где лежат снимки.", manyHosts))
	}
	for _, h := range set.Files {
		if u, err := url.Parse("https://" + h); err != nil || u.Hostname() != h || h != strings.ToLower(h) || len(h) > hostLimit || !strings.Contains(h, ".") || strings.HasPrefix(h, ".") {
			return set, bad("files", "Это не имя хоста: "+clipped(h)+". Пишут без https:// и без пути: files.example.org.")
		}
	}
	return set, nil
}

func clipped(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// Fields are what people write of a sender beside its name.
func Fields(raw json.RawMessage) []source.Field {
	set, _ := parse(raw) // what does not read is told where it is opened
	limit := ""
	if set.PerMinute > 0 {
		limit = strconv.Itoa(set.PerMinute)
	}
	stream := "no"
	if set.Stream {
		stream = "yes"
	}
	way := "push"
	if set.Open311 {
		way = "open311"
	}
	return []source.Field{
		{Name: "way", Label: "Как присылает", Value: way, Choices: []source.Choice{{Value: "push", Name: "подписанными вызовами"}, {Value: "open311", Name: "по Open311: секрет служит ключом api_key"}},
			Hint: "По Open311 присылают другой центр с Откликом, городской портал, приложение."},
		{Name: "stream", Label: "Что присылает", Value: stream, Choices: []source.Choice{{Value: "no", Name: "обращения к нам: все они наши"}, {Value: "yes", Name: "общий поток: наше отберут правила наблюдения"}},
			Hint: "Поток — это, например, все комментарии города у агрегатора."},
		{Name: "files", Label: "Хосты снимков", Value: strings.Join(set.Files, ", "), Hint: "files.example.org, через запятую; пусто — не забирать"},
		{Name: "per_minute", Label: "Сообщений в минуту, не больше", Value: limit, Hint: "600; пусто — сколько пришлют"},
	}
}

// Set puts what people wrote into the settings.
func Set(raw json.RawMessage, values map[string]string) (json.RawMessage, error) {
	set, err := parse(raw)
	if err != nil {
		set = Settings{} // what was unreadable is written anew
	}
	for name, v := range values {
		v = strings.TrimSpace(v)
		switch name {
		case "way":
			set.Open311 = v == "open311"
		case "stream":
			set.Stream = v == "yes"
		case "files":
			set.Files = strings.FieldsFunc(strings.ToLower(v), func(c rune) bool { return c == ',' || c == ' ' || c == ';' || c == '\n' || c == '\r' })
			slices.Sort(set.Files)
			set.Files = slices.Compact(set.Files)
		case "per_minute":
			if set.PerMinute = 0; v != "" {
				if set.PerMinute, err = strconv.Atoi(v); err != nil || set.PerMinute < 1 {
					return nil, bad(name, "Впишите число сообщений в минуту, например 600, или оставьте поле пустым.")
				}
			}
		}
	}
	out, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	_, err = parse(out)
	return out, err
}
