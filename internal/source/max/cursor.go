package max

import (
	"encoding/json"
	"slices"

	"otklik/internal/source/wall"
)

// A cursor is what the bot knew when it last polled. It is JSON, and grows with the
// comments under the watched posts: about 100 bytes for each.
type cursor struct {
	Marker *int64           `json:"k,omitempty"` // of /updates
	Places map[int64]*place `json:"p,omitempty"` // by chat
	Queue  []step           `json:"q,omitempty"`
}

// A place is a channel or a group.
type place struct {
	wall.Wall
	Channel bool   `json:"c,omitempty"`
	Title   string `json:"n,omitempty"`
	Link    string `json:"l,omitempty"`
	At      int64  `json:"a,omitempty"` // when its newest posts were last read, Unix s
	Known   bool   `json:"k,omitempty"` // it was told as Found
	Off     bool   `json:"o,omitempty"` // the bot does not see it any more
}

// A step is one page to be read: the newest posts of a place, or comments of one post.
type step struct {
	Chat   int64  `json:"c"`
	Post   string `json:"p,omitempty"`
	Before int64  `json:"b,omitempty"` // Unix ms; 0: the newest
}

// parseCursor takes a damaged cursor for none: all is read anew, and intake knows what it has.
func parseCursor(b []byte) *cursor {
	c := &cursor{}
	if len(b) > 0 && json.Unmarshal(b, c) != nil {
		c = &cursor{}
	}
	if c.Places == nil {
		c.Places = map[int64]*place{}
	}
	for id, p := range c.Places {
		if p == nil || id >= 0 {
			delete(c.Places, id)
			continue
		}
		p.Tidy()
	}
	c.Queue = slices.DeleteFunc(c.Queue, func(s step) bool { return c.Places[s.Chat] == nil })
	return c
}

// place returns a place, made when it is new.
func (c *cursor) place(chat int64) *place {
	p := c.Places[chat]
	if p == nil {
		p = &place{}
		c.Places[chat] = p
	}
	return p
}

// drop forgets a place and what is queued for it.
func (c *cursor) drop(chat int64) {
	delete(c.Places, chat)
	c.unqueue(chat)
}

func (c *cursor) unqueue(chat int64) {
	c.Queue = slices.DeleteFunc(c.Queue, func(s step) bool { return s.Chat == chat })
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("max: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}
