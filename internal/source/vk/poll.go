package vk

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// Pages of the methods.
const (
	pageSize   = 100 // comments
	inlineSize = 10  // replies that come inside a first level comment
)

// round reads the newest posts and, for those whose comments may have changed,
// their comments. It notices new, edited, deleted and restored ones. A long
// wall takes several Polls: More is set until the round is done.
//
// A post's comments are read when their count changed or when Reread has passed
// since; a comment that a read of several pages does not show is called deleted
// only when the next read does not show it either, because pages shift while
// they are being read.
func (w *Wall) round(ctx context.Context, cur []byte) (source.Batch, error) {
	p := &poll{Wall: w, cursor: parseCursor(cur), names: Names{}}
	if len(p.cursor.Queue) > 0 {
		return p.run(ctx, false)
	}
	if err := p.posts(ctx); err != nil {
		return source.Batch{}, err
	}
	return p.run(ctx, true)
}

// run reads the pages that are queued. progress says that a call was made already.
func (p *poll) run(ctx context.Context, progress bool) (source.Batch, error) {
	c, calls := p.cursor, p.Calls
	if calls <= 0 {
		calls = 20
	}
	if progress {
		calls--
	}
	for len(c.Queue) > 0 {
		s := c.Queue[0]
		if s.Done {
			c.Queue = c.Queue[1:]
			p.finish(s.Post)
			continue
		}
		if calls <= 0 {
			break
		}
		calls--
		err := p.page(ctx, s)
		switch {
		case err == nil:
		case closed(err): // this post's comments alone cannot be read
			p.skip(s.Post)
		case ctx.Err() != nil:
			return source.Batch{}, ctx.Err()
		case progress: // what was read is good; the next Poll meets the error again
			return p.batch(true), nil
		default:
			return source.Batch{}, err
		}
		progress = true
	}
	return p.batch(len(c.Queue) > 0), nil
}

// A poll is one Poll under way.
type poll struct {
	*Wall
	cursor *cursor
	names  Names
	found  []message.Message
	board  bool // discussions are read, in place of the wall
}

func (p *poll) batch(more bool) source.Batch {
	return source.Batch{Messages: p.found, Cursor: p.cursor.bytes(), More: more}
}

func (p *poll) found1(m message.Message) {
	m.SeenAt = p.now().UTC()
	p.found = append(p.found, m)
}

// page is what wall.get and wall.getComments answer.
type page struct {
	Count    number `json:"count"`
	Level    number `json:"current_level_count"`
	Items    list   `json:"items"`
	Profiles list   `json:"profiles"`
	Groups   list   `json:"groups"`
}

// posts reads the newest posts and queues the reading of their comments.
func (p *poll) posts(ctx context.Context) error {
	n := p.Posts
	if n <= 0 {
		n = 30
	}
	n = min(n, 100)
	params := url.Values{"filter": {"all"}, "extended": {"1"}}
	set(params, "owner_id", p.owner())
	set(params, "count", int64(n))
	var out page
	if err := p.read(ctx, "wall.get", params, &out); err != nil {
		return err
	}
	if p.pool != nil {
		p.cursor.Listed = p.now().Unix()
	}
	p.names.Add(out.Profiles, out.Groups)
	shown := map[int64]bool{}
	oldest := int64(math.MaxInt64)
	var watched []int64
	for _, raw := range slices.Backward(out.Items) { // oldest first
		var it item
		if json.Unmarshal(raw, &it) != nil || it.ID == 0 || it.PostType == "suggest" || it.PostType == "postpone" {
			continue
		}
		id := int64(it.ID)
		shown[id] = true
		if !it.Pinned {
			oldest = min(oldest, int64(it.Date))
		}
		m := post(&it, p.frame(p.names))
		var was postState
		if s := p.cursor.Posts[id]; s != nil {
			was = *s
		}
		if p.cursor.seePost(&m, id, int64(it.replies().Count)) {
			p.found1(m)
		}
		if s := p.cursor.Posts[id]; p.pool != nil && was.At > 0 && s.Count > was.Count {
			s.At = was.At
			p.fresh(id, s.Count-was.Count)
		}
		watched = append(watched, id)
	}
	if len(out.Items) < n {
		oldest = 0 // the whole wall was shown
	}
	p.lost(shown, oldest)
	slices.Reverse(watched) // new posts are where people talk
	now := p.now()
	for _, id := range watched {
		s := p.cursor.Posts[id]
		if s.Gone || s.Count == 0 && len(s.Comments) == 0 || !p.due(s, now) {
			continue
		}
		s.Round, s.Pages = s.Round+1, 0
		p.cursor.Queue = append(p.cursor.Queue, step{Post: id}, step{Post: id, Done: true})
	}
	return nil
}

func (p *poll) due(s *postState, now time.Time) bool {
	every := p.Reread
	if every == 0 {
		every = 2 * time.Minute
	}
	since := now.Sub(time.Unix(s.At, 0))
	if p.pool != nil { // edits and deletions of others: the older, the more seldom
		every = max(every, 12*time.Hour, time.Unix(s.At, 0).Sub(time.Unix(s.Date, 0)))
	}
	return s.At == 0 || every < 0 || since >= every || since < 0
}

