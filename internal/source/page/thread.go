package page

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/source/web"
)

// A Thread is what a thread looked like when it was last read. It is part of a
// cursor.
type Thread struct {
	URL     string           `json:"u"`
	Root    string           `json:"r,omitempty"`  // id of its first post
	Mark    string           `json:"k,omitempty"`  // what the list shows of it, shortened
	At      int64            `json:"a,omitempty"`  // when it was last read, Unix s; 0: to be read at once
	Active  int64            `json:"l,omitempty"`  // when something last happened there, Unix s
	Missed  int              `json:"m,omitempty"`  // looks in a row for which there was no such page
	Empty   int              `json:"e,omitempty"`  // looks in a row that found nothing where posts were known
	Gone    bool             `json:"g,omitempty"`  // there is no such page
	Pages   []string         `json:"p,omitempty"`  // addresses of its pages behind the first
	Gap     int              `json:"d,omitempty"`  // number of the page before which pages were left out; 0 = none
	Full    int64            `json:"f,omitempty"`  // when all watched pages were last read, Unix s
	Whole   bool             `json:"w,omitempty"`  // the next round reads every page that is watched
	Start   int              `json:"b,omitempty"`  // page with which this round began
	Round   int              `json:"o,omitempty"`  // number of this round
	Read    int              `json:"n,omitempty"`  // pages read in this round
	Checked bool             `json:"c,omitempty"`  // this round reads every page that is watched
	Long    bool             `json:"x,omitempty"`  // the round stopped before the last page
	Posts   map[string]*Item `json:"ps,omitempty"` // by id
}

// An Item is the last known state of one post.
type Item struct {
	Hash   string `json:"h"`           // of the text, shortened
	Rev    string `json:"r,omitempty"` // revision, where it is not the text's own hash
	Page   int    `json:"p,omitempty"` // where it was last seen, from 0
	Round  int    `json:"o,omitempty"` // the last round that saw it
	Gone   bool   `json:"g,omitempty"`
	Missed bool   `json:"m,omitempty"` // a whole round did not show it
}

// A Step is one page to be read.
type Step struct {
	Thread string `json:"t"`
	Page   int    `json:"p,omitempty"` // from 0
	URL    string `json:"u"`
}

// deepest is how many pages of one thread are followed: nobody writes as many.
const deepest = 2000

// A Frame says what the messages of a thread have in common.
type Frame struct {
	Source  string
	Channel message.Channel
	Thread  string // begins native ids: the thread's name
	Root    string // native id of the root, where it is no post of the thread; "" = its first post
	Now     time.Time
}

func short(text string) string { return message.HashOf(text).Hash[:12] }

// After returns the revision that follows prev by an event.
func After(prev string, event message.Event, text string) string {
	sum := sha256.Sum256([]byte(prev + "\x00" + string(event) + "\x00" + text))
	return hex.EncodeToString(sum[:12])
}

// See notes the text that an item was seen with and reports whether that is
// news; then m has its revision and event.
func (it *Item) See(m *message.Message) bool {
	it.Missed = false
	if it.Hash == "" && !it.Gone {
		it.Hash = short(m.Text)
		m.Event, m.Revision = message.Written, message.HashOf(m.Text)
		return m.Text != ""
	}
	if !it.Gone && it.Hash == short(m.Text) {
		return false
	}
	m.Event = message.Written
	if it.Gone {
		m.Event = message.Restored
	}
	it.change(m.Event, m.Text)
	m.Revision = message.Revision{Hash: it.Rev}
	return true
}

// Lose notes that an item is gone and returns the deletion's revision.
func (it *Item) Lose() message.Revision {
	it.change(message.Deleted, "")
	return message.Revision{Hash: it.Rev}
}

func (it *Item) change(event message.Event, text string) {
	prev := it.Rev
	if prev == "" {
		prev = it.Hash
	}
	it.Rev = After(prev, event, text)
	it.Hash, it.Gone = short(text), event == message.Deleted
}

// Tidy makes a thread good that was read from a damaged cursor; false says that
// nothing of it can be used.
func (t *Thread) Tidy() bool {
	if t == nil || t.URL == "" {
		return false
	}
	for id, it := range t.Posts {
		if it == nil {
			delete(t.Posts, id)
		}
	}
	return true
}

// Due reports whether the thread must be read again: every so often, and the more
// seldom the longer nothing has happened there, at least every six hours.
func (t *Thread) Due(now time.Time, every time.Duration) bool {
	if t.At == 0 || every < 0 {
		return true
	}
	since, idle := now.Sub(time.Unix(t.At, 0)), now.Sub(time.Unix(t.Active, 0))
	return since < 0 || since >= max(every, min(idle/50, 6*time.Hour))
}

// fullEvery is how often all watched pages of a thread are read, for edits.
const fullEvery = 6 * time.Hour

// Begin opens a round of at most so many pages and returns its first step: the
// last pages, where new posts stand, or all that are watched when one is missing
// or they were not read for long.
func (t *Thread) Begin(name string, pages int, now time.Time) Step {
	t.Round, t.Read = t.Round+1, 0
	last := len(t.Pages) // number of the last page
	if t.Gap > last {
		t.Gap = 0
	}
	whole := max(last+1-pages, t.Gap)
	t.Start = max(last-1, t.Gap)
	if t.Whole || now.Sub(time.Unix(t.Full, 0)) >= fullEvery {
		t.Start = whole
	}
	if t.Checked = t.Start <= whole; t.Checked {
		t.Full = now.Unix()
	}
	return Step{Thread: name, Page: t.Start, URL: t.address(t.Start)}
}

