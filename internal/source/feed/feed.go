package feed

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source"
	"otklik/internal/source/page"
	"otklik/internal/source/web"
)

// docLimit is the greatest size of a feed or a sitemap, in bytes after
// decompression. Sitemaps may have 50 MB, and those of news a thousand items.
const docLimit = 16 << 20

// A Feed is a feed or a sitemap with the articles behind its items. It is a
// source.Puller.
type Feed struct {
	Source   string   // «feed:news.example/rss»
	URL      *url.URL // of the feed or sitemap
	Web      *web.Client
	Channel  message.Channel // "": news
	Zone     *time.Location  // of dates that name none
	Articles bool            // the pages behind the items are read; always so with Comments, and for sitemaps
	Text     cascadia.Matcher
	Comments *page.Recipe // how the articles show comments; nil: they are not read
	Match    string       // items whose address holds it, alone; "" = all

	Items  int           // newest ones of a sitemap that are taken; 0: 200
	Reread time.Duration // how often an article is read again at most; 0: 30 min, negative: at each poll
	Days   int           // how long an article is read again after something has happened there; 0: 7
	Calls  int           // pages in one Poll; 0: 10
	Now    func() time.Time
}

// ID names the source.
func (f *Feed) ID() string { return f.Source }

// Quotas implements source.Meter.
func (f *Feed) Quotas() []source.Quota { return []source.Quota{f.Web.Quota(f.URL)} }

func (f *Feed) now() time.Time {
	if f.Now != nil {
		return f.Now().UTC()
	}
	return time.Now().UTC()
}

func or(n, usual int) int {
	if n <= 0 {
		return usual
	}
	return n
}

// A cursor is what the feed looked like, and what is still to be read.
type cursor struct {
	URL     string            `json:"u,omitempty"` // where the feed stands for ever now, if it moved
	ETag    string            `json:"e,omitempty"`
	Changed string            `json:"l,omitempty"` // Last-Modified
	Entries map[string]*entry `json:"i,omitempty"` // by native id
	Weak    map[string]bool   `json:"w,omitempty"` // guids that several items have
	Maps    map[string]string `json:"m,omitempty"` // sitemaps of an index → their last change
	Base    map[string]bool   `json:"b,omitempty"` // addresses without a date that stood there at first, shortened
	Queue   []page.Step       `json:"q,omitempty"` // Thread is a native id
}

// An entry is an item that is watched.
type entry struct {
	page.Item
	Link   string       `json:"l,omitempty"`
	Title  string       `json:"t,omitempty"`
	Words  string       `json:"x,omitempty"` // what the feed says, until the article was read
	Author string       `json:"u,omitempty"`
	Feed   string       `json:"f"`           // what the feed said last, shortened
	Date   int64        `json:"d,omitempty"` // Unix s; 0 = unknown
	Listed bool         `json:"s,omitempty"` // the feed shows it
	Own    bool         `json:"o,omitempty"` // the feed's words are the message: the article has fewer
	Thread *page.Thread `json:"c,omitempty"` // the article with its comments; nil: it is not read
}

