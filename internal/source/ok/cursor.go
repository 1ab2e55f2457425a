package ok

import (
	"encoding/json"
	"slices"

	"otklik/internal/source/wall"
)

// A cursor is what the group looked like when it was last read, and the pages that are
// still to be read in this round. It is JSON, and grows with the comments under the
// watched topics: about 100 bytes for each.
type cursor struct {
	Topics wall.Wall `json:"t,omitzero"` // by root, «GROUP_TOPIC/15400»
	Others wall.Wall `json:"o,omitzero"` // photos and videos of the group
	Queue  []step    `json:"q,omitempty"`
}

// A step is one page of comments to be read.
type step struct {
	Root   string `json:"r"`
	Anchor string `json:"a,omitempty"`
	Newest bool   `json:"n,omitempty"` // from the newest one down to what is known; else the whole discussion
}

// parseCursor takes a damaged cursor for none: the group is read anew, and intake knows
// what it has.
func parseCursor(b []byte) *cursor {
	c := &cursor{}
	if len(b) > 0 && json.Unmarshal(b, c) != nil {
		c = &cursor{}
	}
	c.Topics.Tidy()
	c.Others.Tidy()
	c.Queue = slices.DeleteFunc(c.Queue, func(s step) bool { return c.post(s.Root) == nil })
	return c
}

// post returns what is known of a discussion, nil for nothing.
func (c *cursor) post(root string) *wall.Post {
	if p := c.Topics.Posts[root]; p != nil {
		return p
	}
	return c.Others.Posts[root]
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("ok: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}
