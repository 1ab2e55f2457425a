package vk

import (
	"bytes"
	"encoding/json"
	"html"
	"math"
	"strconv"
	"strings"
)

// VK answers one thing in several shapes: numbers as strings, booleans as 0/1,
// an empty array for an absent object. The types here take them all and refuse
// none, because one odd field must not lose a resident's message.

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

// A flag is a boolean however it is written.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	*f = flag(s == "true" || s == "1")
	return nil
}

// A words is a text; anything else counts as none.
type words string

func (w *words) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = words(plain(s))
	}
	return nil
}

// plain undoes the markup that VK puts into texts: entities and <br>.
func plain(s string) string {
	if strings.Contains(s, "<br") {
		s = breaks.Replace(s)
	}
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	return s
}

var breaks = strings.NewReplacer("<br>", "\n", "<br/>", "\n", "<br />", "\n")

// A list is an array whose elements are decoded one by one.
type list []json.RawMessage

func (l *list) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) == nil {
		*l = raw
	}
	return nil
}

// A node is an object that may come as an empty array instead.
type node json.RawMessage

func (n *node) UnmarshalJSON(b []byte) error { *n = append((*n)[:0], b...); return nil }

func (n node) into(v any) bool {
	if len(n) == 0 || bytes.TrimSpace(n)[0] != '{' {
		return false
	}
	return json.Unmarshal(n, v) == nil
}

// item holds the fields of a post, a comment and a private message that we use.
type item struct {
	Type     words  `json:"type"`
	Object   node   `json:"object"` // of an event
	ID       number `json:"id"`
	PostID   number `json:"post_id"`
	OwnerID  number `json:"owner_id"`
	SourceID number `json:"source_id"` // owner_id of newsfeed posts
	FromID   number `json:"from_id"`
	SignerID number `json:"signer_id"`
	Date     number `json:"date"`
	Edited   number `json:"edited"`
	Updated  number `json:"update_time"`
	Text     words  `json:"text"`
	PostType words  `json:"post_type"`
	Deleted  flag   `json:"deleted"`
	IsGone   flag   `json:"is_deleted"`
	Pinned   flag   `json:"is_pinned"`

	Attachments list `json:"attachments"`

	ReplyTo number `json:"reply_to_comment"`
	Stack   list   `json:"parents_stack"`
	Thread  node   `json:"thread"`
	Replies node   `json:"comments"`

	// Where a comment of an event stands.
	PostOwner   number `json:"post_owner_id"`
	TopicOwner  number `json:"topic_owner_id"`
	TopicID     number `json:"topic_id"`
	PhotoOwner  number `json:"photo_owner_id"`
	PhotoID     number `json:"photo_id"`
	VideoOwner  number `json:"video_owner_id"`
	VideoID     number `json:"video_id"`
	MarketOwner number `json:"market_owner_id"`
	ItemID      number `json:"item_id"`

	PeerID       number `json:"peer_id"`
	Conversation number `json:"conversation_message_id"`
	Out          flag   `json:"out"`
	RandomID     number `json:"random_id"`
	Payload      words  `json:"payload"` // of the button that was pressed
	Geo          node   `json:"geo"`
}

// thread is the list of replies inside a comment, or of comments inside a post.
type thread struct {
	Count number `json:"count"`
	Items list   `json:"items"`
}

func (it *item) thread() (t thread)  { it.Thread.into(&t); return t }
func (it *item) replies() (t thread) { it.Replies.into(&t); return t }
func (it *item) gone() bool          { return bool(it.Deleted || it.IsGone) }

// first returns the first level comment that this one stands under, 0 for none.
func (it *item) first() int64 {
	if len(it.Stack) == 0 {
		return 0
	}
	var n number
	_ = json.Unmarshal(it.Stack[0], &n)
	return int64(n)
}

// parent returns the comment that this one answers, 0 for the post itself.
func (it *item) parent() int64 {
	if it.ReplyTo != 0 {
		return int64(it.ReplyTo)
	}
	if len(it.Stack) == 0 {
		return 0
	}
	var n number
	_ = json.Unmarshal(it.Stack[len(it.Stack)-1], &n)
	return int64(n)
}

// Names maps the ids of people (positive) and communities (negative) to what is
// shown for them.
type Names map[int64]string

// Add reads the profiles and groups arrays of an extended answer.
func (n Names) Add(profiles, groups []json.RawMessage) {
	for _, raw := range profiles {
		var p struct {
			ID    number `json:"id"`
			First words  `json:"first_name"`
			Last  words  `json:"last_name"`
		}
		if json.Unmarshal(raw, &p) == nil && p.ID > 0 {
			n[int64(p.ID)] = strings.TrimSpace(string(p.First) + " " + string(p.Last))
		}
	}
	for _, raw := range groups {
		var g struct {
			ID   number `json:"id"`
			Name words  `json:"name"`
		}
		if json.Unmarshal(raw, &g) == nil && g.ID > 0 {
			n[-int64(g.ID)] = string(g.Name)
		}
	}
}
