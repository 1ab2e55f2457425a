package max

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source"
	"otklik/internal/source/wall"
)

const pageSize = 100

// offRest is how long a place that does not let the bot in is left alone.
const offRest = 15 * time.Minute

func (b *Bot) every() time.Duration {
	if b.Reread == 0 {
		return 2 * time.Minute
	}
	return b.Reread
}

// due queues the places whose newest posts must be read anew.
func (p *poll) due() {
	if len(p.cursor.Queue) > 0 {
		return
	}
	for _, chat := range p.Chats {
		if chat < 0 {
			p.cursor.place(chat)
		}
	}
	p.mu.Lock()
	for chat, s := range p.Bot.places {
		if s.Told {
			pl := p.cursor.place(chat)
			pl.Channel, pl.Off = pl.Channel || s.Channel, false
			s.Told = false
			p.Bot.places[chat] = s
		}
	}
	p.mu.Unlock()
	now := p.now()
	chats := make([]int64, 0, len(p.cursor.Places))
	for chat, pl := range p.cursor.Places {
		rest := p.every()
		if pl.Off {
			rest = max(rest, offRest)
		}
		since := now.Sub(time.Unix(pl.At, 0))
		if pl.At == 0 || p.every() < 0 || since < 0 || since >= rest {
			chats = append(chats, chat)
		}
	}
	slices.Sort(chats)
	for _, chat := range chats {
		p.cursor.Queue = append(p.cursor.Queue, step{Chat: chat})
	}
}

// reread does the queued steps, as far as the calls of one Poll go.
func (p *poll) reread(ctx context.Context) error {
	for len(p.cursor.Queue) > 0 && p.calls > 0 {
		s := p.cursor.Queue[0]
		pl := p.cursor.Places[s.Chat]
		if pl == nil {
			p.cursor.unqueue(s.Chat)
			continue
		}
		var err error
		if s.Post == "" {
			err = p.list(ctx, s.Chat, pl)
		} else {
			err = p.comments(ctx, s, pl)
		}
		if err != nil {
			return err
		}
		p.read = true
	}
	return nil
}

// list reads the newest posts of a place and queues the reading of their comments.
func (p *poll) list(ctx context.Context, chat int64, pl *place) error {
	if !pl.Known {
		if ok, err := p.meet(ctx, chat, pl); !ok || err != nil {
			return err
		}
	}
	n := p.Posts
	if n <= 0 {
		n = 20
	}
	if n = min(n, pageSize); !pl.Channel {
		n = pageSize // of a group: nothing stands below its messages
	}
	p.calls--
	page, err := p.page(ctx, "GET /messages", "/messages", url.Values{"chat_id": {strconv.FormatInt(chat, 10)}, "count": {strconv.Itoa(n)}})
	if denied(err) {
		p.shut(chat, pl)
		return nil
	}
	if err != nil {
		return err
	}
	p.cursor.Queue = p.cursor.Queue[1:]
	pl.At = p.now().Unix()
	shown, oldest := map[string]bool{}, int64(math.MaxInt64)
	posts := letters(page)
	order.By(posts, func(a, b letter) int { return int(a.Timestamp - b.Timestamp) })
	for k := range posts {
		l := &posts[k]
		if l.Recipient.Post != "" {
			continue
		}
		id := string(l.Body.ID)
		shown[id], oldest = true, min(oldest, int64(l.Timestamp))
		post := pl.Post(id)
		m := p.post(l, chat)
		if post.Active == 0 {
			post.Stir(m.PublishedAt)
		}
		if p.see(&post.Item, &m, 0) {
			post.Stir(p.now())
			p.rooted(ctx, &m)
			p.news(m)
		}
		post.URL = m.URL
	}
	if len(posts) < n {
		oldest = 0 // all that there is
	}
	for _, id := range pl.Unseen(shown, oldest) {
		post := pl.Posts[id]
		p.news(message.Message{
			Source: SourceID(chat), Channel: message.Max, Form: message.Post, Native: id, Event: message.Deleted,
			Revision: post.Revision(), URL: p.link(chat, id, post.URL), PublishedAt: ms(number(post.Date)),
		})
	}
	if !pl.Channel {
		return nil
	}
	now := p.now()
	for k := range slices.Backward(posts) { // new posts are where people talk
		id := string(posts[k].Body.ID)
		if post := pl.Posts[id]; post != nil && !post.Gone && post.Due(now, p.every()) {
			post.Begin()
			p.cursor.Queue = append(p.cursor.Queue, step{Chat: chat, Post: id})
		}
	}
	return nil
}

// see notes what a look shows. What a push has told already has the name that it had there.
func (p *poll) see(it *wall.Item, m *message.Message, round int) bool {
	rev := ""
	p.mu.Lock()
	if h, ok := p.Bot.heard[m.Source+" "+m.Native]; ok && !h.gone && h.hash == message.HashOf(m.Text).Hash {
		rev = h.rev
	}
	p.mu.Unlock()
	return it.See(m, round, rev)
}

