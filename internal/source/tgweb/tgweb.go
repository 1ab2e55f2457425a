// Package tgweb reads public channels of Telegram by their pages for browsers
// (t.me/s/NAME): posts with their words, times and pictures, without a bot and without an
// account. It writes nothing. Start with Open, or with Channel.
//
// The pages are no API and may look different any day. Whatever cannot be told for sure is
// the error «the page has changed», and never a channel without posts.
//
// Native ids: «123» a post, «123_c45» a comment under it. Pages show no time of an edit: a
// revision is a hash, chained once the words change (package wall). An edit or a deletion
// is noticed as long as the post stands on the pages that are read anew.
package tgweb

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/wall"
)

// Host is where the pages are.
const Host = "https://t.me/"

// FileHosts are where Telegram keeps the pictures of its pages.
var FileHosts = []string{"telesco.pe", "cdn-telegram.org", "telegram-cdn.org"}

// A Channel is a source.Puller. Only Name is required.
type Channel struct {
	Name    string // user name, without «@»
	Source  string // «tgweb:name» when empty
	BaseURL string // Host when empty
	HTTP    *http.Client
	Pace    *Pace // shared by all channels of a host; own one when nil
	Now     func() time.Time
	Own     bool // a channel of ours

	Pages  int           // newest pages that are read each time; 1
	Back   int           // pages that are read at the first time; 1
	Talks  bool          // comments are read too, as far as the page shows them
	Reread time.Duration // how often a post's comments are read anew; 10 min

	mu      sync.Mutex
	own     Pace
	noTalks time.Time // until then comments are left alone: their page could not be read
}

// A cursor is what the channel looked like when it was last read.
type cursor struct {
	wall.Wall
	Last int64 `json:"l,omitempty"` // newest post that was seen
	Hole *hole `json:"h,omitempty"` // pages still to be read
}

// A hole is what newer posts have pushed off the newest page before it was read.
type hole struct {
	Before int64 `json:"b"`           // read from here back
	Until  int64 `json:"u"`           // to here, known by now
	Pages  int   `json:"n,omitempty"` // and not more than so many; 0 = no bound
}

