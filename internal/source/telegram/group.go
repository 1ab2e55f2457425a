package telegram

import (
	"context"
	"slices"
	"strings"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// group reads what was said in a group: a comment under a channel's post, a message of a
// topic, or of a plain group.
func (r *reading) group(u *update, n *note, parts []*note, edited bool) {
	switch {
	case n.MigrateTo != 0:
		r.lose(&n.Chat)
		r.sees(&chat{ID: n.MigrateTo, Type: "supergroup", Title: n.Chat.Title, User: n.Chat.User})
		return
	case n.MigrateFrom != 0:
		r.sees(&n.Chat)
		return
	}
	r.sees(&n.Chat)
	if n.Forward {
		r.copied(u, n, parts, edited)
		return
	}
	m := r.base(n, message.Comment)
	if m.Text == "" && len(m.Attachments) == 0 && m.Shared == nil { // a service entry, a sticker
		return
	}
	thread := n.threadID()
	if thread != 0 {
		m.Thread = Ref{n.Chat.ID, thread}.String()
	}
	if up := n.ReplyTo; up != nil && up.ID > 0 && !up.Forward && up.TopicMade == nil && (!n.InTopic || up.ID != thread) {
		m.Parent = Ref{n.Chat.ID, up.ID}.String()
	}
	m.URL = r.link(&n.Chat, thread, n.ID, n.InTopic, r.under(n, thread))
	m.Own = n.SenderChat != nil && r.ours(n.SenderChat.ID) || n.From != nil && n.SenderChat == nil && n.From.ID == r.me.ID
	m.Addressed = !m.Own && r.called(n)
	r.emit(m, u, n, parts, edited, false)
}

// threadID returns the message that the thread begins with, 0 for none. Where Telegram
// does not name it, it is what was answered, or that one's own thread.
func (n *note) threadID() int64 {
	thread := n.Thread
	if up := n.ReplyTo; thread == 0 && up != nil {
		if thread = up.Thread; thread == 0 {
			thread = up.ID
		}
	}
	if thread == n.ID || thread < 0 {
		return 0
	}
	return thread
}

// under returns the channel's post that a comment stands under, nil for none.
func (r *reading) under(n *note, thread int64) *post {
	if up := n.ReplyTo; up != nil && up.Forward && up.Origin != nil && up.Origin.Chat != nil && up.Origin.Message > 0 {
		r.mem.copies(copied{up.Origin.Chat.ID, up.Origin.Message, up.Origin.Chat.User, n.Chat.ID, up.ID})
	}
	if c, ok := r.mem.original(n.Chat.ID, thread); ok && thread != 0 {
		return &post{c.User, c.Post}
	}
	return nil
}

// copied reads the copy that a channel's post has in the discussion group: the post itself,
// as far as comments are concerned.
func (r *reading) copied(u *update, n *note, parts []*note, edited bool) {
	m := r.base(n, message.Post)
	from := n.SenderChat
	m.URL = r.link(&n.Chat, 0, n.ID, false, nil)
	if o := n.Origin; o != nil && o.Chat != nil && o.Message > 0 {
		from = o.Chat
		r.mem.copies(copied{o.Chat.ID, o.Message, o.Chat.User, n.Chat.ID, n.ID})
		m.URL = r.link(o.Chat, 0, o.Message, false, nil)
	}
	if m.Text == "" && len(m.Attachments) == 0 {
		return
	}
	m.Own = from != nil && r.ours(from.ID)
	r.emit(m, u, n, parts, edited, true)
}

// channel reads a post of a channel. Where the bot sees the channel's discussion group the
// copy there stands for it, because comments hang on that; an edit then is an edit of the
// copy.
func (r *reading) channel(ctx context.Context, u *update, n *note, parts []*note, edited bool) {
	r.sees(&n.Chat)
	m := r.base(n, message.Post)
	if m.Text == "" && len(m.Attachments) == 0 {
		return
	}
	m.URL = r.link(&n.Chat, 0, n.ID, false, nil)
	m.Own = r.ours(n.Chat.ID)
	if m.AuthorName == "" {
		m.AuthorName = n.Chat.Title
	}
	if group := r.discussed(ctx, n.Chat.ID); group != 0 {
		c, ok := r.mem.copyOf(n.Chat.ID, n.ID)
		if !edited || !ok {
			return
		}
		m.Source, m.Native = SourceID(group), Ref{group, c.Copy}.String()
		n.Album = "" // the copy's own
	}
	r.emit(m, u, n, parts, edited, true)
}

// discussed returns the discussion group of a channel if the bot sees it, else 0.
func (r *reading) discussed(ctx context.Context, channel int64) int64 {
	group, known := r.mem.groupOf(channel)
	if !known {
		var c chat
		if r.call(ctx, "getChat", false, map[string]any{"chat_id": channel}, &c) != nil {
			return 0 // asked again with the next post
		}
		group = c.Linked
		r.mem.Links[channel] = group
	}
	if group == 0 {
		return 0
	}
	if _, in := r.mem.Places[group]; in {
		return group
	}
	var c chat
	if r.call(ctx, "getChat", false, map[string]any{"chat_id": group}, &c) != nil || c.ID != group {
		return 0
	}
	r.sees(&c)
	return group
}

// ours reports whether a chat speaks for us: a place of our own, its discussion group, or
// the channel that is discussed there.
func (r *reading) ours(id int64) bool {
	group, _ := r.mem.groupOf(id)
	for _, chat := range []int64{id, group, r.mem.channelOf(id)} {
		if chat != 0 && (slices.Contains(r.Ours, chat) || r.Own != nil && r.Own(SourceID(chat))) {
			return true
		}
	}
	return false
}

// called reports whether a message of a group is meant for us: it answers the bot, names
// it, or gives it a command.
func (r *reading) called(n *note) bool {
	if up := n.ReplyTo; up != nil && up.From != nil && up.SenderChat == nil && up.From.ID == r.me.ID {
		return true
	}
	name := "@" + r.me.User
	text, marks := n.Text, n.Entities
	if text == "" {
		text, marks = n.Caption, n.Marks
	}
	for _, e := range few(marks) {
		switch e.Type {
		case "text_mention":
			if e.User != nil && e.User.ID == r.me.ID {
				return true
			}
		case "mention":
			if words, ok := piece(text, e.Offset, e.Length); ok && len(name) > 1 && strings.EqualFold(words, name) {
				return true
			}
		case "bot_command":
			words, ok := piece(text, e.Offset, e.Length)
			if _, to, at := strings.Cut(words, "@"); ok && at && strings.EqualFold("@"+to, name) {
				return true
			}
		}
	}
	return false
}

// few returns as many marks as Telegram gives at most: each is looked for in the text.
func few(marks []entity) []entity { return marks[:min(len(marks), 100)] }

// piece cuts out of a text what Telegram counts in UTF-16 units.
func piece(text string, offset, length int) (string, bool) {
	if offset < 0 || length <= 0 || offset > len(text) || length > len(text) {
		return "", false
	}
	at, from := 0, -1
	for k, c := range text {
		if at == offset && from < 0 {
			from = k
		}
		if from >= 0 && at >= offset+length {
			return text[from:k], at == offset+length
		}
		if at++; c > 0xFFFF {
			at++
		}
	}
	if from < 0 || at != offset+length {
		return "", false
	}
	return text[from:], true
}

// words returns what was written, under a picture too.
func (n *note) words() string {
	switch {
	case n.Text != "":
		return n.Text
	case n.Caption != "":
		return n.Caption
	case n.Venue != nil:
		return strings.TrimSpace(n.Venue.Title + "\n" + n.Venue.Address)
	case n.Poll != nil:
		lines := []string{n.Poll.Question}
		for _, o := range n.Poll.Options {
			lines = append(lines, "— "+o.Text)
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

// attached returns what came with a message. Bytes are asked of the bot by the name; a
// link that stands behind words is one, too.
func (n *note) attached() (refs []attachment.Ref) {
	add := func(kind attachment.Kind, f *file) {
		if f != nil && f.ID != "" {
			refs = append(refs, attachment.Ref{Kind: kind, Name: attachment.ByName + f.ID, Title: f.Name})
		}
	}
	if len(n.Photo) > 0 {
		most := &n.Photo[0]
		for k := range n.Photo {
			if f := &n.Photo[k]; f.Width*f.Height >= most.Width*most.Height {
				most = f
			}
		}
		add(attachment.Photo, most)
	}
	for _, v := range []*file{n.Video, n.VideoNote} {
		add(attachment.Video, v)
	}
	if n.Animation != nil { // comes as a document too
		add(attachment.Video, n.Animation)
	} else if d := n.Document; d != nil {
		switch {
		case strings.HasPrefix(d.Type, "image/"):
			add(attachment.Photo, d)
		case strings.HasPrefix(d.Type, "video/"):
			add(attachment.Video, d)
		default:
			add(attachment.Document, d)
		}
	}
	text, marks := n.Text, n.Entities
	if text == "" {
		text, marks = n.Caption, n.Marks
	}
	for _, e := range few(marks) {
		if e.Type == "text_link" && e.URL != "" {
			title, _ := piece(text, e.Offset, e.Length)
			refs = append(refs, attachment.Ref{Kind: attachment.Link, URL: e.URL, Title: title})
		}
	}
	return attachment.Tidy(refs)
}
