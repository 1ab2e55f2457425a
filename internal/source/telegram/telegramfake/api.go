package telegramfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

type refusal struct {
	code  int
	text  string
	param map[string]any
}

func (f *Fake) botID() int64 {
	id, _, _ := strings.Cut(f.opts.Token, ":")
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

// call answers a method call; errors have their code as the status too.
func (f *Fake) call(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	args := map[string]any{}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	dec := json.NewDecoder(r.Body)
	dec.UseNumber()
	_ = dec.Decode(&args)
	w.Header().Set("Content-Type", "application/json")
	f.mu.Lock()
	f.counts[name]++
	t := f.troubles.Take(name)
	f.mu.Unlock()
	if t.Before(w, odd) {
		return
	}
	var result any
	bad := &refusal{code: 401, text: "Unauthorized"}
	switch {
	case t.Kind == Refuse:
		bad = &refusal{code: t.Code, text: texts[t.Code]}
		if t.Code == 429 {
			bad.param = map[string]any{"retry_after": 7}
		}
	case r.PathValue("bot") != "bot"+f.opts.Token:
	case name == "getUpdates":
		result, bad = f.getUpdates(r.Context(), args)
	default:
		f.mu.Lock()
		result, bad = f.do(name, args)
		f.save()
		f.mu.Unlock()
	}
	t.Spoil(r)
	if bad != nil {
		w.WriteHeader(bad.code)
		answer := map[string]any{"ok": false, "error_code": bad.code, "description": bad.text}
		if bad.param != nil {
			answer["parameters"] = bad.param
		}
		w.Write(encode(answer))
		return
	}
	w.Write(encode(map[string]any{"ok": true, "result": result}))
}

var texts = map[int]string{
	400: "Bad Request: message to be replied not found", 401: "Unauthorized", 403: "Forbidden: bot was blocked by the user",
	404: "Not Found", 409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
	429: "Too Many Requests: retry after 7", 500: "Internal Server Error",
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("telegramfake: " + err.Error())
	}
	return b
}

func (f *Fake) do(name string, args map[string]any) (any, *refusal) {
	switch name {
	case "getMe":
		return map[string]any{"id": f.botID(), "is_bot": true, "first_name": "Отклик", "username": f.opts.Name, "can_read_all_group_messages": !f.opts.Privacy}, nil
	case "sendMessage":
		return f.sendMessage(args)
	case "answerCallbackQuery":
		f.state.Acked = append(f.state.Acked, text(args["callback_query_id"]))
		return true, nil
	case "getChat":
		c := f.state.Chats[number(args["chat_id"])]
		if c == nil || !c.In {
			return nil, &refusal{code: 400, text: "Bad Request: chat not found"}
		}
		return c.json(), nil
	case "getFile":
		id := text(args["file_id"])
		if b, ok := f.files[id]; !ok {
			return nil, &refusal{code: 400, text: "Bad Request: wrong file_id or the file is temporarily unavailable"}
		} else if len(b) > 20<<20 {
			return nil, &refusal{code: 400, text: "Bad Request: file is too big"}
		}
		return map[string]any{"file_id": id, "file_path": "photos/" + id + ".jpg"}, nil
	case "setWebhook":
		f.state.Hook = hook{URL: text(args["url"]), Secret: text(args["secret_token"])}
		f.allow(args)
		return true, nil
	case "deleteWebhook":
		f.state.Hook = hook{}
		return true, nil
	case "getWebhookInfo":
		info := map[string]any{"url": f.state.Hook.URL, "pending_update_count": len(f.state.Queue)}
		if f.state.Hook.FailAt != 0 {
			info["last_error_date"], info["last_error_message"] = f.state.Hook.FailAt, "Wrong response from the webhook: 503 Service Unavailable"
		}
		return info, nil
	}
	return nil, &refusal{code: 404, text: "Not Found: method not found"}
}

func (f *Fake) allow(args map[string]any) {
	list, ok := args["allowed_updates"].([]any)
	if !ok {
		return
	}
	f.state.Allowed = nil
	for _, v := range list {
		f.state.Allowed = append(f.state.Allowed, text(v))
	}
}