// lost notes the posts that were watched and are not shown.
func (p *poll) lost(shown map[int64]bool, oldest int64) {
	var ids []int64
	for id := range p.cursor.Posts {
		if !shown[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var gone []int64
	for _, id := range ids {
		s := p.cursor.Posts[id]
		if s.Date < oldest { // pushed out by newer ones
			delete(p.cursor.Posts, id)
			continue
		}
		if rev, sure := s.losePost(); sure {
			ref := Ref{Place: "wall", Owner: p.owner(), Item: id}
			p.found1(message.Message{
				Source: p.ID(), Channel: message.VK, Form: message.Post, Native: ref.String(),
				Revision: rev, Event: message.Deleted, URL: ref.Link(p.PageURL, 0), PublishedAt: unix(number(s.Date)),
			})
		}
		if s.Gone {
			s.Comments = nil
			gone = append(gone, id)
		}
	}
	for len(gone) > 100 { // a wall that is wiped clean again and again
		delete(p.cursor.Posts, gone[0])
		gone = gone[1:]
	}
}

// page reads one page of comments.
func (p *poll) page(ctx context.Context, s step) error {
	state := p.cursor.Posts[s.Post]
	if state == nil {
		p.cursor.drop(s.Post)
		return nil
	}
	if s.Fresh && state.Want <= 0 {
		p.cursor.Queue = p.cursor.Queue[1:]
		return nil
	}
	order := "asc"
	if s.Fresh && s.Thread == 0 {
		order = "desc"
	}
	out, err := p.level(ctx, s, order)
	if err != nil {
		return err
	}
	p.names.Add(out.Profiles, out.Groups)
	p.cursor.Queue = p.cursor.Queue[1:]
	if !s.Fresh {
		state.Pages++
	}
	f := p.frame(p.names)
	f.Post = s.Post
	var next []step
	for _, raw := range out.Items {
		var it item
		if json.Unmarshal(raw, &it) != nil || it.ID == 0 {
			continue
		}
		f.First = s.Thread
		p.see(state, &it, f)
		if s.Thread != 0 {
			continue
		}
		t := it.thread()
		f.First = int64(it.ID)
		for _, raw := range t.Items {
			var in item
			if json.Unmarshal(raw, &in) == nil && in.ID != 0 {
				p.see(state, &in, f)
			}
		}
		if int(t.Count) > len(t.Items) {
			next = append(next, step{Post: s.Post, Thread: int64(it.ID), Fresh: s.Fresh})
		}
	}
	if out.more(s.Offset) {
		next = append([]step{{Post: s.Post, Thread: s.Thread, Offset: s.Offset + len(out.Items), Fresh: s.Fresh}}, next...)
	}
	p.cursor.Queue = append(next, p.cursor.Queue...)
	return nil
}

// comments reads a page of a post or of a thread.
func (w *Wall) comments(ctx context.Context, s step, sort string) (page, error) {
	params := url.Values{"sort": {sort}, "preview_length": {"0"}, "extended": {"1"}}
	set(params, "owner_id", w.owner())
	set(params, "post_id", s.Post)
	set(params, "count", pageSize)
	set(params, "offset", int64(s.Offset))
	if s.Thread != 0 {
		set(params, "comment_id", s.Thread)
	} else {
		set(params, "thread_items_count", inlineSize)
	}
	var out page
	err := w.read(ctx, "wall.getComments", params, &out)
	return out, err
}

// more reports whether another page may follow. A page may be shorter than asked
// for and not be the last, so only an empty one ends the list, or a short one
// that reaches the count that VK gives for the level.
func (p *page) more(offset int) bool {
	n := len(p.Items)
	return n > 0 && (n >= pageSize || p.Level == 0 || offset+n < int(p.Level))
}

func (p *poll) see(state *postState, it *item, f Frame) {
	f = it.frame(f)
	ref := Ref{Place: p.place(), Owner: f.Owner, Item: f.Post, Comment: int64(it.ID)}
	m := comment(it, ref, f)
	if state.Comments[ref.Comment] == nil {
		state.Want--
	}
	if state.seeComment(&m, ref.Comment) {
		p.found1(m)
	}
}

// finish closes the round of a post: what it did not show is missing.
func (p *poll) finish(post int64) {
	s := p.cursor.Posts[post]
	if s == nil {
		return
	}
	s.At, s.Want = p.now().Unix(), 0
	var ids []int64
	var shown int64
	for id, c := range s.Comments {
		switch {
		case c.Gone:
		case c.Round == s.Round:
			shown++
		default:
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	whim := s.Pages > 1 || shown < s.Count
	for _, id := range ids {
		c := s.Comments[id]
		if whim && !c.Missed {
			c.Missed, s.At = true, 0
			continue
		}
		p.found1(p.vanished(c, post, id))
	}
}

// skip ends the round of a post that cannot be read, without calling anything
// deleted.
func (p *poll) skip(post int64) {
	p.cursor.drop(post)
	if s := p.cursor.Posts[post]; s != nil {
		s.At = p.now().Unix()
	}
}
