package ok

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// OK answers one thing in several shapes; one odd field must not lose a resident's
// message. The types here take what they can and refuse none.

// A number is an integer however it is written; what is none counts as 0.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	if v, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64); err == nil {
		*n = number(v)
	}
	return nil
}

// An ident is an id however it is written: ids are strings, some answers have numbers.
type ident string

func (i *ident) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*i = ident(s)
	} else if _, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		*i = ident(b)
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

// A list is an array whose elements are decoded one by one.
type list []json.RawMessage

func (l *list) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) == nil {
		*l = raw
	}
	return nil
}

// into decodes an object; a field of another shape is left empty.
func into(b []byte, v any) bool {
	var shape *json.UnmarshalTypeError
	err := json.Unmarshal(b, v)
	return err == nil || errors.As(err, &shape) && strings.HasPrefix(strings.TrimSpace(string(b)), "{")
}

// A topic is a MediaTopic.
type topic struct {
	ID      ident  `json:"id"`
	Created number `json:"created_ms"`
	Author  ident  `json:"author_ref"` // user:5, group:5300
	Media   list   `json:"media"`
	Summary struct {
		Comments number `json:"comments_count"`
		Total    number `json:"total_comments_count"`
	} `json:"discussion_summary"`
}

// comments is the count of comments.
func (t *topic) comments() int64 { return int64(max(t.Summary.Comments, t.Summary.Total)) }

// A comment is one under a topic or another discussion.
type comment struct {
	ID          ident  `json:"id"`
	Author      ident  `json:"author_id"`
	AuthorName  words  `json:"author_name"`
	AuthorRef   ident  `json:"author_ref"`
	AuthorType  words  `json:"author_type"` // USER, GROUP
	Text        words  `json:"text"`
	Date        words  `json:"date"`
	DateMS      number `json:"date_ms"`
	Type        words  `json:"type"` // ACTIVE_MESSAGE
	ReplyTo     ident  `json:"reply_to_comment_id"`
	Attachments list   `json:"attachments"`
}

// moscow is the zone of dates without one.
var moscow = time.FixedZone("MSK", 3*60*60)

// at is when the comment was written.
func (c *comment) at() time.Time {
	if t := ms(c.DateMS); !t.IsZero() {
		return t
	}
	if t, err := time.ParseInLocation(time.DateTime, string(c.Date), moscow); err == nil {
		return t.UTC()
	}
	return time.Time{}
}

// stands reports whether the comment is shown.
func (c *comment) stands() bool { return c.Type == "" || strings.HasPrefix(string(c.Type), "ACTIVE") }

// ms returns the time of Unix milliseconds; zero for 0 and for what no network can mean.
func ms(n number) time.Time {
	if n <= 0 || n > 1<<43 {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}
