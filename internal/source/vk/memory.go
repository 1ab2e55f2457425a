package vk

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"otklik/internal/message"
)

// A Memory is what the cursor of a wall tells of a post or comment.
type Memory struct {
	Listed   time.Time // when the list of the wall was asked, where a pool reads it; zero else
	Oldest   time.Time // the oldest post that is watched; zero: none is
	Post     bool      // the post is watched
	Born     time.Time // when the post was published
	PostGone bool
	Read     time.Time // when the post's comments were last read; zero: never, or they are to be read at once
	Comment  bool      // the comment was seen
	Gone     bool      // it is deleted
	Unread   bool      // it stands in a discussion, and discussions are not read
}

// Remember returns what a committed cursor tells.
func Remember(cursor []byte, ref Ref) (m Memory) {
	c := parseCursor(cursor)
	switch {
	case ref.Place == "topic" && c.Board == nil:
		return Memory{Unread: true}
	case ref.Place == "topic":
		c = c.Board
	case ref.Place != "wall":
		return m
	}
	if c.Listed != 0 {
		m.Listed = time.Unix(c.Listed, 0)
	}
	for _, p := range c.Posts {
		if born := time.Unix(p.Date, 0); m.Oldest.IsZero() || born.Before(m.Oldest) {
			m.Oldest = born
		}
	}
	p := c.Posts[ref.Item]
	if p == nil {
		return m
	}
	m.Post, m.Born, m.PostGone = true, time.Unix(p.Date, 0), p.Gone
	if p.At != 0 {
		m.Read = time.Unix(p.At, 0)
	}
	if s := p.Comments[ref.Comment]; s != nil {
		m.Comment, m.Gone = true, s.Gone
	}
	return m
}

// Look asks VK for one post of the wall or comment under it, as it stands now; found is false
// where VK shows it not. thread is the first level comment that an answer stands under, 0 for
// none. It takes one call and changes nothing.
func (w *Wall) Look(ctx context.Context, ref Ref, thread int64) (m message.Message, found bool, err error) {
	var out page
	if ref.Comment == 0 {
		id := strconv.FormatInt(ref.Owner, 10) + "_" + strconv.FormatInt(ref.Item, 10)
		err = w.read(ctx, "wall.getById", url.Values{"posts": {id}, "extended": {"1"}}, &out)
	} else {
		params := url.Values{"sort": {"asc"}, "preview_length": {"0"}, "extended": {"1"}}
		set(params, "owner_id", ref.Owner)
		set(params, "post_id", ref.Item)
		set(params, "start_comment_id", ref.Comment)
		set(params, "count", 1)
		if thread != 0 && thread != ref.Comment {
			set(params, "comment_id", thread)
		}
		err = w.read(ctx, "wall.getComments", params, &out)
	}
	if err != nil {
		return m, false, err
	}
	names := Names{}
	names.Add(out.Profiles, out.Groups)
	for _, raw := range out.Items {
		var it item
		if json.Unmarshal(raw, &it) != nil || int64(it.ID) != cmp.Or(ref.Comment, ref.Item) || it.gone() {
			continue
		}
		f := w.frame(names)
		if ref.Comment == 0 {
			return post(&it, f), true, nil
		}
		f.Post, f.First = ref.Item, thread
		return comment(&it, ref, it.frame(f)), true, nil
	}
	return m, false, nil
}
