package telegram

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/source"
)

// A reading turns updates into messages.
type reading struct {
	*Bot
	me   *person
	mem  *memory
	seen time.Time

	messages []message.Message
	found    []source.Found
	presses  []string // to be acknowledged
}

// take reads one update; parts are those of its album, where it has one.
func (r *reading) take(ctx context.Context, u *update, parts []*note) {
	if n, edited := u.carried(); n != nil && n.ID > 0 && n.Chat.ID != 0 {
		switch n.Chat.Type {
		case "private":
			r.direct(u, n, parts, edited)
		case "group", "supergroup":
			r.group(u, n, parts, edited)
		case "channel":
			r.channel(ctx, u, n, parts, edited)
		}
	}
	if u.Press != nil && u.Press.ID != "" {
		r.press(u.Press)
	}
	if u.Member != nil && u.Member.Chat.ID < 0 {
		r.stands(u.Member)
	}
}

// stands notes that the bot was taken into a chat, or out of it.
func (r *reading) stands(s *standing) {
	switch s.New.Status {
	case "member", "administrator", "creator":
		r.sees(&s.Chat)
	case "restricted":
		if s.New.Member {
			r.sees(&s.Chat)
			return
		}
		r.lose(&s.Chat)
	case "left", "kicked":
		r.lose(&s.Chat)
	}
}

func (r *reading) sees(c *chat) {
	if r.mem.sees(c) {
		r.found = append(r.found, r.place(c))
	}
}

func (r *reading) lose(c *chat) {
	r.mem.lose(c.ID)
	f := r.place(c)
	f.Lost = true
	r.found = append(r.found, f)
}

func (r *reading) place(c *chat) source.Found {
	f := source.Found{ID: SourceID(c.ID), Name: strings.TrimSpace(c.Title), Channel: message.Telegram}
	if c.User != "" {
		f.URL = r.link(c, 0, 0, false, nil)
		f.URL = strings.TrimSuffix(f.URL, "/0")
	}
	return f
}

// base fills what all messages have.
func (r *reading) base(n *note, form message.Form) message.Message {
	m := message.Message{
		Source: SourceID(n.Chat.ID), Channel: message.Telegram, Form: form, Event: message.Written, SeenAt: r.seen,
		Native: Ref{n.Chat.ID, n.ID}.String(), PublishedAt: unix(n.Date), Text: n.words(), Attachments: n.attached(),
	}
	m.Author, m.AuthorName = n.author()
	if n.Location != nil && n.Location.Lat >= -90 && n.Location.Lat <= 90 && n.Location.Lon >= -180 && n.Location.Lon <= 180 {
		m.Shared = &message.Point{Lat: n.Location.Lat, Lon: n.Location.Lon}
	}
	return m
}

// author returns who wrote: a message in the name of a chat has a stand-in for a person.
func (n *note) author() (id, name string) {
	if n.SenderChat != nil && n.SenderChat.ID != 0 {
		return strconv.FormatInt(n.SenderChat.ID, 10), n.SenderChat.Title
	}
	if n.From == nil || n.From.ID == 0 {
		return "", n.Signature
	}
	return strconv.FormatInt(n.From.ID, 10), strings.TrimSpace(n.From.First + " " + n.From.Last)
}

// stamp gives the message its revision: the time of the change, and within its second the
// order. Posts come twice, from the channel and by their copy: there the words tell.
func stamp(m *message.Message, n *note, updateID int64, edited, post bool) {
	at := unix(n.Date)
	if edited {
		ms := uint64(updateID)
		if post {
			h := fnv.New64a()
			_, _ = h.Write([]byte(m.Text))
			ms = h.Sum64()
		}
		if changed := unix(n.EditDate); !changed.IsZero() {
			at = changed
		}
		at = at.Add(time.Duration(1+ms%999) * time.Millisecond)
	}
	if m.Revision = (message.Revision{Time: at}); at.IsZero() {
		m.Revision = message.HashOf(strconv.FormatInt(updateID, 10) + m.Text)
	}
}

