package vk

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// Discussions («Обсуждения») are topics with a flat list of comments. The first comment
// opens its topic; the topic itself is no message. Those with the newest comments are
// watched; a topic is read when its count grew, newest first, and whole from time to time
// for edits and deletions, the longer the more seldom.

// How often the list of topics is asked.
const (
	topicsEvery   = time.Minute
	topicsForeign = 10 * time.Minute // of a wall that is read by a pool
)

// boardsDue reports whether discussions are to be read now.
func (w *Wall) boardsDue(c *cursor) bool {
	if !w.Boards || w.ServiceToken == "" && w.pool == nil {
		return false
	}
	if c.Board == nil || len(c.Board.Queue) > 0 {
		return true
	}
	every := topicsEvery
	if w.pool != nil {
		every = topicsForeign
	}
	since := w.now().Sub(time.Unix(c.Board.Listed, 0))
	return since >= every || since < 0
}

// boards reads discussions as round reads the wall.
func (w *Wall) boards(ctx context.Context, c *cursor, b *source.Batch) error {
	if c.Board == nil {
		c.Board = parseCursor(nil)
	}
	p := &poll{Wall: w, cursor: c.Board, names: Names{}, board: true}
	progress := false
	if len(p.cursor.Queue) == 0 {
		if err := p.topics(ctx); err != nil {
			return err
		}
		progress = true
	}
	r, err := p.run(ctx, progress)
	b.Messages, b.More = append(b.Messages, p.found...), b.More || r.More
	return err
}

// topics asks for the newest topics and queues the reading of their comments.
func (p *poll) topics(ctx context.Context) error {
	n := p.Posts
	if n <= 0 {
		n = 30
	}
	n = min(n, 100)
	params := url.Values{"order": {"1"}} // by the newest comment
	set(params, "group_id", p.Group)
	set(params, "count", int64(n))
	var out struct {
		Items list `json:"items"`
	}
	if err := p.read(ctx, "board.getTopics", params, &out); err != nil {
		return err
	}
	now := p.now()
	p.cursor.Listed = now.Unix()
	shown := map[int64]bool{}
	for _, raw := range out.Items {
		var t struct {
			ID       number `json:"id"`
			Created  number `json:"created"`
			Updated  number `json:"updated"`
			Comments number `json:"comments"`
		}
		if json.Unmarshal(raw, &t) != nil || t.ID == 0 {
			continue
		}
		id := int64(t.ID)
		shown[id] = true
		s := p.cursor.Posts[id]
		if s == nil {
			s = &postState{Date: int64(t.Created)}
			p.cursor.Posts[id] = s
		}
		s.Missed = 0
		grown := int64(t.Comments) - s.Count
		s.Count, s.Rev = int64(t.Comments), int64(t.Updated)
		every := 10 * time.Minute * time.Duration(1+s.Count/pageSize)
		since := now.Sub(time.Unix(s.At, 0))
		switch {
		case s.At == 0, grown < 0, since >= every, since < 0:
			s.Round, s.Pages = s.Round+1, 0
			p.cursor.Queue = append(p.cursor.Queue, step{Post: id}, step{Post: id, Done: true})
		case grown > 0:
			p.fresh(id, grown)
		}
	}
	p.lostTopics(shown, len(out.Items) < n)
	return nil
}

// lostTopics forgets topics that newer ones pushed out. One that is missing from the whole
// list twice was deleted: that is told of its opening; what others said there was said.
func (p *poll) lostTopics(shown map[int64]bool, whole bool) {
	for id, s := range p.cursor.Posts {
		if shown[id] {
			continue
		}
		if s.Missed++; whole && s.Missed < 2 {
			continue
		}
		if whole && len(s.Comments) > 0 {
			first := int64(0)
			for c := range s.Comments {
				if first == 0 || c < first {
					first = c
				}
			}
			if c := s.Comments[first]; !c.Gone {
				p.found1(p.vanished(c, id, first))
			}
		}
		p.cursor.drop(id)
		delete(p.cursor.Posts, id)
	}
}

// vanished is the deletion of a comment that is not shown any more.
func (p *poll) vanished(c *commentState, item, id int64) message.Message {
	c.change(message.Deleted, "")
	ref := Ref{Place: p.place(), Owner: p.owner(), Item: item, Comment: id}
	return message.Message{
		Source: p.ID(), Channel: message.VK, Form: message.Comment, Native: ref.String(), Thread: ref.Root().String(),
		Revision: message.Revision{Hash: c.Rev}, Event: message.Deleted, URL: ref.Link(p.PageURL, 0),
	}
}

