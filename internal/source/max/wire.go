package max

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// One odd field must not lose a resident's message: the types here take what they can
// and refuse none.

// A number is an integer however it is written; what is none counts as 0.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = number(v)
	} else if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<53 {
		*n = number(f)
	}
	return nil
}

// A words is a text; anything else counts as none.
type words string

func (w *words) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = words(s)
	}
	return nil
}

// An opt is an object that may be absent or of another shape: then it is nil.
type opt[T any] struct{ V *T }

func (o *opt[T]) UnmarshalJSON(b []byte) error {
	var v *T
	if into(b, &v) {
		o.V = v
	}
	return nil
}

// into decodes an object; a field of another shape is left empty.
func into(b []byte, v any) bool {
	var shape *json.UnmarshalTypeError
	err := json.Unmarshal(b, v)
	return err == nil || errors.As(err, &shape) && strings.HasPrefix(strings.TrimSpace(string(b)), "{")
}

// A flag is a boolean; anything else counts as false.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error { *f = string(b) == "true"; return nil }

// A list is an array whose elements are decoded one by one.
type list []json.RawMessage

func (l *list) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) == nil {
		*l = raw
	}
	return nil
}

type user struct {
	ID    number `json:"user_id"`
	Name  words  `json:"name"`
	First words  `json:"first_name"`
	Last  words  `json:"last_name"`
}

func (u *user) name() string {
	if u.Name != "" {
		return string(u.Name)
	}
	return strings.TrimSpace(string(u.First) + " " + string(u.Last))
}

// A letter is a Message of MAX: a post, a comment, a message of a group or of a talk.
type letter struct {
	Sender    opt[user] `json:"sender"`
	Recipient struct {
		Chat number `json:"chat_id"`
		Type words  `json:"chat_type"` // dialog, chat, channel
		Post words  `json:"post_id"`   // of a comment
	} `json:"recipient"`
	Timestamp number    `json:"timestamp"` // Unix ms
	Body      body      `json:"body"`
	Link      opt[link] `json:"link"`
	URL       words     `json:"url"`
}

type body struct {
	ID          words `json:"mid"`
	Text        words `json:"text"`
	Attachments list  `json:"attachments"`
}

type link struct {
	Type    words `json:"type"` // reply, forward
	Message body  `json:"message"`
}

// reply returns the id of the message that this one answers, "" for none.
func (l *letter) reply() string {
	if l.Link.V == nil || l.Link.V.Type != "reply" {
		return ""
	}
	return string(l.Link.V.Message.ID)
}

// sender returns the author's id, 0 where MAX does not tell it: a post, a comment in the
// channel's name, and sometimes a comment of anybody.
func (l *letter) sender() int64 {
	if l.Sender.V == nil {
		return 0
	}
	return int64(l.Sender.V.ID)
}

func (l *letter) dialog() bool { return l.Recipient.Type == "dialog" || l.Recipient.Chat > 0 }

// An update is one event.
type update struct {
	Type      words       `json:"update_type"`
	Timestamp number      `json:"timestamp"` // Unix ms
	Message   opt[letter] `json:"message"`

	// Of a removal.
	MessageID words  `json:"message_id"`
	ChatID    number `json:"chat_id"`
	UserID    number `json:"user_id"`
	PostID    words  `json:"post_id"`

	User    opt[user] `json:"user"`
	Payload words     `json:"payload"`
	Channel flag      `json:"is_channel"`

	Callback opt[struct {
		ID      words     `json:"callback_id"`
		Payload words     `json:"payload"`
		User    opt[user] `json:"user"`
		At      number    `json:"timestamp"`
	}] `json:"callback"`
}

// updateTypes are the events that we ask for.
var updateTypes = []string{
	"message_created", "message_edited", "message_removed", "comment_created", "comment_edited", "comment_removed",
	"message_callback", "bot_started", "bot_added", "bot_removed",
}