// join makes one message of an album: the first part names it, all words and files are its.
// The more parts there are, the later the revision: a straggler adds its file.
func join(m *message.Message, parts []*note) {
	if len(parts) < 2 {
		return
	}
	m.Attachments, m.Text = nil, ""
	for _, p := range parts {
		m.Attachments = append(m.Attachments, p.attached()...)
		if words := p.words(); words != "" && m.Text != "" {
			m.Text += "\n" + words
		} else if words != "" {
			m.Text = words
		}
	}
}

// emit finishes a message: of an album, of an edit.
func (r *reading) emit(m message.Message, u *update, n *note, parts []*note, edited, post bool) {
	if n.Album != "" {
		switch first := r.mem.album(n.Chat.ID, n.Album); {
		case len(parts) > 0:
			join(&m, parts)
			r.mem.came(n.Chat.ID, n.Album, n.ID)
		case edited && first != 0 && first != n.ID:
			if n.words() == "" { // the words stand at another part
				return
			}
			m.Native = Ref{n.Chat.ID, first}.String()
		}
	}
	for k := range m.Attachments {
		if a := &m.Attachments[k]; a.Kind == attachment.Video && a.URL == "" {
			a.URL = m.URL // it is watched at Telegram
		}
	}
	stamp(&m, n, u.ID, edited, post)
	if len(parts) > 1 {
		m.Revision.Time = m.Revision.Time.Add(time.Duration(len(parts)-1) * time.Millisecond)
	}
	if edited && m.Shared != nil { // somebody walks with a live position
		return
	}
	r.messages = append(r.messages, m)
}

// direct reads what a person wrote to the bot.
func (r *reading) direct(u *update, n *note, parts []*note, edited bool) {
	if n.From == nil || n.From.Bot {
		return
	}
	m := r.base(n, message.Direct)
	m.Source, m.Thread, m.Addressed = r.ID(), Ref{Chat: n.Chat.ID}.String(), true
	if n.ReplyTo != nil && n.ReplyTo.ID > 0 {
		m.Parent = Ref{n.Chat.ID, n.ReplyTo.ID}.String()
	}
	if n.Contact != nil && n.Contact.User == n.From.ID { // a card of somebody else is not ours to keep
		m.Contact = n.Contact.Phone
	}
	r.emit(m, u, n, parts, edited, false)
}

// aside hands what a person wrote to Aside and reports whether it was taken.
func (b *Bot) aside(ctx context.Context, u *update) bool {
	n := u.Message
	if b.Aside == nil || n == nil || n.Chat.Type != "private" || n.Chat.ID == 0 || n.Text == "" || n.From == nil || n.From.Bot {
		return false
	}
	return b.Aside(ctx, Ref{Chat: n.Chat.ID}.String(), n.Text)
}

// press reads a press of a button under what we said.
func (r *reading) press(p *press) {
	r.presses = append(r.presses, p.ID)
	if p.From == nil || p.From.Bot || p.Message == nil || p.Message.Chat.Type != "private" || p.Data == "" {
		return
	}
	talk := Ref{Chat: p.Message.Chat.ID}
	m := message.Message{
		Source: r.ID(), Channel: message.Telegram, Form: message.Direct, Event: message.Written, SeenAt: r.seen,
		Native: talk.String() + "_q" + clip(p.ID, 64), Thread: talk.String(), Revision: message.HashOf(p.ID),
		Pressed: clip(p.Data, 64), Addressed: true,
	}
	if p.Message.ID > 0 {
		m.Parent = Ref{talk.Chat, p.Message.ID}.String()
	}
	m.Author, m.AuthorName = (&note{From: p.From}).author()
	r.messages = append(r.messages, m)
}

// unix returns the time of Unix seconds; zero for what no network can mean.
func unix(n int64) time.Time {
	if n <= 0 || n > 1<<33 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