func parse(b []byte) *cursor {
	c := &cursor{}
	if len(b) > 0 && json.Unmarshal(b, c) != nil {
		c = &cursor{}
	}
	c.Tidy()
	if c.Hole != nil && (c.Hole.Before <= 0 || c.Hole.Until < 0 || c.Hole.Pages < 0) {
		c.Hole = nil
	}
	c.Last = max(c.Last, 0)
	return c
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("tgweb: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}

// ID implements source.Puller.
func (c *Channel) ID() string { return cmp.Or(c.Source, SourceID(c.Name)) }

const (
	talkLimit = 100       // comments of one page, Telegram's most
	talkPosts = 10        // newest posts whose comments are read
	talkRest  = time.Hour // after a page of comments that could not be read
	rereadAt  = 10 * time.Minute
)

// Poll implements source.Puller: the newest pages, or the next page of a hole, and at most
// one page of comments.
func (c *Channel) Poll(ctx context.Context, stored []byte) (source.Batch, error) {
	if err := ctx.Err(); err != nil {
		return source.Batch{}, err
	}
	r := &round{Channel: c, cur: parse(stored)}
	step := r.newest
	if r.cur.Hole != nil {
		step = r.fill
	}
	if err := step(ctx); err != nil {
		return source.Batch{}, err
	}
	more := r.cur.Hole != nil
	if c.Talks && !more {
		again, err := r.talk(ctx)
		if err != nil && len(r.messages) == 0 { // posts are stored first; the failure is told next time
			return source.Batch{}, err
		}
		more = again
	}
	return source.Batch{Messages: r.messages, Cursor: r.cur.bytes(), More: more}, nil
}

// A round is one Poll under way.
type round struct {
	*Channel
	cur      *cursor
	messages []message.Message
}

// newest reads the newest pages: what is new, edited, or gone.
func (r *round) newest(ctx context.Context) error {
	shown := map[string]bool{}
	known := r.cur.Last
	var oldest *Post
	var older int64
	for k := range max(r.Pages, 1) {
		page, err := r.page(ctx, older)
		if err != nil {
			return err
		}
		if k == 0 && len(page.Posts) == 0 && known > 0 {
			return trouble(changed("an empty channel that was not"))
		}
		for _, p := range page.Posts {
			shown[native(p.ID)] = true
			r.see(p)
		}
		if len(page.Posts) > 0 {
			oldest = &page.Posts[0]
		}
		if older = page.Older; older == 0 {
			break
		}
	}
	if oldest == nil {
		return nil
	}
	for id := range r.cur.Posts { // what newer posts have pushed off is forgotten, not gone
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || n < oldest.ID && older != 0 {
			delete(r.cur.Posts, id)
		}
	}
	for _, id := range r.cur.Unseen(shown, 0) {
		n, _ := strconv.ParseInt(id, 10, 64)
		r.messages = append(r.messages, message.Message{
			Source: r.ID(), Channel: message.Telegram, Form: message.Post, Native: id, Event: message.Deleted, SeenAt: r.now(),
			Revision: r.cur.Post(id).Revision(), URL: r.link(n),
		})
	}
	switch {
	case older == 0:
	case known == 0 && r.Back > max(r.Pages, 1):
		r.cur.Hole = &hole{Before: older, Pages: r.Back - max(r.Pages, 1)}
	case known > 0 && oldest.ID > known+1:
		r.cur.Hole = &hole{Before: older, Until: known}
	}
	return nil
}

// fill reads one page of the hole.
func (r *round) fill(ctx context.Context) error {
	h := r.cur.Hole
	page, err := r.page(ctx, h.Before)
	if err != nil {
		return err
	}
	if page.Older >= h.Before {
		return trouble(changed("older posts that are none"))
	}
	for _, p := range page.Posts {
		if p.ID > h.Until {
			r.see(p)
		}
	}
	h.Before = page.Older
	if h.Pages > 0 {
		if h.Pages--; h.Pages == 0 {
			r.cur.Hole = nil
			return nil
		}
	}
	if page.Older == 0 || len(page.Posts) == 0 || page.Posts[0].ID <= h.Until+1 {
		r.cur.Hole = nil
	}
	return nil
}

func (r *round) page(ctx context.Context, before int64) (*Page, error) {
	address := r.base() + "s/" + r.Name
	if before > 0 {
		address += "?before=" + strconv.FormatInt(before, 10)
	}
	body, err := r.get(ctx, address)
	if err != nil {
		return nil, err
	}
	p, err := Parse(body, r.Name)
	if err != nil {
		return nil, trouble(err)
	}
	return p, nil
}

// see notes a post and keeps it when it is news.
func (r *round) see(p Post) {
	r.cur.Last = max(r.cur.Last, p.ID)
	if p.Service {
		return
	}
	m := r.message(p, native(p.ID))
	m.Form, m.URL, m.Own = message.Post, r.link(p.ID), r.Own
	if p.ReplyTo > 0 && p.ReplyTo != p.ID {
		m.Parent = native(p.ReplyTo)
	}
	post := r.cur.Post(m.Native)
	post.Stir(p.At)
	if post.See(&m, 0, "") {
		r.messages = append(r.messages, m)
	}
}

func (r *round) message(p Post, id string) message.Message {
	m := message.Message{
		Source: r.ID(), Channel: message.Telegram, Native: id, Author: r.Name, AuthorName: p.Author, Text: p.Text, PublishedAt: p.At, SeenAt: r.now(),
	}
	for k, address := range p.Photos {
		m.Attachments = append(m.Attachments, attachment.Ref{Kind: attachment.Photo, Name: "photo" + id + "_" + strconv.Itoa(k+1), URL: address})
	}
	for k := range p.Videos {
		m.Attachments = append(m.Attachments, attachment.Ref{Kind: attachment.Video, Name: "video" + id + "_" + strconv.Itoa(k+1), URL: r.link(p.ID)})
	}
	for k, title := range p.Files {
		m.Attachments = append(m.Attachments, attachment.Ref{Kind: attachment.Link, Name: "file" + id + "_" + strconv.Itoa(k+1), URL: r.link(p.ID), Title: title})
	}
	if p.FromURL != "" {
		m.Attachments = append(m.Attachments, attachment.Ref{Kind: attachment.Link, URL: p.FromURL, Title: "Переслано: " + p.From})
	}
	m.Attachments = attachment.Tidy(m.Attachments)
	return m
}

// talk reads the comments of the post whose turn it is. again says that another one waits.
func (r *round) talk(ctx context.Context) (again bool, err error) {
	now := r.now()
	r.mu.Lock()
	resting := now.Before(r.noTalks)
	r.mu.Unlock()
	if resting {
		return false, nil
	}
	due := r.due(now)
	if len(due) == 0 {
		return false, nil
	}
	id := due[0]
	post := r.cur.Posts[id]
	list, cut, err := r.comments(ctx, id)
	if errors.Is(err, errNoTalk) {
		list, cut, err = nil, true, nil // without comments: nothing is called deleted by that
	}
	if err != nil {
		r.mu.Lock()
		r.noTalks = now.Add(talkRest)
		r.mu.Unlock()
		return false, trouble(err)
	}
	post.Begin()
	for _, p := range list {
		m := r.commented(p, id)
		if post.Comment(native(p.ID)).See(&m, post.Rounds, "") {
			post.Stir(now)
			r.messages = append(r.messages, m)
		}
	}
	if cut { // what is not shown may stand all the same
		post.At = now.Unix()
		return len(due) > 1, nil
	}
	for _, gone := range post.Finish(now) {
		r.messages = append(r.messages, message.Message{
			Source: r.ID(), Channel: message.Telegram, Form: message.Comment, Native: id + "_c" + gone, Thread: id, Event: message.Deleted, SeenAt: now,
			Revision: post.Comment(gone).Revision(), URL: r.base() + r.Name + "/" + id + "?comment=" + gone,
		})
	}
	return len(due) > 1, nil
}

// due returns the newest posts whose comments must be read again, newest first.
func (r *round) due(now time.Time) (ids []string) {
	for id, p := range r.cur.Posts {
		if !p.Gone {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.cur.Posts[b].Date, r.cur.Posts[a].Date), cmp.Compare(b, a))
	})
	ids = ids[:min(len(ids), talkPosts)]
	return slices.DeleteFunc(ids, func(id string) bool {
		return r.cur.Posts[id].At != 0 && !r.cur.Posts[id].Due(now, cmp.Or(r.Reread, rereadAt))
	})
}

func native(id int64) string { return strconv.FormatInt(id, 10) }

func (c *Channel) link(id int64) string { return c.base() + c.Name + "/" + native(id) }

func (c *Channel) base() string { return cmp.Or(c.BaseURL, Host) }

func (c *Channel) now() time.Time {
	if c.Now != nil {
		return c.Now().UTC()
	}
	return time.Now().UTC()
}

var _ source.Puller = (*Channel)(nil)