// comments reads one page of comments, newest first.
func (p *poll) comments(ctx context.Context, s step, pl *place) error {
	post := pl.Posts[s.Post]
	if post == nil || post.Gone {
		p.cursor.Queue = p.cursor.Queue[1:]
		return nil
	}
	q := url.Values{"count": {strconv.Itoa(pageSize)}}
	if s.Before != 0 {
		q.Set("before", strconv.FormatInt(s.Before, 10))
	}
	p.calls--
	page, err := p.page(ctx, "GET /messages/…/comments", "/messages/"+url.PathEscape(s.Post)+"/comments", q)
	if denied(err) || status(err) == http.StatusInternalServerError { // they are off, or the post is gone: nothing is said of them
		p.cursor.Queue = p.cursor.Queue[1:]
		post.At = p.now().Unix()
		return nil
	}
	if err != nil {
		return err
	}
	p.cursor.Queue = p.cursor.Queue[1:]
	oldest := int64(math.MaxInt64)
	for _, l := range letters(page) {
		id := string(l.Body.ID)
		m := p.comment(&l, s.Chat, s.Post)
		it := post.Comment(id)
		oldest = min(oldest, int64(l.Timestamp))
		if p.see(it, &m, post.Rounds) {
			post.Stir(p.now())
			p.news(m)
		}
	}
	// Whether a page ends before the time or with it, and whether a short one is the last,
	// is not documented: we ask on until a page shows nothing older.
	if oldest > 0 && oldest < math.MaxInt64 && (s.Before == 0 || oldest+1 < s.Before) {
		p.cursor.Queue = append([]step{{Chat: s.Chat, Post: s.Post, Before: oldest + 1}}, p.cursor.Queue...)
		return nil
	}
	for _, id := range post.Finish(p.now()) {
		r := ref{s.Post, id}
		p.news(message.Message{
			Source: SourceID(s.Chat), Channel: message.Max, Form: message.Comment, Native: r.String(), Thread: s.Post, Event: message.Deleted,
			Revision: post.Comments[id].Revision(), URL: p.link(s.Chat, s.Post, post.URL),
		})
	}
	return nil
}

// meet asks what a place is called and tells of it.
func (p *poll) meet(ctx context.Context, chat int64, pl *place) (ok bool, err error) {
	p.calls--
	f, channel, err := p.Look(ctx, chat)
	switch {
	case denied(err):
		p.shut(chat, pl)
		return false, nil
	case err != nil:
		return false, err
	}
	pl.Title, pl.Link, pl.Channel, pl.Known, pl.Off = f.Name, f.URL, channel, true, false
	p.places = append(p.places, f)
	p.keep(chat, spot{Title: f.Name, Link: f.URL, Channel: channel})
	return true, nil
}

// shut notes that a place does not let the bot in.
func (p *poll) shut(chat int64, pl *place) {
	p.cursor.unqueue(chat)
	pl.At = p.now().Unix()
	if !pl.Off {
		pl.Off, pl.Known = true, false
		p.places = append(p.places, source.Found{ID: SourceID(chat), Name: pl.Title, URL: pl.Link, Channel: message.Max, Lost: true})
	}
}

// Look asks what a channel or a group is.
func (b *Bot) Look(ctx context.Context, chat int64) (f source.Found, channel bool, err error) {
	var out struct {
		ID     number `json:"chat_id"`
		Type   words  `json:"type"`
		Status words  `json:"status"`
		Title  words  `json:"title"`
		Link   words  `json:"link"`
	}
	c := call{op: "GET /chats/…", path: "/chats/" + strconv.FormatInt(chat, 10)}
	if err := b.do(ctx, c, &out); err != nil {
		return f, false, err
	}
	if int64(out.ID) != chat || out.Type == "" {
		return f, false, odd(c, "another chat")
	}
	f = source.Found{ID: SourceID(chat), Name: string(out.Title), URL: string(out.Link), Channel: message.Max, Lost: out.Status != "" && out.Status != "active"}
	if f.Name == "" {
		f.Name = "MAX " + strconv.FormatInt(chat, 10)
	}
	return f, out.Type == "channel", nil
}

// keep remembers what links and names of a place need.
func (b *Bot) keep(chat int64, s spot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.places == nil {
		b.places = map[int64]spot{}
	}
	b.places[chat] = s
}

// page reads a list of messages.
func (b *Bot) page(ctx context.Context, op, path string, q url.Values) ([]json.RawMessage, error) {
	var out struct {
		Messages []json.RawMessage `json:"messages"`
	}
	c := call{op: op, path: path, query: q}
	if err := b.do(ctx, c, &out); err != nil {
		return nil, err
	}
	if out.Messages == nil {
		return nil, odd(c, "no messages")
	}
	return out.Messages, nil
}
