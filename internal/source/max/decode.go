package max

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"otklik/internal/message"
	"otklik/internal/source/wall"
)

// A deed is what an event says that was done.
type deed string

const (
	wrote   deed = "wrote"
	edited  deed = "edited"
	removed deed = "removed"
	talked  deed = "talked" // in a direct talk, whatever was done
	added   deed = "added"  // the bot, to a place
	lost    deed = "lost"   // the bot, from a place
)

// An event is one update, decoded. Repeats of it have the same Name.
type event struct {
	Name    string
	At      int64 // Unix ms
	Deed    deed
	Chat    int64 // channel or group
	Channel bool  // as far as it tells
	Ref     ref   // of a message or comment
	Message message.Message
	Press   string // callback to be answered
	User    int64  // who pressed
}

// rev names the revision that the event made.
func (e *event) rev() string { return wall.After(e.Name, e.Message.Event, e.Message.Text) }

// decode reads an update; ok is false for one that brings nothing.
func (b *Bot) decode(raw []byte) (e event, ok bool) {
	var u update
	if !into(raw, &u) {
		return event{}, false
	}
	e.At = int64(u.Timestamp)
	name := func(id string) { e.Name = fmt.Sprintf("%s %s %d", u.Type, id, e.At) }
	switch u.Type {
	case "message_created", "comment_created", "message_edited", "comment_edited":
		l := u.Message.V
		if l == nil || !sound(string(l.Body.ID)) { // seen of voice messages
			return event{}, false
		}
		name(string(l.Body.ID))
		e.Deed = wrote
		if strings.HasSuffix(string(u.Type), "_edited") {
			e.Deed = edited
		}
		if l.dialog() {
			e.Deed, e.Message = talked, b.direct(l)
			if strings.HasSuffix(string(u.Type), "_edited") {
				e.Message.Revision = message.Revision{Hash: e.rev()}
			}
			return e, e.Message.Author != ""
		}
		return e, e.place(b, l)
	case "message_removed", "comment_removed":
		id := string(u.MessageID)
		if !sound(id) {
			return event{}, false
		}
		name(id)
		e.Deed, e.Chat, e.Ref = removed, int64(u.ChatID), ref{Message: id}
		form := message.Post
		if u.PostID != "" {
			if !sound(string(u.PostID)) {
				return event{}, false
			}
			e.Ref, form, e.Channel = ref{string(u.PostID), id}, message.Comment, true
		}
		e.Message = message.Message{Source: SourceID(e.Chat), Channel: message.Max, Form: form, Native: e.Ref.String(), Event: message.Deleted}
		if e.Ref.Comment != "" {
			e.Message.Thread = e.Ref.Message
		}
		if e.Chat > 0 {
			e.Deed, e.Message.Source, e.Message.Form, e.Message.Thread = talked, b.Source, message.Direct, talkID(int64(u.UserID))
		}
		e.Message.Revision = message.Revision{Hash: e.rev()}
		return e, e.Chat != 0
	case "message_callback":
		c := u.Callback.V
		if c == nil || c.ID == "" || c.User.V == nil || c.User.V.ID == 0 || len(c.ID) > 400 {
			return event{}, false
		}
		name(string(c.ID))
		e.Press, e.User = string(c.ID), int64(c.User.V.ID)
		l := u.Message.V
		if l != nil && !l.dialog() && l.Recipient.Chat != 0 { // our buttons stand in direct talks
			return e, true
		}
		e.Deed, e.Message = talked, b.said(c.User.V, "press/"+string(c.ID), ms(or64(c.At, u.Timestamp)))
		e.Message.Pressed = string(c.Payload)
		if l != nil && sound(string(l.Body.ID)) {
			e.Message.Parent = string(l.Body.ID)
		}
		return e, true
	case "bot_started":
		if u.User.V == nil || u.User.V.ID == 0 {
			return event{}, false
		}
		name(talkID(int64(u.User.V.ID)))
		e.Deed, e.Message = talked, b.said(u.User.V, fmt.Sprintf("start/%d/%d", u.User.V.ID, e.At), ms(u.Timestamp))
		e.Message.Text = strings.TrimSpace("/start " + string(u.Payload))
		e.Message.Revision = message.HashOf(e.Message.Text)
		return e, true
	case "bot_added", "bot_removed":
		e.Deed, e.Chat, e.Channel = added, int64(u.ChatID), bool(u.Channel)
		if u.Type == "bot_removed" {
			e.Deed = lost
		}
		name(strconv.FormatInt(e.Chat, 10))
		return e, e.Chat < 0
	}
	return event{}, false
}

