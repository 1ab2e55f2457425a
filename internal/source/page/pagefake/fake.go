// Package pagefake is a small forum of the old kind: an http.Handler that shows
// topics and posts in windows-1251, page by page, and takes what a visitor
// writes. It has no API, as forums have none. Recipe is the recipe that reads it.
//
// Topic, Post, Edit, Delete and Restore change it as people would; Fail spoils
// the next page. All links are relative, so it may stand under any prefix with
// a slash at the end.
package pagefake

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
)

// Recipe reads the forum.
const Recipe = `{
  "threads": {"row": "tr.topic", "link": "a.title", "mark": ".last", "area": "main.topics", "next": "a.older", "pages": 5},
  "posts": {"post": "div.post", "id": {"find": "@id", "match": "p(\\d+)"}, "author": ".author", "author_id": {"find": ".author@href", "match": "u=(\\d+)"},
    "date": ".date", "text": ".text", "omit": [".quote"], "link": "a.self", "parent": {"find": "a.answers@href", "match": "#p(\\d+)"}, "next": "a.next", "last": "a.last", "pages": 10},
  "dates": "ДД.ММ.ГГГГ, чч:мм", "zone": "Asia/Krasnoyarsk"
}`

// Options describe the forum.
type Options struct {
	Name         string           // «Форум Лесной улицы»
	Now          func() time.Time // nil: time.Now
	PerPage      int              // posts on a page; 0: 20
	Snapshot     string           // file that keeps it over a restart; "" = memory alone
	ReadOnlyPage bool             // visitors cannot write
	Zone         *time.Location   // of the dates that it shows; nil: Asia/Krasnoyarsk
}

// A Trouble is a way in which the next page goes wrong.
type Trouble string

// Troubles.
const (
	Down    Trouble = "down"    // HTTP 502
	Busy    Trouble = "busy"    // HTTP 429
	Closed  Trouble = "closed"  // HTTP 403
	Garbage Trouble = "garbage" // bytes that are no page
	Huge    Trouble = "huge"    // a page without end
	Odd     Trouble = "odd"     // another page: the site is being repaired
)

// A Fake is a forum. Its methods may be called at any time.
type Fake struct {
	opts  Options
	mux   http.Handler
	pages *fakepage.Pages

	mu       sync.Mutex
	state    state
	kept     fakenet.Snapshot
	troubles []Trouble
}

type state struct {
	Last   int64            `json:"last"` // topics and posts take ids from one counter
	People map[string]int64 `json:"people"`
	Topics []*topic         `json:"topics"` // oldest first
}

type topic struct {
	ID      int64   `json:"id"`
	Title   string  `json:"title"`
	Deleted bool    `json:"deleted,omitempty"`
	Posts   []*post `json:"posts"`
}

type post struct {
	ID      int64  `json:"id"`
	Author  string `json:"author"`
	At      int64  `json:"at"` // Unix s
	Text    string `json:"text"`
	Answers int64  `json:"answers,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
}

// New returns a forum, with what its snapshot holds.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PerPage <= 0 {
		o.PerPage = 20
	}
	if o.Name == "" {
		o.Name = "Городской форум"
	}
	if o.Zone == nil {
		var err error
		if o.Zone, err = time.LoadLocation("Asia/Krasnoyarsk"); err != nil {
			return nil, fmt.Errorf("pagefake: %w", err)
		}
	}
	f := &Fake{opts: o}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("pagefake: %w", err)
	}
	if f.state.People == nil {
		f.state.People = map[string]int64{}
	}
	return f, f.routes()
}

// Topic opens a topic with its first post and returns their ids.
func (f *Fake) Topic(author, title, text string) (id, first int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Last++
	t := &topic{ID: f.state.Last, Title: title}
	f.state.Topics = append(f.state.Topics, t)
	first = f.add(t, author, text, 0)
	f.save()
	return t.ID, first
}

// Topics returns the topics that are shown, the newest first.
func (f *Fake) Topics() (ids []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range slices.Backward(f.state.Topics) {
		if !t.Deleted {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// Post adds a post to a topic. answers is the post that it answers, or 0.
func (f *Fake) Post(topicID int64, author, text string, answers int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.topic(topicID)
	if t == nil {
		return 0, fault.New(fault.NotFound, "pagefake: no topic %d", topicID)
	}
	id := f.add(t, author, text, answers)
	f.save()
	return id, nil
}

func (f *Fake) add(t *topic, author, text string, answers int64) int64 {
	f.state.Last++
	if f.state.People[author] == 0 {
		f.state.People[author] = int64(len(f.state.People) + 1)
	}
	t.Posts = append(t.Posts, &post{ID: f.state.Last, Author: author, At: f.opts.Now().Unix(), Text: text, Answers: answers})
	return f.state.Last
}

// Edit changes the text of a post.
func (f *Fake) Edit(id int64, text string) error {
	return f.change(id, func(p *post, _ *topic) { p.Text = text })
}

// Delete takes a post away, with its topic if it is the first one.
func (f *Fake) Delete(id int64) error { return f.remove(id, true) }

// Restore brings back what Delete took away.
func (f *Fake) Restore(id int64) error { return f.remove(id, false) }

func (f *Fake) remove(id int64, gone bool) error {
	return f.change(id, func(p *post, t *topic) {
		if t.Posts[0] == p {
			t.Deleted = gone
		} else {
			p.Deleted = gone
		}
	})
}

func (f *Fake) change(id int64, do func(*post, *topic)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.state.Topics {
		for _, p := range t.Posts {
			if p.ID == id {
				do(p, t)
				f.save()
				return nil
			}
		}
	}
	return fault.New(fault.NotFound, "pagefake: no post %d", id)
}

// TopicOf returns the topic of a post; 0 for none.
func (f *Fake) TopicOf(id int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.state.Topics {
		for _, p := range t.Posts {
			if p.ID == id {
				return t.ID
			}
		}
	}
	return 0
}

// Fail spoils the next page.
func (f *Fake) Fail(t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles = append(f.troubles, t)
}

func (f *Fake) topic(id int64) *topic {
	for _, t := range f.state.Topics {
		if t.ID == id && !t.Deleted {
			return t
		}
	}
	return nil
}

// shown returns the posts that the topic shows.
func (t *topic) shown() (out []*post) {
	for _, p := range t.Posts {
		if !p.Deleted {
			out = append(out, p)
		}
	}
	return out
}

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }
