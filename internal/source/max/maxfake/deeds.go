package maxfake

import (
	"fmt"
	"slices"

	"otklik/internal/fault"
)

// Channel makes a channel whose administrator the bot becomes.
func (f *Fake) Channel(title string) (id int64) { return f.place("channel", title) }

// Group makes a group with the bot in it.
func (f *Fake) Group(title string) (id int64) { return f.place("chat", title) }

func (f *Fake) place(kind, title string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &chat{ID: -70801090400000 - int64(len(f.state.Chats)), Type: kind, Title: title}
	f.state.Chats = append(f.state.Chats, c)
	f.added(c, "bot_added")
	return c.ID
}

func (f *Fake) added(c *chat, what string) {
	f.tell(map[string]any{"update_type": what, "chat_id": c.ID, "user": f.userJSON(1), "user_id": 1, "is_channel": c.Type == "channel"})
}

// Admit takes the bot's rights in a channel or a group away, or gives them back.
func (f *Fake) Admit(id int64, in bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.chat(id)
	if c == nil || c.Shut == !in {
		return
	}
	c.Shut = !in
	if in {
		f.added(c, "bot_added")
	} else {
		f.added(c, "bot_removed")
	}
}

// Post writes a post of a channel, or a message of a person (from) in a group.
func (f *Fake) Post(id, from int64, text string) string { return f.PostIn(id, from, "", text) }

// PostIn writes a message of a group in answer to another one.
func (f *Fake) PostIn(id, from int64, reply, text string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.chat(id)
	if c == nil {
		panic(fmt.Sprintf("maxfake: no chat %d", id))
	}
	return f.write(c, from, reply, text, nil).ID
}

func (f *Fake) write(c *chat, from int64, reply, text string, extra []any) *message {
	at := f.ms()
	m := &message{ID: f.mid(c.ID, at), From: from, At: at, Text: text, Reply: reply, Extra: extra}
	if c.Messages = append(c.Messages, m); len(c.Messages) > maxMessages {
		c.Messages = c.Messages[1:]
	}
	if from != f.opts.Bot {
		f.tell(map[string]any{"update_type": "message_created", "message": f.json(c, nil, m), "user_locale": "ru"})
	}
	f.save()
	return m
}

// Comment writes a comment of a person (0: in the channel's name) under a post, or in
// answer to a comment where reply is not "".
func (f *Fake) Comment(post, reply string, from int64, text string) (id string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, _, err := f.comment(post, reply, from, text)
	if err != nil {
		return "", err
	}
	return m.ID, nil
}

// comment writes a comment; where it cannot it names MAX's status and code.
func (f *Fake) comment(post, reply string, from int64, text string) (*message, refusal, error) {
	c, above, p := f.find(post)
	switch {
	case p == nil || above != nil || p.Deleted || c.Type != "channel":
		return nil, notFound, fault.New(fault.NotFound, "maxfake: no post %s", post)
	case p.Off:
		return nil, refusal{500, "internal.error"}, fault.New(fault.Forbidden, "maxfake: comments of %s are off", post)
	case len(p.Comments) >= maxComments:
		return nil, refusal{400, "too.many"}, fault.New(fault.TooLarge, "maxfake: post %s is full", post)
	}
	if reply != "" {
		if _, at, to := f.find(reply); to == nil || at != p || to.Deleted {
			return nil, notFound, fault.New(fault.NotFound, "maxfake: no comment %s under %s", reply, post)
		}
	}
	at := f.ms()
	m := &message{ID: f.mid(c.ID, at), From: from, At: at, Text: text, Reply: reply}
	p.Comments = append(p.Comments, m)
	f.tellComment("created", c, p, m)
	f.save()
	return m, refusal{}, nil
}

// tellComment tells the bot of a comment, as far as it is told of any.
func (f *Fake) tellComment(what string, c *chat, p, m *message) {
	if f.opts.Comments == TellNothing || m.From == f.opts.Bot {
		return
	}
	kind := string(f.opts.Comments)
	if what == "removed" {
		f.tell(map[string]any{"update_type": kind + "_removed", "message_id": m.ID, "chat_id": c.ID, "user_id": m.From, "post_id": p.ID})
		return
	}
	f.tell(map[string]any{"update_type": kind + "_" + what, "message": f.json(c, p, m)})
}

