package vk

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// A cursor is what a wall looked like when it was last read, and the pages that
// are still to be read in this round. It is JSON, and grows with the comments
// under the watched posts: about 30 bytes for each.
type cursor struct {
	Posts map[int64]*postState `json:"p,omitempty"`
	Queue []step               `json:"q,omitempty"`

	Listen *listen `json:"l,omitempty"` // of a community whose events come
	Board  *cursor `json:"b,omitempty"` // of discussions: topics in place of posts
	Inbox  *inbox  `json:"i,omitempty"` // of a community whose private messages are read
	Listed int64   `json:"t,omitempty"` // when the list of a paced wall was asked, Unix seconds
}

// A postState is a watched post. Its revision is the time of its last change.
type postState struct {
	Hash     string                  `json:"h"`           // of how it looks, shortened
	Rev      int64                   `json:"r"`           // revision, Unix milliseconds
	Date     int64                   `json:"d"`           // Unix seconds
	Gone     bool                    `json:"g,omitempty"` // deleted
	Missed   int                     `json:"m,omitempty"` // rounds in a row that did not show it
	Count    int64                   `json:"n"`           // comments, as VK counts them
	At       int64                   `json:"a,omitempty"` // when its comments were last read, Unix seconds; 0: never, or to be read at once
	Round    int                     `json:"o,omitempty"` // number of the round that reads its comments
	Pages    int                     `json:"s,omitempty"` // pages read in this round
	Want     int64                   `json:"w,omitempty"` // comments that the count promises and the newest pages did not show yet
	Comments map[int64]*commentState `json:"c,omitempty"`
}

// A commentState is the last known state of a comment.
type commentState struct {
	Hash   string `json:"h"`           // of how it looks, shortened
	Rev    string `json:"r,omitempty"` // revision, where it is not the text's own hash
	Round  int    `json:"o"`           // the last round that saw it
	Gone   bool   `json:"g,omitempty"`
	Missed bool   `json:"m,omitempty"` // the last round did not show it
}

// A step is one page to be read: of the post, or of one thread in it. With Done
// set it closes the round. With Fresh set it belongs to no round: pages are read newest
// first until what the count promised is found.
type step struct {
	Post   int64 `json:"p"`
	Thread int64 `json:"t,omitempty"`
	Offset int   `json:"o,omitempty"`
	Done   bool  `json:"e,omitempty"`
	Fresh  bool  `json:"f,omitempty"`
}

// parseCursor takes a damaged cursor for none: the wall is read anew, and intake
// knows what it has.
func parseCursor(b []byte) *cursor {
	c := &cursor{}
	if len(b) > 0 && json.Unmarshal(b, c) != nil {
		c = &cursor{}
	}
	if c.Posts == nil {
		c.Posts = map[int64]*postState{}
	}
	if c.Board != nil {
		raw, _ := json.Marshal(c.Board)
		c.Board = parseCursor(raw)
		c.Board.Board = nil
	}
	for id, p := range c.Posts {
		if p == nil {
			delete(c.Posts, id)
			continue
		}
		for cid, s := range p.Comments {
			if s == nil {
				delete(p.Comments, cid)
			}
		}
	}
	return c
}

func short(text string) string { return message.HashOf(text).Hash[:12] }

// looks is what of a message a change is seen by: its text, and which pictures, videos and
// documents it came with. Previews of links come and go by themselves.
func looks(m *message.Message) string {
	var with []string
	for _, a := range m.Attachments {
		if a.Kind != attachment.Link && a.Name != "" {
			with = append(with, a.Name)
		}
	}
	if len(with) == 0 {
		return m.Text
	}
	slices.Sort(with)
	return m.Text + "\x00" + strings.Join(with, "\x00")
}

// seePost notes a post and reports whether it is new or changed, with its
// revision and event set.
func (c *cursor) seePost(m *message.Message, id, count int64) bool {
	p, known := c.Posts[id]
	rev := m.Revision.Time.UnixMilli()
	gone := m.Event == message.Deleted
	if !known {
		c.Posts[id] = &postState{Hash: short(looks(m)), Rev: rev, Date: m.PublishedAt.Unix(), Gone: gone, Count: count}
		return looks(m) != "" || gone
	}
	p.Missed = 0
	if p.Count != count {
		p.Count, p.At = count, 0
	}
	if p.Gone == gone && p.Hash == short(looks(m)) && rev <= p.Rev {
		return false
	}
	if p.Gone && !gone {
		m.Event = message.Restored
	}
	same := p.Gone == gone && p.Hash == short(looks(m))
	p.Rev = max(rev, p.Rev+1) // a change that VK gives no time for comes right after the last one
	p.Hash, p.Gone = short(looks(m)), gone
	m.Revision = message.Revision{Time: time.UnixMilli(p.Rev).UTC()}
	return !same
}

// losePost notes that a post is not shown any more and reports whether that is
// now sure; the first time may be a whim of the network.
func (p *postState) losePost() (message.Revision, bool) {
	if p.Gone {
		return message.Revision{}, false
	}
	p.Missed++
	if p.Missed < 2 {
		return message.Revision{}, false
	}
	p.Gone, p.Hash = true, ""
	p.Rev++
	return message.Revision{Time: time.UnixMilli(p.Rev).UTC()}, true
}

// seeComment notes a comment and reports whether it is new or changed, with its
// revision and event set.
func (p *postState) seeComment(m *message.Message, id int64) bool {
	gone := m.Event == message.Deleted
	s, known := p.Comments[id]
	if !known {
		if p.Comments == nil {
			p.Comments = map[int64]*commentState{}
		}
		s = &commentState{Hash: short(looks(m)), Round: p.Round, Gone: gone}
		if gone {
			s.Rev = m.Revision.Hash
		}
		p.Comments[id] = s
		return looks(m) != "" || gone
	}
	s.Round, s.Missed = p.Round, false
	if s.Gone == gone && s.Hash == short(looks(m)) {
		return false
	}
	if s.Gone && !gone {
		m.Event = message.Restored
	}
	s.change(m.Event, looks(m))
	m.Revision = message.Revision{Hash: s.Rev}
	return true
}

// change turns the state into the one after the event; the comment looks so then.
func (s *commentState) change(event message.Event, text string) {
	prev := s.Rev
	if prev == "" {
		prev = s.Hash
	}
	s.Rev = after(prev, event, text).Hash
	s.Hash, s.Gone = short(text), event == message.Deleted
}

// drop forgets what is queued for a post.
func (c *cursor) drop(post int64) {
	keep := c.Queue[:0]
	for _, s := range c.Queue {
		if s.Post != post {
			keep = append(keep, s)
		}
	}
	c.Queue = keep
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("vk: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}

// array decodes an array, empty for anything else.
func array[T any](raw []byte) []T {
	var out []T
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "[") {
		_ = json.Unmarshal(raw, &out)
	}
	return out
}
