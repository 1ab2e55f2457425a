package vkfake

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A note is a private message between a person and the community.
type note struct {
	ID       int64           `json:"id"` // of all talks
	Number   int64           `json:"n"`  // in its talk
	Date     int64           `json:"date"`
	Edited   int64           `json:"edited,omitempty"`
	From     int64           `json:"from"`
	Text     string          `json:"text"`
	Random   int64           `json:"random,omitempty"`
	Payload  string          `json:"payload,omitempty"`
	Keyboard json.RawMessage `json:"keyboard,omitempty"`
	Geo      json.RawMessage `json:"geo,omitempty"`
	Attached json.RawMessage `json:"attached,omitempty"` // of a list
}

const letterMost = 4096 // characters

// Say writes to the community in a direct talk, as a person. It returns its number there.
func (f *Fake) Say(person int64, text string) (number int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.note(person, &note{From: person, Text: text}).Number
}

// Press presses a button as the person: it sends its label with its payload.
func (f *Fake) Press(person int64, label, payload string) (number int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.note(person, &note{From: person, Text: label, Payload: payload}).Number
}

// Stand tells where the person stands, by VK's own button.
func (f *Fake) Stand(person int64, lat, lon float64) (number int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	geo := encode(map[string]any{"type": "point", "coordinates": map[string]any{"latitude": lat, "longitude": lon}})
	return f.note(person, &note{From: person, Payload: "{}", Geo: geo}).Number
}

// SayWith writes with attachments, which are a list as VK gives it.
func (f *Fake) SayWith(person int64, text, attachments string) (number int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.note(person, &note{From: person, Text: text, Attached: json.RawMessage(attachments)}).Number
}

// Rewrite changes a private message, as its writer does: its words and what it carries.
func (f *Fake) Rewrite(person, number int64, text, attachments string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.state.Talks[person] {
		if l.Number == number {
			l.Text, l.Attached, l.Edited = text, json.RawMessage(attachments), f.opts.Now().Unix()
			f.tell("message_edit", f.letterJSON(person, l))
		}
	}
	f.save()
}

// Silence makes messages.send to a person end with an error code: 900, 901, 902; 0 lets it
// through again.
func (f *Fake) Silence(person int64, code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.silent == nil {
		f.silent = map[int64]int{}
	}
	f.silent[person] = code
}

// Said returns the texts that the community wrote to a person, oldest first.
func (f *Fake) Said(person int64) (texts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.state.Talks[person] {
		if l.From < 0 {
			texts = append(texts, l.Text)
		}
	}
	return texts
}

// Keyboard returns the buttons under the community's last message to a person, as it sent
// them; "" for none.
func (f *Fake) Keyboard(person int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range slices.Backward(f.state.Talks[person]) {
		if l.From < 0 {
			return string(l.Keyboard)
		}
	}
	return ""
}

// note puts a message into a talk and tells of it.
func (f *Fake) note(peer int64, l *note) *note {
	f.state.Letters++
	if f.state.Talks == nil {
		f.state.Talks = map[int64][]*note{}
	}
	talk := f.state.Talks[peer]
	l.ID, l.Number, l.Date = f.state.Letters, 1, f.opts.Now().Unix()
	if n := len(talk); n > 0 {
		l.Number = talk[n-1].Number + 1
	}
	if talk = append(talk, l); len(talk) > maxPosts {
		talk = talk[1:]
	}
	f.state.Talks[peer] = talk
	if l.From < 0 {
		f.tell("message_reply", f.letterJSON(peer, l))
	} else {
		f.tell("message_new", map[string]any{
			"message":     f.letterJSON(peer, l),
			"client_info": map[string]any{"button_actions": []string{"text"}, "keyboard": true, "inline_keyboard": true, "lang_id": 0},
		})
	}
	f.save()
	return l
}

func (f *Fake) letterJSON(peer int64, l *note) map[string]any {
	m := map[string]any{
		"id": l.ID, "date": l.Date, "peer_id": peer, "from_id": l.From, "text": escaped.Replace(l.Text), "conversation_message_id": l.Number,
		"random_id": l.Random, "attachments": []any{}, "fwd_messages": []any{}, "out": number(l.From < 0), "important": false, "is_hidden": false,
	}
	for key, raw := range map[string]json.RawMessage{"keyboard": l.Keyboard, "geo": l.Geo, "attachments": l.Attached} {
		if len(raw) > 0 {
			m[key] = raw
		}
	}
	if l.Payload != "" {
		m["payload"] = l.Payload
	}
	if l.Edited != 0 {
		m["update_time"] = l.Edited
	}
	return m
}

// sendLetter is messages.send: a random_id that was used before writes nothing.
func (f *Fake) sendLetter(p params) (any, int) {
	peer := p.int("peer_ids")
	many := peer != 0
	if !many {
		peer = p.int("peer_id")
	}
	text, board := strings.TrimSpace(p.text("message")), p.text("keyboard")
	talk, known := f.state.Talks[peer]
	code := f.silent[peer]
	switch {
	case strings.Contains(p.text("peer_ids"), ",") || p.text("random_id") == "" || text == "" || peer == 0:
		return nil, 100
	case utf8.RuneCountInString(text) > letterMost:
		return nil, 914
	case board != "" && !json.Valid([]byte(board)):
		return nil, 911
	case code == 0 && !known: // who never wrote has allowed nothing
		code = 901
	}
	if code != 0 {
		if many {
			return []any{map[string]any{"peer_id": peer, "message_id": 0, "error": map[string]any{"code": code, "description": errorTexts[code]}}}, 0
		}
		return nil, code
	}
	var l *note
	random := p.int("random_id")
	for _, was := range talk {
		if random != 0 && was.Random == random && was.From < 0 {
			l = was
		}
	}
	if l == nil {
		l = f.note(peer, &note{From: f.Owner(), Text: text, Random: random, Keyboard: json.RawMessage(board)})
	}
	if many {
		return []any{map[string]any{"peer_id": peer, "message_id": l.ID, "conversation_message_id": l.Number}}, 0
	}
	return l.ID, 0
}

// history is messages.getHistory, newest first.
func (f *Fake) history(p params) (any, int) {
	peer := p.int("peer_id")
	talk := slices.Clone(f.state.Talks[peer])
	slices.Reverse(talk)
	items := []any{}
	for _, l := range part(talk, int(p.int("offset")), p.bounded("count", 20, 200)) {
		items = append(items, f.letterJSON(peer, l))
	}
	return map[string]any{"count": len(talk), "items": items}, 0
}

// conversations is messages.getConversations, the newest talk first.
func (f *Fake) conversations(p params) (any, int) {
	peers := slices.SortedFunc(maps.Keys(f.state.Talks), func(a, b int64) int { return int(f.lastLetter(b).ID - f.lastLetter(a).ID) })
	items := []any{}
	for _, peer := range part(peers, int(p.int("offset")), p.bounded("count", 20, 200)) {
		last := f.lastLetter(peer)
		items = append(items, map[string]any{
			"conversation": map[string]any{"peer": map[string]any{"id": peer, "type": "user", "local_id": peer}, "last_message_id": last.ID, "can_write": map[string]any{"allowed": true}},
			"last_message": f.letterJSON(peer, last),
		})
	}
	return map[string]any{"count": len(peers), "items": items}, 0
}

func (f *Fake) lastLetter(peer int64) *note {
	talk := f.state.Talks[peer]
	return talk[len(talk)-1]
}
