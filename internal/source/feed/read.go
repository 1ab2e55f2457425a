package feed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"otklik/internal/source/markup"
	"otklik/internal/source/web"
)

// Errors of a document as a whole.
var (
	ErrNotFeed = errors.New("feed: neither RSS nor Atom nor JSON Feed nor a sitemap")
	ErrCut     = errors.New("feed: the document ends before its end")
)

// DefaultLimit is the greatest size of an item, in bytes.
const DefaultLimit = 1 << 20

// jsonLimit is the greatest size of a JSON Feed, which is read at once.
const jsonLimit = 16 << 20

// Options of reading one document.
type Options struct {
	Charset string         // Content-Type that came with it, or the name of an encoding; may be empty
	Limit   int            // of an item in bytes; 0: DefaultLimit
	Now     time.Time      // gives what dates leave out
	Zone    *time.Location // of dates that name none; nil: UTC
}

// An Item is one entry of a feed, or one address of a sitemap.
type Item struct {
	Line      int  // of the document, from 1
	TooLarge  bool // over the limit: nothing else is set
	Cut       bool // the document ends within it: the rest is what stands before
	ID        string
	Link      string // as written; may be relative
	Title     string // plain
	Text      string // plain: the whole text where the feed has it, else the summary
	Full      bool   // Text is what the feed calls the whole text
	Author    string
	Published time.Time // zero when unknown
	Updated   time.Time
	BadDate   bool   // a date stands there that nobody can read
	Comments  string // address of the comments; may be empty
	Raw       []byte // its XML; valid until the next item
}

// A Reader reads a document item by item.
type Reader struct {
	o     Options
	text  *bufio.Reader
	items *chunker
	json  []Item
	head  *Head
	seen  int
}

// A Head is what a document says of itself.
type Head struct {
	Kind  Kind
	Title string
	Link  string
}

// A Kind is a format.
type Kind string

// Kinds.
const (
	RSS     Kind = "rss"
	Atom    Kind = "atom"
	JSON    Kind = "json"
	Sitemap Kind = "sitemap" // of pages
	Index   Kind = "index"   // of sitemaps
)

// NewReader begins to read a document in any encoding. It fails with
// ErrNotFeed, with an encoding that is not known, or as r does.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	text, err := web.Text(r, o.Charset)
	if err != nil {
		return nil, err
	}
	f := &Reader{o: o, text: bufio.NewReader(text)}
	lines, words := 1, false
	for range 4 << 10 { // broken sites write warnings of their engine before the root
		b, err := f.text.Peek(1)
		switch {
		case err != nil:
			return nil, orNot(err)
		case b[0] == '{' && !words:
			return f, f.readJSON()
		case b[0] == '<':
			f.items = newChunker(f.text, o.Limit)
			f.items.line = lines
			return f, nil
		case b[0] == '\n':
			lines++
		}
		words = words || strings.IndexByte(" \t\r\n", b[0]) < 0
		_, _ = f.text.Discard(1)
	}
	return nil, ErrNotFeed
}

func orNot(err error) error {
	if errors.Is(err, io.EOF) {
		return ErrNotFeed
	}
	return err
}

// Next returns the next item; io.EOF behind the last one of a whole document,
// ErrCut behind the last one of a document that was cut off, ErrNotFeed for one
// that is none.
func (f *Reader) Next() (Item, error) {
	if f.items == nil {
		if f.seen >= len(f.json) {
			return Item{}, io.EOF
		}
		f.seen++
		return f.json[f.seen-1], nil
	}
	c, err := f.items.next()
	switch {
	case err == nil:
		f.seen++
		return f.item(c), nil
	case !errors.Is(err, io.EOF):
		return Item{}, err
	case itemNames[f.items.root] == "":
		return Item{}, ErrNotFeed
	case !f.items.closed:
		return Item{}, ErrCut
	}
	return Item{}, io.EOF
}

// Line returns the line that was reached.
func (f *Reader) Line() int {
	if f.items == nil {
		return 1
	}
	return f.items.line
}

// Head returns what the document says of itself, as far as it was read.
func (f *Reader) Head() Head {
	if f.head != nil {
		return *f.head
	}
	h := Head{Kind: RSS}
	switch f.items.root {
	case "feed":
		h.Kind = Atom
	case "urlset":
		h.Kind = Sitemap
	case "sitemapindex":
		h.Kind = Index
	}
	e := parse(f.items.head)
	for _, v := range e {
		if v.depth > 2 {
			continue // the title of a picture
		}
		switch v.name {
		case "title":
			h.Title = first(h.Title, line(v.text))
		case "link":
			if v.rel == "" || v.rel == "alternate" {
				h.Link = first(h.Link, v.href, v.text)
			}
		}
	}
	return h
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// line makes a title one line.
func line(s string) string { return strings.Join(strings.Fields(markup.Text(s)), " ") }

// item reads one item.
func (f *Reader) item(c chunk) Item {
	if c.over {
		return Item{Line: c.line, TooLarge: true, Raw: c.xml}
	}
	it := Item{Line: c.line, Cut: c.cut, Raw: c.xml}
	var published, updated, summary, full, origin, perma string
	for _, v := range parse(c.xml) {
		if v.depth == 0 {
			it.ID = first(it.ID, v.about)
			continue
		}
		if v.depth > 1 && v.name != "name" && !strings.HasPrefix(v.name, "news:") {
			continue
		}
		switch v.name {
		case "guid", "id":
			it.ID = v.text
			if v.name == "guid" && !v.notLink && strings.Contains(v.text, "://") {
				perma = v.text
			}
		case "link", "loc":
			if v.rel == "" || v.rel == "alternate" {
				it.Link = first(it.Link, v.href, v.text)
			} else if v.rel == "replies" && strings.Contains(v.kind, "html") {
				it.Comments = first(it.Comments, v.href)
			}
		case "feedburner:origlink":
			origin = v.text
		case "title", "news:title":
			it.Title = first(it.Title, line(v.text))
		case "description", "summary", "abstract":
			summary = first(summary, v.text)
		case "content:encoded", "content", "yandex:full-text", "full-text", "turbo:content", "body":
			if len(v.text) > len(full) {
				full = v.text
			}
		case "author", "dc:creator", "name":
			if !(v.name == "author" && v.text == "") {
				it.Author = first(it.Author, line(v.text))
			}
		case "pubdate", "published", "dc:date", "issued", "news:publication_date", "created":
			published = first(published, v.text)
		case "updated", "modified", "lastmod", "atom:updated", "a10:updated", "dcterms:modified":
			updated = first(updated, v.text)
		case "comments":
			if strings.HasPrefix(v.text, "http") || strings.HasPrefix(v.text, "/") {
				it.Comments = first(it.Comments, v.text)
			}
		}
	}
	it.Link = first(origin, it.Link, perma)
	it.Text, it.Full = markup.Text(full), full != ""
	if s := markup.Text(summary); it.Text == "" || len(s) > 2*len(it.Text) {
		it.Text, it.Full = s, false
	}
	it.Published = f.date(&it, published)
	it.Updated = f.date(&it, updated)
	return it
}

func (f *Reader) date(it *Item, s string) time.Time {
	t, bad := readDate(s, f.o)
	it.BadDate = it.BadDate || bad
	return t
}

// readJSON reads a JSON Feed (version 1 and 1.1).
func (f *Reader) readJSON() error {
	b, err := io.ReadAll(io.LimitReader(f.text, jsonLimit+1))
	if err != nil {
		return err
	}
	if len(b) > jsonLimit {
		return fmt.Errorf("%w: over %d bytes", ErrNotFeed, jsonLimit)
	}
	var doc struct {
		Version string `json:"version"`
		Title   string `json:"title"`
		Home    string `json:"home_page_url"`
		Items   []struct {
			ID        any    `json:"id"`
			URL       string `json:"url"`
			Title     string `json:"title"`
			HTML      string `json:"content_html"`
			Text      string `json:"content_text"`
			Summary   string `json:"summary"`
			Published string `json:"date_published"`
			Modified  string `json:"date_modified"`
			Author    struct {
				Name string `json:"name"`
			} `json:"author"`
			Authors []struct {
				Name string `json:"name"`
			} `json:"authors"`
		} `json:"items"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(b), &doc); err != nil || !strings.Contains(doc.Version, "jsonfeed.org") {
		return ErrNotFeed
	}
	f.head = &Head{Kind: JSON, Title: line(doc.Title), Link: doc.Home}
	for _, x := range doc.Items {
		it := Item{Line: 1, Link: x.URL, Title: line(x.Title), Author: line(x.Author.Name), Full: x.HTML != "" || x.Text != ""}
		if x.ID != nil {
			it.ID = fmt.Sprint(x.ID)
		}
		if len(x.Authors) > 0 {
			it.Author = line(x.Authors[0].Name)
		}
		if it.Text = markup.Text(x.HTML); it.Text == "" {
			it.Text = markup.Tidy(first(x.Text, x.Summary))
		}
		it.Published, it.Updated = f.date(&it, x.Published), f.date(&it, x.Modified)
		if it.TooLarge = len(it.Text) > f.o.Limit; it.TooLarge {
			it = Item{Line: 1, TooLarge: true}
		}
		f.json = append(f.json, it)
	}
	return nil
}