// getUpdates gives what waits, and waits itself for a while where nothing does.
func (f *Fake) getUpdates(ctx context.Context, args map[string]any) (any, *refusal) {
	f.mu.Lock()
	f.polls++
	mine := f.polls
	f.allow(args)
	until := time.NewTimer(time.Duration(min(number(args["timeout"]), 50)) * time.Second)
	defer until.Stop()
	for {
		if f.state.Hook.URL != "" {
			f.mu.Unlock()
			return nil, &refusal{code: 409, text: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
		}
		if f.polls != mine {
			f.mu.Unlock()
			return nil, &refusal{code: 409, text: texts[409]}
		}
		list := f.waiting(number(args["offset"]), number(args["limit"]))
		news := f.news
		if len(list) == 0 && number(args["timeout"]) > 0 {
			select {
			case <-f.hanging:
			default:
				close(f.hanging)
			}
		}
		f.mu.Unlock()
		if len(list) > 0 {
			return list, nil
		}
		select {
		case <-news:
		case <-until.C:
			return list, nil
		case <-ctx.Done():
			return list, nil
		}
		f.mu.Lock()
	}
}

// waiting confirms what is before the offset and returns what is behind it.
func (f *Fake) waiting(offset, limit int64) []any {
	q := f.state.Queue
	now := f.opts.Now()
	q = slices.DeleteFunc(q, func(u queued) bool { return now.Sub(time.Unix(u.At, 0)) > keepFor || offset > 0 && u.ID < offset })
	if offset < 0 {
		q = q[max(0, len(q)+int(offset)):]
	}
	f.state.Queue = q
	if limit <= 0 || limit > 100 {
		limit = 100
	}
	list := []any{}
	for _, u := range q[:min(len(q), int(limit))] {
		list = append(list, u.json())
	}
	return list
}

func (u queued) json() map[string]any { return map[string]any{"update_id": u.ID, u.Kind: u.Body} }

// queue adds an update; the lock is held.
func (f *Fake) queue(kind string, body any) {
	if len(f.state.Allowed) > 0 && !slices.Contains(f.state.Allowed, kind) || len(f.state.Queue) >= maxQueue {
		return
	}
	f.state.Update++
	f.state.Queue = append(f.state.Queue, queued{f.state.Update, f.opts.Now().Unix(), kind, encode(body)})
	close(f.news)
	f.news = make(chan struct{})
}

// told tells the bot of a message, where it sees the chat.
func (f *Fake) told(c *chat, n *note, edited bool) {
	if !c.In || f.opts.Privacy && (c.Type == "group" || c.Type == "supergroup") && !f.meant(c, n) {
		return
	}
	kind := "message"
	if c.Type == "channel" {
		kind = "channel_post"
	}
	if edited {
		kind = "edited_" + kind
	}
	f.queue(kind, f.noteJSON(c, n, true))
}

// meant reports whether a bot in privacy mode sees the message.
func (f *Fake) meant(c *chat, n *note) bool {
	up := c.note(n.ReplyTo)
	return up != nil && up.From == 0 || strings.HasPrefix(n.Text, "/") || strings.Contains(n.Text, "@"+f.opts.Name)
}

// Deliver calls the webhook with all that waits, oldest first, and stops at the first call
// that is not taken.
func (f *Fake) Deliver(call func(header http.Header, body []byte) (status int)) (delivered int) {
	for {
		f.mu.Lock()
		if len(f.state.Queue) == 0 || f.state.Hook.URL == "" {
			f.mu.Unlock()
			return delivered
		}
		u, h := f.state.Queue[0], f.state.Hook
		f.mu.Unlock()
		status := call(http.Header{"X-Telegram-Bot-Api-Secret-Token": {h.Secret}, "Content-Type": {"application/json"}}, encode(u.json()))
		f.mu.Lock()
		if status/100 != 2 {
			f.state.Hook.FailAt = f.opts.Now().Unix()
			f.mu.Unlock()
			return delivered
		}
		f.state.Queue = slices.DeleteFunc(f.state.Queue, func(q queued) bool { return q.ID == u.ID })
		f.mu.Unlock()
		delivered++
	}
}

// Hook returns where updates are delivered to; "" = they are polled.
func (f *Fake) Hook() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.Hook.URL
}

