package max

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// SecretHeader carries what MAX was told to show with each push.
const SecretHeader = "X-Max-Bot-Api-Secret"

// Secret is what MAX must show. It is made of the token, so that nobody has to keep it,
// and a new token is a new secret.
func (b *Bot) Secret() string {
	h := hmac.New(sha256.New, []byte(b.Token))
	h.Write([]byte("otklik push " + b.Source))
	return hex.EncodeToString(h.Sum(nil))
}

// A heard is what a push last told of a message.
type heard struct {
	hash, rev string
	gone      bool
	at        int64
}

const heardMost = 20_000

// Receive implements source.Receiver: one call is one event. An event that a later one
// has overtaken brings nothing.
func (b *Bot) Receive(ctx context.Context, c source.Call) (source.Received, error) {
	if b.Token == "" || subtle.ConstantTimeCompare([]byte(c.Header(SecretHeader)), []byte(b.Secret())) != 1 {
		return source.Received{}, source.Fail(source.Person, "Вызов пришёл не от MAX: секрет не подходит.", "max push: the secret is another one")
	}
	var any map[string]json.RawMessage
	if json.Unmarshal(c.Body, &any) != nil || any["update_type"] == nil {
		return source.Received{}, source.Fail(source.Permanent, "Вызов не похож на событие MAX.", "max push: %d bytes that are no update", len(c.Body))
	}
	e, ok := b.decode(c.Body)
	if !ok { // of a kind that we have no use for
		return source.Received{}, nil
	}
	r := source.Received{ID: hashed(e.Name)}
	if e.Press != "" {
		b.pressed(e.User, e.Press)
	}
	switch e.Deed {
	case added, lost:
		f := source.Found{ID: SourceID(e.Chat), Channel: message.Max, Lost: e.Deed == lost}
		b.mu.Lock()
		f.Name = b.places[e.Chat].Title
		b.mu.Unlock()
		if f.Name == "" {
			f.Name = strings.Replace(f.ID, "max:", "MAX ", 1)
		}
		r.Found = []source.Found{f}
		if e.Deed == added {
			b.tell(&e)
		}
	case talked:
		r.Messages = []message.Message{e.Message}
	case wrote, edited, removed:
		b.tell(&e)
		if b.news(&e) {
			b.rooted(ctx, &e.Message)
			r.Messages = []message.Message{e.Message}
		}
	}
	now := b.now().UTC()
	for k := range r.Messages {
		r.Messages[k].SeenAt = now
	}
	return r, nil
}

// tell lets the next Poll know of a place that a push spoke of.
func (b *Bot) tell(e *event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.places == nil {
		b.places = map[int64]spot{}
	}
	if s, known := b.places[e.Chat]; !known || e.Deed == added {
		s.Told, s.Channel = true, s.Channel || e.Channel
		b.places[e.Chat] = s
	}
}

// news notes what a push told and reports whether nothing later is known.
func (b *Bot) news(e *event) bool {
	m := &e.Message
	key := m.Source + " " + m.Native
	b.mu.Lock()
	defer b.mu.Unlock()
	if h, ok := b.heard[key]; ok && h.at > e.At {
		return false
	}
	if b.heard == nil || len(b.heard) >= heardMost {
		b.heard = map[string]heard{}
	}
	b.heard[key] = heard{hash: message.HashOf(m.Text).Hash, rev: m.Revision.Hash, gone: m.Event == message.Deleted, at: e.At}
	return true
}

func hashed(s string) string { return message.HashOf(s).Hash }

// lookEvery is how often the subscription is looked for. MAX drops one after eight hours
// without a success.
const lookEvery = 5 * time.Minute

// A subscription is one that MAX knows of the bot.
type subscription struct {
	URL   words `json:"url"`
	Types list  `json:"update_types"`
}

