package vk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"otklik/internal/reply"
	"otklik/internal/source"
)

// Publish writes the reply as the community, under the comment or the post that
// job.Parent names. VK gets the job's key as guid; how long it remembers one is
// not documented, so an Unclear end is settled by Find.
func (w *Wall) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	if peer, ok := talkOf(job); ok {
		return w.tell(ctx, peer, job)
	}
	ref, err := w.target(job)
	if err != nil {
		return reply.Receipt{}, err
	}
	if ref.Place == "topic" {
		return w.discuss(ctx, ref, job)
	}
	params := url.Values{"message": {job.Text}, "guid": {job.Key}}
	set(params, "owner_id", ref.Owner)
	set(params, "post_id", ref.Item)
	set(params, "from_group", w.Group)
	if ref.Comment != 0 {
		set(params, "reply_to_comment", ref.Comment)
	}
	var out struct {
		ID    number   `json:"comment_id"`
		Stack []number `json:"parents_stack"`
	}
	if err := w.client().call(ctx, "wall.createComment", w.CommunityToken, true, params, &out); err != nil {
		return reply.Receipt{}, w.rested(err)
	}
	if out.ID == 0 {
		return reply.Receipt{}, odd("wall.createComment", true, "no comment_id")
	}
	first := int64(0)
	if len(out.Stack) > 0 {
		first = int64(out.Stack[0])
	}
	mine := Ref{Place: "wall", Owner: ref.Owner, Item: ref.Item, Comment: int64(out.ID)}
	return reply.Receipt{Native: mine.String(), URL: mine.Link(w.PageURL, first), At: w.now().UTC()}, nil
}

// rested puts the wall's own rest in place of VK's, which is not documented.
func (w *Wall) rested(err error) error {
	var e *source.Error
	if errors.As(err, &e) && e.Code == floodControl && w.FloodRest > 0 {
		e.After = w.FloodRest
	}
	return err
}

const floodControl = 9

// Ability implements source.Publisher. The guid is handed over and not relied on:
// how long VK remembers one is not documented. Comments can be listed.
func (w *Wall) Ability() source.Ability {
	a := source.Ability{ReadBack: true, Settle: cmp.Or(w.Settle, time.Minute), PerSecond: cmp.Or(w.PerSecond, 1), PerDay: w.PerDay}
	a.PerSecond = max(a.PerSecond, 0)
	return a
}

// target returns where a job's reply belongs.
func (w *Wall) target(job reply.Job) (Ref, error) {
	native := job.Parent
	if native == "" {
		native = job.Thread
	}
	ref, err := ParseRef(native)
	if err != nil || ref.Place != "wall" && ref.Place != "topic" || ref.Owner != w.owner() || ref.Item == 0 {
		return Ref{}, source.Fail(source.Permanent, "Ответить отсюда можно только на стене и в обсуждениях сообщества: ответьте заявителю вручную.", "vk: job %d answers %q, which is not on the wall of %d", job.ID, clip(native, 60), w.owner())
	}
	if strings.TrimSpace(job.Text) == "" {
		return Ref{}, source.Fail(source.Permanent, "Текст ответа пуст: напишите его и отправьте снова.", "vk: job %d has no text", job.ID)
	}
	return ref, nil
}

// findCalls bounds what Find reads: a post with more than about 20,000 comments
// cannot be settled by reading.
const findCalls = 200

// Find looks for the reply under its parent: a comment of the community with
// the same words. It reads the newest first.
func (w *Wall) Find(ctx context.Context, job reply.Job) (reply.Receipt, bool, error) {
	if peer, ok := talkOf(job); ok {
		return w.told(ctx, peer, job)
	}
	ref, err := w.target(job)
	if err != nil {
		return reply.Receipt{}, false, err
	}
	if ref.Place == "topic" {
		return w.discussed(ctx, ref, job)
	}
	f := finder{Wall: w, ref: ref, text: same(job.Text)}
	queue := []step{{Post: ref.Item}}
	for calls := 0; len(queue) > 0; calls++ {
		if calls == findCalls {
			return reply.Receipt{}, false, source.Fail(source.Unclear, "Ветка слишком длинная, чтобы проверить её автоматически: посмотрите на странице записи, опубликован ли ответ.", "vk: thread %s is longer than %d pages", ref.Root(), findCalls)
		}
		s := queue[0]
		out, err := w.comments(ctx, s, "desc")
		if err != nil {
			return reply.Receipt{}, false, err
		}
		queue = queue[1:]
		threads, done := f.page(&out, s.Thread)
		if f.found != nil {
			return *f.found, true, nil
		}
		if done {
			queue = nil
		}
		if out.more(s.Offset) && !done {
			queue = append([]step{{Post: s.Post, Thread: s.Thread, Offset: s.Offset + len(out.Items)}}, queue...)
		}
		queue = append(threads, queue...)
	}
	return reply.Receipt{}, false, nil
}

// A finder looks for one reply.
type finder struct {
	*Wall
	ref   Ref
	text  string
	found *reply.Receipt
}

// page looks through a page. It returns the threads that must be read further;
// done says that the reply can stand in these alone.
func (f *finder) page(out *page, thread int64) (threads []step, done bool) {
	for _, raw := range out.Items {
		var it item
		if json.Unmarshal(raw, &it) != nil {
			continue
		}
		f.look(&it, thread)
		if thread != 0 {
			continue
		}
		t := it.thread()
		for _, raw := range t.Items {
			var in item
			if json.Unmarshal(raw, &in) == nil {
				f.look(&in, int64(it.ID))
			}
		}
		if f.ref.Comment == 0 || int(t.Count) <= len(t.Items) {
			continue
		}
		next := step{Post: f.ref.Item, Thread: int64(it.ID)}
		if int64(it.ID) == f.ref.Comment {
			return []step{next}, true
		}
		threads = append(threads, next)
	}
	return threads, false
}

// look keeps the comment if it is the reply.
func (f *finder) look(it *item, first int64) {
	if int64(it.FromID) != f.owner() || it.gone() || it.ID == 0 {
		return
	}
	parent := or(it.parent(), first)
	if parent != f.ref.Comment || same(string(it.Text)) != f.text {
		return
	}
	r := Ref{Place: "wall", Owner: f.owner(), Item: f.ref.Item, Comment: int64(it.ID)}
	f.found = &reply.Receipt{Native: r.String(), URL: r.Link(f.PageURL, or(it.first(), first)), At: unix(it.Date)}
}

// same returns a text as the network may give it back: spaces and line ends are
// not kept reliably.
func same(text string) string { return strings.Join(strings.Fields(text), " ") }

var (
	_ source.Puller    = (*Wall)(nil)
	_ source.Publisher = (*Wall)(nil)
	_ source.Speaker   = (*Wall)(nil)
)
