package ok

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source"
	"otklik/internal/source/wall"
)

// pageSize is what is asked for in one call; what OK allows at most is not confirmed.
const pageSize = 100

// listPages bounds the pages of one list of topics.
const listPages = 10

// Poll reads the newest topics and, for those whose comments may have changed, their
// comments. A large group takes several Polls: More is set until the round is done.
func (g *Group) Poll(ctx context.Context, cur []byte) (source.Batch, error) {
	p := &poll{Group: g, cursor: parseCursor(cur), names: names{}, calls: g.Calls}
	if p.calls <= 0 {
		p.calls = 20
	}
	if len(p.cursor.Queue) == 0 {
		err := p.topics(ctx)
		if err == nil && g.Others {
			err = p.others(ctx)
		}
		if err != nil {
			return source.Batch{}, err
		}
		p.read = true
	}
	for len(p.cursor.Queue) > 0 && p.calls > 0 {
		s := p.cursor.Queue[0]
		err := p.page(ctx, s)
		switch {
		case err == nil:
			p.read = true
		case closed(err): // these comments alone cannot be read: nothing is said of them
			p.cursor.Queue = p.cursor.Queue[1:]
			p.cursor.post(s.Root).At = p.now().Unix()
		case ctx.Err() != nil:
			return source.Batch{}, ctx.Err()
		case p.read: // what was read is good; the next Poll meets the error again
			return p.batch(true), nil
		default:
			return source.Batch{}, err
		}
	}
	return p.batch(len(p.cursor.Queue) > 0), nil
}

// A poll is one Poll under way.
type poll struct {
	*Group
	cursor *cursor
	names  names
	calls  int
	read   bool
	found  []message.Message
}

func (p *poll) batch(more bool) source.Batch {
	// The newest come first where only they are read; who is answered should come before
	// the answer.
	order.By(p.found, func(a, b message.Message) int { return a.PublishedAt.Compare(b.PublishedAt) })
	return source.Batch{Messages: p.found, Cursor: p.cursor.bytes(), More: more}
}

func (p *poll) news(m message.Message) {
	m.SeenAt = p.now().UTC()
	p.found = append(p.found, m)
}

func (g *Group) every() time.Duration {
	if g.Reread == 0 {
		return 10 * time.Minute
	}
	return g.Reread
}

// topics reads the newest topics and queues the reading of their comments.
func (p *poll) topics(ctx context.Context) error {
	most := p.Topics
	if most <= 0 {
		most = 30
	}
	var all []topic
	more, anchor := true, ""
	for range listPages {
		got, next, err := p.list(ctx, anchor, most-len(all))
		if err != nil {
			return err
		}
		all, anchor, more = append(all, got...), next, next != ""
		if !more || len(all) >= most {
			break
		}
	}
	order.By(all, func(a, b topic) int { return int(a.Created - b.Created) })
	shown, oldest := map[string]bool{}, int64(math.MaxInt64)
	for k := range all {
		t := &all[k]
		m := p.post(t, p.names)
		shown[m.Native], oldest = true, min(oldest, int64(t.Created))
		post := p.cursor.Topics.Post(m.Native)
		if post.Active == 0 {
			post.Stir(m.PublishedAt)
		}
		if post.See(&m, 0, "") {
			post.Stir(p.now())
			p.news(m)
		}
	}
	if !more {
		oldest = 0 // all that there is
	}
	for _, root := range p.cursor.Topics.Unseen(shown, oldest) {
		post, r := p.cursor.Topics.Posts[root], ref{Type: Topic, ID: root[len(Topic)+1:]}
		p.news(message.Message{
			Source: p.ID(), Channel: message.OK, Form: message.Post, Native: root, Event: message.Deleted,
			Revision: post.Revision(), URL: p.link(r), PublishedAt: ms(number(post.Date)),
		})
	}
	for k := range slices.Backward(all) { // new topics are where people talk
		p.queue(ref{Type: Topic, ID: string(all[k].ID)}.root(), all[k].comments())
	}
	return nil
}

// queue asks for what may be new at a discussion that now has so many comments.
func (p *poll) queue(root string, count int64) {
	post := p.cursor.post(root)
	was := post.Count
	post.Count = count
	switch {
	case post.Gone || count == 0 && len(post.Comments) == 0:
	case count < was || post.Due(p.now(), p.every()):
		post.Begin()
		p.cursor.Queue = append(p.cursor.Queue, step{Root: root, Anchor: "FIRST"})
	case count > was:
		p.cursor.Queue = append(p.cursor.Queue, step{Root: root, Anchor: "LAST", Newest: true})
	}
}