func (t *Thread) address(page int) string {
	if page == 0 || page > len(t.Pages) {
		return t.URL
	}
	return t.Pages[page-1]
}

// Take notes what a page shows. It returns what is news and the next step of the
// round; done says that the round is over.
func (t *Thread) Take(l Look, at Step, pages int, f Frame) (found []message.Message, next Step, done bool) {
	t.Read++
	for _, p := range l.Posts {
		if t.Root == "" && f.Root == "" && at.Page == 0 {
			t.Root = p.ID
		}
		m := t.message(p, f)
		it := t.Posts[p.ID]
		if it == nil {
			if t.Posts == nil {
				t.Posts = map[string]*Item{}
			}
			it = &Item{}
			t.Posts[p.ID] = it
		}
		it.Page, it.Round = at.Page, t.Round
		if it.See(&m) {
			t.Active = f.Now.Unix()
			found = append(found, m)
		}
	}
	follow := l.Next
	switch {
	case follow != nil && t.Read < pages && at.Page < deepest:
	case follow != nil && l.Last != nil && t.Read == pages && at.Page+1 == pages && len(t.Pages) < pages: // too long: go to where people write
		follow, t.Gap = l.Last, at.Page+1
	case follow != nil && at.Page < deepest:
		t.Long, t.Pages = true, append(t.Pages[:at.Page:at.Page], follow.String())
		return found, Step{}, true
	default:
		t.Pages = t.Pages[:min(len(t.Pages), at.Page)]
		return found, Step{}, true
	}
	if follow.String() == t.URL || slices.Contains(t.Pages[:min(at.Page, len(t.Pages))], follow.String()) { // in a circle
		t.Pages = t.Pages[:min(len(t.Pages), at.Page)]
		return found, Step{}, true
	}
	if len(t.Pages) > at.Page {
		t.Pages[at.Page] = follow.String()
	} else {
		t.Pages = append(t.Pages[:at.Page:at.Page], follow.String())
	}
	return found, Step{Thread: at.Thread, Page: at.Page + 1, URL: follow.String()}, false
}

// Finish closes the round and returns what is now surely deleted: what neither
// this round nor the one before showed, both of them over all watched pages,
// because posts move between pages while they are read.
func (t *Thread) Finish(pages int, f Frame) (gone []message.Message) {
	t.At, t.Whole = f.Now.Unix(), false
	if t.Long {
		t.At, t.Long = 0, false
	}
	var ids []string
	for id, it := range t.Posts {
		switch {
		case it.Page < len(t.Pages)-pages: // behind what is watched
			delete(t.Posts, id)
		case it.Round != t.Round && !it.Gone && it.Page >= t.Start:
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		it := t.Posts[id]
		if !t.Checked || !it.Missed {
			it.Missed = t.Checked
			t.Whole, t.At = true, 0
			continue
		}
		gone = append(gone, t.lost(id, it.Lose(), f))
		t.Active = f.Now.Unix()
	}
	return gone
}

// Absent notes that the site says that there is no such thread. The second time
// its root is deleted; what was said under it was said.
func (t *Thread) Absent(f Frame) (gone []message.Message) {
	t.At = f.Now.Unix()
	if t.Missed++; t.Missed < 2 {
		t.At = 0
		return nil
	}
	if t.Gone {
		return nil
	}
	t.Gone, t.Active = true, f.Now.Unix()
	if it := t.Posts[t.Root]; it != nil && !it.Gone && t.Root != "" {
		gone = append(gone, t.lost(t.Root, it.Lose(), f))
	}
	return gone
}

// Back notes that the page is there.
func (t *Thread) Back() { t.Missed, t.Gone = 0, false }

// Strange reports whether a page that shows no posts is more likely another page
// than an empty thread: then nothing is concluded from it.
func (t *Thread) Strange(l Look) bool {
	known := 0
	for _, it := range t.Posts {
		if !it.Gone {
			known++
		}
	}
	if len(l.Posts) > 0 || l.Area || known <= 3 && t.Root == "" {
		t.Empty = 0
		return false
	}
	t.Empty++
	return true
}

// native returns the native id of a post.
func (t *Thread) native(id string, f Frame) string { return f.Thread + "#" + id }

func (t *Thread) root(f Frame) string {
	if f.Root != "" {
		return f.Root
	}
	return t.native(t.Root, f)
}

func (t *Thread) message(p Post, f Frame) message.Message {
	m := message.Message{
		Source: f.Source, Channel: f.Channel, Form: message.Comment, Native: t.native(p.ID, f), Thread: t.root(f), URL: p.Link,
		Author: p.AuthorID, AuthorName: p.Author, Text: p.Text, PublishedAt: p.Date, SeenAt: f.Now,
	}
	if m.PublishedAt.IsZero() || m.PublishedAt.After(f.Now) {
		m.PublishedAt = f.Now
	}
	if m.Native == m.Thread {
		m.Form, m.Thread = message.Post, ""
		return m
	}
	if t.Posts[p.Parent] != nil && p.Parent != p.ID {
		m.Parent = t.native(p.Parent, f)
	}
	return m
}

func (t *Thread) lost(id string, rev message.Revision, f Frame) message.Message {
	m := t.message(Post{ID: id, Link: t.URL}, f)
	m.Event, m.Revision, m.PublishedAt = message.Deleted, rev, time.Time{}
	return m
}

// Key names a thread by its address, without the host.
func Key(u *url.URL) string {
	c := *u
	c.Host = "x"
	key := cmp.Or(web.Name(&c)[2:], "/")
	if len(key) > 160 {
		return "x" + short(key)
	}
	return key
}