// subscriptions asks what is subscribed.
func (b *Bot) subscriptions(ctx context.Context) ([]subscription, error) {
	var out struct {
		Subscriptions []subscription `json:"subscriptions"`
	}
	c := call{op: "GET /subscriptions", path: "/subscriptions"}
	if err := b.do(ctx, c, &out); err != nil {
		return nil, err
	}
	return out.Subscriptions, nil
}

// hooked sees that MAX calls our address: a subscription that is lost is made anew, and
// then everything is read, because what was pushed meanwhile is lost too.
func (p *poll) hooked(ctx context.Context) error {
	p.answerPresses(ctx)
	now := p.now()
	p.mu.Lock()
	looked, stood := p.asked, p.Bot.hooked
	p.mu.Unlock()
	if since := now.Sub(looked); stood && since >= 0 && since < lookEvery {
		return nil
	}
	all, err := p.subscriptions(ctx)
	if err != nil {
		return err
	}
	mine := slices.ContainsFunc(all, func(s subscription) bool { return string(s.URL) == p.Hook && covers(s.Types) })
	if p.TakeOver {
		if err := p.unsubscribe(ctx, all, p.Hook); err != nil {
			return err
		}
	}
	if !mine || looked.IsZero() { // at a start, too: the secret of an older token would be refused
		c := call{op: "POST /subscriptions", path: "/subscriptions", body: map[string]any{"url": p.Hook, "update_types": updateTypes, "secret": p.Secret()}}
		if err := p.do(ctx, c, nil); err != nil {
			if s := status(err); s == 200 || s == 400 || s == 422 {
				return source.Fail(source.Person, "MAX не принял наш адрес для событий: нужен https-адрес на порту 443 с сертификатом известного центра.", "max %s: HTTP %d", c.op, s)
			}
			return err
		}
	}
	p.mu.Lock()
	p.asked, p.Bot.hooked = now, true
	p.mu.Unlock()
	if !mine {
		for _, pl := range p.cursor.Places {
			pl.At = 0
			for _, post := range pl.Posts {
				post.At = 0
			}
		}
	}
	return nil
}

// covers reports whether a subscription tells of all that we ask for; one without types
// tells of everything.
func covers(types list) bool {
	if len(types) == 0 {
		return true
	}
	for _, want := range updateTypes {
		if !slices.ContainsFunc(types, func(raw json.RawMessage) bool { var s string; return json.Unmarshal(raw, &s) == nil && s == want }) {
			return false
		}
	}
	return true
}

func (b *Bot) unsubscribe(ctx context.Context, all []subscription, but string) error {
	for _, s := range all {
		if string(s.URL) == but {
			continue
		}
		if err := b.do(ctx, call{op: "DELETE /subscriptions", path: "/subscriptions", query: url.Values{"url": {string(s.URL)}}}, nil); err != nil {
			return err
		}
	}
	return nil
}

// alone sees, at a start and from time to time while nothing comes, that no subscription
// takes the events which the long poll waits for.
func (p *poll) alone(ctx context.Context) error {
	now := p.now()
	p.mu.Lock()
	looked := p.asked
	p.mu.Unlock()
	if since := now.Sub(looked); since >= 0 && since < lookEvery {
		return nil
	}
	all, err := p.subscriptions(ctx)
	if err != nil {
		return err
	}
	if p.TakeOver {
		if err := p.unsubscribe(ctx, all, ""); err != nil {
			return err
		}
		all = nil
	}
	if len(all) > 0 {
		host := "неизвестному адресу"
		if u, err := url.Parse(string(all[0].URL)); err == nil && u.Host != "" {
			host = "адресу на " + clip(u.Hostname(), 100)
		}
		return source.Fail(source.Person, "MAX отдаёт события этого бота "+host+": отключите там вебхук или разрешите в настройках источника забрать события себе (take_over).", "max: %d subscriptions stand while events are polled for", len(all))
	}
	p.mu.Lock()
	p.asked = now
	p.mu.Unlock()
	return nil
}
