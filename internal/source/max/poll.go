package max

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source"
)

// Poll asks for events (long poll) or sees to the subscription (pushes), then reads
// anew what is due: the newest posts of every place, and the comments under them. More is
// set until the round is done. It waits for events only when nothing else is to be done.
func (b *Bot) Poll(ctx context.Context, cur []byte) (source.Batch, error) {
	p := &poll{Bot: b, cursor: parseCursor(cur), calls: b.Calls}
	if p.calls <= 0 {
		p.calls = 20
	}
	if err := p.know(ctx); err != nil {
		return source.Batch{}, err
	}
	p.due()
	var err error
	if b.Hook != "" {
		err = p.hooked(ctx)
	} else {
		err = p.updates(ctx)
	}
	if err != nil {
		return source.Batch{}, err
	}
	p.heard = len(p.found)
	p.due()
	err = p.reread(ctx)
	switch {
	case ctx.Err() != nil:
		return source.Batch{}, ctx.Err()
	case err != nil && len(p.found) == 0 && len(p.places) == 0 && !p.read:
		return source.Batch{}, err
	case err != nil: // what was read is good; the next Poll meets the error again
		return p.batch(false), nil
	}
	return p.batch(len(p.cursor.Queue) > 0 || p.events), nil
}

// A poll is one Poll under way.
type poll struct {
	*Bot
	cursor *cursor
	calls  int
	events bool // more events wait
	read   bool // some page was read
	found  []message.Message
	heard  int // of found: told by events
	places []source.Found
}

func (p *poll) batch(more bool) source.Batch {
	// Pages come newest first; who is answered should come before the answer. Events are in
	// the order of what happened.
	order.By(p.found[p.heard:], func(a, b message.Message) int { return a.PublishedAt.Compare(b.PublishedAt) })
	return source.Batch{Messages: p.found, Found: p.places, Cursor: p.cursor.bytes(), More: more}
}

func (p *poll) news(m message.Message) {
	m.SeenAt = p.now().UTC()
	p.found = append(p.found, m)
}

// self returns the bot's own user id, 0 while it is not known.
func (b *Bot) self() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.me
}

// know asks who the bot is, once.
func (b *Bot) know(ctx context.Context) error {
	if b.self() != 0 {
		return ctx.Err()
	}
	me, err := b.Me(ctx)
	if err == nil {
		b.mu.Lock()
		b.me = me.ID
		b.mu.Unlock()
	}
	return err
}

// A Self is what MAX tells of the bot.
type Self struct {
	ID             int64
	Name, Username string
}

// Me asks who the bot is: the check of a token.
func (b *Bot) Me(ctx context.Context) (Self, error) {
	var out struct {
		user
		Username words `json:"username"`
	}
	if err := b.do(ctx, call{op: "GET /me", path: "/me"}, &out); err != nil {
		return Self{}, err
	}
	if out.ID == 0 {
		return Self{}, odd(call{op: "GET /me"}, "no user_id")
	}
	return Self{int64(out.ID), out.name(), string(out.Username)}, nil
}

// updates asks for events and hears them.
func (p *poll) updates(ctx context.Context) error {
	wait := p.Wait
	if len(p.cursor.Queue) > 0 {
		wait = 0
	}
	wait = min(wait, 30*time.Second)
	q := url.Values{"limit": {"100"}, "timeout": {strconv.Itoa(int(wait / time.Second))}, "types": {strings.Join(updateTypes, ",")}}
	if p.cursor.Marker != nil {
		q.Set("marker", strconv.FormatInt(*p.cursor.Marker, 10))
	}
	var out struct {
		Updates []json.RawMessage `json:"updates"`
		Marker  *int64            `json:"marker"`
	}
	c := call{op: "GET /updates", path: "/updates", query: q, longer: wait}
	if err := p.do(ctx, c, &out); err != nil {
		if status(err) == 404 || status(err) == 405 {
			return source.Fail(source.Person, "MAX не отдаёт события этому боту: проверьте адрес API в настройках источника.", "max %s: HTTP %d", c.op, status(err))
		}
		return err
	}
	if out.Updates == nil {
		return odd(c, "no updates")
	}
	for _, raw := range out.Updates {
		if e, ok := p.decode(raw); ok {
			p.rooted(ctx, &e.Message)
			p.hear(&e)
		}
	}
	if out.Marker != nil {
		p.events = len(out.Updates) >= 100 && (p.cursor.Marker == nil || *p.cursor.Marker != *out.Marker)
		p.cursor.Marker = out.Marker
	}
	p.answerPresses(ctx)
	if len(out.Updates) > 0 {
		return nil
	}
	return p.alone(ctx)
}

// hear takes one event.
func (p *poll) hear(e *event) {
	if e.Press != "" {
		p.pressed(e.User, e.Press)
	}
	switch e.Deed {
	case talked:
		p.news(e.Message)
		return
	case "":
		return
	case lost:
		if slices.Contains(p.Chats, e.Chat) {
			p.cursor.place(e.Chat).Off = true
		} else {
			p.cursor.drop(e.Chat)
		}
		p.places = append(p.places, source.Found{ID: SourceID(e.Chat), Channel: message.Max, Lost: true})
		return
	}
	pl := p.cursor.place(e.Chat)
	pl.Off, pl.Channel = false, pl.Channel || e.Channel
	if e.Deed == added {
		pl.At, pl.Known = 0, false
		return
	}
	post := pl.Post(e.Ref.Message)
	it := &post.Item
	if e.Ref.Comment != "" {
		it = post.Comment(e.Ref.Comment)
	}
	if e.At < it.Told { // it was overtaken by a later one
		return
	}
	it.Told = e.At
	m := e.Message
	switch {
	case e.Deed == removed && it.Lose(&m, e.rev()):
		m.URL = p.link(e.Chat, e.Ref.Message, post.URL)
	case e.Deed == edited && !it.Is(m.Text) && it.See(&m, post.Rounds, e.rev()):
		m.Event = message.Written
	case e.Deed == wrote && it.New() && it.See(&m, post.Rounds, ""):
	default:
		return
	}
	if it == &post.Item && m.Event != message.Deleted {
		post.URL = m.URL
	}
	post.Stir(p.now())
	p.news(m)
}