// place names where the comments of a poll stand.
func (p *poll) place() string {
	if p.board {
		return "topic"
	}
	return "wall"
}

// level reads a page of what the poll reads.
func (p *poll) level(ctx context.Context, s step, sort string) (page, error) {
	if p.board {
		return p.topic(ctx, s.Post, s.Offset, sort)
	}
	return p.comments(ctx, s, sort)
}

// topic reads a page of a topic.
func (w *Wall) topic(ctx context.Context, topic int64, offset int, sort string) (page, error) {
	params := url.Values{"sort": {sort}, "extended": {"1"}}
	set(params, "group_id", w.Group)
	set(params, "topic_id", topic)
	set(params, "count", pageSize)
	set(params, "offset", int64(offset))
	var out page
	err := w.read(ctx, "board.getComments", params, &out)
	out.Level = out.Count
	return out, err
}

// mentioned finds whom a comment of a discussion answers: VK writes it as a mention at the
// beginning.
var mentioned = regexp.MustCompile(`^\s*\[(?:(?:id|club)\d+:bp-\d+_|post)(\d{1,18})\|`)

// answered returns the comment that a text of a discussion answers, 0 for none.
func answered(text string) int64 {
	m := mentioned.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}

// discuss answers in a discussion, as the community. VK lets only a user's token do so.
func (w *Wall) discuss(ctx context.Context, ref Ref, job reply.Job) (reply.Receipt, error) {
	byHand := func(format string, args ...any) error {
		return source.Fail(source.Permanent, "В обсуждениях ВКонтакте даёт отвечать только по ключу пользователя: ответьте там вручную.", "vk board: "+format, args...)
	}
	if w.ServiceToken == "" {
		return reply.Receipt{}, byHand("no token of a user")
	}
	params := url.Values{"message": {job.Text}, "guid": {job.Key}, "from_group": {"1"}}
	set(params, "group_id", w.Group)
	set(params, "topic_id", ref.Item)
	var out number
	err := w.client().call(ctx, "board.createComment", w.ServiceToken, true, params, &out)
	var e *source.Error
	switch {
	case errors.As(err, &e) && slices.Contains([]int{7, 15, 20, 23, 27, 28}, e.Code):
		return reply.Receipt{}, byHand("error %d", e.Code)
	case err != nil:
		return reply.Receipt{}, w.rested(err)
	case out == 0:
		return reply.Receipt{}, odd("board.createComment", true, "no id")
	}
	mine := Ref{Place: "topic", Owner: ref.Owner, Item: ref.Item, Comment: int64(out)}
	return reply.Receipt{Native: mine.String(), URL: mine.Link(w.PageURL, 0), At: w.now().UTC()}, nil
}

// discussed looks for a reply in its topic, the newest comments first.
func (w *Wall) discussed(ctx context.Context, ref Ref, job reply.Job) (reply.Receipt, bool, error) {
	for offset := 0; offset < findCalls*pageSize; offset += pageSize {
		out, err := w.topic(ctx, ref.Item, offset, "desc")
		if err != nil {
			return reply.Receipt{}, false, err
		}
		for _, raw := range out.Items {
			var it item
			if json.Unmarshal(raw, &it) != nil || it.ID == 0 {
				continue
			}
			if int64(it.ID) <= ref.Comment {
				return reply.Receipt{}, false, nil
			}
			if int64(it.FromID) == w.owner() && same(string(it.Text)) == same(job.Text) {
				mine := Ref{Place: "topic", Owner: ref.Owner, Item: ref.Item, Comment: int64(it.ID)}
				return reply.Receipt{Native: mine.String(), URL: mine.Link(w.PageURL, 0), At: unix(it.Date)}, true, nil
			}
		}
		if !out.more(offset) {
			return reply.Receipt{}, false, nil
		}
	}
	return reply.Receipt{}, false, source.Fail(source.Unclear, "Обсуждение слишком длинное, чтобы проверить его автоматически: посмотрите там, опубликован ли ответ.", "vk: topic %s is longer than %d pages", ref.Root(), findCalls)
}
