package page

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/web"
)

// A backward is where the reading of a forum's past stands.
type backward struct {
	List   string    `json:"l,omitempty"` // the next page of the list; "" = its first one
	Lists  []string  `json:"n,omitempty"` // pages of the list that were read, shortened: some lists go in a circle
	End    bool      `json:"e,omitempty"` // the list has no more
	Fresh  bool      `json:"f,omitempty"` // a thread of this page of the list has posts of the asked days
	Dated  bool      `json:"d,omitempty"` // some post told when it was written
	Posts  int       `json:"c,omitempty"` // that were seen
	Queue  []string  `json:"q,omitempty"` // addresses of threads of this page
	Thread *Thread   `json:"t,omitempty"` // that is being read
	At     Step      `json:"s,omitzero"`  // its next page
	Oldest time.Time `json:"o,omitzero"`  // first of the last posts of the threads read so far
}

// Bounds of going back.
const (
	backPages   = 3    // of one step
	backList    = 500  // pages of a list
	backKnown   = 5000 // posts of a thread that are remembered, to know what answers what
	backOverlap = 20   // pages of it that are remembered then
)

var _ source.Historian = (*Board)(nil)

// Earlier implements source.Historian: posts written since, of all threads of the list, page
// of the list by page, the threads first in which somebody wrote last. A page of the list
// without a post of these days is the last one, but for the first, where old threads are pinned.
// A forum whose recipe finds no dates gives no past: nobody knows what is how old.
func (b *Board) Earlier(ctx context.Context, since time.Time, position []byte) (source.Past, error) {
	var at backward
	if len(position) > 0 && json.Unmarshal(position, &at) != nil || at.Thread != nil && !at.Thread.Tidy() || at.At.Page < 0 || at.Thread != nil && at.At.Page > len(at.Thread.Pages) {
		at = backward{}
	}
	var out source.Past
	for calls := backPages; calls > 0 && !at.done(); calls-- {
		found, err := b.earlier(ctx, &at, since)
		if err != nil {
			if len(out.Messages) == 0 || ctx.Err() != nil {
				return source.Past{}, err
			}
			break // what was read is good; the next step meets the error again
		}
		out.Messages = append(out.Messages, found...)
	}
	if at.done() && at.Posts > 0 && !at.Dated {
		return source.Past{}, source.Fail(source.Permanent, "Рецепт не находит, когда написаны сообщения, и прошлое не отличить от нового: задайте posts.date и попробуйте снова.", "page: no post has a date")
	}
	out.More = !at.done()
	if at.Thread == nil && len(at.Queue) == 0 {
		out.Reached = at.Oldest
	}
	var err error
	out.Position, err = json.Marshal(at)
	return out, err
}

func (at *backward) done() bool { return at.End && at.Thread == nil && len(at.Queue) == 0 }

// earlier reads one page: of the current thread, or of the list.
func (b *Board) earlier(ctx context.Context, at *backward, since time.Time) ([]message.Message, error) {
	if at.Thread == nil && len(at.Queue) > 0 {
		u, err := url.Parse(at.Queue[0])
		at.Queue = at.Queue[1:]
		if err != nil {
			return nil, nil //nolint:nilerr // of a damaged position
		}
		at.Thread, at.At = &Thread{URL: u.String()}, Step{Thread: Key(u), URL: u.String()}
	}
	if at.Thread != nil {
		found, err := b.earlierPosts(ctx, at, since)
		if ofPage(err) && b.Recipe.Threads != nil { // this thread alone cannot be read
			at.Thread, err = nil, nil
		}
		return found, err
	}
	if b.Recipe.Threads == nil {
		at.Queue, at.End = []string{b.URL.String()}, true
		return nil, nil
	}
	return nil, b.earlierThreads(ctx, at)
}

// earlierThreads reads the next page of the list.
func (b *Board) earlierThreads(ctx context.Context, at *backward) error {
	if read := len(at.Lists); read > 1 && !at.Fresh || read >= backList || read > 0 && at.List == "" {
		at.End = true
		return nil
	}
	u, err := url.Parse(cmp.Or(at.List, b.URL.String()))
	if err != nil {
		u = b.URL
	}
	l, err := b.listed(ctx, u, len(at.Lists) == 0)
	if err != nil {
		return err
	}
	for _, r := range l.rows {
		if address := r.URL.String(); !slices.Contains(at.Queue, address) {
			at.Queue = append(at.Queue, address)
		}
	}
	at.Lists, at.Fresh, at.List = append(at.Lists, short(u.String())), false, ""
	if l.next != nil && !slices.Contains(at.Lists, short(l.next.String())) {
		at.List = l.next.String()
	}
	return nil
}

// earlierPosts reads the next page of the current thread, from its first one on: no recipe
// says where a page before the last one stands.
func (b *Board) earlierPosts(ctx context.Context, at *backward, since time.Time) (found []message.Message, err error) {
	u, err := url.Parse(at.At.URL)
	if err != nil {
		at.Thread = nil
		return nil, nil //nolint:nilerr // of a damaged position
	}
	a, err := b.Web.Get(ctx, web.Request{URL: u})
	if err != nil {
		return nil, err
	}
	if a.Gone() {
		at.Thread = nil
		return nil, nil
	}
	doc, err := b.Recipe.Parse(a)
	if err != nil {
		return nil, unreadable(err)
	}
	f := Frame{Source: b.Source, Channel: cmp.Or(b.Channel, message.Forum), Thread: at.At.Thread, Now: b.now()}
	l := b.Recipe.Look(doc, a.URL, f.Now, b.Zone)
	if len(l.Posts) == 0 && !l.Area { // another page stands there: nothing is concluded from it
		if b.Recipe.Threads == nil {
			return nil, strange("Рецепт не находит записей: проверьте posts.post, сайт мог сменить вёрстку.")
		}
		at.Thread = nil
		return nil, nil
	}
	asked := map[string]bool{}
	var last time.Time
	for _, p := range l.Posts {
		at.Posts++
		if p.Date.IsZero() { // of these nobody knows whether they are of the asked days
			continue
		}
		at.Dated = true
		if p.Date.After(last) {
			last = p.Date
		}
		if !p.Date.Before(since) {
			asked[p.ID], at.Fresh = true, true
		}
	}
	t := at.Thread
	news, next, over := t.Take(l, at.At, deepest, f)
	for _, m := range news {
		if id := m.Native[len(f.Thread)+1:]; asked[id] {
			found = append(found, m)
		}
	}
	if len(t.Posts) > backKnown {
		for id, it := range t.Posts {
			if id != t.Root && it.Page < at.At.Page-backOverlap {
				delete(t.Posts, id)
			}
		}
	}
	if at.At = next; over {
		if at.Thread = nil; !last.IsZero() && !last.Before(since) && (at.Oldest.IsZero() || last.Before(at.Oldest)) {
			at.Oldest = last
		}
	}
	return found, nil
}