// parseCursor takes a damaged cursor for none: the feed is read anew, and intake
// knows what it has.
func parseCursor(b []byte) *cursor {
	c := &cursor{}
	if len(b) > 0 && json.Unmarshal(b, c) != nil {
		c = &cursor{}
	}
	if c.Entries == nil {
		c.Entries = map[string]*entry{}
	}
	for native, e := range c.Entries {
		if e == nil || e.Thread != nil && !e.Thread.Tidy() {
			delete(c.Entries, native)
		}
	}
	c.Queue = slices.DeleteFunc(c.Queue, func(s page.Step) bool {
		e := c.Entries[s.Thread]
		return e == nil || e.Thread == nil || s.Page < 0 || s.Page > len(e.Thread.Pages)
	})
	return c
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("feed: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}

// Poll reads the feed and the articles that are due, Calls pages at most; More is
// set until the round is done. An item that the feed shows no more is not
// deleted: feeds are short. An article is, when the site twice says that there
// is none.
func (f *Feed) Poll(ctx context.Context, cur []byte) (source.Batch, error) {
	c := parseCursor(cur)
	p := &poll{Feed: f, c: c, at: f.now(), calls: or(f.Calls, 10)}
	progress := false
	if len(c.Queue) == 0 {
		if err := p.plan(ctx); err != nil {
			return source.Batch{}, err
		}
		progress = true
	}
	for len(c.Queue) > 0 && (p.calls > 0 || !progress) {
		err := p.step(ctx, c.Queue[0])
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return source.Batch{}, ctx.Err()
		case progress: // what was read is good; the next Poll meets the error again
			return p.batch(true), nil
		default:
			return source.Batch{}, err
		}
		progress = true
	}
	return p.batch(len(c.Queue) > 0), nil
}

// A poll is one Poll under way.
type poll struct {
	*Feed
	c     *cursor
	at    time.Time
	calls int
	found []message.Message
	note  string
}

func (p *poll) batch(more bool) source.Batch {
	return source.Batch{Messages: p.found, Cursor: p.c.bytes(), More: more, Note: p.note}
}

// plan reads the feed and queues the articles that are due.
func (p *poll) plan(ctx context.Context) error {
	at := p.URL
	if moved := web.Address(nil, p.c.URL); moved != nil {
		at = moved
	}
	p.calls--
	a, err := p.Web.Get(ctx, web.Request{URL: at, ETag: p.c.ETag, Modified: p.c.Changed, Limit: docLimit})
	switch {
	case err != nil:
		return err
	case a.Gone() && p.c.URL != "" && p.calls > 0: // it moved back
		p.c.URL, p.c.ETag, p.c.Changed = "", "", ""
		return p.plan(ctx)
	case a.Gone():
		return source.Fail(source.Permanent, "По адресу источника ленты больше нет: найдите её новый адрес на сайте и исправьте.", "feed: HTTP %d", a.Status)
	case a.Moved != nil:
		p.c.URL = a.Moved.String()
	}
	if p.c.URL != "" && p.c.URL != p.URL.String() {
		p.note = "Лента переехала навсегда: замените адрес источника на " + p.c.URL + " — пока мы читаем её по новому адресу."
	}
	if !a.Same() {
		items, kind, err := p.read(a)
		if err != nil {
			return err
		}
		if kind == Index {
			items = p.index(ctx, items, a.URL)
		}
		p.items(items, a.URL, kind == Sitemap || kind == Index)
		p.c.ETag, p.c.Changed = a.ETag, a.Modified
	}
	p.queue()
	return nil
}

// read reads a document whole.
func (p *poll) read(a *web.Answer) ([]Item, Kind, error) {
	var body io.Reader = bytes.NewReader(a.Body)
	if bytes.HasPrefix(a.Body, []byte{0x1f, 0x8b}) { // sitemap.xml.gz
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, "", notFeedError(err)
		}
		body = io.LimitReader(asFar{z}, docLimit)
	}
	r, err := NewReader(body, Options{Charset: a.Type, Now: p.at, Zone: p.Zone})
	if err != nil {
		return nil, "", notFeedError(err)
	}
	var items []Item
	for len(items) < 100_000 {
		it, err := r.Next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, ErrCut) && len(items) > 0: // what stands before a cut is good
			return items, r.Head().Kind, nil
		case err != nil:
			return nil, "", notFeedError(err)
		case it.TooLarge || it.Cut:
			continue
		}
		it.Raw = nil
		items = append(items, it)
	}
	return items, r.Head().Kind, nil
}

// asFar reads what is packed as far as it goes: one that was cut off ends there.
type asFar struct{ r io.Reader }

func (a asFar) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) {
		err = io.EOF
	}
	return n, err
}

func notFeedError(err error) error {
	e := source.Fail(source.Later, "По адресу источника не лента и не карта сайта: откройте его в браузере и исправьте; если лента была, сайт ремонтируют.", "feed: %w", err)
	e.After = 30 * time.Minute
	return e
}

// Bounds of an index of sitemaps.
const (
	mapsAtOnce = 5    // that are read in one Poll
	mostMaps   = 2000 // that are remembered
)

// unread is what is remembered of a sitemap that stood in the index at first and was not read
// yet: what it holds is old.
const unread = "-"

// index reads the sitemaps of an index that have changed, the newest first; those that do not
// say when they changed in turn.
func (p *poll) index(ctx context.Context, maps []Item, base *url.URL) (items []Item) {
	first, keys := p.c.Maps == nil, map[string]string{}
	named := map[string]string{} // those that the index names no more are forgotten
	for _, m := range maps {
		if u := web.Address(base, m.Link); u != nil {
			key := short(u.String())
			keys[m.Link] = key
			if was, known := p.c.Maps[key]; (known || first) && len(named) < mostMaps {
				named[key] = cmp.Or(was, unread)
			}
		}
	}
	p.c.Maps = named
	order.By(maps, func(a, b Item) int {
		return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(strings.TrimPrefix(named[keys[a.Link]], unread), strings.TrimPrefix(named[keys[b.Link]], unread)))
	})
	read := 0
	for _, m := range maps {
		u, key := web.Address(base, m.Link), keys[m.Link]
		was, known := named[key]
		if u == nil || read >= mapsAtOnce || !known && len(named) >= mostMaps {
			continue
		}
		changed := m.Updated.Format(time.RFC3339)
		if !m.Updated.IsZero() && (was == changed || p.at.Sub(m.Updated) > p.days()) {
			continue
		}
		read++
		p.calls--
		a, err := p.Web.Get(ctx, web.Request{URL: u, Limit: docLimit})
		if err != nil || a.Gone() { // the others are read; this one is tried again
			continue
		}
		more, kind, err := p.read(a)
		if err != nil || kind != Sitemap {
			continue
		}
		if m.Updated.IsZero() {
			changed = p.at.Format(time.RFC3339)
		}
		if was == unread {
			p.stood(more, a.URL)
		}
		named[key] = changed
		items = append(items, more...)
	}
	return items
}

func (p *poll) days() time.Duration { return time.Duration(or(p.Days, 7)) * 24 * time.Hour }

func short(s string) string { return message.HashOf(s).Hash[:12] }

// channel of the messages.
func (p *poll) channel() message.Channel { return cmp.Or(p.Channel, message.News) }

func (p *poll) matches(u *url.URL) bool {
	return p.Match == "" || u != nil && strings.Contains(u.String(), p.Match)
}
