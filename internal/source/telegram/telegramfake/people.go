package telegramfake

import (
	"strconv"

	"otklik/internal/fault"
)

// Person returns the id of the person of that name, made when needed.
func (f *Fake) Person(name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, n := range f.state.People {
		if n == name {
			return id
		}
	}
	id := int64(500_001 + len(f.state.People))
	f.state.People[id] = name
	return id
}

// add writes a message; the lock is held.
func (f *Fake) add(chatID int64, n *note) (*note, error) {
	c := f.state.Chats[chatID]
	if c == nil {
		return nil, fault.New(fault.NotFound, "telegramfake: no chat %d", chatID)
	}
	if len(c.Notes) >= maxNotes {
		return nil, fault.New(fault.TooLarge, "telegramfake: chat %d is full", chatID)
	}
	c.Last++
	n.ID = c.Last
	if n.Date == 0 {
		n.Date = f.opts.Now().Unix()
	}
	if n.ReplyTo != 0 {
		up := c.note(n.ReplyTo)
		if up == nil {
			c.Last--
			return nil, fault.New(fault.NotFound, "telegramfake: no message %d in chat %d", n.ReplyTo, chatID)
		}
		if n.Thread = up.Thread; n.Thread == 0 && c.Type == "supergroup" {
			n.Thread = up.ID
		}
		n.Topic = up.Topic
	}
	c.Notes = append(c.Notes, n)
	return n, nil
}

// said writes a message of somebody and tells the bot.
func (f *Fake) said(chatID int64, n *note) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.add(chatID, n); err != nil {
		return 0, err
	}
	f.told(f.state.Chats[chatID], n, false)
	f.save()
	return n.ID, nil
}

// Post writes a post of the channel and its copy in the group.
func (f *Fake) Post(text string) (post, copied int64) {
	return f.post(&note{From: ChannelID, Text: text})
}

func (f *Fake) post(n *note) (post, copied int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.add(ChannelID, n); err != nil {
		return 0, 0
	}
	twin := *n
	twin.Of = n.ID
	if _, err := f.add(GroupID, &twin); err != nil {
		return n.ID, 0
	}
	f.told(f.state.Chats[ChannelID], n, false)
	f.told(f.state.Chats[GroupID], &twin, false)
	f.save()
	return n.ID, twin.ID
}

// Comment writes into the discussion group, in answer to a message there.
func (f *Fake) Comment(replyTo, from int64, text string) (int64, error) {
	return f.said(GroupID, &note{From: from, ReplyTo: replyTo, Text: text})
}

// Say writes into any chat; replyTo may be 0.
func (f *Fake) Say(chatID, replyTo, from int64, text string, extra map[string]any) (int64, error) {
	return f.said(chatID, &note{From: from, ReplyTo: replyTo, Text: text, Extra: extra})
}

// Topic opens a topic in the forum and returns the message that begins it.
func (f *Fake) Topic(name string) int64 {
	id, _ := f.said(ForumID, &note{From: f.Person("Модератор"), Extra: map[string]any{"forum_topic_created": map[string]any{"name": name, "icon_color": 7322096}}})
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.state.Chats[ForumID].note(id); n != nil {
		n.Thread, n.Topic = n.ID, true
	}
	return id
}

// Direct writes to the bot.
func (f *Fake) Direct(from int64, text string, extra map[string]any) (int64, error) {
	f.mu.Lock()
	f.talk(from)
	delete(f.state.Blocked, from)
	f.mu.Unlock()
	return f.said(from, &note{From: from, Text: text, Extra: extra})
}

func (f *Fake) talk(person int64) *chat {
	if f.state.Chats[person] == nil {
		f.state.Chats[person] = &chat{ID: person, Type: "private", Title: f.state.People[person], In: true}
	}
	return f.state.Chats[person]
}

// Album writes photos that belong together into a chat; the text stands at the first.
func (f *Fake) Album(chatID, from int64, text string, photos int) (ids []int64) {
	f.mu.Lock()
	album := strconv.FormatInt(13_000_000_000+f.state.Update, 10)
	f.mu.Unlock()
	for range photos {
		id, err := f.said(chatID, &note{From: from, Text: text, Album: album, Photo: f.File([]byte("…"))})
		if err == nil {
			ids = append(ids, id)
		}
		text = ""
	}
	return ids
}