// Edit changes the text of a message or a comment.
func (f *Fake) Edit(id, text string) error {
	return f.change(id, "edited", func(m *message) { m.Text, m.Edited = text, true })
}

// Delete deletes a message or a comment, for ever.
func (f *Fake) Delete(id string) error {
	return f.change(id, "removed", func(m *message) { m.Deleted = true })
}

// CloseComments switches the comments of a post off or on.
func (f *Fake) CloseComments(id string, off bool) error {
	return f.change(id, "", func(m *message) { m.Off = off })
}

func (f *Fake) change(id, what string, do func(*message)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, p, m := f.find(id)
	if m == nil || m.Deleted {
		return fault.New(fault.NotFound, "maxfake: nothing has the id %s", id)
	}
	do(m)
	switch {
	case what == "":
	case p != nil:
		f.tellComment(what, c, p, m)
	case m.From == f.opts.Bot:
	case what == "removed":
		u := map[string]any{"update_type": "message_removed", "message_id": m.ID, "chat_id": c.ID, "user_id": m.From}
		f.tell(u)
	default:
		f.tell(map[string]any{"update_type": "message_" + what, "message": f.json(c, nil, m)})
	}
	f.save()
	return nil
}

// Start begins the direct talk of a person with the bot.
func (f *Fake) Start(person int64, payload string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.talk(person)
	c.Open, c.Shut = true, false
	u := map[string]any{"update_type": "bot_started", "chat_id": c.ID, "user": f.userJSON(person), "user_locale": "ru"}
	if payload != "" {
		u["payload"] = payload
	}
	f.tell(u)
}

// Stop lets a person stop the bot.
func (f *Fake) Stop(person int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.talk(person)
	c.Shut = true
	f.tell(map[string]any{"update_type": "bot_stopped", "chat_id": c.ID, "user": f.userJSON(person)})
}

// Say writes to the bot. extra are attachments in MAX's shape.
func (f *Fake) Say(person int64, text string, extra ...any) (id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.talk(person)
	c.Open, c.Shut = true, false
	return f.write(c, person, "", text, extra).ID
}

// Press presses a button under a message of the bot.
func (f *Fake) Press(person int64, under, payload string) (callback string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.talk(person)
	f.state.Count++
	callback = fmt.Sprintf("cb%dx%d", person, f.state.Count)
	u := map[string]any{"update_type": "message_callback", "callback": map[string]any{"timestamp": f.ms(), "callback_id": callback, "payload": payload, "user": f.userJSON(person)}, "message": nil}
	for _, m := range c.Messages {
		if m.ID == under {
			u["message"] = f.json(c, nil, m)
		}
	}
	f.tell(u)
	return callback
}

// talk returns the direct talk of a person.
func (f *Fake) talk(person int64) *chat {
	if c := f.chat(person); c != nil {
		return c
	}
	c := &chat{ID: person, Type: "dialog"}
	f.state.Chats = append(f.state.Chats, c)
	return c
}

// Said returns what the bot wrote to a person, oldest first.
func (f *Fake) Said(person int64) (texts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.talk(person).Messages {
		if m.From == f.opts.Bot && !m.Deleted {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// Wrote returns the texts of the bot's comments under a post, oldest first.
func (f *Fake) Wrote(post string) (texts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _, p := f.find(post)
	if p == nil {
		return nil
	}
	for _, m := range p.Comments {
		if m.From == f.opts.Bot && !m.Deleted {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// Channels returns the channels, oldest first.
func (f *Fake) Channels() (ids []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.state.Chats {
		if c.Type == "channel" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Posts returns the posts of a channel, newest first.
func (f *Fake) Posts(channel int64) (ids []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.chat(channel); c != nil {
		for _, m := range slices.Backward(c.Messages) {
			if !m.Deleted && !m.Off {
				ids = append(ids, m.ID)
			}
		}
	}
	return ids
}

// Called returns how often a call was made, «GET /updates».
func (f *Fake) Called(op string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[op]
}

// Answered returns the callbacks that were answered.
func (f *Fake) Answered() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.answered...)
}