// place fills the event of a message in a channel or a group; it reports whether it is one.
func (e *event) place(b *Bot, l *letter) bool {
	e.Chat, e.Channel = int64(l.Recipient.Chat), l.Recipient.Type == "channel"
	if e.Chat == 0 {
		return false
	}
	e.Ref = ref{Message: string(l.Body.ID)}
	if post := string(l.Recipient.Post); post != "" {
		if !sound(post) {
			return false
		}
		e.Ref, e.Channel = ref{post, string(l.Body.ID)}, true
		e.Message = b.comment(l, e.Chat, post)
	} else {
		e.Message = b.post(l, e.Chat)
	}
	if e.Deed == edited {
		e.Message.Revision = message.Revision{Hash: e.rev()}
	}
	return true
}

// post decodes a post of a channel or a message of a group.
func (b *Bot) post(l *letter, chat int64) message.Message {
	m := b.letter(l, chat)
	m.Form, m.Native, m.URL = message.Post, string(l.Body.ID), b.link(chat, string(l.Body.ID), string(l.URL))
	if m.Author == "" {
		b.mu.Lock()
		m.AuthorName = b.places[chat].Title
		b.mu.Unlock()
	}
	if to := l.reply(); sound(to) && l.Recipient.Type != "channel" { // of a group: the answered message begins the thread
		m.Form, m.Parent, m.Thread = message.Comment, to, to
	}
	return m
}

// comment decodes a comment under a channel's post.
func (b *Bot) comment(l *letter, chat int64, post string) message.Message {
	m := b.letter(l, chat)
	id := string(l.Body.ID)
	m.Form, m.Native, m.Thread, m.URL = message.Comment, ref{post, id}.String(), post, b.link(chat, post, "")
	if to := l.reply(); sound(to) && to != post && to != id {
		m.Parent = ref{post, to}.String()
	}
	m.Own = m.Own || l.sender() == 0 && b.mine(post, m.Native, m.Parent, m.Text)
	return m
}

// letter decodes what all messages of channels and groups have.
func (b *Bot) letter(l *letter, chat int64) message.Message {
	x := l.Body.extras()
	m := message.Message{
		Source: SourceID(chat), Channel: message.Max, Event: message.Written, Text: l.text(), PublishedAt: ms(l.Timestamp),
		Attachments: x.Refs, Shared: x.Point, Contact: x.Contact,
	}
	if u := l.Sender.V; u != nil && u.ID != 0 {
		m.Author, m.AuthorName = strconv.FormatInt(int64(u.ID), 10), u.name()
		m.Own = int64(u.ID) == b.self()
	}
	m.Revision = message.HashOf(m.Text)
	return m
}

// direct decodes a message of a direct talk.
func (b *Bot) direct(l *letter) message.Message {
	u := l.Sender.V
	if u == nil || u.ID == 0 {
		return message.Message{}
	}
	m := b.said(u, string(l.Body.ID), ms(l.Timestamp))
	x := l.Body.extras()
	m.Text, m.Attachments, m.Shared, m.Contact = l.text(), x.Refs, x.Point, x.Contact
	m.Own = int64(u.ID) == b.self()
	m.Revision = message.HashOf(m.Text)
	if to := l.reply(); sound(to) {
		m.Parent = to
	}
	return m
}

// said is the frame of what a person did in the direct talk.
func (b *Bot) said(u *user, native string, at time.Time) message.Message {
	id := int64(u.ID)
	return message.Message{
		Source: b.Source, Channel: message.Max, Form: message.Direct, Native: native, Event: message.Written, Revision: message.HashOf(""),
		Thread: talkID(id), Author: strconv.FormatInt(id, 10), AuthorName: u.name(), PublishedAt: at, Addressed: true,
	}
}

// text returns the words of a message: those of a forwarded one where it has none itself.
func (l *letter) text() string {
	if l.Body.Text == "" && l.Link.V != nil && l.Link.V.Type == "forward" {
		return string(l.Link.V.Message.Text)
	}
	return string(l.Body.Text)
}

// letters decodes the elements of a list; what is none is left out.
func letters(raw []json.RawMessage) (out []letter) {
	for _, one := range raw {
		var l letter
		if into(one, &l) && sound(string(l.Body.ID)) {
			out = append(out, l)
		}
	}
	return out
}

// ms returns the time of Unix milliseconds; zero for 0 and for what no network can mean.
func ms(n number) time.Time {
	if n <= 0 || n > 1<<43 {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

func or64(a, b number) number {
	if a != 0 {
		return a
	}
	return b
}
