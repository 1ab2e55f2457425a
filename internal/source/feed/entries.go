package feed

import (
	"net/url"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source/page"
	"otklik/internal/source/web"
)

// Bounds of a cursor.
const (
	entriesKept = 2000
	baseKept    = 20_000 // addresses of a sitemap without dates
	wordsKept   = 16 << 10
)

// items notes what a document shows. Items of a sitemap are addresses alone: the
// newest of them are taken.
func (p *poll) items(items []Item, base *url.URL, addresses bool) {
	if addresses {
		items = p.newest(items, base)
	} else {
		for _, e := range p.c.Entries {
			e.Listed = false
		}
	}
	p.weak(items)
	for k := len(items) - 1; k >= 0; k-- { // feeds show the newest first
		it := &items[k]
		u := web.Address(base, it.Link)
		if !p.matches(u) {
			continue
		}
		m := it.Message(p.Source, base)
		if u != nil && (p.c.Weak[it.ID] || p.reused(it, &m)) {
			m.Native = native(web.Name(u))
		}
		p.item(it, m, addresses)
	}
}

// newest returns the items of a sitemap that are new: by their date, or where they
// have none by not having stood there at first.
func (p *poll) newest(items []Item, base *url.URL) (out []Item) {
	first := p.c.Base == nil
	if first {
		p.c.Base = map[string]bool{}
	}
	for _, it := range items {
		u := web.Address(base, it.Link)
		if u == nil {
			continue
		}
		at := it.Published
		if at.IsZero() {
			at = it.Updated
		}
		if !at.IsZero() {
			if p.at.Sub(at) <= p.days() {
				out = append(out, it)
			}
			continue
		}
		key := short(web.Name(u))
		if p.c.Base[key] {
			continue
		}
		if len(p.c.Base) >= baseKept {
			p.note = "В карте сайта слишком много адресов без дат: новые среди них не видны. Подключите ленту сайта (RSS)."
			continue
		}
		p.c.Base[key] = true
		if !first {
			out = append(out, it)
		}
	}
	order.By(out, func(a, b Item) int { return later(b).Compare(later(a)) })
	return out[:min(len(out), or(p.Items, 200))]
}

// stood notes the addresses without dates of a sitemap that is read for the first time: they
// stood there before.
func (p *poll) stood(items []Item, base *url.URL) {
	if p.c.Base == nil {
		p.c.Base = map[string]bool{}
	}
	for _, it := range items {
		if u := web.Address(base, it.Link); u != nil && it.Published.IsZero() && it.Updated.IsZero() && len(p.c.Base) < baseKept {
			p.c.Base[short(web.Name(u))] = true
		}
	}
}

func later(it Item) time.Time {
	if it.Updated.After(it.Published) {
		return it.Updated
	}
	return it.Published
}

// weak notes the guids that several items of one document have.
func (p *poll) weak(items []Item) {
	links := map[string]string{}
	for _, it := range items {
		if it.ID == "" || it.Link == "" {
			continue
		}
		if other, known := links[it.ID]; known && other != it.Link {
			p.weaken(it.ID)
		}
		links[it.ID] = it.Link
	}
}

func (p *poll) weaken(guid string) {
	if p.c.Weak == nil {
		p.c.Weak = map[string]bool{}
	}
	if len(p.c.Weak) < 1000 {
		p.c.Weak[guid] = true
	}
}

// reused reports whether a guid that is known now names something else: another
// address, another title, another date. A site that changes one of them mends
// its item; one that changes all of them has written a new one.
func (p *poll) reused(it *Item, m *message.Message) bool {
	e := p.c.Entries[m.Native]
	if it.ID == "" || e == nil || e.Link == "" || m.URL == "" || e.Link == m.URL || e.Title == it.Title || !m.PublishedAt.IsZero() && e.Date == m.PublishedAt.Unix() {
		return false
	}
	p.weaken(it.ID)
	return true
}

// item notes one item.
func (p *poll) item(it *Item, m message.Message, addresses bool) {
	m.Channel, m.SeenAt = p.channel(), p.at
	if m.PublishedAt.After(p.at) { // a clock that is fast
		m.PublishedAt = p.at
	}
	e := p.c.Entries[m.Native]
	if e == nil {
		e = &entry{}
		p.c.Entries[m.Native] = e
	}
	said := short(it.Title + "\x00" + it.Text + "\x00" + it.Updated.String())
	changed := e.Feed != said
	e.Feed, e.Listed, e.Link, e.Title, e.Author = said, true, m.URL, it.Title, it.Author
	if e.Date == 0 && !m.PublishedAt.IsZero() {
		e.Date = m.PublishedAt.Unix()
	}
	if m.URL != "" && (p.Articles || p.Comments != nil || addresses) {
		if e.Thread == nil {
			e.Thread = &page.Thread{URL: m.URL, Active: max(e.Date, p.at.Add(-p.days()/2).Unix())}
			if e.Date == 0 {
				e.Thread.Active = p.at.Unix()
			}
		}
		if changed || e.Gone { // a deleted one is back
			e.Thread.At = 0
		}
		if e.Thread.URL != m.URL && m.URL != "" {
			*e.Thread = page.Thread{URL: m.URL, Active: p.at.Unix(), Posts: e.Thread.Posts, Round: e.Thread.Round}
		}
		if changed {
			e.Words = clipped(it.Text, wordsKept)
		}
		return
	}
	p.tell(e, m)
}

func clipped(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

// tell gives the message of an item if it is news.
func (p *poll) tell(e *entry, m message.Message) {
	if m.PublishedAt.IsZero() {
		m.PublishedAt = p.at
	}
	if e.See(&m) {
		p.found = append(p.found, m)
		if e.Thread != nil {
			e.Thread.Active = p.at.Unix()
		}
	}
}

// queue queues the articles that are due, the newest first, and forgets those that
// nothing happens with.
func (p *poll) queue() {
	var natives []string
	for native, e := range p.c.Entries {
		natives = append(natives, native)
		if e.Thread == nil && e.Date == 0 {
			e.Date = p.at.Unix()
		}
	}
	age := func(native string) int64 {
		e := p.c.Entries[native]
		if e.Thread != nil {
			return max(e.Thread.Active, e.Date)
		}
		return e.Date
	}
	slices.SortFunc(natives, func(a, b string) int {
		if x, y := age(a), age(b); x != y {
			return int(min(max(y-x, -1), 1))
		}
		if a < b {
			return -1
		}
		return 1
	})
	every := p.Reread
	if every == 0 {
		every = 30 * time.Minute
	}
	for k, native := range natives {
		e := p.c.Entries[native]
		old := p.at.Sub(time.Unix(age(native), 0)) > p.days()
		switch {
		case !e.Listed && (old || k >= entriesKept):
			delete(p.c.Entries, native)
		case e.Thread == nil || k >= entriesKept:
		case e.Thread.At == 0, !old && e.Thread.Due(p.at, every):
			p.c.Queue = append(p.c.Queue, e.Thread.Begin(native, p.pages(), p.at))
		}
	}
}

func (p *poll) pages() int {
	if p.Comments != nil {
		return p.Comments.Posts.Pages
	}
	return 1
}
