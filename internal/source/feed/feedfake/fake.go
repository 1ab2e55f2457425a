// Package feedfake is a small news site: an http.Handler with a feed, a sitemap,
// articles, and comments below them that a visitor writes. It has no API, as
// such sites have none. Comments is the recipe that reads the comments.
//
// Publish, Comment, Edit, Delete and Restore change it as people would; Fail
// spoils the next page. All links are relative, so it may stand under any prefix
// with a slash at the end.
package feedfake

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

// Comments is the recipe of the comments below an article.
const Comments = `{"posts": {"post": "div.comment", "id": "@id", "author": ".who", "date": "time", "text": ".said", "link": "a.self", "area": "section.comments", "next": "a.more", "pages": 20}}`

// Options describe the site.
type Options struct {
	Name         string           // «Вести Лесной улицы»
	Now          func() time.Time // nil: time.Now
	PerPage      int              // comments of the first level on a page; 0: 50
	InFeed       int              // newest articles that the feed shows; 0: 30
	Snapshot     string           // file that keeps it over a restart; "" = memory alone
	ReadOnlyPage bool             // visitors cannot write
	Robots       string           // robots.txt; "" = there is none
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

// A Fake is a news site. Its methods may be called at any time.
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
	Last     int64      `json:"last"` // articles and comments take ids from one counter
	Articles []*article `json:"articles"`
}

type article struct {
	ID       int64      `json:"id"`
	Title    string     `json:"title"`
	Text     string     `json:"text"`
	At       int64      `json:"at"` // Unix s
	Deleted  bool       `json:"deleted,omitempty"`
	Comments []*comment `json:"comments"`
}

type comment struct {
	ID      int64  `json:"id"`
	Answers int64  `json:"answers,omitempty"`
	Author  string `json:"author"`
	At      int64  `json:"at"`
	Text    string `json:"text"`
	Deleted bool   `json:"deleted,omitempty"`
}

// New returns a site, with what its snapshot holds.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PerPage <= 0 {
		o.PerPage = 50
	}
	if o.InFeed <= 0 {
		o.InFeed = 30
	}
	if o.Name == "" {
		o.Name = "Городские вести"
	}
	f := &Fake{opts: o}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("feedfake: %w", err)
	}
	return f, f.routes()
}

// Publish writes an article. Without a title its text begins it.
func (f *Fake) Publish(title, text string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Last++
	f.state.Articles = append(f.state.Articles, &article{ID: f.state.Last, Title: title, Text: text, At: f.opts.Now().Unix()})
	f.save()
	return f.state.Last
}

// Articles returns the articles that are shown, newest first.
func (f *Fake) Articles() (ids []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range slices.Backward(f.state.Articles) {
		if !a.Deleted {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// Comment writes below an article. answers is the comment that it answers, or 0.
func (f *Fake) Comment(articleID, answers int64, author, text string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.article(articleID)
	if a == nil {
		return 0, fault.New(fault.NotFound, "feedfake: no article %d", articleID)
	}
	f.state.Last++
	a.Comments = append(a.Comments, &comment{ID: f.state.Last, Answers: answers, Author: author, At: f.opts.Now().Unix(), Text: text})
	f.save()
	return f.state.Last, nil
}

// Edit changes the text of an article or a comment.
func (f *Fake) Edit(id int64, text string) error {
	return f.change(id, func(a *article) { a.Text = text }, func(c *comment) { c.Text = text })
}

// Delete takes an article or a comment away.
func (f *Fake) Delete(id int64) error {
	return f.change(id, func(a *article) { a.Deleted = true }, func(c *comment) { c.Deleted = true })
}

// Restore brings back what Delete took away.
func (f *Fake) Restore(id int64) error {
	return f.change(id, func(a *article) { a.Deleted = false }, func(c *comment) { c.Deleted = false })
}

func (f *Fake) change(id int64, ofArticle func(*article), ofComment func(*comment)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.state.Articles {
		if a.ID == id {
			ofArticle(a)
			f.save()
			return nil
		}
		for _, c := range a.Comments {
			if c.ID == id {
				ofComment(c)
				f.save()
				return nil
			}
		}
	}
	return fault.New(fault.NotFound, "feedfake: neither article nor comment %d", id)
}

// Fail spoils the next page.
func (f *Fake) Fail(t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles = append(f.troubles, t)
}

func (f *Fake) article(id int64) *article {
	for _, a := range f.state.Articles {
		if a.ID == id && !a.Deleted {
			return a
		}
	}
	return nil
}

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }
