package feed

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/date"
	"otklik/internal/source/markup"
	"otklik/internal/source/page"
	"otklik/internal/source/web"
)

// step reads one article, or a further page of its comments.
func (p *poll) step(ctx context.Context, s page.Step) error {
	e := p.c.Entries[s.Thread]
	t := e.Thread
	u, err := url.Parse(s.URL)
	if err != nil {
		u = &url.URL{} // refused with its sentence
	}
	p.calls--
	a, err := p.Web.Get(ctx, web.Request{URL: u})
	f := page.Frame{Source: p.Source, Channel: p.channel(), Thread: s.Thread, Root: s.Thread, Now: p.at}
	switch {
	case err != nil && ofPage(err): // this page alone: the feed's words must do
		p.done()
		t.At = p.at.Unix()
		p.byFeed(e, s.Thread)
		return nil
	case err != nil:
		return err
	case a.Gone():
		p.done()
		p.gone(e, s, f)
		return nil
	}
	doc, err := p.recipe().Parse(a)
	if err != nil { // no browser shows it either
		p.done()
		t.At = p.at.Unix()
		p.byFeed(e, s.Thread)
		return nil
	}
	t.Back()
	if s.Page == 0 {
		p.article(e, s.Thread, doc, a.URL)
	} else if e.Hash == "" && !e.Gone { // the article comes first, whatever the cursor says
		p.byFeed(e, s.Thread)
	}
	if p.Comments == nil {
		p.done()
		t.At = p.at.Unix()
		return nil
	}
	l := p.Comments.Look(doc, a.URL, p.at, p.Zone)
	if t.Strange(l) {
		p.done()
		t.At = p.at.Unix()
		if t.Empty > 1 {
			p.note = "Под статьёй, где были комментарии, рецепт их больше не находит: проверьте его, сайт мог сменить вёрстку."
		}
		return nil
	}
	found, next, done := t.Take(l, s, p.pages(), f)
	p.found = append(p.found, found...)
	p.done()
	if !done {
		p.c.Queue = slices.Insert(p.c.Queue, 0, next)
		return nil
	}
	p.found = append(p.found, t.Finish(p.pages(), f)...)
	return nil
}

// done takes the step out of the queue.
func (p *poll) done() { p.c.Queue = p.c.Queue[1:] }

// recipe is that of the comments; without one it only knows encodings.
func (p *poll) recipe() *page.Recipe {
	if p.Comments != nil {
		return p.Comments
	}
	return &page.Recipe{}
}

func ofPage(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && (e.Trouble == source.Permanent || e.Trouble == source.Person)
}

// gone notes that there is no such page.
func (p *poll) gone(e *entry, s page.Step, f page.Frame) {
	t := e.Thread
	if s.Page > 0 { // the comments became fewer
		t.Pages, t.Whole, t.At = t.Pages[:min(len(t.Pages), s.Page-1)], true, 0
		return
	}
	t.Absent(f)
	if !t.Gone || e.Gone || e.Hash == "" {
		return
	}
	m := p.message(e, s.Thread)
	m.Event, m.Text, m.AuthorName, m.Revision = message.Deleted, "", "", e.Lose()
	p.found = append(p.found, m)
}

// message is the item's without its text.
func (p *poll) message(e *entry, native string) message.Message {
	m := message.Message{
		Source: p.Source, Channel: p.channel(), Form: message.Post, Event: message.Written, Native: native, URL: e.Link, AuthorName: e.Author, SeenAt: p.at,
	}
	if e.Date != 0 {
		m.PublishedAt = unix(e.Date)
	}
	return m
}

// byFeed gives the message of an item whose article cannot be read.
func (p *poll) byFeed(e *entry, native string) {
	if e.Hash != "" || e.Gone {
		return
	}
	m := p.message(e, native)
	if m.Text = words(e.Title, e.Words); m.Text != "" {
		e.Own = true
		p.tell(e, m)
	}
}

// wordsAtLeast is how long a text must be, in characters, to be taken for the
// article where the page does not mark it.
const wordsAtLeast = 140

// article reads the article of a page.
func (p *poll) article(e *entry, native string, doc *html.Node, base *url.URL) {
	var leaveOut func(*html.Node) bool
	if p.Comments != nil {
		leaveOut = p.Comments.Posts.Post.Fits
	}
	art := markup.Read(doc, leaveOut)
	if p.Text != nil {
		if n := firstOf(doc, p.Text); n != nil {
			art.Text, art.Sure = markup.Of(n, leaveOut), true
		}
	}
	m := p.message(e, native)
	if m.PublishedAt.IsZero() {
		if at, ok := date.Parse(art.Published, p.at, p.Zone); ok && !at.After(p.at) {
			m.PublishedAt, e.Date = at, at.Unix()
		}
	}
	if u := web.Address(base, art.Canonical); u != nil && strings.EqualFold(u.Hostname(), base.Hostname()) && u.Path != "/" && u.Path != "" {
		e.Link = web.Canonical(u).String()
		m.URL = e.Link
	}
	told := e.Hash != "" && !e.Gone
	text, size := art.Text, utf8.RuneCountInString(art.Text)
	stub := !art.Sure && size < wordsAtLeast || size*2 < utf8.RuneCountInString(e.Words)
	switch {
	case told && e.Own && e.Words == "": // the feed's words stand, and it has said nothing new
		return
	case stub && e.Words != "":
		text, e.Own = e.Words, true
	case stub && told: // a page in repair is no edit
		return
	case stub && !art.Sure:
		text = ""
	default:
		e.Own = false
	}
	if e.Title == "" {
		e.Title = clipped(art.Title, 500)
	}
	e.Words = ""
	if m.Text = words(e.Title, clipped(text, 64<<10)); m.Text != "" {
		p.tell(e, m)
	}
}

// firstOf returns the first element that fits.
func firstOf(doc *html.Node, fits cascadia.Matcher) (found *html.Node) {
	markup.Walk(doc, func(n *html.Node, enter bool) bool {
		if found == nil && enter && n.Type == html.ElementNode && fits.Match(n) {
			found = n
		}
		return found == nil
	})
	return found
}

func unix(s int64) time.Time { return time.Unix(s, 0).UTC() }
