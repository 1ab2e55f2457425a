package ok

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source"
)

// A backward is where the reading of a group's past stands.
type backward struct {
	Anchor string `json:"a,omitempty"` // of the list of topics, then of that of other discussions
	Anew   int    `json:"w,omitempty"` // times that a list was begun again: its anchor was taken no more
	Oldest int64  `json:"d,omitempty"` // when the last topic was written, Unix ms
	Topics bool   `json:"t,omitempty"` // the topics are all read
	End    bool   `json:"e,omitempty"` // the other discussions are, too
	Queue  []step `json:"q,omitempty"` // pages of comments still to be read
}

const (
	backCalls = 3 // of one step
	backAnew  = 3
	backPage  = 50 // topics
)

var _ source.Historian = (*Group)(nil)

// Earlier implements source.Historian: topics written since, with their comments of these
// days, and comments under photos and videos where these are read. Comments of these days
// under older topics are not found: OK tells no time of a topic's last comment.
func (g *Group) Earlier(ctx context.Context, since time.Time, position []byte) (source.Past, error) {
	var b backward
	if len(position) > 0 && json.Unmarshal(position, &b) != nil {
		b = backward{}
	}
	p := &poll{Group: g, cursor: &cursor{}, names: names{}}
	var err error
	for calls := backCalls; calls > 0 && err == nil && !b.done(); calls-- {
		switch {
		case len(b.Queue) > 0:
			err = p.earlierComments(ctx, &b, since)
		case !b.Topics:
			err = p.earlierTopics(ctx, &b, since)
		case g.Others:
			err = p.earlierOthers(ctx, &b)
		default:
			b.End = true
		}
	}
	if err != nil && len(p.found) == 0 {
		return source.Past{}, err
	}
	order.By(p.found, func(a, b message.Message) int { return a.PublishedAt.Compare(b.PublishedAt) })
	out := source.Past{Messages: p.found, More: !b.done()}
	if len(b.Queue) == 0 {
		out.Reached = ms(number(b.Oldest))
	}
	out.Position, err = json.Marshal(b)
	return out, err
}

// done reports whether nothing is left to be read.
func (b *backward) done() bool { return b.Topics && b.End && len(b.Queue) == 0 }

// anew begins a list again whose anchor is taken no more: they are kept over a restart, and
// how long one is good nobody tells. What comes twice intake knows.
func (b *backward) anew(err error) error {
	if !closed(err) || b.Anchor == "" || b.Anew >= backAnew {
		return err
	}
	b.Anchor, b.Anew = "", b.Anew+1
	return nil
}

// earlierTopics reads the next page of topics and queues their comments.
func (p *poll) earlierTopics(ctx context.Context, b *backward, since time.Time) error {
	all, next, err := p.list(ctx, b.Anchor, backPage)
	if err != nil {
		return b.anew(err)
	}
	recent := len(all) == 0 // an empty page with more behind it happens
	for k := range all {
		t := &all[k]
		m := p.post(t, p.names)
		if m.PublishedAt.Before(since) {
			continue // a pinned one stands above newer ones
		}
		recent = true
		if at := int64(t.Created); b.Oldest == 0 || at < b.Oldest {
			b.Oldest = at
		}
		if m.Text != "" || len(m.Attachments) > 0 {
			p.news(m)
		}
		if t.comments() > 0 {
			b.Queue = append(b.Queue, step{Root: m.Native, Anchor: "LAST", Newest: true})
		}
	}
	b.Anchor, b.Topics = next, next == "" || !recent
	if b.Topics {
		b.Anchor, b.End = "", !p.Others
	}
	return nil
}

// earlierOthers reads the next page of the other discussions and queues their comments.
func (p *poll) earlierOthers(ctx context.Context, b *backward) error {
	all, next, err := p.discussions(ctx, b.Anchor)
	if err != nil {
		return b.anew(err)
	}
	for _, d := range all {
		if d.Count > 0 {
			b.Queue = append(b.Queue, step{Root: d.root(), Anchor: "LAST", Newest: true})
		}
	}
	b.Anchor, b.End = next, next == ""
	return nil
}

// earlierComments reads a page of a discussion, from the newest comment down to since.
func (p *poll) earlierComments(ctx context.Context, b *backward, since time.Time) error {
	s := b.Queue[0]
	root, err := parseRef(s.Root)
	if err != nil || root.Comment != "" {
		b.Queue = b.Queue[1:]
		return nil //nolint:nilerr // of a damaged position
	}
	out, err := p.comments(ctx, root, s.Anchor, true)
	if closed(err) { // these alone cannot be read
		b.Queue = b.Queue[1:]
		return nil
	}
	if err != nil {
		return err
	}
	p.names.add(out.Entities)
	old := false
	for _, c := range decoded(out.Comments) {
		m := p.comment(&c, root, p.names)
		switch {
		case !c.stands():
		case m.PublishedAt.Before(since):
			old = old || !m.PublishedAt.IsZero()
		case m.Text != "" || len(m.Attachments) > 0:
			m.Event = message.Written
			p.news(m)
		}
	}
	if next := out.next(s.Anchor); next != "" && !old {
		b.Queue[0].Anchor = next
		return nil
	}
	b.Queue = slices.Delete(b.Queue, 0, 1)
	return nil
}