// File keeps bytes and returns their file_id.
func (f *Fake) File(b []byte) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := "AgACAgIAAxk-" + strconv.Itoa(len(f.files)+1)
	f.files[id] = b
	return id
}

// Photo writes a picture to the bot or into a chat.
func (f *Fake) Photo(chatID, from int64, caption string, picture []byte) (int64, error) {
	id := f.File(picture)
	f.mu.Lock()
	if chatID > 0 {
		f.talk(chatID)
	}
	f.mu.Unlock()
	return f.said(chatID, &note{From: from, Text: caption, Photo: id})
}

// Press presses a button under a message of the bot.
func (f *Fake) Press(person, message int64, data string) (id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.state.Chats[person]
	if c == nil || c.note(message) == nil {
		return ""
	}
	id = strconv.FormatInt(4_382_000_000_000+f.state.Update, 10)
	f.queue("callback_query", map[string]any{"id": id, "from": f.personJSON(person), "message": f.noteJSON(c, c.note(message), true), "chat_instance": "1", "data": data})
	f.save()
	return id
}

// Edit changes the text of a message, of a post in its copy, too.
func (f *Fake) Edit(chatID, id int64, text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.state.Chats[chatID]
	if c == nil || c.note(id) == nil {
		return fault.New(fault.NotFound, "telegramfake: no message %d in chat %d", id, chatID)
	}
	n := c.note(id)
	n.Text, n.Edited = text, f.opts.Now().Unix()
	f.told(c, n, true)
	if chatID == ChannelID {
		for _, twin := range f.state.Chats[GroupID].Notes {
			if twin.Of == id && !twin.Gone {
				twin.Text, twin.Edited = text, n.Edited
				f.told(f.state.Chats[GroupID], twin, true)
			}
		}
	}
	f.save()
	return nil
}

// Delete takes a message away. The bot is not told.
func (f *Fake) Delete(chatID, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.state.Chats[chatID]; c != nil && c.note(id) != nil {
		c.note(id).Gone = true
	}
	f.save()
}

// Take takes the bot into a chat or out of it.
func (f *Fake) Take(chatID int64, in bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.state.Chats[chatID]
	c.In = in
	status := map[bool]string{true: "member", false: "kicked"}[in]
	if in && c.Type == "channel" {
		status = "administrator"
	}
	f.queue("my_chat_member", map[string]any{
		"chat": c.json(), "from": map[string]any{"id": 1, "first_name": "Модератор"}, "date": f.opts.Now().Unix(),
		"old_chat_member": map[string]any{"status": "left"}, "new_chat_member": map[string]any{"status": status, "user": map[string]any{"id": f.botID(), "is_bot": true}},
	})
	f.save()
}

// Block lets a person stop the bot.
func (f *Fake) Block(person int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Blocked[person] = true
	f.queue("my_chat_member", map[string]any{"chat": f.talk(person).json(), "from": f.personJSON(person), "date": f.opts.Now().Unix(), "new_chat_member": map[string]any{"status": "kicked"}})
	f.save()
}

// Mute forbids or allows the bot to write in a chat.
func (f *Fake) Mute(chatID int64, mute bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Chats[chatID].Mute = mute
}

// Migrate turns the small group into a supergroup.
func (f *Fake) Migrate() {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.state.Chats[PlainID]
	old.Migrated = SuperID
	f.state.Chats[SuperID] = &chat{ID: SuperID, Type: "supergroup", Title: old.Title, In: true}
	for at, extra := range map[int64]map[string]any{PlainID: {"migrate_to_chat_id": SuperID}, SuperID: {"migrate_from_chat_id": PlainID}} {
		if n, err := f.add(at, &note{From: at, Extra: extra}); err == nil {
			f.told(f.state.Chats[at], n, false)
		}
	}
	f.save()
}

// Skip lets a week of silence pass: the next update has a smaller number.
func (f *Fake) Skip() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Update = 1000
}
