package page

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/web"
)

// A Board is a forum, or one page with comments. It is a source.Puller.
type Board struct {
	Source  string   // «page:forum.example/city»
	URL     *url.URL // of the list of threads, or of the one thread
	Recipe  *Recipe
	Web     *web.Client
	Channel message.Channel // "": a forum
	Zone    *time.Location  // of dates that name none and of a recipe that names none

	Threads int           // that are watched, newest first; 0: 30
	Reread  time.Duration // how often a thread is read again at most; 0: 30 min, negative: at each poll
	Days    int           // how long a thread is read after the list shows it no more; 0: 7
	Calls   int           // pages in one Poll; 0: 10
	Now     func() time.Time
}

// ID names the source.
func (b *Board) ID() string { return b.Source }

// Quotas implements source.Meter.
func (b *Board) Quotas() []source.Quota { return []source.Quota{b.Web.Quota(b.URL)} }

func (b *Board) now() time.Time {
	if b.Now != nil {
		return b.Now().UTC()
	}
	return time.Now().UTC()
}

func or(n, usual int) int {
	if n <= 0 {
		return usual
	}
	return n
}

// A cursor is what the board looked like, and what is still to be read.
type cursor struct {
	Threads map[string]*Thread `json:"t,omitempty"`
	Queue   []Step             `json:"q,omitempty"`
	Order   []string           `json:"o,omitempty"` // threads of the list, newest first
}

