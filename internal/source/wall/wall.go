// Package wall remembers what a page of posts with comments looked like when a connector
// last read it, and says what of a new look is news: new, edited, deleted, restored. It
// is for networks that never tell when a text was changed and name posts and comments by
// strings (MAX, Odnoklassniki); it speaks to none itself.
//
// A revision is a hash of the text, chained with the revision before once the text
// changes, so that «A → B → A» are three revisions and asking twice from one cursor gives
// the same revision twice. Where an event told of the change, the event names it.
//
// What a look does not show is called deleted when the next look does not show it either:
// pages shift while they are read, and a network may be slow to show what it has told.
package wall

import (
	"slices"
	"time"

	"otklik/internal/message"
)

// An Item is the last known state of a post or a comment.
type Item struct {
	Hash   string `json:"h,omitempty"` // of the text, shortened; "" with Gone
	Rev    string `json:"r,omitempty"` // revision, where it is not the text's own hash
	Date   int64  `json:"d,omitempty"` // when it was written, Unix ms
	Told   int64  `json:"t,omitempty"` // time of the last event about it, Unix ms
	Gone   bool   `json:"g,omitempty"`
	Missed int    `json:"m,omitempty"` // looks in a row that did not show it
	Round  int    `json:"o,omitempty"` // the last round that showed it
	Own    bool   `json:"w,omitempty"` // we wrote it
}

// A Post is a watched post with its comments.
type Post struct {
	Item
	Active   int64            `json:"a,omitempty"`  // when something last happened there, Unix ms
	At       int64            `json:"at,omitempty"` // when its comments were last read whole, Unix s; 0: never, or to be read at once
	Count    int64            `json:"n,omitempty"`  // comments, as the network counts them
	Rounds   int              `json:"s,omitempty"`  // number of the round that reads its comments
	URL      string           `json:"u,omitempty"`  // where the network says that people see it
	Comments map[string]*Item `json:"c,omitempty"`
}

// A Wall is what is known of one page. The zero value is a page never read.
type Wall struct {
	Posts map[string]*Post `json:"p,omitempty"`
}

// Tidy makes a wall good that was read from a damaged cursor.
func (w *Wall) Tidy() {
	for id, p := range w.Posts {
		if p == nil {
			delete(w.Posts, id)
			continue
		}
		for cid, c := range p.Comments {
			if c == nil {
				delete(p.Comments, cid)
			}
		}
	}
}

// Post returns what is known of a post, made when there is nothing.
func (w *Wall) Post(id string) *Post {
	p := w.Posts[id]
	if p == nil {
		if p = (&Post{}); w.Posts == nil {
			w.Posts = map[string]*Post{}
		}
		w.Posts[id] = p
	}
	return p
}

// Comment returns what is known of a comment, made when there is nothing.
func (p *Post) Comment(id string) *Item {
	c := p.Comments[id]
	if c == nil {
		if c = (&Item{}); p.Comments == nil {
			p.Comments = map[string]*Item{}
		}
		p.Comments[id] = c
	}
	return c
}

// Stir notes that something happened at the post.
func (p *Post) Stir(at time.Time) { p.Active = max(p.Active, at.UnixMilli()) }

// Begin opens a round that reads the comments.
func (p *Post) Begin() { p.Rounds++ }

// Due reports whether the comments must be read again: every so often, and the more
// seldom the longer nothing has happened there, at least every six hours.
func (p *Post) Due(now time.Time, every time.Duration) bool {
	if p.At == 0 || every < 0 {
		return true
	}
	idle := now.Sub(time.UnixMilli(p.Active))
	since := now.Sub(time.Unix(p.At, 0))
	return since < 0 || since >= max(every, min(idle/100, 6*time.Hour))
}

// Finish closes the round and returns the comments that are now surely gone, with their
// new state. A round that missed some asks to be repeated at once.
func (p *Post) Finish(now time.Time) (gone []string) {
	p.At = now.Unix()
	for id, c := range p.Comments {
		if c.Round == p.Rounds || c.Gone {
			continue
		}
		if c.Missed++; c.Missed < 2 {
			p.At = 0
			continue
		}
		c.change(message.Deleted, "", "")
		gone = append(gone, id)
	}
	slices.Sort(gone)
	if len(gone) > 0 {
		p.Stir(now)
	}
	return gone
}

// Unseen notes the posts that a look from the time on did not show, and returns those that
// are now surely gone. What is older than the look is forgotten: newer posts pushed it out.
func (w *Wall) Unseen(shown map[string]bool, since int64) (gone []string) {
	for id, p := range w.Posts {
		switch {
		case shown[id]:
		case p.Date < since:
			delete(w.Posts, id)
		case p.Gone:
		default:
			if p.Missed++; p.Missed >= 2 {
				p.change(message.Deleted, "", "")
				p.Comments = nil // they were said all the same
				gone = append(gone, id)
			}
		}
	}
	slices.Sort(gone)
	return gone
}

// See notes what a look or an event shows of the item and reports whether that is news.
// It sets the revision and the event of m, whose text, date and Own say what is seen. rev
// names the change where an event told of it, else it is "".
func (it *Item) See(m *message.Message, round int, rev string) bool {
	it.Round, it.Missed = round, 0
	m.Own = m.Own || it.Own
	it.Own = m.Own
	if it.Date == 0 && !m.PublishedAt.IsZero() {
		it.Date = m.PublishedAt.UnixMilli()
	}
	if it.New() {
		it.Hash, it.Rev = short(m.Text), rev
		m.Event, m.Revision = message.Written, message.HashOf(m.Text)
		if rev != "" {
			m.Revision = message.Revision{Hash: rev}
		}
		return m.Text != "" || len(m.Attachments) > 0
	}
	if it.Is(m.Text) {
		return false
	}
	m.Event = message.Written
	if it.Gone {
		m.Event = message.Restored
	}
	it.change(m.Event, m.Text, rev)
	m.Revision = message.Revision{Hash: it.Rev}
	return true
}

// New reports whether nothing was ever seen of the item.
func (it *Item) New() bool { return it.Hash == "" && !it.Gone }

// Is reports whether the item stands there with that text.
func (it *Item) Is(text string) bool { return !it.Gone && it.Hash == short(text) }

// Lose notes that an event called the item deleted and reports whether that is news.
func (it *Item) Lose(m *message.Message, rev string) bool {
	if it.Gone {
		return false
	}
	it.change(message.Deleted, "", rev)
	m.Event, m.Revision = message.Deleted, message.Revision{Hash: it.Rev}
	return true
}

// Revision returns the item's revision as it now stands.
func (it *Item) Revision() message.Revision { return message.Revision{Hash: it.Rev} }

// change turns the state into the one after the event.
func (it *Item) change(event message.Event, text, rev string) {
	if rev == "" {
		prev := it.Rev
		if prev == "" {
			prev = it.Hash
		}
		rev = After(prev, event, text)
	}
	it.Rev, it.Gone, it.Missed = rev, event == message.Deleted, 0
	if it.Hash = short(text); it.Gone {
		it.Hash = ""
	}
}

// After returns the name of the revision that follows prev, or that the event named by
// prev made.
func After(prev string, event message.Event, text string) string {
	return message.HashOf(prev + "\x00" + string(event) + "\x00" + text).Hash
}

func short(text string) string { return message.HashOf(text).Hash[:12] }