func (f *Fake) sendMessage(args map[string]any) (any, *refusal) {
	to := number(args["chat_id"])
	c := f.state.Chats[to]
	said := text(args["text"])
	reply, _ := args["reply_parameters"].(map[string]any)
	up := number(reply["message_id"])
	switch {
	case c == nil:
		return nil, &refusal{code: 400, text: "Bad Request: chat not found"}
	case c.Migrated != 0:
		return nil, &refusal{400, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": c.Migrated}}
	case !c.In:
		return nil, &refusal{code: 403, text: "Forbidden: bot was kicked from the supergroup chat"}
	case f.state.Blocked[to]:
		return nil, &refusal{code: 403, text: "Forbidden: bot was blocked by the user"}
	case c.Mute:
		return nil, &refusal{code: 400, text: "Bad Request: not enough rights to send text messages to the chat"}
	case strings.TrimSpace(said) == "":
		return nil, &refusal{code: 400, text: "Bad Request: message text is empty"}
	case len(utf16.Encode([]rune(said))) > 4096:
		return nil, &refusal{code: 400, text: "Bad Request: message is too long"}
	case up != 0 && c.note(up) == nil && reply["allow_sending_without_reply"] != true:
		return nil, &refusal{code: 400, text: texts[400]}
	}
	if wait := f.pace(to); wait > 0 {
		return nil, &refusal{429, fmt.Sprintf("Too Many Requests: retry after %d", wait), map[string]any{"retry_after": wait}}
	}
	if c.note(up) == nil {
		up = 0
	}
	n := &note{ReplyTo: up, Text: said}
	if m, ok := args["reply_markup"]; ok {
		n.Markup = encode(m)
	}
	if _, err := f.add(to, n); err != nil {
		return nil, &refusal{code: 500, text: texts[500]}
	}
	return f.noteJSON(c, n, true), nil
}

// pace returns how many seconds a chat must rest; 0 = none.
func (f *Fake) pace(to int64) int {
	if !f.opts.Quota {
		return 0
	}
	now := f.opts.Now()
	last := slices.DeleteFunc(f.wrote[to], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	switch {
	case len(last) > 0 && now.Sub(last[len(last)-1]) < time.Second:
		return 1
	case to < 0 && len(last) >= 20:
		return 1 + int((time.Minute-now.Sub(last[0]))/time.Second)
	}
	f.wrote[to] = append(last, now)
	return 0
}

func (c *chat) json() map[string]any {
	m := map[string]any{"id": c.ID, "type": c.Type}
	if c.Type == "private" {
		m["first_name"] = c.Title
	} else {
		m["title"] = c.Title
	}
	if c.User != "" {
		m["username"] = c.User
	}
	if c.Forum {
		m["is_forum"] = true
	}
	if c.Linked != 0 {
		m["linked_chat_id"] = c.Linked
	}
	return m
}

func (f *Fake) personJSON(id int64) map[string]any {
	first, last, _ := strings.Cut(f.state.People[id], " ")
	m := map[string]any{"id": id, "is_bot": false, "first_name": first, "language_code": "ru"}
	if last != "" {
		m["last_name"] = last
	}
	return m
}

func (f *Fake) noteJSON(c *chat, n *note, nested bool) map[string]any {
	m := map[string]any{"message_id": n.ID, "date": n.Date, "chat": c.json()}
	delete(m["chat"].(map[string]any), "linked_chat_id")
	switch {
	case n.From == 0:
		m["from"] = map[string]any{"id": f.botID(), "is_bot": true, "first_name": "Отклик", "username": f.opts.Name}
	case n.Of != 0:
		channel := f.state.Chats[ChannelID]
		m["from"] = map[string]any{"id": 777000, "is_bot": false, "first_name": "Telegram"}
		m["sender_chat"] = channel.json()
		m["is_automatic_forward"] = true
		m["forward_origin"] = map[string]any{"type": "channel", "chat": channel.json(), "message_id": n.Of, "date": n.Date}
	case n.From < 0:
		m["sender_chat"] = f.state.Chats[n.From].json()
		if c.Type != "channel" {
			m["from"] = map[string]any{"id": 1087968824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"}
		}
	default:
		m["from"] = f.personJSON(n.From)
	}
	switch {
	case n.Photo != "":
		m["photo"] = []any{map[string]any{"file_id": n.Photo + "s", "width": 90, "height": 67}, map[string]any{"file_id": n.Photo, "width": 1280, "height": 960}}
		if n.Text != "" {
			m["caption"] = n.Text
		}
	case n.Text != "":
		m["text"] = n.Text
	}
	if n.Album != "" {
		m["media_group_id"] = n.Album
	}
	if n.Edited != 0 {
		m["edit_date"] = n.Edited
	}
	if n.Thread != 0 && c.Type == "supergroup" {
		m["message_thread_id"] = n.Thread
	}
	if n.Topic {
		m["is_topic_message"] = true
	}
	if up := c.note(n.ReplyTo); up != nil && nested {
		m["reply_to_message"] = f.noteJSON(c, up, false)
	}
	if n.Markup != nil {
		m["reply_markup"] = n.Markup
	}
	maps.Copy(m, n.Extra)
	return m
}

// file gives the bytes of a file.
func (f *Fake) file(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSuffix(strings.TrimPrefix(r.PathValue("path"), "photos/"), ".jpg")
	f.mu.Lock()
	b, ok := f.files[id]
	f.mu.Unlock()
	if !ok || r.PathValue("bot") != "bot"+f.opts.Token {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "photo.jpg", time.Time{}, bytes.NewReader(b))
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func number(v any) int64 {
	switch n := v.(type) {
	case json.Number:
		i, _ := n.Int64()
		return i
	case string:
		i, _ := strconv.ParseInt(n, 10, 64)
		return i
	}
	return 0
}