// parseCursor takes a damaged cursor for none.
func parseCursor(b []byte) *cursor {
	c := &cursor{}
	if len(b) > 0 && json.Unmarshal(b, c) != nil {
		c = &cursor{}
	}
	if c.Threads == nil {
		c.Threads = map[string]*Thread{}
	}
	for key, t := range c.Threads {
		if !t.Tidy() {
			delete(c.Threads, key)
		}
	}
	c.Queue = slices.DeleteFunc(c.Queue, func(s Step) bool {
		return c.Threads[s.Thread] == nil || s.Page < 0 || s.Page > len(c.Threads[s.Thread].Pages)
	})
	return c
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("page: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}

// Poll reads the list and the threads that are due, Calls pages at most; More is
// set until the round is done.
func (b *Board) Poll(ctx context.Context, cur []byte) (source.Batch, error) {
	c := parseCursor(cur)
	calls, progress := or(b.Calls, 10), false
	var out source.Batch
	if len(c.Queue) == 0 {
		n, err := b.plan(ctx, c)
		if err != nil {
			return source.Batch{}, err
		}
		calls, progress = calls-n, n > 0
	}
	for len(c.Queue) > 0 && (calls > 0 || !progress) {
		s := c.Queue[0]
		calls--
		found, err := b.step(ctx, c, s)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return source.Batch{}, ctx.Err()
		case ofPage(err) && (b.Recipe.Threads != nil):
			c.Queue = c.Queue[1:]
			c.Threads[s.Thread].At = b.now().Unix()
		case progress: // what was read is good; the next Poll meets the error again
			out.Cursor, out.More = c.bytes(), true
			return out, nil
		default:
			return source.Batch{}, err
		}
		out.Messages, progress = append(out.Messages, found...), true
	}
	out.Cursor, out.More = c.bytes(), len(c.Queue) > 0
	return out, nil
}

// ofPage reports whether an error concerns one page alone, so that the others can
// be read.
func ofPage(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && e.Trouble == source.Permanent
}

// plan reads the list and queues the threads that are due. It returns the pages
// that it read.
func (b *Board) plan(ctx context.Context, c *cursor) (calls int, err error) {
	now := b.now()
	if b.Recipe.Threads == nil {
		key := Key(b.URL)
		if c.Threads[key] == nil {
			c.Threads[key] = &Thread{URL: b.URL.String(), Active: now.Unix()}
		}
		c.Order = []string{key}
	} else if calls, err = b.list(ctx, c); err != nil {
		return calls, err
	}
	listed := map[string]bool{}
	for _, key := range c.Order {
		listed[key] = true
	}
	var others []string
	days := time.Duration(or(b.Days, 7)) * 24 * time.Hour
	for key, t := range c.Threads {
		if listed[key] {
			continue
		}
		if now.Sub(time.Unix(t.Active, 0)) > days {
			delete(c.Threads, key)
			continue
		}
		others = append(others, key)
	}
	slices.SortFunc(others, func(x, y string) int { return int(c.Threads[y].Active - c.Threads[x].Active) })
	if most := 3 * or(b.Threads, 30); len(others) > most {
		for _, key := range others[most:] {
			delete(c.Threads, key)
		}
		others = others[:most]
	}
	for _, key := range append(slices.Clone(c.Order), others...) {
		if t := c.Threads[key]; t.Due(now, b.reread()) {
			c.Queue = append(c.Queue, t.Begin(key, b.Recipe.Posts.Pages, now))
		}
	}
	return calls, nil
}

func (b *Board) reread() time.Duration {
	if b.Reread == 0 {
		return 30 * time.Minute
	}
	return b.Reread
}

// A listed is one page of the list of threads.
type listed struct {
	rows []row
	next *url.URL
	gone bool // there is no such page
}

// listed reads a page of the list. The first one must be there, and show threads or the
// element around them.
func (b *Board) listed(ctx context.Context, at *url.URL, first bool) (l listed, err error) {
	a, err := b.Web.Get(ctx, web.Request{URL: at})
	if err != nil {
		return l, err
	}
	if l.gone = a.Gone(); l.gone {
		if first {
			err = source.Fail(source.Permanent, "По адресу источника страницы нет: откройте его в браузере и исправьте.", "page: HTTP %d", a.Status)
		}
		return l, err
	}
	doc, err := b.Recipe.Parse(a)
	if err != nil {
		return l, unreadable(err)
	}
	if l.rows, l.next = b.Recipe.threads(doc, a.URL); len(l.rows) == 0 && first && b.Recipe.Threads.Area.first(doc, nil) == nil {
		return l, strange("Рецепт не находит на странице ни одной темы: проверьте threads.link, сайт мог сменить вёрстку.")
	}
	return l, nil
}

// list reads the list of threads.
func (b *Board) list(ctx context.Context, c *cursor) (calls int, err error) {
	var order []string
	seen := map[string]bool{}
	at, now := b.URL, b.now()
	for page := 0; at != nil && page < b.Recipe.Threads.Pages && !seen[at.String()] && len(order) < or(b.Threads, 30); page++ {
		seen[at.String()] = true
		l, err := b.listed(ctx, at, page == 0)
		if err != nil {
			return calls, err
		}
		calls++
		if l.gone {
			break
		}
		for _, r := range l.rows {
			key := Key(r.URL)
			if slices.Contains(order, key) || len(order) >= or(b.Threads, 30) {
				continue
			}
			order = append(order, key)
			t := c.Threads[key]
			if t == nil {
				t = &Thread{URL: r.URL.String(), Active: now.Unix()}
				c.Threads[key] = t
			}
			if mark := short(r.Mark); r.Mark != "" && t.Mark != mark {
				t.Mark, t.At = mark, 0
			}
		}
		at = l.next
	}
	c.Order = order
	return calls, nil
}

func strange(sentence string) error {
	e := source.Fail(source.Later, sentence, "page: the recipe finds nothing")
	e.After = 30 * time.Minute
	return e
}

func unreadable(err error) error {
	e := source.Fail(source.Later, "Страница сайта не читается: проверьте адрес и кодировку в рецепте.", "page: %w", err)
	e.After = 30 * time.Minute
	return e
}

// step reads one page of a thread.
func (b *Board) step(ctx context.Context, c *cursor, s Step) ([]message.Message, error) {
	t := c.Threads[s.Thread]
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, source.Fail(source.Permanent, "Адрес темы не читается.", "page: the address of a thread")
	}
	a, err := b.Web.Get(ctx, web.Request{URL: u})
	if err != nil {
		return nil, err
	}
	f := Frame{Source: b.Source, Channel: cmp.Or(b.Channel, message.Forum), Thread: s.Thread, Now: b.now()}
	pages := b.Recipe.Posts.Pages
	if a.Gone() {
		c.Queue = c.Queue[1:]
		if s.Page > 0 { // the thread became shorter
			t.Pages, t.Whole, t.At = t.Pages[:s.Page-1], true, 0
			return nil, nil
		}
		return t.Absent(f), nil
	}
	doc, err := b.Recipe.Parse(a)
	if err != nil {
		return nil, unreadable(err)
	}
	l := b.Recipe.Look(doc, a.URL, f.Now, b.Zone)
	if len(l.Posts) == 0 && b.Recipe.Threads == nil && !l.Area || t.Strange(l) {
		if b.Recipe.Threads == nil || t.Empty > 1 && c.allEmpty() {
			return nil, strange(fmt.Sprintf("Рецепт не находит записей там, где они были: проверьте posts.post, сайт мог сменить вёрстку (%s).", "страниц подряд: "+fmt.Sprint(max(t.Empty, 1))))
		}
		c.Queue = c.Queue[1:]
		t.At = f.Now.Unix()
		return nil, nil
	}
	t.Back()
	found, next, done := t.Take(l, s, pages, f)
	c.Queue = c.Queue[1:]
	if !done {
		c.Queue = slices.Insert(c.Queue, 0, next)
		return found, nil
	}
	return append(found, t.Finish(pages, f)...), nil
}

// allEmpty reports whether no thread shows posts any more.
func (c *cursor) allEmpty() bool {
	for _, t := range c.Threads {
		if t.Empty == 0 && !t.Gone {
			return false
		}
	}
	return true
}
