package vk

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// A backward is where the reading of a wall's past stands.
type backward struct {
	Offset int    `json:"o,omitempty"` // posts from the newest
	Oldest int64  `json:"d,omitempty"` // when the last of them was written, Unix seconds
	End    bool   `json:"e,omitempty"` // there are no more
	Queue  []step `json:"q,omitempty"` // pages of comments still to be read
}

// Calls of one step back, and how far the pages of posts overlap: a post that is deleted
// meanwhile moves the others one up.
const (
	backCalls   = 3
	backPosts   = 50
	backOverlap = 3
)

var _ source.Historian = (*Wall)(nil)

// Earlier implements source.Historian: posts written since, with their comments. Comments of
// these days under older posts are not found: VK lists comments by post alone.
func (w *Wall) Earlier(ctx context.Context, since time.Time, position []byte) (source.Past, error) {
	var b backward
	if len(position) > 0 && json.Unmarshal(position, &b) != nil {
		b = backward{}
	}
	p := &poll{Wall: w, cursor: &cursor{Posts: map[int64]*postState{}, Queue: b.Queue}, names: Names{}}
	for calls := backCalls; calls > 0; calls-- {
		if len(p.cursor.Queue) == 0 {
			if b.End {
				break
			}
			if err := p.older(ctx, &b, since); err != nil {
				return p.past(b, since, err)
			}
			continue
		}
		s := p.cursor.Queue[0]
		if p.cursor.Posts[s.Post] == nil {
			p.cursor.Posts[s.Post] = &postState{}
		}
		if err := p.page(ctx, s); closed(err) {
			p.cursor.drop(s.Post)
		} else if err != nil {
			return p.past(b, since, err)
		}
	}
	return p.past(b, since, nil)
}

// past is what a step brought; what was read before a call failed is good.
func (p *poll) past(b backward, since time.Time, err error) (source.Past, error) {
	if err != nil && len(p.found) == 0 {
		return source.Past{}, err
	}
	out := source.Past{More: !b.End || len(p.cursor.Queue) > 0}
	for _, m := range p.found {
		if m.Event != message.Deleted && !m.PublishedAt.Before(since) {
			out.Messages = append(out.Messages, m)
		}
	}
	if b.Oldest > 0 && len(p.cursor.Queue) == 0 {
		out.Reached = time.Unix(b.Oldest, 0).UTC()
	}
	b.Queue = p.cursor.Queue
	out.Position, err = json.Marshal(b)
	return out, err
}

// older reads the next page of posts and queues their comments.
func (p *poll) older(ctx context.Context, b *backward, since time.Time) error {
	params := url.Values{"filter": {"all"}, "extended": {"1"}}
	set(params, "owner_id", p.owner())
	set(params, "count", backPosts)
	set(params, "offset", int64(b.Offset))
	var out page
	if err := p.read(ctx, "wall.get", params, &out); err != nil {
		return err
	}
	p.names.Add(out.Profiles, out.Groups)
	b.End = len(out.Items) < backPosts
	for _, raw := range out.Items {
		var it item
		if json.Unmarshal(raw, &it) != nil || it.ID == 0 || it.PostType == "suggest" || it.PostType == "postpone" {
			continue
		}
		if int64(it.Date) < since.Unix() {
			b.End = b.End || !bool(it.Pinned) // a pinned one stands above newer ones
			continue
		}
		if !it.Pinned {
			b.Oldest = int64(it.Date)
		}
		p.found1(post(&it, p.frame(p.names)))
		if it.replies().Count > 0 {
			p.cursor.Queue = append(p.cursor.Queue, step{Post: int64(it.ID)})
		}
	}
	b.Offset += max(len(out.Items)-backOverlap, 1)
	return nil
}
