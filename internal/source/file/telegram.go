package file

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// readTelegram reads result.json of Telegram Desktop: one chat, or the export of
// a whole account with its chats and left chats.
func readTelegram(s *sink, r io.Reader) error {
	e := &export{sink: s}
	return s.readJSON(r, e.document, func() error { return nil })
}

// An export is one file under way.
type export struct {
	*sink
	self string // user id of the account, «user5», where the export tells it
}

// A chat is what stands before its messages.
type chat struct {
	ID   string
	Type string
	root map[int64]int64 // message → first message of its thread
}

// rootsKept bounds how many messages of a chat are remembered for threads.
const rootsKept = 100_000

func (e *export) document(sc *scanner) error {
	if object, err := sc.kind('{'); err != nil {
		return err
	} else if !object {
		return errSyntax
	}
	c := &chat{}
	return sc.object(func(key string) error {
		open, err := sc.peek()
		if err != nil {
			return err
		}
		switch {
		case (key == "chats" || key == "left_chats") && open == '{':
			return sc.object(func(key string) error {
				if list, err := sc.kind('['); err != nil || key != "list" || !list {
					return orElse(err, sc.skip)
				}
				return sc.array(func() error {
					if object, err := sc.kind('{'); err != nil || !object {
						return orElse(err, sc.skip)
					}
					inner := &chat{}
					return sc.object(func(key string) error { return e.member(sc, inner, key) })
				})
			})
		case key == "personal_information":
			raw, big, err := sc.value()
			if err != nil {
				return err
			}
			var who struct {
				ID loose `json:"user_id"`
			}
			if !big && json.Unmarshal(raw, &who) == nil && who.ID != "" {
				e.self = "user" + string(who.ID)
			}
			return nil
		}
		return e.member(sc, c, key)
	})
}

func orElse(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

// member takes one key of a chat.
func (e *export) member(sc *scanner, c *chat, key string) error {
	switch list, err := sc.kind('['); {
	case err != nil:
		return err
	case key == "messages" && list:
		c.root = map[int64]int64{}
		return sc.array(func() error {
			line := sc.line
			raw, big, err := sc.value()
			if err != nil {
				return err
			}
			if big {
				return e.tooLarge(line, raw)
			}
			return e.message(line, raw, c)
		})
	case key == "id" || key == "type":
		raw, big, err := sc.value()
		if err != nil {
			return err
		}
		var v loose
		if !big && json.Unmarshal(raw, &v) == nil {
			if key == "id" {
				c.ID = string(v)
			} else {
				c.Type = string(v)
			}
		}
		return nil
	}
	return sc.skip()
}

// loose is a string or a number; anything else counts as empty.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error { *l = loose(scalar(b)); return nil }

// exported is a message of an export.
type exported struct {
	ID       loose           `json:"id"`
	Type     loose           `json:"type"`
	Date     loose           `json:"date"`
	Unix     loose           `json:"date_unixtime"`
	Edited   loose           `json:"edited"`
	EditedAt loose           `json:"edited_unixtime"`
	From     loose           `json:"from"`
	FromID   loose           `json:"from_id"`
	ReplyTo  loose           `json:"reply_to_message_id"`
	Text     json.RawMessage `json:"text"`
	Photo    loose           `json:"photo"`
	File     loose           `json:"file"`
	FileName loose           `json:"file_name"`
	Media    loose           `json:"media_type"`
}

// attached returns the files of an exported message: paths inside of the export's
// folder. A file that was not exported has words in place of its path.
func (x *exported) attached() []attachment.Ref {
	var refs []attachment.Ref
	if attachment.Inside(string(x.Photo)) && attachment.KindOf(string(x.Photo)) == attachment.Photo {
		refs = append(refs, attachment.Ref{Kind: attachment.Photo, URL: string(x.Photo)})
	}
	if kind := attachment.KindOf(string(x.File)); attachment.Inside(string(x.File)) && x.Media != "sticker" && kind != attachment.Link {
		refs = append(refs, attachment.Ref{Kind: kind, URL: string(x.File), Title: string(x.FileName)})
	}
	return attachment.Tidy(refs)
}

func (e *export) message(line int, raw []byte, c *chat) error {
	if !utf8.Valid(raw) {
		return e.reject(line, BadEncoding, "В сообщении повреждены знаки: выгрузите переписку заново.", raw)
	}
	var x exported
	if err := json.Unmarshal(raw, &x); err != nil {
		return e.reject(line, Unreadable, "Сообщение испорчено: это не объект JSON.", raw)
	}
	id, err := strconv.ParseInt(string(x.ID), 10, 64)
	if err != nil || x.Type != "message" {
		return e.reject(line, NoMessage, "Служебная запись Telegram — не сообщение.", raw)
	}
	m := message.Message{
		Source: e.opts.Source, Channel: message.Telegram, Form: message.Comment, Native: strconv.FormatInt(id, 10), Event: message.Written,
		Author: string(x.FromID), AuthorName: string(x.From), Text: parts(x.Text), PublishedAt: e.time(x.Unix, x.Date), URL: c.link(id),
		Own: e.self != "" && string(x.FromID) == e.self, Attachments: x.attached(),
	}
	if m.Source == "" {
		m.Source = "telegram:" + c.ID
		if c.ID == "" {
			m.Source = e.source()
		}
	}
	switch c.Type {
	case "public_channel", "private_channel":
		m.Form = message.Post
	case "personal_chat", "bot_chat", "saved_messages":
		m.Form, m.Addressed = message.Direct, true
	}
	m.Revision = message.Revision{Time: m.PublishedAt}
	if edited := e.time(x.EditedAt, x.Edited); !edited.IsZero() && edited.After(m.PublishedAt) {
		m.Revision.Time = edited
	}
	if m.Revision.Time.IsZero() {
		m.Revision = message.HashOf(m.Text)
	}
	if to, err := strconv.ParseInt(string(x.ReplyTo), 10, 64); err == nil && to != 0 && to != id {
		root := to
		if r, ok := c.root[to]; ok {
			root = r
		}
		if len(c.root) >= rootsKept {
			clear(c.root)
		}
		c.root[id] = root
		m.Parent, m.Thread = strconv.FormatInt(to, 10), strconv.FormatInt(root, 10)
	}
	return e.take(line, m, raw)
}

// time reads the Unix time, or the local one of older exports.
func (e *export) time(unix, local loose) time.Time {
	if t := parseTime(string(unix), time.UTC); !t.IsZero() {
		return t
	}
	return parseTime(string(local), e.opts.Zone)
}

// link returns the address that members of a supergroup or channel can open.
func (c *chat) link(id int64) string {
	switch c.Type {
	case "public_supergroup", "private_supergroup", "public_channel", "private_channel":
		if digits(c.ID) {
			return "https://t.me/c/" + c.ID + "/" + strconv.FormatInt(id, 10)
		}
	}
	return ""
}

// parts joins a text: it is a string, or an array of strings and marked pieces.
func parts(raw json.RawMessage) string {
	var pieces []json.RawMessage
	if json.Unmarshal(raw, &pieces) != nil {
		var s string
		_ = json.Unmarshal(raw, &s)
		return s
	}
	var sb strings.Builder
	for _, p := range pieces {
		var s string
		var marked struct {
			Text string `json:"text"`
		}
		switch {
		case json.Unmarshal(p, &s) == nil:
			sb.WriteString(s)
		case json.Unmarshal(p, &marked) == nil:
			sb.WriteString(marked.Text)
		}
	}
	return sb.String()
}
