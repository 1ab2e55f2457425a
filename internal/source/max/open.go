package max

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Settings are those of a bot's source, as JSON. All may be absent.
type Settings struct {
	LongPoll bool    `json:"long_poll"` // ask MAX for events instead of being called: for trials, MAX keeps them for 24 hours
	TakeOver bool    `json:"take_over"` // remove webhooks of other programs from the bot
	Chats    []int64 `json:"chats"`     // channels and groups that MAX has not told of: the bot was added before we listened
	Posts    int     `json:"posts"`     // newest posts of a channel that are read anew, 1 … 100; 20
	Reread   span    `json:"reread"`    // how often, «2m»
	Settle   span    `json:"settle"`    // how long a reply may take to be seen, «1m»

	PerSecond float64 `json:"per_second"` // replies to one channel; 1
	PerDay    int     `json:"per_day"`    // 0: no limit

	URL    string `json:"url"`     // of the API; https://platform-api2.max.ru
	Page   string `json:"page"`    // beginning of links; https://max.ru/
	CAFile string `json:"ca_file"` // PEM: the Russian national root certificate, where the machine does not know it
}

// A span is a time in JSON, «2m».
type span time.Duration

func (s *span) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no time such as \"2m\"", clip(text, 40))
	}
	*s = span(d)
	return nil
}

// Options are what the assembly gives to all bots.
type Options struct {
	Hook   string // our address that MAX calls with this source's events; "" = none, long poll
	Limits *Limits
	Now    func() time.Time
	HTTP   *http.Client  // nil: one of its own, with the CA file
	Wait   time.Duration // how long a long poll may wait
	Places []string      // source ids of places found before
}

// Open returns the connection of a bot. The places that it finds are sources of their own,
// whose replies go out by the bot, too.
func Open(s source.Source, key source.Key, o Options) (source.Connection, error) {
	var set Settings
	bad := func(format string, args ...any) (source.Connection, error) {
		err := fault.New(fault.Invalid, "source %s: "+format, append([]any{s.ID}, args...)...)
		return source.Connection{}, err.At("settings").Say("Настройки бота MAX записаны с ошибкой: сверьте их с описанием и исправьте.").Mend("mend the settings of the source; docs/channels/max.md names them")
	}
	if len(bytes.TrimSpace(s.Settings)) > 0 {
		dec := json.NewDecoder(bytes.NewReader(s.Settings))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&set); err != nil {
			return bad("settings: %w", err)
		}
	}
	switch {
	case !strings.HasPrefix(s.ID, "max:"):
		return bad("the id of a MAX bot begins with max:")
	case chatOf(s.ID) != 0:
		return bad("a channel or a group is read by the bot that is in it")
	case set.Posts < 0 || set.Posts > pageSize:
		return bad("posts is %d, and must be 1 to %d", set.Posts, pageSize)
	case set.PerDay < 0:
		return bad("per_day is negative")
	}
	for _, a := range []string{set.URL, set.Page, o.Hook} {
		if u, err := url.Parse(a); a != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil) {
			return bad("an address is no https address")
		}
	}
	client := o.HTTP
	if set.CAFile != "" && client == nil {
		var err error
		if client, err = trusting(set.CAFile); err != nil {
			return bad("ca_file: %w", err)
		}
	}
	b := &Bot{
		Source: s.ID, Name: s.Name, Token: strings.TrimSpace(key.Secret), BaseURL: set.URL, PageURL: set.Page, HTTP: client, Limits: o.Limits, Now: o.Now,
		Hook: o.Hook, TakeOver: set.TakeOver, Wait: o.Wait, Posts: set.Posts, Reread: time.Duration(set.Reread), Settle: time.Duration(set.Settle),
		PerSecond: set.PerSecond, PerDay: set.PerDay,
	}
	if set.LongPoll {
		b.Hook = ""
	}
	for _, chat := range set.Chats {
		if chat >= 0 {
			return bad("chats: %d is no channel and no group: their numbers are negative", chat)
		}
		b.Chats = append(b.Chats, chat)
	}
	for _, id := range o.Places {
		if chat := chatOf(id); chat != 0 {
			b.keep(chat, spot{Told: true})
		}
	}
	every := s.Every
	if every == 0 && b.Hook != "" {
		every = 30 * time.Second
	}
	return source.Connection{
		Puller: b, Publisher: b, Receiver: b, Speaker: b, FileHosts: FileHosts, Name: cmp.Or(s.Name, "Бот в MAX"), URL: s.URL, Channel: message.Max, Territory: s.Territory, Own: s.Own, Every: cmp.Or(every, time.Second),
	}, nil
}

// trusting returns a client that trusts the certificates of the file beside the machine's.
func trusting(file string) (*http.Client, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: t, CheckRedirect: noRedirect}, nil
}

// Links recognises links of MAX. It asks nobody: MAX tells nothing of places that no bot
// of ours is in.
type Links struct{}

const addBot = "Сделайте нашего бота администратором этого канала с правами читать и писать: канал появится среди источников сам."

// Recognise implements source.Recogniser. Known are max.ru/c/NUMBER/…, web.max.ru/NUMBER,
// max.ru/NAME (a channel or a bot), max.ru/NAME/POST and max.ru/join/….
func (Links) Recognise(_ context.Context, link *url.URL) (*source.Guess, error) {
	host := strings.TrimPrefix(strings.ToLower(link.Hostname()), "www.")
	if host != "max.ru" && host != "web.max.ru" {
		return nil, nil //nolint:nilnil // the contract of Recogniser: another network
	}
	parts := strings.Split(strings.Trim(link.Path, "/"), "/")
	g := &source.Guess{Source: source.Source{Kind: source.Max, Channel: message.Max}, Needs: addBot}
	first := parts[0]
	if host == "max.ru" && first == "c" && len(parts) > 1 {
		first = parts[1]
	}
	if chat, err := strconv.ParseInt(first, 10, 64); err == nil && chat < 0 {
		g.ID, g.Name, g.URL = SourceID(chat), "MAX "+first, Page+"c/"+first
		return g, nil
	}
	switch {
	case first == "" || host == "web.max.ru":
		g.Needs = "По этой ссылке не видно, какой это канал MAX: откройте канал и вставьте ссылку на него. " + addBot
	case first == "join":
		g.Name, g.URL = "Закрытый канал или группа MAX", Page+strings.Join(parts, "/")
	case link.Query().Has("start") || strings.HasSuffix(strings.ToLower(first), "bot"):
		g.ID, g.Name, g.URL, g.Needs = "max:@"+strings.ToLower(first), "@"+first, Page+first, "Это бот. Если он наш, нужен его токен из кабинета MAX для бизнеса."
	default:
		g.Name, g.URL = first, Page+first
	}
	return g, nil
}

var _ source.Recogniser = Links{}
