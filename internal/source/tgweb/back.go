package tgweb

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

var _ source.Historian = (*Channel)(nil)

// A backward is where the reading of a channel's past stands.
type backward struct {
	Before int64     `json:"b,omitempty"` // the next page is that of posts before this id; 0: the newest
	Oldest time.Time `json:"d,omitzero"`  // when the last post was written
	End    bool      `json:"e,omitempty"` // there are no more posts
	Queue  []int64   `json:"q,omitempty"` // posts whose comments are still to be read
}

// parseBackward takes a damaged position for none. Before comments were read it was a number.
func parseBackward(position []byte) (b backward) {
	if before, err := strconv.ParseInt(string(position), 10, 64); err == nil {
		return backward{Before: max(before, 0)}
	}
	if len(position) > 0 && json.Unmarshal(position, &b) != nil || b.Before < 0 {
		return backward{}
	}
	return b
}

// Earlier implements source.Historian: one page of older posts, or of the comments under one
// of them where comments are read at all.
func (c *Channel) Earlier(ctx context.Context, since time.Time, position []byte) (source.Past, error) {
	b := parseBackward(position)
	if !c.Talks {
		b.Queue = nil
	}
	r := &round{Channel: c, cur: &cursor{}}
	step := r.earlierPosts
	if len(b.Queue) > 0 {
		step = r.earlierTalk
	}
	if !b.End || len(b.Queue) > 0 {
		if err := step(ctx, since, &b); err != nil {
			return source.Past{}, err
		}
	}
	out := source.Past{Messages: r.messages, More: !b.End || len(b.Queue) > 0}
	if len(b.Queue) == 0 {
		out.Reached = b.Oldest
	}
	var err error
	out.Position, err = json.Marshal(b)
	return out, err
}

// earlierPosts reads one page of older posts.
func (r *round) earlierPosts(ctx context.Context, since time.Time, b *backward) error {
	page, err := r.page(ctx, b.Before)
	if err != nil {
		return err
	}
	if b.Before > 0 && page.Older >= b.Before {
		return trouble(changed("older posts that are none"))
	}
	b.End = page.Older == 0 || len(page.Posts) == 0
	for k := range page.Posts {
		p := &page.Posts[k]
		if p.At.Before(since) {
			b.End = b.End || !p.At.IsZero()
			continue
		}
		if r.see(*p); r.Talks && !p.Service {
			b.Queue = append(b.Queue, p.ID)
		}
	}
	if len(page.Posts) > 0 && !page.Posts[0].At.IsZero() {
		b.Oldest = page.Posts[0].At
	}
	b.Before = page.Older
	return nil
}

// earlierTalk reads the comments of the next post.
func (r *round) earlierTalk(ctx context.Context, since time.Time, b *backward) error {
	id := native(b.Queue[0])
	list, _, err := r.comments(ctx, id)
	switch {
	case errors.Is(err, errNoTalk), errors.Is(err, errNoPreview): // none are shown, or the post is gone
	case err != nil:
		return trouble(err)
	}
	for _, p := range list {
		if p.At.Before(since) {
			continue
		}
		m := r.commented(p, id)
		if m.Event, m.Revision = message.Written, message.HashOf(m.Text); m.Text != "" || len(m.Attachments) > 0 {
			r.messages = append(r.messages, m)
		}
	}
	b.Queue = b.Queue[1:]
	return nil
}

// comments reads the page of a post's discussion.
func (r *round) comments(ctx context.Context, id string) (list []Post, cut bool, err error) {
	body, err := r.get(ctx, r.base()+r.Name+"/"+id+"?embed=1&discussion=1&comments_limit="+strconv.Itoa(talkLimit))
	if err != nil {
		return nil, false, err
	}
	return Comments(body, talkLimit)
}

// commented returns a comment under a post as a message.
func (r *round) commented(p Post, id string) message.Message {
	m := r.message(p, id+"_c"+native(p.ID))
	m.Form, m.Thread, m.Author = message.Comment, id, m.AuthorName
	m.URL = r.base() + r.Name + "/" + id + "?comment=" + native(p.ID)
	if p.ReplyTo > 0 && p.ReplyTo != p.ID {
		m.Parent = id + "_c" + native(p.ReplyTo)
	}
	return m
}