// others asks which other discussions of the group talk.
func (p *poll) others(ctx context.Context) error {
	all, _, err := p.discussions(ctx, "")
	if err != nil {
		return err
	}
	shown := map[string]bool{}
	for _, d := range all {
		shown[d.root()] = true
		if post := p.cursor.Others.Post(d.root()); post.Active == 0 {
			post.Stir(p.now())
		}
		p.queue(d.root(), d.Count)
	}
	for root := range p.cursor.Others.Posts {
		if !shown[root] { // nothing was said there for long
			delete(p.cursor.Others.Posts, root)
		}
	}
	return nil
}

// A page of comments.
type page struct {
	listed
	Comments []json.RawMessage `json:"comments"`
	Entities json.RawMessage   `json:"entities"`
}

// comments reads a page of a discussion: from the newest one down, or from the oldest up.
func (g *Group) comments(ctx context.Context, r ref, anchor string, newest bool) (out page, err error) {
	direction := "FORWARD"
	if newest {
		direction = "BACKWARD"
	}
	params := url.Values{
		"discussionId": {r.ID}, "discussionType": {r.Type}, "anchor": {anchor}, "direction": {direction}, "count": {strconv.Itoa(pageSize)},
		"fields": {"comment.*,user.uid,user.name,group.uid,group.name"}, "mark_as_read": {"false"},
	}
	if err = g.call(ctx, "discussions.getComments", false, params, &out); err != nil {
		return out, err
	}
	if out.Comments == nil && out.More == nil {
		return out, odd("discussions.getComments", false, "no comments")
	}
	return out, nil
}

// decoded returns the comments of a list; what is none is left out.
func decoded(raw []json.RawMessage) (out []comment) {
	for _, one := range raw {
		var c comment
		if into(one, &c) && sound(string(c.ID)) {
			out = append(out, c)
		}
	}
	return out
}

// page reads one page of comments.
func (p *poll) page(ctx context.Context, s step) error {
	post := p.cursor.post(s.Root)
	root, err := parseRef(s.Root)
	if post == nil || post.Gone || err != nil {
		p.cursor.Queue = p.cursor.Queue[1:]
		return nil
	}
	p.calls--
	out, err := p.comments(ctx, root, s.Anchor, s.Newest)
	if err != nil {
		return err
	}
	p.cursor.Queue = p.cursor.Queue[1:]
	p.names.add(out.Entities)
	fresh := false
	for _, c := range decoded(out.Comments) {
		it := post.Comment(string(c.ID))
		fresh = fresh || it.New()
		p.see(it, &c, root, post)
	}
	if next := out.next(s.Anchor); next != "" && (!s.Newest || fresh || len(out.Comments) == 0) {
		s.Anchor = next
		p.cursor.Queue = append([]step{s}, p.cursor.Queue...)
		return nil
	}
	if s.Newest {
		return nil
	}
	for _, id := range post.Finish(p.now()) {
		r := ref{root.Type, root.ID, id}
		p.gone(r, post.Comments[id])
	}
	return nil
}

// see notes what a page shows of a comment.
func (p *poll) see(it *wall.Item, c *comment, root ref, post *wall.Post) {
	m := p.comment(c, root, p.names)
	if !c.stands() {
		if lost := m; !it.New() && it.Lose(&lost, "") {
			post.Stir(p.now())
			p.gone(ref{root.Type, root.ID, string(c.ID)}, it)
		}
		it.Round = post.Rounds
		return
	}
	if it.See(&m, post.Rounds, "") {
		post.Stir(p.now())
		p.news(m)
	}
}

func (p *poll) gone(r ref, it *wall.Item) {
	p.news(message.Message{
		Source: p.ID(), Channel: message.OK, Form: message.Comment, Native: r.String(), Thread: r.root(), Event: message.Deleted,
		Revision: it.Revision(), URL: p.link(ref{Type: r.Type, ID: r.ID}),
	})
}

// Info asks what the group is called: the check of a token.
func (g *Group) Info(ctx context.Context) (name string, err error) {
	var raw json.RawMessage
	if err := g.call(ctx, "group.getInfo", false, url.Values{"uids": {g.Group}, "fields": {"uid,name"}}, &raw); err != nil {
		return "", err
	}
	var all list
	if _ = json.Unmarshal(raw, &all); all == nil { // newer answers wrap the list
		var out struct {
			Groups list `json:"groups"`
		}
		into(raw, &out)
		all = out.Groups
	}
	for _, one := range all {
		var o struct {
			UID  ident `json:"uid"`
			Name words `json:"name"`
		}
		if into(one, &o) && string(o.UID) == g.Group {
			return strings.TrimSpace(string(o.Name)), nil
		}
	}
	return "", refuse("group.getInfo", 160, false)
}
